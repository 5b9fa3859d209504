// LSTM, GRU, SimpleRNN and RNN: a cell over a sequence of features.
#include <algorithm>

#include "compiler/layers/cells.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/recurrence.h"
#include "compiler/layers/roles.h"
#include "compiler/layers/wrapper.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

using core::ValueId;

// ---- The cell ----

// What RNN is given. LSTM, GRU and SimpleRNN are made of one of theirs, whose arguments are among the layer's own.
const LayerArg* GivenCell(const Args& args) { return args.def().name == "RNN" ? args.Get("cell").AsLayer() : nullptr; }

struct HeldCell {
  const CellKind& kind;
  const Args& args;
  std::string name;  // under which its weights stand
};

HeldCell CellOf(const Args& args) {
  if (const LayerArg* cell = GivenCell(args)) return {*FindCell(*cell->def), cell->args, cell->name};
  const std::string name = std::string(args.def().name) + "Cell";
  const LayerDef* cell = FindLayer(name);
  STRATA_CHECK(cell != nullptr && FindCell(*cell) != nullptr);
  return {*FindCell(*cell), args, SnakeCase(name)};
}

// ---- Shape rule ----

RecurrentKind::Axes AxesOf(const Args& args, const Shape& input) {
  const RoleAxes axes = RoleAxesOf(args, input);
  return {.time = axes.spatial.front(), .joined = axes.channels};
}

RecurrentKind::Types InferSequence(InferContext& context) {
  const LayerArg* given = GivenCell(context.args);
  const bool has_cell = given == nullptr || CheckCell(context.diagnostics, context.class_name, *given);
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  const Dim units = has_cell ? Dim(CellOf(context.args).kind.output_size(CellOf(context.args).args)) : Dim::Unknown();
  RecurrentKind::Types types;
  if (axes) {
    RequireConstantFeatures(context, axes->channels);
    types.outputs = context.input().shape;
    types.outputs[axes->channels] = MadeAxis(types.outputs, axes->channels, "features", units);
    types.time = axes->spatial.front();
  } else {
    types.outputs = UnknownResult(context, units).shape;
    types.time = FindAxis(types.outputs, "time").value_or(1);
  }
  if (!has_cell) return types;
  const HeldCell cell = CellOf(context.args);
  std::vector<std::string> sizes;
  for (const int64_t size : cell.kind.state_sizes(cell.args)) {
    types.states.push_back(StepType(context.input().shape.front(), size).shape);
    sizes.push_back(std::to_string(size));
  }
  const bool are_alike = std::ranges::count(sizes, sizes.front()) == static_cast<std::ptrdiff_t>(sizes.size());
  types.why = are_alike ? "has " + sizes.front() + " units" : "its states have " + Enumerate(sizes) + " units";
  return types;
}

// ---- Expansion ----

Recurrence AppendSequence(ExpandContext& context, const RecurrenceOptions& options) {
  const HeldCell cell = CellOf(context.args);
  // From the user's order to [batch, time, features], and back.
  const RecurrentKind::Axes axes = AxesOf(context.args, context.input_type().shape);
  const std::vector<int> order = {0, static_cast<int>(axes.time), static_cast<int>(axes.joined)};
  const ValueId input = context.builder.Transpose(context.input(), order);
  Recurrence recurrence =
      AppendRecurrence(strata::CellOf(context, cell.args, cell.name), FormulaOf(cell.kind, cell.args), input, options);
  recurrence.outputs = context.builder.Transpose(recurrence.outputs, order);
  return recurrence;
}

std::vector<size_t> StateGroups(const Args& args) { return CellOf(args).kind.state_groups(CellOf(args).args); }

}  // namespace

const RecurrentKind kOverSequences = {AxesOf, InferSequence, AppendSequence, StateGroups};

namespace {

// ---- Definitions ----

LayerDef Recurrent(std::string_view name, std::string_view summary) {
  return {.name = name,
          .summary = summary,
          .call_params = RecurrentCallParams(),
          .roles = &SequenceRoles(),
          .infer = InferRecurrent,
          .mask = {.of_results = MaskOfRecurrent, .is_read = true},
          .expand = ExpandRecurrent};
}

LayerDef OfOneCell(std::string_view name, std::string_view summary, const LayerDef& cell,
                   std::vector<std::string_view> weights) {
  LayerDef def = Recurrent(name, summary);
  const bool is_simple = name == "SimpleRNN";
  std::vector<Param>& params = def.params;
  const auto add = [&](std::vector<Param> more) { params.insert(params.end(), more.begin(), more.end()); };
  const auto keyword = [&](Param param) {
    param.keyword_only = true;
    add({std::move(param)});
  };
  add(CellParams(name));
  if (!is_simple) add({Training("seed")});
  add(RecurrentFlags());
  add({Training("unroll", Value(false))});
  if (is_simple) add({Training("seed")});
  const auto reset_after = std::ranges::find(cell.params, "reset_after", &Param::name);
  if (reset_after != cell.params.end()) add({*reset_after});
  if (!is_simple) {
    add({Training("use_cudnn", Value("auto"))});
    keyword(Training("implementation", Value(2)));
  }
  keyword(ZeroOutputForMask());
  def.weights = WeightsOfCell(cell, std::move(weights));
  def.results = cell.results;
  return def;
}

std::vector<MadeWeight> RNNWeights(const Args& args, const std::vector<TensorType>& inputs) {
  const LayerArg& cell = *GivenCell(args);
  const Shape& shape = inputs.front().shape;
  return WeightsUnder(cell.name, cell, {StepType(shape.front(), shape[RoleAxesOf(args, shape).channels].size)});
}

}  // namespace

