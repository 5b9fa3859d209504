#include "compiler/import/arguments.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "compiler/check/elaboration.h"
#include "compiler/check/parameter.h"
#include "compiler/import/tensorflow.h"
#include "compiler/layers/activations.h"
#include "compiler/layers/roles.h"
#include "compiler/source/catalogue.h"

namespace strata::import {
namespace {

using check::Quoted;
using List = ConfigValue::List;

// ---- Tables ----

// Options that say nothing of what a layer computes at inference, beside those whose ParamType is Training.
constexpr std::string_view kDropped[] = {
    "autocast",    "batch_input_shape", "batch_shape",  "dtype",           "flash_attention",
    "fused",       "implementation",    "input_length", "input_shape",     "key_shape",
    "name",        "noise_shape",       "query_shape",  "renorm_clipping", "renorm_momentum",
    "seed",        "trainable",         "synchronized", "unroll",          "use_cudnn",
    "value_shape",
};
constexpr std::string_view kDroppedEndings[] = {"_initializer", "_regularizer", "_constraint"};

// Options that Strata has not, with the value that asks for nothing; None asks for nothing of any of them.
struct NeutralOption {
  std::string_view name;
  bool value;
};
constexpr NeutralOption kNeutral[] = {
    {"quantization_config", false},
    {"lora_rank", false},
    {"lora_alpha", false},
    {"ragged", false},
    {"renorm", false},
    {"rms_scaling", false},
    {"softmax_robust_masking", false},
    {"sparse", false},
    {"stateful", false},
    {"time_major", false},
    {"virtual_batch_size", false},
    {"adjustment", false},
    {"zero_output_for_mask", false},
    {"use_gate", false},
};

// Keras 2 writes it down for every convolution, also where nothing reads it.
constexpr std::string_view kGroups = "groups";

// Classes of other names.
struct Renamed {
  std::string_view from;
  std::string_view to;
};
constexpr Renamed kClasses[] = {
    {"BatchNormalizationV1", "BatchNormalization"},
    {"BatchNormalizationV2", "BatchNormalization"},
    {"GRUV2", "GRU"},
    {"GroupedQueryAttention", "GroupQueryAttention"},
    {"LSTMV2", "LSTM"},
    {"SyncBatchNormalization", "BatchNormalization"},
};

// Options of other names, of old versions.
struct RenamedOption {
  std::string_view class_name;
  std::string_view from;
  std::string_view to;
};
constexpr RenamedOption kOptions[] = {
    {"Discretization", "bins", "bin_boundaries"},
    {"LeakyReLU", "alpha", "negative_slope"},
};

// What an option was before there was such an option.
struct OldDefault {
  std::string_view class_name;
  std::string_view option;
  bool value;
};
constexpr OldDefault kOldDefaults[] = {{"GRU", "reset_after", false}};

// Options whose None means another option's value, which Keras writes down.
struct SameAs {
  std::string_view option;
  std::string_view other;
};
constexpr SameAs kSameAs[] = {{"strides", "pool_size"}, {"value_dim", "key_dim"}};

// Options that another one stands for, where it is given: adapt() leaves both behind.
struct SaidBy {
  std::string_view class_name;
  std::string_view option;
  std::string_view other;
};
constexpr SaidBy kSaidBy[] = {{"Discretization", "num_bins", "bin_boundaries"}};

// ---- Values ----

std::string StringText(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// Keras 2 writes 0.1 of float32 down as 0.10000000149011612.
double ShortestFloat(double value) {
  const float single = static_cast<float>(value);
  if (static_cast<double>(single) != value) return value;
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof(text), single).ptr;
  double shortest = value;
  std::from_chars(text, end, shortest);
  return shortest;
}

// The activation's name: Keras 3 writes functions down as objects.
const Json& FunctionName(const Json& json) {
  if (json.is_object() && json.value("class_name", "") == "function" && json.contains("config")) return json["config"];
  return json;
}

bool IsLayerObject(const Json& json) {
  return json.is_object() && json.contains("class_name") && json["class_name"].is_string() && json.contains("config") &&
         json["config"].is_object() && FindLayerClass(json["class_name"]) != nullptr;
}

bool IsNeutral(std::string_view name, const Json& value) {
  if (name == kGroups) return value == Json(1);
  const auto found = std::ranges::find(kNeutral, name, &NeutralOption::name);
  if (found == std::end(kNeutral)) return false;
  return value.is_null() || (value.is_boolean() && value.get<bool>() == found->value);
}

bool IsDropped(std::string_view name) {
  return std::ranges::find(kDropped, name) != std::end(kDropped) ||
         std::ranges::any_of(kDroppedEndings, [&](std::string_view ending) { return name.ends_with(ending); });
}

bool AreAlike(const List& list) {
  return std::ranges::all_of(list, [&](const ConfigValue& entry) { return ToString(entry) == ToString(list.front()); });
}

// A value in the shortest form that its parameter takes: 3 for (3, 3), 1 for ((1, 1), (1, 1)).
ConfigValue Shortest(const Param& param, const ConfigValue& value) {
  const List* list = value.AsList();
  if (list == nullptr || list->empty()) return value;
  if (param.type == ParamType::Sizes) return AreAlike(*list) ? list->front() : value;
  if (param.type == ParamType::Pads) {
    List pads;
    for (const ConfigValue& pad : *list) pads.push_back(AreAlike(*pad.AsList()) ? pad.AsList()->front() : pad);
    const bool are_numbers = std::ranges::all_of(pads, [](const ConfigValue& pad) { return pad.AsDim() != nullptr; });
    if (pads.size() == 1 || (are_numbers && AreAlike(pads))) return pads.front();
    return are_numbers ? ConfigValue{.data = std::move(pads)} : value;
  }
  if (param.type == ParamType::Axes) return list->size() == 1 ? list->front() : value;
  return value;
}

// Nothing where the value, which may be anything, names no axis of the input.
std::optional<size_t> AxisOf(const ConfigValue& value, const TensorType* input) {
  const bool names_one = value.AsString() != nullptr || (value.AsDim() != nullptr && value.AsDim()->Constant());
  return input == nullptr || !names_one ? std::nullopt : FindAxis(input->shape, value);
}

std::string AxisText(const ConfigValue& value, const TensorType* input) {
  const std::optional<size_t> axis = AxisOf(value, input);
  return axis && !input->shape[*axis].name.empty() ? input->shape[*axis].name : ToString(value);
}

// ---- One layer ----

class ArgumentReader {
 public:
  ArgumentReader(const LayerDef& def, const std::string& name, const std::string& class_name, const Json& config,
                 LayerContext& context)
      : def_(def), name_(name), class_name_(class_name), config_(config), context_(context) {}

