#include "compiler/codegen/interface.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "compiler/source/check.h"
#include "runtime/strata.h"

namespace strata::codegen {

// ---- Sizes ----

namespace {

// Rounds towards minus infinity, as a Dim's quotient does; LLVM's towards 0.
llvm::Value* EmitFloorDivide(llvm::IRBuilder<>& ir, llvm::Value* left, llvm::Value* right) {
  llvm::Value* rest = ir.CreateSRem(left, right);
  llvm::Value* odd =
      ir.CreateAnd(ir.CreateICmpNE(rest, ir.getInt64(0)), ir.CreateICmpSLT(ir.CreateXor(rest, right), ir.getInt64(0)));
  return ir.CreateSub(ir.CreateSDiv(left, right), ir.CreateZExt(odd, ir.getInt64Ty()));
}

// A Dim's value, with the sums, products and quotients that `arithmetic` makes.
template <typename Arithmetic>
llvm::Value* EmitDim(llvm::IRBuilder<>& ir, const SymbolValues& symbols, const Dim& dim, const Arithmetic& arithmetic) {
  STRATA_CHECK(dim.IsKnown());
  const auto emit = [&](const Dim& inner) { return EmitDim(ir, symbols, inner, arithmetic); };
  llvm::Value* sum = nullptr;
  for (const Dim::Term& term : dim.Terms()) {
    llvm::Value* product = ir.getInt64(static_cast<uint64_t>(term.coefficient));
    for (const auto& factor : term.factors) {
      llvm::Value* value = nullptr;
      switch (factor->form) {
        case Dim::Atom::Form::Symbol: value = symbols.at(factor->symbol); break;
        case Dim::Atom::Form::FloorDivide: value = arithmetic.Divide(emit(factor->left), emit(factor->right)); break;
        case Dim::Atom::Form::Max:
          value = ir.CreateBinaryIntrinsic(llvm::Intrinsic::smax, emit(factor->left), emit(factor->right));
          break;
      }
      auto* constant = llvm::dyn_cast<llvm::ConstantInt>(product);
      product = constant != nullptr && constant->isOne() ? value : arithmetic.Multiply(product, value);
    }
    sum = sum == nullptr ? product : arithmetic.Add(sum, product);
  }
  return sum == nullptr ? ir.getInt64(0) : sum;
}

struct PlainArithmetic {
  llvm::IRBuilder<>& ir;

  llvm::Value* Add(llvm::Value* a, llvm::Value* b) const { return ir.CreateNSWAdd(a, b); }
  llvm::Value* Multiply(llvm::Value* a, llvm::Value* b) const { return ir.CreateNSWMul(a, b); }
  llvm::Value* Divide(llvm::Value* a, llvm::Value* b) const { return EmitFloorDivide(ir, a, b); }
};

struct CheckedArithmetic {
  llvm::IRBuilder<>& ir;
  CheckedSizes& sizes;

