#include "compiler/layers/cells.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "compiler/layers/activations.h"
#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/roles.h"
#include "compiler/layers/wrapper.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata {

using core::ValueId;

namespace {

// ---- Formulas ----

// Parts [begin, begin + count) of the last axis, which holds `parts` alike.
ValueId Parts(core::Builder& builder, ValueId value, int64_t begin, int64_t count, int64_t parts) {
  if (count == parts) return value;
  core::Extents extents = builder.ExtentsOf(value);
  const std::optional<int64_t> size = extents.back().Constant();
  STRATA_CHECK(size && *size % parts == 0);
  const int64_t width = *size / parts;
  extents.back() = count * width;
  std::vector<Dim> begins(extents.size());
  begins.back() = begin * width;
  std::vector<int64_t> steps(extents.size(), 1);
  return builder.Slice(value, std::move(begins), std::move(extents), std::move(steps));
}

ValueId Times(core::Builder& builder, ValueId a, ValueId b) {
  core::MapBuilder map;
  const core::Expr left = map.Operand(0);
  return builder.Map({a, b}, left * map.Operand(1));
}

// Over the last axis of `value` and the first one of the matrix.
ValueId Product(core::Builder& builder, ValueId value, ValueId matrix) {
  core::Contract op;
  op.left.resize(builder.ExtentsOf(value).size());
  std::iota(op.left.begin(), op.left.end(), 0);
  const int columns = static_cast<int>(op.left.size());
  op.right = {columns - 1, columns};
  op.out = op.left;
  op.out.back() = columns;
  return builder.Contract(value, matrix, std::move(op));
}

// GRU's bias with reset_after has two rows: one for the input's products, one for the state's.
ValueId BiasRow(core::Builder& builder, ValueId bias, int64_t row) {
  core::Extents extents = builder.ExtentsOf(bias);
  if (extents.size() == 1) return bias;
  extents[0] = 1;
  const Dim size = extents[1];
  return builder.Reshape(builder.Slice(bias, {row, 0}, std::move(extents), {1, 1}), {size});
}

ValueId Project(const CellContext& context, ValueId input) {
  core::Builder& builder = context.builder;
  const ValueId products = Product(builder, input, *context.weight("kernel"));
  const std::optional<ValueId> bias = context.weight("bias");
  return bias ? AppendSum(builder, products, BiasRow(builder, *bias, 0)) : products;
}

ValueId Activate(const CellContext& context, ValueId value) {
  return AppendActivation(context.builder, value, context.args.Text("activation"));
}

ValueId ActivateGate(const CellContext& context, ValueId value) {
  return AppendActivation(context.builder, value, context.args.Text("recurrent_activation"));
}

CellStep LSTMStep(const CellContext& context, ValueId projected, const std::vector<ValueId>& states) {
  const ValueId product = Product(context.builder, states[0], *context.weight("recurrent_kernel"));
  return AppendLSTMStep(context, AppendSum(context.builder, projected, product), states[1]);
}

CellStep GRUStep(const CellContext& context, ValueId projected, const std::vector<ValueId>& states) {
  core::Builder& builder = context.builder;
  const ValueId h = states[0];
  const ValueId kernel = *context.weight("recurrent_kernel");
  const bool reset_after = context.args.Bool("reset_after");
  const int64_t inner_parts = reset_after ? 3 : 2;
  ValueId inner = Product(builder, h, Parts(builder, kernel, 0, inner_parts, 3));
  const std::optional<ValueId> bias = context.weight("bias");
  if (bias && reset_after) inner = AppendSum(builder, inner, BiasRow(builder, *bias, 1));
  const auto outer_part = [&](int64_t part) { return Parts(builder, projected, part, 1, 3); };
  const auto inner_part = [&](int64_t part) { return Parts(builder, inner, part, 1, inner_parts); };
  const ValueId update = ActivateGate(context, AppendSum(builder, outer_part(0), inner_part(0)));
  const ValueId reset = ActivateGate(context, AppendSum(builder, outer_part(1), inner_part(1)));
  const ValueId past = reset_after ? Times(builder, reset, inner_part(2))
                                   : Product(builder, Times(builder, reset, h), Parts(builder, kernel, 2, 1, 3));
  const ValueId candidate = Activate(context, AppendSum(builder, outer_part(2), past));
  core::MapBuilder map;
  const core::Expr z = map.Operand(0);
  const ValueId next = builder.Map({update, h, candidate}, z * map.Operand(1) + (1.0 - z) * map.Operand(2));
  return {.output = next, .states = {next}};
}

CellStep SimpleStep(const CellContext& context, ValueId projected, const std::vector<ValueId>& states) {
  const ValueId product = Product(context.builder, states[0], *context.weight("recurrent_kernel"));
  const ValueId next = Activate(context, AppendSum(context.builder, projected, product));
  return {.output = next, .states = {next}};
}

int64_t Units(const Args& args) { return args.Int("units"); }
std::vector<int64_t> OneState(const Args& args) { return {Units(args)}; }
std::vector<int64_t> TwoStates(const Args& args) { return {Units(args), Units(args)}; }
std::vector<size_t> OneGroup(const Args&) { return {1}; }
std::vector<size_t> TwoGroups(const Args&) { return {1, 1}; }

constexpr CellKind kLSTMCell = {TwoStates, Units, TwoGroups, Project, LSTMStep};
constexpr CellKind kGRUCell = {OneState, Units, OneGroup, Project, GRUStep};
constexpr CellKind kSimpleRNNCell = {OneState, Units, OneGroup, Project, SimpleStep};

const CellKind& KindOfCell(const LayerDef& def) {
  const CellKind* kind = FindCell(def);
  STRATA_CHECK(kind != nullptr);
  return *kind;
}

// ---- Stacks: each cell takes the output of the one before ----

const LayerArg& CellAt(const Args& args, size_t index) { return *args.List("cells")[index].AsLayer(); }
size_t CellCount(const Args& args) { return args.List("cells").size(); }

CellContext ContextOfCell(const CellContext& outer, const LayerArg& cell) {
  return {.builder = outer.builder,
          .args = cell.args,
          .weight = [weight = outer.weight, name = cell.name](std::string_view path) {
            return weight(name + "/" + std::string(path));
          }};
}

std::vector<int64_t> StackedStates(const Args& args) {
  std::vector<int64_t> sizes;
  for (size_t i = 0; i < CellCount(args); ++i) {
    for (const int64_t size : KindOfCell(*CellAt(args, i).def).state_sizes(CellAt(args, i).args)) sizes.push_back(size);
  }
  return sizes;
}

// As Keras gives them: those of each cell together.
std::vector<size_t> StackedGroups(const Args& args) {
  std::vector<size_t> groups;
  for (size_t i = 0; i < CellCount(args); ++i) {
    groups.push_back(KindOfCell(*CellAt(args, i).def).state_sizes(CellAt(args, i).args).size());
  }
  return groups;
}

int64_t StackedOutput(const Args& args) {
  const LayerArg& last = CellAt(args, CellCount(args) - 1);
  return KindOfCell(*last.def).output_size(last.args);
}

ValueId StackedProject(const CellContext& context, ValueId input) {
  const LayerArg& first = CellAt(context.args, 0);
  return KindOfCell(*first.def).project(ContextOfCell(context, first), input);
}

CellStep StackedStep(const CellContext& context, ValueId projected, const std::vector<ValueId>& states) {
  CellStep result;
  size_t next = 0;
  for (size_t i = 0; i < CellCount(context.args); ++i) {
    const LayerArg& cell = CellAt(context.args, i);
    const CellContext inside = ContextOfCell(context, cell);
    const size_t count = KindOfCell(*cell.def).state_sizes(cell.args).size();
    const std::vector<ValueId> own(states.begin() + static_cast<std::ptrdiff_t>(next),
                                   states.begin() + static_cast<std::ptrdiff_t>(next + count));
    next += count;
    const ValueId input = i == 0 ? projected : KindOfCell(*cell.def).project(inside, result.output);
    const CellStep step = KindOfCell(*cell.def).step(inside, input, own);
    result.output = step.output;
    result.states.insert(result.states.end(), step.states.begin(), step.states.end());
  }
  return result;
}

constexpr CellKind kStackedRNNCells = {StackedStates, StackedOutput, StackedGroups, StackedProject, StackedStep};

}  // namespace

