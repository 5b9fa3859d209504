// Elementwise expressions over vectors.
#include "compiler/codegen/emitter.h"
#include "compiler/codegen/math.h"
#include "compiler/source/check.h"

namespace strata::codegen {

namespace {

using Function = core::Map::Function;

bool IsUnsigned(DType dtype) { return dtype == DType::U8 || dtype == DType::Bool; }

// The larger or smaller of two lanes; NaN where either is. x86's instruction gives its second operand where one is NaN,
// so with a constant, which is none, in front one instruction does.
llvm::Value* Extreme(Emitter& emitter, llvm::Value* a, llvm::Value* b, bool larger) {
  llvm::IRBuilder<>& ir = emitter.ir();
  if (llvm::isa<llvm::Constant>(b)) std::swap(a, b);
  llvm::Value* better = larger ? ir.CreateFCmpOGT(a, b) : ir.CreateFCmpOLT(a, b);
  llvm::Value* chosen = ir.CreateSelect(better, a, b);
  if (llvm::isa<llvm::Constant>(a)) return chosen;
  return ir.CreateSelect(ir.CreateFCmpUNO(a, a), a, chosen);
}

class ExpressionEmitter {
 public:
  ExpressionEmitter(Emitter& emitter, const std::vector<core::Map::Node>& nodes,
                    const std::function<llvm::Value*(int)>& operand, const std::function<llvm::Value*(int)>& index)
      : emitter_(emitter), ir_(emitter.ir()), nodes_(nodes), operand_(operand), index_(index) {}

  llvm::Value* Emit() {
    for (const core::Map::Node& node : nodes_) values_.push_back(emitter_.Round(TypeToRound(node), EmitNode(node)));
    return values_.back();
  }

 private:
  // Constants and what comes from memory are rounded already, and a choice between rounded ones is.
  static DType TypeToRound(const core::Map::Node& node) {
    switch (node.function) {
      case Function::Operand:
      case Function::Constant:
      case Function::Maximum:
      case Function::Minimum:
      case Function::Negate:
      case Function::Abs:
      case Function::Select: return DType::F32;
      default: return node.type;
    }
  }

  llvm::Value* Arg(const core::Map::Node& node, size_t k) const { return values_[static_cast<size_t>(node.args[k])]; }
  DType TypeOfArg(const core::Map::Node& node, size_t k) const {
    return nodes_[static_cast<size_t>(node.args[k])].type;
  }

  llvm::Value* EmitNode(const core::Map::Node& node) {
    switch (node.function) {
      case Function::Operand: return operand_(node.index);
      case Function::Constant: return emitter_.Splat(node.type, node.value, static_cast<int64_t>(node.value));
      case Function::Index: return EmitCast(emitter_, index_(node.index), DType::I64, node.type);
      case Function::Size: return EmitCast(emitter_, emitter_.Splat(emitter_.Size(node.size)), DType::I64, node.type);
      case Function::Cast: return EmitCast(emitter_, Arg(node, 0), TypeOfArg(node, 0), node.type);
      case Function::Select: return ir_.CreateSelect(Arg(node, 0), Arg(node, 1), Arg(node, 2));
      case Function::And: return ir_.CreateAnd(Arg(node, 0), Arg(node, 1));
      case Function::Or: return ir_.CreateOr(Arg(node, 0), Arg(node, 1));
      case Function::Not: return ir_.CreateNot(Arg(node, 0));
      default: break;
    }
    const DType type = TypeOfArg(node, 0);
    if (IsFloat(type)) return EmitFloat(node);
    return EmitInteger(node, type);
  }

