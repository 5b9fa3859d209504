// One application of a layer or function: its shape rule, its node in the network, its weights.
#include <algorithm>
#include <iterator>
#include <numeric>
#include <utility>

#include "compiler/check/assign.h"
#include "compiler/check/evaluate.h"
#include "compiler/check/history.h"
#include "compiler/layers/masks.h"
#include "compiler/layers/recurrence.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/check.h"

namespace strata::check {
namespace {

// The results of a layer, in the lists that it gives them in.
Sequence Grouped(Sequence results, const std::vector<size_t>& sizes, Span span) {
  if (std::accumulate(sizes.begin(), sizes.end(), size_t{0}) != results.items.size()) return results;
  Sequence grouped;
  auto next = std::make_move_iterator(results.items.begin());
  for (const size_t size : sizes) {
    if (size == 1) {
      grouped.items.push_back(*next++);
      continue;
    }
    const auto end = next + static_cast<std::ptrdiff_t>(size);
    grouped.items.push_back({Sequence{{next, end}}, span, ""});
    next = end;
  }
  return grouped;
}

bool HasUnknownSize(const std::vector<TensorType>& types) {
  for (const TensorType& type : types) {
    for (const Axis& axis : type.shape) {
      if (axis.size.IsUnknown()) return true;
    }
  }
  return false;
}

// A step of a pipe with the space before it; invalid where the layer is applied by parentheses.
Span StepOf(const Site& site, const Sources& sources) {
  if (!site.pipe.IsValid() || site.pipe.file != site.call.file) return {};
  Span step{site.call.file, site.pipe.begin, site.call.end};
  const std::string_view before = sources.Text({step.file, 0, step.begin});
  const size_t end = before.find_last_not_of(" \t\r\n");
  if (end != std::string_view::npos) step.begin = static_cast<uint32_t>(end + 1);
  return step;
}

OperandPast PastOf(const Elaboration& model, const Sources& sources, int value) {
  OperandPast past;
  for (size_t i = 0; i < model.TypeOf(value).shape.size(); ++i) {
    std::vector<OperandPast::Change>& changes = past.changes.emplace_back();
    for (const SizeChange& change : ChangesOf(model.network, {value, i})) {
      changes.push_back({change.from, change.to, model.SiteOfNode(change.node).name});
    }
  }
  const auto maker_of = [&](int node) {
    const NetworkLayer& layer = model.LayerOfNode(node);
    const Site& site = model.SiteOfNode(node);
    return OperandPast::Maker{&layer.args, layer.call_span, StepOf(site, sources)};
  };
  for (const DroppedAxis& dropped : DroppedAxes(model.network, value)) {
    past.dropped.push_back({dropped.axis.name, model.SiteOfNode(dropped.node).name, maker_of(dropped.node)});
  }
  for (int maker = model.network.values[static_cast<size_t>(value)].node; maker >= 0;) {
    past.makers.push_back(maker_of(maker));
    const int input = model.network.nodes[static_cast<size_t>(maker)].inputs.front();
    maker = model.network.values[static_cast<size_t>(input)].node;
  }
  return past;
}

// The node on the way of a value's axis 1 that took a mask over it off; nothing where there was none.
std::optional<int> MaskDropOf(const Network& network, int value) {
  if (network.values[static_cast<size_t>(value)].type.shape.size() < 2) return std::nullopt;
  AxisPlace axis{value, 1};
  while (const std::optional<AxisPlace> source = SourceOf(network, axis)) {
    const int node = network.values[static_cast<size_t>(axis.value)].node;
    const size_t rank = network.values[static_cast<size_t>(source->value)].type.shape.size();
    for (const int input : network.nodes[static_cast<size_t>(node)].inputs) {
      const NetworkValue& read = network.values[static_cast<size_t>(input)];
      if (read.type.shape.size() == rank && read.mask_axes > source->position) return node;
    }
    axis = *source;
  }
  return std::nullopt;
}

struct TakenMask {
  int taker;   // the node that took it
  int value;   // off which
  int reader;  // the node that read this value later; -1: the layer itself
};

// What became of the mask that a value has for layers of one tensor alone.
std::optional<TakenMask> TakenMaskOf(const Elaboration& model, int value) {
  int reader = -1;
  for (;;) {
    const auto taker = model.mask_takers.find(value);
    if (taker != model.mask_takers.end() && taker->second != reader) return TakenMask{taker->second, value, reader};
    reader = model.network.values[static_cast<size_t>(value)].node;
    if (reader < 0) return std::nullopt;
    // The operand that has one for layers of one tensor alone.
    const std::vector<int>& inputs = model.network.nodes[static_cast<size_t>(reader)].inputs;
    const auto lost = std::ranges::find_if(inputs, [&](int input) {
      return model.network.values[static_cast<size_t>(input)].mask_axes > 0 && model.JointMaskAxes(input) == 0 &&
             (!model.mask_takers.contains(input) || model.mask_takers.at(input) < reader);
    });
    if (lost == inputs.end()) return std::nullopt;
    value = *lost;
  }
}

// The call arguments that are masks.
std::vector<std::string_view> MaskParams(const LayerDef& def) {
  std::vector<std::string_view> names;
  for (const Param* param : def.TensorParams()) {
    if (param->name.ends_with("mask")) names.push_back(param->name);
  }
  return names;
}

bool IsGivenMasks(const InferContext& context) {
  return std::ranges::any_of(MaskParams(context.args.def()),
                             [&](std::string_view name) { return !context.RangeOf(name).IsEmpty(); });
}

// `mask=`, or of an attention `value_mask=`.
std::string MaskOfValues(const LayerDef& def) {
  const bool has_several = MaskParams(def).size() > 1;
  return Quoted(has_several ? "value_mask=" : "mask=");
}

// Warns, once, of a layer that dropped the mask that this one would read.
void LintMaskDropped(InferContext& context, const std::vector<int>& inputs, Elaboration& model) {
  if (!model.has_masks) return;
  const Network& network = model.network;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (context.inputs[i].mask_axes > 0 || network.values[static_cast<size_t>(inputs[i])].mask_axes > 0) continue;
    const std::optional<int> drop = MaskDropOf(network, inputs[i]);
    if (!drop || !model.mask_drops.insert(*drop).second) continue;
    const LayerDef& dropper = *model.LayerOfNode(*drop).def;
    const bool is_function = dropper.form == LayerDef::Form::Function;
    const std::string name = is_function ? Quoted(dropper.function_name) : std::string(dropper.name);
    Diagnostic& diagnostic =
        context.diagnostics.Report(kinds::MaskDropped, model.SiteOfNode(*drop).name, name, context.class_name);
    const std::vector<int>& read = network.nodes[static_cast<size_t>(*drop)].inputs;
    const auto is_masked = [&](int value) { return network.values[static_cast<size_t>(value)].mask_axes > 0; };
    const auto plain = std::ranges::find_if_not(read, is_masked);
    const bool is_merge = dropper.mask.of_results != nullptr && plain != read.end();
    diagnostic
        .Primary(is_merge ? Quoted(model.NameOf(*plain)) + " has no mask, so the result has none"
                          : "passes no mask on, as in Keras")
        .Label(context.name_span, "takes padding for data")
        .Help("where the steps are still the same, give " + std::string(context.class_name) + " the mask by " +
              MaskOfValues(context.args.def()));
  }
}

// Warns, once for each layer that took masks, of one that this layer would read.
void LintMaskTaken(InferContext& context, const std::vector<int>& inputs, Elaboration& model) {
  const Network& network = model.network;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (context.inputs[i].mask_axes > 0 || network.values[static_cast<size_t>(inputs[i])].mask_axes == 0) continue;
    const std::optional<TakenMask> taken = TakenMaskOf(model, inputs[i]);
    if (!taken || !model.mask_drops.insert(taken->taker).second) continue;
    const std::string_view taker = model.LayerOfNode(taken->taker).def->name;
    Diagnostic& diagnostic = context.diagnostics.Report(kinds::MaskNotRead, context.name_span, context.class_name,
                                                        Quoted(model.NameOf(inputs[i])));
    diagnostic.Primary("takes padding for data")
        .Label(model.SiteOfNode(taken->taker).name, "took the mask off " + Quoted(model.NameOf(taken->value)));
    if (taken->reader >= 0) {
      diagnostic.Label(model.SiteOfNode(taken->reader).name, "joins it without a mask");
    }
    diagnostic.Note("as in Keras 3.15, where " + std::string(taker) +
                    " takes the masks off its tensors, so that layers of several tensors after it see none");
    diagnostic.Help("to leave padding out, which Keras does not, give the mask by " + MaskOfValues(context.args.def()));
  }
}

