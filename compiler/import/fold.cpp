#include "compiler/import/fold.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace strata::import {
namespace {

constexpr size_t kLeastTimes = 3;   // that a run must occur
constexpr size_t kMostPeriod = 64;  // layers in what `repeat` repeats
constexpr size_t kMostParams = 3;   // of a block
constexpr size_t kLineWidth = 90;

size_t Index(int i) { return static_cast<size_t>(i); }

// What lies between two tensors that everything passes through.
struct Segment {
  std::vector<int> nodes;  // in the order of the text: each after what it reads, first operands first
  int entry = -1;          // the value that it reads
  int exit = -1;           // the value that it makes
};

// ---- Segments ----

class Segmenter {
 public:
  explicit Segmenter(const Function& function) : function_(function), calls_(function.layers.size()) {
    for (const Node& node : function.nodes) ++calls_[Index(node.layer)];
  }

  // Those that can be folded; what lies between them is left out.
  std::vector<Segment> Run() {
    const std::vector<int> cuts = Cuts();
    std::vector<Segment> segments;
    int entry = function_.inputs.size() == 1 ? function_.inputs.front().value : -1;
    size_t begin = 0;
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      if (cuts[i] < 0) continue;
      Segment segment{.nodes = {}, .entry = entry, .exit = cuts[i]};
      if (entry >= 0 && Order(begin, i + 1, segment)) segments.push_back(std::move(segment));
      entry = cuts[i];
      begin = i + 1;
    }
    return segments;
  }

 private:
  // For each node: the only value that the nodes after it read, of itself or before; -1 where there are several.
  std::vector<int> Cuts() const {
    std::vector<int> last_use(function_.values.size(), -1);
    for (size_t i = 0; i < function_.values.size(); ++i) {
      for (const auto& [node, argument] : function_.values[i].uses) last_use[i] = std::max(last_use[i], node);
    }
    std::vector<int> cuts(function_.nodes.size(), -1);
    std::vector<int> live;
    for (const Input& input : function_.inputs) live.push_back(input.value);
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      live.insert(live.end(), function_.nodes[i].outputs.begin(), function_.nodes[i].outputs.end());
      std::erase_if(live, [&](int value) { return last_use[Index(value)] <= static_cast<int>(i); });
      if (live.size() == 1) cuts[i] = live.front();
    }
    // The last one makes the result.
    if (!cuts.empty() && function_.outputs.size() == 1) cuts.back() = function_.outputs.front().value;
    return cuts;
  }

  // The nodes [begin, end) as the text has them. False where they cannot be folded.
  bool Order(size_t begin, size_t end, Segment& segment) const {
    std::vector<int> state(end - begin);  // 1: waits for its operands, 2: is there
    std::vector<int> stack;
    const auto node_of = [&](int value) { return function_.values[Index(value)].node; };
    const auto is_inside = [&](int node) { return node >= static_cast<int>(begin) && node < static_cast<int>(end); };
    if (!is_inside(node_of(segment.exit))) return false;
    stack.push_back(node_of(segment.exit));
    while (!stack.empty()) {
      const int node = stack.back();
      int& mark = state[Index(node) - begin];
      if (mark == 2) {
        stack.pop_back();
        continue;
      }
      const std::vector<int> inputs = function_.nodes[Index(node)].Inputs();
      if (mark == 1) {
        mark = 2;
        segment.nodes.push_back(node);
        stack.pop_back();
        continue;
      }
      mark = 1;
      for (size_t i = inputs.size(); i-- > 0;) {
        if (inputs[i] == segment.entry) continue;
        if (!is_inside(node_of(inputs[i]))) return false;
        if (state[Index(node_of(inputs[i])) - begin] == 0) stack.push_back(node_of(inputs[i]));
      }
    }
    return segment.nodes.size() == end - begin &&
           std::ranges::all_of(segment.nodes, [&](int node) { return IsOwn(node, segment); });
  }

  // One call of one layer with one result, which no one reads from outside.
  bool IsOwn(int index, const Segment& segment) const {
    const Node& node = function_.nodes[Index(index)];
    if (node.outputs.size() != 1 || calls_[Index(node.layer)] != 1) return false;
    if (function_.layers[Index(node.layer)].function >= 0) return false;
    const Value& value = function_.values[Index(node.outputs.front())];
    return !value.is_output || node.outputs.front() == segment.exit;
  }

  const Function& function_;
  std::vector<int> calls_;
};

