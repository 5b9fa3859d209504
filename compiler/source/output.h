// Files that are written: nobody ever sees a part of one.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "compiler/source/result.h"

namespace strata {

// Fails where no file can come to be at `path`: a folder that is not there, a folder that is. To be asked before work that
// takes its time.
Result<> CheckOutput(const std::string& path);

// Writes a file beside `path` and renames it. `-` is standard output. A device or a pipe is written in place.
Result<> WriteOutput(const std::string& path, std::string_view bytes);

// The same for a file that is there, whose permissions stay as they are. What a link leads to is written, not the link.
Result<> RewriteFile(const std::string& path, std::string_view bytes);

// A new file beside `path`, there only until it is finished: removed with the object unless it was renamed.
class Temporary {
 public:
  explicit Temporary(const std::string& path);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  // Empty where it could not be made; errno says why.
  const std::string& Path() const { return path_; }
  int File() const { return file_; }
  void Close();
  Result<> Rename(const std::string& path, unsigned mode);

 private:
  std::string path_;
  int file_ = -1;
};

// What WriteOutput does, for bytes that come piece by piece.
class Output {
 public:
  explicit Output(std::string path) : path_(std::move(path)) {}
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  Result<> Open();
  Result<> Write(std::string_view bytes);
  Result<> Finish();

 private:
  std::string path_;
  std::unique_ptr<Temporary> temporary_;  // null where the file is written in place
  int file_ = -1;
};

// Makes a file as `make` does, which gets a temporary one, and renames it to `path`; where `path`
// is written in place, copies it there.
Result<> WriteWhole(const std::string& path, const std::function<Result<>(const Temporary&)>& make);

// Where temporary files for the output `path` belong: beside it, or where such files are if it is written in place.
std::string BesideOutput(const std::string& path);

// Whether nothing is to be renamed to `path`: standard output, a device, a pipe.
bool IsWrittenInPlace(const std::string& path);

// What `errno` says of writing `path`.
Failure CannotWrite(const std::string& path);

}  // namespace strata