  std::vector<Argument> Read() {
    std::vector<Argument> arguments(def_.params.size());
    for (const auto& [key, value] : config_.items()) {
      const auto param = std::ranges::find(def_.params, CurrentName(key), &Param::name);
      if (param != def_.params.end() && !IsDropped(key)) {
        std::optional<Argument> argument = ReadArgument(*param, value);
        if (argument) arguments[static_cast<size_t>(param - def_.params.begin())] = std::move(*argument);
      } else if (!IsDropped(key) && !IsNeutral(key, value)) {
        ReportOption(key, value);
      }
    }
    for (const OldDefault& old : kOldDefaults) {
      if (context_.keras_major >= 3 || old.class_name != def_.name || config_.contains(old.option)) continue;
      const auto param = std::ranges::find(def_.params, old.option, &Param::name);
      arguments[static_cast<size_t>(param - def_.params.begin())] = {&*param, {.data = old.value}};
    }
    std::erase_if(arguments, [](const Argument& argument) { return argument.param == nullptr; });
    return arguments;
  }

 private:
  std::string_view CurrentName(std::string_view key) const {
    for (const RenamedOption& option : kOptions) {
      if (option.class_name == def_.name && option.from == key) return option.to;
    }
    return key;
  }

  Diagnostic& ReportOption(std::string_view option, const Json& value) {
    return ReportOptionText(option, Shown(value));
  }
  Diagnostic& ReportOptionText(std::string_view option, const std::string& text) {
    return context_.diagnostics.Report(kinds::ImportOption, {}, option, name_, class_name_, text)
        .Note("in " + Quoted(context_.file));
  }

