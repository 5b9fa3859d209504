// From the configuration that Keras writes to a graph.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "compiler/check/elaboration.h"
#include "compiler/import/graph.h"
#include "compiler/import/tensorflow.h"
#include "compiler/import/types.h"
#include "compiler/layers/activations.h"
#include "compiler/layers/recurrence.h"
#include "compiler/source/catalogue.h"

namespace strata::import {
namespace {

using check::Quoted;

// A tensor as a configuration names it: the layer, which of its calls, which of its results.
using History = std::tuple<std::string, int64_t, int64_t>;

// An HDF5 file says of no class where it is from; every layer's configuration says whether it is trained.
bool IsOperation(const Json& layer, int keras_major) {
  if (layer.contains("module") && layer["module"].is_string()) {
    return layer["module"].get<std::string>().find(".ops") != std::string::npos;
  }
  return keras_major >= 3 && layer.at("config").is_object() && !layer.at("config").contains("trainable");
}

bool IsModel(const std::string& class_name) {
  return class_name == "Functional" || class_name == "Model" || class_name == "Sequential";
}

const LayerDef* FindOperation(std::string_view class_name) {
  for (const LayerDef* def : AllFunctions()) {
    if (def->name == class_name) return def;
  }
  return nullptr;
}

std::optional<DType> ParseKerasDType(const std::string& name) {
  if (name == "float32" || name == "float64") return DType::F32;
  if (name == "float16") return DType::F16;
  if (name == "bfloat16") return DType::BF16;
  if (name == "int8") return DType::I8;
  if (name == "uint8") return DType::U8;
  if (name == "int16" || name == "int32" || name == "uint16") return DType::I32;
  if (name == "int64" || name == "uint32") return DType::I64;
  if (name == "bool") return DType::Bool;
  return std::nullopt;
}

// ---- The reader ----

class GraphReader {
 public:
  GraphReader(const KerasModel& file, LayerContext& context) : file_(file), context_(context) {
    graph_.keras_major = file.major;
  }

  Graph Read() {
    const Json& model = file_.model;
    const std::string class_name = model.at("class_name");
    if (!IsModel(class_name)) {
      ReportLayer(class_name, class_name, model.at("config"), context_);
    } else {
      ReadFunction(class_name, model.at("config"), {});
    }
    return std::move(graph_);
  }

 private:
  // One function while it is read.
  struct Scope {
    Function function;
    std::map<std::string, int> layers;                 // by name
    std::map<History, int> values;                     // by history
    std::set<std::pair<std::string, int64_t>> failed;  // calls of layers that have no equal
    std::set<std::string> names = {};                  // of all layers
    std::vector<TensorType> types = {};                // of the first values, as far as they were asked for
  };

  void Unreadable(const std::string& what) {
    context_.diagnostics.Report(kinds::ImportUnreadable, {}, context_.file, what);
  }

  int ReadFunction(const std::string& class_name, const Json& config, const std::optional<Json>& input_shape) {
    Scope scope;
    scope.function.class_name = class_name;
    scope.function.name = config.is_object() ? config.value("name", "model") : "model";
    if (class_name == "Sequential") {
      ReadSequential(config, input_shape, scope);
    } else {
      ReadFunctional(config, scope);
    }
    CountUses(scope.function);
    graph_.functions.push_back(std::move(scope.function));
    return static_cast<int>(graph_.functions.size()) - 1;
  }

  // ---- Layers ----

  int AddValue(Scope& scope, int node) {
    scope.function.values.push_back({.node = node});
    return static_cast<int>(scope.function.values.size()) - 1;
  }

  int AddInput(Scope& scope, const std::string& name, const Json& batch_shape, const Json& dtype) {
    const int value = AddValue(scope, -1);
    TensorType& type = scope.function.values.back().type;
    const std::string dtype_name = dtype.is_string()   ? dtype.get<std::string>()
                                   : dtype.is_object() ? dtype.at("config").value("name", "float32")
                                                       : "float32";
    const std::optional<DType> element = ParseKerasDType(dtype_name);
    if (!element) {
      context_.diagnostics.Report(kinds::ImportOption, {}, "dtype", name, "InputLayer", dtype_name)
          .Note("in " + Quoted(context_.file));
    }
    type.dtype = element.value_or(DType::F32);
    for (const Json& size : batch_shape) {
      type.shape.push_back({.name = "", .size = size.is_null() ? Dim::Unknown() : Dim(size.get<int64_t>())});
    }
    scope.function.inputs.push_back({name, value});
    return value;
  }

