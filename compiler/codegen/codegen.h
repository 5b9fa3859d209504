// Schedule to LLVM IR: the steps' code, and around it the entry points and the descriptor of runtime/strata.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "compiler/schedule/schedule.h"
#include "compiler/shape/shape.h"

namespace llvm {
class LLVMContext;
class Module;
}  // namespace llvm

namespace strata {

// What a compiled model shows to its callers.
struct Interface {
  struct Tensor {
    std::string name;
    TensorType type;
  };
  std::string name;  // the model's; prefix of every exported symbol
  std::string doc;
  std::string source;
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;
};

struct CodegenOptions {
  // Where the packed constants are found: a section of this object, or a symbol that the JIT defines.
  bool constants_in_object = true;
  // Every step, even one too small to share, is a call of parallel_for, in order: for profiles.
  bool every_step_parallel = false;
  // Defines `strata_executable_model`, which the runtime's main expects.
  bool executable = false;
};

// Symbols of the module, besides `<name>_run` and the rest of the header: the section and symbol of the packed constants.
std::string ConstantsSymbol(const Interface& interface);
std::string ConstantsSection(const Interface& interface);

std::unique_ptr<llvm::Module> Generate(const Schedule& schedule, const Interface& interface,
                                       const CodegenOptions& options, llvm::LLVMContext& context);

}  // namespace strata
