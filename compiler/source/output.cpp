#include "compiler/source/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

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
  Output output(path);
  if (Result<> opened = output.Open(); !opened) return opened;
  if (Result<> written = output.Write(bytes); !written) return written;
  return output.Finish();
}

Output::~Output() {
  if (!temporary_ && file_ >= 0 && file_ != STDOUT_FILENO) close(file_);
}

Result<> Output::Open() {
  if (path_ == "-") {
    file_ = STDOUT_FILENO;
    return Done{};
  }
  if (IsWrittenInPlace(path_)) {
    file_ = open(path_.c_str(), O_WRONLY | O_CLOEXEC);
    if (file_ < 0) return CannotWrite(path_);
    return Done{};
  }
  if (Result<> refused = RefuseDirectory(path_); !refused) return refused;
  temporary_ = std::make_unique<Temporary>(path_);
  file_ = temporary_->File();
  if (file_ < 0) return CannotWrite(path_);
  return Done{};
}

Result<> Output::Write(std::string_view bytes) { return WriteAll(file_, path_, bytes); }

Result<> Output::Finish() {
  if (temporary_) return temporary_->Rename(path_, 0666);
  return Done{};
}

std::string BesideOutput(const std::string& path) {
  if (!IsWrittenInPlace(path)) return path;
  std::error_code ignored;  // without a directory for temporary files they come to be in the current one
  return (std::filesystem::temp_directory_path(ignored) / "strata").string();
}

Result<> WriteWhole(const std::string& path, const std::function<Result<>(const Temporary&)>& make) {
  if (Result<> refused = RefuseDirectory(path); !refused) return refused;
  Temporary temporary(BesideOutput(path));
  if (temporary.Path().empty()) return CannotWrite(path);
  if (Result<> made = make(temporary); !made) return made;
  if (!IsWrittenInPlace(path)) return temporary.Rename(path, 0666);
  Output output(path);
  if (Result<> opened = output.Open(); !opened) return opened;
  std::ifstream made(temporary.Path(), std::ios::binary);
  std::string piece(size_t{1} << 20, '\0');
  while (made) {
    made.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto count = static_cast<size_t>(made.gcount());
    if (Result<> written = output.Write(std::string_view(piece).substr(0, count)); !written) return written;
  }
  return output.Finish();
}

Result<> RewriteFile(const std::string& path, std::string_view bytes) {
  std::error_code error;
  const std::filesystem::path target = std::filesystem::canonical(path, error);
  // A file may be replaced by whoever may write the folder, but that is not what its permissions ask for.
  if (error || access(target.c_str(), W_OK) != 0) return CannotWrite(path);
  const std::filesystem::perms permissions = std::filesystem::status(target, error).permissions();
  if (Result<> written = WriteOutput(target, bytes); !written) return written;
  std::filesystem::permissions(target, permissions, error);
  return Done{};
}

}  // namespace strata
