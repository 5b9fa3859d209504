#include "compiler/layers/layer_list.h"
#include "compiler/layers/messages.h"
#include "compiler/layers/params.h"
#include "compiler/layers/recurrence.h"
#include "compiler/layers/roles.h"
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
    if (FindRecurrent(*layer->def) != nullptr) continue;
    report(*layer)
        .Primary("does not go along the time")
        .Help("it holds a recurrent layer: LSTM, GRU, SimpleRNN, RNN or a ConvLSTM");
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
  return true;
}

RecurrentKind::Types InferOne(InferContext& context, const LayerArg& layer) {
  InferContext inner = ContextOf(context, layer);
  inner.inputs.resize(1);
  inner.inputs.front().mask_axes = 0;  // checked outside
  inner.counts = {1, 0, 0};
  return CheckRecurrent(inner);
}

// Where the results are joined. `joined`: in the outputs of all steps.
size_t JoinedAxis(const LayerArg& layer, size_t time, size_t joined) {
  return !layer.args.Bool("return_sequences") && joined > time ? joined - 1 : joined;
}

// What the two outputs become together; reports those that do not fit.
Shape MergedShape(InferContext& context, const Shape& forward, const Shape& backward, size_t joined) {
  const bool joins = context.args.Text("merge_mode") == "concat";
  Shape merged = forward;
  bool fits = forward.size() == backward.size();
  for (size_t i = 0; i < forward.size() && fits; ++i) {
    if (joins && i == joined) {
      merged[i].size += backward[i].size;
    } else {
      const bool is_known = forward[i].size.IsKnown() && backward[i].size.IsKnown();
      fits = !is_known || context.AreEqual(forward[i].size, backward[i].size);
    }
  }
  if (fits) return merged;
  const LayerArg& layer = BackwardLayer(context.args);
  Diagnostic& diagnostic =
      context.diagnostics.Report(kinds::WrappedLayer, layer.name_span, context.class_name, layer.def->name);
  diagnostic.Primary("gives `" + ToString(backward) + "`")
      .Label(WrappedLayer(context.args).name_span, "gives `" + ToString(forward) + "`");
  if (!joins) {
    diagnostic.Help("results of two sizes can be joined: `merge_mode=\"concat\"`", Applicability::MaybeIncorrect,
                    SetArgument(context, "merge_mode", "\"concat\""));
  }
  return merged;
}

// Keras joins the last axis, be it the channels' or not.
void LintJoinedAxis(InferContext& context, const Shape& result, size_t joined) {
  const std::optional<size_t> channels = FindAxis(result, "channels");
  if (joined + 1 != result.size() || !channels || *channels == joined) return;
  const std::string& name = result[*channels].name;
  context.diagnostics
      .Report(kinds::DefaultAxis, context.name_span, "the concatenation of " + std::string(context.class_name),
              AxisText(result, joined), name)
      .Primary("joins the last axis of `" + ToString(result) + "`")
      .Help("`merge_mode=None` gives both results, for `Concatenate(axis=" + name + ")`");
}

