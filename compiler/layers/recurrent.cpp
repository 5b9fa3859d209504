// LSTM, GRU and SimpleRNN: a Scan over the time, with the products of its input computed before it in one.
#include "compiler/layers/recurrent.h"

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>

#include "compiler/layers/activations.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata {
namespace {

using core::ValueId;

// What one step sees, all of it [batch, ...] in the body of the Scan.
struct Step {
  core::Builder& builder;
  const Args& args;
  ValueId input;                // the input's products with the kernel and the bias, [batch, parts * units]
  std::vector<ValueId> states;  // [batch, units]
  ValueId kernel;               // the recurrent one, [units, parts * units]
  std::optional<ValueId> bias;  // the recurrent one, [parts * units], where the cell has one

  int64_t units() const { return args.Int("units"); }

  // Units [begin, begin + count) * units of an axis that holds parts, the last one.
  ValueId Parts(ValueId value, int64_t begin, int64_t count) const {
    core::Extents extents = builder.ExtentsOf(value);
    std::vector<Dim> begins(extents.size());
    begins.back() = begin * units();
    extents.back() = count * units();
    std::vector<int64_t> steps(extents.size(), 1);
    return builder.Slice(value, std::move(begins), std::move(extents), std::move(steps));
  }
  ValueId Part(ValueId value, int64_t part) const { return Parts(value, part, 1); }
  ValueId Product(ValueId state, ValueId matrix) const {
    return builder.Contract(state, matrix, {.left = {0, 1}, .right = {1, 2}, .out = {0, 2}});
  }
  ValueId Sum(ValueId a, ValueId b) const {
    core::MapBuilder map;
    const core::Expr left = map.Operand(0);
    return builder.Map({a, b}, left + map.Operand(1));
  }
  ValueId Times(ValueId a, ValueId b) const {
    core::MapBuilder map;
    const core::Expr left = map.Operand(0);
    return builder.Map({a, b}, left * map.Operand(1));
  }
  ValueId Activate(ValueId value) const { return AppendActivation(builder, value, args.Text("activation")); }
  ValueId ActivateGate(ValueId value) const {
    return AppendActivation(builder, value, args.Text("recurrent_activation"));
  }
};

struct Cell {
  std::string_view layer;
  int64_t parts;  // of the kernels' last axis, each `units` long
  size_t states;
  std::vector<ValueId> (*next)(const Step&);  // the next states; the first one is the output
};

// ---- The cells, as keras.layers.LSTMCell, GRUCell and SimpleRNNCell have them ----

std::vector<ValueId> NextLSTM(const Step& step) {
  const ValueId z = step.Sum(step.input, step.Product(step.states[0], step.kernel));
  const ValueId in = step.ActivateGate(step.Part(z, 0));
  const ValueId forget = step.ActivateGate(step.Part(z, 1));
  const ValueId candidate = step.Activate(step.Part(z, 2));
  const ValueId out = step.ActivateGate(step.Part(z, 3));
  const ValueId carry = step.Sum(step.Times(forget, step.states[1]), step.Times(in, candidate));
  return {step.Times(out, step.Activate(carry)), carry};
}

std::vector<ValueId> NextGRU(const Step& step) {
  const ValueId h = step.states[0];
  const bool reset_after = step.args.Bool("reset_after");
  ValueId inner = step.Product(h, reset_after ? step.kernel : step.Parts(step.kernel, 0, 2));
  if (step.bias) inner = step.Sum(inner, *step.bias);
  const ValueId update = step.ActivateGate(step.Sum(step.Part(step.input, 0), step.Part(inner, 0)));
  const ValueId reset = step.ActivateGate(step.Sum(step.Part(step.input, 1), step.Part(inner, 1)));
  const ValueId past = reset_after ? step.Times(reset, step.Part(inner, 2))
                                   : step.Product(step.Times(reset, h), step.Part(step.kernel, 2));
  const ValueId candidate = step.Activate(step.Sum(step.Part(step.input, 2), past));
  core::MapBuilder map;
  const core::Expr z = map.Operand(0);
  return {step.builder.Map({update, h, candidate}, z * map.Operand(1) + (1.0 - z) * map.Operand(2))};
}

std::vector<ValueId> NextSimple(const Step& step) {
  return {step.Activate(step.Sum(step.input, step.Product(step.states[0], step.kernel)))};
}

constexpr Cell kCells[] = {
    {"LSTM", 4, 2, NextLSTM},
    {"GRU", 3, 1, NextGRU},
    {"SimpleRNN", 1, 1, NextSimple},
};

const Cell* FindCell(const LayerDef& def) {
  const auto* found = std::ranges::find(kCells, def.name, &Cell::layer);
  return found == std::end(kCells) ? nullptr : found;
}

const Cell& CellOf(const LayerDef& def) {
  const Cell* cell = FindCell(def);
  STRATA_CHECK(cell != nullptr);
  return *cell;
}

// The only weight under a name that ends so.
std::optional<ValueId> WeightOf(ExpandContext& context, std::string_view name) {
  for (const WeightDef& weight : context.args.def().weights) {
    if (weight.name.ends_with("/" + std::string(name))) return context.weight(weight.name);
  }
  return std::nullopt;
}

// Zeros of as many samples as the batch has.
ValueId ZeroState(core::Builder& builder, const Dim& batch, int64_t units) {
  const ValueId row = builder.Constant({.sizes = {1, units}, .data = std::vector<float>(static_cast<size_t>(units))});
  return builder.Pad(row, {0, 0}, {batch - 1, 0}, 0);
}

// `value`, [batch, units], of the samples where `mask`, [batch], is true, and `otherwise`, or 0, of the others.
ValueId Where(core::Builder& builder, ValueId mask, ValueId value, std::optional<ValueId> otherwise = std::nullopt) {
  std::vector<ValueId> operands = {mask, value};
  std::vector<std::vector<int>> axes = {{0}, {0, 1}};
  core::MapBuilder map;
  const core::Expr is_kept = map.Operand(0, DType::Bool);
  const core::Expr kept = map.Operand(1);
  if (otherwise) {
    operands.push_back(*otherwise);
    axes.push_back({0, 1});
  }
  const core::Expr other = otherwise ? map.Operand(2) : map.Constant(0);
  return builder.Map(std::move(operands), std::move(axes), 2, Select(is_kept, kept, other));
}

// GRU's bias with reset_after has two rows: one for the input's products, one for the state's.
ValueId BiasRow(core::Builder& builder, ValueId bias, int64_t row) {
  core::Extents extents = builder.ExtentsOf(bias);
  if (extents.size() == 1) return bias;
  extents[0] = 1;
  const Dim size = extents[1];
  return builder.Reshape(builder.Slice(bias, {row, 0}, std::move(extents), {1, 1}), {size});
}

}  // namespace

