#include "compiler/weights/elements.h"

#include <bit>
#include <cstring>

#include "runtime/block.h"

namespace strata::weights {
namespace {

static_assert(std::endian::native == std::endian::little, "elements are copied as they are in the file");

constexpr size_t kMaxShownBytes = 100;

float FromHalf(uint16_t half) {
  const bool negative = (half & 0x8000) != 0;
  const uint32_t exponent = (half >> 10) & 0x1f;
  const uint32_t fraction = half & 0x3ff;
  if (exponent == 0) {  // zero or subnormal: fraction * 2^-24
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return negative ? -magnitude : magnitude;
  }
  const uint32_t float_exponent = exponent == 0x1f ? 0xff : exponent + 127 - 15;
  return std::bit_cast<float>((negative ? 0x80000000u : 0u) | float_exponent << 23 | fraction << 13);
}

float FromBfloat(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

// Element by element, `convert` applied to each Stored.
template <typename Stored, typename Convert>
void AppendConverted(std::span<const unsigned char> bytes, std::vector<float>& floats, Convert convert) {
  const size_t count = bytes.size() / sizeof(Stored);
  const size_t begin = floats.size();
  floats.resize(begin + count);
  for (size_t i = 0; i < count; ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    floats[begin + i] = convert(stored);
  }
}

}  // namespace

int64_t Bytes(ElementType type) {
  switch (type) {
    case ElementType::F32: return 4;
    case ElementType::F16:
    case ElementType::BF16: return 2;
    case ElementType::F64: return 8;
  }
  return 0;
}

void AppendFloats(ElementType type, std::span<const unsigned char> bytes, std::vector<float>& floats) {
  switch (type) {
    case ElementType::F32: return AppendConverted<float>(bytes, floats, [](float stored) { return stored; });
    case ElementType::F16: return AppendConverted<uint16_t>(bytes, floats, FromHalf);
    case ElementType::BF16: return AppendConverted<uint16_t>(bytes, floats, FromBfloat);
    case ElementType::F64:
      return AppendConverted<double>(bytes, floats, [](double stored) { return static_cast<float>(stored); });
  }
}

std::vector<float> RowMajor(const std::vector<float>& elements, const std::vector<int64_t>& sizes) {
  std::vector<float> result;
  result.reserve(elements.size());
  std::vector<size_t> place(sizes.size(), 0), steps(sizes.size(), 1);
  for (size_t axis = 1; axis < sizes.size(); ++axis)
    steps[axis] = steps[axis - 1] * static_cast<size_t>(sizes[axis - 1]);
  size_t from = 0;
  while (result.size() < elements.size()) {
    result.push_back(elements[from]);
    for (size_t axis = sizes.size(); axis-- > 0;) {
      from += steps[axis];
      if (++place[axis] < static_cast<size_t>(sizes[axis])) break;
      from -= place[axis] * steps[axis];
      place[axis] = 0;
    }
  }
  return result;
}

std::optional<int64_t> ByteCount(const std::vector<int64_t>& sizes, int64_t element_bytes) {
  int64_t bytes = 0;
  const auto rank = static_cast<int32_t>(sizes.size());
  if (!strata_byte_count(sizes.data(), rank, element_bytes, &bytes)) return std::nullopt;
  return bytes;
}

std::string SizesText(const std::vector<int64_t>& sizes) {
  std::string text = "[";
  for (const int64_t size : sizes) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::string Shown(std::string_view name) {
  if (name.size() <= kMaxShownBytes) return std::string(name);
  size_t end = kMaxShownBytes;
  while (end > 0 && (static_cast<unsigned char>(name[end]) & 0xc0) == 0x80) --end;  // not inside a character
  return std::string(name.substr(0, end)) + "...";
}

}  // namespace strata::weights
