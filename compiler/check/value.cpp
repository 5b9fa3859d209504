#include "compiler/check/value.h"

namespace strata::check {
namespace {

struct Describer {
  const Value& value;

  std::string Shown() const { return ToString(*ToConfig(value)); }

  std::string operator()(const Failed&) const { return "an error"; }
  std::string operator()(const None&) const { return "None"; }
  std::string operator()(bool) const { return Shown(); }
  std::string operator()(const Dim& dim) const {
    return (dim.Constant() ? "the integer " : "the symbolic size ") + dim.ToString();
  }
  std::string operator()(double) const { return "the float " + Shown(); }
  std::string operator()(const std::string&) const { return "the string " + Shown(); }
  std::string operator()(const Sequence& sequence) const {
    if (ToConfig(value)) return "the tuple " + Shown();
    return "a tuple of " + std::to_string(sequence.items.size());
  }
  std::string operator()(const Tensor&) const { return "a tensor"; }
  std::string operator()(const Layer&) const { return "a layer"; }
  std::string operator()(const LayerClass& layer) const { return "the layer class " + std::string(layer.def->name); }
  std::string operator()(const std::shared_ptr<const Composition>&) const { return "a layer"; }
  std::string operator()(const FunctionName& name) const {
    return name.function->form == ast::Function::Form::Model ? "a model" : "a block";
  }
  std::string operator()(const Builtin&) const { return "a function"; }
  std::string operator()(const Module&) const { return "a prefix of layers' names"; }
};

}  // namespace

std::string Describe(const Value& value) { return std::visit(Describer{value}, value.data); }

std::optional<ConfigValue> ToConfig(const Value& value) {
  ConfigValue config;
  config.axis = value.axis;
  config.span = value.span;
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
