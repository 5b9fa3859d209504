#include "compiler/check/parameter.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "compiler/check/elaboration.h"

namespace strata::check {
namespace {

using List = ConfigValue::List;

bool IsIntegers(const List& list, size_t count) {
  return list.size() == count &&
         std::ranges::all_of(list, [](const ConfigValue& entry) { return entry.AsDim() != nullptr; });
}

bool IsAxis(const ConfigValue& value) { return value.AsDim() != nullptr || value.AsString() != nullptr; }

ConfigValue Repeat(const ConfigValue& value, int count) {
  return {.data = List(static_cast<size_t>(count), value), .axis = "", .span = value.span};
}

std::optional<ConfigValue> NormalizePads(const Param& param, const ConfigValue& value) {
  if (value.AsDim() != nullptr) return Repeat(Repeat(value, 2), param.count);
  const List* list = value.AsList();
  // Along one axis the pair stands for itself.
  if (param.count == 1) return list != nullptr && IsIntegers(*list, 2) ? std::optional(Repeat(value, 1)) : std::nullopt;
  if (list == nullptr || list->size() != static_cast<size_t>(param.count)) return std::nullopt;
  List pads;
  for (const ConfigValue& entry : *list) {
    if (entry.AsDim() != nullptr) {
      pads.push_back(Repeat(entry, 2));
    } else if (entry.AsList() != nullptr && IsIntegers(*entry.AsList(), 2)) {
      pads.push_back(entry);
    } else {
      return std::nullopt;
    }
  }
  return ConfigValue{.data = std::move(pads), .axis = "", .span = value.span};
}

// How long the lists are that nested numbers stand in, the outermost first.
std::vector<size_t> Lengths(const ConfigValue& numbers) {
  std::vector<size_t> lengths;
  for (const List* list = numbers.AsList(); list != nullptr; list = list->front().AsList())
    lengths.push_back(list->size());
  return lengths;
}

// As doubles, nested up to `depth` lists deep; nothing where they are no such numbers.
std::optional<ConfigValue> NormalizeNumbers(const ConfigValue& value, int depth) {
  ConfigValue numbers = value;
  if (value.AsFloat() != nullptr) return numbers;
  if (const Dim* size = value.AsDim()) {
    // A symbolic one is reported later.
    if (const auto constant = size->Constant()) numbers.data = static_cast<double>(*constant);
    return numbers;
  }
  if (value.AsList() == nullptr || value.AsList()->empty() || depth == 0) return std::nullopt;
  List list;
  for (const ConfigValue& entry : *value.AsList()) {
    const std::optional<ConfigValue> number = NormalizeNumbers(entry, depth - 1);
    if (!number || (!list.empty() && Lengths(*number) != Lengths(list.front()))) return std::nullopt;
    list.push_back(*number);
  }
  numbers.data = std::move(list);
  return numbers;
}

}  // namespace

std::string Expected(const Param& param) {
  const std::string count = std::to_string(param.count);
  std::string text;
  switch (param.type) {
    case ParamType::Int: text = "an integer"; break;
    case ParamType::Float: text = "a number"; break;
    case ParamType::Numbers:
      text = param.count == 1 ? "a number or a list of numbers" : "a number or lists of them";
      break;
    case ParamType::Bool: text = "True or False"; break;
    case ParamType::Choice: {
      const std::vector<std::string_view>& choices = param.choices;
      for (size_t i = 0; i < choices.size(); ++i) {
        if (i > 0) text += i + 1 < choices.size() ? ", " : " or ";
        text += Quoted("\"" + std::string(choices[i]) + "\"");
      }
      break;
    }
    case ParamType::Sizes: text = "an integer or a tuple of " + count; break;
    case ParamType::Pads:
      text = param.count == 1 ? "an integer or a pair of them"
                              : "an integer, a tuple of " + count + " or a tuple of " + count + " pairs";
      break;
    case ParamType::Activation: text = "the name of an activation"; break;
    case ParamType::Axis: text = "an axis (its name or position)"; break;
    case ParamType::Axes: text = "an axis (its name or position) or a list of them"; break;
    case ParamType::Shape: text = "a tuple of integers"; break;
    case ParamType::OpenShape: text = "an integer or a tuple of integers and None"; break;
    case ParamType::Text: text = "a string"; break;
    case ParamType::Layer:
      text = param.count == 1         ? "a list of one layer or more"
             : !param.choices.empty() ? "a layer or a list of them"
                                      : "a layer, as in `Dense(3)`";
      break;
    case ParamType::Tensor: text = "a tensor"; break;
    case ParamType::Tensors: text = "tensors"; break;
    case ParamType::Operand: text = "a tensor or a number"; break;
    case ParamType::Slices: text = "slices"; break;
    case ParamType::Training: text = "anything"; break;
  }
  return param.none_allowed || param.type == ParamType::Activation ? text + " or None" : text;
}

std::optional<ConfigValue> Normalize(const Param& param, const ConfigValue& value) {
  if (value.IsNone() && param.none_allowed) return value;
  const List* list = value.AsList();
  switch (param.type) {
    case ParamType::Int: return value.AsDim() != nullptr ? std::optional(value) : std::nullopt;
    case ParamType::Bool: return value.AsBool() != nullptr ? std::optional(value) : std::nullopt;
    case ParamType::Text: return value.AsString() != nullptr ? std::optional(value) : std::nullopt;
    case ParamType::Choice: {
      if (value.AsString() == nullptr) return std::nullopt;
      // Keras takes `padding="SAME"`, too.
      std::string lower = *value.AsString();
      for (char& letter : lower) letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
      ConfigValue choice = value;
      if (std::ranges::find(param.choices, lower) != param.choices.end()) choice.data = std::move(lower);
      return choice;
    }
    case ParamType::Float: {
      if (value.AsFloat() != nullptr || value.AsDim() == nullptr) {
        return value.AsFloat() != nullptr ? std::optional(value) : std::nullopt;
      }
      ConfigValue number = value;
      // A symbolic one is reported later.
      if (const auto constant = value.AsDim()->Constant()) number.data = static_cast<double>(*constant);
      return number;
    }
    case ParamType::Numbers: return NormalizeNumbers(value, param.count);
    case ParamType::Sizes:
      if (value.AsDim() != nullptr) return Repeat(value, param.count);
      if (list == nullptr || !IsIntegers(*list, static_cast<size_t>(param.count))) return std::nullopt;
      return value;
    case ParamType::Pads: return NormalizePads(param, value);
    case ParamType::Activation: {
      if (value.IsNone()) return ConfigValue{.data = std::string("linear"), .axis = "", .span = value.span};
      return value.AsString() != nullptr ? std::optional(value) : std::nullopt;
    }
    case ParamType::Axis: return IsAxis(value) ? std::optional(value) : std::nullopt;
    case ParamType::Axes:
      if (IsAxis(value)) return Repeat(value, 1);
      if (list == nullptr || !std::ranges::all_of(*list, IsAxis)) return std::nullopt;
      return value;
    case ParamType::Shape:
      if (list == nullptr || !IsIntegers(*list, list->size())) return std::nullopt;
      return value;
    case ParamType::OpenShape: {
      if (value.AsDim() != nullptr) return Repeat(value, 1);
      const auto is_size = [](const ConfigValue& entry) { return entry.AsDim() != nullptr || entry.IsNone(); };
      if (list == nullptr || !std::ranges::all_of(*list, is_size)) return std::nullopt;
      return value;
    }
    case ParamType::Layer:
      return value.AsLayer() != nullptr || (param.count == 1 && list != nullptr) ? std::optional(value) : std::nullopt;
    // The tensors themselves are no configuration.
    case ParamType::Tensor:
    case ParamType::Tensors:
    case ParamType::Operand:
    case ParamType::Slices: return value.IsNone() ? std::optional(value) : std::nullopt;
    case ParamType::Training: return value;
  }
  return std::nullopt;
}

}  // namespace strata::check
