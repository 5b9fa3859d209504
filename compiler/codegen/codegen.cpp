#include "compiler/codegen/codegen.h"

#include <set>
#include <utility>

#include "compiler/codegen/emitter.h"
#include "compiler/codegen/interface.h"
#include "compiler/schedule/overloaded.h"
#include "compiler/source/check.h"
#include "runtime/strata.h"

namespace strata {

namespace codegen {

namespace {

// Below this many floating-point operations a step is not worth handing to other threads.
constexpr int64_t kParallelFlops = 200'000;

class ModuleGenerator {
 public:
  ModuleGenerator(const Schedule& schedule, const Interface& interface, const CodegenOptions& options,
                  llvm::LLVMContext& context)
      : schedule_(schedule),
        interface_(interface),
        options_(options),
        module_(std::make_unique<llvm::Module>(interface.name, context)),
        ir_(context) {}

  std::unique_ptr<llvm::Module> Generate() {
    module_->setSourceFileName(interface_.source);
    DeclareConstants();
    llvm::Function* cpu = EmitCpuCheck(*module_, interface_.name, *schedule_.target);
    llvm::Function* check = EmitSizeCheck(*module_, schedule_, interface_);
    llvm::Function* workspace_size = EmitWorkspaceSize(*check);
    llvm::Function* run = EmitRun(*cpu, *workspace_size);
    EmitDescriptor(*module_, schedule_, interface_, {.check = *check, .workspace_size = *workspace_size, .run = *run},
                   options_.executable);
    for (llvm::Function& function : *module_) {
      if (function.isDeclaration()) continue;
      function.addFnAttr(llvm::Attribute::NoUnwind);
      // What runs before the processor is known to have the target's instructions must not use them.
      if (!function.hasFnAttribute("target-cpu")) function.addFnAttr("target-cpu", "x86-64");
    }
    return std::move(module_);
  }

 private:
  llvm::Type* I64() { return ir_.getInt64Ty(); }
  llvm::Type* Pointer() { return ir_.getPtrTy(); }

  void DeclareConstants() {
    if (schedule_.constant_bytes == 0) return;
    auto* type = llvm::ArrayType::get(ir_.getInt8Ty(), static_cast<uint64_t>(schedule_.constant_bytes));
    constants_ = new llvm::GlobalVariable(*module_, type, /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage,
                                          nullptr, ConstantsSymbol(interface_));
    constants_->setAlignment(llvm::Align(64));
    if (!options_.constants_in_object) return;
    // The bytes do not pass through LLVM: the section is empty space that emit fills in the finished object.
    constants_->setVisibility(llvm::GlobalValue::HiddenVisibility);
    module_->appendModuleInlineAsm(".section " + ConstantsSection(interface_) + ",\"a\",@progbits\n.p2align 6\n" +
                                   ConstantsSymbol(interface_) + ":\n.space " +
                                   std::to_string(schedule_.constant_bytes) + "\n.text\n");
  }

  static void UseTarget(llvm::Function& function, const Target& target) {
    function.addFnAttr("target-cpu", target.llvm_cpu);
    function.addFnAttr("target-features", target.llvm_features);
    // Else LLVM may halve 512-bit vectors.
    function.addFnAttr("prefer-vector-width", std::to_string(target.lanes * 32));
    function.addFnAttr("min-legal-vector-width", std::to_string(target.lanes * 32));
  }

  llvm::Function* EmitWorkspaceSize(llvm::Function& check) {
    std::vector<llvm::Type*> parameters(schedule_.symbols.size(), I64());
    auto* function =
        llvm::Function::Create(llvm::FunctionType::get(I64(), parameters, false), llvm::GlobalValue::ExternalLinkage,
                               interface_.name + "_workspace_size", *module_);
    ir_.SetInsertPoint(llvm::BasicBlock::Create(ir_.getContext(), "", function));
    auto* good = llvm::BasicBlock::Create(ir_.getContext(), "good", function);
    auto* failed = llvm::BasicBlock::Create(ir_.getContext(), "failed", function);
    Values symbols;
    for (llvm::Argument& argument : function->args()) symbols.push_back(&argument);
    llvm::Value* code = ir_.CreateCall(&check, symbols);
    ir_.CreateCondBr(ir_.CreateICmpEQ(code, ir_.getInt32(STRATA_OK)), good, failed);
    ir_.SetInsertPoint(failed);
    ir_.CreateRet(ir_.CreateNeg(ir_.CreateSExt(code, I64())));
    ir_.SetInsertPoint(good);
    SymbolValues named = Symbols(*function);
    AddDerived(named);
    ir_.CreateRet(PlainSize(ir_, named, schedule_.arena_bytes));
    return function;
  }

