#include "compiler/layers/recurrence.h"

#include <algorithm>
#include <map>
#include <memory>
#include <numeric>

#include "compiler/layers/cells.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata {

using core::ValueId;

namespace {

// The body of a Scan under construction: what it reads from outside becomes an invariant.
class ScanBody {
 public:
  explicit ScanBody(core::Builder& outside) : outside_(outside) {
    graph_.symbols = outside.graph().symbols;
    graph_.facts = outside.graph().facts;
  }

  core::Builder& builder() { return builder_; }
  core::Graph& graph() { return graph_; }
  const std::vector<ValueId>& operands() const { return operands_; }

  // Carries come first, then sequences.
  ValueId Carry(ValueId initial) { return Add(initial, outside_.ExtentsOf(initial)); }
  // One step of [batch, time, ...].
  ValueId Sequence(ValueId value) {
    core::Extents step = outside_.ExtentsOf(value);
    step.erase(step.begin() + 1);
    return Add(value, std::move(step));
  }
  // A value that is the same in each step.
  ValueId Invariant(ValueId value) {
    const auto [entry, is_new] = invariants_.try_emplace(value);
    if (is_new) entry->second = Add(value, outside_.ExtentsOf(value));
    return entry->second;
  }

 private:
  ValueId Add(ValueId value, core::Extents extents) {
    operands_.push_back(value);
    return builder_.Input(std::move(extents), outside_.TypeOf(value));
  }

  core::Builder& outside_;
  core::Graph graph_;
  core::Builder builder_{graph_};
  std::vector<ValueId> operands_;
  std::map<ValueId, ValueId> invariants_;
};

ValueId AppendZeros(core::Builder& builder, const core::Extents& extents) {
  const ValueId zero = builder.Constant({.sizes = std::vector<int64_t>(extents.size(), 1), .data = {0}});
  core::Extents more = extents;
  for (Dim& extent : more) extent = extent - 1;
  return builder.Pad(zero, core::Extents(extents.size(), 0), std::move(more), 0);
}

// `value`, [batch, ...], of the samples where `mask`, [batch], is true, and `otherwise`, or 0, of the others.
ValueId Where(core::Builder& builder, ValueId mask, ValueId value, std::optional<ValueId> otherwise = std::nullopt) {
  const size_t rank = builder.ExtentsOf(value).size();
  std::vector<int> all(rank);
  std::iota(all.begin(), all.end(), 0);
  std::vector<ValueId> operands = {mask, value};
  std::vector<std::vector<int>> axes = {{0}, all};
  core::MapBuilder map;
  const core::Expr is_kept = map.Operand(0, DType::Bool);
  const core::Expr kept = map.Operand(1);
  if (otherwise) {
    operands.push_back(*otherwise);
    axes.push_back(all);
  }
  const core::Expr other = otherwise ? map.Operand(2) : map.Constant(0);
  return builder.Map(std::move(operands), std::move(axes), rank, Select(is_kept, kept, other));
}

const RecurrentKind& KindOf(const Args& args) {
  const RecurrentKind* kind = FindRecurrent(args.def());
  STRATA_CHECK(kind != nullptr);
  return *kind;
}

std::vector<size_t> RecurrentGroups(const Args& args) {
  const RecurrentKind& kind = KindOf(args);
  std::vector<size_t> groups = {1};
  if (!args.Bool("return_state")) return groups;
  for (const size_t group : kind.state_groups(args)) groups.push_back(group);
  return groups;
}

// Reports `stateful=True`.
void CheckStateful(InferContext& context) {
  if (!context.args.Bool("stateful")) return;
  context.diagnostics.Report(kinds::Stateful, ArgumentSpan(context, "stateful"), context.class_name)
      .Primary("each call starts anew")
      .Help(
          "take the states as outputs with `return_state=True`, and give them to the next call as inputs by "
          "`initial_state=`");
}

Param Flag(std::string_view name, std::string_view doc) {
  return {.name = name, .type = ParamType::Bool, .doc = doc, .default_value = Value(false)};
}

}  // namespace

CellContext CellOf(const ExpandContext& context, const Args& args, const std::string& name) {
  return {.builder = context.builder, .args = args, .weight = [weight = context.weight, name](std::string_view path) {
            return weight(name + "/" + std::string(path));
          }};
}

