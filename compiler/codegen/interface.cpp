#include "compiler/codegen/interface.h"

#include <optional>
#include <string_view>
#include <utility>

#include "compiler/source/check.h"
#include "runtime/strata.h"

namespace strata::codegen {

// ---- Sizes ----

namespace {

// A Dim's value, with the sums and products that `add` and `multiply` make.
template <typename Add, typename Multiply>
llvm::Value* EmitDim(llvm::IRBuilder<>& ir, const SymbolValues& symbols, const Dim& dim, const Add& add,
                     const Multiply& multiply) {
  STRATA_CHECK(dim.IsKnown());
  const auto emit = [&](const Dim& inner) { return EmitDim(ir, symbols, inner, add, multiply); };
  llvm::Value* sum = nullptr;
  for (const Dim::Term& term : dim.Terms()) {
    llvm::Value* product = ir.getInt64(static_cast<uint64_t>(term.coefficient));
    for (const auto& factor : term.factors) {
      llvm::Value* value = nullptr;
      switch (factor->form) {
        case Dim::Atom::Form::Symbol: value = symbols.at(factor->symbol); break;
        case Dim::Atom::Form::FloorDivide: {
          // LLVM rounds towards 0, a Dim towards minus infinity.
          llvm::Value* left = emit(factor->left);
          llvm::Value* right = emit(factor->right);
          llvm::Value* rest = ir.CreateSRem(left, right);
          llvm::Value* odd = ir.CreateAnd(ir.CreateICmpNE(rest, ir.getInt64(0)),
                                          ir.CreateICmpSLT(ir.CreateXor(rest, right), ir.getInt64(0)));
          value = ir.CreateSub(ir.CreateSDiv(left, right), ir.CreateZExt(odd, ir.getInt64Ty()));
          break;
        }
        case Dim::Atom::Form::Max:
          value = ir.CreateBinaryIntrinsic(llvm::Intrinsic::smax, emit(factor->left), emit(factor->right));
          break;
      }
      product = multiply(product, value);
    }
    sum = sum == nullptr ? product : add(sum, product);
  }
  return sum == nullptr ? ir.getInt64(0) : sum;
}

bool IsOne(llvm::Value* value) {
  auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value);
  return constant != nullptr && constant->isOne();
}

}  // namespace

llvm::Value* PlainSize(llvm::IRBuilder<>& ir, const SymbolValues& symbols, const Dim& dim) {
  return EmitDim(
      ir, symbols, dim, [&](llvm::Value* a, llvm::Value* b) { return ir.CreateNSWAdd(a, b); },
      [&](llvm::Value* a, llvm::Value* b) { return IsOne(a) ? b : ir.CreateNSWMul(a, b); });
}

llvm::Value* CheckedSizes::Checked(llvm::Intrinsic::ID operation, llvm::Value* a, llvm::Value* b) {
  llvm::Value* pair = ir_.CreateBinaryIntrinsic(operation, a, b);
  Require(ir_.CreateNot(ir_.CreateExtractValue(pair, 1)));
  return ir_.CreateExtractValue(pair, 0);
}

void CheckedSizes::Require(llvm::Value* condition) { good_ = ir_.CreateAnd(good_, condition); }

llvm::Value* CheckedSizes::Emit(const Dim& dim) {
  return EmitDim(
      ir_, symbols_, dim,
      [&](llvm::Value* a, llvm::Value* b) { return Checked(llvm::Intrinsic::sadd_with_overflow, a, b); },
      [&](llvm::Value* a, llvm::Value* b) {
        return IsOne(a) ? b : Checked(llvm::Intrinsic::smul_with_overflow, a, b);
      });
}

// ---- Floating-point mode ----

FloatMode::FloatMode(llvm::IRBuilder<>& ir)
    : before_(ir.CreateAlloca(ir.getInt32Ty(), nullptr, "mxcsr.before")),
      mode_(ir.CreateAlloca(ir.getInt32Ty(), nullptr, "mxcsr")) {}

