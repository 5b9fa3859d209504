// What an HDF5 file holds: where the elements of its datasets lie, and those of its attributes that are text.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/weights/elements.h"

namespace strata::weights {

struct Hdf5Dataset {
  std::string path;                 // from the root, without a slash before it: "layers/dense/vars/0"
  std::string dtype;                // NumPy's name: "float32", ">f4" where it is big-endian, "object" ...
  std::optional<ElementType> type;  // nothing: it has no float32 equal, or it is big-endian
  std::vector<int64_t> sizes;
  uint64_t offset = 0;  // of its elements in the file, which holds them in one piece
  uint64_t bytes = 0;
  std::string error;  // why they do not lie there: the end of a sentence. Empty: they do
};

struct Hdf5Contents {
  // In the file's order of names.
  std::vector<Hdf5Dataset> datasets;
  // Of each group or dataset that has any, by name; the root's path is "".
  std::map<std::string, std::map<std::string, std::vector<std::string>>> attributes;
  // Why the file cannot be read: the end of a sentence. Empty: it could.
  std::string error;
  bool is_cut_short = false;

  // The strings of an attribute, also where Keras had to split it in numbered ones ("weight_names0" ...). Nothing
  // where there is no such attribute.
  std::optional<std::vector<std::string>> Attribute(const std::string& path, const std::string& name) const;
  // The only string of an attribute; empty where there is none.
  std::string Text(const std::string& path, const std::string& name) const;
};

// Whether these are the first bytes of an HDF5 file.
bool IsHdf5(std::span<const unsigned char> bytes);

// Reads the structure of an HDF5 file, no elements. Whatever the bytes are, it comes back in bounded time and memory:
// libhdf5 runs in a process of its own, for it is known to fall over damaged files.
Hdf5Contents ReadHdf5(std::span<const unsigned char> bytes);

}  // namespace strata::weights
