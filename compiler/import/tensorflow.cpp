#include "compiler/import/tensorflow.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string_view>
#include <utility>

namespace strata::import {
namespace {

// ---- Tables ----

struct Option {
  std::string_view from;
  std::string_view to;
  Json default_value = nullptr;  // TensorFlow's, where Keras has another one
};

// A function of TensorFlow that is one of Keras 3: its first argument is a tensor or a list of them.
struct Function {
  std::string_view name;                        // without `tf.`
  std::string_view class_name;                  // of Keras 3
  std::vector<std::string_view> operands = {};  // further tensors or numbers, in Keras' order
  std::vector<Option> options = {};
};

const std::vector<Function>& Functions() {
  static const std::vector<std::string_view> kY = {"y"};
  static const std::vector<Option> kReduce = {{"axis", "axis"}, {"keepdims", "keepdims"}};
  static const std::vector<Function> kFunctions = {
      {"__operators__.add", "Add", kY},
      {"clip_by_value", "Clip", {}, {{"clip_value_min", "x_min"}, {"clip_value_max", "x_max"}}},
      {"cast", "Cast", {}, {{"dtype", "dtype"}}},
      {"compat.v1.transpose", "Transpose", {}, {{"perm", "axes"}}},
      {"concat", "Concatenate", {}, {{"axis", "axis"}}},
      {"identity", "Identity"},
      {"linalg.matmul", "Matmul", {"b"}},
      {"math.abs", "Absolute"},
      {"math.add", "Add", kY},
      {"math.argmax", "Argmax", {}, {{"axis", "axis", 0}}},
      {"math.argmin", "Argmin", {}, {{"axis", "axis", 0}}},
      {"math.ceil", "Ceil"},
      {"math.cos", "Cos"},
      {"math.cumsum", "Cumsum", {}, {{"axis", "axis", 0}}},
      {"math.cumprod", "Cumprod", {}, {{"axis", "axis", 0}}},
      {"math.divide", "TrueDivide", kY},
      {"math.equal", "Equal", kY},
      {"math.erf", "Erf"},
      {"math.exp", "Exp"},
      {"math.expm1", "Expm1"},
      {"math.floor", "Floor"},
      {"math.floordiv", "FloorDivide", kY},
      {"math.floormod", "Mod", kY},
      {"math.greater", "Greater", kY},
      {"math.greater_equal", "GreaterEqual", kY},
      {"math.less", "Less", kY},
      {"math.less_equal", "LessEqual", kY},
      {"math.log", "Log"},
      {"math.log1p", "Log1p"},
      {"math.log_sigmoid", "LogSigmoid"},
      {"math.logical_and", "LogicalAnd", kY},
      {"math.logical_not", "LogicalNot"},
      {"math.logical_or", "LogicalOr", kY},
      {"math.maximum", "Maximum", kY},
      {"math.minimum", "Minimum", kY},
      {"math.multiply", "Multiply", kY},
      {"math.negative", "Negative"},
      {"math.not_equal", "NotEqual", kY},
      {"math.pow", "Power", kY},
      {"math.reduce_all", "All", {}, kReduce},
      {"math.reduce_any", "Any", {}, kReduce},
      {"math.reduce_logsumexp", "Logsumexp", {}, kReduce},
      {"math.reduce_max", "Max", {}, kReduce},
      {"math.reduce_mean", "Mean", {}, kReduce},
      {"math.reduce_min", "Min", {}, kReduce},
      {"math.reduce_prod", "Prod", {}, kReduce},
      {"math.reduce_std", "Std", {}, kReduce},
      {"math.reduce_sum", "Sum", {}, kReduce},
      {"math.reduce_variance", "Var", {}, kReduce},
      {"math.round", "Round"},
      {"math.rsqrt", "Rsqrt"},
      {"math.sigmoid", "Sigmoid"},
      {"math.sign", "Sign"},
      {"math.sin", "Sin"},
      {"math.softplus", "Softplus"},
      {"math.sqrt", "Sqrt"},
      {"math.square", "Square"},
      {"math.subtract", "Subtract", kY},
      {"math.tanh", "Tanh"},
      {"math.truediv", "TrueDivide", kY},
      {"nn.elu", "Elu"},
      {"nn.gelu", "Gelu", {}, {{"approximate", "approximate", false}}},
      {"nn.leaky_relu", "LeakyRelu", {}, {{"alpha", "negative_slope"}}},
      {"nn.log_softmax", "LogSoftmax", {}, {{"axis", "axis"}}},
      {"nn.relu", "Relu"},
      {"nn.relu6", "Relu6"},
      {"nn.selu", "Selu"},
      {"nn.silu", "Silu"},
      {"nn.softmax", "Softmax", {}, {{"axis", "axis"}}},
      {"nn.softsign", "Softsign"},
      {"one_hot", "OneHot", {}, {{"depth", "num_classes"}, {"axis", "axis"}}},
      {"reshape", "Reshape", {}, {{"shape", "newshape"}}},
      {"stack", "Stack", {}, {{"axis", "axis"}}},
      {"stop_gradient", "Identity"},
      {"where", "Where", {"x", "y"}},
      // Layers.
      {"math.add_n", "layers.Add"},
      {"math.l2_normalize", "layers.UnitNormalization", {}, {{"axis", "axis"}}},
      {"image.resize", "layers.Resizing", {}, {{"method", "interpolation"}}},
      // What becomes several operations, or depends on the tensor's shape.
      {"__operators__.getitem", "", {}},
      {"expand_dims", "", {}},
      {"math.reciprocal", "", {}},
      {"math.squared_difference", "", {}},
      {"pad", "", {}},
      {"split", "", {}},
      {"squeeze", "", {}},
      {"unstack", "", {}},
  };
  return kFunctions;
}

// Names of one function.
struct Renamed {
  std::string_view from;
  std::string_view to;
};
constexpr Renamed kRenamed[] = {
    {"abs", "math.abs"},
    {"compat.v1.div", "math.divide"},
    {"compat.v1.floor_div", "math.floordiv"},
    {"compat.v1.pad", "pad"},
    {"compat.v1.squeeze", "squeeze"},
    {"compat.v1.where", "where"},
    {"compat.v1.where_v2", "where"},
    {"image.resize_v2", "image.resize"},
    {"matmul", "linalg.matmul"},
    {"math.mod", "math.floormod"},
    {"nn.l2_normalize", "math.l2_normalize"},
    {"nn.sigmoid", "math.sigmoid"},
    {"nn.softplus", "math.softplus"},
    {"nn.swish", "nn.silu"},
    {"nn.tanh", "math.tanh"},
    {"transpose", "compat.v1.transpose"},
    {"where_v2", "where"},
};

// An operation of a TensorFlowOpLayer: the function, what it calls its inputs after the first, and its attributes.
struct RawOperation {
  std::string_view op;
  std::string_view function;
  std::vector<std::string_view> inputs = {};
  std::vector<Option> attributes = {};
};

const std::vector<RawOperation>& RawOperations() {
  static const std::vector<std::string_view> kY = {"y"};
  static const std::vector<std::string_view> kAxis = {"axis"};
  static const std::vector<Option> kKeepDims = {{"keep_dims", "keepdims"}};
  static const std::vector<RawOperation> kOperations = {
      {"Abs", "math.abs"},
      {"Add", "math.add", kY},
      {"AddN", "math.add_n"},
      {"AddV2", "math.add", kY},
      {"BatchMatMulV2", "linalg.matmul", {"b"}, {{"adj_y", "transpose_b"}, {"adj_x", "transpose_a"}}},
      {"Cast", "cast", {}, {{"DstT", "dtype"}}},
      {"ConcatV2", "concat", kAxis},
      {"Cos", "math.cos"},
      {"Div", "math.divide", kY},
      {"Elu", "nn.elu"},
      {"Equal", "math.equal", kY},
      {"Exp", "math.exp"},
      {"ExpandDims", "expand_dims", kAxis},
      {"Floor", "math.floor"},
      {"Greater", "math.greater", kY},
      {"GreaterEqual", "math.greater_equal", kY},
      {"Identity", "identity"},
      {"LeakyRelu", "nn.leaky_relu", {}, {{"alpha", "alpha"}}},
      {"Less", "math.less", kY},
      {"LessEqual", "math.less_equal", kY},
      {"Log", "math.log"},
      {"Log1p", "math.log1p"},
      {"Max", "math.reduce_max", kAxis, kKeepDims},
      {"Maximum", "math.maximum", kY},
      {"Mean", "math.reduce_mean", kAxis, kKeepDims},
      {"Min", "math.reduce_min", kAxis, kKeepDims},
      {"Minimum", "math.minimum", kY},
      {"Mul", "math.multiply", kY},
      {"Neg", "math.negative"},
      {"Pack", "stack", {}, {{"axis", "axis"}}},
      {"Pad", "pad", {"paddings"}},
      {"Pow", "math.pow", kY},
      {"RealDiv", "math.truediv", kY},
      {"Relu", "nn.relu"},
      {"Relu6", "nn.relu6"},
      {"Reshape", "reshape", {"shape"}},
      {"Rsqrt", "math.rsqrt"},
      {"SelectV2", "where", {"x", "y"}},
      {"Selu", "nn.selu"},
      {"Sigmoid", "math.sigmoid"},
      {"Sin", "math.sin"},
      {"Softmax", "nn.softmax"},
      {"Softplus", "math.softplus"},
      {"Sqrt", "math.sqrt"},
      {"Square", "math.square"},
      {"SquaredDifference", "math.squared_difference", kY},
      {"Squeeze", "squeeze", {}, {{"squeeze_dims", "axis"}}},
      {"StridedSlice", "__operators__.getitem", {"begin", "end", "strides"}},
      {"Sub", "math.subtract", kY},
      {"Sum", "math.reduce_sum", kAxis, kKeepDims},
      {"Tanh", "math.tanh"},
      {"Transpose", "compat.v1.transpose", {"perm"}},
  };
  return kOperations;
}

// Attributes that say nothing of what is computed.
constexpr std::string_view kTypeAttributes[] = {"Index", "N",         "SrcT",   "T",        "Tdim",   "Tidx",
                                                "Tperm", "Tpaddings", "Tshape", "Truncate", "_cloned"};

constexpr size_t kMostAxes = 32;
constexpr int64_t kMostParts = 1000;  // that a tensor is taken apart into

// ---- Notation ----

// ["dense", 0, 0, {"axis": 1}], and ["_CONSTANT_VALUE", -1, 2.0, {}].
bool IsEntry(const Json& json) {
  return json.is_array() && (json.size() == 3 || json.size() == 4) && json[0].is_string() &&
         json[1].is_number_integer();
}

// What is wrong, and with what.
struct NoEqual {
  std::string argument = {};
  Json value = {};
};

// A call of a function: its first argument and the others by name.
struct TfCall {
  std::string function;
  Json first;
  Json arguments = Json::object();
};

// One of a call's values: a tensor, or after "_CONSTANT_VALUE" what stands in place of one.
Json ValueOf(const Json& entry) {
  if (entry[1] == Json(-1)) return entry[2];
  return Json::array({entry[0], entry[1], entry[2]});
}

int64_t IntegerOf(const Json& attribute) {
  if (!attribute.is_object() || !attribute.contains("i")) return 0;
  const Json& value = attribute.at("i");
  if (value.is_number_integer()) return value.get<int64_t>();
  const std::string text = value;
  int64_t integer = 0;
  std::from_chars(text.data(), text.data() + text.size(), integer);
  return integer;
}

// {"b": true}, {"i": "3"}, {"list": {"i": ["1"]}}, {"type": "DT_FLOAT"}
Json AttributeValue(const Json& attribute) {
  if (attribute.contains("b")) return attribute.at("b");
  if (attribute.contains("f")) return attribute.at("f");
  if (attribute.contains("i")) return IntegerOf(attribute);
  if (attribute.contains("type")) {
    static const std::map<std::string, std::string> kTypes = {
        {"DT_FLOAT", "float32"}, {"DT_HALF", "float16"}, {"DT_INT32", "int32"},   {"DT_INT64", "int64"},
        {"DT_UINT8", "uint8"},   {"DT_BOOL", "bool"},    {"DT_DOUBLE", "float64"}};
    const auto found = kTypes.find(attribute.at("type"));
    return found == kTypes.end() ? attribute.at("type") : Json(found->second);
  }
  if (!attribute.contains("list")) return nullptr;
  Json list = Json::array();
  const Json integers = attribute.at("list").value("i", Json::array());
  for (const Json& entry : integers) list.push_back(IntegerOf({{"i", entry}}));
  return list.empty() ? Json(nullptr) : list;
}

// begin, end and strides with their masks, as the key of `x[key]`.
Json SliceSpec(const Json& arguments, const Json& attributes) {
  const auto mask = [&](const char* name) { return attributes.contains(name) ? IntegerOf(attributes.at(name)) : 0; };
  const auto has = [](int64_t bits, size_t place) { return (bits >> place & 1) != 0; };
  const Json& begins = arguments.at("begin");
  if (!begins.is_array() || begins.size() > kMostAxes) throw NoEqual{"begin", begins};
  Json spec = Json::array();
  for (size_t i = 0; i < begins.size(); ++i) {
    if (has(mask("ellipsis_mask"), i)) {
      spec.push_back({{"class_name", "__ellipsis__"}});
    } else if (has(mask("new_axis_mask"), i)) {
      spec.push_back(nullptr);
    } else if (has(mask("shrink_axis_mask"), i)) {
      spec.push_back(begins[i]);
    } else {
      spec.push_back({{"start", has(mask("begin_mask"), i) ? Json(nullptr) : begins[i]},
                      {"stop", has(mask("end_mask"), i) ? Json(nullptr) : arguments.at("end").at(i)},
                      {"step", arguments.at("strides").at(i)}});
    }
  }
  return spec;
}

TfCall RawCall(const Json& config, const std::vector<Json>& tensors) {
  const Json& node = config.at("node_def");
  if (!node.is_object()) throw NoEqual{"node_def", node};
  const std::string op = node.at("op");
  const auto row = std::ranges::find(RawOperations(), op, &RawOperation::op);
  if (row == RawOperations().end()) throw NoEqual{};
  const Json& constants = config.value("constants", Json::object());
  std::vector<Json> inputs = tensors;
  for (size_t i = 0; i < tensors.size() + constants.size(); ++i) {
    const std::string place = std::to_string(i);
    if (constants.contains(place))
      inputs.insert(inputs.begin() + static_cast<std::ptrdiff_t>(std::min(i, inputs.size())), constants.at(place));
  }
  TfCall call{.function = std::string(row->function), .first = {}};
  // Lists of tensors come first.
  const size_t further = row->inputs.size();
  if (inputs.size() < further + 1) throw NoEqual{};
  const bool is_list = op == "ConcatV2" || op == "Pack" || op == "AddN";
  if (!is_list && inputs.size() != further + 1) throw NoEqual{};
  call.first = is_list ? Json(std::vector<Json>(inputs.begin(), inputs.end() - static_cast<std::ptrdiff_t>(further)))
                       : inputs.front();
  for (size_t i = 0; i < further; ++i) {
    call.arguments[std::string(row->inputs[i])] = inputs[inputs.size() - further + i];
  }
  const Json attributes = node.value("attr", Json::object());
  if (op == "StridedSlice") {
    call.arguments = {{"slice_spec", SliceSpec(call.arguments, attributes)}};
    return call;
  }
  for (const auto& [name, attribute] : attributes.items()) {
    const auto option = std::ranges::find(row->attributes, name, &Option::from);
    if (option != row->attributes.end()) {
      call.arguments[std::string(option->to)] = AttributeValue(attribute);
    } else if (std::ranges::find(kTypeAttributes, name) == std::end(kTypeAttributes)) {
      call.arguments[name] = AttributeValue(attribute);
    }
  }
  return call;
}

TfCall ReadCall(const Json& layer, const Json& node) {
  std::vector<Json> entries = IsEntry(node) ? std::vector<Json>{node} : node.get<std::vector<Json>>();
  std::vector<Json> values;
  Json arguments = Json::object();
  for (const Json& entry : entries) {
    if (!IsEntry(entry)) throw NoEqual{};
    values.push_back(ValueOf(entry));
    if (entry.size() > 3 && entry[3].is_object()) arguments = entry[3];
  }
  const Json& config = layer.at("config");
  if (layer.at("class_name") == "TensorFlowOpLayer") return RawCall(config, values);
  std::string function = config.at("function");
  const auto renamed = std::ranges::find(kRenamed, function, &Renamed::from);
  if (renamed != std::end(kRenamed)) function = renamed->to;
  return {function, IsEntry(node) ? values.front() : Json(values), arguments};
}

// ---- The rewriter ----

class Rewriter {
 public:
  Rewriter(const std::string& name, const ShapeOfTensor& shape_of) : name_(name), shape_of_(shape_of) {}

