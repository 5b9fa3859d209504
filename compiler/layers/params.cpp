#include "compiler/layers/params.h"

#include <utility>

#include "compiler/layers/resample.h"

namespace strata {

ConfigValue None() { return {}; }
ConfigValue Value(bool value) { return {.data = value}; }
ConfigValue Value(int value) { return {.data = Dim(value)}; }
ConfigValue Value(double value) { return {.data = value}; }
ConfigValue Value(const char* value) { return {.data = std::string(value)}; }
ConfigValue Values(std::initializer_list<ConfigValue> values) { return {.data = ConfigValue::List(values)}; }
ConfigValue Alike(int count, ConfigValue value) {
  return {.data = ConfigValue::List(static_cast<size_t>(count), std::move(value))};
}

Param Filters() { return {.name = "filters", .doc = "Number of output channels.", .min = 1}; }

Param KernelSize(int axes) {
  return {.name = "kernel_size",
          .type = ParamType::Sizes,
          .doc = "Size of the kernel along each spatial axis.",
          .min = 1,
          .count = axes};
}

Param Strides(int axes) {
  return {.name = "strides",
          .type = ParamType::Sizes,
          .doc = "Steps between two places of the kernel along each spatial axis.",
          .default_value = Alike(axes, Value(1)),
          .min = 1,
          .count = axes};
}

Param DilationRate(int axes) {
  return {.name = "dilation_rate",
          .type = ParamType::Sizes,
          .doc = "Distance between two elements under the kernel along each spatial axis.",
          .default_value = Alike(axes, Value(1)),
          .min = 1,
          .count = axes};
}

Param PaddingMode() {
  return {
      .name = "padding",
      .type = ParamType::Choice,
      .doc =
          "`valid`: only places where the window fits; `same`: as many as there are elements, divided by the stride.",
      .default_value = Value("valid"),
      .choices = {"valid", "same"}};
}

Param CausalPaddingMode() {
  Param mode = PaddingMode();
  mode.doc =
      "`valid`: only places where the window fits; `same`: as many as there are elements, divided by the stride; "
      "`causal`: likewise, and a result sees no later element.";
  mode.choices = {"valid", "same", "causal"};
  return mode;
}

Param DataFormat() {
  return {.name = "data_format",
          .type = ParamType::Choice,
          .doc = "Where the channels stand in a shape without role names; None: last.",
          .default_value = None(),
          .none_allowed = true,
          .choices = {"channels_last", "channels_first"}};
}

Param InterpolationName(std::string_view doc, const char* default_value) {
  return {.name = "interpolation",
          .type = ParamType::Choice,
          .doc = doc,
          .default_value = Value(default_value),
          .choices = Interpolations()};
}

Param ActivationName() {
  return {.name = "activation",
          .type = ParamType::Activation,
          .doc = "Function applied to the result; None: none.",
          .default_value = Value("linear")};
}

Param UseBias() {
  return {.name = "use_bias", .type = ParamType::Bool, .doc = "Whether to add a bias.", .default_value = Value(true)};
}

Param Epsilon() {
  return {.name = "epsilon",
          .type = ParamType::Float,
          .doc = "Added to the variance, against a division by zero.",
          .default_value = Value(0.001)};
}

Param Center() {
  return {.name = "center", .type = ParamType::Bool, .doc = "Whether to add `beta`.", .default_value = Value(true)};
}

Param Scale() {
  return {
      .name = "scale", .type = ParamType::Bool, .doc = "Whether to multiply by `gamma`.", .default_value = Value(true)};
}

Param Training(std::string_view name, ConfigValue default_value) {
  return {.name = name,
          .type = ParamType::Training,
          .doc = "Concerns training; accepted and ignored.",
          .default_value = std::move(default_value),
          .none_allowed = true};
}

core::Literal LiteralOf(const ConfigValue& numbers) {
  if (numbers.AsList() == nullptr) return {.data = {static_cast<float>(*numbers.AsFloat())}};
  core::Literal all{.sizes = {static_cast<int64_t>(numbers.AsList()->size())}};
  for (const ConfigValue& entry : *numbers.AsList()) {
    const core::Literal part = LiteralOf(entry);
    all.data.insert(all.data.end(), part.data.begin(), part.data.end());
    all.sizes.resize(1);
    all.sizes.insert(all.sizes.end(), part.sizes.begin(), part.sizes.end());
  }
  return all;
}

std::vector<Param> CommonParams() {
  std::vector<Param> params = {
      {.name = "name",
       .type = ParamType::Text,
       .doc = "The layer's name, the first part of its weights' paths.",
       .default_value = None(),
       .none_allowed = true},
      {.name = "dtype",
       .type = ParamType::Choice,
       .doc = "Element type the layer computes in.",
       .default_value = None(),
       .none_allowed = true,
       .choices = {"float32"}},
      {.name = "trainable",
       .type = ParamType::Bool,
       .doc = "Whether training changes its weights; for the summary.",
       .default_value = Value(true)},
      Training("activity_regularizer"),
      Training("autocast", Value(true)),
  };
  for (Param& param : params) param.keyword_only = true;
  return params;
}

}  // namespace strata