// ---- Blocks ----

// An integer in the arguments of a segment's layers, which may differ between segments that are alike otherwise.
struct Hole {
  size_t node;  // among the segment's
  const Param* param;
  size_t entry;  // of a Shape
  int64_t value;
};

std::optional<int64_t> Constant(const ConfigValue& value) {
  return value.AsDim() == nullptr ? std::nullopt : value.AsDim()->Constant();
}

// The integer that a parameter's value is, (3, 3) being 3.
std::optional<int64_t> IntegerOf(const Param& param, const ConfigValue& value) {
  if (param.type == ParamType::Int) return Constant(value);
  if (param.type != ParamType::Sizes || value.AsList() == nullptr) return std::nullopt;
  std::optional<int64_t> integer;
  for (const ConfigValue& entry : *value.AsList()) {
    const std::optional<int64_t> size = Constant(entry);
    if (!size || (integer && integer != size)) return std::nullopt;
    integer = size;
  }
  return integer;
}

// What a hole is filled with: a number, or an expression of the block's parameters and sizes.
struct Filling {
  Dim expression;
  bool is_number = true;
};

struct Parameter {
  std::string name;
  std::vector<int64_t> values;  // by instance
  std::optional<int64_t> default_value;
};

class Folder {
 public:
  Folder(const Function& function, Names& names, const std::vector<std::string>& blocks)
      : function_(function), names_(names), blocks_(blocks) {}

  Folded Run() {
    segments_ = Segmenter(function_).Run();
    replaced_.assign(function_.nodes.size(), -1);
    std::map<std::string, std::vector<size_t>> alike;
    std::vector<std::string> order;  // of first occurrence
    for (size_t i = 0; i < segments_.size(); ++i) {
      if (!Branches(segments_[i])) continue;
      std::vector<Hole> holes;
      const std::string skeleton = Skeleton(segments_[i], holes);
      std::vector<size_t>& group = alike[skeleton];
      if (group.empty()) order.push_back(skeleton);
      group.push_back(i);
    }
    for (const std::string& skeleton : order) MakeBlocks(alike[skeleton]);
    Function collapsed = Collapse();
    RepeatRuns(collapsed);
    return {std::move(collapsed), std::move(text_)};
  }

 private:
  const Layer& LayerOf(int node) const { return function_.layers[Index(function_.nodes[Index(node)].layer)]; }
  const Shape& ShapeOf(int value) const { return function_.values[Index(value)].type.shape; }

  // Whether it is more than a chain.
  bool Branches(const Segment& segment) const { return segment.nodes.size() > 1; }

  // The segment with `#` for its integers, which become holes.
  std::string Skeleton(const Segment& segment, std::vector<Hole>& holes) const {
    std::map<int, size_t> places = {{segment.entry, 0}};
    std::string text;
    for (size_t i = 0; i < segment.nodes.size(); ++i) {
      const Node& node = function_.nodes[Index(segment.nodes[i])];
      const Layer& layer = LayerOf(segment.nodes[i]);
      text += std::string(layer.def->name) + "(";
      for (const Param& param : layer.def->params) AddParam(layer, param, i, holes, text);
      text += ")(";
      for (const CallArgument& argument : node.arguments) {
        text += argument.keyword + "=" + argument.text + (argument.is_list ? "[" : "");
        for (const int value : argument.values) text += std::to_string(places[value]) + ",";
        for (const SliceEntry& slice : argument.slices) {
          text += (slice.is_index ? "@" : ":") + std::to_string(slice.begin.value_or(0)) + (slice.begin ? "b" : "") +
                  ".." + std::to_string(slice.end.value_or(0)) + (slice.end ? "e" : "");
        }
        text += ";";
      }
      text += ")\n";
      places[node.outputs.front()] = i + 1;
    }
    return text;
  }

