// Files of the safetensors format: the header's length in 8 bytes, the header, the elements.
#include <algorithm>
#include <cstring>
#include <optional>

#include "compiler/source/catalogue.h"
#include "compiler/weights/elements.h"
#include "compiler/weights/formats.h"
#include "compiler/weights/safetensors_header.h"

namespace strata::weights {
namespace {

constexpr size_t kLengthBytes = 8;

std::optional<ElementType> ParseElementType(std::string_view dtype) {
  if (dtype == "F32") return ElementType::F32;
  if (dtype == "F16") return ElementType::F16;
  if (dtype == "BF16") return ElementType::BF16;
  if (dtype == "F64") return ElementType::F64;
  return std::nullopt;
}

class Safetensors : public WeightsFile {
 public:
  // Where an entry's elements are.
  struct Place {
    ElementType type;
    const unsigned char* data;
    size_t count;
  };

  Safetensors(std::shared_ptr<const FileBytes> bytes, std::vector<Entry> entries, std::vector<Place> places)
      : bytes_(std::move(bytes)), places_(std::move(places)) {
    entries_ = std::move(entries);
  }

  std::vector<float> Read(size_t index) const override {
    const Place& place = places_[index];
    return bytes_->Floats(place.type, {place.data, place.count * static_cast<size_t>(Bytes(place.type))});
  }

 private:
  std::shared_ptr<const FileBytes> bytes_;  // what the places point into
  std::vector<Place> places_;
};

// What is wrong with the place of a tensor's elements; empty: nothing.
std::string PlaceError(const SafetensorsTensor& tensor, ElementType type) {
  if (tensor.begin > tensor.end) {
    return "its data begins at byte " + std::to_string(tensor.begin) + " and ends at byte " +
           std::to_string(tensor.end);
  }
  const std::optional<int64_t> needed = ByteCount(tensor.sizes, Bytes(type));
  if (!needed) return "its shape " + SizesText(tensor.sizes) + " has more bytes than 64 bits can count";
  if (*needed == tensor.end - tensor.begin) return {};
  return "its shape " + SizesText(tensor.sizes) + " takes " + std::to_string(*needed) + " bytes, its data has " +
         std::to_string(tensor.end - tensor.begin);
}

}  // namespace

uint64_t SafetensorsHeaderLength(const FileBytes& bytes) {
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), kLengthBytes);
  return length;
}

std::unique_ptr<WeightsFile> OpenSafetensors(std::shared_ptr<const FileBytes> bytes, const FileReport& report) {
  const auto& [path, span, diagnostics] = report;
  const uint64_t length = SafetensorsHeaderLength(*bytes);
  const size_t behind_length = bytes->size() - kLengthBytes;
  if (length > kMaxSafetensorsHeader) {
    diagnostics.Report(kinds::WeightsDamaged, span, path,
                       "its header is said to have " + std::to_string(length) + " bytes, at most " +
                           std::to_string(kMaxSafetensorsHeader) + " are allowed");
    return nullptr;
  }
  if (length > behind_length) {
    diagnostics.Report(
        kinds::WeightsCutShort, span, path,
        "its header has " + std::to_string(length) + " bytes, " + std::to_string(behind_length) + " are there");
    return nullptr;
  }
  const std::string_view text(reinterpret_cast<const char*>(bytes->data()) + kLengthBytes, length);
  const SafetensorsHeader header = ReadSafetensorsHeader(text);
  if (header.wrong_tensor) {
    diagnostics.Report(kinds::TensorUnreadable, span, Shown(*header.wrong_tensor), path, header.error);
    return nullptr;
  }
  if (!header.error.empty()) {
    diagnostics.Report(kinds::WeightsDamaged, span, path, header.error);
    return nullptr;
  }

  const size_t data_bytes = behind_length - length;
  int64_t promised = 0;
  for (const SafetensorsTensor& tensor : header.tensors) promised = std::max({promised, tensor.begin, tensor.end});
  if (static_cast<uint64_t>(promised) > data_bytes) {
    diagnostics.Report(kinds::WeightsCutShort, span, path,
                       "its header promises " + std::to_string(promised) + " bytes of data, " +
                           std::to_string(data_bytes) + " are there");
    return nullptr;
  }

  const unsigned char* data = bytes->data() + kLengthBytes + length;
  std::vector<WeightsFile::Entry> entries;
  std::vector<Safetensors::Place> places;
  for (const SafetensorsTensor& tensor : header.tensors) {
    const std::optional<ElementType> type = ParseElementType(tensor.dtype);
    entries.push_back({.name = tensor.name,
                       .dtype = tensor.dtype,
                       .sizes = tensor.sizes,
                       .bytes = tensor.end - tensor.begin,
                       .is_readable = type.has_value()});
    places.push_back({});
    if (!type) continue;
    const std::string error = PlaceError(tensor, *type);
    if (!error.empty()) {
      diagnostics.Report(kinds::TensorUnreadable, span, Shown(tensor.name), path, error);
      return nullptr;
    }
    places.back() = {*type, data + tensor.begin, static_cast<size_t>((tensor.end - tensor.begin) / Bytes(*type))};
  }
  if (!CheckNames(entries, report)) return nullptr;
  return std::make_unique<Safetensors>(std::move(bytes), std::move(entries), std::move(places));
}

}  // namespace strata::weights
