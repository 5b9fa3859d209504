// A file that is there only until it is finished.
#pragma once

#include <string>

#include "compiler/source/result.h"

namespace strata {

// A new file beside `path`; removed with the object unless it was renamed.
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

// Whether nothing is to be renamed to `path`: standard output, a device, a pipe.
bool IsWrittenInPlace(const std::string& path);

// What `errno` says of writing `path`.
Failure CannotWrite(const std::string& path);

}  // namespace strata
