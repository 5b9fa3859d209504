// A file's bytes, mapped into memory.
#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "compiler/weights/elements.h"

namespace strata::weights {

class FileBytes {
 public:
  // Maps a regular file. Null where that fails: then `error` is the system's number for why.
  static std::shared_ptr<const FileBytes> Map(const std::string& path, int* error);

  // Maps what `write` writes to a file that nobody else sees. Null where that fails or `write` does.
  static std::shared_ptr<const FileBytes> MapTemporary(const std::function<bool(std::FILE* file)>& write, int* error);

  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;
  ~FileBytes();

  const unsigned char* data() const { return data_; }  // null where the file is empty
  size_t size() const { return size_; }
  // Elements that lie in these bytes of the file, which are given back piece by piece.
  std::vector<float> Floats(ElementType type, std::span<const unsigned char> bytes) const;
  // These bytes of the file will not be needed soon: they stop counting as this process's memory.
  void Release(std::span<const unsigned char> bytes) const;

 private:
  static std::shared_ptr<const FileBytes> Map(int file, int* error);
  FileBytes(const unsigned char* data, size_t size) : data_(data), size_(size) {}

  const unsigned char* data_;
  size_t size_;
};

}  // namespace strata::weights