  Rewritten Run(const Json& layer, const Json& node) {
    try {
      call_ = ReadCall(layer, node);
      const auto function = std::ranges::find(Functions(), call_.function, &Function::name);
      if (function == Functions().end()) throw NoEqual{};
      Json& arguments = call_.arguments;
      for (auto argument = arguments.begin(); argument != arguments.end();) {
        argument = IsNeutral(argument.key(), argument.value()) ? arguments.erase(argument) : std::next(argument);
      }
      Rewrite(*function);
      if (!call_.arguments.empty()) throw NoEqual{call_.arguments.begin().key(), call_.arguments.begin().value()};
    } catch (const NoEqual& what) {
      return {.argument = what.argument, .value = what.value};
    }
    return {.calls = std::move(calls_), .results = results_};
  }

 private:
  // None and False ask for nothing of any function.
  static bool IsNeutral(const std::string& argument, const Json& value) {
    if (argument == "name" || value.is_null() || value == Json(false)) return argument != "approximate";
    return (argument == "beta" && value == Json(1.0)) || argument == "output_type" ||
           (argument == "epsilon" && value == Json(1e-12));
  }

  void Rewrite(const Function& function) {
    if (call_.function == "__operators__.getitem") return GetItem(Take("slice_spec"));
    if (call_.function == "expand_dims") return Add("ExpandDims", {First()}, {{"axis", Take("axis")}});
    if (call_.function == "squeeze") return Add("Squeeze", {First()}, {{"axis", Take("axis")}});
    if (call_.function == "math.reciprocal") return Add("TrueDivide", {1.0, call_.first});
    if (call_.function == "math.squared_difference") {
      return Add("Square", {Step("Subtract", {call_.first, Take("y")})});
    }
    if (call_.function == "linalg.matmul") TransposeOperands();
    if (call_.function == "pad") return Pad(Take("paddings"));
    if (call_.function == "split") return Split(Take("num_or_size_splits"), AxisOf(call_.first, TakeOr("axis", 0)));
    if (call_.function == "unstack") return Unstack(AxisOf(call_.first, TakeOr("axis", 0)));
    Json config = Json::object();
    if (call_.function == "image.resize") {
      const Json size = Take("size");
      if (!size.is_array() || size.size() != 2) throw NoEqual{"size", size};
      config = {{"height", size[0]}, {"width", size[1]}};
    }
    for (const Option& option : function.options) {
      Json value = TakeOr(option.from, option.default_value);
      if (!value.is_null()) config[std::string(option.to)] = std::move(value);
    }
    std::vector<Json> operands = {call_.first};
    for (const std::string_view operand : function.operands) operands.push_back(Take(operand));
    Add(function.class_name, std::move(operands), std::move(config));
  }