void FloatMode::Set(llvm::IRBuilder<>& ir) {
  ir.CreateIntrinsic(llvm::Intrinsic::x86_sse_stmxcsr, {}, {before_});
  // All exceptions masked (0x1F80), flush to zero (0x8000), denormals are zero (0x0040).
  ir.CreateStore(ir.getInt32(0x9FC0), mode_);
  ir.CreateIntrinsic(llvm::Intrinsic::x86_sse_ldmxcsr, {}, {mode_});
}

void FloatMode::Restore(llvm::IRBuilder<>& ir) { ir.CreateIntrinsic(llvm::Intrinsic::x86_sse_ldmxcsr, {}, {before_}); }

// ---- Processor ----

llvm::Function* EmitCpuCheck(llvm::Module& module, const std::string& name, const Target& target) {
  llvm::IRBuilder<> ir(module.getContext());
  enum : uint32_t { kUnknown, kSupported, kUnsupported };
  auto* word = new llvm::GlobalVariable(module, ir.getInt32Ty(), /*isConstant=*/false,
                                        llvm::GlobalValue::InternalLinkage, ir.getInt32(kUnknown), name + ".cpu_level");
  auto* function = llvm::Function::Create(llvm::FunctionType::get(ir.getInt1Ty(), false),
                                          llvm::GlobalValue::InternalLinkage, name + ".cpu", module);
  auto* start = llvm::BasicBlock::Create(ir.getContext(), "", function);
  auto* ask = llvm::BasicBlock::Create(ir.getContext(), "ask", function);
  auto* extended = llvm::BasicBlock::Create(ir.getContext(), "extended", function);
  auto* keep = llvm::BasicBlock::Create(ir.getContext(), "keep", function);
  auto* known = llvm::BasicBlock::Create(ir.getContext(), "known", function);

  ir.SetInsertPoint(start);
  llvm::LoadInst* level = ir.CreateLoad(ir.getInt32Ty(), word);
  level->setAtomic(llvm::AtomicOrdering::Monotonic);
  ir.CreateCondBr(ir.CreateICmpEQ(level, ir.getInt32(kUnknown)), ask, known);

  // Two threads may both ask; they find the same.
  ir.SetInsertPoint(ask);
  auto* four = llvm::StructType::get(ir.getInt32Ty(), ir.getInt32Ty(), ir.getInt32Ty(), ir.getInt32Ty());
  auto* cpuid_type = llvm::FunctionType::get(four, {ir.getInt32Ty(), ir.getInt32Ty()}, false);
  auto* cpuid =
      llvm::InlineAsm::get(cpuid_type, "cpuid", "={ax},={bx},={cx},={dx},{ax},{cx},~{dirflag},~{fpsr},~{flags}",
                           /*hasSideEffects=*/false);
  const auto has_all = [&](llvm::Value* bits, unsigned needed) {
    return ir.CreateICmpEQ(ir.CreateAnd(bits, ir.getInt32(needed)), ir.getInt32(needed));
  };
  llvm::Value* last_leaf = ir.CreateExtractValue(ir.CreateCall(cpuid_type, cpuid, {ir.getInt32(0), ir.getInt32(0)}), 0);
  llvm::Value* leaf1 = ir.CreateExtractValue(ir.CreateCall(cpuid_type, cpuid, {ir.getInt32(1), ir.getInt32(0)}), 2);
  // Bit 27 says that XGETBV may be used.
  llvm::Value* may_go_on =
      ir.CreateAnd(ir.CreateICmpUGE(last_leaf, ir.getInt32(7)), has_all(leaf1, target.cpuid1_ecx | (1U << 27)));
  ir.CreateCondBr(may_go_on, extended, keep);

  ir.SetInsertPoint(extended);
  llvm::Value* leaf7 = ir.CreateExtractValue(ir.CreateCall(cpuid_type, cpuid, {ir.getInt32(7), ir.getInt32(0)}), 1);
  auto* two = llvm::StructType::get(ir.getInt32Ty(), ir.getInt32Ty());
  auto* xgetbv_type = llvm::FunctionType::get(two, {ir.getInt32Ty()}, false);
  auto* xgetbv = llvm::InlineAsm::get(xgetbv_type, "xgetbv", "={ax},={dx},{cx},~{dirflag},~{fpsr},~{flags}",
                                      /*hasSideEffects=*/false);
  llvm::Value* xcr0 = ir.CreateExtractValue(ir.CreateCall(xgetbv_type, xgetbv, {ir.getInt32(0)}), 0);
  llvm::Value* supported = ir.CreateAnd(has_all(leaf7, target.cpuid7_ebx), has_all(xcr0, target.xcr0));
  ir.CreateBr(keep);

  ir.SetInsertPoint(keep);
  llvm::PHINode* answer = ir.CreatePHI(ir.getInt1Ty(), 2);
  answer->addIncoming(ir.getFalse(), ask);
  answer->addIncoming(supported, extended);
  llvm::Value* found = ir.CreateSelect(answer, ir.getInt32(kSupported), ir.getInt32(kUnsupported));
  ir.CreateStore(found, word)->setAtomic(llvm::AtomicOrdering::Monotonic);
  ir.CreateBr(known);

  ir.SetInsertPoint(known);
  llvm::PHINode* result = ir.CreatePHI(ir.getInt32Ty(), 2);
  result->addIncoming(level, start);
  result->addIncoming(found, keep);
  ir.CreateRet(ir.CreateICmpEQ(result, ir.getInt32(kSupported)));
  return function;
}

