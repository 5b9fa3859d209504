// Runs libhdf5 over a file in a process of its own and takes what it found through a pipe. It needs one pass over the
// structure only: elements are read from the mapped file.
#include "compiler/weights/hdf5.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <limits>
#include <nlohmann/json.hpp>

#include "compiler/weights/hdf5_walk.h"
#include "runtime/text.h"

namespace strata::weights {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMagic = "\x89HDF\r\n\x1a\n";
// What the reading process may take beyond what it began with. A model of 10,000 layers takes a tenth.
constexpr rlim_t kMaxBytes = rlim_t{1} << 30;
constexpr rlim_t kMaxSeconds = 20;

// A structure may begin behind a user's block of 512, 1024, ... bytes; no Keras file has one.
bool StartsWithMagic(std::span<const unsigned char> bytes) {
  return bytes.size() >= kMagic.size() && std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) == 0;
}

// Where the file ends, as its superblock says; nothing where it is of an unknown form. libhdf5 takes what is missing for
// zeros. Source: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, "Superblock"
std::optional<uint64_t> StoredEnd(std::span<const unsigned char> bytes) {
  constexpr size_t kSizeOfOffsets[] = {13, 13, 9, 9};  // by version
  constexpr size_t kEnd[] = {40, 44, 28, 28};
  const size_t version_at = kMagic.size();
  if (bytes.size() <= version_at || bytes[version_at] > 3) return std::nullopt;
  const size_t version = bytes[version_at];
  uint64_t end = 0;
  if (bytes.size() < kEnd[version] + sizeof end || bytes[kSizeOfOffsets[version]] != sizeof end) return std::nullopt;
  std::memcpy(&end, bytes.data() + kEnd[version], sizeof end);
  return end;
}

void Limit(int resource, rlim_t limit) {
  struct rlimit limits{};
  getrlimit(resource, &limits);
  limits.rlim_cur = std::min(limit, limits.rlim_max);
  setrlimit(resource, &limits);
}

// What the process has of its own now: code and file mappings left out.
rlim_t DataBytes() {
  unsigned long long pages = 0;
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  const bool is_read = std::fscanf(file, "%*u %*u %*u %*u %*u %llu", &pages) == 1;
  std::fclose(file);
  return is_read ? static_cast<rlim_t>(pages) * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) : 0;
}

bool WriteAll(int file, std::span<const unsigned char> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(count));
  }
  return true;
}

// The other process: says nothing but through the pipe, and ends.
[[noreturn]] void Answer(std::span<const unsigned char> bytes, int pipe) {
  const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere >= 0) dup2(nowhere, STDERR_FILENO);
  Limit(RLIMIT_CORE, 0);
  Limit(RLIMIT_CPU, kMaxSeconds);
  Limit(RLIMIT_DATA, DataBytes() + kMaxBytes);
  bool is_answered = false;
  try {
    is_answered = WriteAll(pipe, Json::to_cbor(WalkHdf5(bytes)));
  } catch (const std::exception&) {
    // Out of memory, as a damaged file may have it.
  }
  _exit(is_answered ? 0 : 1);
}

// All that comes through the pipe.
std::vector<unsigned char> ReadAll(int pipe) {
  std::vector<unsigned char> bytes;
  size_t end = 0;
  while (end < kMaxBytes) {
    bytes.resize(std::max(2 * end, size_t{1} << 16));
    const ssize_t count = read(pipe, bytes.data() + end, bytes.size() - end);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    end += static_cast<size_t>(count);
  }
  bytes.resize(end);
  return bytes;
}

// ---- The answer, which a process that stumbled may have written: nothing in it is believed ----

std::string TextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_binary()) return {};
  const auto& bytes = found->get_binary();
  return {bytes.begin(), bytes.end()};
}

uint64_t NumberOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_unsigned() ? found->get<uint64_t>() : 0;
}