  Json TakeOr(std::string_view argument, const Json& otherwise) {
    const auto found = call_.arguments.find(std::string(argument));
    if (found == call_.arguments.end()) return otherwise;
    Json value = *found;
    call_.arguments.erase(found);
    return value;
  }
  Json Take(std::string_view argument) { return TakeOr(argument, nullptr); }

  // ---- Calls ----

  // A tensor with its shape, for what asks for it.
  Json WithShape(const Json& tensor) const {
    const std::optional<Json> shape = shape_of_(tensor);
    if (!shape) throw NoEqual{};
    return {{"class_name", "__keras_tensor__"}, {"config", {{"shape", *shape}, {"keras_history", tensor}}}};
  }
  Json First() const { return WithShape(call_.first); }

  void Add(std::string_view class_name, std::vector<Json> operands, Json config = Json::object()) {
    AddAs(name_, class_name, std::move(operands), std::move(config));
  }

  void AddAs(const std::string& name, std::string_view class_name, std::vector<Json> operands, Json config) {
    constexpr std::string_view kLayers = "layers.";
    const bool is_layer = class_name.starts_with(kLayers) || class_name == "Identity";
    if (class_name.starts_with(kLayers)) class_name.remove_prefix(kLayers.size());
    Json layer = {{"module", is_layer ? "keras.layers" : "keras.src.ops"},
                  {"class_name", class_name},
                  {"name", name},
                  {"config", std::move(config)}};
    calls_.push_back({std::move(layer), {{"args", std::move(operands)}, {"kwargs", Json::object()}}});
  }