  SymbolValues Symbols(llvm::Function& function, size_t first = 0) {
    SymbolValues symbols;
    for (size_t k = 0; k < schedule_.symbols.size(); ++k) {
      symbols[schedule_.symbols[k]] = function.getArg(static_cast<unsigned>(first + k));
    }
    return symbols;
  }

  // The derived sizes, once the symbols are known to be good; in order.
  Values AddDerived(SymbolValues& symbols) {
    Values values;
    for (const Schedule::Derived& derived : schedule_.derived) {
      llvm::Value* largest = PlainSize(ir_, symbols, derived.largest_of[0]);
      for (size_t k = 1; k < derived.largest_of.size(); ++k) {
        largest =
            ir_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, largest, PlainSize(ir_, symbols, derived.largest_of[k]));
      }
      symbols[derived.name] = largest;
      values.push_back(largest);
    }
    return values;
  }

  // ---- The frame: what run gets and computes once, as steps and tasks find it ----

  // The symbols, inputs, outputs and the workspace, as run gets them; the derived sizes; the round of a loop.
  struct Frame {
    Values values;
    SymbolValues symbols;  // with the derived sizes and the round
  };

  llvm::StructType* FrameType() {
    std::vector<llvm::Type*> types(schedule_.symbols.size(), I64());
    types.resize(types.size() + interface_.inputs.size() + interface_.outputs.size() + 1, Pointer());
    types.resize(types.size() + schedule_.derived.size() + 1, I64());
    return llvm::StructType::get(ir_.getContext(), types);
  }

  Frame NamedFrame(Values values) {
    Frame frame{.values = std::move(values)};
    for (size_t k = 0; k < schedule_.symbols.size(); ++k) frame.symbols[schedule_.symbols[k]] = frame.values[k];
    const size_t derived = frame.values.size() - schedule_.derived.size() - 1;
    for (size_t k = 0; k < schedule_.derived.size(); ++k) {
      frame.symbols[schedule_.derived[k].name] = frame.values[derived + k];
    }
    frame.symbols[std::string(kRound)] = frame.values.back();
    return frame;
  }

  Frame LoadFrame(llvm::Value* stored) {
    llvm::StructType* type = FrameType();
    Values values;
    for (unsigned k = 0; k < type->getNumElements(); ++k) {
      values.push_back(ir_.CreateLoad(type->getElementType(k), ir_.CreateStructGEP(type, stored, k)));
    }
    return NamedFrame(std::move(values));
  }

  llvm::Value* BufferIn(const Frame& frame, int id) {
    const Buffer& buffer = schedule_.buffers[static_cast<size_t>(id)];
    const size_t inputs = schedule_.symbols.size();
    const size_t outputs = inputs + interface_.inputs.size();
    const size_t workspace = outputs + interface_.outputs.size();
    switch (buffer.kind) {
      case Buffer::Kind::Input: return frame.values[inputs + static_cast<size_t>(buffer.index)];
      case Buffer::Kind::Output: return frame.values[outputs + static_cast<size_t>(buffer.index)];
      case Buffer::Kind::Arena:
        return ir_.CreateGEP(ir_.getInt8Ty(), frame.values[workspace], PlainSize(ir_, frame.symbols, buffer.offset));
      case Buffer::Kind::Constant:
        return ir_.CreateConstInBoundsGEP1_64(
            ir_.getInt8Ty(), constants_,
            static_cast<uint64_t>(schedule_.constants[static_cast<size_t>(buffer.index)].offset));
    }
    STRATA_CHECK(false);
  }

