// Calls a compiled model, with arrays of its own, to be timed.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "compiler/shape/dim.h"
#include "runtime/strata.h"

namespace strata {

// Values of a model's symbols, by name.
using SymbolSizes = std::map<std::string, int64_t, std::less<>>;

// A symbol that is the size of an input's first axis is a batch; those that are not `given` are 128 otherwise.
SymbolSizes SizesOf(const strata_model& model, int64_t batch, const SymbolSizes& given);

// A size or a count, every symbol of which is known.
int64_t Evaluate(const Dim& dim, const SymbolSizes& symbols);

struct FreeBlock {
  void operator()(void* block) const { std::free(block); }
};
using Block = std::unique_ptr<void, FreeBlock>;

// Aligned to 64 bytes; null where there is no memory.
Block NewBlock(int64_t bytes);

// Arrays for one set of sizes, and calls with them: normal values, and zeros, which are in the range of every index.
class Caller {
 public:
  Caller(const strata_model& model, const SymbolSizes& symbols);

  int32_t Run(const strata_parallel* parallel);  // the model's code
  void ErrorText(int32_t code, char* text, int64_t size) const;
  int64_t workspace_bytes() const { return workspace_bytes_; }
  int64_t array_bytes() const { return array_bytes_; }  // of the inputs and outputs

 private:
  const strata_model& model_;
  std::vector<int64_t> symbols_;
  std::vector<Block> arrays_;
  std::vector<const void*> inputs_;
  std::vector<void*> outputs_;
  Block workspace_;
  int64_t workspace_bytes_ = 0;
  int64_t array_bytes_ = 0;
};

}  // namespace strata