  int AddInputLayer(Scope& scope, const Json& config) {
    const Json& shape = config.contains("batch_shape") ? config.at("batch_shape") : config.at("batch_input_shape");
    return AddInput(scope, config.at("name"), shape, config.value("dtype", Json("float32")));
  }

  // The layer, made at its first mention; -1 where it has no equal.
  int AddLayer(Scope& scope, const Json& json, const std::optional<Json>& input_shape) {
    const std::string class_name = json.at("class_name");
    const Json& config = json.at("config");
    const std::string name =
        json.contains("name") ? json.at("name").get<std::string>() : config.value("name", class_name);
    Layer layer{.class_name = class_name, .name = name};
    if (IsModel(class_name)) {
      layer.function = ReadFunction(class_name, config, input_shape);
      if (graph_.functions.back().outputs.empty()) return -1;
    } else if (IsOperation(json, file_.major)) {
      if (!ReadOperation(class_name, config, input_shape, layer)) return -1;
    } else {
      layer.def = FindLayerClass(class_name);
      if (layer.def == nullptr) {
        ReportLayer(name, class_name, config, context_);
        return -1;
      }
      layer.arguments = ReadArguments(*layer.def, name, class_name, config, context_);
    }
    scope.function.layers.push_back(std::move(layer));
    return static_cast<int>(scope.function.layers.size()) - 1;
  }

  // An operation of keras.ops: a function, or a layer that does the same.
  bool ReadOperation(const std::string& class_name, const Json& config, const std::optional<Json>& input_shape,
                     Layer& layer) {
    layer.def = FindOperation(class_name);
    if (class_name == "ExpandDims" || class_name == "Squeeze") {
      if (std::optional<ConfigValue> shape = ShapeWithOnes(class_name == "Squeeze", config, input_shape)) {
        layer.def = FindLayer("Reshape");
        layer.arguments = {{&layer.def->params.front(), std::move(*shape)}};
        return true;
      }
    }
    if (class_name == "Cast") {
      const std::optional<DType> dtype = ParseKerasDType(config.value("dtype", ""));
      layer.def = dtype ? FindFunction(Name(*dtype)) : nullptr;
      if (layer.def != nullptr) return true;
    } else if (layer.def != nullptr) {
      layer.arguments = ReadArguments(*layer.def, layer.name, class_name, config, context_);
      return true;
    }
    ReportLayer(layer.name, class_name, config, context_);
    return false;
  }

  // The sizes after the batch with axes of size 1 added or dropped; nothing where that needs more than a Reshape.
  static std::optional<ConfigValue> ShapeWithOnes(bool drops, const Json& config,
                                                  const std::optional<Json>& input_shape) {
    if (!input_shape || !input_shape->is_array() || !config.contains("axis")) return std::nullopt;
    const auto rank = static_cast<int64_t>(input_shape->size());
    std::set<int64_t> ones;  // of the longer shape
    if (const Json& axes = config.at("axis"); axes.is_null() && drops) {
      for (int64_t i = 1; i < rank; ++i) {
        if (input_shape->at(static_cast<size_t>(i)) == Json(1)) ones.insert(i);
      }
    } else {
      const int64_t longer = drops ? rank : rank + (axes.is_array() ? static_cast<int64_t>(axes.size()) : 1);
      for (const Json& axis : axes.is_array() ? axes : Json::array({axes})) {
        const int64_t place = axis.get<int64_t>();
        ones.insert(place < 0 ? place + longer : place);
      }
    }
    if (ones.empty() || *ones.begin() < 1) return std::nullopt;
    ConfigValue::List sizes;
    int open = 0;
    for (int64_t i = 1, place = 1; i < rank || ones.contains(place); ++place) {
      if (ones.contains(place) && !drops) {
        sizes.push_back({.data = Dim(1)});
        continue;
      }
      const Json& size = input_shape->at(static_cast<size_t>(i++));
      if (ones.contains(place)) continue;
      if (size.is_null()) ++open;
      sizes.push_back({.data = Dim(size.is_null() ? -1 : size.get<int64_t>())});
    }
    if (open > 1) return std::nullopt;
    return ConfigValue{.data = std::move(sizes)};
  }