void LintMaskNotRead(InferContext& context) {
  const bool is_read = context.RangeOf("initial_state").IsEmpty() || !context.RangeOf("mask").IsEmpty();
  if (is_read || context.inputs.front().mask_axes == 0) return;
  context.diagnostics.Report(kinds::MaskNotRead, context.name_span, context.class_name, OperandText(context, 0))
      .Primary("steps that are padding change its states")
      .Note(
          "as in Keras, where a mask that travels is read only if the sequence is the only tensor, without "
          "`initial_state`")
      .Help("give the mask by `mask=` to have it read");
}

size_t MaskOfSequences(const InferContext& context, const Args& args) {
  if (!args.Bool("return_sequences")) return 0;
  const bool is_time_first = RoleAxesOf(args, context.input().shape).spatial.front() == 1;
  return is_time_first ? context.inputs.front().mask_axes : 0;
}

bool IsRecurrent(const LayerDef& def) { return FindCell(def) != nullptr; }

size_t StateCount(const LayerDef& def) { return CellOf(def).states; }

void CheckStates(InferContext& context, const LayerArg* wrapped, size_t count) {
  const OperandRange range = context.RangeOf("initial_state");
  if (range.IsEmpty()) return;
  const Args& args = wrapped == nullptr ? context.args : wrapped->args;
  const Shape expected = {context.input().shape.front(), {.name = "features", .size = args.Int("units")}};
  if (range.end - range.begin != count) {
    const size_t given = range.end - range.begin;
    const auto text = [](size_t number, const char* noun) {
      return std::to_string(number) + noun + (number == 1 ? "" : "s");
    };
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::StateCount, context.name_span, context.class_name, text(count, " state"),
                                   std::to_string(given) + (given == 1 ? " is" : " are"));
    diagnostic.Label(context.inputs[range.begin].span, "given as `initial_state`")
        .Note("each state is `" + ToString(TensorType{DType::F32, expected}) + "`");
    return;
  }
  for (size_t i = range.begin; i < range.end; ++i) {
    const TensorType& type = context.inputs[i].type;
    const bool fits = IsFloat(type.dtype) && type.shape.size() == 2 &&
                      context.AreEqual(type.shape[0].size, expected[0].size) &&
                      (context.AreEqual(type.shape[1].size, expected[1].size) || type.shape[1].size.IsUnknown());
    if (fits) continue;
    context.diagnostics
        .Report(kinds::StateShape, context.name_span, context.class_name, OperandText(context, i), ToString(type),
                ToString(TensorType{DType::F32, expected}))
        .Primary("has " + expected[1].size.ToString() + " units")
        .Label(context.inputs[i].span, "this is `" + ToString(type) + "`");
  }
}