  static void AddParam(const Layer& layer, const Param& param, size_t node, std::vector<Hole>& holes,
                       std::string& text) {
    const auto argument =
        std::ranges::find_if(layer.arguments, [&](const Argument& candidate) { return candidate.param == &param; });
    const bool is_given = argument != layer.arguments.end();
    if (!is_given && !param.default_value) return;
    const ConfigValue& value = is_given ? argument->value : *param.default_value;
    if (is_given && !argument->text.empty()) {
      text += std::string(param.name) + "=" + argument->text + ",";
    } else if (const std::optional<int64_t> integer = IntegerOf(param, value)) {
      holes.push_back({node, &param, 0, *integer});
      text += std::string(param.name) + "=#,";
    } else if (is_given && param.type == ParamType::Shape && value.AsList() != nullptr) {
      for (size_t i = 0; i < value.AsList()->size(); ++i) {
        const std::optional<int64_t> size = Constant((*value.AsList())[i]);
        if (size) holes.push_back({node, &param, i, *size});
      }
      text += std::string(param.name) + "=#" + std::to_string(value.AsList()->size()) + ",";
    } else if (is_given) {
      text += std::string(param.name) + "=" + ToString(value) + ",";
    }
  }

  // ---- A block for segments that are alike but for their integers ----

  void MakeBlocks(const std::vector<size_t>& group) {
    if (group.size() < kLeastTimes || MakeBlock(group)) return;
    // With parameters it does not work out: those that are the same.
    std::map<std::string, std::vector<size_t>> same;
    for (const size_t segment : group) {
      std::vector<Hole> holes;
      Skeleton(segments_[segment], holes);
      std::string key;
      for (const Hole& hole : holes) key += std::to_string(hole.value) + ",";
      for (const int value : {segments_[segment].entry, segments_[segment].exit}) key += ToString(ShapeOf(value));
      same[key].push_back(segment);
    }
    for (const auto& [key, segments] : same) {
      if (segments.size() >= kLeastTimes) MakeBlock(segments);
    }
  }

  bool MakeBlock(const std::vector<size_t>& group) {
    std::vector<std::vector<Hole>> holes(group.size());
    for (size_t i = 0; i < group.size(); ++i) Skeleton(segments_[group[i]], holes[i]);
    Block block{.group = group};
    if (!FindInput(block)) return false;
    for (size_t k = 0; k < holes.front().size(); ++k) {
      std::vector<int64_t> values;
      for (const std::vector<Hole>& instance : holes) values.push_back(instance[k].value);
      block.fillings.push_back(Fill(holes.front()[k], values, block));
    }
    if (block.parameters.size() > kMostParams || !FindOutput(block)) return false;
    Write(block, holes.front());
    return true;
  }

  struct Block {
    std::vector<size_t> group;
    TensorType input;
    TensorType output;
    // The sizes of the input that differ, by their symbols.
    std::vector<std::pair<std::string, std::vector<Dim>>> symbols = {};
    std::vector<Parameter> parameters = {};
    std::vector<Filling> fillings = {};  // parallel to the holes
  };

  // The type of an end of all segments, axis by axis; false where their names differ.
  bool HaveSameNames(const std::vector<size_t>& group, int Segment::* end) const {
    const Shape& first = ShapeOf(segments_[group.front()].*end);
    return !first.empty() && std::ranges::all_of(group, [&](size_t segment) {
      const Shape& shape = ShapeOf(segments_[segment].*end);
      return std::ranges::equal(shape, first, {}, &Axis::name, &Axis::name) &&
             std::ranges::all_of(shape, [](const Axis& axis) { return axis.size.IsKnown() && !axis.name.empty(); });
    });
  }

  std::vector<Dim> SizesOf(const Block& block, int Segment::* end, size_t axis) const {
    std::vector<Dim> sizes;
    for (const size_t segment : block.group) sizes.push_back(ShapeOf(segments_[segment].*end)[axis].size);
    return sizes;
  }

  static bool AreEqual(const std::vector<Dim>& sizes) {
    return std::ranges::all_of(sizes, [&](const Dim& size) { return size == sizes.front(); });
  }

  bool FindInput(Block& block) const {
    if (!HaveSameNames(block.group, &Segment::entry) || !HaveSameNames(block.group, &Segment::exit)) return false;
    block.input = function_.values[Index(segments_[block.group.front()].entry)].type;
    for (size_t i = 0; i < block.input.shape.size(); ++i) {
      Axis& axis = block.input.shape[i];
      const std::vector<Dim> sizes = SizesOf(block, &Segment::entry, i);
      if (i == 0 && AreEqual(sizes)) continue;
      if (AreEqual(sizes) && sizes.front().Constant()) continue;
      const std::string symbol = SymbolOf(axis.name, block);
      axis.size = Dim::Symbol(symbol);
      block.symbols.emplace_back(symbol, sizes);
    }
    return true;
  }