  // ---- Steps ----

  struct StepCode {
    const Step* step;
    bool in_loop;
    std::set<int> buffers;
    llvm::Function* function;  // of a Loop: (frame, parallel)
    llvm::Function* task;      // what a parallel_for calls
  };

  StepCode EmitCode(const Step& step, const std::string& number, bool in_loop) {
    StepCode code{.step = &step, .in_loop = in_loop, .buffers = BuffersOf(step), .function = nullptr, .task = nullptr};
    if (const auto* loop = std::get_if<Loop>(&step.kernel)) {
      code.function = EmitLoop(*loop, number + "." + step.origin);
    } else {
      code.function = EmitStep(code, number + "." + step.origin);
    }
    code.task = EmitTask(code, number);
    return code;
  }

  // One step's work for its tasks [begin, end): buffers, symbols, the round within a loop, begin, end.
  llvm::Function* EmitStep(const StepCode& code, const std::string& name) {
    std::vector<llvm::Type*> parameters(code.buffers.size(), Pointer());
    parameters.resize(code.buffers.size() + schedule_.symbols.size() + (code.in_loop ? 3 : 2), I64());
    auto* function =
        llvm::Function::Create(llvm::FunctionType::get(ir_.getVoidTy(), parameters, false),
                               llvm::GlobalValue::InternalLinkage, interface_.name + ".step" + name, *module_);
    function->addFnAttr(llvm::Attribute::NoInline);
    UseTarget(*function, *schedule_.target);
    std::map<int, BufferAddress> addresses;
    unsigned k = 0;
    for (int buffer : code.buffers) {
      llvm::Argument* argument = function->getArg(k++);
      argument->addAttr(llvm::Attribute::NoAlias);
      argument->addAttr(llvm::Attribute::NoCapture);
      addresses[buffer] = {argument, schedule_.buffers[static_cast<size_t>(buffer)].dtype};
    }
    llvm::BasicBlock::Create(ir_.getContext(), "", function);
    SymbolValues symbols = Symbols(*function, code.buffers.size());
    llvm::Value* begin = function->getArg(static_cast<unsigned>(parameters.size() - 2));
    llvm::Value* end = function->getArg(static_cast<unsigned>(parameters.size() - 1));
    if (code.in_loop) symbols[std::string(kRound)] = function->getArg(static_cast<unsigned>(parameters.size() - 3));
    Emitter emitter(*function, *schedule_.target, std::move(addresses), std::move(symbols));
    std::visit(Overloaded{[&](const Nest& nest) { EmitNest(emitter, nest, begin, end); },
                          [&](const Tile& tile) { EmitTile(emitter, tile, begin, end); },
                          [&](const Depthwise& depthwise) { EmitDepthwise(emitter, depthwise, begin, end); },
                          [&](const Pool& pool) { EmitPool(emitter, pool, begin, end); },
                          [&](const Prefix& prefix) { EmitPrefix(emitter, prefix, begin, end); },
                          [&](const Resample& resample) { EmitResample(emitter, resample, begin, end); },
                          [&](const Gather& gather) {
                            EmitGather(emitter, gather, FailureCode(schedule_, gather.failure), begin, end);
                          },
                          [](const Loop&) { STRATA_CHECK(false); }},
               code.step->kernel);
    emitter.ir().CreateRetVoid();
    return function;
  }

