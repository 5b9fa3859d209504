#include "tests/numeric/keras_case.h"

#include <zip.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "runtime/array_file.h"

namespace strata::testing {

namespace {

constexpr const char* kFolder = "tests/numeric/goldens";

template <typename T>
std::vector<float> Elements(const strata_array& array) {
  std::vector<T> elements(static_cast<size_t>(array.bytes) / sizeof(T));
  std::memcpy(elements.data(), array.data, static_cast<size_t>(array.bytes));
  std::vector<float> data;
  for (const T element : elements) data.push_back(static_cast<float>(element));
  return data;
}

// `0/in/x.npy` -> {"0", "in", "x"}; a weight's path keeps its slashes.
void Store(KerasCase& result, const std::string& name, const strata_array& array) {
  if (name == "program") {
    result.program.assign(static_cast<const char*>(array.data), static_cast<size_t>(array.bytes));
  } else if (name.starts_with("weights/")) {
    result.weights[name.substr(8)] = ToArray(array, name);
  } else {
    const size_t call = static_cast<size_t>(name.at(0) - '0');
    if (call > 1 || name.at(1) != '/') throw std::runtime_error(name + " is unknown");
    if (result.calls.size() <= call) result.calls.resize(call + 1);
    if (name.compare(2, 3, "in/") == 0) {
      result.calls[call].inputs[name.substr(5)] = ToArray(array, name);
    } else if (name.compare(2, 4, "out/") == 0) {
      result.calls[call].outputs[name.substr(6)] = ToArray(array, name);
    } else {
      throw std::runtime_error(name + " is unknown");
    }
  }
}

}  // namespace

Array ToArray(const strata_array& array, const std::string& name) {
  const std::vector<int64_t> sizes(array.sizes, array.sizes + array.rank);
  switch (array.dtype) {
    case STRATA_F32: return {sizes, Elements<float>(array)};
    case STRATA_I8: return {sizes, Elements<int8_t>(array)};
    case STRATA_U8:
    case STRATA_BOOL: return {sizes, Elements<uint8_t>(array)};
    case STRATA_I32: return {sizes, Elements<int32_t>(array)};
    default: throw std::runtime_error(name + " has another type");
  }
}

std::vector<std::string> KerasCaseNames() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    if (entry.path().extension() == ".npz") names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void ForEachArray(const std::string& path,
                  const std::function<void(const std::string& name, const strata_array& array)>& visit) {
  int code = 0;
  const std::unique_ptr<zip_t, decltype(&zip_discard)> archive(zip_open(path.c_str(), ZIP_RDONLY, &code), &zip_discard);
  if (archive == nullptr) throw std::runtime_error(path + " cannot be opened");
  const zip_int64_t entries = zip_get_num_entries(archive.get(), 0);
  for (zip_int64_t k = 0; k < entries; ++k) {
    zip_stat_t stat;
    zip_stat_init(&stat);
    if (zip_stat_index(archive.get(), static_cast<zip_uint64_t>(k), 0, &stat) != 0) throw std::runtime_error(path);
    std::vector<char> bytes(stat.size);
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> file(
        zip_fopen_index(archive.get(), static_cast<zip_uint64_t>(k), 0), &zip_fclose);
    if (file == nullptr ||
        zip_fread(file.get(), bytes.data(), bytes.size()) != static_cast<zip_int64_t>(bytes.size())) {
      throw std::runtime_error(path + " is damaged");
    }
    std::string entry = stat.name;
    if (entry.ends_with(".npy")) entry.resize(entry.size() - 4);
    strata_array array;
    char error[512];
    if (!strata_array_parse(entry.c_str(), bytes.data(), bytes.size(), &array, error, sizeof error)) {
      throw std::runtime_error(error);
    }
    visit(entry, array);
  }
}

KerasCase ReadKerasCase(const std::string& name) {
  KerasCase result;
  ForEachArray(std::string(kFolder) + "/" + name + ".npz",
               [&](const std::string& entry, const strata_array& array) { Store(result, entry, array); });
  return result;
}

}  // namespace strata::testing
