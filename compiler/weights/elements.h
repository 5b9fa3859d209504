// Element types of weights files, and what a message says of a tensor.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata::weights {

// The types with a float32 equal.
enum class ElementType { F32, F16, BF16, F64 };

int64_t Bytes(ElementType type);

// Appends little-endian elements, which need not be aligned, as float32. A float64 is rounded to the nearest.
void AppendFloats(ElementType type, std::span<const unsigned char> bytes, std::vector<float>& floats);

// Elements stored column by column, the first axis fastest, in row-major order.
std::vector<float> RowMajor(const std::vector<float>& elements, const std::vector<int64_t>& sizes);

// The bytes of a tensor; nothing where a size is negative or 64 bits do not suffice.
std::optional<int64_t> ByteCount(const std::vector<int64_t>& sizes, int64_t element_bytes);

// `[16, 1, 3, 3]`
std::string SizesText(const std::vector<int64_t>& sizes);

// A name out of a file, cut where it is too long for a message.
std::string Shown(std::string_view name);

}  // namespace strata::weights
