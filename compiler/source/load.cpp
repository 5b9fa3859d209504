// Reading a source file, and what to say where that fails.
#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "compiler/source/catalogue.h"
#include "compiler/source/diagnostics.h"
#include "compiler/source/source.h"

namespace strata {
namespace {

namespace fs = std::filesystem;

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

// The program of that directory whose name is nearest to the path's; empty if there is none.
std::string NearestProgram(const fs::path& path) {
  std::vector<std::string> programs;
  std::error_code error;
  const fs::path directory = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == ".strata") programs.push_back(entry->path().filename().string());
  }
  std::sort(programs.begin(), programs.end());
  const std::string ending = path.extension() == ".strata" ? "" : ".strata";
  const std::string wanted = path.filename().string() + ending;
  const std::string_view nearest = NearestName(wanted, {programs.begin(), programs.end()});
  return nearest.empty() ? std::string() : (path.parent_path() / nearest).string();
}

// What the system says, as part of a sentence: "permission denied".
std::string Reason(int error) {
  std::string reason = std::generic_category().message(error);
  if (!reason.empty()) reason[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(reason[0])));
  return reason;
}

void ReportUnopened(const std::string& path, int error, Diagnostics& diagnostics) {
  if (error != ENOENT) {
    diagnostics.Report(kinds::FileUnreadable, Span{}, path, Reason(error));
    return;
  }
  Diagnostic& diagnostic = diagnostics.Report(kinds::FileNotFound, Span{}, path);
  const std::string nearest = NearestProgram(path);
  if (!nearest.empty()) diagnostic.Help("there is `" + nearest + "`");
}

// Reads what is there, but hardly more than a program may have, so that an endless input ends too.
bool ReadAll(std::FILE* file, std::string* text) {
  std::array<char, 1 << 16> buffer;
  while (text->size() <= kMaxFileBytes) {
    const size_t count = std::fread(buffer.data(), 1, buffer.size(), file);
    text->append(buffer.data(), count);
    if (count < buffer.size()) return std::ferror(file) == 0;
  }
  return true;
}

}  // namespace

bool LoadSource(const std::string& path, Sources& sources, Diagnostics& diagnostics, FileId* id) {
  const bool is_stdin = path == "-";
  const std::string name = is_stdin ? std::string(kStandardInput) : path;
  if (const std::string* edited = sources.Edited(name)) {
    *id = sources.Add(name, *edited);
    return ScanSource(*id, sources, diagnostics);
  }
  std::error_code error;
  if (!is_stdin && fs::is_directory(path, error)) {
    diagnostics.Report(kinds::FileIsDirectory, Span{}, name);
    return false;
  }
  const File file(is_stdin ? stdin : std::fopen(path.c_str(), "rb"));
  if (!file) {
    ReportUnopened(path, errno, diagnostics);
    return false;
  }
  std::string text;
  if (!ReadAll(file.get(), &text)) {
    diagnostics.Report(kinds::FileUnreadable, Span{}, name, Reason(errno));
    return false;
  }
  *id = sources.Add(name, std::move(text));
  return ScanSource(*id, sources, diagnostics);
}

}  // namespace strata
