#include "compiler/import/write.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <utility>

namespace strata::import {
namespace {

// A line of a pipe is filled up to here.
constexpr size_t kLineWidth = 100;
// Expressions nest at most this deep before a `let` takes them apart.
constexpr int kMaxDepth = 8;

// How tightly an expression holds together: what needs parentheses inside what.
enum class Level { Pipe, Comparison, Sum, Product, Unary, Power, Atom };

struct Text {
  std::string text;
  Level level = Level::Atom;
  int depth = 0;          // of calls inside calls
  size_t line_begin = 0;  // of a pipe: where its last line begins
};

// A short pipe stands on one line.
std::string Compact(std::string text) {
  constexpr size_t kShort = 70;
  if (text.size() > kShort) return text;
  std::ranges::replace(text, '\n', ' ');
  return text;
}

std::string In(const Text& text, Level least) { return text.level < least ? "(" + text.text + ")" : text.text; }

Level LevelOf(std::string_view function) {
  if (function == "**") return Level::Power;
  if (function == "*" || function == "/" || function == "//" || function == "%") return Level::Product;
  if (function == "+" || function == "-") return Level::Sum;
  return Level::Comparison;
}

bool IsOperator(const LayerDef& def) {
  return def.form == LayerDef::Form::Function && def.function_name != "[]" &&
         std::isalpha(static_cast<unsigned char>(def.function_name.front())) == 0;
}

// ---- The body of a function ----

class BodyWriter {
 public:
  BodyWriter(const Function& function, const std::vector<std::string>& blocks, bool keeps_names, Names& names)
      : function_(function), blocks_(blocks), keeps_names_(keeps_names), names_(names) {
    texts_.resize(function.values.size());
    shared_.resize(function.layers.size());
    std::vector<int> calls(function.layers.size());
    for (const Node& node : function.nodes) ++calls[static_cast<size_t>(node.layer)];
    for (size_t i = 0; i < calls.size(); ++i) is_shared_.push_back(calls[i] > 1 && !IsFunction(function.layers[i]));
  }

  void SetInput(int value, std::string name) { At(value) = {std::move(name)}; }

  std::string Write() {
    for (const Node& node : function_.nodes) WriteNode(node);
    std::string results;
    for (const Output& output : function_.outputs)
      results += (results.empty() ? "" : ", ") + Compact(At(output.value).text);
    body_ += "return " + (function_.outputs.size() == 1 ? results : "(" + results + ")") + "\n";
    return std::move(body_);
  }

  // The expression of one call, of the texts so far.
  Text Expression(const Node& node) {
    const Layer& layer = LayerOf(node);
    if (layer.def != nullptr && layer.def->form == LayerDef::Form::Function) return FunctionCall(node, layer);
    const std::vector<int> inputs = node.Inputs();
    const bool is_step = node.arguments.size() == 1 && inputs.size() == 1 && !node.arguments.front().is_list;
    const std::string call = LayerCall(node, layer);
    if (is_step) return Step(At(inputs.front()), Cast(node, layer) + call, layer);
    Text text{.text = "", .level = Level::Atom, .depth = 1};
    for (const CallArgument& argument : node.arguments) {
      const std::string value = ArgumentText(argument, text.depth);
      text.text += (text.text.empty() ? "" : ", ") + (argument.keyword.empty() ? "" : argument.keyword + "=") + value;
    }
    // A block without configuration takes its tensors at once.
    const bool is_fresh_block = layer.function >= 0 && !is_shared_[static_cast<size_t>(node.layer)];
    text.text = (is_fresh_block ? blocks_[static_cast<size_t>(layer.function)] : call) + "(" + text.text + ")";
    return text;
  }

  std::string CallOf(const Node& node) const { return Cast(node, LayerOf(node)) + LayerCall(node, LayerOf(node)); }

  const std::string& body() const { return body_; }
  std::string& body() { return body_; }
  Text& At(int value) { return texts_[static_cast<size_t>(value)]; }
  const Layer& LayerOf(const Node& node) const { return function_.layers[static_cast<size_t>(node.layer)]; }

  // A shared layer is declared before its first call.
  void DeclareShared(const Node& node) {
    const size_t layer = static_cast<size_t>(node.layer);
    if (!is_shared_[layer] || !shared_[layer].empty()) return;
    const std::string call = LayerCall(node, LayerOf(node));
    shared_[layer] = names_.Take(LayerOf(node).name);
    body_ += "let " + shared_[layer] + " = " + call + "\n";
  }

 private:
  static bool IsFunction(const Layer& layer) {
    return layer.def != nullptr && layer.def->form == LayerDef::Form::Function;
  }