Recurrence AppendRecurrence(const CellContext& context, const Cell& cell, ValueId input,
                            const RecurrenceOptions& options) {
  core::Builder& builder = context.builder;
  const ValueId projected = cell.project(context, input);
  std::vector<ValueId> initial = options.initial;
  if (initial.empty()) {
    core::Extents step = builder.ExtentsOf(projected);
    step.erase(step.begin() + 1);
    for (const core::Extents& state : cell.states(step)) initial.push_back(AppendZeros(builder, state));
  }

  ScanBody body(builder);
  std::vector<ValueId> before;
  for (const ValueId state : initial) before.push_back(body.Carry(state));
  const ValueId input_of_step = body.Sequence(projected);
  std::optional<ValueId> mask_of_step;
  if (options.mask) mask_of_step = body.Sequence(*options.mask);
  const CellContext inside{
      .builder = body.builder(), .args = context.args, .weight = [&](std::string_view name) -> std::optional<ValueId> {
        const std::optional<ValueId> outside = context.weight(name);
        return outside ? std::optional(body.Invariant(*outside)) : std::nullopt;
      }};
  const CellStep step = cell.step(inside, input_of_step, before);
  STRATA_CHECK(step.states.size() == initial.size());
  const auto output = static_cast<size_t>(std::ranges::find(step.states, step.output) - step.states.begin());
  STRATA_CHECK(output < step.states.size());
  std::vector<ValueId>& outputs = body.graph().outputs;
  outputs = step.states;
  if (mask_of_step) {
    for (size_t i = 0; i < outputs.size(); ++i)
      outputs[i] = Where(body.builder(), *mask_of_step, outputs[i], before[i]);
  }
  const bool has_zeros = mask_of_step && options.zero_masked;
  outputs.push_back(has_zeros ? Where(body.builder(), *mask_of_step, step.output) : outputs[output]);

  const size_t sequences = options.mask ? 2 : 1;
  std::vector<ValueId> results =
      builder.Scan(body.operands(), {.body = std::make_shared<const core::Graph>(body.graph()),
                                     .carries = static_cast<int>(initial.size()),
                                     .sequences = static_cast<int>(sequences),
                                     .sequence_axes = std::vector<int>(sequences, 1),
                                     .result_axes = {1},
                                     .reverse = options.backwards});
  Recurrence recurrence{.outputs = results.back(), .output = results[output], .states = {}};
  results.pop_back();
  recurrence.states = std::move(results);
  if (has_zeros) {
    const core::Extents& extents = builder.ExtentsOf(*options.mask);
    const Dim batch = extents[0];
    const Dim last = options.backwards ? Dim(0) : extents[1] - 1;
    const ValueId mask_of_last = builder.Reshape(builder.Slice(*options.mask, {0, last}, {batch, 1}, {1, 1}), {batch});
    recurrence.output = Where(builder, mask_of_last, recurrence.output);
  }
  return recurrence;
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

void CheckStates(InferContext& context, std::string_view param, const std::vector<Shape>& expected,
                 const std::string& why) {
  const OperandRange range = context.RangeOf(param);
  if (range.IsEmpty() || expected.empty()) return;
  const size_t given = range.end - range.begin;
  const auto text_of = [](const Shape& shape) { return "`" + ToString(TensorType{DType::F32, shape}) + "`"; };
  if (given != expected.size()) {
    const auto text = [](size_t number, const char* noun) {
      return std::to_string(number) + noun + (number == 1 ? "" : "s");
    };
    const std::string has = text(expected.size(), " state");
    const std::string is_given = std::to_string(given) + (given == 1 ? " is" : " are");
    Diagnostic& diagnostic =
        param == "initial_state"
            ? context.diagnostics.Report(kinds::StateCount, context.name_span, context.class_name, has, is_given)
            : context.diagnostics.Report(kinds::TensorCount, context.name_span, context.class_name, has, is_given);
    diagnostic.Label(context.inputs[range.begin].span, "given as `" + std::string(param) + "`");
    std::vector<std::string> shapes;
    for (const Shape& shape : expected) shapes.push_back(text_of(shape));
    const bool are_alike = std::ranges::count(shapes, shapes.front()) == static_cast<std::ptrdiff_t>(shapes.size());
    diagnostic.Note(are_alike ? "each state is " + shapes.front() : "the states are " + Enumerate(shapes));
    return;
  }
  for (size_t i = range.begin; i < range.end; ++i) {
    const TensorType& type = context.inputs[i].type;
    const Shape& wanted = expected[i - range.begin];
    bool fits = IsFloat(type.dtype) && type.shape.size() == wanted.size();
    for (size_t axis = 0; fits && axis < wanted.size(); ++axis) {
      fits = type.shape[axis].size.IsUnknown() || wanted[axis].size.IsUnknown() ||
             context.AreEqual(type.shape[axis].size, wanted[axis].size);
    }
    if (fits) continue;
    context.diagnostics
        .Report(kinds::StateShape, context.name_span, context.class_name, OperandText(context, i), ToString(type),
                ToString(TensorType{DType::F32, wanted}))
        .Primary(why)
        .Label(context.inputs[i].span, "this is `" + ToString(type) + "`");
    return;
  }
}

void CheckMask(InferContext& context, size_t time) {
  if (context.diagnostics.HasErrors()) return;
  RequireMask(context, time);
  const bool is_read = context.RangeOf("initial_state").IsEmpty() || !context.RangeOf("mask").IsEmpty();
  if (is_read || context.inputs.front().mask_axes == 0) return;
  context.diagnostics.Report(kinds::MaskNotRead, context.name_span, context.class_name, OperandText(context, 0))
      .Primary("steps that are padding change its states")
      .Note(
          "as in Keras, where a mask that travels is read only if the sequence is the only tensor, without "
          "`initial_state`")
      .Help("give the mask by `mask=` to have it read");
}

std::optional<ValueId> MaskOfSequence(const ExpandContext& context) {
  const bool is_only_tensor = context.RangeOf("initial_state").IsEmpty();
  return is_only_tensor || !context.RangeOf("mask").IsEmpty() ? context.masks.front() : std::nullopt;
}

const RecurrentKind* FindRecurrent(const LayerDef& def) {
  static const std::pair<std::string_view, const RecurrentKind*> kLayers[] = {
      {"LSTM", &layers::kOverSequences},      {"GRU", &layers::kOverSequences},
      {"SimpleRNN", &layers::kOverSequences}, {"RNN", &layers::kOverSequences},
      {"ConvLSTM1D", &layers::kOverFrames},   {"ConvLSTM2D", &layers::kOverFrames},
      {"ConvLSTM3D", &layers::kOverFrames},
  };
  for (const auto& [name, kind] : kLayers) {
    if (def.name == name) return kind;
  }
  return nullptr;
}

std::vector<size_t> ResultGroups(const Args& args) {
  // The states of a cell stand together.
  if (const CellKind* cell = FindCell(args.def())) return {1, cell->state_sizes(args).size()};
  if (FindRecurrent(args.def()) != nullptr) return RecurrentGroups(args);
  if (args.def().name != "Bidirectional") return {};
  std::vector<size_t> groups(args.Get("merge_mode").IsNone() ? 2 : 1, 1);
  const ConfigValue& forward = args.Get("layer");
  const ConfigValue& backward = args.Get("backward_layer").IsNone() ? forward : args.Get("backward_layer");
  for (const LayerArg* layer : {forward.AsLayer(), backward.AsLayer()}) {
    if (FindRecurrent(*layer->def) == nullptr) return {};
    const std::vector<size_t> own = RecurrentGroups(layer->args);
    groups.insert(groups.end(), own.begin() + 1, own.end());
  }
  return groups;
}

Shape RecurrentKind::Types::Output() const {
  Shape shape = outputs;
  shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(time));
  return shape;
}