  llvm::Value* Checked(llvm::Intrinsic::ID operation, llvm::Value* a, llvm::Value* b) const {
    llvm::Value* pair = ir.CreateBinaryIntrinsic(operation, a, b);
    sizes.Require(ir.CreateNot(ir.CreateExtractValue(pair, 1)));
    return ir.CreateExtractValue(pair, 0);
  }
  llvm::Value* Add(llvm::Value* a, llvm::Value* b) const { return Checked(llvm::Intrinsic::sadd_with_overflow, a, b); }
  llvm::Value* Multiply(llvm::Value* a, llvm::Value* b) const {
    return Checked(llvm::Intrinsic::smul_with_overflow, a, b);
  }
  // The processor must see neither a divisor of 0 nor the least number divided by -1.
  llvm::Value* Divide(llvm::Value* a, llvm::Value* b) const {
    llvm::Value* overflows = ir.CreateAnd(ir.CreateICmpEQ(a, ir.getInt64(uint64_t{1} << 63)),
                                          ir.CreateICmpEQ(b, ir.getInt64(static_cast<uint64_t>(-1))));
    llvm::Value* bad = ir.CreateOr(ir.CreateICmpEQ(b, ir.getInt64(0)), overflows);
    sizes.Require(ir.CreateNot(bad));
    return EmitFloorDivide(ir, a, ir.CreateSelect(bad, ir.getInt64(1), b));
  }
};

}  // namespace

llvm::Value* PlainSize(llvm::IRBuilder<>& ir, const SymbolValues& symbols, const Dim& dim) {
  return EmitDim(ir, symbols, dim, PlainArithmetic{ir});
}

void CheckedSizes::Require(llvm::Value* condition) { good_ = ir_.CreateAnd(good_, condition); }

llvm::Value* CheckedSizes::Emit(const Dim& dim) { return EmitDim(ir_, symbols_, dim, CheckedArithmetic{ir_, *this}); }

void CheckedSizes::Define(const std::string& symbol, llvm::Value* value) { symbols_[symbol] = value; }

int32_t FailureCode(const Schedule& schedule, int failure) {
  return STRATA_FIRST_GUARD + static_cast<int32_t>(schedule.guards.size()) + failure;
}

// Every size is computed whatever came before; the first thing that is wrong is what counts: a symbol, a guard, the rest.
llvm::Function* EmitSizeCheck(llvm::Module& module, const Schedule& schedule, const Interface& interface) {
  llvm::IRBuilder<> ir(module.getContext());
  std::vector<llvm::Type*> parameters(schedule.symbols.size(), ir.getInt64Ty());
  auto* function = llvm::Function::Create(llvm::FunctionType::get(ir.getInt32Ty(), parameters, false),
                                          llvm::GlobalValue::InternalLinkage, interface.name + ".check", module);
  ir.SetInsertPoint(llvm::BasicBlock::Create(ir.getContext(), "", function));
  SymbolValues symbols;
  llvm::Value* no_symbol_is_negative = ir.getTrue();
  for (size_t k = 0; k < schedule.symbols.size(); ++k) {
    llvm::Value* value = function->getArg(static_cast<unsigned>(k));
    symbols[schedule.symbols[k]] = value;
    no_symbol_is_negative = ir.CreateAnd(no_symbol_is_negative, ir.CreateICmpSGE(value, ir.getInt64(0)));
  }
  CheckedSizes sizes(ir, symbols);
  std::vector<llvm::Value*> holds;
  for (const core::Guard& guard : schedule.guards) {
    llvm::Value* value = sizes.Emit(guard.value);
    holds.push_back(guard.test == core::Guard::Test::Zero ? ir.CreateICmpEQ(value, ir.getInt64(0))
                                                          : ir.CreateICmpSGE(value, ir.getInt64(0)));
  }
  for (const Dim& dim : schedule.not_negative) sizes.Require(ir.CreateICmpSGE(sizes.Emit(dim), ir.getInt64(0)));
  for (const Buffer& buffer : schedule.buffers) sizes.Emit(buffer.Bytes());
  for (const Schedule::Derived& derived : schedule.derived) {
    llvm::Value* largest = sizes.Emit(derived.largest_of[0]);
    for (size_t k = 1; k < derived.largest_of.size(); ++k) {
      largest = ir.CreateBinaryIntrinsic(llvm::Intrinsic::smax, largest, sizes.Emit(derived.largest_of[k]));
    }
    sizes.Define(derived.name, largest);
  }
  sizes.Emit(schedule.arena_bytes);

  llvm::Value* code = ir.CreateSelect(sizes.Good(), ir.getInt32(STRATA_OK), ir.getInt32(STRATA_BAD_SIZE));
  for (size_t k = holds.size(); k-- > 0;) {
    code = ir.CreateSelect(holds[k], code, ir.getInt32(static_cast<uint32_t>(STRATA_FIRST_GUARD + k)));
  }
  ir.CreateRet(ir.CreateSelect(no_symbol_is_negative, code, ir.getInt32(STRATA_BAD_SIZE)));
  return function;
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

  void Emit(const EntryPoints& entry_points, bool executable) {
    llvm::Function* text = EmitText();
    llvm::Function* error_text = EmitErrorText(*text);
    EmitErrorTextFor(*text);
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
        EmitSizes(entry_points.check),
        EmitArrayWorkspaceSize(entry_points.workspace_size),
        EmitArrayRun(entry_points.run),
        error_text,
        text,
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

  llvm::Function* EmitSizes(llvm::Function& check) {
    llvm::Function* function =
        NewFunction(".sizes", ir_.getInt32Ty(), {Pointer(), Pointer()}, llvm::GlobalValue::InternalLinkage);
    SymbolValues symbols;
    const std::vector<llvm::Value*> values = LoadSymbols(function->getArg(0));
    for (size_t k = 0; k < values.size(); ++k) symbols[schedule_.symbols[k]] = values[k];
    llvm::Value* code = ir_.CreateCall(&check, values);
    auto* good = llvm::BasicBlock::Create(ir_.getContext(), "good", function);
    auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
    ir_.CreateCondBr(ir_.CreateICmpEQ(code, ir_.getInt32(STRATA_OK)), good, done);
    ir_.SetInsertPoint(good);
    size_t position = 0;
    for (const auto* tensors : {&interface_.inputs, &interface_.outputs}) {
      for (const Interface::Tensor& tensor : *tensors) {
        for (const strata::Axis& axis : tensor.type.shape) {
          ir_.CreateStore(PlainSize(ir_, symbols, axis.size),
                          ir_.CreateConstInBoundsGEP1_64(ir_.getInt64Ty(), function->getArg(1), position++));
        }
      }
    }
    ir_.CreateBr(done);
    ir_.SetInsertPoint(done);
    ir_.CreateRet(code);
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

  // ---- Error texts ----

  // `i64 .put(buffer, size, at, text, length)`: writes a part of a text that begins at `at`, as far as there is room for it
  // and a closing 0; returns where it ends in the whole text.
  llvm::Function* EmitPut() {
    llvm::Type* number = ir_.getInt64Ty();
    llvm::Function* function =
        NewFunction(".put", number, {Pointer(), number, number, Pointer(), number}, llvm::GlobalValue::InternalLinkage);
    llvm::Value* at = function->getArg(2);
    llvm::Value* length = function->getArg(4);
    auto* copy = llvm::BasicBlock::Create(ir_.getContext(), "copy", function);
    auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
    llvm::Value* room = ir_.CreateSub(ir_.CreateSub(function->getArg(1), at), ir_.getInt64(1));
    ir_.CreateCondBr(ir_.CreateICmpSGT(room, ir_.getInt64(0)), copy, done);
    ir_.SetInsertPoint(copy);
    llvm::Value* place = ir_.CreateInBoundsGEP(ir_.getInt8Ty(), function->getArg(0), at);
    llvm::Value* count = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, length, room);
    ir_.CreateMemCpy(place, llvm::MaybeAlign(1), function->getArg(3), llvm::MaybeAlign(1), count);
    ir_.CreateBr(done);
    ir_.SetInsertPoint(done);
    ir_.CreateRet(ir_.CreateAdd(at, length));
    return function;
  }

  // `i64 .put_number(buffer, size, at, number)`: the same for a number that is not negative, in decimal.
  llvm::Function* EmitPutNumber(llvm::Function& put) {
    llvm::Type* number = ir_.getInt64Ty();
    llvm::Function* function =
        NewFunction(".put_number", number, {Pointer(), number, number, number}, llvm::GlobalValue::InternalLinkage);
    llvm::BasicBlock* entry = ir_.GetInsertBlock();
    constexpr int kDigits = 20;  // of 2^64
    llvm::Value* digits = ir_.CreateAlloca(llvm::ArrayType::get(ir_.getInt8Ty(), kDigits));
    auto* loop = llvm::BasicBlock::Create(ir_.getContext(), "loop", function);
    auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
    ir_.CreateBr(loop);
    ir_.SetInsertPoint(loop);
    llvm::PHINode* rest = ir_.CreatePHI(number, 2);
    llvm::PHINode* first = ir_.CreatePHI(number, 2);
    llvm::Value* before = ir_.CreateSub(first, ir_.getInt64(1));
    llvm::Value* digit = ir_.CreateAdd(ir_.CreateURem(rest, ir_.getInt64(10)), ir_.getInt64('0'));
    ir_.CreateStore(ir_.CreateTrunc(digit, ir_.getInt8Ty()), ir_.CreateInBoundsGEP(ir_.getInt8Ty(), digits, before));
    llvm::Value* more = ir_.CreateUDiv(rest, ir_.getInt64(10));
    rest->addIncoming(function->getArg(3), entry);
    rest->addIncoming(more, loop);
    first->addIncoming(ir_.getInt64(kDigits), entry);
    first->addIncoming(before, loop);
    ir_.CreateCondBr(ir_.CreateICmpNE(more, ir_.getInt64(0)), loop, done);
    ir_.SetInsertPoint(done);
    llvm::Value* length = ir_.CreateSub(ir_.getInt64(kDigits), before);
    ir_.CreateRet(ir_.CreateCall(&put, {function->getArg(0), function->getArg(1), function->getArg(2),
                                        ir_.CreateInBoundsGEP(ir_.getInt8Ty(), digits, before), length}));
    return function;
  }

  // `i64 .text(code, symbols, buffer, size)`: strata_model.error_text_for.
  llvm::Function* EmitText() {
    const std::string unsupported = "this processor lacks the instructions (" + std::string(schedule_.target->name) +
                                    ") that the model was compiled for";
    std::vector<std::pair<int32_t, std::string>> texts = {
        {STRATA_OK, "no error"},
        {STRATA_NULL_POINTER, "an array or the workspace is NULL"},
        {STRATA_BAD_SIZE, "a size is negative or too large"},
        {STRATA_MISALIGNED, "the workspace is not aligned to 64 bytes"},
        {STRATA_UNSUPPORTED_CPU, unsupported},
    };
    for (size_t k = 0; k < schedule_.guards.size(); ++k) {
      texts.emplace_back(STRATA_FIRST_GUARD + static_cast<int32_t>(k), schedule_.guards[k].text);
    }
    for (size_t k = 0; k < schedule_.failures.size(); ++k) {
      texts.emplace_back(FailureCode(schedule_, static_cast<int>(k)), schedule_.failures[k]);
    }
    llvm::Function* put = EmitPut();
    llvm::Function* put_number = EmitPutNumber(*put);
    llvm::Type* number = ir_.getInt64Ty();
    llvm::Function* function = NewFunction(".text", number, {ir_.getInt32Ty(), Pointer(), Pointer(), number},
                                           llvm::GlobalValue::InternalLinkage);
    llvm::Value* symbols = function->getArg(1);
    llvm::Value* buffer = function->getArg(2);
    llvm::Value* size = function->getArg(3);
    const auto append = [&](llvm::Value* at, std::string_view text) -> llvm::Value* {
      return ir_.CreateCall(put, {buffer, size, at, Text(text), ir_.getInt64(text.size())});
    };
    auto* unknown = llvm::BasicBlock::Create(ir_.getContext(), "unknown", function);
    auto* close = llvm::BasicBlock::Create(ir_.getContext(), "close", function);
    auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
    llvm::SwitchInst* which = ir_.CreateSwitch(function->getArg(0), unknown);
    std::vector<std::pair<llvm::Value*, llvm::BasicBlock*>> ends;
    const auto finish = [&](llvm::Value* end) {
      ends.emplace_back(end, ir_.GetInsertBlock());
      ir_.CreateBr(close);
    };
    ir_.SetInsertPoint(unknown);
    finish(append(ir_.getInt64(0), "unknown error code"));
    for (const auto& [code, words] : texts) {
      auto* block = llvm::BasicBlock::Create(ir_.getContext(), "code", function);
      which->addCase(ir_.getInt32(static_cast<uint32_t>(code)), block);
      ir_.SetInsertPoint(block);
      llvm::Value* at = ir_.getInt64(0);
      const size_t guard = static_cast<size_t>(code) - STRATA_FIRST_GUARD;
      if (code >= STRATA_FIRST_GUARD && guard < schedule_.guards.size()) {
        at = AppendValues(schedule_.guards[guard].value.Symbols(), at, symbols, append,
                          [&](llvm::Value* place, llvm::Value* value) {
                            return ir_.CreateCall(put_number, {buffer, size, place, value});
                          });
      }
      finish(append(at, words));
    }
    ir_.SetInsertPoint(close);
    llvm::PHINode* length = ir_.CreatePHI(number, static_cast<unsigned>(ends.size()));
    for (const auto& [end, block] : ends) length->addIncoming(end, block);
    auto* terminate = llvm::BasicBlock::Create(ir_.getContext(), "terminate", function);
    ir_.CreateCondBr(ir_.CreateICmpSGT(size, ir_.getInt64(0)), terminate, done);
    ir_.SetInsertPoint(terminate);
    llvm::Value* last = ir_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, length, ir_.CreateSub(size, ir_.getInt64(1)));
    ir_.CreateStore(ir_.getInt8(0), ir_.CreateInBoundsGEP(ir_.getInt8Ty(), buffer, last));
    ir_.CreateBr(done);
    ir_.SetInsertPoint(done);
    ir_.CreateRet(length);
    return function;
  }

  // "H = 35, W = 20: ", or "H, W: " where `symbols` is NULL.
  template <typename AppendText, typename AppendNumber>
  llvm::Value* AppendValues(const std::vector<std::string>& names, llvm::Value* at, llvm::Value* symbols,
                            const AppendText& append, const AppendNumber& append_number) {
    llvm::Function* function = ir_.GetInsertBlock()->getParent();
    for (size_t k = 0; k < names.size(); ++k) {
      at = append(at, k == 0 ? names[k] : ", " + names[k]);
      auto* with_value = llvm::BasicBlock::Create(ir_.getContext(), "value", function);
      auto* next = llvm::BasicBlock::Create(ir_.getContext(), "next", function);
      llvm::BasicBlock* before = ir_.GetInsertBlock();
      llvm::Value* has_values = ir_.CreateICmpNE(symbols, llvm::ConstantPointerNull::get(ir_.getPtrTy()));
      ir_.CreateCondBr(has_values, with_value, next);
      ir_.SetInsertPoint(with_value);
      const auto position = std::ranges::find(schedule_.symbols, names[k]) - schedule_.symbols.begin();
      llvm::Value* value = Element(ir_.getInt64Ty(), symbols, static_cast<size_t>(position));
      llvm::Value* written = append_number(append(at, " = "), value);
      ir_.CreateBr(next);
      ir_.SetInsertPoint(next);
      llvm::PHINode* end = ir_.CreatePHI(ir_.getInt64Ty(), 2);
      end->addIncoming(at, before);
      end->addIncoming(written, with_value);
      at = end;
    }
    return names.empty() ? at : append(at, ": ");
  }

  // The same without the values of the symbols.
  llvm::Function* EmitErrorText(llvm::Function& text) {
    llvm::Function* function =
        NewFunction("_error_text", ir_.getInt64Ty(), {ir_.getInt32Ty(), Pointer(), ir_.getInt64Ty()},
                    llvm::GlobalValue::ExternalLinkage);
    ir_.CreateRet(ir_.CreateCall(&text, {function->getArg(0), llvm::ConstantPointerNull::get(ir_.getPtrTy()),
                                         function->getArg(1), function->getArg(2)}));
    return function;
  }

  // The same with the symbols one by one, as run takes them.
  void EmitErrorTextFor(llvm::Function& text) {
    std::vector<llvm::Type*> parameters = {ir_.getInt32Ty()};
    parameters.resize(1 + schedule_.symbols.size(), ir_.getInt64Ty());
    parameters.insert(parameters.end(), {Pointer(), ir_.getInt64Ty()});
    llvm::Function* function =
        NewFunction("_error_text_for", ir_.getInt64Ty(), parameters, llvm::GlobalValue::ExternalLinkage);
    const unsigned symbols = static_cast<unsigned>(schedule_.symbols.size());
    auto* type = llvm::ArrayType::get(ir_.getInt64Ty(), symbols);
    llvm::Value* values = ir_.CreateAlloca(type);
    for (unsigned k = 0; k < symbols; ++k) {
      ir_.CreateStore(function->getArg(1 + k), ir_.CreateConstInBoundsGEP1_64(ir_.getInt64Ty(), values, k));
    }
    ir_.CreateRet(ir_.CreateCall(
        &text, {function->getArg(0), values, function->getArg(symbols + 1), function->getArg(symbols + 2)}));
  }

  llvm::Module& module_;
  const Schedule& schedule_;
  const Interface& interface_;
  llvm::IRBuilder<> ir_;
};

}  // namespace

void EmitDescriptor(llvm::Module& module, const Schedule& schedule, const Interface& interface,
                    const EntryPoints& entry_points, bool executable) {
  DescriptorEmitter(module, schedule, interface).Emit(entry_points, executable);
}

}  // namespace strata::codegen
