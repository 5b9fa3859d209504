#include "compiler/layers/layer_list.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/recurrent.h"
#include "compiler/layers/wrapper.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::layers {
namespace {

using core::ValueId;

// The layer that runs backwards: the given one, or the wrapped one again with weights of its own.
const LayerArg& BackwardLayer(const Args& args) {
  const LayerArg* given = args.Get("backward_layer").AsLayer();
  return given == nullptr ? WrappedLayer(args) : *given;
}

bool RunsBackwards(const LayerArg& layer) { return layer.args.Bool("go_backwards"); }

std::string Prefixed(const std::string& prefix, const std::string& name) {
  return name.starts_with(prefix) ? name : prefix + name;
}

std::string ForwardName(const Args& args) { return Prefixed("forward_", WrappedLayer(args).name); }

std::string BackwardName(const Args& args) {
  const LayerArg* given = args.Get("backward_layer").AsLayer();
  return given == nullptr ? Prefixed("backward_", WrappedLayer(args).name) : given->name;
}

// ---- Shape rule ----

// Reports a pair that cannot run in both directions.
bool CheckLayers(InferContext& context) {
  const LayerArg& forward = WrappedLayer(context.args);
  const LayerArg& backward = BackwardLayer(context.args);
  const auto report = [&](const LayerArg& layer) -> Diagnostic& {
    return context.diagnostics.Report(kinds::WrappedLayer, layer.name_span, context.class_name, layer.def->name);
  };
  for (const LayerArg* layer : {&forward, &backward}) {
    if (IsRecurrent(*layer->def)) continue;
    report(*layer).Primary("does not go along the time").Help("it holds a recurrent layer: LSTM, GRU or SimpleRNN");
    return false;
  }
  const bool is_given = context.args.Get("backward_layer").AsLayer() != nullptr;
  if (is_given ? RunsBackwards(forward) == RunsBackwards(backward) : RunsBackwards(forward)) {
    report(is_given ? backward : forward)
        .Primary("would run in the same direction as the other one")
        .Help(is_given ? "one of the two has `go_backwards=True`" : "leave `go_backwards` out: both directions are run",
              Applicability::MaybeIncorrect,
              SetArgument(OperandPast::Maker{is_given ? &backward.args : &forward.args,
                                             is_given ? backward.call_span : forward.call_span},
                          "go_backwards", is_given && !RunsBackwards(backward) ? "True" : "False"));
    return false;
  }
  for (const std::string_view name : {"return_sequences", "return_state"}) {
    if (forward.args.Bool(name) == backward.args.Bool(name)) continue;
    const std::string value = forward.args.Bool(name) ? "True" : "False";
    report(backward)
        .Primary("differs in `" + std::string(name) + "`")
        .Label(forward.name_span, "`" + std::string(name) + "=" + value + "` here")
        .Help("give both the same", Applicability::MaybeIncorrect,
              SetArgument(OperandPast::Maker{&backward.args, backward.call_span}, name, value));
    return false;
  }
  const std::string* merge = context.args.Get("merge_mode").AsString();
  const bool joins = merge == nullptr || *merge == "concat";
  if (!joins && forward.args.Int("units") != backward.args.Int("units")) {
    report(backward)
        .Primary("has " + std::to_string(backward.args.Int("units")) + " units")
        .Label(forward.name_span, "has " + std::to_string(forward.args.Int("units")) + " units")
        .Help("results of two sizes can be joined: `merge_mode=\"concat\"`", Applicability::MaybeIncorrect,
              SetArgument(context, "merge_mode", "\"concat\""));
    return false;
  }
  return true;
}

std::vector<TensorType> InferOne(InferContext& context, const LayerArg& layer) {
  InferContext inner = ContextOf(context, layer);
  inner.inputs.resize(1);
  inner.inputs.front().mask_axes = 0;  // checked outside
  inner.counts = {1, 0, 0};
  return layer.def->infer(inner);
}

void CheckMask(InferContext& context, const LayerArg& layer) {
  if (context.diagnostics.HasErrors()) return;
  RequireMask(context, RoleAxesOf(layer.args, context.input().shape).spatial.front());
  LintMaskNotRead(context);
}

size_t FeaturesOf(const Shape& shape) {
  const std::optional<size_t> features = FindAxis(shape, "features");
  return features ? *features : shape.size() - 1;
}

std::vector<TensorType> Infer(InferContext& context) {
  if (!CheckLayers(context)) return {};
  const LayerArg& layer = WrappedLayer(context.args);
  std::vector<TensorType> forward = InferOne(context, layer);
  CheckStates(context, &layer, 2 * StateCount(*layer.def));
  CheckMask(context, layer);
  Diagnostics same;  // what is wrong with the input has been said
  InferContext again{.args = context.args,
                     .class_name = context.class_name,
                     .inputs = context.inputs,
                     .name_span = context.name_span,
                     .call_span = context.call_span,
                     .diagnostics = same,
                     .counts = context.counts};
  std::vector<TensorType> backward = InferOne(again, BackwardLayer(context.args));
  std::vector<TensorType> results;
  const std::string* merge = context.args.Get("merge_mode").AsString();
  if (merge == nullptr) {
    results = {forward.front(), backward.front()};
  } else {
    TensorType merged = forward.front();
    const size_t features = FeaturesOf(merged.shape);
    if (*merge == "concat") merged.shape[features].size += backward.front().shape[features].size;
    results = {merged};
  }
  results.insert(results.end(), forward.begin() + 1, forward.end());
  results.insert(results.end(), backward.begin() + 1, backward.end());
  return results;
}

std::vector<size_t> MaskOfOutputs(const InferContext& context, const std::vector<TensorType>&) {
  const size_t outputs = context.args.Get("merge_mode").IsNone() ? 2 : 1;
  return std::vector<size_t>(outputs, MaskOfSequences(context, WrappedLayer(context.args).args));
}

std::vector<Param> CallParams() {
  std::vector<Param> params = RecurrentCallParams();
  params[1].doc = "The states before the first step, then those before the last one; None: zeros.";
  return params;
}

std::vector<MadeWeight> Weights(const Args& args, const std::vector<TensorType>& inputs) {
  std::vector<MadeWeight> weights = WeightsUnder(ForwardName(args), WrappedLayer(args), {inputs.front()});
  for (MadeWeight& weight : WeightsUnder(BackwardName(args), BackwardLayer(args), {inputs.front()})) {
    weights.push_back(std::move(weight));
  }
  return weights;
}

// ---- Expansion ----

ValueId Merge(core::Builder& builder, std::string_view mode, ValueId forward, ValueId backward, size_t features) {
  if (mode == "concat") return builder.Concat({forward, backward}, static_cast<int>(features));
  core::MapBuilder map;
  const core::Expr a = map.Operand(0);
  const core::Expr b = map.Operand(1);
  const core::Expr merged = mode == "mul" ? a * b : mode == "ave" ? (a + b) / 2.0 : a + b;
  return builder.Map({forward, backward}, merged);
}

std::vector<ValueId> Expand(ExpandContext& context) {
  const LayerArg& layer = WrappedLayer(context.args);
  const LayerArg& other = BackwardLayer(context.args);
  const OperandRange range = context.RangeOf("initial_state");
  const auto states = context.inputs.begin() + static_cast<std::ptrdiff_t>(range.begin);
  const std::ptrdiff_t half = range.IsEmpty() ? 0 : static_cast<std::ptrdiff_t>(StateCount(*layer.def));
  const std::vector<TensorType> inputs = {context.input_type()};
  ExpandContext forward_context = ContextOf(context, layer, ForwardName(context.args), inputs, context.output_types);
  ExpandContext backward_context = ContextOf(context, other, BackwardName(context.args), inputs, context.output_types);
  const bool forward_is_backwards = RunsBackwards(layer);
  RecurrenceOptions options = {.initial = {states, states + half},
                               .backwards = forward_is_backwards,
                               .mask = MaskOfSequence(context),
                               .zero_masked = layer.args.Bool("return_sequences")};  // whatever the layers say
  const Recurrence forward = AppendRecurrence(forward_context, options);
  options.initial = {states + half, states + 2 * half};
  options.backwards = !forward_is_backwards;
  const Recurrence backward = AppendRecurrence(backward_context, options);

  ValueId first = forward.output;
  ValueId second = backward.output;
  size_t features = 1;
  if (layer.args.Bool("return_sequences")) {
    const RoleAxes axes = RoleAxesOf(layer.args, context.input_type().shape);
    features = axes.channels;
    first = forward.sequence;
    second = backward.sequence;
    if (forward_is_backwards) {
      // Keras then has both in the order of their computation, and turns the second one over.
      first = AppendReverse(context.builder, first, axes.spatial.front());
      second = AppendReverse(context.builder, second, axes.spatial.front());
    }
  }
  std::vector<ValueId> results = {first, second};
  if (const std::string* mode = context.args.Get("merge_mode").AsString()) {
    results = {Merge(context.builder, *mode, first, second, features)};
  }
  if (layer.args.Bool("return_state")) {
    results.insert(results.end(), forward.states.begin(), forward.states.end());
    results.insert(results.end(), backward.states.begin(), backward.states.end());
  }
  return results;
}

}  // namespace

