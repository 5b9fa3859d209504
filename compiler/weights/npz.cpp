// NumPy's archives: a zip file with an .npy file for each array.
#include <zip.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/formats.h"
#include "runtime/array_header.h"

namespace strata::weights {
namespace {

// One byte of deflated data stands for at most this many: https://zlib.net/zlib_tech.html
constexpr uint64_t kMaxDeflateRatio = 1032;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
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

// An archive's entry that holds an array: its number in the archive, and the bytes it unpacks to.
struct Packed {
  zip_uint64_t number;
  uint64_t bytes;
  std::optional<ElementType> type;
};

// The first bytes of what an entry unpacks to, up to `count`; more never come. On failure nothing, with an error.
std::optional<std::vector<unsigned char>> Unpack(zip_t* archive, zip_uint64_t number, uint64_t count, bool to_the_end,
                                                 std::string* error) {
  const EntryStream stream(zip_fopen_index(archive, number, 0));
  if (!stream) {
    *error = "it cannot be unpacked: " + Reason(zip_get_error(archive));
    return std::nullopt;
  }
  std::vector<unsigned char> bytes(count);
  const zip_int64_t got = zip_fread(stream.get(), bytes.data(), count);
  // The checksum is compared where the data ends.
  unsigned char after = 0;
  const zip_int64_t more = got >= 0 && to_the_end ? zip_fread(stream.get(), &after, 1) : 0;
  if (got < 0 || more < 0) {
    *error = "it cannot be unpacked: " + Reason(zip_file_get_error(stream.get()));
    return std::nullopt;
  }
  if (static_cast<uint64_t>(got) < count || more > 0) {
    *error = "it unpacks to another length than the archive says";
    return std::nullopt;
  }
  return bytes;
}

std::optional<ElementType> ElementTypeOf(const strata_array& array) {
  if (array.dtype == STRATA_F32) return ElementType::F32;
  if (array.dtype == STRATA_F16) return ElementType::F16;
  if (array.dtype == STRATA_BF16) return ElementType::BF16;
  if (std::string_view(array.dtype_name) == "float64") return ElementType::F64;
  return std::nullopt;
}

class Npz : public WeightsFile {
 public:
  Npz(std::shared_ptr<const FileBytes> bytes, Archive archive, std::vector<Entry> entries, std::vector<Packed> packed)
      : bytes_(std::move(bytes)), archive_(std::move(archive)), packed_(std::move(packed)) {
    entries_ = std::move(entries);
  }

  std::string Damage(size_t index) const override {
    std::string error;
    Load(index, &error);
    return error;
  }

  std::vector<float> Read(size_t index) const override {
    std::string error;
    std::optional<std::vector<float>> elements = Load(index, &error);
    STRATA_CHECK(elements.has_value());
    return *std::move(elements);
  }

 private:
  std::optional<std::vector<float>> Load(size_t index, std::string* error) const {
    const Packed& packed = packed_[index];
    const auto bytes = Unpack(archive_.get(), packed.number, packed.bytes, true, error);
    if (!bytes) return std::nullopt;
    strata_array array;
    char text[STRATA_ERROR_SIZE];
    if (!strata_array_parse("it", bytes->data(), bytes->size(), &array, text, sizeof text)) {
      *error = text;
      return std::nullopt;
    }
    return ToFloats(*packed.type, static_cast<const unsigned char*>(array.data),
                    static_cast<size_t>(array.bytes / Bytes(*packed.type)));
  }

