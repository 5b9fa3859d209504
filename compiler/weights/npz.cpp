// NumPy's archives: a zip file with an .npy file for each array.
#include <algorithm>
#include <optional>

#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/formats.h"
#include "compiler/weights/npy.h"
#include "compiler/weights/zip_archive.h"

namespace strata::weights {
namespace {

// An archive's entry that holds an array.
struct Packed {
  ZipArchive::Entry entry;
  NpyHeader header;
};

class Npz : public WeightsFile {
 public:
  Npz(std::unique_ptr<ZipArchive> archive, std::vector<Entry> entries, std::vector<Packed> packed)
      : archive_(std::move(archive)), packed_(std::move(packed)) {
    entries_ = std::move(entries);
  }

  std::string Damage(size_t index) const override { return archive_->Check(packed_[index].entry); }

  std::vector<float> Read(size_t index) const override {
    const auto& [entry, header] = packed_[index];
    STRATA_CHECK(header.type.has_value());
    const auto element_bytes = static_cast<size_t>(Bytes(*header.type));
    std::vector<float> elements;
    elements.reserve((entry.bytes - header.offset) / element_bytes);
    size_t before = header.offset;      // bytes of the header that are to come
    std::vector<unsigned char> unread;  // behind it; a piece may end within an element
    const std::string error = archive_->Unpack(entry, [&](std::span<const unsigned char> piece) {
      const size_t skipped = std::min(before, piece.size());
      before -= skipped;
      unread.insert(unread.end(), piece.begin() + static_cast<std::ptrdiff_t>(skipped), piece.end());
      const size_t whole = unread.size() / element_bytes * element_bytes;
      AppendFloats(*header.type, {unread.data(), whole}, elements);
      unread.erase(unread.begin(), unread.begin() + static_cast<std::ptrdiff_t>(whole));
    });
    STRATA_CHECK(error.empty());
    return header.InOrder(std::move(elements));
  }

 private:
  std::unique_ptr<ZipArchive> archive_;
  std::vector<Packed> packed_;
};

// Reads the header of an array. What the archive says of its size is believed only where that header agrees, so that
// no archive unpacks to more than the network has a use for.
bool ReadEntry(const ZipArchive& archive, const ZipArchive::Entry& packed, WeightsFile::Entry* entry, NpyHeader* header,
               std::string* error) {
  *error = packed.error;
  if (!error->empty()) return false;
  const auto bytes = archive.Begin(packed, STRATA_HEADER_LIMIT, error);
  if (!bytes) return false;
  std::optional<NpyHeader> read = ReadNpyHeader(*bytes, packed.bytes, error);
  if (!read) return false;
  *header = std::move(*read);
  entry->dtype = header->dtype;
  entry->sizes = header->sizes;
  entry->bytes = static_cast<int64_t>(packed.bytes - header->offset);
  entry->is_readable = header->type.has_value();
  return true;
}

}  // namespace

std::unique_ptr<WeightsFile> OpenNpz(std::unique_ptr<ZipArchive> archive, const FileReport& report) {
  std::vector<WeightsFile::Entry> entries;
  std::vector<Packed> packed;
  for (const ZipArchive::Entry& of_archive : archive->Entries()) {
    WeightsFile::Entry entry{.name = of_archive.name, .dtype = {}, .sizes = {}};
    if (entry.name.ends_with(".npy")) entry.name.resize(entry.name.size() - 4);
    std::string error;
    packed.push_back({.entry = of_archive, .header = {}});
    if (!ReadEntry(*archive, of_archive, &entry, &packed.back().header, &error)) {
      report.diagnostics.Report(kinds::TensorUnreadable, report.span, Shown(entry.name), report.path, error);
      return nullptr;
    }
    entries.push_back(std::move(entry));
  }
  if (!CheckNames(entries, report)) return nullptr;
  return std::make_unique<Npz>(std::move(archive), std::move(entries), std::move(packed));
}

}  // namespace strata::weights