  void WriteNode(const Node& node) {
    DeclareShared(node);
    const Text text = Expression(node);
    if (node.outputs.size() > 1) {
      std::string targets;
      for (const int output : node.outputs) {
        const std::string name = names_.Take(ValueName(node, output));
        targets += (targets.empty() ? "" : ", ") + name;
        At(output) = {name};
      }
      body_ += "let (" + targets + ") = " + Compact(text.text) + "\n";
      return;
    }
    const Value& value = function_.values[static_cast<size_t>(node.outputs.front())];
    const size_t uses = value.uses.size() + (value.is_output ? 1 : 0);
    if (uses <= 1 && text.depth <= kMaxDepth) {
      At(node.outputs.front()) = text;
      return;
    }
    const std::string name = names_.Take(ValueName(node, node.outputs.front()));
    body_ += "let " + name + " = " + Compact(text.text) + "\n";
    At(node.outputs.front()) = {name};
  }

  std::string ValueName(const Node& node, int output) const {
    const Layer& layer = LayerOf(node);
    if (node.outputs.size() == 1 || layer.def == nullptr || output == node.outputs.front()) return layer.name;
    const size_t place = static_cast<size_t>(output - node.outputs.front());
    if (node.outputs.size() == layer.def->results.size())
      return layer.name + "_" + std::string(layer.def->results[place]);
    return layer.name + "_" + std::to_string(place);
  }

  // One more step of a pipe, on the line of the last one where it belongs there and fits.
  Text Step(const Text& input, const std::string& step, const Layer& layer) const {
    Text text{.text = In(input, Level::Pipe), .level = Level::Pipe, .depth = input.depth};
    if (input.level == Level::Comparison) text.text = "(" + text.text + ")";
    const size_t length = text.text.size() - std::min(input.line_begin, text.text.size());
    const bool is_short = length + step.size() + 4 <= kLineWidth;
    const bool stays = input.level == Level::Pipe && is_short && ContinuesLine(layer);
    text.line_begin = stays ? input.line_begin : text.text.size() + 1;
    text.text += (stays ? " |> " : "\n|> ") + step;
    return text;
  }

  // `i32() |> ` before a layer that looks up integers.
  std::string Cast(const Node& node, const Layer& layer) const {
    if (layer.def == nullptr || layer.def->name != "Embedding") return "";
    const TensorType& type = function_.values[static_cast<size_t>(node.Inputs().front())].type;
    return IsFloat(type.dtype) ? "i32() |> " : "";
  }

  std::string LayerCall(const Node& node, const Layer& layer) const {
    const size_t index = static_cast<size_t>(node.layer);
    if (!shared_[index].empty()) return shared_[index];
    if (!layer.text.empty()) return layer.text;
    if (layer.function >= 0) return blocks_[static_cast<size_t>(layer.function)] + "()";
    const std::vector<int> inputs = node.Inputs();
    const TensorType* input = inputs.empty() ? nullptr : &function_.values[static_cast<size_t>(inputs.front())].type;
    std::string text = CallText(*layer.def, Arguments(node, layer, input), input);
    if (keeps_names_ && IsOwnName(layer)) {
      text.insert(text.size() - 1, std::string(text.ends_with("()") ? "" : ", ") + "name=\"" + layer.name + "\"");
    }
    return text;
  }

  // With the names of reshaped axes, and without what the names of the input's axes say.
  std::vector<Argument> Arguments(const Node& node, const Layer& layer, const TensorType* input) const {
    std::vector<Argument> arguments = layer.arguments;
    const bool has_channels =
        input != nullptr && std::ranges::any_of(input->shape, [](const Axis& axis) { return axis.name == "channels"; });
    std::erase_if(arguments, [&](const Argument& argument) {
      return argument.param->name == "data_format" && has_channels && layer.def->roles != nullptr;
    });
    if (layer.def->name != "Reshape" || arguments.empty()) return arguments;
    const Shape& shape = function_.values[static_cast<size_t>(node.outputs.front())].type.shape;
    const ConfigValue::List* sizes = arguments.front().value.AsList();
    if (sizes == nullptr || sizes->size() + 1 != shape.size()) return arguments;
    std::string text;
    for (size_t i = 0; i < sizes->size(); ++i) {
      const std::string& name = shape[i + 1].name;
      text += (i == 0 ? "" : ", ") + (name.empty() ? "" : name + ": ") + ToString((*sizes)[i]);
    }
    const bool is_named =
        std::ranges::any_of(shape.begin() + 1, shape.end(), [](const Axis& a) { return !a.name.empty(); });
    if (is_named) arguments.front().text = "[" + text + "]";
    return arguments;
  }

