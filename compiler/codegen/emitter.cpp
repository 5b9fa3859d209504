#include "compiler/codegen/emitter.h"

#include <utility>

#include "compiler/codegen/interface.h"
#include "compiler/source/check.h"

namespace strata::codegen {

Emitter::Emitter(llvm::Function& function, const Target& target, std::map<int, llvm::Value*> buffers,
                 std::map<std::string, llvm::Value*> symbols)
    : function_(function),
      target_(target),
      ir_(&function.getEntryBlock()),
      vector_(llvm::FixedVectorType::get(ir_.getFloatTy(), static_cast<unsigned>(target.lanes))),
      buffers_(std::move(buffers)),
      symbols_(std::move(symbols)) {
  // A product and a sum may become one FMA. Nothing else is relaxed: NaN and order are promises.
  llvm::FastMathFlags flags;
  flags.setAllowContract();
  ir_.setFastMathFlags(flags);
}

// ---- Scalars ----

llvm::Value* Emitter::Int(int64_t value) { return ir_.getInt64(static_cast<uint64_t>(value)); }

namespace {

bool IsConstant(llvm::Value* value, int64_t number) {
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value);
  return constant != nullptr && constant->getSExtValue() == number;
}

std::optional<int64_t> ConstantOf(llvm::Value* value) {
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value);
  if (constant == nullptr) return std::nullopt;
  return constant->getSExtValue();
}

}  // namespace

llvm::Value* Emitter::Add(llvm::Value* a, llvm::Value* b) {
  if (IsConstant(a, 0)) return b;
  if (IsConstant(b, 0)) return a;
  return ir_.CreateAdd(a, b, "", /*HasNUW=*/false, /*HasNSW=*/true);
}

llvm::Value* Emitter::Multiply(llvm::Value* a, llvm::Value* b) {
  if (IsConstant(a, 1)) return b;
  if (IsConstant(b, 1)) return a;
  if (IsConstant(a, 0)) return a;
  if (IsConstant(b, 0)) return b;
  return ir_.CreateMul(a, b, "", /*HasNUW=*/false, /*HasNSW=*/true);
}

llvm::Value* Emitter::Minimum(llvm::Value* a, llvm::Value* b) {
  return ir_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, a, b);
}

llvm::Value* Emitter::Maximum(llvm::Value* a, llvm::Value* b) {
  return ir_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, a, b);
}

llvm::Value* Emitter::Size(const Dim& dim) { return PlainSize(ir_, symbols_, dim); }

// ---- Control ----

void Emitter::DisableUnrolling(llvm::BranchInst* branch) {
  llvm::LLVMContext& context = ir_.getContext();
  llvm::MDNode* disable = llvm::MDNode::get(context, llvm::MDString::get(context, "llvm.loop.unroll.disable"));
  llvm::MDNode* loop = llvm::MDNode::getDistinct(context, {nullptr, disable});
  loop->replaceOperandWith(0, loop);
  branch->setMetadata(llvm::LLVMContext::MD_loop, loop);
}

Values Emitter::Loop(llvm::Value* begin, llvm::Value* end, int64_t step, const Values& carried,
                     const std::function<Values(llvm::Value*, const Values&)>& body) {
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  llvm::BasicBlock* loop = llvm::BasicBlock::Create(ir_.getContext(), "loop", &function_);
  llvm::BasicBlock* after = llvm::BasicBlock::Create(ir_.getContext(), "after", &function_);
  ir_.CreateBr(loop);

  ir_.SetInsertPoint(loop);
  llvm::PHINode* i = ir_.CreatePHI(ir_.getInt64Ty(), 2, "i");
  i->addIncoming(begin, before);
  Values phis;
  for (llvm::Value* value : carried) {
    llvm::PHINode* phi = ir_.CreatePHI(value->getType(), 2);
    phi->addIncoming(value, before);
    phis.push_back(phi);
  }
  Values next = body(i, phis);
  STRATA_CHECK(next.size() == carried.size());
  llvm::Value* next_i = ir_.CreateAdd(i, Int(step), "next", /*HasNUW=*/true, /*HasNSW=*/true);
  llvm::BasicBlock* latch = ir_.GetInsertBlock();
  DisableUnrolling(ir_.CreateCondBr(ir_.CreateICmpSLT(next_i, end), loop, after));
  i->addIncoming(next_i, latch);
  for (size_t k = 0; k < next.size(); ++k) llvm::cast<llvm::PHINode>(phis[k])->addIncoming(next[k], latch);

  ir_.SetInsertPoint(after);
  return next;
}