  // How many tensors a call of the layer gives.
  size_t ResultCount(const Layer& layer, const Json* json) const {
    if (layer.function >= 0) return graph_.functions[static_cast<size_t>(layer.function)].outputs.size();
    const Json* config = json != nullptr && json->contains("config") ? &json->at("config") : nullptr;
    bool returns_state = false;
    if (config != nullptr && layer.def->name == "Bidirectional" && config->contains("layer")) {
      const Json& wrapped = config->at("layer");
      const LayerDef* def = FindLayerClass(wrapped.at("class_name"));
      returns_state = wrapped.at("config").value("return_state", false);
      return returns_state && def != nullptr ? 2 * def->results.size() - 1 : 1;
    }
    if (config != nullptr && config->is_object()) returns_state = config->value("return_state", false);
    return returns_state ? std::max<size_t>(layer.def->results.size(), 1) : 1;
  }

  // ---- Sequential ----

  void ReadSequential(const Json& config, const std::optional<Json>& outer_shape, Scope& scope) {
    const Json& layers = config.is_array() ? config : config.at("layers");
    int value = -1;
    std::set<std::string> names;
    for (const Json& json : layers) {
      const std::string class_name = json.at("class_name");
      if (class_name == "InputLayer") {
        value = AddInputLayer(scope, json.at("config"));
        continue;
      }
      if (value < 0) value = FirstInput(scope, config, json, outer_shape);
      if (value < 0) return;
      const int layer = AddLayer(scope, json, std::nullopt);
      if (layer < 0) continue;
      const std::string& name = scope.function.layers.back().name;
      if (!names.insert(name).second) return Unreadable("two of its layers are called " + Quoted(name));
      Node node{.layer = layer, .arguments = {{.keyword = "", .values = {value}}}};
      const size_t results = ResultCount(scope.function.layers.back(), &json);
      if (results == 0) return;  // a nested model that is wrong
      value = AddNode(scope, std::move(node), results);
    }
    if (value < 0) return Unreadable("its Sequential model " + Quoted(scope.function.name) + " is empty");
    scope.function.outputs.push_back(
        {scope.function.layers.empty() ? "output" : scope.function.layers.back().name, value});
  }

  // Where there is no InputLayer: the shape that the first layer, the model or its caller knows.
  int FirstInput(Scope& scope, const Json& config, const Json& first, const std::optional<Json>& outer_shape) {
    const Json& first_config = first.at("config");
    Json shape;
    Json dtype = "float32";
    if (first_config.is_object() && first_config.contains("batch_input_shape")) {
      shape = first_config.at("batch_input_shape");
      dtype = first_config.value("dtype", Json("float32"));
    } else if (config.is_object() && config.contains("build_input_shape")) {
      shape = config.at("build_input_shape");
    } else if (outer_shape) {
      shape = *outer_shape;
    }
    if (shape.is_array()) return AddInput(scope, "input", shape, dtype);
    context_.diagnostics
        .Report(kinds::ImportUnreadable, {}, context_.file,
                "its Sequential model " + Quoted(scope.function.name) + " was never built, so its input has no shape")
        .Help("call the model once, or `model.build(input_shape)`, and save it again");
    return -1;
  }

  // The first of the call's values; the others follow it.
  int AddNode(Scope& scope, Node node, size_t results) {
    const int index = static_cast<int>(scope.function.nodes.size());
    for (size_t i = 0; i < results; ++i) node.outputs.push_back(AddValue(scope, index));
    const int first = node.outputs.front();
    scope.function.nodes.push_back(std::move(node));
    return first;
  }

  // ---- Functional ----

  // A call that waits for its tensors.
  struct Call {
    const Json* layer;
    const Json* node;
    std::string name;
    int64_t index;  // among the calls of the layer
  };

