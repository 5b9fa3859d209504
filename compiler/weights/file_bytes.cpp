#include "compiler/weights/file_bytes.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

namespace strata::weights {

std::shared_ptr<const FileBytes> FileBytes::Map(const std::string& path, int* error) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not keep us waiting
  std::shared_ptr<const FileBytes> bytes = Map(file, error);
  if (file >= 0) close(file);
  return bytes;
}

std::shared_ptr<const FileBytes> FileBytes::MapTemporary(const std::function<bool(std::FILE* file)>& write,
                                                         int* error) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), std::fclose);
  *error = file ? 0 : errno;
  if (!file || !write(file.get())) return nullptr;
  if (std::fflush(file.get()) != 0) {
    *error = errno;
    return nullptr;
  }
  return Map(fileno(file.get()), error);
}

std::shared_ptr<const FileBytes> FileBytes::Map(int file, int* error) {
  struct stat facts{};
  *error = file < 0 || fstat(file, &facts) != 0 ? errno : 0;
  if (*error == 0 && !S_ISREG(facts.st_mode)) *error = S_ISDIR(facts.st_mode) ? EISDIR : ENODEV;
  const auto size = static_cast<size_t>(facts.st_size);
  void* data = nullptr;
  if (*error == 0 && size > 0) {
    data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data == MAP_FAILED) *error = errno;
  }
  if (*error != 0) return nullptr;
  return std::shared_ptr<const FileBytes>(new FileBytes(static_cast<const unsigned char*>(data), size));
}

FileBytes::~FileBytes() {
  if (data_ != nullptr) munmap(const_cast<unsigned char*>(data_), size_);
}

std::vector<float> FileBytes::Floats(ElementType type, std::span<const unsigned char> bytes) const {
  constexpr size_t kPieceBytes = size_t{1} << 22;  // whole pages and elements
  std::vector<float> floats;
  floats.reserve(bytes.size() / static_cast<size_t>(Bytes(type)));
  while (!bytes.empty()) {
    const std::span<const unsigned char> piece = bytes.first(std::min(bytes.size(), kPieceBytes));
    AppendFloats(type, piece, floats);
    Release(piece);
    bytes = bytes.subspan(piece.size());
  }
  return floats;
}

void FileBytes::Release(std::span<const unsigned char> bytes) const {
  // Whole pages; those at the ends may hold something else too.
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<uintptr_t>(bytes.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<uintptr_t>(bytes.data() + bytes.size()) / page * page;
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace strata::weights