Values Emitter::For(llvm::Value* begin, llvm::Value* end, int64_t step, const Values& carried,
                    const std::function<Values(llvm::Value*, const Values&)>& body) {
  const std::optional<int64_t> first = ConstantOf(begin);
  const std::optional<int64_t> last = ConstantOf(end);
  if (first && last) {
    if (*first >= *last) return carried;
    if (*first + step >= *last) return body(begin, carried);
    return Loop(begin, end, step, carried, body);
  }
  llvm::BasicBlock* before = ir_.GetInsertBlock();
  llvm::BasicBlock* enter = llvm::BasicBlock::Create(ir_.getContext(), "enter", &function_);
  llvm::BasicBlock* done = llvm::BasicBlock::Create(ir_.getContext(), "done", &function_);
  ir_.CreateCondBr(ir_.CreateICmpSLT(begin, end), enter, done);
  ir_.SetInsertPoint(enter);
  Values results = Loop(begin, end, step, carried, body);
  llvm::BasicBlock* from_loop = ir_.GetInsertBlock();
  ir_.CreateBr(done);
  ir_.SetInsertPoint(done);
  for (size_t k = 0; k < results.size(); ++k) {
    llvm::PHINode* phi = ir_.CreatePHI(carried[k]->getType(), 2);
    phi->addIncoming(carried[k], before);
    phi->addIncoming(results[k], from_loop);
    results[k] = phi;
  }
  return results;
}

void Emitter::For(llvm::Value* begin, llvm::Value* end, int64_t step, const std::function<void(llvm::Value*)>& body) {
  For(begin, end, step, {}, [&](llvm::Value* i, const Values&) {
    body(i);
    return Values{};
  });
}

void Emitter::ForPoints(const Values& extents, llvm::Value* begin, llvm::Value* end,
                        const std::function<void(const Values&)>& body) {
  // Axes of one element need no index.
  std::vector<size_t> counted;
  for (size_t axis = 0; axis < extents.size(); ++axis) {
    if (!IsConstant(extents[axis], 1)) counted.push_back(axis);
  }
  Values index(extents.size(), Int(0));
  If(ir_.CreateICmpSLT(begin, end), [&] {
    Values first(counted.size());
    llvm::Value* rest = begin;
    for (size_t k = counted.size(); k-- > 1;) {
      llvm::Value* extent = extents[counted[k]];
      first[k] = ir_.CreateURem(rest, extent);
      rest = ir_.CreateUDiv(rest, extent);
    }
    if (!counted.empty()) first[0] = rest;
    Loop(begin, end, 1, first, [&](llvm::Value*, const Values& current) {
      for (size_t k = 0; k < counted.size(); ++k) index[counted[k]] = current[k];
      body(index);
      Values next(counted.size());
      llvm::Value* carry = Int(1);
      for (size_t k = counted.size(); k-- > 0;) {
        llvm::Value* up = ir_.CreateAdd(current[k], carry);
        if (k == 0) {
          next[k] = up;
          break;
        }
        llvm::Value* wraps = ir_.CreateICmpEQ(up, extents[counted[k]]);
        next[k] = ir_.CreateSelect(wraps, Int(0), up);
        carry = ir_.CreateZExt(wraps, ir_.getInt64Ty());
      }
      return next;
    });
  });
}

void Emitter::If(llvm::Value* condition, const std::function<void()>& then, const std::function<void()>& otherwise) {
  if (auto* constant = llvm::dyn_cast<llvm::ConstantInt>(condition)) {
    if (constant->isOne()) {
      then();
    } else if (otherwise) {
      otherwise();
    }
    return;
  }
  llvm::BasicBlock* yes = llvm::BasicBlock::Create(ir_.getContext(), "then", &function_);
  llvm::BasicBlock* no = otherwise ? llvm::BasicBlock::Create(ir_.getContext(), "else", &function_) : nullptr;
  llvm::BasicBlock* done = llvm::BasicBlock::Create(ir_.getContext(), "done", &function_);
  ir_.CreateCondBr(condition, yes, otherwise ? no : done);
  ir_.SetInsertPoint(yes);
  then();
  ir_.CreateBr(done);
  if (otherwise) {
    ir_.SetInsertPoint(no);
    otherwise();
    ir_.CreateBr(done);
  }
  ir_.SetInsertPoint(done);
}

