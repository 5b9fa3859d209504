// Applying layers: which tensors they get.
#include <algorithm>
#include <utility>

#include "compiler/check/bind.h"
#include "compiler/check/evaluate.h"
#include "compiler/check/flattened.h"
#include "compiler/layers/messages.h"
#include "compiler/source/catalogue.h"

namespace strata::check {
namespace {

// Tuples and lists of tensors are spread.
std::vector<Value> Spread(const std::vector<Value>& operands) {
  std::vector<Value> result;
  for (const Value& operand : operands) {
    for (Value& item : Flattened(operand)) result.push_back(std::move(item));
  }
  return result;
}

std::string Written(size_t count) { return std::to_string(count) + (count == 1 ? " is" : " are"); }

// "3 tensors: `output` f32[batch, features: 8], `h` ..."
std::string DescribeResults(const Elaboration& model, int node) {
  const NetworkNode& made = model.network.nodes[static_cast<size_t>(node)];
  std::string text;
  for (const int output : made.outputs) {
    const std::string& name = model.value_names[static_cast<size_t>(output)];
    text += (text.empty() ? "" : ", ") + (name.empty() ? "" : Quoted(name) + " ") + ToString(model.TypeOf(output));
  }
  return Count(made.outputs.size(), "tensor") + ": " + text;
}

// What to do with the results of a layer where one tensor is wanted.
void OfferOneResult(const Elaboration& model, int node, Diagnostic& diagnostic) {
  const NetworkLayer& layer = model.LayerOfNode(node);
  const std::optional<OperandPast::Maker> recurrent = RecurrentLayer({&layer.args, layer.call_span});
  if (recurrent && recurrent->args->Bool("return_state")) {
    diagnostic.Help("with `return_state=False` there it gives its output alone", Applicability::MaybeIncorrect,
                    SetArgument(*recurrent, "return_state", "False"));
  }
  std::string names;
  for (const int output : model.network.nodes[static_cast<size_t>(node)].outputs) {
    names += (names.empty() ? "" : ", ") + model.value_names[static_cast<size_t>(output)];
  }
  diagnostic.Help("to take them apart, write " + Quoted("let (" + names + ") = ..."));
}

}  // namespace

bool Evaluator::RequireTensors(const std::vector<Value>& operands) {
  bool are_tensors = true;
  for (const Value& operand : operands) {
    if (operand.As<Tensor>() != nullptr) continue;
    are_tensors = false;
    if (operand.IsFailed()) continue;
    context_.diagnostics.Report(kinds::NotATensor, operand.span, Quoted(context_.sources.Text(operand.span)),
                                DescribeBeside(context_.sources.Text(operand.span), operand));
  }
  return are_tensors;
}

std::optional<std::vector<Value>> Evaluator::InOrder(std::vector<Value> operands, const ast::Function& block) {
  if (std::ranges::any_of(operands, &Value::IsFailed)) return std::nullopt;  // reported already
  std::vector<Value> positional;
  std::vector<const Value*> named(block.inputs.size(), nullptr);
  for (Value& operand : operands) {
    if (operand.keyword.empty()) positional.push_back(std::move(operand));
  }
  positional = Spread(std::move(positional));
  for (const Value& operand : operands) {
    if (operand.keyword.empty()) continue;
    const auto is_named = [&](const ast::TensorParam& input) { return input.name.text == operand.keyword; };
    const auto place = static_cast<size_t>(std::ranges::find_if(block.inputs, is_named) - block.inputs.begin());
    const Value* first = place < positional.size() ? &positional[place] : named[place];
    if (first != nullptr) {
      context_.diagnostics.Report(kinds::ArgumentTwice, operand.span, operand.keyword, block.name.text)
          .Label(first->span, "given here");
      return std::nullopt;
    }
    named[place] = &operand;
  }
  for (size_t i = positional.size(); i < named.size(); ++i) {
    if (named[i] != nullptr) positional.push_back(*named[i]);
  }
  return positional;
}

Value Evaluator::Apply(const Value& layer, std::vector<Value> operands, const Site& site) {
  if (const auto* composition = layer.As<std::shared_ptr<const Composition>>()) {
    return ApplyComposition(**composition, std::move(operands), site);
  }
  if (const Layer* instance = layer.As<Layer>()) {
    const LayerDef& def = *model_->network.layers[static_cast<size_t>(instance->index)].def;
    if (!def.call_params.empty()) return ApplyCall(instance->index, operands, site);
  }
  if (const Block* block = layer.As<Block>()) {
    const ast::Function& function = *model_->blocks[static_cast<size_t>(block->index)].name.function;
    std::optional<std::vector<Value>> inputs = InOrder(std::move(operands), function);
    if (!inputs || !RequireTensors(*inputs)) return FailedAt(site.call);
    return ApplyBlock(block->index, *inputs, site);
  }
  const std::vector<Value> spread = Spread(std::move(operands));
  if (!RequireTensors(spread)) return FailedAt(site.call);
  if (const auto* function = layer.As<std::shared_ptr<const FunctionCall>>()) {
    return ApplyFunction(**function, spread, site);
  }
  if (const auto* rename = layer.As<RenameCall>()) return Rename(*rename->call, spread, site);
  return ApplyInstance(layer.As<Layer>()->index, spread, {}, site);
}

Value Evaluator::ReportTensorCount(std::string_view name, std::string_view takes, const std::vector<Value>& operands,
                                   const Site& site, const std::string& help) {
  Diagnostic& diagnostic =
      context_.diagnostics.Report(kinds::TensorCount, site.name, name, takes, Written(operands.size()));
  for (const Value& operand : operands) {
    diagnostic.Label(operand.span, "is " + ToString(model_->TypeOf(operand.As<Tensor>()->index)));
  }
  if (!help.empty()) diagnostic.Help(help);
  return FailedAt(site.call);
}

Value Evaluator::ReportTensorCount(const LayerDef& def, const std::vector<Value>& operands, const Site& site) {
  const bool takes_one = def.inputs == LayerDef::Inputs::One;
  Diagnostic& diagnostic =
      context_.diagnostics.Report(kinds::TensorCount, site.name, def.name,
                                  takes_one ? "one tensor" : "two tensors or more", Written(operands.size()));
  // Several results of one layer are named by it.
  std::vector<int> nodes;
  for (const Value& operand : operands) {
    const int value = operand.As<Tensor>()->index;
    const int node = model_->network.values[static_cast<size_t>(value)].node;
    const bool is_one_of_several =
        node >= 0 && model_->network.nodes[static_cast<size_t>(node)].outputs.size() > 1 && takes_one;
    if (!is_one_of_several) {
      diagnostic.Label(operand.span, "is " + ToString(model_->TypeOf(value)));
    } else if (std::ranges::find(nodes, node) == nodes.end()) {
      nodes.push_back(node);
      diagnostic.Label(model_->SiteOfNode(node).name, "gives " + DescribeResults(*model_, node));
    }
  }
  const std::string layer(def.name);
  if (!takes_one) {
    diagnostic.Help("give it several, as in `" + layer + "()(a, b)`");
  } else if (operands.empty()) {
    diagnostic.Help("give it one, as in `" + layer + "(...)(x)`");
  } else if (nodes.empty()) {
    diagnostic.Help("make one of them with `Concatenate()` or `Add()`, or apply the layer to each");
  } else {
    OfferOneResult(*model_, nodes.front(), diagnostic);
  }
  return FailedAt(site.call);
}

// What is given for each of call_params, as it stands; nothing where that is too much.
std::optional<std::vector<std::optional<Value>>> Evaluator::AssignCall(const LayerDef& def,
                                                                       const std::vector<Value>& operands) {
  const std::vector<Param>& params = def.call_params;
  std::vector<std::optional<Value>> given(params.size());
  std::vector<Value> positional;
  for (const Value& operand : operands) {
    if (operand.keyword.empty()) positional.push_back(operand);
  }
  // All tensors without a name are the list that the layer takes, or what a list holds are its tensors.
  const bool takes_list = params.front().type == ParamType::Tensors;
  const bool has_list = !positional.empty() && positional.front().As<Sequence>() != nullptr;
  if (takes_list && !has_list && !positional.empty()) {
    const Span span = Join(positional.front().span, positional.back().span);
    positional = {Value{Sequence{positional}, span, ""}};
  } else if (!takes_list && has_list && def.inputs == LayerDef::Inputs::Many) {
    std::vector<Value> spread = positional.front().As<Sequence>()->items;
    spread.insert(spread.end(), positional.begin() + 1, positional.end());
    positional = std::move(spread);
  }
  size_t next = 0;
  for (Value& value : positional) {
    if (next == params.size() || params[next].keyword_only) return std::nullopt;
    // One tensor is expected, a layer before gives several.
    if (params[next].type == ParamType::Tensor && value.As<Sequence>() != nullptr) return std::nullopt;
    given[next++] = std::move(value);
  }
  for (const Value& operand : operands) {
    if (operand.keyword.empty()) continue;
    const auto place = static_cast<size_t>(std::ranges::find(params, operand.keyword, &Param::name) - params.begin());
    if (params[place].type == ParamType::Tensor && operand.As<Sequence>() != nullptr) return std::nullopt;
    if (given[place]) {
      context_.diagnostics.Report(kinds::ArgumentTwice, operand.span, params[place].name, def.name)
          .Label(given[place]->span, "given here");
      given[place] = FailedAt(operand.span);
      continue;
    }
    given[place] = operand;
  }
  return given;
}

Value Evaluator::ReportMissingTensor(const LayerDef& def, const std::vector<Value>& operands, const Site& site) {
  std::vector<std::string_view> required;
  for (const Param& param : def.call_params) {
    if (TakesTensors(param) && !param.default_value) required.push_back(param.name);
  }
  if (required.size() == 1) return ReportTensorCount(def, {}, site);
  const auto is_tensor = [](const Value& value) { return value.As<Tensor>() != nullptr && value.keyword.empty(); };
  const auto count = static_cast<size_t>(std::ranges::count_if(operands, is_tensor));
  Diagnostic& diagnostic = context_.diagnostics.Report(kinds::TensorCount, site.name, def.name,
                                                       "the tensors " + ListOf(required, "and"), Written(count));
  const auto first = std::ranges::find_if(operands, is_tensor);
  if (first == operands.end()) return FailedAt(site.call);
  diagnostic.Label(first->span, "given as " + Quoted(required.front()));
  const std::string text(context_.sources.Text(first->span));
  // A pipe is not written twice.
  const bool is_short = IsShort(text, 32) && text.find("|>") == std::string::npos;
  const Span end{first->span.file, first->span.end, first->span.end};
  const std::string twice = is_short ? text + ", " + text : "h, h";
  diagnostic.Help("where a sequence attends to itself it is given twice" +
                      std::string(is_short ? ": " : ", as what `let h = ...` names: ") +
                      Quoted(std::string(def.name) + "(...)(" + twice + ")"),
                  Applicability::MaybeIncorrect,
                  is_short && !site.pipe.IsValid() ? std::vector<Edit>{{end, ", " + text}} : std::vector<Edit>{});
  return FailedAt(site.call);
}

Value Evaluator::ApplyCall(int index, const std::vector<Value>& operands, const Site& site) {
  const LayerDef& def = *model_->network.layers[static_cast<size_t>(index)].def;
  const std::optional<std::vector<std::optional<Value>>> assigned = AssignCall(def, operands);
  if (!assigned) {
    const std::vector<Value> spread = Spread(operands);
    return RequireTensors(spread) ? ReportTensorCount(def, spread, site) : FailedAt(site.call);
  }
  std::vector<Value> tensors;
  std::vector<size_t> counts;
  std::vector<ConfigValue> values;
  std::vector<bool> given;
  bool has_values = false;
  for (size_t i = 0; i < def.call_params.size(); ++i) {
    const Param& param = def.call_params[i];
    const std::optional<Value>& value = (*assigned)[i];
    const bool is_given = value && (value->As<None>() == nullptr || !param.default_value);
    given.push_back(is_given);
    values.push_back(param.default_value.value_or(ConfigValue{}));
    if (!TakesTensors(param)) {
      has_values = true;
      if (!value) continue;
      const std::optional<ConfigValue> bound = BindCallArgument(def, param, *value, context_);
      if (!bound) return FailedAt(site.call);
      values.back() = *bound;
      continue;
    }
    const size_t before = tensors.size();
    if (!is_given && !param.default_value) return ReportMissingTensor(def, operands, site);
    ConfigValue::List entries;
    for (Value& tensor : is_given ? Spread({*value}) : std::vector<Value>{}) {
      const bool is_absent = param.entries_may_be_none && tensor.As<None>() != nullptr;
      entries.push_back({.data = !is_absent});
      if (!is_absent) tensors.push_back(std::move(tensor));
    }
    if (param.entries_may_be_none) {
      has_values = true;
      values.back().data = std::move(entries);
    }
    counts.push_back(tensors.size() - before);
  }
  if (!RequireTensors(tensors)) return FailedAt(site.call);
  std::optional<Args> call_args;
  if (has_values) call_args = Args(def, def.call_params, std::move(values), std::move(given));
  return ApplyInstance(index, tensors, std::move(counts), site, std::move(call_args));
}

Value Evaluator::ApplyInstance(int index, const std::vector<Value>& operands, std::vector<size_t> counts,
                               const Site& site, std::optional<Args> call_args) {
  const auto layer_index = static_cast<size_t>(index);
  const LayerDef& def = *model_->network.layers[layer_index].def;
  const bool takes_one = def.inputs == LayerDef::Inputs::One;
  if (def.call_params.empty() && (takes_one ? operands.size() != 1 : operands.size() < 2)) {
    return ReportTensorCount(def, operands, site);
  }
  if (!model_->layer_states[layer_index].is_usable || !CountUnrolled(1, site.name)) return FailedAt(site.call);
  if (const Span wrapped = model_->layer_states[layer_index].wrapped_at; wrapped.IsValid()) {
    ReportWrapped(model_->network.layers[layer_index].name, site.name, "applied here", wrapped);
    return FailedAt(site.call);
  }
  for (const Value& operand : operands) {
    const TensorType& type = model_->TypeOf(operand.As<Tensor>()->index);
    if (type.has_batch) continue;
    const std::string text(context_.sources.Text(operand.span));
    context_.diagnostics.Report(kinds::NoBatchAxis, operand.span, "the constant " + Quoted(text))
        .Primary("is " + ToString(type) + ", a layer takes a tensor of samples")
        .Help("constants take part in arithmetic and functions, as in `x * " + text + "`");
    return FailedAt(site.call);
  }
  return AppendNode(index, operands, std::move(counts), site, std::move(call_args));
}

}  // namespace strata::check
