// Nest: elementwise expressions and reductions over an index space, vectorized along its last axis.
#include "compiler/codegen/emitter.h"
#include "compiler/source/check.h"

namespace strata::codegen {

namespace {

class NestEmitter {
 public:
  NestEmitter(Emitter& emitter, const Nest& nest) : emitter_(emitter), nest_(nest), index_(nest.extents.size()) {
    for (size_t axis = 0; axis < nest.extents.size(); ++axis) {
      extents_.push_back(emitter.Size(nest.extents[axis]));
      if (nest.reduced[axis]) reduced_.push_back(axis);
      index_[axis] = emitter.Int(0);
    }
  }

  void Emit(llvm::Value* begin, llvm::Value* end) {
    const size_t last = extents_.size() - 1;
    std::vector<size_t> outer;
    Values outer_extents;
    for (size_t axis = 0; axis < extents_.size(); ++axis) {
      if (nest_.reduced[axis] || (axis == last && nest_.lane_block == 0)) continue;
      outer.push_back(axis);
      outer_extents.push_back(axis == last ? emitter_.Size(nest_.LaneBlocks()) : extents_[axis]);
    }
    emitter_.ForPoints(outer_extents, begin, end, [&](const Values& point) {
      for (size_t k = 0; k < outer.size(); ++k) index_[outer[k]] = point[k];
      if (nest_.reduced[last]) {
        EmitPoint(nullptr);
      } else if (nest_.lane_block == 0) {
        EmitLanes(emitter_.Int(0), extents_[last]);
      } else {
        llvm::Value* first = emitter_.Multiply(point.back(), emitter_.Int(nest_.lane_block));
        EmitLanes(first, emitter_.Minimum(emitter_.Add(first, emitter_.Int(nest_.lane_block)), extents_[last]));
      }
    });
  }

 private:
  void EmitLanes(llvm::Value* begin, llvm::Value* end) {
    emitter_.ForLanes(begin, end, [&](llvm::Value* i, llvm::Value* mask) {
      index_.back() = i;
      EmitPoint(mask);
    });
  }

  // All stages for one vector of points, or, where the last axis is reduced, for one point.
  void EmitPoint(llvm::Value* mask) {
    stages_.clear();
    for (size_t s = 0; s + 1 < nest_.stages.size(); ++s) stages_.push_back(EmitReduction(nest_.stages[s], mask));
    const Nest::Stage& last = nest_.stages.back();
    if (last.reduce) {
      Write(EmitReduction(last, mask), mask);
    } else if (nest_.writes_rows || reduced_.empty()) {
      Write(Evaluate(last, mask), mask);
    } else {
      OverReduced(0, {}, mask, [&](llvm::Value* lanes, const Values&) {
        Write(Evaluate(last, lanes), lanes);
        return Values{};
      });
    }
  }

  llvm::Value* EmitReduction(const Nest::Stage& stage, llvm::Value* mask) {
    const core::Reduce::Kind kind = *stage.reduce;
    const DType dtype = stage.nodes.back().type;
    const bool across = nest_.reduced.back();
    const Values start = Identity(emitter_, kind, dtype);
    Values results = OverReduced(0, start, mask, [&](llvm::Value* lanes, const Values& carried) {
      Values element = {Evaluate(stage, lanes)};
      // ArgMax and ArgMin reduce one axis.
      if (start.size() == 2) {
        element.push_back(EmitCast(emitter_, Position(static_cast<int>(reduced_[0])), DType::I64, DType::I32));
      }
      Values combined = Combine(emitter_, kind, dtype, carried, element);
      // Lanes past the end take no part; where lanes are points of their own it does not matter.
      if (across && lanes != nullptr) {
        for (size_t k = 0; k < combined.size(); ++k) {
          combined[k] = emitter_.ir().CreateSelect(lanes, combined[k], carried[k]);
        }
      }
      return combined;
    });
    if (across) results = AcrossLanes(emitter_, kind, dtype, results);
    if (kind == core::Reduce::Kind::Mean) {
      Dim count = 1;
      for (size_t axis : reduced_) count *= nest_.extents[axis];
      llvm::Value* divisor = emitter_.ir().CreateSIToFP(emitter_.Size(count), emitter_.ir().getFloatTy());
      results[0] = emitter_.ir().CreateFDiv(results[0], emitter_.Splat(divisor));
    }
    return results.size() == 2 ? results[1] : emitter_.Round(dtype, results[0]);
  }

  // Visits the reduced axes from the k-th on.
  Values OverReduced(size_t k, const Values& carried, llvm::Value* mask,
                     const std::function<Values(llvm::Value* mask, const Values& carried)>& body) {
    if (k == reduced_.size()) return body(mask, carried);
    const size_t axis = reduced_[k];
    if (axis + 1 == extents_.size()) {
      return emitter_.ForLanes(emitter_.Int(0), extents_[axis], carried,
                               [&](llvm::Value* i, llvm::Value* lanes, const Values& values) {
                                 index_[axis] = i;
                                 Values next = body(lanes, values);
                                 index_[axis] = emitter_.Int(0);
                                 return next;
                               });
    }
    return emitter_.For(emitter_.Int(0), extents_[axis], 1, carried, [&](llvm::Value* i, const Values& values) {
      index_[axis] = i;
      Values next = OverReduced(k + 1, values, mask, body);
      index_[axis] = emitter_.Int(0);
      return next;
    });
  }

  llvm::Value* Evaluate(const Nest::Stage& stage, llvm::Value* mask) {
    const auto operand = [&](int number) {
      const size_t n = static_cast<size_t>(number);
      if (n >= nest_.reads.size()) return stages_[n - nest_.reads.size()];
      return emitter_.Load(nest_.reads[n], index_, mask);
    };
    return EmitExpression(emitter_, stage.nodes, operand, [&](int axis) { return Position(axis); });
  }

  // Of each lane along an axis, as i64.
  llvm::Value* Position(int axis) {
    llvm::Value* lane = emitter_.Splat(index_[static_cast<size_t>(axis)]);
    if (static_cast<size_t>(axis) + 1 == index_.size()) lane = emitter_.ir().CreateAdd(lane, emitter_.LaneNumbers());
    return lane;
  }

  void Write(llvm::Value* value, llvm::Value* mask) {
    if (nest_.writes_rows && nest_.reduced.back()) {
      emitter_.StoreFirst(value, nest_.write, index_);
    } else {
      STRATA_CHECK(nest_.write.strides.back().Is(1));
      emitter_.Store(value, nest_.write, index_, mask);
    }
  }

  Emitter& emitter_;
  const Nest& nest_;
  Values extents_;
  std::vector<size_t> reduced_;
  Values index_;
  Values stages_;
};

}  // namespace

void EmitNest(Emitter& emitter, const Nest& nest, llvm::Value* begin, llvm::Value* end) {
  NestEmitter(emitter, nest).Emit(begin, end);
}

}  // namespace strata::codegen