LayerDef LSTM() {
  LayerDef def = OfOneCell("LSTM", "Long short-term memory over a sequence.", LSTMCell(),
                           {"lstm_cell/kernel", "lstm_cell/recurrent_kernel", "lstm_cell/bias"});
  def.examples = {
      {.inputs = {"f32[batch, time: 5, features: 3]"}, .call = "LSTM(4)", .output = "f32[batch, features: 4]"},
      {.inputs = {"f32[batch, time: 5, features: 3]"},
       .call = "LSTM(4, return_sequences=True, use_bias=False)",
       .output = "f32[batch, time: 5, features: 4]"},
      {.inputs = {"f32[batch, time: 4, features: 2]"},
       .call = "LSTM(3, \"relu\", \"hard_sigmoid\", return_sequences=True, go_backwards=True)",
       .output = "f32[batch, time: 4, features: 3]"},
      {.inputs = {"f32[batch, time, features: 2]"},
       .call = "LSTM(3, return_state=True)",
       .output = "f32[batch, features: 3], z: f32[batch, features: 3], u: f32[batch, features: 3]"}};
  return def;
}

LayerDef GRU() {
  LayerDef def = OfOneCell("GRU", "Gated recurrent units over a sequence.", GRUCell(),
                           {"gru_cell/kernel", "gru_cell/recurrent_kernel", "gru_cell/bias"});
  def.examples = {
      {.inputs = {"f32[batch, time: 5, features: 3]"}, .call = "GRU(4)", .output = "f32[batch, features: 4]"},
      {.inputs = {"f32[batch, time: 5, features: 3]"},
       .call = "GRU(4, return_sequences=True, reset_after=False)",
       .output = "f32[batch, time: 5, features: 4]"}};
  return def;
}

LayerDef SimpleRNN() {
  LayerDef def =
      OfOneCell("SimpleRNN", "A dense layer over each step and the output of the step before.", SimpleRNNCell(),
                {"simple_rnn_cell/kernel", "simple_rnn_cell/recurrent_kernel", "simple_rnn_cell/bias"});
  def.examples = {
      {.inputs = {"f32[batch, time: 5, features: 3]"}, .call = "SimpleRNN(4)", .output = "f32[batch, features: 4]"},
      {.inputs = {"f32[batch, time: 5, features: 3]"},
       .call = "SimpleRNN(4, activation=\"relu\", return_sequences=True)",
       .output = "f32[batch, time: 5, features: 4]"}};
  return def;
}

LayerDef RNN() {
  LayerDef def = Recurrent("RNN", "A cell, or a stack of them, over a sequence.");
  def.params = {{.name = "cell",
                 .type = ParamType::Layer,
                 .doc = "What makes one step: `LSTMCell(8)`; of a list, each cell takes the output of the one before.",
                 .choices = {"StackedRNNCells"}}};
  for (Param& flag : RecurrentFlags()) def.params.push_back(std::move(flag));
  def.params.push_back(Training("unroll", Value(false)));
  def.params.push_back(ZeroOutputForMask());
  def.make_weights = RNNWeights;
  def.results = {"output", "state_1", "state_2", "state_3", "state_4", "state_5", "state_6", "state_7", "state_8"};
  def.examples = {
      {.inputs = {"f32[batch, time: 5, features: 3]"},
       .call = "RNN(LSTMCell(4), return_sequences=True)",
       .output = "f32[batch, time: 5, features: 4]"},
      {.inputs = {"f32[batch, time, features: 3]"},
       .call = "RNN([GRUCell(5), LSTMCell(2)])",
       .output = "f32[batch, features: 2]"},
      {.inputs = {"f32[batch, time: 3, features: 4]"},
       .call = "RNN([SimpleRNNCell(3), GRUCell(2, reset_after=False)], go_backwards=True, return_state=True)",
       .output = "f32[batch, features: 2], z: f32[batch, features: 3], u: f32[batch, features: 2]"}};
  return def;
}

}  // namespace strata::layers
