// Arrays of NumPy's, and folders of them.
#include "compiler/weights/npy.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>

#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"
#include "compiler/weights/file_bytes.h"
#include "compiler/weights/formats.h"

namespace strata::weights {
namespace {

namespace fs = std::filesystem;

// Deeper than any names of weights.
constexpr int kMaxDepth = 64;
constexpr size_t kMaxFiles = 100'000;

std::optional<ElementType> ElementTypeOf(const strata_array& array) {
  if (array.dtype == STRATA_F32) return ElementType::F32;
  if (array.dtype == STRATA_F16) return ElementType::F16;
  if (array.dtype == STRATA_BF16) return ElementType::BF16;
  const std::string_view name = array.dtype_name;
  if (name == "float64") return ElementType::F64;
  if (name == "uint16") return ElementType::BF16;  // NumPy has no bfloat16: its bits are often saved so
  return std::nullopt;
}

// Mapped one at a time: a file for each array may be more than a process may have open.
class NpyFolder : public WeightsFile {
 public:
  struct Array {
    std::string path;
    NpyHeader header;
    uint64_t file_bytes;
  };

  NpyFolder(std::vector<Entry> entries, std::vector<Array> arrays) : arrays_(std::move(arrays)) {
    entries_ = std::move(entries);
  }

  std::string Damage(size_t index) const override { return Map(index) ? "" : "its file has changed meanwhile"; }

  std::vector<float> Read(size_t index) const override {
    const std::shared_ptr<const FileBytes> bytes = Map(index);
    if (!bytes) return {};
    const NpyHeader& header = arrays_[index].header;
    STRATA_CHECK(header.type.has_value());
    return header.InOrder(bytes->Floats(*header.type, {bytes->data() + header.offset, bytes->size() - header.offset}));
  }

 private:
  std::shared_ptr<const FileBytes> Map(size_t index) const {
    int error = 0;
    std::shared_ptr<const FileBytes> bytes = FileBytes::Map(arrays_[index].path, &error);
    return bytes && bytes->size() == arrays_[index].file_bytes ? bytes : nullptr;
  }

  std::vector<Array> arrays_;
};

// The .npy files under a folder, by name.
std::vector<fs::path> FilesUnder(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> files;
  size_t visited = 0;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry.depth() >= kMaxDepth) entry.disable_recursion_pending();
    std::error_code ignored;
    if (entry->path().extension() == ".npy" && entry->is_regular_file(ignored)) files.push_back(entry->path());
    if (++visited > kMaxFiles) {
      error = std::make_error_code(std::errc::file_too_large);
      break;
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::optional<NpyHeader> ReadNpyHeader(std::span<const unsigned char> bytes, uint64_t file_bytes, std::string* error) {
  strata_array array{};
  size_t offset = 0;
  std::array<char, STRATA_ERROR_SIZE> text{};
  strata_text array_error = strata_text_in(text.data(), text.size());
  if (!strata_array_header_read("it", bytes.data(), bytes.size(), &array, &offset, &array_error)) {
    *error = text.data();
    return std::nullopt;
  }
  if (static_cast<uint64_t>(array.bytes) != file_bytes - offset) {
    *error = "its header promises " + std::to_string(array.bytes) + " bytes of data, " +
             std::to_string(file_bytes - offset) + " are there";
    return std::nullopt;
  }
  return NpyHeader{.dtype = array.dtype_name,
                   .type = ElementTypeOf(array),
                   .sizes = {array.sizes, array.sizes + array.rank},
                   .offset = offset,
                   .is_fortran = array.is_fortran};
}

std::vector<float> NpyHeader::InOrder(std::vector<float> elements) const {
  return is_fortran ? RowMajor(elements, sizes) : std::move(elements);
}

std::unique_ptr<WeightsFile> OpenNpyFolder(const FileReport& report) {
  std::error_code error;
  const fs::path folder(report.path);
  const std::vector<fs::path> files = FilesUnder(folder, error);
  if (error) {
    const bool is_large = error == std::errc::file_too_large;
    report.diagnostics.Report(
        kinds::FileUnreadable, report.span, report.path,
        is_large ? "it has more than " + std::to_string(kMaxFiles) + " files" : strata_system_error(error.value()));
    return nullptr;
  }
  if (files.empty()) {
    Diagnostic& diagnostic = report.diagnostics.Report(kinds::FolderWithoutArrays, report.span, report.path);
    if (fs::exists(folder / "model.weights.h5", error)) {
      diagnostic.Help("there is `" + (folder / "model.weights.h5").string() + "`");
    } else if (fs::exists(folder / "saved_model.pb", error)) {
      diagnostic.Help(
          "this is a SavedModel of TensorFlow's; in Python, `model.save_weights(\"model.weights.h5\")` writes a file "
          "that Strata reads");
    }
    return nullptr;
  }
  std::vector<WeightsFile::Entry> entries;
  std::vector<NpyFolder::Array> arrays;
  for (const fs::path& file : files) {
    std::string name = file.lexically_relative(folder).generic_string();
    name.resize(name.size() - std::string_view(".npy").size());
    int number = 0;
    const std::shared_ptr<const FileBytes> bytes = FileBytes::Map(file.string(), &number);
    std::string wrong = bytes ? "" : strata_system_error(number);
    std::optional<NpyHeader> header;
    if (bytes) {
      const size_t begin = std::min<size_t>(bytes->size(), STRATA_HEADER_LIMIT);
      header = ReadNpyHeader({bytes->data(), begin}, bytes->size(), &wrong);
    }
    if (!header) {
      report.diagnostics.Report(kinds::TensorUnreadable, report.span, Shown(name), report.path, wrong);
      return nullptr;
    }
    entries.push_back({.name = name,
                       .dtype = header->dtype,
                       .sizes = header->sizes,
                       .bytes = static_cast<int64_t>(bytes->size() - header->offset),
                       .is_readable = header->type.has_value()});
    arrays.push_back({.path = file.string(), .header = std::move(*header), .file_bytes = bytes->size()});
  }
  if (!CheckNames(entries, report)) return nullptr;
  return std::make_unique<NpyFolder>(std::move(entries), std::move(arrays));
}

}  // namespace strata::weights
