// A model compiled into this process.
#pragma once

#include <memory>
#include <utility>

#include "compiler/emit/emit.h"
#include "compiler/source/result.h"
#include "runtime/strata.h"

namespace strata {

class Jit {
 public:
  struct Options {
    bool every_step_parallel = false;  // as in CodegenOptions
  };

  // Weights that the caller does not keep are given back as they are packed: move the model in where it is large.
  static Result<std::unique_ptr<Jit>> Compile(CompiledModel model, const Options& options);
  static Result<std::unique_ptr<Jit>> Compile(CompiledModel model) { return Compile(std::move(model), {}); }

  virtual ~Jit() = default;
  // Valid as long as the Jit.
  virtual const strata_model& Model() const = 0;
};

}  // namespace strata
