// Prefix: running sums or products along one axis, vectorized along the last axis where it is another one.
#include "compiler/codegen/emitter.h"

namespace strata::codegen {

void EmitPrefix(Emitter& emitter, const Prefix& prefix, llvm::Value* begin, llvm::Value* end) {
  const core::Reduce::Kind kind =
      prefix.kind == core::Prefix::Kind::Sum ? core::Reduce::Kind::Sum : core::Reduce::Kind::Product;
  const DType dtype = emitter.TypeOf(prefix.input);
  const size_t last = prefix.extents.size() - 1;
  std::vector<size_t> outer;
  Values outer_extents;
  for (size_t axis = 0; axis < last; ++axis) {
    if (axis == prefix.axis) continue;
    outer.push_back(axis);
    outer_extents.push_back(emitter.Size(prefix.extents[axis]));
  }
  Values index(prefix.extents.size());
  // From here on `index` lacks nothing but the position along the axis.
  const auto run = [&](llvm::Value* mask) {
    emitter.For(emitter.Int(0), emitter.Size(prefix.extents[prefix.axis]), 1, Identity(emitter, kind, dtype),
                [&](llvm::Value* position, const Values& sums) {
                  index[prefix.axis] = position;
                  Values next = Combine(emitter, kind, dtype, sums, {emitter.Load(prefix.input, index, mask)});
                  emitter.Store(next[0], prefix.output, index, mask);
                  return next;
                });
  };
  emitter.ForPoints(outer_extents, begin, end, [&](const Values& point) {
    for (size_t k = 0; k < outer.size(); ++k) index[outer[k]] = point[k];
    if (prefix.axis == last) return run(emitter.Mask(emitter.Int(1)));
    emitter.ForLanes(emitter.Int(0), emitter.Size(prefix.extents[last]), [&](llvm::Value* lane, llvm::Value* mask) {
      index[last] = lane;
      run(mask);
    });
  });
}

}  // namespace strata::codegen
