// What reductions carry from element to element, and how they combine it.
#include <limits>

#include "compiler/codegen/emitter.h"
#include "compiler/source/check.h"

namespace strata::codegen {

namespace {

using Kind = core::Reduce::Kind;

// The least or greatest number of a type.
int64_t Limit(DType dtype, bool greatest) {
  switch (dtype) {
    case DType::I8: return greatest ? 127 : -128;
    case DType::U8: return greatest ? 255 : 0;
    case DType::I32: return greatest ? std::numeric_limits<int32_t>::max() : std::numeric_limits<int32_t>::min();
    case DType::I64: return greatest ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
    case DType::Bool: return greatest ? 1 : 0;
    case DType::F32:
    case DType::F16:
    case DType::BF16: break;
  }
  STRATA_CHECK(false);
}

// Whether lanes of `a` are beyond those of `b`, upwards or downwards.
llvm::Value* IsBeyond(Emitter& emitter, DType dtype, llvm::Value* a, llvm::Value* b, bool upwards) {
  llvm::IRBuilder<>& ir = emitter.ir();
  if (IsFloat(dtype)) return upwards ? ir.CreateFCmpOGT(a, b) : ir.CreateFCmpOLT(a, b);
  if (dtype == DType::U8 || dtype == DType::Bool) return upwards ? ir.CreateICmpUGT(a, b) : ir.CreateICmpULT(a, b);
  return upwards ? ir.CreateICmpSGT(a, b) : ir.CreateICmpSLT(a, b);
}

llvm::Value* Extreme(Emitter& emitter, DType dtype, llvm::Value* a, llvm::Value* b, bool upwards) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* chosen = ir.CreateSelect(IsBeyond(emitter, dtype, a, b, upwards), a, b);
  if (!IsFloat(dtype)) return chosen;
  // x86's max gives its second operand where either is NaN; a NaN in the first one is put back.
  return ir.CreateSelect(ir.CreateFCmpUNO(a, a), a, chosen);
}

// The first of the extreme elements. A NaN is beyond everything else.
Values CombineArgs(Emitter& emitter, DType dtype, const Values& a, const Values& b, bool upwards) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* beyond = IsBeyond(emitter, dtype, b[0], a[0], upwards);
  llvm::Value* equal = nullptr;
  if (IsFloat(dtype)) {
    llvm::Value* a_is_nan = ir.CreateFCmpUNO(a[0], a[0]);
    llvm::Value* b_is_nan = ir.CreateFCmpUNO(b[0], b[0]);
    beyond = ir.CreateOr(beyond, ir.CreateAnd(b_is_nan, ir.CreateNot(a_is_nan)));
    equal = ir.CreateOr(ir.CreateFCmpOEQ(a[0], b[0]), ir.CreateAnd(a_is_nan, b_is_nan));
  } else {
    equal = ir.CreateICmpEQ(a[0], b[0]);
  }
  llvm::Value* second = ir.CreateOr(beyond, ir.CreateAnd(equal, ir.CreateICmpSLT(b[1], a[1])));
  return {ir.CreateSelect(second, b[0], a[0]), ir.CreateSelect(second, b[1], a[1])};
}

}  // namespace

Values Identity(Emitter& emitter, Kind kind, DType dtype) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const auto limit = [&](bool greatest) {
    return emitter.Splat(dtype, greatest ? kInfinity : -kInfinity, IsFloat(dtype) ? 0 : Limit(dtype, greatest));
  };
  switch (kind) {
    case Kind::Sum:
    case Kind::Mean: return {emitter.Splat(dtype, 0, 0)};
    case Kind::Product: return {emitter.Splat(dtype, 1, 1)};
    case Kind::Max: return {limit(false)};
    case Kind::Min: return {limit(true)};
    case Kind::ArgMax: return {limit(false), emitter.Splat(DType::I32, 0, 0)};
    case Kind::ArgMin: return {limit(true), emitter.Splat(DType::I32, 0, 0)};
  }
  STRATA_CHECK(false);
}

Values Combine(Emitter& emitter, Kind kind, DType dtype, const Values& a, const Values& b) {
  llvm::IRBuilder<>& ir = emitter.ir();
  const bool is_float = IsFloat(dtype);
  switch (kind) {
    case Kind::Sum:
    case Kind::Mean: return {is_float ? ir.CreateFAdd(a[0], b[0]) : ir.CreateAdd(a[0], b[0])};
    case Kind::Product: return {is_float ? ir.CreateFMul(a[0], b[0]) : ir.CreateMul(a[0], b[0])};
    case Kind::Max: return {Extreme(emitter, dtype, a[0], b[0], /*upwards=*/true)};
    case Kind::Min: return {Extreme(emitter, dtype, a[0], b[0], /*upwards=*/false)};
    case Kind::ArgMax: return CombineArgs(emitter, dtype, a, b, /*upwards=*/true);
    case Kind::ArgMin: return CombineArgs(emitter, dtype, a, b, /*upwards=*/false);
  }
  STRATA_CHECK(false);
}

Values AcrossLanes(Emitter& emitter, Kind kind, DType dtype, Values values) {
  // Each round combines every lane with the one `distance` away.
  for (int distance = emitter.lanes() / 2; distance > 0; distance /= 2) {
    std::vector<int> other;
    for (int lane = 0; lane < emitter.lanes(); ++lane) other.push_back(lane ^ distance);
    Values moved;
    for (llvm::Value* value : values) moved.push_back(emitter.ir().CreateShuffleVector(value, other));
    values = Combine(emitter, kind, dtype, values, moved);
  }
  return values;
}

}  // namespace strata::codegen