Values Emitter::ForLanes(llvm::Value* begin, llvm::Value* end, const Values& carried,
                         const std::function<Values(llvm::Value*, llvm::Value*, const Values&)>& body) {
  const std::optional<int64_t> first = ConstantOf(begin);
  const std::optional<int64_t> last = ConstantOf(end);
  llvm::Value* count = ir_.CreateSub(end, begin);
  llvm::Value* full = ir_.CreateAnd(count, Int(-lanes()));
  llvm::Value* full_end = Add(begin, full);
  Values results = For(begin, full_end, lanes(), carried,
                       [&](llvm::Value* i, const Values& values) { return body(i, nullptr, values); });
  llvm::Value* rest = ir_.CreateSub(count, full);
  if (first && last) {
    if (IsConstant(rest, 0)) return results;
    return body(full_end, Mask(rest), results);
  }
  // At most one round, masked.
  return For(full_end, end, lanes(), results,
             [&](llvm::Value* i, const Values& values) { return body(i, Mask(rest), values); });
}

void Emitter::ForLanes(llvm::Value* begin, llvm::Value* end,
                       const std::function<void(llvm::Value*, llvm::Value*)>& body) {
  ForLanes(begin, end, {}, [&](llvm::Value* i, llvm::Value* mask, const Values&) {
    body(i, mask);
    return Values{};
  });
}

// ---- Memory ----

llvm::Value* Emitter::Offset(llvm::Value* base, llvm::Value* elements) {
  if (IsConstant(elements, 0)) return base;
  return ir_.CreateInBoundsGEP(ir_.getFloatTy(), base, elements);
}

llvm::Value* Emitter::Address(const Access& access, const Values& index) {
  llvm::Value* offset = Size(access.offset);
  STRATA_CHECK(index.size() <= access.strides.size());
  for (size_t axis = 0; axis < index.size(); ++axis) {
    if (index[axis] != nullptr) offset = Add(offset, Multiply(index[axis], Size(access.strides[axis])));
  }
  return Offset(Buffer(access.buffer), offset);
}

llvm::Value* Emitter::Load(llvm::Value* address, const Dim& stride, llvm::Value* mask) {
  const llvm::Align align(4);
  if (stride.Is(0)) return Splat(ir_.CreateAlignedLoad(ir_.getFloatTy(), address, align));
  if (stride.Is(1)) {
    if (mask == nullptr) return ir_.CreateAlignedLoad(vector_, address, align);
    return ir_.CreateMaskedLoad(vector_, address, align, mask, llvm::Constant::getNullValue(vector_));
  }
  llvm::Value* steps = ir_.CreateVectorSplat(static_cast<unsigned>(lanes()), Size(stride));
  llvm::Value* addresses = ir_.CreateGEP(ir_.getFloatTy(), address, ir_.CreateMul(LaneNumbers(), steps));
  if (mask == nullptr) {
    mask = llvm::ConstantInt::getTrue(llvm::VectorType::get(ir_.getInt1Ty(), vector_->getElementCount()));
  }
  return ir_.CreateMaskedGather(vector_, addresses, align, mask, llvm::Constant::getNullValue(vector_));
}

void Emitter::Store(llvm::Value* value, llvm::Value* address, llvm::Value* mask) {
  const llvm::Align align(4);
  if (mask == nullptr) {
    ir_.CreateAlignedStore(value, address, align);
  } else {
    ir_.CreateMaskedStore(value, address, align, mask);
  }
}

llvm::Value* Emitter::Splat(llvm::Value* scalar) {
  return ir_.CreateVectorSplat(static_cast<unsigned>(lanes()), scalar);
}

llvm::Value* Emitter::Splat(double value) { return llvm::ConstantFP::get(vector_, value); }

llvm::Value* Emitter::LaneNumbers() {
  std::vector<llvm::Constant*> numbers;
  for (int lane = 0; lane < lanes(); ++lane) numbers.push_back(ir_.getInt64(static_cast<uint64_t>(lane)));
  return llvm::ConstantVector::get(numbers);
}

