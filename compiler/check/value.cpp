#include "compiler/check/value.h"

#include <algorithm>
#include <cctype>

#include "compiler/check/flattened.h"

namespace strata::check {
namespace {

struct Describer {
  const Value& value;

  std::string Shown() const {
    const std::optional<ConfigValue> config = ToConfig(value);
    return config->AsString() ? "`" + *config->AsString() + "`" : ToString(*config);
  }

  std::string operator()(const Failed&) const { return "an error"; }
  std::string operator()(const None&) const { return "None"; }
  std::string operator()(bool) const { return Shown(); }
  std::string operator()(const Dim& dim) const {
    return (dim.Constant() ? "the integer " : "the symbolic size ") + dim.ToString();
  }
  std::string operator()(double) const { return "the float " + Shown(); }
  std::string operator()(const std::string&) const { return "the string " + Shown(); }
  std::string operator()(const Formula& formula) const { return "the condition `" + ToString(formula) + "`"; }
  std::string operator()(const Sequence& sequence) const {
    if (ToConfig(value)) return "the tuple " + Shown();
    const bool is_tensors =
        std::ranges::all_of(sequence.items, [](const Value& item) { return item.As<Tensor>() != nullptr; });
    return "a tuple of " + std::to_string(sequence.items.size()) + (is_tensors ? " tensors" : "");
  }
  std::string operator()(const Tensor&) const { return "a tensor"; }
  std::string operator()(const std::shared_ptr<const TypedConstant>& constant) const {
    return "a constant of type " + strata::ToString(constant->type);
  }
  std::string operator()(const Layer&) const { return "a layer"; }
  std::string operator()(const Block&) const { return "a layer"; }
  std::string operator()(const LayerClass& layer) const { return "the layer class " + std::string(layer.def->name); }
  std::string operator()(const std::shared_ptr<const Composition>&) const { return "a layer"; }
  std::string operator()(const FunctionName& name) const {
    return name.function->form == ast::Function::Form::Model ? "a model" : "a block";
  }
  std::string operator()(const Operation&) const { return "a function"; }
  std::string operator()(const std::shared_ptr<const FunctionCall>&) const { return "a function"; }
  std::string operator()(const RenameCall&) const { return "a function"; }
  std::string operator()(const Builtin&) const { return "a function"; }
  std::string operator()(const Module&) const { return "a prefix of layers' names"; }
};

}  // namespace

std::string Describe(const Value& value) { return std::visit(Describer{value}, value.data); }

std::string DescribeBeside(std::string_view text, const Value& value) {
  const bool is_name = !text.empty() && (std::isalpha(static_cast<unsigned char>(text.front())) != 0 || text[0] == '_');
  if (value.As<LayerClass>() != nullptr) return "the class of a layer";
  if (value.As<None>() != nullptr) return "no value";
  if (value.As<bool>() != nullptr && (text == "True" || text == "False")) return "a truth value";
  if (is_name) return Describe(value);
  if (const Dim* dim = value.As<Dim>()) return dim->Constant() ? "an integer" : "a symbolic size";
  if (value.As<double>() != nullptr) return "a float";
  if (value.As<std::string>() != nullptr) return "a string";
  if (value.As<Sequence>() != nullptr) return "a tuple";
  return Describe(value);
}

std::vector<Value> Flattened(const Value& value) {
  const Sequence* sequence = value.As<Sequence>();
  if (sequence == nullptr) return {value};
  std::vector<Value> items;
  for (const Value& item : sequence->items) {
    for (Value& inner : Flattened(item)) items.push_back(std::move(inner));
  }
  return items;
}

std::optional<ConfigValue> ToConfig(const Value& value) {
  ConfigValue config;
  config.axis = value.axis;
  config.span = value.span;
  config.axis_span = value.axis_span;
  if (value.As<None>() != nullptr) return config;
  if (const bool* truth = value.As<bool>()) {
    config.data = *truth;
  } else if (const Dim* dim = value.As<Dim>()) {
    config.data = *dim;
  } else if (const double* number = value.As<double>()) {
    config.data = *number;
  } else if (const std::string* text = value.As<std::string>()) {
    config.data = *text;
  } else if (const Sequence* sequence = value.As<Sequence>()) {
    ConfigValue::List list;
    for (const Value& item : sequence->items) {
      std::optional<ConfigValue> entry = ToConfig(item);
      if (!entry) return std::nullopt;
      list.push_back(std::move(*entry));
    }
    config.data = std::move(list);
  } else {
    return std::nullopt;
  }
  return config;
}

}  // namespace strata::check