  // What a parallel_for calls: finds the arguments in the frame and sets the floating-point mode around the step.
  llvm::Function* EmitTask(const StepCode& code, const std::string& number) {
    auto* function =
        llvm::Function::Create(llvm::FunctionType::get(ir_.getVoidTy(), {Pointer(), I64(), I64()}, false),
                               llvm::GlobalValue::InternalLinkage, interface_.name + ".task" + number, *module_);
    ir_.SetInsertPoint(llvm::BasicBlock::Create(ir_.getContext(), "", function));
    FloatMode mode(ir_);
    mode.Set(ir_);
    if (std::holds_alternative<Loop>(code.step->kernel)) {
      // Of the ranges of one task all but one are empty.
      auto* whole = llvm::BasicBlock::Create(ir_.getContext(), "whole", function);
      auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
      ir_.CreateCondBr(ir_.CreateICmpSLT(function->getArg(1), function->getArg(2)), whole, done);
      ir_.SetInsertPoint(whole);
      ir_.CreateCall(code.function, {function->getArg(0), llvm::ConstantPointerNull::get(ir_.getPtrTy())});
      ir_.CreateBr(done);
      ir_.SetInsertPoint(done);
    } else {
      const Frame frame = LoadFrame(function->getArg(0));
      ir_.CreateCall(code.function, StepArguments(frame, code, function->getArg(1), function->getArg(2)));
    }
    mode.Restore(ir_);
    ir_.CreateRetVoid();
    return function;
  }

  Values StepArguments(const Frame& frame, const StepCode& code, llvm::Value* begin, llvm::Value* end) {
    Values arguments;
    for (int id : code.buffers) arguments.push_back(BufferIn(frame, id));
    for (const std::string& symbol : schedule_.symbols) arguments.push_back(frame.symbols.at(symbol));
    if (code.in_loop) arguments.push_back(frame.symbols.at(std::string(kRound)));
    arguments.push_back(begin);
    arguments.push_back(end);
    return arguments;
  }

  // All rounds of a loop: (frame, parallel). Each step of a round may be shared; the rounds follow one another.
  llvm::Function* EmitLoop(const Loop& loop, const std::string& name) {
    std::vector<StepCode> steps;
    for (size_t k = 0; k < loop.steps.size(); ++k) {
      steps.push_back(EmitCode(loop.steps[k], name + "." + std::to_string(k), /*in_loop=*/true));
    }
    auto* function =
        llvm::Function::Create(llvm::FunctionType::get(ir_.getVoidTy(), {Pointer(), Pointer()}, false),
                               llvm::GlobalValue::InternalLinkage, interface_.name + ".loop" + name, *module_);
    function->addFnAttr(llvm::Attribute::NoInline);
    llvm::BasicBlock* entry = llvm::BasicBlock::Create(ir_.getContext(), "", function);
    auto* head = llvm::BasicBlock::Create(ir_.getContext(), "head", function);
    auto* body = llvm::BasicBlock::Create(ir_.getContext(), "body", function);
    auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
    ir_.SetInsertPoint(entry);
    llvm::Value* stored = function->getArg(0);
    Frame frame = LoadFrame(stored);
    llvm::Value* count = PlainSize(ir_, frame.symbols, loop.count);
    ir_.CreateBr(head);
    ir_.SetInsertPoint(head);
    llvm::PHINode* round = ir_.CreatePHI(I64(), 2, "round");
    round->addIncoming(ir_.getInt64(0), entry);
    ir_.CreateCondBr(ir_.CreateICmpSLT(round, count), body, done);
    ir_.SetInsertPoint(body);
    llvm::StructType* type = FrameType();
    ir_.CreateStore(round, ir_.CreateStructGEP(type, stored, type->getNumElements() - 1));
    frame.symbols[std::string(kRound)] = round;
    for (const StepCode& step : steps) EmitCalls(step, frame, stored, function->getArg(1));
    round->addIncoming(ir_.CreateNSWAdd(round, ir_.getInt64(1)), ir_.GetInsertBlock());
    ir_.CreateBr(head);
    ir_.SetInsertPoint(done);
    ir_.CreateRetVoid();
    return function;
  }