std::vector<TensorType> Infer(InferContext& context) {
  if (!CheckLayers(context)) return {};
  const LayerArg& layer = WrappedLayer(context.args);
  const LayerArg& other = BackwardLayer(context.args);
  RecurrentKind::Types forward = InferOne(context, layer);
  Diagnostics same;  // what is wrong with the input has been said
  InferContext again{.args = context.args,
                     .class_name = context.class_name,
                     .inputs = context.inputs,
                     .name_span = context.name_span,
                     .call_span = context.call_span,
                     .diagnostics = same,
                     .counts = context.counts,
                     .facts = context.facts};
  const RecurrentKind::Types backward = InferOne(again, other);
  std::vector<Shape> states = forward.states;
  states.insert(states.end(), backward.states.begin(), backward.states.end());
  CheckStates(context, "initial_state", states, forward.why);
  CheckMask(context, forward.time);

  const bool has_sequences = layer.args.Bool("return_sequences");
  const Shape first = has_sequences ? forward.outputs : forward.Output();
  const Shape second = has_sequences ? backward.outputs : backward.Output();
  std::vector<Shape> shapes = {first, second};
  if (!context.args.Get("merge_mode").IsNone()) {
    // Where something is wrong with the axes, which one is joined does not matter.
    size_t joined = first.size() - 1;
    if (!context.diagnostics.HasErrors()) {
      const RecurrentKind::Axes axes = FindRecurrent(*layer.def)->axes(layer.args, context.input().shape);
      joined = JoinedAxis(layer, axes.time, axes.joined);
    }
    shapes = {MergedShape(context, first, second, joined)};
    if (context.args.Text("merge_mode") == "concat") LintJoinedAxis(context, shapes.front(), joined);
  }
  if (layer.args.Bool("return_state")) shapes.insert(shapes.end(), states.begin(), states.end());
  std::vector<TensorType> results;
  for (Shape& shape : shapes) results.push_back({.dtype = DType::F32, .shape = std::move(shape)});
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

ValueId Merge(core::Builder& builder, std::string_view mode, ValueId forward, ValueId backward, size_t joined) {
  if (mode == "concat") return builder.Concat({forward, backward}, static_cast<int>(joined));
  core::MapBuilder map;
  const core::Expr a = map.Operand(0);
  const core::Expr b = map.Operand(1);
  const core::Expr merged = mode == "mul" ? a * b : mode == "ave" ? (a + b) / 2.0 : a + b;
  return builder.Map({forward, backward}, merged);
}

std::vector<ValueId> Expand(ExpandContext& context) {
  const LayerArg& layer = WrappedLayer(context.args);
  const LayerArg& other = BackwardLayer(context.args);
  const RecurrentKind& kind = *FindRecurrent(*layer.def);
  const OperandRange range = context.RangeOf("initial_state");
  const auto begin = context.inputs.begin() + static_cast<std::ptrdiff_t>(range.begin);
  const auto end = context.inputs.begin() + static_cast<std::ptrdiff_t>(range.end);
  const std::vector<TensorType> inputs = {context.input_type()};
  ExpandContext forward_context = ContextOf(context, layer, ForwardName(context.args), inputs, context.output_types);
  ExpandContext backward_context = ContextOf(context, other, BackwardName(context.args), inputs, context.output_types);
  const bool forward_is_backwards = RunsBackwards(layer);
  RecurrenceOptions options = {.initial = {begin, end},
                               .backwards = forward_is_backwards,
                               .mask = MaskOfSequence(context),
                               .zero_masked = layer.args.Bool("return_sequences")};  // whatever the layers say
  std::vector<ValueId> of_second;
  if (!range.IsEmpty()) {
    const auto middle = options.initial.begin() + static_cast<std::ptrdiff_t>(kind.StateCount(layer.args));
    of_second.assign(middle, options.initial.end());
    options.initial.erase(middle, options.initial.end());
  }
  const Recurrence forward = kind.append(forward_context, options);
  options.initial = std::move(of_second);
  options.backwards = !forward_is_backwards;
  const Recurrence backward = FindRecurrent(*other.def)->append(backward_context, options);

  ValueId first = forward.output;
  ValueId second = backward.output;
  const RecurrentKind::Axes axes = kind.axes(layer.args, context.input_type().shape);
  if (layer.args.Bool("return_sequences")) {
    first = forward.outputs;
    second = backward.outputs;
    if (forward_is_backwards) {
      // Keras then has both in the order of their computation, and turns the second one over.
      first = AppendReverse(context.builder, first, axes.time);
      second = AppendReverse(context.builder, second, axes.time);
    }
  }
  std::vector<ValueId> results = {first, second};
  if (const std::string* mode = context.args.Get("merge_mode").AsString()) {
    results = {Merge(context.builder, *mode, first, second, JoinedAxis(layer, axes.time, axes.joined))};
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
      .examples =
          {{.inputs = {"f32[batch, time: 5, features: 3]"},
            .call = "Bidirectional(LSTM(4, return_sequences=True))",
            .output = "f32[batch, time: 5, features: 8]"},
           {.inputs = {"f32[batch, time: 5, features: 3]"},
            .call = "Bidirectional(GRU(4), merge_mode=\"sum\")",
            .output = "f32[batch, features: 4]"},
           {.inputs = {"f32[batch, time: 4, features: 3]"},
            .call = "Bidirectional(LSTM(2), backward_layer=LSTM(3, go_backwards=True))",
            .output = "f32[batch, features: 5]"},
           {.inputs = {"f32[batch, time: 3, height: 4, width: 5, channels: 2]"},
            .call = "Bidirectional(ConvLSTM2D(2, 3, padding=\"same\", return_sequences=True))",
            .output = "f32[batch, time: 3, height: 4, width: 5, channels: 4]"},
           {.inputs = {"f32[batch, time, features: 3]"},
            .call = "Bidirectional(RNN([GRUCell(3), LSTMCell(2)], return_state=True), merge_mode=\"mul\")",
            .output =
                "f32[batch, features: 2], z: f32[batch, features: 3], u: f32[batch, features: 2], v: f32[batch, "
                "features: 2], w: f32[batch, features: 3], p: f32[batch, features: 2], q: f32[batch, features: 2]"}},
  };
}

}  // namespace strata::layers
