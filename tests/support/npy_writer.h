// Arrays for tests: npy files made by hand, whatever their numbers mean.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>

namespace strata::testing {

// The dictionary that numpy.save writes.
inline std::string NpyDictionary(const std::string& descr, char order, const std::string& sizes) {
  // A tuple of one has a comma: (3,).
  const bool is_single = !sizes.empty() && sizes.find(',') == std::string::npos;
  return "{'descr': '" + descr + "', 'fortran_order': " + (order == 'F' ? "True" : "False") + ", 'shape': (" + sizes +
         (is_single ? "," : "") + "), }";
}

// An npy file of zeros, as one line lists it: `<f4 C [2, 8, 8, 1]`, the element type as numpy writes it, the order (C
// or F) and the sizes. With `cut` behind, the last byte is missing.
inline std::string ListedArray(const std::string& line) {
  std::istringstream words(line);
  std::string descr;
  char order = 'C';
  words >> descr >> order;
  const size_t open = line.find('[');
  const size_t close = line.find(']', open);
  const std::string sizes = line.substr(open + 1, close - open - 1);

  uint64_t bytes = std::stoull(descr.substr(2));
  std::istringstream stream(sizes);
  for (uint64_t size = 0; stream >> size; stream.ignore(1)) bytes *= size;

  std::string dictionary = NpyDictionary(descr, order, sizes);
  while ((10 + dictionary.size() + 1) % 64 != 0) dictionary += ' ';
  dictionary += '\n';
  std::string file("\x93NUMPY\x01\0", 8);
  file += static_cast<char>(dictionary.size() & 0xff);
  file += static_cast<char>(dictionary.size() >> 8);
  file += dictionary + std::string(bytes, '\0');
  if (line.find("cut", close) != std::string::npos) file.pop_back();
  return file;
}

}  // namespace strata::testing