  void ReadFunctional(const Json& config, Scope& scope) {
    std::deque<Call> calls;
    std::map<std::string, const Json*> input_layers;
    for (const Json& json : config.at("layers")) {
      const std::string class_name = json.at("class_name");
      const std::string name = (json.contains("name") ? json : json.at("config")).at("name");
      if (!scope.names.insert(name).second) return Unreadable("two of its layers are called " + Quoted(name));
      if (class_name == "InputLayer") {
        input_layers[name] = &json;
        continue;
      }
      int64_t index = IsModel(class_name) ? FirstCall(name, config) : 0;
      for (const Json& node : json.at("inbound_nodes")) calls.push_back({&json, &node, name, index++});
    }
    // The inputs stand in the model's order, not in that of the layers.
    for (const History& input : Histories(config.at("input_layers"))) {
      const auto found = input_layers.find(std::get<0>(input));
      if (found == input_layers.end()) return Unreadable("it has no input layer " + Quoted(std::get<0>(input)));
      scope.values[{std::get<0>(input), 0, 0}] = AddInputLayer(scope, found->second->at("config"));
    }
    ReadCalls(std::move(calls), scope);
    if (context_.diagnostics.HasErrors()) return;
    ReadOutputs(config.at("output_layers"), scope);
    if (scope.function.outputs.empty()) Unreadable("its model " + Quoted(scope.function.name) + " has no output");
  }

  // The number of the first call of a nested model: Keras 2 counts the one that made it, and does not write it down.
  static int64_t FirstCall(const std::string& name, const Json& config) {
    std::optional<int64_t> first;
    const auto visit = [&](const History& history) {
      if (std::get<0>(history) == name) first = std::min(first.value_or(std::get<1>(history)), std::get<1>(history));
    };
    for (const Json& layer : config.at("layers")) {
      if (layer.contains("inbound_nodes")) ForEachTensor(layer.at("inbound_nodes"), visit);
    }
    for (const History& history : Histories(config.at("output_layers"))) visit(history);
    return first.value_or(0);
  }

  // Each call after those that it reads, otherwise in their order.
  void ReadCalls(std::deque<Call> calls, Scope& scope) {
    size_t waiting = 0;  // calls in a row that could not be read
    while (!calls.empty() && waiting <= calls.size()) {
      const Call call = calls.front();
      calls.pop_front();
      if (!IsReady(*call.node, scope)) {
        calls.push_back(call);
        ++waiting;
        continue;
      }
      waiting = 0;
      ReadCall(call, scope);
    }
    if (!calls.empty() && !context_.diagnostics.HasErrors()) {
      Unreadable("the layer " + Quoted(calls.front().name) + " reads a tensor that no layer makes");
    }
  }

  // Whether all tensors of a call are made. What a layer without an equal makes never is, so that it has its own value.
  bool IsReady(const Json& node, const Scope& scope) const {
    bool is_ready = true;
    ForEachTensor(node, [&](const History& history) {
      if (!scope.failed.contains({std::get<0>(history), std::get<1>(history)}))
        is_ready &= scope.values.contains(history);
    });
    return is_ready;
  }

  void ReadCall(const Call& call, Scope& scope) {
    bool is_whole = true;
    ForEachTensor(*call.node, [&](const History& history) {
      is_whole &= !scope.failed.contains({std::get<0>(history), std::get<1>(history)});
    });
    if (IsTensorFlowOperation(call.layer->at("class_name"))) {
      if (!is_whole || !ReadTensorFlow(call, scope)) scope.failed.insert({call.name, call.index});
      return;
    }
    const auto [found, is_new] = scope.layers.try_emplace(call.name, -1);
    if (is_new) found->second = AddLayer(scope, *call.layer, ShapeOf(*call.node));
    const int layer = found->second;
    if (!is_whole || layer < 0) {
      scope.failed.insert({call.name, call.index});
      return;
    }
    Node node{.layer = layer};
    const Layer& made = scope.function.layers[static_cast<size_t>(layer)];
    if (call.node->is_object()) {
      ReadArguments3(*call.node, made, scope, node);
    } else {
      ReadArguments2(*call.node, made, scope, node);
    }
    if (node.Inputs().empty()) return Unreadable("the layer " + Quoted(call.name) + " is called without a tensor");
    if (LacksOperand(made, node)) {
      return Unreadable("the operation " + Quoted(call.name) + " is called without all of its operands");
    }
    size_t results = ResultCount(made, call.layer);
    for (const CallArgument& argument : node.arguments) {
      if (argument.keyword == "return_attention_scores" && argument.text == "True") results = 2;
    }
    if (results == 0) return;  // a nested model that is wrong
    const int first = TakesAll(node) ? node.Inputs().front() : AddNode(scope, std::move(node), results);
    for (size_t i = 0; i < results; ++i) {
      scope.values[{call.name, call.index, static_cast<int64_t>(i)}] = first + static_cast<int>(i);
    }
  }