const CellKind* FindCell(const LayerDef& def) {
  static constexpr std::pair<std::string_view, const CellKind*> kCells[] = {
      {"LSTMCell", &kLSTMCell},
      {"GRUCell", &kGRUCell},
      {"SimpleRNNCell", &kSimpleRNNCell},
      {"StackedRNNCells", &kStackedRNNCells},
  };
  for (const auto& [name, kind] : kCells) {
    if (def.name == name) return kind;
  }
  return nullptr;
}

CellStep AppendLSTMStep(const CellContext& context, ValueId gates, ValueId carry, int softmax_axis) {
  core::Builder& builder = context.builder;
  const auto activate = [&](std::string_view function, ValueId value) {
    return AppendActivation(builder, value, context.args.Text(function), softmax_axis);
  };
  const auto gate = [&](int64_t part) { return activate("recurrent_activation", Parts(builder, gates, part, 1, 4)); };
  const ValueId in = gate(0);
  const ValueId forget = gate(1);
  const ValueId candidate = activate("activation", Parts(builder, gates, 2, 1, 4));
  const ValueId out = gate(3);
  core::MapBuilder map;
  const core::Expr kept = map.Operand(0) * map.Operand(1);
  const ValueId next = builder.Map({forget, carry, in, candidate}, kept + map.Operand(2) * map.Operand(3));
  const ValueId output = Times(builder, out, activate("activation", next));
  return {.output = output, .states = {output, next}};
}