  static std::string SymbolOf(const std::string& axis, const Block& block) {
    const std::string letter(1,
                             axis == "channels" || axis == "features" ? 'C' : static_cast<char>(axis.front() & ~0x20));
    std::string symbol = letter;
    const auto is_taken = [&] {
      return std::ranges::any_of(block.symbols, [&](const auto& other) { return other.first == symbol; });
    };
    for (int i = 2; is_taken(); ++i) symbol = letter + std::to_string(i);
    return symbol;
  }

  // An expression that is this integer in each instance: a number, a size, a parameter or a multiple of one.
  Filling Fill(const Hole& hole, const std::vector<int64_t>& values, Block& block) const {
    if (std::ranges::all_of(values, [&](int64_t value) { return value == values.front(); })) {
      return {values.front(), true};
    }
    for (const auto& [symbol, sizes] : block.symbols) {
      if (std::ranges::equal(sizes, values, [](const Dim& size, int64_t value) { return size.Is(value); })) {
        return {Dim::Symbol(symbol), false};
      }
    }
    for (const Parameter& parameter : block.parameters) {
      const int64_t base = parameter.values.front();
      const int64_t factor = base > 0 && values.front() % base == 0 ? values.front() / base : 0;
      if (factor < 1) continue;
      if (std::ranges::equal(parameter.values, values, [&](int64_t p, int64_t value) { return p * factor == value; })) {
        return {Dim(factor) * Dim::Symbol(parameter.name), false};
      }
    }
    Parameter parameter{.name = std::string(hole.param->name), .values = values, .default_value = {}};
    if (hole.param->type == ParamType::Shape) parameter.name = "size";
    const std::string stem = parameter.name;
    for (int i = 2; std::ranges::find(block.parameters, parameter.name, &Parameter::name) != block.parameters.end();
         ++i) {
      parameter.name = stem + "_" + std::to_string(i);
    }
    if (hole.param->default_value) parameter.default_value = IntegerOf(*hole.param, *hole.param->default_value);
    block.parameters.push_back(parameter);
    return {Dim::Symbol(parameter.name), false};
  }

  bool FindOutput(Block& block) const {
    block.output = function_.values[Index(segments_[block.group.front()].exit)].type;
    for (size_t i = 0; i < block.output.shape.size(); ++i) {
      const std::vector<Dim> sizes = SizesOf(block, &Segment::exit, i);
      const std::optional<Dim> size = Express(sizes, block.output.shape[i].name, block);
      if (!size) return false;
      block.output.shape[i].size = *size;
    }
    return true;
  }

  // A size of the result as an expression of what the block knows.
  static std::optional<Dim> Express(const std::vector<Dim>& sizes, const std::string& axis, const Block& block) {
    const auto input = std::ranges::find(block.input.shape, axis, &Axis::name);
    const auto symbol = input == block.input.shape.end()
                            ? block.symbols.end()
                            : std::ranges::find_if(block.symbols, [&](const auto& candidate) {
                                return input->size.AsSymbol() == candidate.first;
                              });
    if (axis == "batch" && AreEqual(sizes)) return sizes.front();
    const auto holds = [&](const auto& expected) {
      for (size_t i = 0; i < sizes.size(); ++i) {
        if (!(sizes[i] == expected(i))) return false;
      }
      return true;
    };
    if (symbol != block.symbols.end()) {
      const Dim name = Dim::Symbol(symbol->first);
      const std::vector<Dim>& from = symbol->second;
      const Dim difference = sizes.front() - from.front();
      if (difference.Constant() && holds([&](size_t i) { return from[i] + difference; })) return name + difference;
      for (const Parameter& parameter : block.parameters) {
        if (std::ranges::any_of(parameter.values, [](int64_t value) { return value < 1; })) continue;
        if (holds([&](size_t i) { return CeilDivide(from[i], parameter.values[i]); })) {
          return CeilDivide(name, Dim::Symbol(parameter.name));
        }
      }
      for (const int64_t factor : {2, 3, 4}) {
        if (holds([&](size_t i) { return CeilDivide(from[i], factor); })) return CeilDivide(name, factor);
        if (holds([&](size_t i) { return FloorDivide(from[i], factor); })) return FloorDivide(name, factor);
        if (holds([&](size_t i) { return from[i] * factor; })) return name * factor;
      }
    }
    if (AreEqual(sizes) && sizes.front().Constant()) return sizes.front();
    for (const Parameter& parameter : block.parameters) {
      const std::optional<int64_t> size = sizes.front().Constant();
      const int64_t base = parameter.values.front();
      if (!size || base < 1 || *size % base != 0) continue;
      const int64_t factor = *size / base;
      if (holds([&](size_t i) { return Dim(parameter.values[i] * factor); })) {
        return Dim(factor) * Dim::Symbol(parameter.name);
      }
    }
    for (const auto& [name, from] : block.symbols) {
      if (holds([&](size_t i) { return from[i]; })) return Dim::Symbol(name);
    }
    return std::nullopt;
  }