ValueId AppendReverse(core::Builder& builder, ValueId input, size_t axis) {
  const core::Extents extents = builder.ExtentsOf(input);
  // Positions from the last to the first; the operand is there for their number alone.
  const ValueId steps = builder.Pad(builder.Constant({.sizes = {1}, .data = {0}}), {0}, {extents[axis] - 1}, 0);
  core::MapBuilder map;
  const core::Expr last = map.Size(extents[axis] - 1, DType::I32);
  const ValueId positions = builder.Map({steps}, last - map.Index(0, DType::I32));
  std::vector<int> to_front(extents.size());
  std::iota(to_front.begin(), to_front.end(), 0);
  std::rotate(to_front.begin(), to_front.begin() + static_cast<std::ptrdiff_t>(axis),
              to_front.begin() + static_cast<std::ptrdiff_t>(axis) + 1);
  std::vector<int> back(to_front.size());
  for (size_t i = 0; i < to_front.size(); ++i) back[static_cast<size_t>(to_front[i])] = static_cast<int>(i);
  return builder.Transpose(builder.Gather(builder.Transpose(input, to_front), positions), back);
}

std::vector<Param> RecurrentCallParams() {
  return {{.name = "sequences", .type = ParamType::Tensor, .doc = "The sequence."},
          {.name = "initial_state",
           .type = ParamType::Tensors,
           .doc = "The states before the first step; None: zeros.",
           .default_value = None(),
           .none_allowed = true},
          MaskParam()};
}

std::optional<ValueId> MaskOfSequence(const ExpandContext& context) {
  const bool is_only_tensor = context.RangeOf("initial_state").IsEmpty();
  return is_only_tensor || !context.RangeOf("mask").IsEmpty() ? context.masks.front() : std::nullopt;
}

