// A file's bytes, mapped into memory.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

namespace strata::weights {

class FileBytes {
 public:
  // Maps a regular file. Null where that fails: then `error` is the system's number for why.
  static std::shared_ptr<const FileBytes> Map(const std::string& path, int* error);

  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes();

  const unsigned char* data() const { return data_; }  // null where the file is empty
  size_t size() const { return size_; }
  // These bytes of the file will not be needed soon: they stop counting as this process's memory.
  void Release(std::span<const unsigned char> bytes) const;

 private:
  FileBytes(const unsigned char* data, size_t size) : data_(data), size_(size) {}

  const unsigned char* data_;
  size_t size_;
};

}  // namespace strata::weights