  // `x[:, :]` is `x`.
  static bool TakesAll(const Node& node) {
    const std::vector<SliceEntry>& slices = node.arguments.back().slices;
    return !slices.empty() &&
           std::ranges::all_of(slices, [](const SliceEntry& slice) { return !slice.begin && !slice.end; });
  }

  // An operation has its required arguments from its call and from its configuration.
  static bool LacksOperand(const Layer& layer, const Node& node) {
    if (layer.def == nullptr || layer.def->form != LayerDef::Form::Function) return false;
    const auto is_required = [](const Param& param) { return !param.default_value.has_value(); };
    const auto configured =
        std::ranges::count_if(layer.arguments, [&](const Argument& argument) { return is_required(*argument.param); });
    return static_cast<std::ptrdiff_t>(node.arguments.size()) + configured <
           std::ranges::count_if(layer.def->params, is_required);
  }

  // A call of one of TensorFlow's functions: of what Keras 3 writes down for it. False where it has no equal.
  bool ReadTensorFlow(const Call& call, Scope& scope) {
    const Json& config = call.layer->at("config");
    const std::string function = TensorFlowFunction(config);
    std::string name = function.substr(function.rfind('.') + 1);
    if (!scope.names.insert(name).second) name = call.name;
    const Rewritten rewritten = RewriteTensorFlow(
        *call.layer, *call.node, name, [&](const Json& tensor) { return ShapeSoFar(History2(tensor), scope); });
    if (rewritten.calls.empty() && !rewritten.argument.empty()) {
      ReportCall(rewritten.argument, rewritten.value, {.class_name = function, .name = call.name});
    } else if (rewritten.calls.empty()) {
      ReportLayer(call.name, call.layer->at("class_name"), config, context_);
    }
    const size_t first_result = rewritten.calls.size() - std::min(rewritten.results, rewritten.calls.size());
    for (size_t i = 0; i < rewritten.calls.size(); ++i) {
      const OperationCall& step = rewritten.calls[i];
      const int layer = AddLayer(scope, step.layer, ShapeOf(step.node));
      if (layer < 0) return false;
      Node node{.layer = layer};
      const Layer& made = scope.function.layers[static_cast<size_t>(layer)];
      ReadArguments3(step.node, made, scope, node);
      if (node.Inputs().empty() || LacksOperand(made, node)) {
        Unreadable("the operation " + Quoted(call.name) + " is called without all of its operands");
        return false;
      }
      const int value = TakesAll(node) ? node.Inputs().front() : AddNode(scope, std::move(node), 1);
      scope.values[{step.layer.at("name"), 0, 0}] = value;
      if (i >= first_result) scope.values[{call.name, call.index, static_cast<int64_t>(i - first_result)}] = value;
    }
    return !rewritten.calls.empty();
  }

  // What Keras 2 does not write down: the sizes of a tensor, null where they are open.
  std::optional<Json> ShapeSoFar(const History& history, Scope& scope) const {
    const auto value = static_cast<size_t>(ValueAt(history, scope));
    if (value >= scope.types.size()) {
      Graph graph = graph_;
      graph.functions.push_back(scope.function);
      CountUses(graph.functions.back());
      scope.types = TypesSoFar(std::move(graph));
    }
    const Shape& shape = scope.types[value].shape;
    if (shape.empty()) return std::nullopt;
    Json sizes = Json::array();
    for (const Axis& axis : shape) sizes.push_back(axis.size.Constant() ? Json(*axis.size.Constant()) : Json(nullptr));
    return sizes;
  }

  // The shape of the first tensor of a call, where the configuration says it.
  static std::optional<Json> ShapeOf(const Json& node) {
    if (!node.is_object() || !node.contains("args") || node.at("args").empty()) return std::nullopt;
    const Json& first = node.at("args").front();
    if (!IsTensor3(first) || !first.at("config").contains("shape")) return std::nullopt;
    return first.at("config").at("shape");
  }

