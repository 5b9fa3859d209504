// Resample: for each place along an axis a window of its own, vectorized over the last axis.
#include "compiler/codegen/emitter.h"
#include "compiler/source/check.h"

namespace strata::codegen {

namespace {

using Kind = core::Resample::Kind;

core::Reduce::Kind ReductionOf(Kind kind) {
  switch (kind) {
    case Kind::Max: return core::Reduce::Kind::Max;
    case Kind::Mean: return core::Reduce::Kind::Mean;
    case Kind::Weighted: return core::Reduce::Kind::Sum;
  }
  STRATA_CHECK(false);
}

}  // namespace

void EmitResample(Emitter& emitter, const Resample& resample, llvm::Value* begin, llvm::Value* end) {
  llvm::IRBuilder<>& ir = emitter.ir();
  const core::Reduce::Kind reduction = ReductionOf(resample.kind);
  const DType dtype = emitter.TypeOf(resample.input);
  const size_t last = resample.extents.size() - 1;
  Values outer_extents;
  for (size_t axis = 0; axis < last; ++axis) outer_extents.push_back(emitter.Size(resample.extents[axis]));
  emitter.ForPoints(outer_extents, begin, end, [&](const Values& point) {
    llvm::Value* place = point[resample.axis];
    llvm::Value* first = emitter.LoadInteger(resample.first, {place});
    llvm::Value* count = emitter.LoadInteger(resample.count, {place});
    emitter.ForLanes(emitter.Int(0), emitter.Size(resample.extents[last]), [&](llvm::Value* lane, llvm::Value* mask) {
      Values index = point;
      index.push_back(lane);
      const Values start = Identity(emitter, reduction, dtype);
      llvm::Value* result =
          emitter.For(emitter.Int(0), count, 1, start, [&](llvm::Value* tap, const Values& carried) -> Values {
            Values from = index;
            from[resample.axis] = emitter.Add(first, tap);
            llvm::Value* element = emitter.Load(resample.input, from, mask);
            if (!resample.weights) return Combine(emitter, reduction, dtype, carried, {element});
            llvm::Value* weight = emitter.Load(*resample.weights, {place, tap, lane}, mask);
            return {ir.CreateIntrinsic(llvm::Intrinsic::fma, {emitter.VectorType()}, {element, weight, carried[0]})};
          })[0];
      if (resample.kind == Kind::Mean) {
        result = ir.CreateFDiv(result, emitter.Splat(ir.CreateSIToFP(count, ir.getFloatTy())));
      }
      emitter.Store(result, resample.output, index, mask);
    });
  });
}

}  // namespace strata::codegen