Recurrence AppendRecurrence(ExpandContext& context, const RecurrenceOptions& options) {
  core::Builder& builder = context.builder;
  const Cell& cell = CellOf(context.args.def());
  const int64_t units = context.args.Int("units");
  const TensorType& type = context.input_type();
  const RoleAxes axes = RoleAxesOf(context.args, type.shape);
  const Dim batch = type.shape.front().size;

  // The input's products, [batch, time, parts * units].
  const bool is_time_first = axes.spatial.front() < axes.channels;
  const ValueId input = is_time_first ? context.input() : builder.Transpose(context.input(), {0, 2, 1});
  ValueId products =
      builder.Contract(input, *WeightOf(context, "kernel"), {.left = {0, 1, 2}, .right = {2, 3}, .out = {0, 1, 3}});
  const std::optional<ValueId> bias = WeightOf(context, "bias");
  if (bias) {
    core::MapBuilder map;
    const core::Expr before = map.Operand(0);
    products = builder.Map({products, BiasRow(builder, *bias, 0)}, before + map.Operand(1));
  }
  const ValueId kernel = *WeightOf(context, "recurrent_kernel");
  const bool has_state_bias = bias && builder.ExtentsOf(*bias).size() == 2;

  core::Graph body;
  body.symbols = builder.graph().symbols;
  body.facts = builder.graph().facts;
  core::Builder inside(body);
  Step step{.builder = inside, .args = context.args, .input = {}, .states = {}, .kernel = {}, .bias = {}};
  std::vector<ValueId> operands = options.initial;
  for (size_t i = 0; i < cell.states; ++i) {
    if (options.initial.empty()) operands.push_back(ZeroState(builder, batch, units));
    step.states.push_back(inside.Input({batch, units}));
  }
  operands.push_back(products);
  step.input = inside.Input({batch, cell.parts * units});
  std::optional<ValueId> mask;  // of the step
  if (options.mask) {
    operands.push_back(*options.mask);
    mask = inside.Input({batch}, DType::Bool);
  }
  operands.push_back(kernel);
  step.kernel = inside.Input({units, cell.parts * units});
  if (has_state_bias) {
    operands.push_back(BiasRow(builder, *bias, 1));
    step.bias = inside.Input({cell.parts * units});
  }
  body.outputs = cell.next(step);
  if (mask) {
    for (size_t i = 0; i < cell.states; ++i) body.outputs[i] = Where(inside, *mask, body.outputs[i], step.states[i]);
  }
  body.outputs.push_back(mask && options.zero_masked ? Where(inside, *mask, body.outputs.front())
                                                     : body.outputs.front());

  std::vector<ValueId> results = builder.Scan(std::move(operands), {.body = std::make_shared<const core::Graph>(body),
                                                                    .carries = static_cast<int>(cell.states),
                                                                    .sequences = mask ? 2 : 1,
                                                                    .sequence_axes = std::vector<int>(mask ? 2 : 1, 1),
                                                                    .result_axes = {1},
                                                                    .reverse = options.backwards});
  Recurrence recurrence{.output = results.front(), .sequence = results.back(), .states = {}};
  results.pop_back();
  recurrence.states = std::move(results);
  if (mask && options.zero_masked) {
    const Dim last = options.backwards ? Dim(0) : builder.ExtentsOf(products)[1] - 1;
    const ValueId mask_of_last = builder.Reshape(builder.Slice(*options.mask, {0, last}, {batch, 1}, {1, 1}), {batch});
    recurrence.output = Where(builder, mask_of_last, recurrence.output);
  }
  if (!is_time_first) recurrence.sequence = builder.Transpose(recurrence.sequence, {0, 2, 1});
  return recurrence;
}

namespace layers {
namespace {

// ---- Shape rule and expansion, the same for all ----

// The kernel has a row for each feature, so their number cannot be a symbol.
void RequireConstantFeatures(InferContext& context, size_t features) {
  const Shape& shape = context.input().shape;
  const Dim& size = shape[features].size;
  if (!size.IsKnown() || size.Constant()) return;
  context.diagnostics.Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, features), size.ToString())
      .Primary("its kernel has a row for each of them, so their number must be a constant")
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Help("give the number in the signature, as in `features: 16`");
}

std::vector<TensorType> Infer(InferContext& context) {
  RequireFloats(context);
  const Args& args = context.args;
  if (args.Bool("stateful")) {
    context.diagnostics.Report(kinds::Stateful, ArgumentSpan(context, "stateful"), context.class_name)
        .Primary("each call starts anew")
        .Help(
            "take the states as outputs with `return_state=True`, and give them to the next call as inputs by "
            "`initial_state=`");
  }
  const Dim units = args.Int("units");
  const std::optional<RoleAxes> axes = RequireRoleAxes(context);
  const Axis batch = context.input().shape.front();
  const TensorType state = {.dtype = DType::F32,
                            .shape = {batch, {.name = "features", .size = units, .provisional = true}}};
  TensorType output = state;
  if (axes) RequireConstantFeatures(context, axes->channels);
  if (axes) CheckStates(context, nullptr, StateCount(args.def()));
  if (axes) RequireMask(context, axes->spatial.front());
  LintMaskNotRead(context);
  if (args.Bool("return_sequences")) {
    output = axes ? TensorType{.dtype = DType::F32, .shape = context.input().shape} : UnknownResult(context, units);
    if (axes) output.shape[axes->channels] = MadeAxis(output.shape, axes->channels, "features", units);
  }
  std::vector<TensorType> results = {output};
  if (args.Bool("return_state")) results.insert(results.end(), StateCount(args.def()), state);
  return results;
}