  // ---- The block's text, and its calls ----

  // What its last layer does with what it got.
  std::string NameOf(const Segment& segment) const {
    const std::string_view last = LayerOf(segment.nodes.back()).def->name;
    const std::vector<int> operands = function_.nodes[Index(segment.nodes.back())].Inputs();
    const bool has_entry = std::ranges::find(operands, segment.entry) != operands.end();
    const auto has = [&](std::string_view name) {
      return std::ranges::any_of(segment.nodes, [&](int node) { return LayerOf(node).def->name == name; });
    };
    if (has("MultiHeadAttention") || has("Attention") || has("GroupQueryAttention")) return "Attend";
    if (last == "Add") return has_entry ? "Residual" : "Shortcut";
    if (last == "Concatenate") return has_entry ? "Grow" : "Branches";
    if (last == "Multiply") return has("GlobalAveragePooling2D") ? "SqueezeExcite" : "Gate";
    return "Block";
  }

  void Write(const Block& block, const std::vector<Hole>& holes) {
    const Segment& first = segments_[block.group.front()];
    Function body;
    body.class_name = "block";
    body.inputs = {{"x", first.entry}};
    body.outputs = {{"y", first.exit}};
    body.values = function_.values;
    for (Value& value : body.values) {
      value.uses.clear();
      value.is_output = false;
    }
    for (const int index : first.nodes) {
      Node node = function_.nodes[Index(index)];
      body.layers.push_back(function_.layers[Index(node.layer)]);
      node.layer = static_cast<int>(body.layers.size()) - 1;
      body.nodes.push_back(std::move(node));
    }
    for (size_t i = 0; i < holes.size(); ++i) {
      if (!block.fillings[i].is_number) FillHole(body.layers[holes[i].node], holes[i], block.fillings[i].expression);
    }
    CountUses(body);
    body.values[Index(first.entry)].type = block.input;
    body.values[Index(first.exit)].type = block.output;
    for (const Parameter& parameter : block.parameters) {
      std::optional<int64_t> default_value = parameter.default_value;
      if (default_value && std::ranges::find(parameter.values, *default_value) == parameter.values.end())
        default_value = {};
      body.config.push_back({parameter.name, default_value});
    }
    std::ranges::stable_sort(body.config, {}, [](const ConfigEntry& entry) { return entry.default_value.has_value(); });
    const std::string name = names_.Take(NameOf(first));
    WriteOptions options{.is_model = false, .name = name, .doc = "", .keeps_names = false, .blocks = &blocks_};
    options.doc = std::to_string(block.group.size()) + " times, the first one up to layer " +
                  LayerOf(first.nodes.back()).name + ".";
    text_ += WriteFunction(body, options) + "\n";
    for (size_t i = 0; i < block.group.size(); ++i) {
      std::string call;
      for (const ConfigEntry& entry : body.config) {
        const auto parameter = std::ranges::find(block.parameters, entry.name, &Parameter::name);
        const int64_t value = parameter->values[i];
        if (entry.default_value == value) continue;
        call += (call.empty() ? "" : ", ") + (entry.default_value ? entry.name + "=" : "") + std::to_string(value);
      }
      Replace(segments_[block.group[i]], name + "(" + call + ")");
    }
  }

