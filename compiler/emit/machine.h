// LLVM's side of a target: the target machine, and the passes that make a module good code.
#pragma once

#include <memory>

#include <llvm/Target/TargetMachine.h>

#include "compiler/codegen/llvm_ir.h"
#include "compiler/schedule/target.h"

namespace strata {

std::unique_ptr<llvm::TargetMachine> MakeTargetMachine(const Target& target);

struct PassOptions {
  bool sanitize_address = false;  // as in CompiledModel
};

// LLVM's -O2 without its vectorizers and unroller: codegen has chosen vectors and unrolling itself.
void RunPasses(llvm::Module& module, llvm::TargetMachine& machine, const PassOptions& options = {});

}  // namespace strata