std::vector<core::ValueId> Expand(ExpandContext& context) {
  const OperandRange range = context.RangeOf("initial_state");
  const std::vector<core::ValueId> initial(context.inputs.begin() + static_cast<std::ptrdiff_t>(range.begin),
                                           context.inputs.begin() + static_cast<std::ptrdiff_t>(range.end));
  const bool backwards = context.args.Bool("go_backwards");
  const Recurrence recurrence = AppendRecurrence(context, {.initial = initial,
                                                           .backwards = backwards,
                                                           .mask = MaskOfSequence(context),
                                                           .zero_masked = context.args.Bool("zero_output_for_mask")});
  core::ValueId output = recurrence.output;
  if (context.args.Bool("return_sequences")) {
    // Keras gives the outputs in the order in which they were computed.
    const size_t time = RoleAxesOf(context.args, context.input_type().shape).spatial.front();
    output = backwards ? AppendReverse(context.builder, recurrence.sequence, time) : recurrence.sequence;
  }
  std::vector<core::ValueId> results = {output};
  if (context.args.Bool("return_state")) {
    results.insert(results.end(), recurrence.states.begin(), recurrence.states.end());
  }
  return results;
}

// With go_backwards, Keras leaves it as it is although the outputs are turned over.
std::vector<size_t> MaskOfOutput(const InferContext& context, const std::vector<TensorType>&) {
  return {MaskOfSequences(context, context.args)};
}

// ---- Weights ----

const Dim& InputFeatures(const TensorType& input, const Args& args) {
  return input.shape[RoleAxesOf(args, input.shape).channels].size;
}

Axis PartsAxis(const Args& args) { return {.name = "units", .size = CellOf(args.def()).parts * args.Int("units")}; }

std::optional<Shape> KernelShape(const Args& args, const std::vector<TensorType>& inputs) {
  return Shape{{.name = "features", .size = InputFeatures(inputs.front(), args)}, PartsAxis(args)};
}

std::optional<Shape> RecurrentKernelShape(const Args& args, const std::vector<TensorType>&) {
  return Shape{{.name = "state", .size = args.Int("units")}, PartsAxis(args)};
}

bool HasTwoBiases(const Args& args) {
  const std::vector<Param>& params = args.def().params;
  return std::ranges::find(params, "reset_after", &Param::name) != params.end() && args.Bool("reset_after");
}

std::optional<Shape> BiasShape(const Args& args, const std::vector<TensorType>&) {
  if (!args.Bool("use_bias")) return std::nullopt;
  if (HasTwoBiases(args)) return Shape{{.name = "sides", .size = 2}, PartsAxis(args)};
  return Shape{PartsAxis(args)};
}

// ---- Definitions ----

Param Flag(std::string_view name, std::string_view doc, bool default_value = false) {
  return {.name = name, .type = ParamType::Bool, .doc = doc, .default_value = Value(default_value)};
}

Param Named(Param param, std::string_view name, const char* default_value) {
  param.name = name;
  param.default_value = Value(default_value);
  return param;
}