  // ---- Arguments of calls ----

  static bool IsTensor3(const Json& json) {
    return json.is_object() && json.value("class_name", Json()) == "__keras_tensor__";
  }
  static History History3(const Json& json) {
    const Json& history = json.at("config").at("keras_history");
    return {history.at(0).get<std::string>(), history.at(1).get<int64_t>(), history.at(2).get<int64_t>()};
  }
  // ["dense", 0, 0], and in the list of a call's tensors with its keyword arguments.
  static bool IsTensor2(const Json& json) {
    return json.is_array() && (json.size() == 3 || json.size() == 4) && json[0].is_string() &&
           json[1].is_number_integer() && json[2].is_number_integer();
  }
  static History History2(const Json& json) {
    return {json.at(0).get<std::string>(), json.at(1).get<int64_t>(), json.at(2).get<int64_t>()};
  }

  static std::vector<History> Histories(const Json& json) {
    std::vector<History> histories;
    if (IsTensor2(json)) return {History2(json)};
    if (!json.is_structured()) return {};  // a value is its own only entry
    for (const Json& entry : json) {
      for (History& history : Histories(entry)) histories.push_back(std::move(history));
    }
    return histories;
  }

  template <typename Visit>
  static void ForEachTensor(const Json& json, const Visit& visit) {
    if (IsTensor3(json)) return visit(History3(json));
    if (IsTensor2(json)) {
      if (json[1].get<int64_t>() >= 0) visit(History2(json));
      if (json.size() == 4) ForEachTensor(json[3], visit);
      return;
    }
    if (json.is_structured()) {
      for (const Json& entry : json) ForEachTensor(entry, visit);
    }
  }

  int ValueAt(const History& history, const Scope& scope) const { return scope.values.at(history); }

  // The key of `x[key]`.
  bool ReadSlices(const Json& json, const Layer& layer, CallArgument& argument, size_t rank) {
    const Json entries = json.is_array() ? json : Json::array({json});
    const auto is_ellipsis = [](const Json& entry) {
      return entry.is_object() && entry.value("class_name", Json()) == "__ellipsis__";
    };
    for (const Json& entry : entries) {
      if (is_ellipsis(entry)) {
        const size_t open = rank + 1 - std::min(rank + 1, entries.size());
        argument.slices.resize(argument.slices.size() + open);
      } else if (entry.is_number_integer()) {
        argument.slices.push_back({.is_index = true, .begin = entry.get<int64_t>()});
      } else if (entry.is_object() && entry.value("class_name", Json()) == "__slice__") {
        const Json& config = entry.at("config");
        const Json& step = config.at("step");
        if (!step.is_null() && step != Json(1)) return false;
        SliceEntry slice;
        if (!config.at("start").is_null()) slice.begin = config.at("start").get<int64_t>();
        if (!config.at("stop").is_null()) slice.end = config.at("stop").get<int64_t>();
        argument.slices.push_back(slice);
      } else {
        return false;
      }
    }
    return argument.slices.size() <= rank && layer.def != nullptr;
  }

  // One argument, whose tensors are in either notation.
  CallArgument ReadArgument(const std::string& keyword, const Json& json, const Layer& layer, const Scope& scope) {
    CallArgument argument{.keyword = keyword};
    ForEachTensor(json, [&](const History& history) { argument.values.push_back(ValueAt(history, scope)); });
    argument.is_list = json.is_array() && !IsTensor2(json) && !argument.values.empty();
    if (!argument.values.empty()) {
      if (json.is_object() && !IsTensor3(json)) ReportCall(keyword, json, layer);
      return argument;
    }
    argument.config = ToConfigValue(json);
    if (!argument.config) {
      ReportCall(keyword, json, layer);
      argument.text = "None";
    } else {
      argument.text = ToString(*argument.config);
      if (const std::string* text = argument.config->AsString()) argument.text = "\"" + *text + "\"";
    }
    return argument;
  }