ValueId AppendSum(core::Builder& builder, ValueId a, ValueId b) {
  core::MapBuilder map;
  const core::Expr left = map.Operand(0);
  return builder.Map({a, b}, left + map.Operand(1));
}

Cell FormulaOf(const CellKind& kind, const Args& args) {
  return {.project = kind.project,
          .states =
              [sizes = kind.state_sizes(args)](const core::Extents& projected) {
                std::vector<core::Extents> states;
                for (const int64_t size : sizes) states.push_back({projected.front(), size});
                return states;
              },
          .step = kind.step};
}

bool CheckCell(Diagnostics& diagnostics, std::string_view holder, const LayerArg& layer) {
  const CellKind* kind = FindCell(*layer.def);
  if (kind == nullptr) {
    Diagnostic& diagnostic = diagnostics.Report(kinds::WrappedLayer, layer.name_span, holder, layer.def->name);
    diagnostic.Primary("makes no single step of a sequence");
    const std::string cell = std::string(layer.def->name) + "Cell";
    const LayerDef* found = FindLayer(cell);
    if (found != nullptr && FindCell(*found) != nullptr) {
      diagnostic.Help("it holds a cell: `" + cell + "`", Applicability::MaybeIncorrect, {{layer.name_span, cell}});
    } else {
      diagnostic.Help("it holds a cell: LSTMCell, GRUCell or SimpleRNNCell, or a list of them");
    }
    return false;
  }
  if (kind != &kStackedRNNCells) return true;
  bool are_cells = true;
  for (size_t i = 0; i < CellCount(layer.args); ++i) {
    are_cells = CheckCell(diagnostics, layer.def->name, CellAt(layer.args, i)) && are_cells;
  }
  return are_cells;
}

TensorType StepType(const Axis& batch, Dim features) {
  return {.dtype = DType::F32,
          .shape = {batch, {.name = "features", .size = std::move(features), .provisional = true}}};
}