size_t RecurrentKind::StateCount(const Args& args) const {
  const std::vector<size_t> groups = state_groups(args);
  return std::accumulate(groups.begin(), groups.end(), size_t{0});
}

std::vector<Param> RecurrentFlags() {
  return {Flag("return_sequences", "Whether to give the output of each step, not the last one alone."),
          Flag("return_state", "Whether to give the states after the last step, too."),
          Flag("go_backwards", "Whether to go from the last step to the first; the outputs are in that order."),
          Flag("stateful", "Whether a call begins with the states of the one before; must be False.")};
}

Param ZeroOutputForMask() {
  return Flag("zero_output_for_mask", "Whether the output of a masked step is 0, not that of the step before.");
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

RecurrentKind::Types CheckRecurrent(InferContext& context) {
  RequireFloats(context);
  CheckStateful(context);
  return KindOf(context.args).infer(context);
}

std::vector<TensorType> InferRecurrent(InferContext& context) {
  const RecurrentKind::Types types = CheckRecurrent(context);
  CheckStates(context, "initial_state", types.states, types.why);
  CheckMask(context, types.time);
  const Shape shape = context.args.Bool("return_sequences") ? types.outputs : types.Output();
  std::vector<TensorType> results = {{.dtype = DType::F32, .shape = shape}};
  if (context.args.Bool("return_state")) {
    for (const Shape& state : types.states) results.push_back({.dtype = DType::F32, .shape = state});
  }
  return results;
}

size_t MaskOfSequences(const InferContext& context, const Args& args) {
  if (!args.Bool("return_sequences")) return 0;
  const bool is_time_first = KindOf(args).axes(args, context.input().shape).time == 1;
  return is_time_first ? context.inputs.front().mask_axes : 0;
}

// With go_backwards, Keras leaves it as it is although the outputs are turned over.
std::vector<size_t> MaskOfRecurrent(const InferContext& context, const std::vector<TensorType>&) {
  return {MaskOfSequences(context, context.args)};
}

std::vector<ValueId> ExpandRecurrent(ExpandContext& context) {
  const Args& args = context.args;
  const OperandRange range = context.RangeOf("initial_state");
  const bool backwards = args.Bool("go_backwards");
  const auto begin = context.inputs.begin();
  const Recurrence recurrence = KindOf(args).append(
      context,
      {.initial = {begin + static_cast<std::ptrdiff_t>(range.begin), begin + static_cast<std::ptrdiff_t>(range.end)},
       .backwards = backwards,
       .mask = MaskOfSequence(context),
       .zero_masked = args.Bool("zero_output_for_mask")});
  std::vector<ValueId> results = {recurrence.output};
  if (args.Bool("return_sequences")) {
    // Keras gives the outputs in the order in which they were computed.
    const size_t time = KindOf(args).axes(args, context.input_type().shape).time;
    results = {backwards ? AppendReverse(context.builder, recurrence.outputs, time) : recurrence.outputs};
  }
  if (args.Bool("return_state")) results.insert(results.end(), recurrence.states.begin(), recurrence.states.end());
  return results;
}

}  // namespace strata
