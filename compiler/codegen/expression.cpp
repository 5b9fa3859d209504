// Elementwise expressions over vectors.
#include "compiler/codegen/emitter.h"
#include "compiler/codegen/math.h"
#include "compiler/source/check.h"

namespace strata::codegen {

namespace {

using Function = core::Map::Function;

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

}  // namespace

llvm::Value* EmitExpression(Emitter& emitter, const std::vector<core::Map::Node>& nodes,
                            const std::function<llvm::Value*(int operand)>& operand,
                            const std::function<llvm::Value*(int axis)>& index) {
  llvm::IRBuilder<>& ir = emitter.ir();
  Values values;
  const auto one_or_zero = [&](llvm::Value* condition) {
    return ir.CreateSelect(condition, emitter.Splat(1.0), emitter.Splat(0.0));
  };
  for (const core::Map::Node& node : nodes) {
    const auto arg = [&](size_t k) { return values[static_cast<size_t>(node.args[k])]; };
    const auto emit = [&]() -> llvm::Value* {
      switch (node.function) {
        case Function::Operand: return operand(node.index);
        case Function::Constant: return emitter.Splat(node.value);
        case Function::Index: return index(node.index);
        case Function::Add: return ir.CreateFAdd(arg(0), arg(1));
        case Function::Subtract: return ir.CreateFSub(arg(0), arg(1));
        case Function::Multiply: return ir.CreateFMul(arg(0), arg(1));
        case Function::Divide: return ir.CreateFDiv(arg(0), arg(1));
        case Function::Maximum: return Extreme(emitter, arg(0), arg(1), /*larger=*/true);
        case Function::Minimum: return Extreme(emitter, arg(0), arg(1), /*larger=*/false);
        case Function::Negate: return ir.CreateFNeg(arg(0));
        case Function::Abs: return ir.CreateUnaryIntrinsic(llvm::Intrinsic::fabs, arg(0));
        case Function::Exp: return EmitExp(emitter, arg(0));
        case Function::Expm1: return EmitExpm1(emitter, arg(0));
        case Function::Log: return EmitLog(emitter, arg(0));
        case Function::Log1p: return EmitLog1p(emitter, arg(0));
        case Function::Sqrt: return ir.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, arg(0));
        case Function::Rsqrt:
          return ir.CreateFDiv(emitter.Splat(1.0), ir.CreateUnaryIntrinsic(llvm::Intrinsic::sqrt, arg(0)));
        case Function::Tanh: return EmitTanh(emitter, arg(0));
        case Function::Sigmoid: return EmitSigmoid(emitter, arg(0));
        case Function::Erf: return EmitErf(emitter, arg(0));
        case Function::Floor: return ir.CreateUnaryIntrinsic(llvm::Intrinsic::floor, arg(0));
        case Function::Less: return one_or_zero(ir.CreateFCmpOLT(arg(0), arg(1)));
        case Function::LessEqual: return one_or_zero(ir.CreateFCmpOLE(arg(0), arg(1)));
        case Function::Equal: return one_or_zero(ir.CreateFCmpOEQ(arg(0), arg(1)));
        case Function::Select: return ir.CreateSelect(ir.CreateFCmpUNE(arg(0), emitter.Splat(0.0)), arg(1), arg(2));
        case Function::Size:
        case Function::FloorDivide:
        case Function::Modulo:
        case Function::Power:
        case Function::Sin:
        case Function::Cos:
        case Function::Ceil:
        case Function::Round:
        case Function::NotEqual:
        case Function::Cast:
        case Function::And:
        case Function::Or:
        case Function::Not: STRATA_CHECK(false && "not built");
      }
      STRATA_CHECK(false);
    };
    values.push_back(emit());
  }
  return values.back();
}

llvm::Value* EmitEpilogue(Emitter& emitter, const Epilogue& epilogue, llvm::Value* result, const Values& index,
                          llvm::Value* mask) {
  const auto operand = [&](int number) {
    if (number == 0) return result;
    const Access& access = epilogue.reads[static_cast<size_t>(number - 1)];
    return emitter.Load(emitter.Address(access, index), access.strides[index.size() - 1], mask);
  };
  const auto position = [&](int axis) -> llvm::Value* {
    llvm::Value* first = index[static_cast<size_t>(axis)];
    llvm::Value* lane = emitter.ir().CreateVectorSplat(static_cast<unsigned>(emitter.lanes()), first);
    if (static_cast<size_t>(axis) + 1 == index.size()) lane = emitter.ir().CreateAdd(lane, emitter.LaneNumbers());
    return emitter.ir().CreateSIToFP(lane, emitter.VectorType());
  };
  return EmitExpression(emitter, epilogue.nodes, operand, position);
}

}  // namespace strata::codegen