// The masks that the operands have for a layer of several tensors, or for one of a single tensor; those that are given go
// before both.
void SetMaskAxes(InferContext& context, const std::vector<int>& inputs, bool is_joint, const Elaboration& model) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    context.inputs[i].mask_axes =
        is_joint ? model.JointMaskAxes(inputs[i]) : model.network.values[static_cast<size_t>(inputs[i])].mask_axes;
  }
  const LayerDef& def = context.args.def();
  const size_t first = inputs.empty() ? 0 : model.network.values[static_cast<size_t>(inputs.front())].mask_axes;
  if (KeepsMaskOfModel(def) && first > 0) context.inputs.front().mask_axes = first;
  const OperandRange masks = GivenMasks(def, context.counts);
  for (size_t i = masks.begin; i < masks.end; ++i) {
    context.inputs[i - masks.begin].mask_axes = context.inputs[i].type.shape.size();
  }
}

}  // namespace

// What a function made is called by its expression, where that is short.
std::string Evaluator::NameInMessages(const Value& operand) const {
  constexpr size_t kLongest = 32;
  const int value = operand.As<Tensor>()->index;
  const int node = model_->network.values[static_cast<size_t>(value)].node;
  const bool has_name = !model_->value_names[static_cast<size_t>(value)].empty();
  if (has_name || node < 0 || model_->LayerOfNode(node).def->form != LayerDef::Form::Function) {
    return model_->NameOf(value);
  }
  const std::string_view text = context_.sources.Text(operand.span);
  return IsShort(text, kLongest) ? std::string(text) : model_->NameOf(value);
}