  llvm::Value* EmitFloat(const core::Map::Node& node) {
    const auto arg = [&](size_t k) { return Arg(node, k); };
    switch (node.function) {
      case Function::Add: return ir_.CreateFAdd(arg(0), arg(1));
      case Function::Subtract: return ir_.CreateFSub(arg(0), arg(1));
      case Function::Multiply: return ir_.CreateFMul(arg(0), arg(1));
      case Function::Divide: return ir_.CreateFDiv(arg(0), arg(1));
      case Function::FloorDivide: return EmitFloorDivide(emitter_, arg(0), arg(1));
      case Function::Modulo: return EmitModulo(emitter_, arg(0), arg(1));
      case Function::Power: return EmitPower(emitter_, arg(0), arg(1));
      case Function::Maximum: return Extreme(emitter_, arg(0), arg(1), /*larger=*/true);
      case Function::Minimum: return Extreme(emitter_, arg(0), arg(1), /*larger=*/false);
      case Function::Negate: return ir_.CreateFNeg(arg(0));
      case Function::Abs: return ir_.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, arg(0));
      case Function::Exp: return EmitExp(emitter_, arg(0));
      case Function::Expm1: return EmitExpm1(emitter_, arg(0));
      case Function::Log: return EmitLog(emitter_, arg(0));
      case Function::Log1p: return EmitLog1p(emitter_, arg(0));
      case Function::Sqrt: return ir_.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, arg(0));
      case Function::Rsqrt:
        return ir_.CreateFDiv(emitter_.Splat(1.0), ir_.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, arg(0)));
      case Function::Tanh: return EmitTanh(emitter_, arg(0));
      case Function::Sigmoid: return EmitSigmoid(emitter_, arg(0));
      case Function::Erf: return EmitErf(emitter_, arg(0));
      case Function::Sin: return EmitSin(emitter_, arg(0));
      case Function::Cos: return EmitCos(emitter_, arg(0));
      case Function::Floor: return ir_.CreateUnaryIntrinsic(llvm::Intrinsic::floor, arg(0));
      case Function::Ceil: return ir_.CreateUnaryIntrinsic(llvm::Intrinsic::ceil, arg(0));
      case Function::Round: return ir_.CreateUnaryIntrinsic(llvm::Intrinsic::roundeven, arg(0));
      case Function::Less: return ir_.CreateFCmpOLT(arg(0), arg(1));
      case Function::LessEqual: return ir_.CreateFCmpOLE(arg(0), arg(1));
      case Function::Equal: return ir_.CreateFCmpOEQ(arg(0), arg(1));
      case Function::NotEqual: return ir_.CreateFCmpUNE(arg(0), arg(1));
      default: STRATA_CHECK(false && "a function of floats");
    }
  }

  llvm::Value* EmitInteger(const core::Map::Node& node, DType type) {
    const auto arg = [&](size_t k) { return Arg(node, k); };
    const auto compare = [&](llvm::CmpInst::Predicate for_signed, llvm::CmpInst::Predicate for_unsigned) {
      return ir_.CreateICmp(IsUnsigned(type) ? for_unsigned : for_signed, arg(0), arg(1));
    };
    using enum llvm::CmpInst::Predicate;
    switch (node.function) {
      case Function::Add: return ir_.CreateAdd(arg(0), arg(1));
      case Function::Subtract: return ir_.CreateSub(arg(0), arg(1));
      case Function::Multiply: return ir_.CreateMul(arg(0), arg(1));
      case Function::FloorDivide: return Divide(arg(0), arg(1), type).quotient;
      case Function::Modulo: return Divide(arg(0), arg(1), type).rest;
      case Function::Power: return Power(arg(0), arg(1), type);
      case Function::Maximum: return ir_.CreateSelect(compare(ICMP_SGT, ICMP_UGT), arg(0), arg(1));
      case Function::Minimum: return ir_.CreateSelect(compare(ICMP_SLT, ICMP_ULT), arg(0), arg(1));
      case Function::Negate: return ir_.CreateNeg(arg(0));
      case Function::Abs: {
        if (IsUnsigned(type)) return arg(0);
        llvm::Value* zero = llvm::Constant::getNullValue(arg(0)->getType());
        return ir_.CreateSelect(ir_.CreateICmpSLT(arg(0), zero), ir_.CreateNeg(arg(0)), arg(0));
      }
      case Function::Less: return compare(ICMP_SLT, ICMP_ULT);
      case Function::LessEqual: return compare(ICMP_SLE, ICMP_ULE);
      case Function::Equal: return ir_.CreateICmpEQ(arg(0), arg(1));
      case Function::NotEqual: return ir_.CreateICmpNE(arg(0), arg(1));
      default: STRATA_CHECK(false && "a function of integers");
    }
  }

  struct Division {
    llvm::Value* quotient;
    llvm::Value* rest;
  };

  // Python's // and %; both are 0 where the divisor is. The processor must see neither a divisor of 0 nor the least number
  // divided by -1, whose quotient wraps.
  Division Divide(llvm::Value* a, llvm::Value* b, DType type) {
    llvm::Type* vector = a->getType();
    llvm::Constant* zero = llvm::Constant::getNullValue(vector);
    llvm::Constant* one = llvm::ConstantInt::get(vector, 1);
    llvm::Value* by_zero = ir_.CreateICmpEQ(b, zero);
    if (IsUnsigned(type)) {
      llvm::Value* divisor = ir_.CreateSelect(by_zero, one, b);
      return {ir_.CreateSelect(by_zero, zero, ir_.CreateUDiv(a, divisor)),
              ir_.CreateSelect(by_zero, zero, ir_.CreateURem(a, divisor))};
    }
    llvm::Value* by_minus_one = ir_.CreateICmpEQ(b, llvm::Constant::getAllOnesValue(vector));
    llvm::Value* divisor = ir_.CreateSelect(ir_.CreateOr(by_zero, by_minus_one), one, b);
    llvm::Value* quotient = ir_.CreateSDiv(a, divisor);
    llvm::Value* rest = ir_.CreateSub(a, ir_.CreateMul(quotient, divisor));
    // The processor rounds towards 0.
    llvm::Value* is_low =
        ir_.CreateAnd(ir_.CreateICmpNE(rest, zero), ir_.CreateICmpSLT(ir_.CreateXor(rest, divisor), zero));
    quotient = ir_.CreateSub(quotient, ir_.CreateZExt(is_low, vector));
    rest = ir_.CreateSelect(is_low, ir_.CreateAdd(rest, divisor), rest);
    quotient = ir_.CreateSelect(by_minus_one, ir_.CreateNeg(a), quotient);
    return {ir_.CreateSelect(by_zero, zero, quotient), ir_.CreateSelect(by_zero, zero, rest)};
  }

  // By squaring, once for each bit an exponent may have. A negative exponent is that of a fraction, which is cut: 0, but
  // for 1 and -1.
  llvm::Value* Power(llvm::Value* base, llvm::Value* exponent, DType type) {
    llvm::Type* vector = base->getType();
    llvm::Constant* zero = llvm::Constant::getNullValue(vector);
    llvm::Constant* one = llvm::ConstantInt::get(vector, 1);
    const unsigned bits = vector->getScalarSizeInBits();
    llvm::Value* result = one;
    llvm::Value* square = base;
    for (unsigned bit = 0; bit < bits; ++bit) {
      llvm::Value* is_set =
          ir_.CreateICmpNE(ir_.CreateAnd(exponent, llvm::ConstantInt::get(vector, uint64_t{1} << bit)), zero);
      result = ir_.CreateSelect(is_set, ir_.CreateMul(result, square), result);
      square = ir_.CreateMul(square, square);
    }
    if (IsUnsigned(type)) return result;
    llvm::Constant* minus_one = llvm::Constant::getAllOnesValue(vector);
    llvm::Value* is_odd = ir_.CreateICmpNE(ir_.CreateAnd(exponent, one), zero);
    llvm::Value* fraction = ir_.CreateSelect(ir_.CreateICmpEQ(base, one), one, zero);
    fraction = ir_.CreateSelect(ir_.CreateICmpEQ(base, minus_one), ir_.CreateSelect(is_odd, minus_one, one), fraction);
    return ir_.CreateSelect(ir_.CreateICmpSLT(exponent, zero), fraction, result);
  }

  Emitter& emitter_;
  llvm::IRBuilder<>& ir_;
  const std::vector<core::Map::Node>& nodes_;
  const std::function<llvm::Value*(int)>& operand_;
  const std::function<llvm::Value*(int)>& index_;
  Values values_;
};

}  // namespace