llvm::Value* Emitter::Mask(llvm::Value* count) {
  if (IsConstant(count, lanes())) return nullptr;
  // Compared as 32-bit lanes, the width of the data.
  std::vector<llvm::Constant*> numbers;
  for (int lane = 0; lane < lanes(); ++lane) numbers.push_back(ir_.getInt32(static_cast<uint32_t>(lane)));
  llvm::Value* limit = ir_.CreateVectorSplat(static_cast<unsigned>(lanes()), ir_.CreateTrunc(count, ir_.getInt32Ty()));
  return ir_.CreateICmpULT(llvm::ConstantVector::get(numbers), limit);
}

// ---- Reductions ----

llvm::Value* Combine(Emitter& emitter, core::Reduce::Kind kind, llvm::Value* a, llvm::Value* b) {
  llvm::IRBuilder<>& ir = emitter.ir();
  switch (kind) {
    case core::Reduce::Kind::Sum:
    case core::Reduce::Kind::Mean: return ir.CreateFAdd(a, b);
    case core::Reduce::Kind::Product: return ir.CreateFMul(a, b);
    case core::Reduce::Kind::Max:
    case core::Reduce::Kind::Min: {
      // x86's max gives its second operand where either is NaN; a NaN in the first one is put back.
      llvm::Value* better = kind == core::Reduce::Kind::Max ? ir.CreateFCmpOGT(a, b) : ir.CreateFCmpOLT(a, b);
      llvm::Value* chosen = ir.CreateSelect(better, a, b);
      return ir.CreateSelect(ir.CreateFCmpUNO(a, a), a, chosen);
    }
    case core::Reduce::Kind::ArgMax:
    case core::Reduce::Kind::ArgMin: break;
  }
  STRATA_CHECK(false);
}

llvm::Value* Identity(Emitter& emitter, core::Reduce::Kind kind) {
  switch (kind) {
    case core::Reduce::Kind::Sum:
    case core::Reduce::Kind::Mean: return emitter.Splat(0.0);
    case core::Reduce::Kind::Product: return emitter.Splat(1.0);
    case core::Reduce::Kind::Max: return llvm::ConstantFP::getInfinity(emitter.VectorType(), /*Negative=*/true);
    case core::Reduce::Kind::Min: return llvm::ConstantFP::getInfinity(emitter.VectorType(), /*Negative=*/false);
    case core::Reduce::Kind::ArgMax:
    case core::Reduce::Kind::ArgMin: break;
  }
  STRATA_CHECK(false);
}

llvm::Value* AcrossLanes(Emitter& emitter, core::Reduce::Kind kind, llvm::Value* vector) {
  llvm::IRBuilder<>& ir = emitter.ir();
  // Each round combines every lane with the one `distance` away.
  for (int distance = emitter.lanes() / 2; distance > 0; distance /= 2) {
    std::vector<int> other;
    for (int lane = 0; lane < emitter.lanes(); ++lane) other.push_back(lane ^ distance);
    vector = Combine(emitter, kind, vector, ir.CreateShuffleVector(vector, other));
  }
  return vector;
}

// ---- Columns ----

void EmitColumnTile(Emitter& emitter, const Dim& columns, int64_t rows, int64_t last_rows, llvm::Value* tile,
                    const std::function<void(int64_t, llvm::Value*)>& body) {
  llvm::IRBuilder<>& ir = emitter.ir();
  llvm::Value* first = emitter.Multiply(tile, emitter.Int(rows));
  if (const std::optional<int64_t> count = columns.Constant()) {
    if (rows == last_rows) return body(rows, first);
    emitter.If(
        ir.CreateICmpSLT(tile, emitter.Int((*count - 1) / rows)), [&] { body(rows, first); },
        [&] { body(last_rows, first); });
    return;
  }
  llvm::Value* left = ir.CreateSub(emitter.Size(columns), first);
  emitter.If(
      ir.CreateICmpSGE(left, emitter.Int(rows)), [&] { body(rows, first); },
      [&] {
        for (int64_t part : {8, 4, 2, 1}) {
          if (part >= rows) continue;
          // Everything of a larger part's size has been done: what is left of it stands in the bits above.
          llvm::Value* larger = ir.CreateAnd(left, emitter.Int(-2 * part));
          if (2 * part >= rows) larger = emitter.Int(0);
          emitter.If(ir.CreateICmpNE(ir.CreateAnd(left, emitter.Int(part)), emitter.Int(0)),
                     [&] { body(part, emitter.Add(first, larger)); });
        }
      });
}

}  // namespace strata::codegen
