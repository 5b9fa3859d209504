#include "compiler/weights/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

namespace strata::weights {

std::shared_ptr<const FileBytes> FileBytes::Map(const std::string& path, int* error) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not keep us waiting
  struct stat facts{};
  *error = file < 0 || fstat(file, &facts) != 0 ? errno : 0;
  if (*error == 0 && !S_ISREG(facts.st_mode)) *error = S_ISDIR(facts.st_mode) ? EISDIR : ENODEV;
  const auto size = static_cast<size_t>(facts.st_size);
  void* data = nullptr;
  if (*error == 0 && size > 0) {
    data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) *error = errno;
  }
  if (file >= 0) close(file);
  if (*error != 0) return nullptr;
  return std::shared_ptr<const FileBytes>(new FileBytes(static_cast<const unsigned char*>(data), size));
}

FileBytes::~FileBytes() {
  if (data_ != nullptr) munmap(const_cast<unsigned char*>(data_), size_);
}

void FileBytes::Release(std::span<const unsigned char> bytes) const {
  // Whole pages; those at the ends may hold something else too.
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<uintptr_t>(bytes.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<uintptr_t>(bytes.data() + bytes.size()) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace strata::weights