llvm::Value* EmitCast(Emitter& emitter, llvm::Value* value, DType from, DType to) {
  llvm::IRBuilder<>& ir = emitter.ir();
  if (from == to) return value;
  llvm::VectorType* type = emitter.VectorType(to);
  if (to == DType::Bool) {
    llvm::Constant* zero = llvm::Constant::getNullValue(value->getType());
    return IsFloat(from) ? ir.CreateFCmpUNE(value, zero) : ir.CreateICmpNE(value, zero);
  }
  if (IsFloat(from)) {
    if (IsFloat(to)) return emitter.Round(to, value);
    const auto saturating = to == DType::U8 ? llvm::Intrinsic::fptoui_sat : llvm::Intrinsic::fptosi_sat;
    return ir.CreateIntrinsic(saturating, {type, value->getType()}, {value});
  }
  if (IsFloat(to)) {
    return emitter.Round(to, IsUnsigned(from) ? ir.CreateUIToFP(value, type) : ir.CreateSIToFP(value, type));
  }
  return IsUnsigned(from) ? ir.CreateZExtOrTrunc(value, type) : ir.CreateSExtOrTrunc(value, type);
}

llvm::Value* EmitExpression(Emitter& emitter, const std::vector<core::Map::Node>& nodes,
                            const std::function<llvm::Value*(int operand)>& operand,
                            const std::function<llvm::Value*(int axis)>& index) {
  return ExpressionEmitter(emitter, nodes, operand, index).Emit();
}

llvm::Value* EmitEpilogue(Emitter& emitter, const Epilogue& epilogue, llvm::Value* result, const Values& index,
                          llvm::Value* mask) {
  const auto operand = [&](int number) {
    if (number == 0) return result;
    return emitter.Load(epilogue.reads[static_cast<size_t>(number - 1)], index, mask);
  };
  const auto position = [&](int axis) -> llvm::Value* {
    llvm::Value* lane = emitter.Splat(index[static_cast<size_t>(axis)]);
    if (static_cast<size_t>(axis) + 1 == index.size()) lane = emitter.ir().CreateAdd(lane, emitter.LaneNumbers());
    return lane;
  };
  return EmitExpression(emitter, epilogue.nodes, operand, position);
}

}  // namespace strata::codegen