// ---- Descriptor ----

namespace {

class DescriptorEmitter {
 public:
  DescriptorEmitter(llvm::Module& module, const Schedule& schedule, const Interface& interface)
      : module_(module), schedule_(schedule), interface_(interface), ir_(module.getContext()) {}

  void Emit(llvm::Function& workspace_size, llvm::Function& run, bool executable) {
    llvm::Function* error_text = EmitErrorText();
    std::vector<llvm::Constant*> symbols;
    for (const std::string& symbol : schedule_.symbols) symbols.push_back(Text(symbol));
    std::vector<llvm::Constant*> fields = {
        ir_.getInt32(STRATA_ABI_VERSION),
        ir_.getInt32(64),
        Text(interface_.name),
        Text(interface_.doc),
        Text(interface_.source),
        Text(schedule_.target->name),
        Count(schedule_.symbols.size()),
        Count(interface_.inputs.size()),
        Count(interface_.outputs.size()),
        Array(Pointer(), symbols),
        Tensors(interface_.inputs),
        Tensors(interface_.outputs),
        EmitSizes(),
        EmitArrayWorkspaceSize(workspace_size),
        EmitArrayRun(run),
        error_text,
    };
    auto* value = llvm::ConstantStruct::getAnon(fields);
    auto* model = new llvm::GlobalVariable(module_, value->getType(), /*isConstant=*/true,
                                           llvm::GlobalValue::ExternalLinkage, value, interface_.name + "_model");
    if (executable) {
      new llvm::GlobalVariable(module_, Pointer(), /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage, model,
                               "strata_executable_model");
    }
  }

 private:
  llvm::Type* Pointer() { return ir_.getPtrTy(); }
  llvm::Constant* Count(size_t count) { return ir_.getInt32(static_cast<uint32_t>(count)); }

  llvm::Constant* Text(std::string_view text) {
    return Private(llvm::ConstantDataArray::getString(ir_.getContext(), text));
  }

  llvm::Constant* Private(llvm::Constant* value) {
    auto* global = new llvm::GlobalVariable(module_, value->getType(), /*isConstant=*/true,
                                            llvm::GlobalValue::PrivateLinkage, value);
    global->setUnnamedAddr(llvm::GlobalValue::UnnamedAddr::Global);
    return global;
  }

