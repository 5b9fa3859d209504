// Element types.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace strata {

// In the order of STRATA_F32 ... in runtime/strata.h.
enum class DType { F32, F16, BF16, I8, U8, I32, I64, Bool };

std::string_view Name(DType dtype);  // "f32"
std::optional<DType> ParseDType(std::string_view name);
int64_t Bytes(DType dtype);
bool IsFloat(DType dtype);

}  // namespace strata