  // Not one that Keras made: the class in snake case, perhaps with a number.
  static bool IsOwnName(const Layer& layer) {
    // Without weights no one looks for it.
    if (layer.def == nullptr || (layer.def->weights.empty() && !layer.def->make_weights)) return false;
    std::string_view rest = layer.name;
    for (const std::string& stem : {SnakeCase(layer.class_name), SnakeCase(layer.def->name)}) {
      if (!rest.starts_with(stem)) continue;
      rest.remove_prefix(stem.size());
      if (rest.starts_with('_')) rest.remove_prefix(1);
      return !std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; });
    }
    return std::ranges::all_of(layer.name, [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
    });
  }

  std::string ArgumentText(const CallArgument& argument, int& depth) {
    if (argument.values.empty()) return argument.text;
    std::string text;
    for (const int value : argument.values) {
      depth = std::max(depth, At(value).depth + 1);
      text += (text.empty() ? "" : ", ") + Compact(At(value).text);
    }
    return argument.values.size() > 1 && !argument.keyword.empty() ? "(" + text + ")" : text;
  }

  // ---- Functions ----

  Text FunctionCall(const Node& node, const Layer& layer) {
    const LayerDef& def = *layer.def;
    if (def.function_name == "[]") return Slice(node);
    std::vector<Text> operands;
    int depth = 0;
    for (const CallArgument& argument : node.arguments) {
      if (argument.values.empty()) {
        operands.push_back({argument.text, argument.text.starts_with('-') ? Level::Unary : Level::Atom});
      } else if (argument.is_list) {
        int inner = 0;
        std::string text = ArgumentText(argument, inner);
        operands.push_back({"(" + text + ")", Level::Atom, inner});
      } else {
        operands.push_back(At(argument.values.front()));
      }
      depth = std::max(depth, operands.back().depth);
    }
    ++depth;
    if (IsOperator(def) && operands.size() == 2) {
      const Level level = LevelOf(def.function_name);
      const Level right = static_cast<Level>(static_cast<int>(level) + 1);
      const Level left = level == Level::Comparison || level == Level::Power ? right : level;
      return {In(operands[0], left) + " " + std::string(def.function_name) + " " + In(operands[1], right), level,
              depth};
    }
    if (def.name == "Negative" && operands.size() == 1) {
      return {"-" + In(operands[0], Level::Power), Level::Unary, depth};
    }
    const TensorType* input =
        node.Inputs().empty() ? nullptr : &function_.values[static_cast<size_t>(node.Inputs().front())].type;
    std::string call = CallText(def, layer.arguments, input);
    call = call.substr(def.name.size() + 1, call.size() - def.name.size() - 2);
    const bool leads = TakesTensors(def.params.front());
    std::string text;
    for (size_t i = 0; i < operands.size(); ++i) {
      const CallArgument& argument = node.arguments[i];
      const bool is_first_pipe = leads && i == 0 && operands[i].level == Level::Pipe;
      if (is_first_pipe) continue;
      text += (text.empty() ? "" : ", ") + (argument.keyword.empty() ? "" : argument.keyword + "=") + operands[i].text;
    }
    if (!call.empty()) text = leads ? text + (text.empty() ? "" : ", ") + call : call + ", " + text;
    text = std::string(def.function_name) + "(" + text + ")";
    if (leads && operands.front().level == Level::Pipe) return Step(operands.front(), text, layer);
    return {text, Level::Atom, depth};
  }

  // `x[time: 1..3, features: 0]`
  Text Slice(const Node& node) {
    const int source = node.Inputs().front();
    const Shape& shape = function_.values[static_cast<size_t>(source)].type.shape;
    const std::vector<SliceEntry>& slices = node.arguments.back().slices;
    std::string entries;
    for (size_t i = 0; i < slices.size(); ++i) {
      const SliceEntry& slice = slices[i];
      if (!slice.begin && !slice.end) continue;
      // An axis without a name is said to be so by the check.
      entries +=
          (entries.empty() ? "" : ", ") + (i < shape.size() && !shape[i].name.empty() ? shape[i].name + ": " : "");
      if (slice.begin) entries += std::to_string(*slice.begin);
      if (!slice.is_index) entries += ".." + (slice.end ? std::to_string(*slice.end) : "");
    }
    Text text = At(source);
    if (entries.empty()) return text;
    text.text = In(text, Level::Atom) + "[" + entries + "]";
    text.level = Level::Atom;
    ++text.depth;
    return text;
  }

  const Function& function_;
  const std::vector<std::string>& blocks_;
  bool keeps_names_;
  Names& names_;
  std::vector<Text> texts_;          // by value
  std::vector<std::string> shared_;  // names of shared layers, once they are declared
  std::vector<bool> is_shared_;
  std::string body_;
};

// ---- Signatures ----

