// Zip archives: NumPy's .npz and Keras' .keras. Packed entries come through libzip; what is stored as it is lies in the
// mapped file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "compiler/weights/file_bytes.h"
#include "compiler/weights/formats.h"

struct zip;

namespace strata::weights {

class ZipArchive {
 public:
  struct Entry {
    std::string name;
    uint64_t bytes = 0;   // that it unpacks to, as the archive says: not believed before Check
    uint64_t number = 0;  // in the archive
    bool is_stored = false;
    std::string error;  // why it cannot be unpacked: the end of a sentence. Empty: nothing says so yet
  };

  // Null where the archive is damaged, which is reported.
  static std::unique_ptr<ZipArchive> Open(std::shared_ptr<const FileBytes> bytes, const FileReport& report);
  ~ZipArchive();
  ZipArchive(const ZipArchive&) = delete;
  ZipArchive& operator=(const ZipArchive&) = delete;

  const std::vector<Entry>& Entries() const { return entries_; }  // without directories
  const Entry* Find(const std::string& name) const;               // null: there is none

  using Take = std::function<void(std::span<const unsigned char> piece)>;

  // The first bytes of what an entry unpacks to, up to `count`; more never come. On failure nothing, with an error.
  std::optional<std::vector<unsigned char>> Begin(const Entry& entry, uint64_t count, std::string* error) const;
  // Gives `take` all of them, piece by piece. What went wrong, and be it that their checksum is not the archive's: the
  // end of a sentence. Empty: nothing.
  std::string Unpack(const Entry& entry, const Take& take) const;
  std::string Check(const Entry& entry) const {
    return Unpack(entry, [](std::span<const unsigned char>) {});
  }

  // Where a stored entry's bytes lie in the file. Nothing where it is packed, or the archive contradicts itself.
  std::optional<std::span<const unsigned char>> Stored(const Entry& entry) const;

 private:
  ZipArchive(std::shared_ptr<const FileBytes> bytes, zip* archive);

  std::shared_ptr<const FileBytes> bytes_;  // what the archive reads
  zip* archive_;
  std::vector<Entry> entries_;
};

}  // namespace strata::weights