  // A call whose result the next ones read.
  Json Step(std::string_view class_name, std::vector<Json> operands, Json config = Json::object()) {
    const std::string name = name_ + "_step" + std::to_string(calls_.size() + 1);
    AddAs(name, class_name, std::move(operands), std::move(config));
    return Json::array({name, 0, 0});
  }

  // ---- Functions that depend on the shape ----

  int64_t RankOf(const Json& tensor) const {
    const std::optional<Json> shape = shape_of_(tensor);
    if (!shape) throw NoEqual{};
    return static_cast<int64_t>(shape->size());
  }

  int64_t AxisOf(const Json& tensor, const Json& axis) const {
    if (!axis.is_number_integer()) throw NoEqual{"axis", axis};
    const int64_t place = axis;
    const int64_t rank = RankOf(tensor);
    if (place < -rank || place >= rank) throw NoEqual{"axis", axis};
    return place < 0 ? place + rank : place;
  }

  void TransposeOperands() {
    for (const char* option : {"transpose_a", "transpose_b"}) {
      if (Take(option).is_null()) continue;
      const bool is_first = std::string_view(option) == "transpose_a";
      const Json tensor = is_first ? call_.first : call_.arguments.at("b");
      const int64_t rank = RankOf(tensor);
      std::vector<int64_t> axes;
      for (int64_t i = 0; i < rank; ++i) axes.push_back(i);
      if (rank > 1) std::swap(axes[static_cast<size_t>(rank - 1)], axes[static_cast<size_t>(rank - 2)]);
      const Json turned = Step("Transpose", {tensor}, {{"axes", axes}});
      (is_first ? call_.first : call_.arguments["b"]) = turned;
    }
  }

