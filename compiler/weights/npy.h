// A single array of NumPy's, in an archive or a file of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/weights/elements.h"
#include "runtime/array_header.h"

namespace strata::weights {

struct NpyHeader {
  std::string dtype;                // NumPy's name: "float32"
  std::optional<ElementType> type;  // nothing: it has no float32 equal, or it is big-endian
  std::vector<int64_t> sizes;
  uint64_t offset = 0;      // where its elements begin
  bool is_fortran = false;  // they are column-major

  // The elements, which stand as in the array, in row-major order.
  std::vector<float> InOrder(std::vector<float> elements) const;
};

// Reads the header in the first bytes of an array (STRATA_HEADER_LIMIT of them, or all) that has `file_bytes`. Nothing
// where it is wrong or promises other bytes than there are, with the end of a sentence.
std::optional<NpyHeader> ReadNpyHeader(std::span<const unsigned char> bytes, uint64_t file_bytes, std::string* error);

}  // namespace strata::weights