  // Runs a step, alone or through `parallel`.
  void EmitCalls(const StepCode& code, const Frame& frame, llvm::Value* stored, llvm::Value* parallel) {
    llvm::Function* function = ir_.GetInsertBlock()->getParent();
    const bool is_loop = std::holds_alternative<Loop>(code.step->kernel);
    const auto alone = [&] {
      if (is_loop) {
        ir_.CreateCall(code.function, {stored, parallel});
      } else {
        llvm::Value* tasks = PlainSize(ir_, frame.symbols, code.step->tasks);
        ir_.CreateCall(code.function, StepArguments(frame, code, ir_.getInt64(0), tasks));
      }
    };
    // For profiles a loop is one step.
    if (options_.every_step_parallel ? code.in_loop : is_loop) return alone();
    llvm::Value* shared = ir_.CreateICmpNE(parallel, llvm::ConstantPointerNull::get(ir_.getPtrTy()));
    if (!options_.every_step_parallel) {
      llvm::Value* flops = PlainSize(ir_, frame.symbols, code.step->flops);
      shared = ir_.CreateAnd(shared, ir_.CreateICmpSGE(flops, ir_.getInt64(kParallelFlops)));
    }
    auto* by_itself = llvm::BasicBlock::Create(ir_.getContext(), "alone", function);
    auto* together = llvm::BasicBlock::Create(ir_.getContext(), "together", function);
    auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
    ir_.CreateCondBr(shared, together, by_itself);
    ir_.SetInsertPoint(by_itself);
    alone();
    ir_.CreateBr(done);
    ir_.SetInsertPoint(together);
    auto* hook_type = llvm::StructType::get(ir_.getContext(), {Pointer(), Pointer()});  // strata_parallel
    auto* hook_call = llvm::FunctionType::get(ir_.getVoidTy(), {Pointer(), I64(), Pointer(), Pointer()}, false);
    llvm::Value* self = ir_.CreateLoad(Pointer(), ir_.CreateStructGEP(hook_type, parallel, 0));
    llvm::Value* hook = ir_.CreateLoad(Pointer(), ir_.CreateStructGEP(hook_type, parallel, 1));
    ir_.CreateCall(hook_call, hook, {self, PlainSize(ir_, frame.symbols, code.step->tasks), code.task, stored});
    ir_.CreateBr(done);
    ir_.SetInsertPoint(done);
  }

  // Buffers of the error words a step may write.
  static std::vector<int> ErrorsOf(const Step& step) {
    if (const auto* gather = std::get_if<Gather>(&step.kernel)) return {gather->error};
    std::vector<int> errors;
    if (const auto* loop = std::get_if<Loop>(&step.kernel)) {
      for (const Step& inner : loop->steps) {
        for (int error : ErrorsOf(inner)) errors.push_back(error);
      }
    }
    return errors;
  }

  // ---- run ----

  // Goes on where `condition` holds, else returns `result`.
  void ReturnUnless(llvm::Value* condition, llvm::Value* result, FloatMode* mode = nullptr) {
    llvm::Function* function = ir_.GetInsertBlock()->getParent();
    auto* failed = llvm::BasicBlock::Create(ir_.getContext(), "failed", function);
    auto* good = llvm::BasicBlock::Create(ir_.getContext(), "good", function);
    ir_.CreateCondBr(condition, good, failed);
    ir_.SetInsertPoint(failed);
    if (mode != nullptr) mode->Restore(ir_);
    ir_.CreateRet(result);
    ir_.SetInsertPoint(good);
  }