  static Json Range(const Json& start, const Json& stop, const Json& step) {
    return {{"class_name", "__slice__"}, {"config", {{"start", start}, {"stop", stop}, {"step", step}}}};
  }

  // The entries before the axis are open.
  static Json KeyAt(int64_t axis, const Json& entry) {
    Json key = Json::array();
    for (int64_t i = 0; i < axis; ++i) key.push_back(Range(nullptr, nullptr, nullptr));
    key.push_back(entry);
    return key;
  }

  // New axes are added to what the other entries leave.
  void GetItem(const Json& spec) {
    const int64_t rank = RankOf(call_.first);
    if (!spec.is_array()) throw NoEqual{"slice_spec", spec};
    const int64_t news = std::ranges::count(spec, Json(nullptr));
    Json key = Json::array();
    std::vector<int64_t> new_axes;
    int64_t place = 0;  // in the result
    bool slices = false;
    for (const Json& entry : spec) {
      if (entry.is_null()) {
        new_axes.push_back(place++);
      } else if (entry.is_number_integer()) {
        key.push_back(entry);
        slices = true;
      } else if (entry.is_object() && entry.contains("class_name") && entry.at("class_name") == "__ellipsis__") {
        const int64_t open = rank - (static_cast<int64_t>(spec.size()) - 1 - news);
        for (int64_t i = 0; i < open; ++i, ++place) key.push_back(Range(nullptr, nullptr, nullptr));
      } else if (entry.is_object() && !entry.empty()) {
        const Json& range = entry.contains("config") ? entry.at("config") : entry;
        key.push_back(Range(range.at("start"), range.at("stop"), range.at("step")));
        slices = slices || !range.at("start").is_null() || !range.at("stop").is_null();
        ++place;
      } else {
        throw NoEqual{"slice_spec", spec};
      }
    }
    if (new_axes.empty()) return Add("GetItem", {First(), key});
    if (slices) throw NoEqual{"slice_spec", spec};
    Add("ExpandDims", {First()}, {{"axis", new_axes}});
  }

