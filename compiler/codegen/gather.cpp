// Gather: rows of a table. An index outside it copies nothing and leaves its code in the error word.
#include "compiler/codegen/emitter.h"

namespace strata::codegen {

void EmitGather(Emitter& emitter, const Gather& gather, int32_t code, llvm::Value* begin, llvm::Value* end) {
  llvm::IRBuilder<>& ir = emitter.ir();
  const size_t last = gather.extents.size() - 1;
  Values outer_extents;
  for (size_t axis = 0; axis < last; ++axis) outer_extents.push_back(emitter.Size(gather.extents[axis]));
  emitter.ForPoints(outer_extents, begin, end, [&](const Values& point) {
    const auto indices_end = point.begin() + static_cast<std::ptrdiff_t>(gather.index_axes);
    llvm::Value* row = emitter.LoadInteger(gather.indices, Values(point.begin(), indices_end));
    emitter.If(
        // As numbers without a sign negative ones are large.
        ir.CreateICmpULT(row, emitter.Size(gather.rows)),
        [&] {
          Access table = gather.table;
          table.strides.insert(table.strides.begin(), gather.row_stride);
          emitter.ForLanes(emitter.Int(0), emitter.Size(gather.extents[last]),
                           [&](llvm::Value* lane, llvm::Value* mask) {
                             Values from = {row};
                             from.insert(from.end(), indices_end, point.end());
                             from.push_back(lane);
                             Values to = point;
                             to.push_back(lane);
                             emitter.Store(emitter.Load(table, from, mask), gather.output, to, mask);
                           });
        },
        // Tasks may find several; they all write the same.
        [&] {
          ir.CreateAlignedStore(ir.getInt32(static_cast<uint32_t>(code)), emitter.Buffer(gather.error), llvm::Align(4))
              ->setAtomic(llvm::AtomicOrdering::Monotonic);
        });
  });
}

}  // namespace strata::codegen