  static void FillHole(Layer& layer, const Hole& hole, const Dim& expression) {
    auto argument =
        std::ranges::find_if(layer.arguments, [&](const Argument& candidate) { return candidate.param == hole.param; });
    if (argument == layer.arguments.end()) {
      const auto place = std::ranges::find_if(layer.arguments,
                                              [&](const Argument& candidate) { return candidate.param > hole.param; });
      argument = layer.arguments.insert(place, {hole.param, *hole.param->default_value});
    }
    if (hole.param->type == ParamType::Shape) {
      ConfigValue::List sizes = *argument->value.AsList();
      sizes[hole.entry].data = expression;
      argument->value.data = std::move(sizes);
    } else {
      argument->text = expression.ToString();
    }
  }

  void Replace(const Segment& segment, const std::string& call) {
    for (const int node : segment.nodes) replaced_[Index(node)] = static_cast<int>(calls_.size());
    calls_.push_back({segment, call});
  }

  // ---- The function with its segments replaced ----

  static void CountUses(Function& function) {
    for (size_t i = 0; i < function.nodes.size(); ++i) {
      const Node& node = function.nodes[i];
      for (size_t k = 0; k < node.arguments.size(); ++k) {
        for (const int value : node.arguments[k].values)
          function.values[Index(value)].uses.emplace_back(static_cast<int>(i), k);
      }
    }
    for (const Output& output : function.outputs) function.values[Index(output.value)].is_output = true;
  }

  static void Recount(Function& function) {
    for (Value& value : function.values) {
      value.uses.clear();
      value.node = -1;
    }
    for (size_t i = 0; i < function.nodes.size(); ++i) {
      for (const int value : function.nodes[i].outputs) function.values[Index(value)].node = static_cast<int>(i);
    }
    CountUses(function);
  }

  // One layer in place of several.
  static Node Stand(Function& function, std::string text, const std::string& name, int entry, int exit) {
    function.layers.push_back({.class_name = "", .name = name, .arguments = {}, .text = std::move(text)});
    return {.layer = static_cast<int>(function.layers.size()) - 1,
            .arguments = {{.keyword = "", .values = {entry}}},
            .outputs = {exit}};
  }

  Function Collapse() const {
    Function collapsed = function_;
    collapsed.nodes.clear();
    for (size_t i = 0; i < function_.nodes.size(); ++i) {
      const int call = replaced_[i];
      if (call < 0) {
        collapsed.nodes.push_back(function_.nodes[i]);
        continue;
      }
      const Segment& segment = calls_[Index(call)].first;
      // Where its result is made, all that it reads is there.
      if (function_.values[Index(segment.exit)].node != static_cast<int>(i)) continue;
      collapsed.nodes.push_back(Stand(collapsed, calls_[Index(call)].second, LayerOf(segment.nodes.back()).name,
                                      segment.entry, segment.exit));
    }
    Recount(collapsed);
    return collapsed;
  }

  // ---- repeat ----

  // A step of a pipe; empty where the node is none.
  std::string StepOf(const Function& function, const Node& node) const {
    const Layer& layer = function.layers[Index(node.layer)];
    if (node.outputs.size() != 1 || node.arguments.size() != 1 || node.arguments.front().values.size() != 1) return "";
    if (node.arguments.front().is_list || layer.function >= 0) return "";
    if (layer.def != nullptr && layer.def->form == LayerDef::Form::Function) return "";
    const auto calls = std::ranges::count(function.nodes, node.layer, &Node::layer);
    if (calls != 1) return "";
    return CallOf(function, node);
  }

  static std::string Joined(const std::vector<std::string>& steps, size_t begin, size_t end) {
    std::string line;
    for (size_t i = begin; i < end; ++i) line += (i == begin ? "" : " |> ") + steps[i];
    if (line.size() <= kLineWidth) return line;
    std::string lines;
    for (size_t i = begin; i < end; ++i) lines += (i == begin ? "" : "\n|> ") + steps[i];
    return "\n" + lines + "\n";
  }

  // How often the `period` steps from `begin` on follow each other.
  static size_t TimesOf(const std::vector<std::string>& steps, size_t begin, size_t period) {
    size_t times = 1;
    while (begin + (times + 1) * period <= steps.size() &&
           std::equal(steps.begin() + static_cast<std::ptrdiff_t>(begin),
                      steps.begin() + static_cast<std::ptrdiff_t>(begin + period),
                      steps.begin() + static_cast<std::ptrdiff_t>(begin + times * period))) {
      ++times;
    }
    return times;
  }