  // Zeros before and after, with the layer that does this.
  void Pad(const Json& paddings) {
    const Json mode = TakeOr("mode", "CONSTANT");
    if (mode != Json("CONSTANT")) throw NoEqual{"mode", mode};
    const Json value = TakeOr("constant_values", 0);
    if (value != Json(0)) throw NoEqual{"constant_values", value};
    const Json none = Json::array({0, 0});
    const bool fits = paddings.is_array() && paddings.size() >= 3 && paddings.size() <= 5 && paddings.front() == none &&
                      paddings.back() == none;
    if (!fits) throw NoEqual{"paddings", paddings};
    const std::vector<Json> inner(paddings.begin() + 1, paddings.end() - 1);
    const std::string class_name = "layers.ZeroPadding" + std::to_string(inner.size()) + "D";
    Add(class_name, {call_.first}, {{"padding", inner.size() == 1 ? inner.front() : Json(inner)}});
  }

  void Split(const Json& parts, int64_t axis) {
    const Json size = shape_of_(call_.first)->at(static_cast<size_t>(axis));
    if (!size.is_number_integer()) throw NoEqual{"num_or_size_splits", parts};
    const int64_t whole = size;
    std::vector<int64_t> sizes;
    if (parts.is_array()) {
      for (const Json& part : parts) sizes.push_back(part.get<int64_t>());
    } else if (parts.is_number_integer() && parts > Json(0) && parts <= Json(std::min(whole, kMostParts))) {
      const int64_t count = parts;
      sizes.assign(static_cast<size_t>(count), whole / count);
    }
    int64_t begin = 0;
    for (const int64_t part : sizes) {
      if (part < 0 || part > whole - begin) throw NoEqual{"num_or_size_splits", parts};
      AddPart(KeyAt(axis, Range(begin, begin + part, nullptr)));
      begin += part;
    }
    if (sizes.empty() || begin != whole) throw NoEqual{"num_or_size_splits", parts};
    results_ = sizes.size();
  }

