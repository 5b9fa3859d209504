#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "compiler/emit/emit.h"
#include "compiler/emit/temporary.h"
#include "runtime/text.h"

namespace strata {

namespace {

Result<> WriteAll(int file, const std::string& path, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotWrite(path);
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return Done{};
}

Result<> RefuseDirectory(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return Failure{"`" + path + "` is a directory, a file is expected"};
  return Done{};
}

}  // namespace

bool IsWrittenInPlace(const std::string& path) {
  if (path == "-") return true;
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  return std::filesystem::exists(status) && !std::filesystem::is_regular_file(status) &&
         !std::filesystem::is_directory(status);
}

Failure CannotWrite(const std::string& path) {
  const std::string reason = strata_system_error(errno);
  return {(path == "-" ? "standard output" : "`" + path + "`") + " cannot be written: " + reason};
}

Temporary::Temporary(const std::string& path) : path_(path + ".XXXXXX") {
  file_ = mkstemp(path_.data());
  if (file_ < 0) path_.clear();
}

Temporary::~Temporary() {
  Close();
  if (!path_.empty()) unlink(path_.c_str());
}

void Temporary::Close() {
  if (file_ >= 0) close(file_);
  file_ = -1;
}

Result<> Temporary::Rename(const std::string& path, unsigned mode) {
  Close();
  // mkstemp lets only the owner in; a file made in the usual way has what the mask leaves.
  const mode_t mask = umask(0);
  umask(mask);
  chmod(path_.c_str(), static_cast<mode_t>(mode) & ~mask);
  if (rename(path_.c_str(), path.c_str()) != 0) {
    return CannotWrite(path);
  }
  path_.clear();
  return Done{};
}

Result<> CheckOutput(const std::string& path) {
  if (IsWrittenInPlace(path)) return Done{};
  if (Result<> refused = RefuseDirectory(path); !refused) return refused;
  if (Temporary(path).Path().empty()) return CannotWrite(path);
  return Done{};
}

Result<> WriteOutput(const std::string& path, std::string_view bytes) {
  if (path == "-") return WriteAll(STDOUT_FILENO, path, bytes);
  if (IsWrittenInPlace(path)) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return CannotWrite(path);
    Result<> written = WriteAll(file, path, bytes);
    close(file);
    return written;
  }
  if (Result<> refused = RefuseDirectory(path); !refused) return refused;
  Temporary temporary(path);
  if (temporary.Path().empty()) return CannotWrite(path);
  if (Result<> written = WriteAll(temporary.File(), path, bytes); !written) return written;
  return temporary.Rename(path, 0666);
}

Result<> RewriteFile(const std::string& path, std::string_view bytes) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::canonical(path, error);
  const std::filesystem::perms permissions = std::filesystem::status(file, error).permissions();
  if (Result<> written = WriteOutput(file.string(), bytes); !written) return written;
  std::filesystem::permissions(file, permissions, error);
  return Done{};
}

}  // namespace strata
