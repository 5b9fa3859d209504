// What the passes share: rebuilding a graph one operation after another.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "compiler/core/builder.h"
#include "compiler/core/graph.h"

namespace strata::optimize {

// Appends an operation with one result.
core::ValueId Append(core::Graph& graph, core::Op op, std::vector<core::ValueId> operands, core::Extents extents,
                     DType dtype, std::string origin);

// Who reads each value of a graph.
class Uses {
 public:
  struct Use {
    const core::Operation* operation;  // null: the value is an output of the graph
    size_t operand;
  };
  explicit Uses(const core::Graph& graph);
  const std::vector<Use>& Of(core::ValueId value) const { return uses_[static_cast<size_t>(value.index)]; }
  bool IsSingle(core::ValueId value) const { return Of(value).size() == 1; }

 private:
  std::vector<std::vector<Use>> uses_;
};

// A graph under reconstruction: `before`, and what stands for its first operations in `after`.
class Rewriter {
 public:
  explicit Rewriter(const core::Graph& graph);
  Rewriter(const Rewriter&) = delete;
  Rewriter& operator=(const Rewriter&) = delete;

  const core::Graph& before;
  core::Graph after;
  core::Builder builder;  // of `after`; its origin is that of the operation at hand

  // The value of `after` that stands for one of `before`.
  core::ValueId New(core::ValueId old) const { return names_[static_cast<size_t>(old.index)]; }
  std::vector<core::ValueId> New(const std::vector<core::ValueId>& old) const;
  // The same operation in `after`.
  void Copy(const core::Operation& operation);
  void Rename(core::ValueId old, core::ValueId now) { names_[static_cast<size_t>(old.index)] = now; }

  // In `after`; composed with the Transpose that makes `value`, if one does, and made once.
  core::ValueId Transpose(core::ValueId value, std::vector<int> permutation);

 private:
  std::vector<core::ValueId> names_;
  std::map<std::pair<core::ValueId, std::vector<int>>, core::ValueId> transposes_;
};

// What stands for the result of an operation of `before`, or nothing where the operation stays as it is. Of several
// results it gives the first, and renames the others itself.
using Rule = std::function<std::optional<core::ValueId>(Rewriter& rewriter, const core::Operation& operation)>;

// Applies the rule to each operation in order; then drops what no output needs (inputs stay).
core::Graph Rewrite(const core::Graph& graph, const Rule& rule);

// "conv2d+re_lu" of "conv2d" and "re_lu": each layer once.
std::string JoinOrigins(const std::string& first, const std::string& second);

// Whether a Map reads and makes f32 alone; comparisons in it may be bool.
bool IsOfF32(const core::Graph& graph, const core::Operation& map);

// Contract, Convolve or Window: what a Map can be the epilogue of.
bool IsAnchor(const core::Op& op);

std::vector<int> Inverse(const std::vector<int>& permutation);

// Whether axes of more than one element keep their order, so that only indices change.
bool MovesOnlyOnes(const core::Extents& extents, const std::vector<int>& permutation);

}  // namespace strata::optimize
