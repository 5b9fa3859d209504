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
// That of a cell whose weights stand under `name`.
CellContext CellOf(const ExpandContext& context, const Args& args, const std::string& name);

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
  // The extents of the states, from those of one projected step.
  std::function<std::vector<core::Extents>(const core::Extents& projected)> states;
  // [batch, parts] and the states before the step.
  std::function<CellStep(const CellContext&, core::ValueId projected, const std::vector<core::ValueId>& states)> step;
};

// ---- Along the time ----

struct RecurrenceOptions {
  std::vector<core::ValueId> initial = {};  // none: zeros; or one for each state
  bool backwards = false;
  // [batch, time]: a step where it is false keeps the states. Nothing: each step counts.
  std::optional<core::ValueId> mask = {};
  // The output of such a step is 0; otherwise, that of the step before.
  bool zero_masked = false;
};

struct Recurrence {
  core::ValueId outputs;  // of all steps, each at the position of its step
  core::ValueId output;   // of the last step
  std::vector<core::ValueId> states;
};

// A cell run over a sequence, [batch, time, ...]; so are the outputs.
Recurrence AppendRecurrence(const CellContext& context, const Cell& cell, core::ValueId input,
                            const RecurrenceOptions& options);

// The same elements along `axis` from the last to the first.
core::ValueId AppendReverse(core::Builder& builder, core::ValueId input, size_t axis);

// ---- Layers ----

// A layer that carries states along the time, as the wrapper around it sees it. Of its first input.
struct RecurrentKind {
  // Positions in the outputs of all steps.
  struct Axes {
    size_t time;
    size_t joined;  // along it, results of two directions are concatenated
  };
  struct Types {
    Shape outputs;  // of all steps
    size_t time;
    std::vector<Shape> states;
    std::string why;  // of the states, for messages: "has 8 units"

    Shape Output() const;  // of one step
  };
  Axes (*axes)(const Args& args, const Shape& input);
  Types (*infer)(InferContext& context);  // reports what is wrong with the input
  // The outputs have the order of the input's axes, as the states have.
  Recurrence (*append)(ExpandContext& context, const RecurrenceOptions& options);
  // How many states each result holds, after the output.
  std::vector<size_t> (*state_groups)(const Args& args);

  size_t StateCount(const Args& args) const;
};

// Null: the layer carries no states along the time.
const RecurrentKind* FindRecurrent(const LayerDef& def);
namespace layers {
LayerDef RNN();
extern const RecurrentKind kOverSequences;  // LSTM, GRU, SimpleRNN, RNN
extern const RecurrentKind kOverFrames;     // ConvLSTM1D, ConvLSTM2D, ConvLSTM3D
}  // namespace layers

// Where Keras gives lists among the results of a layer: how many of them each holds, {1, 2} for `(output, [h, c])`; of
// other layers nothing.
std::vector<size_t> ResultGroups(const Args& args);

// What such layers have in common: the flags after the cell's arguments, the second parentheses, and LayerDef's functions.
std::vector<Param> RecurrentFlags();
Param ZeroOutputForMask();
std::vector<Param> RecurrentCallParams();
std::vector<TensorType> InferRecurrent(InferContext& context);
std::vector<size_t> MaskOfRecurrent(const InferContext& context, const std::vector<TensorType>& results);
std::vector<core::ValueId> ExpandRecurrent(ExpandContext& context);

// ---- Pieces of shape rules ----

// RecurrentKind::infer, and what is checked of every such layer: the input's dtype and `stateful`.
RecurrentKind::Types CheckRecurrent(InferContext& context);

// Reports states (inputs of the parameter `param`) that are not of these shapes, the first one that is not. Not for no
// shapes: these are unknown.
void CheckStates(InferContext& context, std::string_view param, const std::vector<Shape>& expected,
                 const std::string& why);

// Reports a mask that is not over the batch and the time. Warns of one that travels but is not read, as MaskOfSequence says.
void CheckMask(InferContext& context, size_t time);

// How many leading axes of the outputs of a layer with these arguments have the input's mask: none but for sequences.
size_t MaskOfSequences(const InferContext& context, const Args& args);

// The mask that a call reads. As in Keras, it is the one that travels with the sequence only where the sequence is the only
// tensor: beside an `initial_state` a mask must be given by `mask=`.
std::optional<core::ValueId> MaskOfSequence(const ExpandContext& context);

}  // namespace strata
