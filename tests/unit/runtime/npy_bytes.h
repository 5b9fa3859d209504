// Array files made by hand, right and wrong ones.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace strata::testing {

// An npy file of version `major`.0 with this dictionary and data; not padded unless `dictionary` is.
inline std::string NpyFile(const std::string& dictionary, const std::string& data, int major = 1) {
  std::string file = "\x93NUMPY";
  file += static_cast<char>(major);
  file += '\0';
  const std::uint32_t length = static_cast<std::uint32_t>(dictionary.size());
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) file += static_cast<char>((length >> (8 * i)) & 0xff);
  return file + dictionary + data;
}

// The dictionary numpy.save writes for this type and shape ("(3, 2)").
inline std::string Dictionary(const std::string& descr, const std::string& shape, bool fortran = false) {
  return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape +
         ", }\n";
}

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  std::string bytes(values.size() * sizeof(T), '\0');
  if (!values.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

template <typename T>
std::vector<T> Values(const std::string& npy) {
  const std::size_t offset = npy.find('\n') + 1;
  std::vector<T> values((npy.size() - offset) / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), npy.data() + offset, values.size() * sizeof(T));
  return values;
}

}  // namespace strata::testing