  std::optional<Argument> ReadArgument(const Param& param, const Json& json) {
    if (param.type == ParamType::Training || IsImplied(param, json)) return std::nullopt;
    if (IsLayerObject(json)) return Argument{&param, {}, LayerText(json, context_)};
    // A layer of one's own, or a model.
    if (json.is_object() && json.contains("class_name") && json["class_name"].is_string() && json.contains("config") &&
        param.type == ParamType::Layer) {
      const std::string class_name = json["class_name"];
      Diagnostic& diagnostic = ReportOptionText(param.name, "a " + class_name);
      if (class_name == "Sequential" || class_name == "Functional" || class_name == "Model") {
        diagnostic.Help("apply each layer of that model by itself, as in `TimeDistributed(Conv2D(8, 3))`");
      }
      return std::nullopt;
    }
    // A number in place of a tensor: `clip(x, -1.0, 1.0)`.
    if (TakesTensors(param) && (json.is_number() || json.is_boolean())) {
      return Argument{&param, {}, ToString(*ToConfigValue(json))};
    }
    if (json.is_array() && !json.empty() && std::ranges::all_of(json, IsLayerObject)) {
      std::string text;
      for (const Json& layer : json) text += (text.empty() ? "" : ", ") + LayerText(layer, context_);
      return Argument{&param, {}, "[" + text + "]"};
    }
    const Json& plain = param.type == ParamType::Activation ? FunctionName(json) : json;
    const std::optional<ConfigValue> value = ToConfigValue(plain);
    // Keras 2 lists the axis of a normalization.
    std::optional<ConfigValue> normal;
    if (value && param.type == ParamType::Axis && value->AsList() != nullptr && value->AsList()->size() == 1) {
      normal = value->AsList()->front();
    } else if (value) {
      normal = check::Normalize(param, *value);
    }
    if (normal && normal->AsFloat() != nullptr) normal->data = ShortestFloat(*normal->AsFloat());
    if (!normal || !IsChoice(param, *normal)) {
      ReportOption(param.name, json);
      return std::nullopt;
    }
    if (param.type == ParamType::Activation && context_.keras_major < 3 && ToString(*normal) == "'hard_sigmoid'") {
      ReportOption(param.name, json)
          .Note("Keras 2 computes clip(0.2 * x + 0.5, 0, 1), Keras 3 and Strata relu6(x + 3) / 6");
      return std::nullopt;
    }
    if (IsDefault(param, *normal)) return std::nullopt;
    return Argument{&param, *normal};
  }

  static bool IsChoice(const Param& param, const ConfigValue& value) {
    const std::string* text = value.AsString();
    if (text == nullptr) return true;
    if (param.type == ParamType::Activation) return IsActivation(*text);
    return param.type != ParamType::Choice || std::ranges::find(param.choices, *text) != param.choices.end();
  }

  bool IsDefault(const Param& param, const ConfigValue& value) const {
    if (!param.default_value) return false;
    if (ToString(value) == ToString(*param.default_value)) return true;
    // Channels stand last unless something says otherwise; Keras writes that down.
    return param.name == "data_format" && param.default_value->IsNone() && ToString(value) == "'channels_last'";
  }

  // Whether the value follows from another option's.
  bool IsImplied(const Param& param, const Json& json) const {
    for (const SameAs& same : kSameAs) {
      if (same.option != param.name || !param.default_value || !param.default_value->IsNone()) continue;
      if (config_.contains(same.other) && config_[same.other] == json) return true;
    }
    // Keras 2 writes down which axes the default means: all between batch and features.
    if (param.name == "attention_axes" && config_.contains("query_shape") && config_["query_shape"].is_array()) {
      Json all = Json::array();
      for (size_t i = 1; i + 1 < config_["query_shape"].size(); ++i) all.push_back(i);
      return json == all;
    }
    for (const SaidBy& said : kSaidBy) {
      if (said.class_name != def_.name || said.option != param.name) continue;
      if (config_.contains(said.other) && !config_[said.other].is_null()) return true;
    }
    // The backward layer of Bidirectional, which Keras always writes down, though it makes it itself.
    return param.name == "backward_layer" && config_.contains("layer") && IsReversed(config_["layer"], json);
  }

  // Whether both say the same but for the direction.
  bool IsReversed(const Json& forward, const Json& backward) const {
    if (!IsLayerObject(forward) || !IsLayerObject(backward)) return false;
    Json mirrored = forward;
    mirrored["config"]["go_backwards"] = !mirrored["config"].value("go_backwards", false);
    // What is wrong with both is reported of the forward layer.
    Diagnostics of_forward, of_backward;
    LayerContext forward_context{context_.file, context_.keras_major, of_forward};
    LayerContext backward_context{context_.file, context_.keras_major, of_backward};
    return LayerText(mirrored, forward_context) == LayerText(backward, backward_context) &&
           of_backward.HasErrors() == of_forward.HasErrors();
  }

  // A layer as an argument; its own name counts by itself.
  std::string LayerText(const Json& json, LayerContext& context) const {
    const std::string class_name = json["class_name"];
    const LayerDef& def = *FindLayerClass(class_name);
    const std::string name = json["config"].value("name", class_name);
    Json config = json["config"];
    // Bidirectional sets it, whatever the layer says.
    if (def_.name == "Bidirectional") config.erase("zero_output_for_mask");
    return CallText(def, ArgumentReader(def, name, class_name, config, context).Read(), nullptr);
  }