void RequireConstantFeatures(InferContext& context, size_t features) {
  const Shape& shape = context.input().shape;
  const Dim& size = shape[features].size;
  if (!size.IsKnown() || size.Constant()) return;
  context.diagnostics.Report(kinds::SizeNotConstant, context.name_span, AxisText(shape, features), size.ToString())
      .Primary("its kernel has a row for each of them, so their number must be a constant")
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`")
      .Help("give the number in the signature, as in `features: 16`");
}

std::vector<Param> CellParams(std::string_view layer) {
  const bool is_simple = layer.starts_with("SimpleRNN");
  const bool is_lstm = layer.starts_with("LSTM");
  const bool is_cell = layer.ends_with("Cell");
  std::vector<Param> params;
  const auto add = [&](std::vector<Param> more) { params.insert(params.end(), more.begin(), more.end()); };
  const auto function = [](std::string_view name, std::string_view doc, const char* default_value) {
    return Param{.name = name, .type = ParamType::Activation, .doc = doc, .default_value = Value(default_value)};
  };
  add({{.name = "units", .doc = "Numbers in the output and in each state.", .min = 1},
       function("activation", "Function applied to the result; None: none.", "tanh")});
  if (!is_simple) add({function("recurrent_activation", "Function of the gates; None: none.", "sigmoid")});
  add({UseBias(), Training("kernel_initializer", Value("glorot_uniform")),
       Training("recurrent_initializer", Value("orthogonal")), Training("bias_initializer", Value("zeros"))});
  if (is_lstm) add({Training("unit_forget_bias", Value(true))});
  add({Training("kernel_regularizer"), Training("recurrent_regularizer"), Training("bias_regularizer")});
  if (!is_cell) add({Training("activity_regularizer")});
  add({Training("kernel_constraint"), Training("recurrent_constraint"), Training("bias_constraint"),
       Training("dropout", Value(0.0)), Training("recurrent_dropout", Value(0.0))});
  return params;
}

std::vector<WeightDef> WeightsOfCell(const LayerDef& cell, std::vector<std::string_view> names) {
  std::vector<WeightDef> weights = cell.weights;
  STRATA_CHECK(weights.size() == names.size());
  for (size_t i = 0; i < weights.size(); ++i) {
    weights[i].name = names[i];
    weights[i].shape = [shape = weights[i].shape](const Args& args, const std::vector<TensorType>& inputs) {
      const Shape& sequence = inputs.front().shape;
      return shape(args, {StepType(sequence.front(), sequence[RoleAxesOf(args, sequence).channels].size)});
    };
  }
  return weights;
}

namespace layers {
namespace {

// ---- A cell by itself: one step ----

const AxisRoles& StepRoles() {
  static const AxisRoles roles = {{}, "features", "a step", "a single number is one feature"};
  return roles;
}

// The position of the features, or nothing after a message.
std::optional<size_t> RequireStep(InferContext& context) {
  const Shape& shape = context.input().shape;
  if (const auto axes = FindRoleAxes(StepRoles(), shape, {})) return axes->channels;
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::NotAnImage, context.name_span, context.class_name, ToString(shape),
                                 static_cast<int64_t>(shape.size()), "one step", int64_t{2});
  diagnostic.Primary("takes `[batch, features]`")
      .Label(context.inputs.front().span, "this is `" + ToString(shape) + "`");
  if (shape.size() == 3) {
    diagnostic.Help("`RNN(" + std::string(context.class_name) + "(...))` runs it along the time, from states of zeros");
  }
  return std::nullopt;
}

std::vector<TensorType> InferCell(InferContext& context) {
  const CellKind& kind = KindOfCell(context.args.def());
  RequireFloats(context);
  const LayerArg self{&context.args.def(), context.args, "", context.name_span, context.call_span};
  if (!CheckCell(context.diagnostics, context.class_name, self))
    return {StepType(context.input().shape.front(), Dim::Unknown())};
  if (const std::optional<size_t> features = RequireStep(context)) RequireConstantFeatures(context, *features);
  const Axis batch = context.input().shape.front();
  std::vector<Shape> states;
  std::vector<TensorType> results = {StepType(batch, kind.output_size(context.args))};
  for (const int64_t size : kind.state_sizes(context.args)) {
    results.push_back(StepType(batch, size));
    states.push_back(results.back().shape);
  }
  if (context.RangeOf("states").IsEmpty()) {
    // The checker sees that they are there, but not in a wrapper.
    context.diagnostics.Report(kinds::MissingArgument, context.name_span, context.class_name, "states")
        .Help("`RNN(" + std::string(context.class_name) + "(...))` has them, along the time");
  }
  CheckStates(context, "states", states, "has " + std::to_string(kind.output_size(context.args)) + " units");
  return results;
}

std::vector<ValueId> ExpandCell(ExpandContext& context) {
  const CellKind& kind = KindOfCell(context.args.def());
  const CellContext cell{.builder = context.builder, .args = context.args, .weight = context.weight};
  const OperandRange range = context.RangeOf("states");
  const CellStep step = kind.step(cell, kind.project(cell, context.input()),
                                  {context.inputs.begin() + static_cast<std::ptrdiff_t>(range.begin),
                                   context.inputs.begin() + static_cast<std::ptrdiff_t>(range.end)});
  std::vector<ValueId> results = {step.output};
  results.insert(results.end(), step.states.begin(), step.states.end());
  return results;
}

// ---- Weights ----

// The kernels' last axis holds so many parts, each `units` long.
template <int64_t kParts>
Axis PartsAxis(const Args& args) {
  return {.name = "units", .size = kParts * Units(args)};
}

template <int64_t kParts>
std::optional<Shape> Kernel(const Args& args, const std::vector<TensorType>& inputs) {
  const Shape& step = inputs.front().shape;
  return Shape{{.name = "features", .size = step[FindRoleAxes(StepRoles(), step, {})->channels].size},
               PartsAxis<kParts>(args)};
}

template <int64_t kParts>
std::optional<Shape> RecurrentKernel(const Args& args, const std::vector<TensorType>&) {
  return Shape{{.name = "state", .size = Units(args)}, PartsAxis<kParts>(args)};
}

bool HasTwoBiases(const Args& args) {
  const std::vector<Param>& params = args.def().params;
  return std::ranges::find(params, "reset_after", &Param::name) != params.end() && args.Bool("reset_after");
}

template <int64_t kParts>
std::optional<Shape> Bias(const Args& args, const std::vector<TensorType>&) {
  if (!args.Bool("use_bias")) return std::nullopt;
  if (HasTwoBiases(args)) return Shape{{.name = "sides", .size = 2}, PartsAxis<kParts>(args)};
  return Shape{PartsAxis<kParts>(args)};
}

template <int64_t kParts>
std::vector<WeightDef> Weights() {
  return {{.name = "kernel",
           .doc = "A row for each feature, columns for each part and unit.",
           .initializer = "glorot_uniform",
           .shape = Kernel<kParts>},
          {.name = "recurrent_kernel",
           .doc = "A row for each unit of the state, columns for each part and unit.",
           .initializer = "orthogonal",
           .shape = RecurrentKernel<kParts>},
          {.name = "bias", .doc = "One number for each part and unit.", .initializer = "zeros", .shape = Bias<kParts>}};
}

std::vector<MadeWeight> StackedWeights(const Args& args, const std::vector<TensorType>& inputs) {
  std::vector<MadeWeight> weights;
  TensorType step = inputs.front();
  for (size_t i = 0; i < CellCount(args); ++i) {
    const LayerArg& cell = CellAt(args, i);
    for (MadeWeight& weight : WeightsUnder(cell.name, cell, {step})) weights.push_back(std::move(weight));
    step = StepType(step.shape.front(), KindOfCell(*cell.def).output_size(cell.args));
  }
  return weights;
}

// ---- Definitions ----

LayerDef CellLayer(std::string_view name, std::string_view summary) {
  return {
      .name = name,
      .summary = summary,
      .params = CellParams(name),
      .call_params = {{.name = "inputs", .type = ParamType::Tensor, .doc = "One step, `[batch, features]`."},
                      {.name = "states", .type = ParamType::Tensors, .doc = "The states before it."}},
      .infer = InferCell,
      .expand = ExpandCell,
  };
}

Param Implementation() {
  Param implementation = Training("implementation", Value(2));
  implementation.keyword_only = true;
  return implementation;
}

}  // namespace

LayerDef LSTMCell() {
  LayerDef def = CellLayer("LSTMCell", "One step of long short-term memory.");
  def.params.push_back(Training("seed"));
  def.params.push_back(Implementation());
  def.weights = Weights<4>();
  def.results = {"output", "h", "c"};
  def.examples = {{.inputs = {"f32[batch, features: 3]", "f32[batch, features: 4]", "f32[batch, features: 4]"},
                   .call = "LSTMCell(4)(x0, (x1, x2))",
                   .output = "f32[batch, features: 4], z: f32[batch, features: 4], u: f32[batch, features: 4]"},
                  {.inputs = {"f32[batch, features: 2]", "f32[batch, features: 3]", "f32[batch, features: 3]"},
                   .call = "LSTMCell(3, activation=\"relu\", use_bias=False)(x0, [x1, x2])",
                   .output = "f32[batch, features: 3], z: f32[batch, features: 3], u: f32[batch, features: 3]"}};
  return def;
}

LayerDef GRUCell() {
  LayerDef def = CellLayer("GRUCell", "One step of gated recurrent units.");
  def.params.push_back({.name = "reset_after",
                        .type = ParamType::Bool,
                        .doc = "Whether the reset gate acts after the product with the state.",
                        .default_value = Value(true)});
  def.params.push_back(Training("seed"));
  def.params.push_back(Implementation());
  def.weights = Weights<3>();
  def.results = {"output", "h"};
  def.examples = {{.inputs = {"f32[batch, features: 3]", "f32[batch, features: 5]"},
                   .call = "GRUCell(5)",
                   .output = "f32[batch, features: 5], z: f32[batch, features: 5]"},
                  {.inputs = {"f32[batch, features: 3]", "f32[batch, features: 5]"},
                   .call = "GRUCell(5, reset_after=False)",
                   .output = "f32[batch, features: 5], z: f32[batch, features: 5]"}};
  return def;
}

LayerDef SimpleRNNCell() {
  LayerDef def = CellLayer("SimpleRNNCell", "A dense layer over a step and the output of the step before.");
  def.params.push_back(Training("seed"));
  def.call_params[0].name = "sequence";
  def.weights = Weights<1>();
  def.results = {"output", "h"};
  def.examples = {{.inputs = {"f32[batch, features: 2]", "f32[batch, features: 4]"},
                   .call = "SimpleRNNCell(4)",
                   .output = "f32[batch, features: 4], z: f32[batch, features: 4]"},
                  {.inputs = {"f32[batch, features: 2]", "f32[batch, features: 4]"},
                   .call = "SimpleRNNCell(4, \"relu\", use_bias=False)",
                   .output = "f32[batch, features: 4], z: f32[batch, features: 4]"}};
  return def;
}

LayerDef StackedRNNCells() {
  LayerDef def = CellLayer("StackedRNNCells", "Cells one after the other, as one cell.");
  def.params = {{.name = "cells", .type = ParamType::Layer, .doc = "The cells, the first one first.", .count = 1}};
  def.make_weights = StackedWeights;
  def.results = {"output"};
  def.examples = {{.inputs = {"f32[batch, time: 4, features: 3]"},
                   .call = "RNN(StackedRNNCells([LSTMCell(4), LSTMCell(2)]))(x0)",
                   .output = "f32[batch, features: 2]"},
                  {.inputs = {"f32[batch, features: 3]", "f32[batch, features: 4]", "f32[batch, features: 2]"},
                   .call = "StackedRNNCells([GRUCell(4), SimpleRNNCell(2)])(x0, (x1, x2))",
                   .output = "f32[batch, features: 2], z: f32[batch, features: 4], u: f32[batch, features: 2]"}};
  return def;
}

}  // namespace layers
}  // namespace strata
