// A model compiled into this process.
#pragma once

#include <memory>

#include "compiler/emit/emit.h"
#include "compiler/source/result.h"
#include "runtime/strata.h"

namespace strata {

class Jit {
 public:
  struct Options {
    bool every_step_parallel = false;  // as in CodegenOptions
  };

  // `model` must outlive the Jit only through this call.
  static Result<std::unique_ptr<Jit>> Compile(const CompiledModel& model, const Options& options);
  static Result<std::unique_ptr<Jit>> Compile(const CompiledModel& model) { return Compile(model, {}); }

  virtual ~Jit() = default;
  // Valid as long as the Jit.
  virtual const strata_model& Model() const = 0;
};

}  // namespace strata