  // A private array, or NULL where there is no element.
  llvm::Constant* Array(llvm::Type* element, const std::vector<llvm::Constant*>& values) {
    if (values.empty()) return llvm::ConstantPointerNull::get(ir_.getPtrTy());
    return Private(llvm::ConstantArray::get(llvm::ArrayType::get(element, values.size()), values));
  }

  // strata_axis
  llvm::Constant* Axis(const strata::Axis& axis) {
    const std::optional<int64_t> constant = axis.size.Constant();
    int32_t symbol = constant ? STRATA_FIXED : STRATA_COMPUTED;
    if (const auto name = axis.size.AsSymbol()) {
      for (size_t k = 0; k < schedule_.symbols.size(); ++k) {
        if (schedule_.symbols[k] == *name) symbol = static_cast<int32_t>(k);
      }
    }
    return llvm::ConstantStruct::getAnon({Text(axis.name), Text(axis.size.ToString()),
                                          ir_.getInt64(static_cast<uint64_t>(constant.value_or(0))),
                                          ir_.getInt32(static_cast<uint32_t>(symbol))});
  }

  // strata_tensor[]
  llvm::Constant* Tensors(const std::vector<Interface::Tensor>& tensors) {
    std::vector<llvm::Constant*> values;
    for (const Interface::Tensor& tensor : tensors) {
      std::vector<llvm::Constant*> axes;
      for (const strata::Axis& axis : tensor.type.shape) axes.push_back(Axis(axis));
      llvm::Constant* first =
          axes.empty() ? llvm::ConstantPointerNull::get(ir_.getPtrTy()) : Array(axes[0]->getType(), axes);
      values.push_back(llvm::ConstantStruct::getAnon(
          {Text(tensor.name), first, Count(axes.size()), ir_.getInt32(static_cast<uint32_t>(tensor.type.dtype))}));
    }
    return Array(values.empty() ? Pointer() : values[0]->getType(), values);
  }

  llvm::Function* NewFunction(const std::string& name, llvm::Type* result, std::vector<llvm::Type*> parameters,
                              llvm::GlobalValue::LinkageTypes linkage) {
    auto* function = llvm::Function::Create(llvm::FunctionType::get(result, parameters, false), linkage,
                                            interface_.name + name, module_);
    ir_.SetInsertPoint(llvm::BasicBlock::Create(ir_.getContext(), "", function));
    return function;
  }

  llvm::Value* Element(llvm::Type* type, llvm::Value* array, size_t k) {
    return ir_.CreateLoad(type, ir_.CreateConstInBoundsGEP1_64(type, array, k));
  }

  // The functions of the descriptor take symbols and arrays as arrays.
  std::vector<llvm::Value*> LoadSymbols(llvm::Value* array) {
    std::vector<llvm::Value*> values;
    for (size_t k = 0; k < schedule_.symbols.size(); ++k) values.push_back(Element(ir_.getInt64Ty(), array, k));
    return values;
  }

  llvm::Function* EmitSizes() {
    llvm::Function* function =
        NewFunction(".sizes", ir_.getInt32Ty(), {Pointer(), Pointer()}, llvm::GlobalValue::InternalLinkage);
    SymbolValues symbols;
    const std::vector<llvm::Value*> values = LoadSymbols(function->getArg(0));
    for (size_t k = 0; k < values.size(); ++k) symbols[schedule_.symbols[k]] = values[k];
    CheckedSizes sizes(ir_, symbols);
    for (llvm::Value* value : values) sizes.Require(ir_.CreateICmpSGE(value, ir_.getInt64(0)));
    size_t position = 0;
    for (const auto* tensors : {&interface_.inputs, &interface_.outputs}) {
      for (const Interface::Tensor& tensor : *tensors) {
        for (const strata::Axis& axis : tensor.type.shape) {
          ir_.CreateStore(sizes.Emit(axis.size),
                          ir_.CreateConstInBoundsGEP1_64(ir_.getInt64Ty(), function->getArg(1), position++));
        }
      }
    }
    ir_.CreateRet(ir_.CreateSelect(sizes.Good(), ir_.getInt32(STRATA_OK), ir_.getInt32(STRATA_BAD_SIZE)));
    return function;
  }

