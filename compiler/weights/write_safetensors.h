// Writing tensors in the format that every other reader has too.
#pragma once

#include <string>
#include <vector>

#include "compiler/source/result.h"
#include "compiler/weights/weights.h"

namespace strata {

struct NamedTensor {
  std::string name;
  size_t entry;  // of the file it comes from
};

// Writes these tensors of `file` as float32, one at a time, beside `path`, and renames. Names must differ and the entries
// must be readable.
Result<> WriteSafetensors(const std::string& path, const WeightsFile& file, const std::vector<NamedTensor>& tensors);

}  // namespace strata
