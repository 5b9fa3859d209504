// Telling the formats of weights files apart, and what to say where none of them is there.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "compiler/source/catalogue.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/formats.h"
#include "runtime/text.h"

namespace strata {
namespace {

namespace fs = std::filesystem;
using weights::FileBytes;
using weights::FileReport;

// Every weights file has more bytes: a header's length and a brace, an archive's end.
constexpr size_t kMinFileBytes = 9;

// The weights file of that directory whose name is nearest to the path's; empty if there is none.
std::string NearestFile(const fs::path& path) {
  std::vector<std::string> files;
  std::error_code error;
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    const fs::path extension = entry->path().extension();
    if (extension == ".safetensors" || extension == ".npz") files.push_back(entry->path().filename().string());
  }
  std::sort(files.begin(), files.end());
  const std::string_view nearest = NearestName(path.filename().string(), {files.begin(), files.end()});
  return nearest.empty() ? std::string() : (path.parent_path() / nearest).string();
}

void ReportMissing(const FileReport& report, Severity severity) {
  Diagnostic& diagnostic = severity == Severity::Error
                               ? report.diagnostics.Report(kinds::WeightsNotFound, report.span, report.path)
                               : report.diagnostics.Report(kinds::WeightsNotThere, report.span, report.path);
  const std::string nearest = NearestFile(report.path);
  if (!nearest.empty()) {
    diagnostic.Help("there is `" + nearest + "`");
  } else {
    diagnostic.Help("to try the model out before it is trained, build or run it with `--random-weights=SEED`");
  }
}

void ReportUnopened(int error, const FileReport& report, Severity if_missing) {
  if (error == ENOENT) {
    ReportMissing(report, if_missing);
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
  if (StartsWith(bytes, "\x89HDF")) {
    diagnostic.Help(
        "this is an HDF5 file, as Keras saves it; in Python, write `safetensors.numpy.save_file({w.path: "
        "numpy.asarray(w) for w in model.weights}, \"model.safetensors\")`");
  } else if (StartsWith(bytes, "\x93NUMPY")) {
    diagnostic.Help("this is a single array; in Python, `numpy.savez` writes several, each with its name");
  } else if (StartsWith(bytes, "version https://git-lfs")) {
    diagnostic.Help("this is what Git LFS leaves in the file's place: `git lfs pull` fetches the file");
  }
}

}  // namespace

namespace weights {

bool CheckEntries(const std::vector<WeightsFile::Entry>& entries, const std::vector<bool>& readable,
                  const FileReport& report) {
  std::vector<std::string_view> names;
  names.reserve(entries.size());
  for (const WeightsFile::Entry& entry : entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) {
    report.diagnostics.Report(kinds::WeightsNameTwice, report.span, Shown(*twice), report.path);
    return false;
  }
  const auto unreadable = static_cast<size_t>(std::count(readable.begin(), readable.end(), false));
  size_t reported = 0;
  for (size_t i = 0; i < entries.size() && reported < kMaxReported; ++i) {
    if (readable[i]) continue;
    Diagnostic& diagnostic = report.diagnostics.Report(kinds::WeightsElementType, report.span, Shown(entries[i].name),
                                                       report.path, Shown(entries[i].dtype));
    ++reported;
    if (reported == kMaxReported && unreadable > reported) {
      diagnostic.Note("and " + std::to_string(unreadable - reported) + " more");
    }
  }
  return unreadable == 0;
}

}  // namespace weights

std::unique_ptr<WeightsFile> OpenWeightsFile(const std::string& path, Span span, Diagnostics& diagnostics,
                                             Severity if_missing) {
  const FileReport report{path, span, diagnostics};
  int error = 0;
  std::shared_ptr<const FileBytes> bytes = FileBytes::Map(path, &error);
  if (!bytes) {
    ReportUnopened(error, report, if_missing);
    return nullptr;
  }
  if (bytes->size() < kMinFileBytes) {
    diagnostics.Report(kinds::WeightsCutShort, span, path,
                       bytes->size() == 0 ? "it is empty" : "it ends inside its header");
    return nullptr;
  }
  if (IsArchive(*bytes)) return weights::OpenNpz(std::move(bytes), report);
  if (IsSafetensors(*bytes, path)) return weights::OpenSafetensors(std::move(bytes), report);
  ReportUnknownFormat(*bytes, report);
  return nullptr;
}

}  // namespace strata
