// Depthwise: a convolution in which every output channel sees one input channel, vectorized over channels.
#include "compiler/codegen/emitter.h"

namespace strata::codegen {

namespace {

class DepthwiseEmitter {
 public:
  DepthwiseEmitter(Emitter& emitter, const Depthwise& depthwise) : emitter_(emitter), depthwise_(depthwise) {}

  void Emit(llvm::Value* begin, llvm::Value* end) {
    Values extents;
    for (const Dim& extent : depthwise_.outer) extents.push_back(emitter_.Size(extent));
    extents.push_back(emitter_.Size(depthwise_.ColumnTiles()));
    emitter_.ForPoints(extents, begin, end, [&](const Values& point) {
      const Values outer(point.begin(), point.end() - 1);
      EmitColumnTile(emitter_, depthwise_.columns, depthwise_.rows, depthwise_.last_rows, point.back(),
                     [&](int64_t rows, llvm::Value* column) {
                       emitter_.ForLanes(emitter_.Int(0), emitter_.Int(depthwise_.channels),
                                         [&](llvm::Value* channel, llvm::Value* mask) {
                                           EmitRows(rows, outer, column, channel, mask);
                                         });
                     });
    });
  }

 private:
  // `rows` columns of one vector of channels.
  void EmitRows(int64_t rows, const Values& outer, llvm::Value* column, llvm::Value* channel, llvm::Value* mask) {
    llvm::IRBuilder<>& ir = emitter_.ir();
    Values index = outer;
    index.push_back(column);
    llvm::Value* input = emitter_.Address(depthwise_.input, index);
    const Dim& column_stride = depthwise_.input.strides[outer.size()];
    Values sums(static_cast<size_t>(rows));
    for (size_t tap = 0; tap < depthwise_.taps.size(); ++tap) {
      llvm::Value* weights =
          emitter_.Offset(emitter_.Buffer(depthwise_.weights),
                          emitter_.Add(channel, emitter_.Int(static_cast<int64_t>(tap) * depthwise_.channels)));
      llvm::Value* factor = emitter_.Load(weights, 1, mask);
      for (int64_t row = 0; row < rows; ++row) {
        llvm::Value* pixel = emitter_.Offset(input, emitter_.Size(depthwise_.taps[tap] + column_stride * row));
        llvm::Value*& sum = sums[static_cast<size_t>(row)];
        // The first tap multiplies only: adding to 0 would copy the factor for each row.
        llvm::Value* element = LoadChannels(pixel, channel, mask);
        sum = tap == 0 ? ir.CreateFMul(element, factor)
                       : ir.CreateIntrinsic(llvm::Intrinsic::fma, {emitter_.VectorType()}, {element, factor, sum});
      }
    }
    for (int64_t row = 0; row < rows; ++row) {
      Values point = outer;
      point.push_back(emitter_.Add(column, emitter_.Int(row)));
      point.push_back(channel);
      llvm::Value* result = EmitEpilogue(emitter_, depthwise_.epilogue, sums[static_cast<size_t>(row)], point, mask);
      emitter_.Store(result, depthwise_.output, point, mask);
    }
  }

  // The input channel of each lane's output channel.
  llvm::Value* LoadChannels(llvm::Value* pixel, llvm::Value* channel, llvm::Value* mask) {
    if (depthwise_.multiplier == 1) return emitter_.Load(emitter_.Offset(pixel, channel), 1, mask);
    llvm::IRBuilder<>& ir = emitter_.ir();
    const unsigned lanes = static_cast<unsigned>(emitter_.lanes());
    llvm::Value* outputs = ir.CreateAdd(ir.CreateVectorSplat(lanes, channel), emitter_.LaneNumbers());
    llvm::Value* inputs = ir.CreateUDiv(outputs, ir.CreateVectorSplat(lanes, emitter_.Int(depthwise_.multiplier)));
    if (mask == nullptr) {
      mask =
          llvm::ConstantInt::getTrue(llvm::VectorType::get(ir.getInt1Ty(), emitter_.VectorType()->getElementCount()));
    }
    return ir.CreateMaskedGather(emitter_.VectorType(), ir.CreateGEP(ir.getFloatTy(), pixel, inputs), llvm::Align(4),
                                 mask, llvm::Constant::getNullValue(emitter_.VectorType()));
  }

  Emitter& emitter_;
  const Depthwise& depthwise_;
};

}  // namespace

void EmitDepthwise(Emitter& emitter, const Depthwise& depthwise, llvm::Value* begin, llvm::Value* end) {
  DepthwiseEmitter(emitter, depthwise).Emit(begin, end);
}

}  // namespace strata::codegen
