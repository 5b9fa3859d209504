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
    const Packed& packed = packed_[index];
    std::string error;
    const auto bytes = archive_->Unpack(packed.entry, &error);
    STRATA_CHECK(bytes.has_value());
    return packed.header.Read(*bytes);
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
