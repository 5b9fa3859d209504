// The cells of recurrent layers, which are layers themselves: LSTMCell, GRUCell, SimpleRNNCell and stacks of them.
#pragma once

#include "compiler/layers/recurrence.h"

namespace strata {

// What a cell's class is to the layer that runs it along the time. Its input is [batch, features], its states are
// [batch, n].
struct CellKind {
  std::vector<int64_t> (*state_sizes)(const Args& args);
  int64_t (*output_size)(const Args& args);
  // How many states each result of RNN holds.
  std::vector<size_t> (*state_groups)(const Args& args);
  core::ValueId (*project)(const CellContext& context, core::ValueId input);
  CellStep (*step)(const CellContext& context, core::ValueId projected, const std::vector<core::ValueId>& states);
};

// Null: the layer is no cell.
const CellKind* FindCell(const LayerDef& def);

Cell FormulaOf(const CellKind& kind, const Args& args);

// Whether the layer is a cell; otherwise, reports that `holder` cannot hold it. A stack must hold cells.
bool CheckCell(Diagnostics& diagnostics, std::string_view holder, const LayerArg& layer);

// The type of one step, of so many features.
TensorType StepType(const Axis& batch, Dim features);

// "LSTM" for "LSTMCell": the parameters of the cell, `activity_regularizer` among them, for the layer that runs it.
std::vector<Param> CellParams(std::string_view layer);
// The cell's weights under `name`, "lstm_cell/kernel" ... (in the order of the cell's), for the layer that runs it.
std::vector<WeightDef> WeightsOfCell(const LayerDef& cell, std::vector<std::string_view> names);

// Reports a symbolic number of features: the kernel has a row for each.
void RequireConstantFeatures(InferContext& context, size_t features);

// A step of long short-term memory: `gates` holds the input gate, the forget gate, the candidate and the output gate
// along its last axis, before their functions. The states are the output and `carry`. A softmax acts on `softmax_axis`.
CellStep AppendLSTMStep(const CellContext& context, core::ValueId gates, core::ValueId carry, int softmax_axis = -1);

// The sum of two values, the second of which may have the last axes alone.
core::ValueId AppendSum(core::Builder& builder, core::ValueId a, core::ValueId b);

namespace layers {
LayerDef LSTMCell();
LayerDef GRUCell();
LayerDef SimpleRNNCell();
LayerDef StackedRNNCells();
}  // namespace layers

}  // namespace strata