bool IsTrue(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::optional<ElementType> TypeOf(std::string_view dtype) {
  if (dtype == "float32") return ElementType::F32;
  if (dtype == "float16") return ElementType::F16;
  if (dtype == "bfloat16") return ElementType::BF16;
  if (dtype == "float64") return ElementType::F64;
  return std::nullopt;
}

// What is wrong with the place of a dataset's elements; empty: nothing.
std::string PlaceError(const Hdf5Dataset& dataset, const Json& object, size_t file_bytes) {
  const std::optional<int64_t> needed =
      ByteCount(dataset.sizes, static_cast<int64_t>(NumberOf(object, "element_bytes")));
  if (!needed) return "its shape " + SizesText(dataset.sizes) + " has more bytes than 64 bits can count";
  if (*needed == 0) return {};
  if (!IsTrue(object, "has_place")) return "its elements were never written";
  if (static_cast<uint64_t>(*needed) != dataset.bytes) {
    return "its shape " + SizesText(dataset.sizes) + " takes " + std::to_string(*needed) + " bytes, its data has " +
           std::to_string(dataset.bytes);
  }
  if (dataset.offset > file_bytes || dataset.bytes > file_bytes - dataset.offset) {
    return "its " + std::to_string(dataset.bytes) + " bytes lie beyond the end of the file";
  }
  return {};
}

std::optional<Hdf5Dataset> DatasetOf(const Json& object, size_t file_bytes) {
  const auto sizes = object.find("sizes");
  if (!object.is_object() || sizes == object.end() || !sizes->is_array()) return std::nullopt;
  Hdf5Dataset dataset{.path = TextOf(object, "path"), .dtype = TextOf(object, "dtype"), .type = {}, .sizes = {}};
  for (const Json& size : *sizes) {
    if (!size.is_number_integer() || size.get<int64_t>() < 0) return std::nullopt;
    dataset.sizes.push_back(size.get<int64_t>());
  }
  dataset.type = TypeOf(dataset.dtype);
  dataset.offset = NumberOf(object, "offset");
  dataset.bytes = NumberOf(object, "bytes");
  dataset.error = TextOf(object, "error");
  if (dataset.error.empty()) dataset.error = PlaceError(dataset, object, file_bytes);
  return dataset;
}

std::optional<Hdf5Contents> ContentsOf(const Json& answer, size_t file_bytes) {
  if (!answer.is_object() || !answer.contains("datasets") || !answer.contains("attributes")) return std::nullopt;
  Hdf5Contents contents;
  contents.error = TextOf(answer, "error");
  for (const Json& object : answer["datasets"]) {
    std::optional<Hdf5Dataset> dataset = DatasetOf(object, file_bytes);
    if (!dataset) return std::nullopt;
    contents.datasets.push_back(*std::move(dataset));
  }
  for (const Json& object : answer["attributes"]) {
    if (!object.is_object() || !object.contains("texts")) return std::nullopt;
    auto& attributes = contents.attributes[TextOf(object, "path")];
    for (const auto& [name, texts] : object["texts"].items()) {
      std::vector<std::string>& strings = attributes[name];
      for (const Json& text : texts) {
        if (!text.is_binary()) return std::nullopt;
        strings.emplace_back(text.get_binary().begin(), text.get_binary().end());
      }
    }
  }
  return contents;
}

Hdf5Contents Failed(std::string error) {
  Hdf5Contents contents;
  contents.error = std::move(error);
  return contents;
}

}  // namespace

std::optional<std::vector<std::string>> Hdf5Contents::Attribute(const std::string& path,
                                                                const std::string& name) const {
  const auto of_path = attributes.find(path);
  if (of_path == attributes.end()) return std::nullopt;
  if (const auto whole = of_path->second.find(name); whole != of_path->second.end()) return whole->second;
  std::optional<std::vector<std::string>> all;
  for (size_t part = 0;; ++part) {
    const auto found = of_path->second.find(name + std::to_string(part));
    if (found == of_path->second.end()) return all;
    if (!all) all.emplace();
    all->insert(all->end(), found->second.begin(), found->second.end());
  }
}

std::string Hdf5Contents::Text(const std::string& path, const std::string& name) const {
  const std::optional<std::vector<std::string>> texts = Attribute(path, name);
  return texts && texts->size() == 1 ? texts->front() : "";
}

bool IsHdf5(std::span<const unsigned char> bytes) { return StartsWithMagic(bytes); }

Hdf5Contents ReadHdf5(std::span<const unsigned char> bytes) {
  if (const std::optional<uint64_t> end = StoredEnd(bytes); end && *end > bytes.size()) {
    Hdf5Contents contents = Failed("its header promises " + std::to_string(*end) + " bytes, " +
                                   std::to_string(bytes.size()) + " are there");
    contents.is_cut_short = true;
    return contents;
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return Failed(std::string("no pipe can be made: ") + strata_system_error(errno));
  const pid_t process = fork();
  if (process == 0) {
    close(ends[0]);
    Answer(bytes, ends[1]);
  }
  const int fork_error = errno;
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    return Failed(std::string("no process can be made for it: ") + strata_system_error(fork_error));
  }
  const std::vector<unsigned char> answer = ReadAll(ends[0]);
  close(ends[0]);
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  const Json read = Json::from_cbor(answer, /*strict=*/true, /*allow_exceptions=*/false);
  std::optional<Hdf5Contents> contents = ContentsOf(read, bytes.size());
  if (!contents) return Failed("libhdf5 gives up on its structure");
  return *std::move(contents);
}

}  // namespace strata::weights