LayerDef Recurrent(std::string_view name, std::string_view summary, std::array<std::string_view, 3> weights,
                   std::vector<std::string_view> results, std::vector<LayerExample> examples) {
  const bool is_simple = name == "SimpleRNN";
  const bool is_gru = name == "GRU";
  LayerDef def = {
      .name = name,
      .summary = summary,
      .params = {{.name = "units", .doc = "Numbers in the output and in each state.", .min = 1},
                 Named(ActivationName(), "activation", "tanh")},
      .call_params = RecurrentCallParams(),
      .roles = &SequenceRoles(),
      .infer = Infer,
      .mask = {.of_results = MaskOfOutput, .is_read = true},
      .weights = {{.name = weights[0],
                   .doc = "A row for each feature, columns for each part and unit.",
                   .initializer = "glorot_uniform",
                   .shape = KernelShape},
                  {.name = weights[1],
                   .doc = "A row for each unit of the state, columns for each part and unit.",
                   .initializer = "orthogonal",
                   .shape = RecurrentKernelShape},
                  {.name = weights[2],
                   .doc = "One number for each part and unit.",
                   .initializer = "zeros",
                   .shape = BiasShape}},
      .expand = Expand,
      .examples = std::move(examples),
      .results = std::move(results),
  };
  std::vector<Param>& params = def.params;
  const auto add = [&](std::vector<Param> more) { params.insert(params.end(), more.begin(), more.end()); };
  if (!is_simple) {
    add({Named(ActivationName(), "recurrent_activation", "sigmoid")});
    params.back().doc = "Function of the gates; None: none.";
  }
  add({UseBias(), Training("kernel_initializer", Value("glorot_uniform")),
       Training("recurrent_initializer", Value("orthogonal")), Training("bias_initializer", Value("zeros"))});
  if (!is_simple && !is_gru) add({Training("unit_forget_bias", Value(true))});
  add({Training("kernel_regularizer"), Training("recurrent_regularizer"), Training("bias_regularizer"),
       Training("activity_regularizer"), Training("kernel_constraint"), Training("recurrent_constraint"),
       Training("bias_constraint"), Training("dropout", Value(0.0)), Training("recurrent_dropout", Value(0.0))});
  if (!is_simple) add({Training("seed")});
  add({Flag("return_sequences", "Whether to give the output of each step, not the last one alone."),
       Flag("return_state", "Whether to give the states after the last step, too."),
       Flag("go_backwards", "Whether to go from the last step to the first; the outputs are in that order."),
       Flag("stateful", "Whether a call begins with the states of the one before; must be False."),
       Training("unroll", Value(false))});
  if (is_simple) add({Training("seed")});
  if (is_gru) add({Flag("reset_after", "Whether the reset gate acts after the product with the state.", true)});
  if (!is_simple) add({Training("use_cudnn", Value("auto"))});
  params.push_back(
      Flag("zero_output_for_mask", "Whether the output of a masked step is 0, not that of the step before."));
  params.back().keyword_only = true;
  return def;
}

}  // namespace

LayerDef LSTM() {
  return Recurrent(
      "LSTM", "Long short-term memory over a sequence.",
      {"lstm_cell/kernel", "lstm_cell/recurrent_kernel", "lstm_cell/bias"}, {"output", "h", "c"},
      {{.inputs = {"f32[batch, time: 5, features: 3]"}, .call = "LSTM(4)", .output = "f32[batch, features: 4]"},
       {.inputs = {"f32[batch, time: 5, features: 3]"},
        .call = "LSTM(4, return_sequences=True, use_bias=False)",
        .output = "f32[batch, time: 5, features: 4]"},
       {.inputs = {"f32[batch, time: 4, features: 2]"},
        .call = "LSTM(3, \"relu\", \"hard_sigmoid\", return_sequences=True, go_backwards=True)",
        .output = "f32[batch, time: 4, features: 3]"}});
}

LayerDef GRU() {
  return Recurrent(
      "GRU", "Gated recurrent units over a sequence.",
      {"gru_cell/kernel", "gru_cell/recurrent_kernel", "gru_cell/bias"}, {"output", "h"},
      {{.inputs = {"f32[batch, time: 5, features: 3]"}, .call = "GRU(4)", .output = "f32[batch, features: 4]"},
       {.inputs = {"f32[batch, time: 5, features: 3]"},
        .call = "GRU(4, return_sequences=True, reset_after=False)",
        .output = "f32[batch, time: 5, features: 4]"}});
}

LayerDef SimpleRNN() {
  return Recurrent(
      "SimpleRNN", "A dense layer over each step and the output of the step before.",
      {"simple_rnn_cell/kernel", "simple_rnn_cell/recurrent_kernel", "simple_rnn_cell/bias"}, {"output", "h"},
      {{.inputs = {"f32[batch, time: 5, features: 3]"}, .call = "SimpleRNN(4)", .output = "f32[batch, features: 4]"},
       {.inputs = {"f32[batch, time: 5, features: 3]"},
        .call = "SimpleRNN(4, activation=\"relu\", return_sequences=True)",
        .output = "f32[batch, time: 5, features: 4]"}});
}

}  // namespace layers
}  // namespace strata
