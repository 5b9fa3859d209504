// Weights files for tests: safetensors files made by hand, and the files that pages of `strata explain` list.
//
// A page lists a file in a block before the program that reads it:
//
//   ```weights tiny.safetensors
//   dense/kernel: f32[4, 2]
//   dense/bias: f32[2] in 6 bytes
//   ```
//
// Each line is a tensor, all of whose elements are zero; `in N bytes` gives it another number of bytes than its shape
// takes. A word after the file's name makes the file a faulty one: `cut`, its last byte is missing; `absurd`, its
// header's length is 2^63; `text`, the lines themselves are the file.
#pragma once

#include <cctype>
#include <cstdint>
#include <cstring>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace strata::testing {

struct SafetensorsEntry {
  std::string name;
  std::string dtype;  // "F32"
  std::vector<int64_t> sizes;
  std::string bytes;
};

// A file with this header, whatever it says, and data.
inline std::string SafetensorsFile(const std::string& header, const std::string& data) {
  const uint64_t length = header.size();
  std::string file(sizeof length, '\0');
  std::memcpy(file.data(), &length, sizeof length);
  return file + header + data;
}

// Names must need no escapes in JSON.
inline std::string SafetensorsFile(const std::vector<SafetensorsEntry>& entries) {
  std::string header = "{";
  std::string data;
  for (const SafetensorsEntry& entry : entries) {
    if (header.size() > 1) header += ",";
    header += "\"" + entry.name + "\":{\"dtype\":\"" + entry.dtype + "\",\"shape\":[";
    for (size_t i = 0; i < entry.sizes.size(); ++i) header += (i > 0 ? "," : "") + std::to_string(entry.sizes[i]);
    header += "],\"data_offsets\":[" + std::to_string(data.size()) + ",";
    data += entry.bytes;
    header += std::to_string(data.size()) + "]}";
  }
  return SafetensorsFile(header + "}", data);
}

// A tensor of zeros from its line in a page.
inline SafetensorsEntry ParseTensorLine(const std::string& line) {
  SafetensorsEntry entry;
  const size_t open = line.find('[');
  const size_t colon = line.rfind(": ", open);
  entry.name = line.substr(0, colon);
  for (size_t i = colon + 2; i < open; ++i) {
    entry.dtype += static_cast<char>(std::toupper(static_cast<unsigned char>(line[i])));
  }
  const size_t close = line.find(']', open);
  std::istringstream sizes(line.substr(open + 1, close - open - 1));
  int64_t bytes = std::stoll(entry.dtype.substr(entry.dtype.find_first_of("0123456789"))) / 8;
  for (int64_t size = 0; sizes >> size; sizes.ignore(1)) {
    entry.sizes.push_back(size);
    bytes *= size;
  }
  const size_t in = line.find(" in ", close);
  if (in != std::string::npos) bytes = std::stoll(line.substr(in + 4));
  entry.bytes.assign(static_cast<size_t>(bytes), '\0');
  return entry;
}

// The bytes of the file that a page's block lists; `fault` is the word after the file's name, or empty.
inline std::string ListedFile(const std::string& lines, std::string_view fault) {
  if (fault == "text") return lines;
  std::vector<SafetensorsEntry> entries;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) entries.push_back(ParseTensorLine(line));
  std::string file = SafetensorsFile(entries);
  if (fault == "cut") file.pop_back();
  if (fault == "absurd") file.replace(0, 8, std::string("\0\0\0\0\0\0\0\x80", 8));
  return file;
}

}  // namespace strata::testing