LayerDef Bidirectional() {
  return {
      .name = "Bidirectional",
      .summary = "A recurrent layer along the time in both directions.",
      .params = {{.name = "layer", .type = ParamType::Layer, .doc = "The recurrent layer: `LSTM(32)`."},
                 {.name = "merge_mode",
                  .type = ParamType::Choice,
                  .doc = "What becomes of the two outputs; None: both are given.",
                  .default_value = Value("concat"),
                  .none_allowed = true,
                  .choices = {"concat", "sum", "mul", "ave"}},
                 Training("weights"),
                 {.name = "backward_layer",
                  .type = ParamType::Layer,
                  .doc = "The layer that goes backwards; None: one like `layer`.",
                  .default_value = None(),
                  .none_allowed = true}},
      .call_params = CallParams(),
      .infer = Infer,
      .mask = {.of_results = MaskOfOutputs, .is_read = true},
      .make_weights = Weights,
      .expand = Expand,
      .examples = {{.inputs = {"f32[batch, time: 5, features: 3]"},
                    .call = "Bidirectional(LSTM(4, return_sequences=True))",
                    .output = "f32[batch, time: 5, features: 8]"},
                   {.inputs = {"f32[batch, time: 5, features: 3]"},
                    .call = "Bidirectional(GRU(4), merge_mode=\"sum\")",
                    .output = "f32[batch, features: 4]"},
                   {.inputs = {"f32[batch, time: 4, features: 3]"},
                    .call = "Bidirectional(LSTM(2), backward_layer=LSTM(3, go_backwards=True))",
                    .output = "f32[batch, features: 5]"}},
  };
}

}  // namespace strata::layers