Span Evaluator::MakerOf(const Value& operand) const {
  const auto index = static_cast<size_t>(operand.As<Tensor>()->index);
  const int node = model_->network.values[index].node;
  if (node < 0) return model_->type_spans[index].IsValid() ? model_->type_spans[index] : operand.span;
  const Span name = model_->SiteOfNode(node).name;
  return Contains(operand.span, name) ? name : operand.span;
}

// `axis=a`, where the tensor has no axis `a`, but a number or a string is bound to it.
void Evaluator::OfferValueOfAxis(Diagnostic& diagnostic) {
  if (diagnostic.code != kinds::UnknownAxis.code || diagnostic.labels.empty()) return;
  const Span span = diagnostic.labels.front().span;
  const std::string name(context_.sources.Text(span));
  const Binding* binding = scope_.Find(name);
  if (binding == nullptr || (binding->value.As<Dim>() == nullptr && binding->value.As<std::string>() == nullptr))
    return;
  diagnostic.Help(
      "a bare name is that of an axis; for the axis that " + Quoted(name) + " tells, write " + Quoted("(" + name + ")"),
      Applicability::MaybeIncorrect, {{span, "(" + name + ")"}});
}

Value Evaluator::AppendNode(int index, const std::vector<Value>& operands, std::vector<size_t> counts, const Site& site,
                            std::optional<Args> call_args) {
  const auto layer_index = static_cast<size_t>(index);
  const LayerDef& def = *model_->network.layers[layer_index].def;
  const bool is_function = def.form == LayerDef::Form::Function;
  const int node_index = static_cast<int>(model_->network.nodes.size());
  NetworkNode node{.layer = index, .inputs = {}, .outputs = {}, .counts = counts, .call_args = std::move(call_args)};
  Diagnostics reported;
  InferContext infer{.args = model_->network.layers[layer_index].args,
                     .class_name = NameOf(def),
                     .inputs = {},
                     .name_span = site.name,
                     .call_span = model_->network.layers[layer_index].call_span,
                     .diagnostics = reported,
                     .piped = site.pipe.IsValid() && site.call == model_->network.layers[layer_index].call_span,
                     .counts = std::move(counts),
                     .call_args = node.call_args ? &*node.call_args : nullptr};
  std::vector<TensorType> input_types;
  Elaboration::Taint taint = Elaboration::Taint::None;
  bool makes_wrong = false;
  bool has_type_doubt = false;
  for (const Value& operand : operands) {
    const int value = operand.As<Tensor>()->index;
    node.inputs.push_back(value);
    input_types.push_back(model_->TypeOf(value));
    // Keras casts what goes into a layer to the layer's own type of floats; functions take it as it is.
    if (!is_function && IsFloat(input_types.back().dtype)) input_types.back().dtype = DType::F32;
    if (model_->TaintOf(value) != Elaboration::Taint::None) taint = Elaboration::Taint::Follows;
    has_type_doubt |= is_function && model_->type_doubts[static_cast<size_t>(value)];
    const bool is_piped = site.pipe.IsValid() && infer.inputs.empty();
    infer.inputs.push_back({.type = input_types.back(),
                            .span = MakerOf(operand),
                            .name = NameInMessages(operand),
                            .type_span = model_->type_spans[static_cast<size_t>(value)],
                            .use_span = operand.span,
                            .expression = is_piped ? Span() : operand.span,
                            .mask_axes = 0});
  }
  const bool is_joint = def.inputs == LayerDef::Inputs::Many;
  SetMaskAxes(infer, node.inputs, is_joint, *model_);
  infer.past = [&](size_t operand) { return PastOf(*model_, context_.sources, node.inputs[operand]); };
  infer.facts = &model_->facts;
  infer.require = [&](const Condition& condition) {
    // A function is known by its expression, where that is short.
    constexpr size_t kLongest = 40;
    const std::string_view text = context_.sources.Text(site.call);
    const bool is_shown = is_function && IsShort(text, kLongest);
    const std::string what = is_shown ? Quoted(text) : std::string(NameOf(def));
    return model_->Require(condition, what + " at " + PlaceText(context_.sources, site.name) + " needs ", site.name);
  };
  infer.offer_where = [&](Diagnostic& diagnostic, const std::vector<Condition>& needed) {
    return OfferWhere(diagnostic, *model_, needed);
  };
  std::vector<TensorType> types = def.infer(infer);
  const bool is_right = !reported.HasErrors();
  if (is_right && def.mask.is_read && !IsGivenMasks(infer)) {
    LintMaskDropped(infer, node.inputs, *model_);
    if (is_joint) LintMaskTaken(infer, node.inputs, *model_);
  }
  for (const Diagnostic* diagnostic : reported.Sorted()) {
    // A warning is about the same axes as the error, here or before.
    const bool is_doubtful = !is_right || HasUnknownSize(input_types);
    if (is_doubtful && diagnostic->gravity.severity != Severity::Error) continue;
    if (taint == Elaboration::Taint::None || diagnostic->gravity.about_arguments) {
      Diagnostic adopted = *diagnostic;
      OfferValueOfAxis(adopted);
      for (const Operand& operand : infer.inputs) PointAtDeclaration(adopted, operand.type_span);
      context_.diagnostics.Adopt(std::move(adopted));
    }
    makes_wrong |= !diagnostic->gravity.keeps_shape;
    const bool is_type_open = is_function || diagnostic->code == kinds::NumbersNeeded.code;
    has_type_doubt |= is_type_open && diagnostic->gravity.severity == Severity::Error;
  }
  if (makes_wrong) taint = Elaboration::Taint::Wrong;
  const bool is_sure = is_right && taint == Elaboration::Taint::None;
  if (is_sure && !HasUnknownSize(input_types)) MakeWeights(index, input_types, site);
  int& first_node = model_->layer_states[layer_index].first_node;
  if (first_node < 0) {
    first_node = node_index;
    for (const std::string_view name : def.hidden) ++model_->name_counters[std::string(name)];
  }
  std::vector<size_t> mask_axes, joint_mask_axes;
  if (is_right && def.mask.of_results) {
    SetMaskAxes(infer, node.inputs, /*is_joint=*/true, *model_);
    joint_mask_axes = def.mask.of_results(infer, types);
    SetMaskAxes(infer, node.inputs, /*is_joint=*/false, *model_);
    mask_axes = def.mask.of_results(infer, types);
  }
  if (is_right && TakesMasks(def)) {
    for (const int value : node.inputs) {
      if (model_->JointMaskAxes(value) > 0) model_->mask_takers[value] = node_index;
    }
  }

  Sequence results;
  for (TensorType& type : types) {
    if (is_sure &&
        ReportTooLarge(type.shape, "the result of " + std::string(def.name), site.name, context_.diagnostics)) {
      for (Axis& axis : type.shape) axis.size = Dim::Unknown();
      taint = Elaboration::Taint::Wrong;
    }
    for (Axis& axis : type.shape) {
      if (!axis.size.Constant()) axis.size = model_->facts.Simplify(axis.size);
    }
    const int value = model_->AddValue(std::move(type), site.call, node_index, taint);
    model_->type_doubts.back() = has_type_doubt;
    if (node.outputs.size() < mask_axes.size()) {
      model_->network.values.back().mask_axes = mask_axes[node.outputs.size()];
      model_->has_masks |= mask_axes[node.outputs.size()] > 0;
    }
    if (node.outputs.size() < joint_mask_axes.size()) {
      model_->network.values.back().joint_mask_axes = joint_mask_axes[node.outputs.size()];
    }
    const bool is_named = types.size() > 1 && node.outputs.size() < def.results.size();
    if (is_named) model_->value_names.back() = def.results[node.outputs.size()];
    node.outputs.push_back(value);
    results.items.push_back({Tensor{value}, site.call, ""});
  }
  model_->network.nodes.push_back(std::move(node));
  model_->node_sites.push_back(site);
  if (results.items.empty()) return FailedAt(site.call);
  if (results.items.size() == 1) return std::move(results.items[0]);
  if (!is_function) {
    results = Grouped(std::move(results), ResultGroups(model_->network.layers[layer_index].args), site.call);
  }
  return {std::move(results), site.call, ""};
}

