#include "compiler/layers/layer.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>

#include "compiler/source/check.h"

namespace strata {
namespace {

// The shortest decimal that reads back as the same number, always with a point or an exponent.
std::string FloatText(double value) {
  const double magnitude = std::abs(value);
  const bool is_plain = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value,
                                          is_plain ? std::chars_format::fixed : std::chars_format::scientific);
  STRATA_CHECK(error == std::errc());
  std::string text(buffer, end);
  if (is_plain && text.find('.') == std::string::npos) text += ".0";
  return text;
}

// A tuple, or a list where entries carry an axis name.
std::string ListText(const ConfigValue::List& list) {
  const bool has_names = std::ranges::any_of(list, [](const ConfigValue& entry) { return !entry.axis.empty(); });
  std::string text;
  for (const ConfigValue& entry : list) {
    if (!text.empty()) text += ", ";
    if (!entry.axis.empty()) text += entry.axis + ": ";
    text += ToString(entry);
  }
  if (has_names) return "[" + text + "]";
  return "(" + text + (list.size() == 1 ? ",)" : ")");
}

size_t IndexOf(const std::vector<Param>& params, std::string_view name) {
  const auto found = std::ranges::find(params, name, &Param::name);
  STRATA_CHECK(found != params.end());
  return static_cast<size_t>(found - params.begin());
}

int64_t Constant(const ConfigValue& value) {
  STRATA_CHECK(value.AsDim() != nullptr && value.AsDim()->Constant().has_value());
  return *value.AsDim()->Constant();
}

}  // namespace

std::string ToString(const ConfigValue& value) {
  if (const bool* truth = value.AsBool()) return *truth ? "True" : "False";
  if (const Dim* size = value.AsDim()) return size->ToString();
  if (const double* number = value.AsFloat()) return FloatText(*number);
  if (const std::string* text = value.AsString()) return "'" + *text + "'";
  if (const ConfigValue::List* list = value.AsList()) return ListText(*list);
  if (const LayerArg* layer = value.AsLayer()) return std::string(layer->def->name);
  return "None";
}

std::string Written(const ConfigValue& value) { return value.written.empty() ? ToString(value) : value.written; }

Args::Args(const LayerDef& def, std::vector<ConfigValue> values, std::vector<bool> given)
    : Args(def, def.params, std::move(values), std::move(given)) {}

const ConfigValue& Args::Get(std::string_view name) const { return values_[IndexOf(*params_, name)]; }

bool Args::Given(std::string_view name) const { return given_[IndexOf(*params_, name)]; }

int64_t Args::Int(std::string_view name) const { return Constant(Get(name)); }

double Args::Float(std::string_view name) const {
  const ConfigValue& value = Get(name);
  STRATA_CHECK(value.AsFloat() != nullptr);
  return *value.AsFloat();
}

bool Args::Bool(std::string_view name) const {
  const ConfigValue& value = Get(name);
  STRATA_CHECK(value.AsBool() != nullptr);
  return *value.AsBool();
}

const std::string& Args::Text(std::string_view name) const {
  const ConfigValue& value = Get(name);
  STRATA_CHECK(value.AsString() != nullptr);
  return *value.AsString();
}

std::vector<int64_t> Args::Ints(std::string_view name) const {
  std::vector<int64_t> numbers;
  for (const ConfigValue& entry : List(name)) numbers.push_back(Constant(entry));
  return numbers;
}

const std::vector<ConfigValue>& Args::List(std::string_view name) const {
  const ConfigValue& value = Get(name);
  STRATA_CHECK(value.AsList() != nullptr);
  return *value.AsList();
}

bool TakesTensors(const Param& param) {
  return param.type == ParamType::Tensor || param.type == ParamType::Tensors || param.type == ParamType::Operand;
}

std::vector<const Param*> LayerDef::TensorParams() const {
  std::vector<const Param*> tensors;
  for (const Param& param : form == Form::Function ? params : call_params) {
    if (TakesTensors(param)) tensors.push_back(&param);
  }
  return tensors;
}

std::vector<MadeWeight> LayerDef::WeightsOf(const Args& args, const std::vector<TensorType>& input_types) const {
  if (make_weights) return make_weights(args, input_types);
  std::vector<MadeWeight> made;
  for (const WeightDef& weight : weights) {
    if (std::optional<Shape> shape = weight.shape(args, input_types)) {
      made.push_back({std::string(weight.name), &weight, std::move(*shape)});
    }
  }
  return made;
}

Mask Mask::Pass() {
  return {.of_results = [](const InferContext& context, const std::vector<TensorType>&) {
    return std::vector<size_t>{context.inputs.front().mask_axes};
  }};
}

OperandRange RangeOfParam(const LayerDef& def, const std::vector<size_t>& counts, std::string_view param) {
  const std::vector<const Param*> tensors = def.TensorParams();
  STRATA_CHECK(tensors.size() == counts.size());
  size_t begin = 0;
  for (size_t i = 0; i < tensors.size(); ++i) {
    if (tensors[i]->name == param) return {begin, begin + counts[i]};
    begin += counts[i];
  }
  STRATA_CHECK(false && "a tensor parameter");
}

OperandRange GivenMasks(const LayerDef& def, const std::vector<size_t>& counts) {
  const auto masks = std::ranges::find(def.call_params, "mask", &Param::name);
  const bool takes_masks = masks != def.call_params.end() && !masks->entries_may_be_none;
  return takes_masks ? RangeOfParam(def, counts, "mask") : OperandRange{};
}

// keras.src.utils.naming.to_snake_case
std::string SnakeCase(std::string_view class_name) {
  static const std::regex kWord("(.)([A-Z][a-z]+)");
  static const std::regex kStep("([a-z])([A-Z])");
  std::string name = std::regex_replace(std::string(class_name), kWord, "$1_$2");
  name = std::regex_replace(name, kStep, "$1_$2");
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return name;
}

}  // namespace strata
