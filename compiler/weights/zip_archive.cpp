#include "compiler/weights/zip_archive.h"

#include <zip.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <limits>
#include <string_view>

#include "compiler/source/catalogue.h"

namespace strata::weights {
namespace {

// One byte of deflated data stands for at most this many: https://zlib.net/zlib_tech.html
constexpr uint64_t kMaxDeflateRatio = 1032;

// How much of a file is read before it is given back.
constexpr uint64_t kHeldPieces = 256;

constexpr const char* kOtherLength = "it unpacks to another length than the archive says";

struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using EntryStream = std::unique_ptr<zip_file_t, CloseEntry>;

// What libzip says, as part of a sentence: "CRC error", "zlib error: data error".
std::string Reason(zip_error_t* error) {
  std::string reason = zip_error_strerror(error);
  const auto is_upper = [&](size_t at) { return std::isupper(static_cast<unsigned char>(reason[at])) != 0; };
  if (reason.size() > 1 && is_upper(0) && !is_upper(1)) {
    reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  }
  return reason;
}

EntryStream OpenEntry(zip_t* archive, const ZipArchive::Entry& entry, std::string* error) {
  EntryStream stream(zip_fopen_index(archive, entry.number, 0));
  if (!stream) *error = "it cannot be unpacked: " + Reason(zip_get_error(archive));
  return stream;
}

// What an archive says of an entry's size is believed only where the archive is long enough for it.
std::string SizeError(const zip_stat_t& facts, size_t archive_bytes) {
  constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
  if ((facts.valid & kNeeded) != kNeeded) return "the archive does not say its size";
  if (facts.comp_method != ZIP_CM_STORE && facts.comp_method != ZIP_CM_DEFLATE) {
    return "it is packed by method " + std::to_string(facts.comp_method) + ", expected 0 (stored) or 8 (deflated)";
  }
  if (facts.size / kMaxDeflateRatio > archive_bytes) {
    return "it is said to unpack to " + std::to_string(facts.size) + " bytes, more than the archive's " +
           std::to_string(archive_bytes) + " can hold";
  }
  return {};
}

// ---- Where a stored entry lies, which libzip does not tell.
// Source: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7 to 4.3.16 ----

constexpr uint32_t kIn64 = 0xffffffff;  // "see the zip64 record"

class Records {
 public:
  explicit Records(std::span<const unsigned char> bytes) : bytes_(bytes) {}

  // A little-endian number of `size` bytes at `at`; nothing beyond the end.
  std::optional<uint64_t> Number(uint64_t at, size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return std::nullopt;
    uint64_t number = 0;
    std::memcpy(&number, bytes_.data() + at, size);
    return number;
  }
  bool Has(uint64_t at, uint32_t signature) const { return Number(at, 4) == signature; }

  // Where the list of entries begins.
  std::optional<uint64_t> Directory() const {
    constexpr uint64_t kEndBytes = 22;
    constexpr uint64_t kMaxComment = 0xffff;
    if (bytes_.size() < kEndBytes) return std::nullopt;
    const uint64_t last = bytes_.size() - kEndBytes;
    const uint64_t first = last - std::min(last, kMaxComment);
    for (uint64_t at = last + 1; at-- > first;) {
      if (!Has(at, 0x06054b50)) continue;
      const std::optional<uint64_t> directory = Number(at + 16, 4);
      return directory == kIn64 && at >= 20 && Has(at - 20, 0x07064b50) ? Directory64(at - 20) : directory;
    }
    return std::nullopt;
  }

  // The local record of entry `number` and its size.
  struct Place {
    uint64_t record;
    uint64_t bytes;
  };
  std::optional<Place> Find(uint64_t number) const {
    std::optional<uint64_t> at = Directory();
    for (uint64_t i = 0; at && Has(*at, 0x02014b50); ++i) {
      const uint64_t name = Number(*at + 28, 2).value_or(0);
      const uint64_t extra = Number(*at + 30, 2).value_or(0);
      if (i == number) return PlaceOf(*at, *at + 46 + name, extra);
      at = *at + 46 + name + extra + Number(*at + 32, 2).value_or(0);
    }
    return std::nullopt;
  }

  // What comes behind the local record.
  std::optional<std::span<const unsigned char>> Data(const Place& place) const {
    if (!Has(place.record, 0x04034b50)) return std::nullopt;
    const std::optional<uint64_t> name = Number(place.record + 26, 2);
    const std::optional<uint64_t> extra = Number(place.record + 28, 2);
    if (!name || !extra) return std::nullopt;
    const uint64_t begin = place.record + 30 + *name + *extra;
    if (begin > bytes_.size() || place.bytes > bytes_.size() - begin) return std::nullopt;
    return bytes_.subspan(begin, place.bytes);
  }

 private:
  std::optional<uint64_t> Directory64(uint64_t locator) const {
    const std::optional<uint64_t> record = Number(locator + 8, 8);
    if (!record || !Has(*record, 0x06064b50)) return std::nullopt;
    return Number(*record + 48, 8);
  }

