// Pool: reductions over sliding windows, vectorized over the last axis.
#include "compiler/codegen/emitter.h"
#include "compiler/source/check.h"

namespace strata::codegen {

namespace {

core::Reduce::Kind ReductionOf(core::Window::Kind kind) {
  switch (kind) {
    case core::Window::Kind::Max: return core::Reduce::Kind::Max;
    case core::Window::Kind::Sum: return core::Reduce::Kind::Sum;
    case core::Window::Kind::Mean: return core::Reduce::Kind::Mean;
  }
  STRATA_CHECK(false);
}

class PoolEmitter {
 public:
  PoolEmitter(Emitter& emitter, const Pool& pool) : emitter_(emitter), pool_(pool) {
    for (size_t axis = 0; axis + 1 < pool.axes.size(); ++axis) {
      const core::Window::Axis& window = pool.axes[axis];
      if (window.size == 1 && window.stride == 1 && window.pad_low.Is(0)) continue;
      windows_.push_back(axis);
    }
  }

  void Emit(llvm::Value* begin, llvm::Value* end) {
    Values extents;
    for (size_t axis = 0; axis + 1 < pool_.extents.size(); ++axis)
      extents.push_back(emitter_.Size(pool_.extents[axis]));
    emitter_.ForPoints(extents, begin, end, [&](const Values& point) {
      PrepareWindows(point);
      emitter_.ForLanes(emitter_.Int(0), emitter_.Size(pool_.extents.back()),
                        [&](llvm::Value* lane, llvm::Value* mask) { EmitVector(point, lane, mask); });
    });
  }

 private:
  // The part of a window that lies inside the input.
  struct Range {
    llvm::Value* origin;  // input position of the window's element 0, perhaps negative
    llvm::Value* begin;   // window elements
    llvm::Value* end;
  };

  void PrepareWindows(const Values& point) {
    llvm::IRBuilder<>& ir = emitter_.ir();
    input_index_ = point;
    ranges_.clear();
    llvm::Value* count = emitter_.Int(1);
    for (size_t axis : windows_) {
      const core::Window::Axis& window = pool_.axes[axis];
      Range range;
      range.origin =
          ir.CreateSub(emitter_.Multiply(point[axis], emitter_.Int(window.stride)), emitter_.Size(window.pad_low));
      range.begin = emitter_.Int(0);
      range.end = emitter_.Int(window.size);
      if (!window.pad_low.Is(0)) {
        // The first element at or after 0.
        range.begin = CeilDivide(emitter_.Maximum(ir.CreateNeg(range.origin), emitter_.Int(0)), window.dilation);
      }
      if (!window.pad_high.Is(0)) {
        llvm::Value* left = ir.CreateSub(emitter_.Size(pool_.input_extents[axis]), range.origin);
        range.end = emitter_.Minimum(CeilDivide(emitter_.Maximum(left, emitter_.Int(0)), window.dilation), range.end);
      }
      count = emitter_.Multiply(count, ir.CreateSub(range.end, range.begin));
      ranges_.push_back(range);
    }
    if (pool_.kind == core::Window::Kind::Mean) {
      divisor_ = emitter_.Splat(ir.CreateSIToFP(count, ir.getFloatTy()));
    }
  }

  // For numbers that are not negative.
  llvm::Value* CeilDivide(llvm::Value* a, int64_t b) {
    if (b == 1) return a;
    return emitter_.ir().CreateUDiv(emitter_.Add(a, emitter_.Int(b - 1)), emitter_.Int(b));
  }

  void EmitVector(const Values& point, llvm::Value* lane, llvm::Value* mask) {
    const core::Reduce::Kind kind = ReductionOf(pool_.kind);
    Values sums = OverWindow(0, Identity(emitter_, kind, DType::F32), [&](const Values& carried) {
      Values index = input_index_;
      index.push_back(lane);
      return Combine(emitter_, kind, DType::F32, carried, {emitter_.Load(pool_.input, index, mask)});
    });
    llvm::Value* result = sums[0];
    if (pool_.kind == core::Window::Kind::Mean) result = emitter_.ir().CreateFDiv(result, divisor_);
    Values index = point;
    index.push_back(lane);
    result = EmitEpilogue(emitter_, pool_.epilogue, result, index, mask);
    emitter_.Store(result, pool_.output, index, mask);
  }

  // Visits the window's elements along its axes from the k-th on: without a loop where their number is constant and small.
  Values OverWindow(size_t k, Values carried, const std::function<Values(const Values&)>& body) {
    if (k == windows_.size()) return body(carried);
    const size_t axis = windows_[k];
    const core::Window::Axis& window = pool_.axes[axis];
    const auto element = [&](llvm::Value* i, const Values& values) {
      input_index_[axis] = emitter_.Add(ranges_[k].origin, emitter_.Multiply(i, emitter_.Int(window.dilation)));
      return OverWindow(k + 1, values, body);
    };
    if (window.size > 4 || !window.pad_low.Is(0) || !window.pad_high.Is(0)) {
      return emitter_.For(ranges_[k].begin, ranges_[k].end, 1, carried, element);
    }
    for (int64_t i = 0; i < window.size; ++i) carried = element(emitter_.Int(i), carried);
    return carried;
  }

  Emitter& emitter_;
  const Pool& pool_;
  std::vector<size_t> windows_;  // axes with a window
  std::vector<Range> ranges_;    // parallel to windows_
  Values input_index_;
  llvm::Value* divisor_ = nullptr;
};

}  // namespace

void EmitPool(Emitter& emitter, const Pool& pool, llvm::Value* begin, llvm::Value* end) {
  PoolEmitter(emitter, pool).Emit(begin, end);
}

}  // namespace strata::codegen