  llvm::Function* EmitArrayWorkspaceSize(llvm::Function& workspace_size) {
    llvm::Function* function =
        NewFunction(".workspace_size", ir_.getInt64Ty(), {Pointer()}, llvm::GlobalValue::InternalLinkage);
    ir_.CreateRet(ir_.CreateCall(&workspace_size, LoadSymbols(function->getArg(0))));
    return function;
  }

  llvm::Function* EmitArrayRun(llvm::Function& run) {
    llvm::Function* function =
        NewFunction(".run", ir_.getInt32Ty(), {Pointer(), Pointer(), Pointer(), Pointer(), Pointer()},
                    llvm::GlobalValue::InternalLinkage);
    std::vector<llvm::Value*> arguments = LoadSymbols(function->getArg(0));
    for (size_t k = 0; k < interface_.inputs.size(); ++k) {
      arguments.push_back(Element(Pointer(), function->getArg(1), k));
    }
    for (size_t k = 0; k < interface_.outputs.size(); ++k) {
      arguments.push_back(Element(Pointer(), function->getArg(2), k));
    }
    arguments.push_back(function->getArg(3));
    arguments.push_back(function->getArg(4));
    ir_.CreateRet(ir_.CreateCall(&run, arguments));
    return function;
  }

  llvm::Function* EmitErrorText() {
    const std::string unsupported = "this processor lacks the instructions (" + std::string(schedule_.target->name) +
                                    ") that the model was compiled for";
    const std::vector<std::pair<int32_t, std::string>> texts = {
        {STRATA_OK, "no error"},
        {STRATA_NULL_POINTER, "an array or the workspace is NULL"},
        {STRATA_BAD_SIZE, "a size is negative or too large"},
        {STRATA_MISALIGNED, "the workspace is not aligned to 64 bytes"},
        {STRATA_UNSUPPORTED_CPU, unsupported},
    };
    llvm::Function* function =
        NewFunction("_error_text", ir_.getInt64Ty(), {ir_.getInt32Ty(), Pointer(), ir_.getInt64Ty()},
                    llvm::GlobalValue::ExternalLinkage);
    llvm::Value* text = Text("unknown error code");
    llvm::Value* length = ir_.getInt64(18);
    for (const auto& [code, words] : texts) {
      llvm::Value* is_it = ir_.CreateICmpEQ(function->getArg(0), ir_.getInt32(static_cast<uint32_t>(code)));
      text = ir_.CreateSelect(is_it, Text(words), text);
      length = ir_.CreateSelect(is_it, ir_.getInt64(words.size()), length);
    }
    auto* copy = llvm::BasicBlock::Create(ir_.getContext(), "copy", function);
    auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
    llvm::Value* room = function->getArg(2);
    ir_.CreateCondBr(ir_.CreateICmpSGT(room, ir_.getInt64(0)), copy, done);
    ir_.SetInsertPoint(copy);
    llvm::Value* count = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, length, ir_.CreateSub(room, ir_.getInt64(1)));
    llvm::Value* buffer = function->getArg(1);
    ir_.CreateMemCpy(buffer, llvm::MaybeAlign(1), text, llvm::MaybeAlign(1), count);
    ir_.CreateStore(ir_.getInt8(0), ir_.CreateInBoundsGEP(ir_.getInt8Ty(), buffer, count));
    ir_.CreateBr(done);
    ir_.SetInsertPoint(done);
    ir_.CreateRet(length);
    return function;
  }

  llvm::Module& module_;
  const Schedule& schedule_;
  const Interface& interface_;
  llvm::IRBuilder<> ir_;
};

}  // namespace

void EmitDescriptor(llvm::Module& module, const Schedule& schedule, const Interface& interface,
                    llvm::Function& workspace_size, llvm::Function& run, bool executable) {
  DescriptorEmitter(module, schedule, interface).Emit(workspace_size, run, executable);
}

}  // namespace strata::codegen