  void Unstack(int64_t axis) {
    const Json size = shape_of_(call_.first)->at(static_cast<size_t>(axis));
    if (!size.is_number_integer() || size > Json(kMostParts)) throw NoEqual{"axis", axis};
    for (int64_t i = 0; i < size.get<int64_t>(); ++i) AddPart(KeyAt(axis, i));
    results_ = calls_.size();
  }

  void AddPart(const Json& key) {
    AddAs(name_ + "_" + std::to_string(calls_.size()), "GetItem", {First(), key}, Json::object());
  }

  const std::string& name_;
  const ShapeOfTensor& shape_of_;
  TfCall call_;
  std::vector<OperationCall> calls_;
  size_t results_ = 1;
};

}  // namespace

bool IsTensorFlowOperation(const std::string& class_name) {
  return class_name == "TFOpLambda" || class_name == "SlicingOpLambda" || class_name == "TensorFlowOpLayer";
}

std::string TensorFlowFunction(const Json& config) {
  const bool has_function = config.is_object() && config.contains("function") && config.at("function").is_string();
  if (has_function) return "tf." + config.at("function").get<std::string>();
  const bool has_node = config.is_object() && config.contains("node_def") && config.at("node_def").is_object();
  return has_node ? "tf.raw_ops." + config.at("node_def").value("op", "?") : "an operation in a form that is not read";
}

Rewritten RewriteTensorFlow(const Json& layer, const Json& node, const std::string& name,
                            const ShapeOfTensor& shape_of) {
  return Rewriter(name, shape_of).Run(layer, node);
}

}  // namespace strata::import
