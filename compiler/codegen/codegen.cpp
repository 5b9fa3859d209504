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
    llvm::Function* workspace_size = EmitWorkspaceSize();
    llvm::Function* run = EmitRun(*cpu, *workspace_size);
    EmitDescriptor(*module_, schedule_, interface_, *workspace_size, *run, options_.executable);
    for (llvm::Function& function : *module_) {
      if (function.isDeclaration()) continue;
      function.addFnAttr("target-cpu", schedule_.target->llvm_cpu);
      function.addFnAttr("target-features", schedule_.target->llvm_features);
      // Else LLVM may halve 512-bit vectors.
      function.addFnAttr("prefer-vector-width", std::to_string(schedule_.target->lanes * 32));
      function.addFnAttr("min-legal-vector-width", std::to_string(schedule_.target->lanes * 32));
      function.addFnAttr(llvm::Attribute::NoUnwind);
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

  llvm::Function* EmitWorkspaceSize() {
    std::vector<llvm::Type*> parameters(schedule_.symbols.size(), I64());
    auto* function =
        llvm::Function::Create(llvm::FunctionType::get(I64(), parameters, false), llvm::GlobalValue::ExternalLinkage,
                               interface_.name + "_workspace_size", *module_);
    ir_.SetInsertPoint(llvm::BasicBlock::Create(ir_.getContext(), "", function));
    CheckedSizes sizes(ir_, Symbols(*function));
    for (llvm::Argument& argument : function->args()) sizes.Require(ir_.CreateICmpSGE(&argument, ir_.getInt64(0)));
    llvm::Value* bytes = sizes.Emit(schedule_.arena_bytes);
    for (const Buffer& buffer : schedule_.buffers) {
      if (buffer.kind == Buffer::Kind::Input || buffer.kind == Buffer::Kind::Output) sizes.Emit(buffer.elements * 4);
    }
    ir_.CreateRet(ir_.CreateSelect(sizes.Good(), bytes, ir_.getInt64(static_cast<uint64_t>(-STRATA_BAD_SIZE))));
    return function;
  }

  std::map<std::string, llvm::Value*> Symbols(llvm::Function& function, size_t first = 0) {
    std::map<std::string, llvm::Value*> symbols;
    for (size_t k = 0; k < schedule_.symbols.size(); ++k) {
      symbols[schedule_.symbols[k]] = function.getArg(static_cast<unsigned>(first + k));
    }
    return symbols;
  }

  // One step's work for its tasks [begin, end): buffers, symbols, begin, end.
  llvm::Function* EmitStep(const Step& step, size_t number, const std::set<int>& buffers) {
    std::vector<llvm::Type*> parameters(buffers.size(), Pointer());
    parameters.resize(buffers.size() + schedule_.symbols.size() + 2, I64());
    auto* function = llvm::Function::Create(
        llvm::FunctionType::get(ir_.getVoidTy(), parameters, false), llvm::GlobalValue::InternalLinkage,
        interface_.name + ".step" + std::to_string(number) + "." + step.origin, *module_);
    function->addFnAttr(llvm::Attribute::NoInline);
    std::map<int, llvm::Value*> addresses;
    unsigned k = 0;
    for (int buffer : buffers) {
      llvm::Argument* argument = function->getArg(k++);
      argument->addAttr(llvm::Attribute::NoAlias);
      argument->addAttr(llvm::Attribute::NoCapture);
      addresses[buffer] = argument;
    }
    llvm::BasicBlock::Create(ir_.getContext(), "", function);
    Emitter emitter(*function, *schedule_.target, std::move(addresses), Symbols(*function, buffers.size()));
    llvm::Value* begin = function->getArg(static_cast<unsigned>(parameters.size() - 2));
    llvm::Value* end = function->getArg(static_cast<unsigned>(parameters.size() - 1));
    std::visit(Overloaded{[&](const Nest& nest) { EmitNest(emitter, nest, begin, end); },
                          [&](const Tile& tile) { EmitTile(emitter, tile, begin, end); },
                          [&](const Depthwise& depthwise) { EmitDepthwise(emitter, depthwise, begin, end); },
                          [&](const Pool& pool) { EmitPool(emitter, pool, begin, end); }},
               step.kernel);
    emitter.ir().CreateRetVoid();
    return function;
  }

  // What a parallel_for calls: finds the arguments in the frame and sets the floating-point mode around the step.
  llvm::Function* EmitTask(llvm::Function& step, size_t number, const std::set<int>& buffers,
                           llvm::StructType& frame_type) {
    auto* function = llvm::Function::Create(llvm::FunctionType::get(ir_.getVoidTy(), {Pointer(), I64(), I64()}, false),
                                            llvm::GlobalValue::InternalLinkage,
                                            interface_.name + ".task" + std::to_string(number), *module_);
    ir_.SetInsertPoint(llvm::BasicBlock::Create(ir_.getContext(), "", function));
    FloatMode mode(ir_);
    mode.Set(ir_);
    std::vector<llvm::Value*> frame;
    for (unsigned k = 0; k < frame_type.getNumElements(); ++k) {
      frame.push_back(
          ir_.CreateLoad(frame_type.getElementType(k), ir_.CreateStructGEP(&frame_type, function->getArg(0), k)));
    }
    ir_.CreateCall(&step, StepArguments(frame, buffers, function->getArg(1), function->getArg(2)));
    mode.Restore(ir_);
    ir_.CreateRetVoid();
    return function;
  }

  // `frame`: the symbols, inputs, outputs and the workspace, as run gets them.
  Values StepArguments(const Values& frame, const std::set<int>& buffers, llvm::Value* begin, llvm::Value* end) {
    std::map<std::string, llvm::Value*> symbols;
    for (size_t k = 0; k < schedule_.symbols.size(); ++k) symbols[schedule_.symbols[k]] = frame[k];
    const size_t inputs = schedule_.symbols.size();
    const size_t outputs = inputs + interface_.inputs.size();
    const size_t workspace = outputs + interface_.outputs.size();
    Values arguments;
    for (int id : buffers) {
      const Buffer& buffer = schedule_.buffers[static_cast<size_t>(id)];
      llvm::Value* address = nullptr;
      switch (buffer.kind) {
        case Buffer::Kind::Input: address = frame[inputs + static_cast<size_t>(buffer.index)]; break;
        case Buffer::Kind::Output: address = frame[outputs + static_cast<size_t>(buffer.index)]; break;
        case Buffer::Kind::Arena:
          address = ir_.CreateGEP(ir_.getInt8Ty(), frame[workspace], PlainSize(ir_, symbols, buffer.offset));
          break;
        case Buffer::Kind::Constant:
          address = ir_.CreateConstInBoundsGEP1_64(
              ir_.getInt8Ty(), constants_,
              static_cast<uint64_t>(schedule_.constants[static_cast<size_t>(buffer.index)].offset));
          break;
      }
      arguments.push_back(address);
    }
    for (const std::string& symbol : schedule_.symbols) arguments.push_back(symbols[symbol]);
    arguments.push_back(begin);
    arguments.push_back(end);
    return arguments;
  }

  llvm::Function* EmitRun(llvm::Function& cpu, llvm::Function& workspace_size) {
    std::vector<llvm::Type*> parameters(schedule_.symbols.size(), I64());
    parameters.resize(parameters.size() + interface_.inputs.size() + interface_.outputs.size() + 2, Pointer());
    auto* function = llvm::Function::Create(llvm::FunctionType::get(ir_.getInt32Ty(), parameters, false),
                                            llvm::GlobalValue::ExternalLinkage, interface_.name + "_run", *module_);
    // The frame holds every parameter but the last, `parallel`.
    auto* frame_type = llvm::StructType::get(ir_.getContext(), llvm::ArrayRef(parameters).drop_back());

    struct StepCode {
      llvm::Function* step;
      llvm::Function* task;
      std::set<int> buffers;
    };
    std::vector<StepCode> code;
    for (size_t k = 0; k < schedule_.steps.size(); ++k) {
      StepCode entry;
      entry.buffers = BuffersOf(schedule_.steps[k]);
      entry.step = EmitStep(schedule_.steps[k], k, entry.buffers);
      entry.task = EmitTask(*entry.step, k, entry.buffers, *frame_type);
      code.push_back(std::move(entry));
    }

    ir_.SetInsertPoint(llvm::BasicBlock::Create(ir_.getContext(), "", function));
    FloatMode mode(ir_);
    llvm::AllocaInst* stored = ir_.CreateAlloca(frame_type, nullptr, "frame");
    Values frame;
    for (llvm::Argument& argument : function->args()) frame.push_back(&argument);
    llvm::Value* parallel = frame.back();
    frame.pop_back();
    llvm::Value* workspace = frame.back();

    const auto fail_unless = [&](llvm::Value* condition, llvm::Value* result) {
      auto* failed = llvm::BasicBlock::Create(ir_.getContext(), "failed", function);
      auto* good = llvm::BasicBlock::Create(ir_.getContext(), "good", function);
      ir_.CreateCondBr(condition, good, failed);
      ir_.SetInsertPoint(failed);
      ir_.CreateRet(result);
      ir_.SetInsertPoint(good);
    };
    fail_unless(ir_.CreateCall(&cpu), ir_.getInt32(STRATA_UNSUPPORTED_CPU));
    Values symbols(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(schedule_.symbols.size()));
    llvm::Value* bytes = ir_.CreateCall(&workspace_size, symbols);
    fail_unless(ir_.CreateICmpSGE(bytes, ir_.getInt64(0)), ir_.CreateTrunc(ir_.CreateNeg(bytes), ir_.getInt32Ty()));

    // An array may be NULL only where it has no element.
    std::map<std::string, llvm::Value*> named = Symbols(*function);
    llvm::Value* null = llvm::ConstantPointerNull::get(ir_.getPtrTy());
    const auto is_there = [&](llvm::Value* pointer, llvm::Value* size) {
      return ir_.CreateOr(ir_.CreateICmpNE(pointer, null), ir_.CreateICmpEQ(size, ir_.getInt64(0)));
    };
    llvm::Value* all_there = is_there(workspace, bytes);
    for (const Buffer& buffer : schedule_.buffers) {
      if (buffer.kind != Buffer::Kind::Input && buffer.kind != Buffer::Kind::Output) continue;
      const size_t first =
          schedule_.symbols.size() + (buffer.kind == Buffer::Kind::Output ? interface_.inputs.size() : 0);
      all_there = ir_.CreateAnd(all_there, is_there(frame[first + static_cast<size_t>(buffer.index)],
                                                    PlainSize(ir_, named, buffer.elements)));
    }
    fail_unless(all_there, ir_.getInt32(STRATA_NULL_POINTER));
    llvm::Value* low_bits = ir_.CreateAnd(ir_.CreatePtrToInt(workspace, I64()), ir_.getInt64(63));
    fail_unless(ir_.CreateICmpEQ(low_bits, ir_.getInt64(0)), ir_.getInt32(STRATA_MISALIGNED));

    mode.Set(ir_);
    for (unsigned k = 0; k < frame.size(); ++k) ir_.CreateStore(frame[k], ir_.CreateStructGEP(frame_type, stored, k));
    auto* hook_type = llvm::StructType::get(ir_.getContext(), {Pointer(), Pointer()});  // strata_parallel
    auto* hook_call = llvm::FunctionType::get(ir_.getVoidTy(), {Pointer(), I64(), Pointer(), Pointer()}, false);
    llvm::Value* has_hook = ir_.CreateICmpNE(parallel, null);
    for (size_t k = 0; k < schedule_.steps.size(); ++k) {
      const Step& step = schedule_.steps[k];
      llvm::Value* tasks = PlainSize(ir_, named, step.tasks);
      llvm::Value* shared = has_hook;
      if (!options_.every_step_parallel) {
        llvm::Value* flops = PlainSize(ir_, named, step.flops);
        shared = ir_.CreateAnd(shared, ir_.CreateICmpSGE(flops, ir_.getInt64(kParallelFlops)));
      }
      auto* alone = llvm::BasicBlock::Create(ir_.getContext(), "alone", function);
      auto* together = llvm::BasicBlock::Create(ir_.getContext(), "together", function);
      auto* done = llvm::BasicBlock::Create(ir_.getContext(), "done", function);
      ir_.CreateCondBr(shared, together, alone);
      ir_.SetInsertPoint(alone);
      ir_.CreateCall(code[k].step, StepArguments(frame, code[k].buffers, ir_.getInt64(0), tasks));
      ir_.CreateBr(done);
      ir_.SetInsertPoint(together);
      llvm::Value* self = ir_.CreateLoad(Pointer(), ir_.CreateStructGEP(hook_type, parallel, 0));
      llvm::Value* hook = ir_.CreateLoad(Pointer(), ir_.CreateStructGEP(hook_type, parallel, 1));
      ir_.CreateCall(hook_call, hook, {self, tasks, code[k].task, stored});
      ir_.CreateBr(done);
      ir_.SetInsertPoint(done);
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