std::string InputName(const Function& function, const Input& input) {
  const std::string& name = input.name;
  const bool is_made = name.starts_with("input") || name.ends_with("_input");
  if (!is_made) return name;
  const Shape& shape = function.values[static_cast<size_t>(input.value)].type.shape;
  if (FindAxis(shape, "height") && shape.size() == 4) return "image";
  if (!IsFloat(function.values[static_cast<size_t>(input.value)].type.dtype) && shape.size() == 2) return "tokens";
  return "x";
}

}  // namespace

std::string WriteFunction(const Function& function, const WriteOptions& options) {
  Names names;
  // Axes are named in a space of their own, but a bare one is a symbol too.
  for (const char* axis : {"batch", "time", "depth", "height", "width", "channels", "features"}) names.Take(axis);
  static const std::vector<std::string> kNoBlocks;
  BodyWriter writer(function, options.blocks == nullptr ? kNoBlocks : *options.blocks, options.keeps_names, names);
  std::string text;
  for (size_t at = 0; at < options.doc.size();) {
    const size_t end = std::min(options.doc.find('\n', at), options.doc.size());
    text += "## " + options.doc.substr(at, end - at) + "\n";
    at = end + 1;
  }
  text += (options.is_model ? "model " : "block ") + options.name;
  if (!function.config.empty()) {
    std::string config;
    for (const ConfigEntry& entry : function.config) {
      names.Take(entry.name);
      config += (config.empty() ? "" : ", ") + entry.name + ": " + std::string(entry.type);
      if (entry.default_value) config += " = " + std::to_string(*entry.default_value);
    }
    text += "(" + config + ")";
  }
  std::string inputs;
  for (const Input& input : function.inputs) {
    const std::string name = names.Take(InputName(function, input));
    writer.SetInput(input.value, name);
    const TensorType& type = function.values[static_cast<size_t>(input.value)].type;
    inputs += (inputs.empty() ? "" : ", ") + name + ": " + ToString(type);
  }
  text += "(" + inputs + ") -> ";
  if (options.is_model) {
    std::string results;
    Names result_names;
    for (const Output& output : function.outputs) {
      const TensorType& type = function.values[static_cast<size_t>(output.value)].type;
      results +=
          (results.empty() ? "" : ", ") + result_names.Take(output.name, Names::Kind::Label) + ": " + ToString(type);
    }
    text += "(" + results + ")";
  } else {
    std::string results;
    for (const Output& output : function.outputs) {
      results += (results.empty() ? "" : ", ") + ToString(function.values[static_cast<size_t>(output.value)].type);
    }
    text += function.outputs.size() == 1 ? results : "(" + results + ")";
  }
  return text + " {\n" + writer.Write() + "}\n";
}

bool ContinuesLine(const Layer& layer) {
  if (layer.def == nullptr) return false;
  static constexpr std::string_view kNames[] = {"Activation", "BatchNormalization", "Dropout",
                                                "ELU",        "LeakyReLU",          "PReLU",
                                                "ReLU",       "SpatialDropout1D",   "SpatialDropout2D"};
  return std::ranges::find(kNames, layer.def->name) != std::end(kNames);
}

std::string WriteCall(const Function& function, const Node& node, const std::vector<std::string>& blocks) {
  Names names;
  return BodyWriter(function, blocks, /*keeps_names=*/false, names).CallOf(node);
}

std::string WriteDraft(const Function& function, const std::vector<std::string>& blocks) {
  Names names;
  for (const char* axis : {"batch", "time", "depth", "height", "width", "channels", "features"}) names.Take(axis);
  BodyWriter writer(function, blocks, /*keeps_names=*/false, names);
  std::string inputs;
  for (const Input& input : function.inputs) {
    const std::string name = "t" + std::to_string(input.value);
    writer.SetInput(input.value, name);
    const TensorType& type = function.values[static_cast<size_t>(input.value)].type;
    inputs += (inputs.empty() ? "" : ", ") + name + ": " + ToString(type);
  }
  std::string text = "model draft(" + inputs + ") -> (out: f32[batch]) {\n";
  std::string last = inputs.substr(0, inputs.find(':'));
  for (const Node& node : function.nodes) {
    writer.DeclareShared(node);
    text += std::move(writer.body());
    writer.body().clear();
    std::string targets;
    for (const int output : node.outputs) {
      const std::string name = "w" + std::to_string(output);
      targets += (targets.empty() ? "" : ", ") + name;
    }
    text += "let " + (node.outputs.size() == 1 ? targets : "(" + targets + ")") + " = " + writer.Expression(node).text +
            "\n";
    for (const int output : node.outputs) {
      const std::string number = std::to_string(output);
      text += "let t" + number + " = w" + number + " |> Identity()\n";
      writer.SetInput(output, "w" + number);
      last = "w" + number;
    }
  }
  return text + "return " + last + "\n}\n";
}

}  // namespace strata::import