  void ReportCall(const std::string& keyword, const Json& json, const Layer& layer) {
    ReportCallText((keyword.empty() ? "" : keyword + "=") + Shown(json), layer);
  }
  void ReportCallText(const std::string& text, const Layer& layer) {
    context_.diagnostics.Report(kinds::ImportCall, {}, layer.name, layer.class_name, text)
        .Note("in " + Quoted(context_.file));
  }

  // `[:, ::2]`
  static std::string ShownKey(const Json& key) {
    std::string text;
    for (const Json& entry : key.is_array() ? key : Json::array({key})) {
      std::string shown = Shown(entry);
      const bool is_slice = entry.is_object() && entry.contains("config") && entry["config"].is_object() &&
                            entry["config"].contains("step");
      if (is_slice) {
        const Json& range = entry["config"];
        const auto bound = [&](const char* name) {
          return !range.contains(name) || range[name].is_null() ? "" : Shown(range[name]);
        };
        shown = bound("start") + ":" + bound("stop") + (range["step"].is_null() ? "" : ":" + bound("step"));
      }
      text += (text.empty() ? "" : ", ") + shown;
    }
    return "[" + text + "]";
  }

  // Keras 3: {"args": [tensor, [tensor, tensor], 2.0], "kwargs": {"training": false}}
  void ReadArguments3(const Json& json, const Layer& layer, const Scope& scope, Node& node) {
    size_t place = 0;
    for (const Json& entry : json.at("args")) {
      if (layer.def != nullptr && layer.def->name == "GetItem" && place == 1) {
        CallArgument key;
        const std::optional<Json> shape = ShapeOf(json);
        if (!ReadSlices(entry, layer, key, shape ? shape->size() : 0)) ReportCallText(ShownKey(entry), layer);
        node.arguments.push_back(std::move(key));
        continue;
      }
      AddArgument(ReadArgument("", entry, layer, scope), entry, place++, layer, node);
    }
    for (const auto& [keyword, entry] : json.at("kwargs").items()) {
      AddArgument(ReadArgument(keyword, entry, layer, scope), entry, 0, layer, node);
    }
  }

  // Keras 2: [["dense", 0, 0, {"training": false}], ["dense_1", 0, 0, {}]]
  void ReadArguments2(const Json& json, const Layer& layer, const Scope& scope, Node& node) {
    CallArgument tensors;
    const Json calls = IsTensor2(json) ? Json::array({json}) : json;
    for (const Json& entry : calls) tensors.values.push_back(ValueAt(History2(entry), scope));
    if (layer.def != nullptr && tensors.values.size() > 1 &&
        (FindRecurrent(*layer.def) != nullptr || layer.def->name == "Bidirectional")) {
      CallArgument states{
          .keyword = "initial_state", .values = {tensors.values.begin() + 1, tensors.values.end()}, .is_list = true};
      tensors.values.resize(1);
      node.arguments = {std::move(tensors), std::move(states)};
    } else {
      tensors.is_list = tensors.values.size() > 1;
      node.arguments = {std::move(tensors)};
    }
    for (const Json& entry : calls) {
      if (entry.size() < 4) continue;
      for (const auto& [keyword, value] : entry.at(3).items()) {
        AddArgument(ReadArgument(keyword, value, layer, scope), value, 0, layer, node);
      }
    }
  }

  void AddArgument(CallArgument argument, const Json& json, size_t place, const Layer& layer, Node& node) {
    if (!argument.values.empty()) {
      // What Keras calls otherwise, or Strata does not take.
      const bool is_known =
          argument.keyword.empty() || layer.def == nullptr || HasCallParam(*layer.def, argument.keyword);
      if (!is_known) {
        if (argument.keyword == FirstTensorName(layer)) {
          argument.keyword.clear();
          node.arguments.insert(node.arguments.begin(), std::move(argument));
          return;
        }
        ReportCall(argument.keyword, json, layer);
      }
      // `MultiHeadAttention(2, 4)(x, x)`, as it is mostly written.
      const bool is_next = (argument.keyword == "value" || argument.keyword == "key") &&
                           argument.keyword == CallParamAt(layer, node.arguments.size()) &&
                           node.arguments.back().keyword.empty();
      if (is_next) argument.keyword.clear();
      node.arguments.push_back(std::move(argument));
      return;
    }
    const bool is_function = layer.def != nullptr && layer.def->form == LayerDef::Form::Function;
    if (is_function) {
      const std::vector<Param>& params = layer.def->params;
      const bool is_positional = argument.keyword.empty();
      const bool is_operand = is_positional && place < params.size() && !params[place].default_value;
      if (json.is_null() && !is_operand) return;
      const bool is_known = is_positional || HasCallParam(*layer.def, argument.keyword);
      if (!is_known || json.is_null()) return ReportCall(argument.keyword, json, layer);
      node.arguments.push_back(std::move(argument));
      return;
    }
    if (json.is_null()) return;
    const std::string keyword = argument.keyword.empty() ? CallParamAt(layer, place) : argument.keyword;
    if (keyword == "training" && (json == Json(false) || IsSameInTraining(layer))) return;
    const Param* param = layer.def == nullptr ? nullptr : FindCallParam(*layer.def, keyword);
    if (param == nullptr || !argument.config) return ReportCall(keyword, json, layer);
    if (param->default_value && ToString(*param->default_value) == ToString(*argument.config)) return;
    argument.keyword = keyword;
    node.arguments.push_back(std::move(argument));
  }