  struct Repetition {
    size_t begin = 0;
    size_t period = 0;
    size_t times = 0;
    size_t Steps() const { return period * times; }
  };

  // A run from `begin` on; none where one that begins with the next step is as long and reads better: an activation ends
  // what it belongs to.
  static Repetition RunAt(const std::vector<std::string>& steps, size_t begin) {
    const Repetition run = LongestRunAt(steps, begin);
    const std::string& first = steps[begin];
    const bool is_end =
        first.starts_with("Activation(") || first.starts_with("ReLU(") || first.starts_with("LeakyReLU(");
    if (run.times > 0 && run.period > 1 && is_end && LongestRunAt(steps, begin + 1).times >= run.times) return {};
    return run;
  }

  // Nothing where no steps occur three times.
  static Repetition LongestRunAt(const std::vector<std::string>& steps, size_t begin) {
    Repetition best;
    for (size_t period = 1; period <= kMostPeriod && begin + kLeastTimes * period <= steps.size(); ++period) {
      const Repetition run{begin, period, TimesOf(steps, begin, period)};
      if (run.times >= kLeastTimes && run.Steps() > best.Steps()) best = run;
    }
    return best;
  }

  // The steps with their runs written as `repeat`.
  static std::vector<std::string> WithRepeats(const std::vector<std::string>& steps) {
    std::vector<std::string> result;
    for (size_t i = 0; i < steps.size();) {
      const Repetition run = RunAt(steps, i);
      if (run.times == 0) {
        result.push_back(steps[i++]);
        continue;
      }
      const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(i);
      const std::vector<std::string> unit = WithRepeats({begin, begin + static_cast<std::ptrdiff_t>(run.period)});
      result.push_back("repeat " + std::to_string(run.times) + " { " + Joined(unit, 0, unit.size()) + " }");
      i += run.Steps();
    }
    return result;
  }

  void RepeatRuns(Function& function) const {
    // Chains: maximal runs of steps, each of which reads only the one before.
    std::vector<Node> nodes;
    for (size_t i = 0; i < function.nodes.size();) {
      std::vector<std::string> steps;
      size_t end = i;
      while (end < function.nodes.size()) {
        const Node& node = function.nodes[end];
        std::string step = StepOf(function, node);
        if (step.empty()) break;
        if (end > i) {
          const Value& before = function.values[Index(function.nodes[end - 1].outputs.front())];
          const bool follows = node.arguments.front().values.front() == function.nodes[end - 1].outputs.front();
          if (!follows || before.uses.size() != 1 || before.is_output) break;
        }
        steps.push_back(std::move(step));
        ++end;
      }
      for (size_t k = 0; k < steps.size();) {
        const Repetition run = RunAt(steps, k);
        if (run.times == 0) {
          nodes.push_back(function.nodes[i + k++]);
          continue;
        }
        const auto begin = steps.begin() + static_cast<std::ptrdiff_t>(k);
        const std::vector<std::string> all(begin, begin + static_cast<std::ptrdiff_t>(run.Steps()));
        const Node& first = function.nodes[i + k];
        const Node& last = function.nodes[i + k + run.Steps() - 1];
        const int entry = first.arguments.front().values.front();
        const int exit = last.outputs.front();
        const std::string name = function.layers[Index(last.layer)].name;
        nodes.push_back(Stand(function, WithRepeats(all).front(), name, entry, exit));
        k += run.Steps();
      }
      if (end == i) nodes.push_back(function.nodes[end++]);
      i = end;
    }
    function.nodes = std::move(nodes);
    Recount(function);
  }

  std::string CallOf(const Function& function, const Node& node) const { return WriteCall(function, node, blocks_); }

  const Function& function_;
  Names& names_;
  const std::vector<std::string>& blocks_;
  std::vector<Segment> segments_;
  std::vector<int> replaced_;                           // by node: index into calls_, or -1
  std::vector<std::pair<Segment, std::string>> calls_;  // what stands in place of a segment
  std::string text_;
};

}  // namespace

Folded Fold(const Function& function, Names& names, const std::vector<std::string>& blocks) {
  return Folder(function, names, blocks).Run();
}

}  // namespace strata::import