  const LayerDef& def_;
  const std::string& name_;
  const std::string& class_name_;
  const Json& config_;
  LayerContext& context_;
};

}  // namespace

std::optional<ConfigValue> ToConfigValue(const Json& json) {
  if (json.is_null()) return ConfigValue{};
  if (json.is_boolean()) return ConfigValue{.data = json.get<bool>()};
  if (json.is_number_unsigned() && json.get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()}) return {};
  if (json.is_number_integer()) return ConfigValue{.data = Dim(json.get<int64_t>())};
  if (json.is_number_float()) return ConfigValue{.data = json.get<double>()};
  if (json.is_string()) return ConfigValue{.data = json.get<std::string>()};
  if (json.is_object() && json.value("class_name", Json()) == "__tuple__" && json.contains("items")) {
    return ToConfigValue(json["items"]);
  }
  if (!json.is_array()) return std::nullopt;
  List list;
  for (const Json& entry : json) {
    std::optional<ConfigValue> value = ToConfigValue(entry);
    if (!value) return std::nullopt;
    list.push_back(std::move(*value));
  }
  return ConfigValue{.data = std::move(list)};
}

std::string Shown(const Json& json) {
  constexpr size_t kMost = 80;
  const std::optional<ConfigValue> value = ToConfigValue(json);
  std::string text = value ? ToString(*value) : json.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > kMost) text = text.substr(0, kMost) + "...";
  return text;
}

const LayerDef* FindLayerClass(const std::string& class_name) {
  const auto renamed = std::ranges::find(kClasses, class_name, &Renamed::from);
  return FindLayer(renamed == std::end(kClasses) ? class_name : renamed->to);
}

std::vector<Argument> ReadArguments(const LayerDef& def, const std::string& name, const std::string& class_name,
                                    const Json& config, LayerContext& context) {
  return ArgumentReader(def, name, class_name, config, context).Read();
}

std::string ValueText(const Param& param, const ConfigValue& value, const TensorType* input) {
  const ConfigValue shortest = Shortest(param, value);
  if (const std::string* text = shortest.AsString()) return StringText(*text);
  if (param.type == ParamType::Axis && shortest.AsDim() != nullptr) return AxisText(shortest, input);
  if (param.type == ParamType::Axes) {
    if (shortest.AsDim() != nullptr) return AxisText(shortest, input);
    if (const List* list = shortest.AsList()) {
      std::string text;
      for (const ConfigValue& entry : *list) text += (text.empty() ? "" : ", ") + AxisText(entry, input);
      return "[" + text + "]";
    }
  }
  return ToString(shortest);
}

namespace {

// `axis=3` of a shape with four axes is the default `axis=-1`, and so is a list of this one.
bool IsDefaultAxis(const Argument& argument, const TensorType* input) {
  const Param& param = *argument.param;
  const bool is_axis = param.type == ParamType::Axis || param.type == ParamType::Axes;
  if (!is_axis || input == nullptr || !param.default_value) return false;
  const std::optional<size_t> axis = AxisOf(Shortest(param, argument.value), input);
  return axis && axis == AxisOf(Shortest(param, *param.default_value), input);
}

// Whether a default axis falls beside the channels, which is to be seen.
bool HidesAxis(const Param& param, const TensorType* input) {
  if (param.type != ParamType::Axis || input == nullptr || !param.default_value) return false;
  const std::optional<size_t> axis = AxisOf(*param.default_value, input);
  const std::optional<size_t> channels = FindAxis(input->shape, "channels");
  return axis && channels && axis != channels && param.default_value->AsDim() != nullptr;
}

// Required ones, and the first one where its layer's name says what it is.
bool StandsByPosition(const Param& param, size_t index) {
  if (param.keyword_only) return false;
  if (!param.default_value) return true;
  switch (param.type) {
    case ParamType::Sizes:
    case ParamType::Pads:
    case ParamType::Int:
    case ParamType::Activation:
    case ParamType::Shape: return index == 0;
    default: return false;
  }
}

}  // namespace

std::string CallText(const LayerDef& def, const std::vector<Argument>& arguments, const TensorType* input) {
  std::string text;
  size_t place = 0;
  bool by_position = true;
  for (const Argument& argument : arguments) {
    if (IsDefaultAxis(argument, input) && !HidesAxis(*argument.param, input)) continue;
    by_position = by_position && argument.param == &def.params[place] && StandsByPosition(*argument.param, place);
    ++place;
    if (!text.empty()) text += ", ";
    if (!by_position) text += std::string(argument.param->name) + "=";
    text += argument.text.empty() ? ValueText(*argument.param, argument.value, input) : argument.text;
  }
  return std::string(def.name) + "(" + text + ")";
}

void ReportLayer(const std::string& name, const std::string& class_name, const Json& config, LayerContext& context) {
  Diagnostic& diagnostic = context.diagnostics.Report(kinds::ImportLayer, {}, name, class_name);
  diagnostic.Note("in " + Quoted(context.file));
  if (IsTensorFlowOperation(class_name)) {
    diagnostic.Note("it calls " + Quoted(TensorFlowFunction(config)));
  } else if (class_name == "Lambda") {
    diagnostic.Help("a Lambda holds Python code: build the model with functions of `keras.ops` in its place");
  }
}

}  // namespace strata::import