  // Keras calls it as in training and does the same.
  static bool IsSameInTraining(const Layer& layer) {
    return layer.def != nullptr && (layer.def->name == "CenterCrop" || layer.def->name == "Resizing");
  }

  static const Param* FindCallParam(const LayerDef& def, std::string_view name) {
    const std::vector<Param>& params = def.form == LayerDef::Form::Function ? def.params : def.call_params;
    const auto found = std::ranges::find(params, name, &Param::name);
    return found == params.end() ? nullptr : &*found;
  }
  static bool HasCallParam(const LayerDef& def, std::string_view name) { return FindCallParam(def, name) != nullptr; }
  static std::string CallParamAt(const Layer& layer, size_t place) {
    if (layer.def == nullptr || place >= layer.def->call_params.size()) return "";
    return std::string(layer.def->call_params[place].name);
  }
  // A layer's tensor given by its name in Python.
  static std::string FirstTensorName(const Layer& layer) {
    if (layer.def != nullptr && !layer.def->call_params.empty()) return std::string(layer.def->call_params[0].name);
    return "inputs";
  }

  // ---- Outputs ----

  void ReadOutputs(const Json& json, Scope& scope) {
    if (json.is_object()) {
      for (const auto& [key, entry] : json.items()) AddOutput(key, History2(entry), scope);
      return;
    }
    for (const History& history : Histories(json)) AddOutput(OutputName(history, scope), history, scope);
  }

  // That of the layer that makes it.
  static std::string OutputName(const History& history, const Scope& scope) {
    const auto found = scope.values.find(history);
    const Function& function = scope.function;
    const int node = found == scope.values.end() ? -1 : function.values[static_cast<size_t>(found->second)].node;
    if (node < 0) return std::get<0>(history);
    return function.layers[static_cast<size_t>(function.nodes[static_cast<size_t>(node)].layer)].name;
  }

  void AddOutput(const std::string& name, const History& history, Scope& scope) {
    const auto found = scope.values.find(history);
    if (found == scope.values.end()) return Unreadable("its output " + Quoted(name) + " is made by no layer");
    scope.function.outputs.push_back({name, found->second});
  }

  const KerasModel& file_;
  LayerContext& context_;
  Graph graph_;
};

}  // namespace

std::vector<int> Node::Inputs() const {
  std::vector<int> inputs;
  for (const CallArgument& argument : arguments)
    inputs.insert(inputs.end(), argument.values.begin(), argument.values.end());
  return inputs;
}

std::optional<Graph> ReadGraph(const KerasModel& file, const std::string& path, Diagnostics& diagnostics) {
  LayerContext context{path, file.major, diagnostics};
  try {
    Graph graph = GraphReader(file, context).Read();
    if (diagnostics.HasErrors()) return std::nullopt;
    return graph;
  } catch (const Json::exception&) {
    diagnostics.Report(kinds::ImportUnreadable, {}, path, "its configuration has not the form that Keras writes");
    return std::nullopt;
  } catch (const std::out_of_range&) {
    diagnostics.Report(kinds::ImportUnreadable, {}, path, "a layer reads a tensor that no layer makes");
    return std::nullopt;
  }
}

}  // namespace strata::import