  std::shared_ptr<const FileBytes> bytes_;  // what the archive reads
  Archive archive_;
  std::vector<Packed> packed_;
};

Archive OpenArchive(const FileBytes& bytes, const FileReport& report) {
  zip_error_t error;
  zip_error_init(&error);
  Archive archive;
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source != nullptr) {
    archive.reset(zip_open_from_source(source, ZIP_RDONLY, &error));
    if (!archive) zip_source_free(source);
  }
  if (!archive && zip_error_code_zip(&error) == ZIP_ER_NOZIP) {
    report.diagnostics.Report(kinds::WeightsCutShort, report.span, report.path,
                              "its list of arrays, which comes last, is not there");
  } else if (!archive) {
    report.diagnostics.Report(kinds::WeightsDamaged, report.span, report.path, Reason(&error));
  }
  zip_error_fini(&error);
  return archive;
}

// Reads the header of an array. What an archive says of its entry's size is believed only where the archive is long
// enough for it and the array's header agrees, so that no archive unpacks to more than the network has a use for.
bool ReadEntry(zip_t* archive, const zip_stat_t& facts, size_t archive_bytes, WeightsFile::Entry* entry, Packed* packed,
               std::string* error) {
  constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_METHOD;
  if ((facts.valid & kNeeded) != kNeeded) {
    *error = "the archive does not say its size";
    return false;
  }
  if (facts.comp_method != ZIP_CM_STORE && facts.comp_method != ZIP_CM_DEFLATE) {
    *error = "it is packed by method " + std::to_string(facts.comp_method) + ", expected 0 (stored) or 8 (deflated)";
    return false;
  }
  if (facts.size / kMaxDeflateRatio > archive_bytes) {
    *error = "it is said to unpack to " + std::to_string(facts.size) + " bytes, more than the archive's " +
             std::to_string(archive_bytes) + " can hold";
    return false;
  }
  const uint64_t start = std::min<uint64_t>(facts.size, STRATA_HEADER_LIMIT);
  const auto bytes = Unpack(archive, facts.index, start, false, error);
  if (!bytes) return false;
  strata_array array{};
  size_t offset = 0;
  std::array<char, STRATA_ERROR_SIZE> text{};
  strata_text array_error = strata_text_in(text.data(), text.size());
  if (!strata_array_header_read("it", bytes->data(), bytes->size(), &array, &offset, &array_error)) {
    *error = text.data();
    return false;
  }
  if (static_cast<uint64_t>(array.bytes) != facts.size - offset) {
    *error = "its header promises " + std::to_string(array.bytes) + " bytes of data, " +
             std::to_string(facts.size - offset) + " are there";
    return false;
  }
  entry->dtype = array.dtype_name;
  entry->sizes.assign(array.sizes, array.sizes + array.rank);
  *packed = {facts.index, facts.size, ElementTypeOf(array)};
  return true;
}

}  // namespace

std::unique_ptr<WeightsFile> OpenNpz(std::shared_ptr<const FileBytes> bytes, const FileReport& report) {
  Archive archive = OpenArchive(*bytes, report);
  if (!archive) return nullptr;
  std::vector<WeightsFile::Entry> entries;
  std::vector<Packed> packed;
  std::vector<bool> readable;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t number = 0; number < count; ++number) {
    zip_stat_t facts;
    if (zip_stat_index(archive.get(), static_cast<zip_uint64_t>(number), 0, &facts) != 0 || facts.name == nullptr) {
      report.diagnostics.Report(kinds::WeightsDamaged, report.span, report.path,
                                "entry " + std::to_string(number) + " of the archive has no name");
      return nullptr;
    }
    WeightsFile::Entry entry{.name = facts.name, .dtype = {}, .sizes = {}};
    if (entry.name.ends_with('/')) continue;  // a directory
    if (entry.name.ends_with(".npy")) entry.name.resize(entry.name.size() - 4);
    std::string error;
    if (!ReadEntry(archive.get(), facts, bytes->size(), &entry, &packed.emplace_back(), &error)) {
      report.diagnostics.Report(kinds::TensorUnreadable, report.span, Shown(entry.name), report.path, error);
      return nullptr;
    }
    entries.push_back(std::move(entry));
    readable.push_back(packed.back().type.has_value());
  }
  if (!CheckEntries(entries, readable, report)) return nullptr;
  return std::make_unique<Npz>(std::move(bytes), std::move(archive), std::move(entries), std::move(packed));
}

}  // namespace strata::weights
