// What recurrent layers share: a cell, which makes one step, and how it runs along the time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/layers/layer.h"

namespace strata {

// ---- Cells ----

// What the expansion of a cell sees, be it in the graph or in the body of a Scan.
struct CellContext {
  core::Builder& builder;
  const Args& args;  // the cell's; a layer that is made of one cell has its arguments
  std::function<std::optional<core::ValueId>(std::string_view name)> weight;  // "kernel"
};

// What one step gives. The output is one of the states.
struct CellStep {
  core::ValueId output;
  std::vector<core::ValueId> states;
};

// The formula of a cell, in two parts: the first one depends on the input alone, so that it is computed for all steps of
// a sequence at once.
struct Cell {
  // [..., features] -> [..., parts]
  std::function<core::ValueId(const CellContext&, core::ValueId input)> project;
  // [batch, parts] and the states before the step.
  std::function<CellStep(const CellContext&, core::ValueId projected, const std::vector<core::ValueId>& states)> step;
};

// ---- Along the time ----

// A cell run over a sequence.
struct CellRun {
  core::ValueId outputs;  // [batch, time, ...], each at the position of its step
  core::ValueId output;   // of the last step
  std::vector<core::ValueId> states;
};
// `input`: [batch, time, ...]; `states`: before the first step.
CellRun AppendCell(const CellContext& context, const Cell& cell, core::ValueId input, std::vector<core::ValueId> states,
                   bool backwards);

// A state of zeros.
core::ValueId AppendZeros(core::Builder& builder, const core::Extents& extents);

// ---- Shape rules ----

// Reports `stateful=True`.
void CheckStateful(InferContext& context);

// Reports initial states (inputs of the parameter `initial_state`) that are not of these shapes, the first one that is
// not. `why`: "has 8 units".
void CheckInitialStates(InferContext& context, const std::vector<Shape>& expected, const std::string& why);

}  // namespace strata
