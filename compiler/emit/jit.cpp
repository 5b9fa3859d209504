#include "compiler/emit/jit.h"

#include <cstdlib>
#include <cstring>

#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/ThreadSafeModule.h>

#include "compiler/emit/machine.h"

namespace strata {

namespace {

class LlvmJit : public Jit {
 public:
  const strata_model& Model() const override { return *model_; }

  llvm::Error Init(CompiledModel model, const Options& options) {
    auto context = std::make_unique<llvm::LLVMContext>();
    auto machine = MakeTargetMachine(*model.schedule.target);
    auto module =
        Generate(model.schedule, model.interface,
                 {.constants_in_object = false, .every_step_parallel = options.every_step_parallel}, *context);
    RunPasses(*module, *machine);

    llvm::orc::JITTargetMachineBuilder builder(machine->getTargetTriple());
    builder.setCPU(std::string(model.schedule.target->llvm_cpu));
    builder.setRelocationModel(llvm::Reloc::PIC_);
    builder.setCodeGenOptLevel(llvm::CodeGenOptLevel::Aggressive);
    auto jit = llvm::orc::LLJITBuilder().setJITTargetMachineBuilder(std::move(builder)).create();
    if (!jit) return jit.takeError();
    jit_ = std::move(*jit);

    PackConstants(model.schedule);
    llvm::orc::SymbolMap symbols;
    symbols[jit_->mangleAndIntern(ConstantsSymbol(model.interface))] = {
        llvm::orc::ExecutorAddr::fromPtr(constants_.get()), llvm::JITSymbolFlags::Exported};
    if (auto error = jit_->getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(symbols)))) return error;
    if (auto error = jit_->addIRModule(llvm::orc::ThreadSafeModule(std::move(module), std::move(context)))) {
      return error;
    }
    auto address = jit_->lookup(model.interface.name + "_model");
    if (!address) return address.takeError();
    model_ = address->toPtr<const strata_model*>();
    return llvm::Error::success();
  }

 private:
  void PackConstants(Schedule& schedule) {
    const size_t bytes = static_cast<size_t>(schedule.constant_bytes);
    constants_.reset(static_cast<char*>(std::aligned_alloc(64, bytes == 0 ? 64 : bytes)));
    for (PackedConstant& constant : schedule.constants) {
      const std::string packed = constant.Pack();
      constant.literal = nullptr;
      std::memcpy(constants_.get() + constant.offset, packed.data(), packed.size());
    }
  }

  struct Free {
    void operator()(char* block) const { std::free(block); }
  };
  std::unique_ptr<char, Free> constants_;
  std::unique_ptr<llvm::orc::LLJIT> jit_;
  const strata_model* model_ = nullptr;
};

}  // namespace

Result<std::unique_ptr<Jit>> Jit::Compile(CompiledModel model, const Options& options) {
  auto jit = std::make_unique<LlvmJit>();
  if (auto error = jit->Init(std::move(model), options)) return Failure{llvm::toString(std::move(error))};
  return std::unique_ptr<Jit>(std::move(jit));
}

}  // namespace strata
