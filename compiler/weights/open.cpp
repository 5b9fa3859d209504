// Telling the formats of weights files apart, and what to say where none of them is there.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "compiler/source/catalogue.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/formats.h"
#include "compiler/weights/hdf5.h"
#include "compiler/weights/zip_archive.h"
#include "runtime/text.h"

namespace strata {
namespace {

namespace fs = std::filesystem;
using weights::FileBytes;
using weights::FileReport;

// Every weights file has more bytes: a header's length and a brace, an archive's end.
constexpr size_t kMinFileBytes = 9;

constexpr std::string_view kExtensions[] = {".safetensors", ".npz", ".keras", ".h5"};

// The weights file of that directory whose name is nearest to the path's; empty if there is none.
std::string NearestFile(const fs::path& path) {
  std::vector<std::string> files;
  std::error_code error;
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const std::string extension = entry->path().extension().string();
    if (std::ranges::find(kExtensions, extension) != std::end(kExtensions))
      files.push_back(entry->path().filename().string());
  }
  std::sort(files.begin(), files.end());
  const std::string_view nearest = NearestName(path.filename().string(), {files.begin(), files.end()});
  return nearest.empty() ? std::string() : (path.parent_path() / nearest).string();
}

void ReportMissing(const FileReport& report, const OpenOptions& options) {
  Diagnostic& diagnostic = options.if_missing == Severity::Error
                               ? report.diagnostics.Report(kinds::WeightsNotFound, report.span, report.path)
                               : report.diagnostics.Report(kinds::WeightsNotThere, report.span, report.path);
  const std::string nearest = NearestFile(report.path);
  if (!nearest.empty()) {
    diagnostic.Help("there is `" + nearest + "`");
  } else if (options.is_for_model) {
    diagnostic.Help("to try the model out before it is trained, build or run it with `--random-weights=SEED`");
  }
}

void ReportUnopened(int error, const FileReport& report, const OpenOptions& options) {
  if (error == ENOENT) {
    ReportMissing(report, options);
  } else if (error == EISDIR) {
    report.diagnostics.Report(kinds::FileIsDirectory, report.span, report.path);
  } else {
    const std::string reason = error == ENODEV ? "it is not a regular file" : strata_system_error(error);
    report.diagnostics.Report(kinds::FileUnreadable, report.span, report.path, reason);
  }
}

bool StartsWith(const FileBytes& bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && std::memcmp(bytes.data(), magic.data(), magic.size()) == 0;
}

bool IsArchive(const FileBytes& bytes) { return StartsWith(bytes, "PK\x03\x04") || StartsWith(bytes, "PK\x05\x06"); }

bool IsPrintable(unsigned char byte) { return byte >= ' ' && byte <= '~'; }

// A safetensors file begins with a length: were that text, it would be beyond all reason.
bool IsText(const FileBytes& bytes) {
  return std::all_of(bytes.data(), bytes.data() + 8, [](unsigned char byte) {
    return IsPrintable(byte) || byte == '\t' || byte == '\r' || byte == '\n';
  });
}

bool IsSafetensors(const FileBytes& bytes, const std::string& path) {
  if (IsText(bytes)) return false;
  if (fs::path(path).extension() == ".safetensors") return true;
  return bytes.data()[8] == '{' && weights::SafetensorsHeaderLength(bytes) <= weights::kMaxSafetensorsHeader;
}

// The first line of a text, cut where it is too long for a message.
std::string FirstLine(const FileBytes& bytes) {
  constexpr size_t kShown = 40;
  const unsigned char* const end = bytes.data() + bytes.size();
  const unsigned char* const line_end = std::find_if_not(bytes.data(), end, IsPrintable);
  const std::string line(bytes.data(), line_end);
  return line.size() > kShown ? line.substr(0, kShown) + "..." : line;
}

// The first bytes as a message shows them: `\x89HDF`.
std::string Beginning(const FileBytes& bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  if (IsText(bytes) && IsPrintable(bytes.data()[0])) return FirstLine(bytes);
  for (size_t i = 0; i < 4; ++i) {
    const unsigned char byte = bytes.data()[i];
    if (IsPrintable(byte)) {
      text += static_cast<char>(byte);
    } else {
      text += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return text;
}

void ReportUnknownFormat(const FileBytes& bytes, const FileReport& report) {
  Diagnostic& diagnostic =
      report.diagnostics.Report(kinds::WeightsUnknownFormat, report.span, report.path, Beginning(bytes));
  if (StartsWith(bytes, "\x93NUMPY")) {
    diagnostic.Help("this is a single array; in Python, `numpy.savez` writes several, each with its name");
  } else if (StartsWith(bytes, "version https://git-lfs")) {
    diagnostic.Help("this is what Git LFS leaves in the file's place: `git lfs pull` fetches the file");
  }
}

}  // namespace

namespace weights {

bool CheckNames(const std::vector<WeightsFile::Entry>& entries, const FileReport& report) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const WeightsFile::Entry& entry : entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return true;
  report.diagnostics.Report(kinds::WeightsNameTwice, report.span, Shown(*twice), report.path);
  return false;
}

}  // namespace weights

namespace {

// A file that is mapped and not too short. Null where it is not, which is reported.
std::shared_ptr<const FileBytes> MapFile(const FileReport& report, const OpenOptions& options) {
  int error = 0;
  std::shared_ptr<const FileBytes> bytes = FileBytes::Map(report.path, &error);
  if (!bytes) {
    ReportUnopened(error, report, options);
    return nullptr;
  }
  if (bytes->size() >= kMinFileBytes) return bytes;
  report.diagnostics.Report(kinds::WeightsCutShort, report.span, report.path,
                            bytes->size() == 0 ? "it is empty" : "it ends inside its header");
  return nullptr;
}

std::shared_ptr<const WeightsFile> WeightsOf(std::optional<KerasFile> file, const FileReport& report) {
  if (!file) return nullptr;
  if (!file->weights) {
    report.diagnostics.Report(kinds::WeightsDamaged, report.span, report.path, "it has no `model.weights.h5`");
  }
  return std::move(file->weights);
}

}  // namespace

std::shared_ptr<const WeightsFile> OpenWeightsFile(const std::string& path, Span span, Diagnostics& diagnostics,
                                                   const OpenOptions& options) {
  const FileReport report{path, span, diagnostics};
  std::error_code is_no_folder;
  if (fs::is_directory(path, is_no_folder)) return weights::OpenNpyFolder(report);
  std::shared_ptr<const FileBytes> bytes = MapFile(report, options);
  if (!bytes) return nullptr;
  if (weights::IsHdf5({bytes->data(), bytes->size()}))
    return WeightsOf(weights::OpenHdf5(std::move(bytes), report), report);
  if (IsArchive(*bytes)) {
    std::unique_ptr<weights::ZipArchive> archive = weights::ZipArchive::Open(bytes, report);
    if (!archive) return nullptr;
    if (!weights::IsKerasArchive(*archive)) return weights::OpenNpz(std::move(archive), report);
    return WeightsOf(weights::OpenKerasArchive(std::move(bytes), std::move(archive), report), report);
  }
  if (IsSafetensors(*bytes, path)) return weights::OpenSafetensors(std::move(bytes), report);
  ReportUnknownFormat(*bytes, report);
  return nullptr;
}

std::optional<KerasFile> OpenKerasFile(const std::string& path, Span span, Diagnostics& diagnostics) {
  const FileReport report{path, span, diagnostics};
  std::shared_ptr<const FileBytes> bytes = MapFile(report, {.is_for_model = false});
  if (!bytes) return std::nullopt;
  if (weights::IsHdf5({bytes->data(), bytes->size()})) return weights::OpenHdf5(std::move(bytes), report);
  if (IsArchive(*bytes)) {
    std::unique_ptr<weights::ZipArchive> archive = weights::ZipArchive::Open(bytes, report);
    if (!archive) return std::nullopt;
    if (weights::IsKerasArchive(*archive)) {
      return weights::OpenKerasArchive(std::move(bytes), std::move(archive), report);
    }
  }
  ReportUnknownFormat(*bytes, report);
  return std::nullopt;
}

}  // namespace strata