  llvm::Function* EmitRun(llvm::Function& cpu, llvm::Function& workspace_size) {
    std::vector<StepCode> code;
    for (size_t k = 0; k < schedule_.steps.size(); ++k) {
      code.push_back(EmitCode(schedule_.steps[k], std::to_string(k), /*in_loop=*/false));
    }
    std::vector<llvm::Type*> parameters(schedule_.symbols.size(), I64());
    parameters.resize(parameters.size() + interface_.inputs.size() + interface_.outputs.size() + 2, Pointer());
    auto* function = llvm::Function::Create(llvm::FunctionType::get(ir_.getInt32Ty(), parameters, false),
                                            llvm::GlobalValue::ExternalLinkage, interface_.name + "_run", *module_);
    ir_.SetInsertPoint(llvm::BasicBlock::Create(ir_.getContext(), "", function));
    FloatMode mode(ir_);
    llvm::StructType* frame_type = FrameType();
    llvm::AllocaInst* stored = ir_.CreateAlloca(frame_type, nullptr, "frame");
    Values values;
    for (llvm::Argument& argument : function->args()) values.push_back(&argument);
    llvm::Value* parallel = values.back();
    values.pop_back();
    llvm::Value* workspace = values.back();

    ReturnUnless(ir_.CreateCall(&cpu), ir_.getInt32(STRATA_UNSUPPORTED_CPU));
    Values symbols(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(schedule_.symbols.size()));
    llvm::Value* bytes = ir_.CreateCall(&workspace_size, symbols);
    ReturnUnless(ir_.CreateICmpSGE(bytes, ir_.getInt64(0)), ir_.CreateTrunc(ir_.CreateNeg(bytes), ir_.getInt32Ty()));
    SymbolValues named = Symbols(*function);
    for (llvm::Value* derived : AddDerived(named)) values.push_back(derived);
    values.push_back(ir_.getInt64(0));
    const Frame frame = NamedFrame(std::move(values));

    // An array may be NULL only where it has no element.
    llvm::Value* null = llvm::ConstantPointerNull::get(ir_.getPtrTy());
    const auto is_there = [&](llvm::Value* pointer, llvm::Value* size) {
      return ir_.CreateOr(ir_.CreateICmpNE(pointer, null), ir_.CreateICmpEQ(size, ir_.getInt64(0)));
    };
    llvm::Value* all_there = is_there(workspace, bytes);
    for (size_t k = 0; k < schedule_.buffers.size(); ++k) {
      const Buffer& buffer = schedule_.buffers[k];
      if (buffer.kind != Buffer::Kind::Input && buffer.kind != Buffer::Kind::Output) continue;
      llvm::Value* elements = PlainSize(ir_, frame.symbols, buffer.elements);
      all_there = ir_.CreateAnd(all_there, is_there(BufferIn(frame, static_cast<int>(k)), elements));
    }
    ReturnUnless(all_there, ir_.getInt32(STRATA_NULL_POINTER));
    llvm::Value* low_bits = ir_.CreateAnd(ir_.CreatePtrToInt(workspace, I64()), ir_.getInt64(63));
    ReturnUnless(ir_.CreateICmpEQ(low_bits, ir_.getInt64(0)), ir_.getInt32(STRATA_MISALIGNED));

    mode.Set(ir_);
    for (unsigned k = 0; k < frame.values.size(); ++k) {
      ir_.CreateStore(frame.values[k], ir_.CreateStructGEP(frame_type, stored, k));
    }
    for (const StepCode& step : code) {
      const std::vector<int> errors = ErrorsOf(*step.step);
      for (int error : errors) ir_.CreateAlignedStore(ir_.getInt32(0), BufferIn(frame, error), llvm::Align(4));
      EmitCalls(step, frame, stored, parallel);
      for (int error : errors) {
        llvm::Value* found = ir_.CreateAlignedLoad(ir_.getInt32Ty(), BufferIn(frame, error), llvm::Align(4));
        ReturnUnless(ir_.CreateICmpEQ(found, ir_.getInt32(STRATA_OK)), found, &mode);
      }
    }
    mode.Restore(ir_);
    ir_.CreateRet(ir_.getInt32(STRATA_OK));
    return function;
  }

  const Schedule& schedule_;
  const Interface& interface_;
  const CodegenOptions& options_;
  std::unique_ptr<llvm::Module> module_;
  llvm::IRBuilder<> ir_;
  llvm::GlobalVariable* constants_ = nullptr;
};

}  // namespace

}  // namespace codegen

std::string ConstantsSymbol(const Interface& interface) { return interface.name + "_constants"; }
std::string ConstantsSection(const Interface& interface) { return ".rodata." + ConstantsSymbol(interface); }

std::unique_ptr<llvm::Module> Generate(const Schedule& schedule, const Interface& interface,
                                       const CodegenOptions& options, llvm::LLVMContext& context) {
  return codegen::ModuleGenerator(schedule, interface, options, context).Generate();
}

}  // namespace strata