  // Numbers too large for the record stand in its extra field 1, one behind the other.
  std::optional<Place> PlaceOf(uint64_t at, uint64_t extra, uint64_t extra_bytes) const {
    const std::optional<uint64_t> packed = Number(at + 20, 4);
    const std::optional<uint64_t> bytes = Number(at + 24, 4);
    const std::optional<uint64_t> record = Number(at + 42, 4);
    if (!packed || !bytes || !record) return std::nullopt;
    Place place{.record = *record, .bytes = *bytes};
    for (uint64_t field = extra; field + 4 <= extra + extra_bytes;) {
      const uint64_t size = Number(field + 2, 2).value_or(0);
      if (Number(field, 2) == 1u) {
        uint64_t next = field + 4;
        const auto take = [&](uint64_t number) -> uint64_t {
          if (number != kIn64) return number;
          next += 8;
          return Number(next - 8, 8).value_or(std::numeric_limits<uint64_t>::max());
        };
        place.bytes = take(*bytes);
        take(*packed);
        place.record = take(*record);
      }
      field += 4 + size;
    }
    return place;
  }

  std::span<const unsigned char> bytes_;
};

}  // namespace

std::unique_ptr<ZipArchive> ZipArchive::Open(std::shared_ptr<const FileBytes> bytes, const FileReport& report) {
  zip_error_t error;
  zip_error_init(&error);
  zip_t* archive = nullptr;
  zip_source_t* source = zip_source_buffer_create(bytes->data(), bytes->size(), 0, &error);
  if (source != nullptr) {
    archive = zip_open_from_source(source, ZIP_RDONLY, &error);
    if (archive == nullptr) zip_source_free(source);
  }
  if (archive == nullptr && zip_error_code_zip(&error) == ZIP_ER_NOZIP) {
    report.diagnostics.Report(kinds::WeightsCutShort, report.span, report.path,
                              "its list of arrays, which comes last, is not there");
  } else if (archive == nullptr) {
    report.diagnostics.Report(kinds::WeightsDamaged, report.span, report.path, Reason(&error));
  }
  zip_error_fini(&error);
  if (archive == nullptr) return nullptr;

  std::unique_ptr<ZipArchive> opened(new ZipArchive(std::move(bytes), archive));
  const zip_int64_t count = zip_get_num_entries(archive, 0);
  for (zip_int64_t number = 0; number < count; ++number) {
    zip_stat_t facts;
    if (zip_stat_index(archive, static_cast<zip_uint64_t>(number), 0, &facts) != 0 || facts.name == nullptr) {
      report.diagnostics.Report(kinds::WeightsDamaged, report.span, report.path,
                                "entry " + std::to_string(number) + " of the archive has no name");
      return nullptr;
    }
    const std::string name = facts.name;
    if (name.ends_with('/')) continue;  // a directory
    opened->entries_.push_back({.name = name,
                                .bytes = facts.size,
                                .number = static_cast<uint64_t>(number),
                                .is_stored = facts.comp_method == ZIP_CM_STORE,
                                .error = SizeError(facts, opened->bytes_->size())});
  }
  return opened;
}

ZipArchive::ZipArchive(std::shared_ptr<const FileBytes> bytes, zip* archive)
    : bytes_(std::move(bytes)), archive_(archive) {}

ZipArchive::~ZipArchive() { zip_discard(archive_); }

const ZipArchive::Entry* ZipArchive::Find(const std::string& name) const {
  const auto found = std::ranges::find(entries_, name, &Entry::name);
  return found == entries_.end() ? nullptr : &*found;
}

std::optional<std::vector<unsigned char>> ZipArchive::Begin(const Entry& entry, uint64_t count,
                                                            std::string* error) const {
  const EntryStream stream = OpenEntry(archive_, entry, error);
  if (!stream) return std::nullopt;
  std::vector<unsigned char> bytes(std::min(count, entry.bytes));
  const zip_int64_t got = zip_fread(stream.get(), bytes.data(), bytes.size());
  if (got == static_cast<zip_int64_t>(bytes.size())) return bytes;
  *error = got < 0 ? "it cannot be unpacked: " + Reason(zip_file_get_error(stream.get())) : kOtherLength;
  return std::nullopt;
}

std::string ZipArchive::Unpack(const Entry& entry, const Take& take) const {
  std::string error;
  const EntryStream stream = OpenEntry(archive_, entry, &error);
  if (!stream) return error;
  std::vector<unsigned char> piece(size_t{1} << 16);
  uint64_t pieces = 0;
  uint64_t bytes = 0;
  zip_int64_t got = 0;
  // The checksum is compared where the data ends.
  while ((got = zip_fread(stream.get(), piece.data(), piece.size())) > 0) {
    bytes += static_cast<uint64_t>(got);
    if (bytes > entry.bytes) break;
    take({piece.data(), static_cast<size_t>(got)});
    // libzip does not say what it has read of the mapped file.
    if (++pieces % kHeldPieces == 0) bytes_->Release({bytes_->data(), bytes_->size()});
  }
  if (got < 0) return "it cannot be unpacked: " + Reason(zip_file_get_error(stream.get()));
  return bytes == entry.bytes ? "" : kOtherLength;
}

std::optional<std::span<const unsigned char>> ZipArchive::Stored(const Entry& entry) const {
  if (!entry.is_stored) return std::nullopt;
  const Records records({bytes_->data(), bytes_->size()});
  const std::optional<Records::Place> place = records.Find(entry.number);
  if (!place || place->bytes != entry.bytes) return std::nullopt;
  return records.Data(*place);
}

}  // namespace strata::weights
