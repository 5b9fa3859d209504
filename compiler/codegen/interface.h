// The parts of a module around its steps: checked sizes, the floating-point mode, the processor check, the descriptor.
#pragma once

#include <map>
#include <string>

#include "compiler/codegen/codegen.h"
#include "compiler/codegen/llvm_ir.h"

namespace strata::codegen {

using SymbolValues = std::map<std::string, llvm::Value*>;

// A Dim's value where its symbols have been checked before.
llvm::Value* PlainSize(llvm::IRBuilder<>& ir, const SymbolValues& symbols, const Dim& dim);

// Sizes computed with a test for overflow of 64 bits.
class CheckedSizes {
 public:
  CheckedSizes(llvm::IRBuilder<>& ir, SymbolValues symbols)
      : ir_(ir), symbols_(std::move(symbols)), good_(ir.getTrue()) {}

  llvm::Value* Emit(const Dim& dim);
  // A name that sizes from here on may use.
  void Define(const std::string& symbol, llvm::Value* value);
  void Require(llvm::Value* condition);
  // Whether everything so far fits and holds.
  llvm::Value* Good() const { return good_; }

 private:
  llvm::IRBuilder<>& ir_;
  SymbolValues symbols_;
  llvm::Value* good_;
};

// Sets the floating-point mode generated code runs in (denormals are 0, nothing traps, rounding to nearest) and puts back
// what was there.
class FloatMode {
 public:
  // In the function's entry block, for the words on the stack.
  explicit FloatMode(llvm::IRBuilder<>& ir);
  void Set(llvm::IRBuilder<>& ir);
  void Restore(llvm::IRBuilder<>& ir);

 private:
  llvm::AllocaInst* before_;
  llvm::AllocaInst* mode_;
};

// `i1 <name>.cpu()`: whether this processor has the target's instructions. CPUID costs microseconds in a virtual machine,
// so the answer is kept in the module's one writable word.
llvm::Function* EmitCpuCheck(llvm::Module& module, const std::string& name, const Target& target);

// `i32 <name>.check(symbols...)`: the code for these symbols; STRATA_OK where every size and offset can be computed.
llvm::Function* EmitSizeCheck(llvm::Module& module, const Schedule& schedule, const Interface& interface);

// What a run returns where Schedule::failures[failure] happens.
int32_t FailureCode(const Schedule& schedule, int failure);

struct EntryPoints {
  llvm::Function& check;
  llvm::Function& workspace_size;
  llvm::Function& run;
};

// `<name>_error_text`, `<name>_error_text_for`, `<name>_model` and the functions it points to.
void EmitDescriptor(llvm::Module& module, const Schedule& schedule, const Interface& interface,
                    const EntryPoints& entry_points, bool executable);

}  // namespace strata::codegen
