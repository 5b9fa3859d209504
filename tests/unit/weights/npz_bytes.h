// Npz archives made by hand, right and wrong ones.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata::testing {

inline void AppendNumber(std::string& out, uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((number >> (8 * i)) & 0xff);
}

inline uint32_t Checksum(std::string_view bytes) {
  uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

// The bytes as a deflate stream that leaves them as they are. At most 65535.
inline std::string Deflated(std::string_view bytes) {
  std::string out = "\x01";
  AppendNumber(out, bytes.size(), 2);
  AppendNumber(out, ~bytes.size() & 0xffff, 2);
  return out + std::string(bytes);
}

struct ZipEntry {
  std::string name;
  std::string bytes;
  int method = 0;  // 0: stored, 8: deflated
  // What the archive says, where it is not true.
  int64_t said_size = -1;
  int64_t said_checksum = -1;
};

inline std::string ZipFile(const std::vector<ZipEntry>& entries) {
  std::string file;
  std::string directory;
  for (const ZipEntry& entry : entries) {
    const std::string packed = entry.method == 8 ? Deflated(entry.bytes) : entry.bytes;
    std::string facts;  // what both places say
    AppendNumber(facts, 20, 2);
    AppendNumber(facts, 0, 2);
    AppendNumber(facts, static_cast<uint64_t>(entry.method), 2);
    AppendNumber(facts, 0, 4);
    AppendNumber(facts, entry.said_checksum >= 0 ? static_cast<uint64_t>(entry.said_checksum) : Checksum(entry.bytes),
                 4);
    AppendNumber(facts, packed.size(), 4);
    AppendNumber(facts, entry.said_size >= 0 ? static_cast<uint64_t>(entry.said_size) : entry.bytes.size(), 4);
    AppendNumber(facts, entry.name.size(), 2);
    AppendNumber(facts, 0, 2);
    directory += "PK\x01\x02";
    AppendNumber(directory, 20, 2);
    directory += facts;
    directory += std::string(10, '\0');
    AppendNumber(directory, file.size(), 4);
    directory += entry.name;
    file += "PK\x03\x04" + facts + entry.name + packed;
  }
  std::string end = "PK\x05\x06";
  AppendNumber(end, 0, 4);
  AppendNumber(end, entries.size(), 2);
  AppendNumber(end, entries.size(), 2);
  AppendNumber(end, directory.size(), 4);
  AppendNumber(end, file.size(), 4);
  AppendNumber(end, 0, 2);
  return file + directory + end;
}

}  // namespace strata::testing