// At its first application a layer gets its weights; every further one must fit them.
void Evaluator::MakeWeights(int index, const std::vector<TensorType>& inputs, const Site& site) {
  NetworkLayer& layer = model_->network.layers[static_cast<size_t>(index)];
  const int first_node = model_->layer_states[static_cast<size_t>(index)].first_node;
  size_t made = 0;
  for (MadeWeight& weight : layer.def->WeightsOf(layer.args, inputs)) {
    const std::string path = layer.name + "/" + weight.path;
    if (first_node >= 0) {
      if (made == layer.weights.size()) return;  // the first application had a mistake
      const Shape& first = model_->network.weights[static_cast<size_t>(layer.weights[made++])].shape;
      if (Sizes(first) == Sizes(weight.shape)) continue;
      context_.diagnostics.Report(kinds::SharedWeightShape, site.name, path, ToString(first), ToString(weight.shape))
          .Primary("given " + ToString(inputs.front()))
          .Label(model_->SiteOfNode(first_node).name,
                 "given " +
                     ToString(model_->TypeOf(model_->network.nodes[static_cast<size_t>(first_node)].inputs.front())) +
                     " before");
      return;
    }
    if (ReportTooLarge(weight.shape, "weight " + Quoted(path), site.name, context_.diagnostics)) return;
    // Rules report a symbolic size that would shape a weight.
    for (const Axis& axis : weight.shape) STRATA_CHECK(axis.size.Constant());
    layer.weights.push_back(static_cast<int>(model_->network.weights.size()));
    model_->network.weights.push_back({path, std::move(weight.path), index, weight.def, std::move(weight.shape)});
  }
}

}  // namespace strata::check
