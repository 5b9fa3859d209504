#include "compiler/shape/dtype.h"

#include "compiler/source/check.h"

namespace strata {
namespace {

constexpr DType kAll[] = {DType::F32, DType::F16, DType::BF16, DType::I8,
                          DType::U8,  DType::I32, DType::I64,  DType::Bool};

}  // namespace

std::string_view Name(DType dtype) {
  switch (dtype) {
    case DType::F32: return "f32";
    case DType::F16: return "f16";
    case DType::BF16: return "bf16";
    case DType::I8: return "i8";
    case DType::U8: return "u8";
    case DType::I32: return "i32";
    case DType::I64: return "i64";
    case DType::Bool: return "bool";
  }
  STRATA_CHECK(false && "a DType");
}

std::optional<DType> ParseDType(std::string_view name) {
  for (DType dtype : kAll) {
    if (Name(dtype) == name) return dtype;
  }
  return std::nullopt;
}

int64_t Bytes(DType dtype) {
  switch (dtype) {
    case DType::I8:
    case DType::U8:
    case DType::Bool: return 1;
    case DType::F16:
    case DType::BF16: return 2;
    case DType::F32:
    case DType::I32: return 4;
    case DType::I64: return 8;
  }
  STRATA_CHECK(false && "a DType");
}

bool IsFloat(DType dtype) { return dtype == DType::F32 || dtype == DType::F16 || dtype == DType::BF16; }

}  // namespace strata
