#include "compiler/import/fold.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "compiler/import/segments.h"

namespace strata::import {
namespace {

constexpr size_t kLeastTimes = 3;   // that a run must occur
constexpr size_t kMostPeriod = 64;  // layers in what `repeat` repeats
constexpr size_t kMostParams = 4;   // of a block
constexpr size_t kMostUnits = 6;    // in a run that becomes a block
constexpr size_t kLineWidth = 90;

size_t Index(int i) { return static_cast<size_t>(i); }

// ---- Blocks ----

// A number in the arguments of a segment's layers, which may differ between segments that are alike otherwise.
struct Hole {
  size_t node;  // among the segment's
  const Param* param;
  size_t entry;  // of a Shape
  int64_t value;
  std::string text = {};  // of a float, which has no `value`
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
  std::vector<std::string> texts = {};  // of the values, where some are expressions or floats
  std::string_view type = "int";
};

// A block before it is written.
struct Body {
  Function function;
  std::string name;
  std::string doc;
};

class Folder {
 public:
  Folder(const Function& function, const FoldOptions& options, Names& names, const std::vector<std::string>& blocks)
      : function_(function), folds_chains_(options.folds_chains), names_(names), blocks_(blocks) {}

  Folded Run() {
    segments_ = SegmentsOf(function_);
    replaced_.assign(function_.nodes.size(), -1);
    FoldAlike(0);
    // What is left of those within larger ones.
    const size_t outermost = segments_.size();
    for (Segment& segment : MergingSegmentsOf(function_)) segments_.push_back(std::move(segment));
    FoldAlike(outermost);
    Function collapsed = Collapse();
    if (folds_chains_) FoldChains(collapsed);
    RepeatRuns(collapsed);
    std::string text;
    for (const Body& body : bodies_) {
      const WriteOptions options{
          .is_model = false, .name = body.name, .doc = body.doc, .keeps_names = false, .blocks = &blocks_};
      text += WriteFunction(body.function, options) + "\n";
    }
    return {std::move(collapsed), std::move(text)};
  }

 private:
  const Layer& LayerOf(int node) const { return function_.layers[Index(function_.nodes[Index(node)].layer)]; }
  const Shape& ShapeOf(int value) const { return function_.values[Index(value)].type.shape; }

  // Segments from `first` on that are alike, of those whose nodes are in no block yet.
  void FoldAlike(size_t first) {
    std::map<std::string, std::vector<size_t>> alike;
    std::vector<std::string> order;  // of first occurrence
    for (size_t i = first; i < segments_.size(); ++i) {
      if (!Branches(segments_[i])) continue;
      std::vector<Hole> holes;
      const std::string skeleton = Skeleton(segments_[i], holes);
      std::vector<size_t>& group = alike[skeleton];
      if (group.empty()) order.push_back(skeleton);
      group.push_back(i);
    }
    for (const std::string& skeleton : order) {
      std::vector<size_t> free;
      std::set<int> taken;  // by those before
      for (const size_t segment : alike[skeleton]) {
        const std::vector<int>& nodes = segments_[segment].nodes;
        const bool is_free =
            std::ranges::all_of(nodes, [&](int node) { return replaced_[Index(node)] < 0 && !taken.contains(node); });
        if (!is_free) continue;
        taken.insert(nodes.begin(), nodes.end());
        free.push_back(segment);
      }
      MakeBlocks(free);
    }
  }

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
    } else if (param.type == ParamType::Float && value.AsFloat() != nullptr) {
      holes.push_back({node, &param, 0, 0, ToString(value)});
      text += std::string(param.name) + "=#,";
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
      for (const Hole& hole : holes) key += std::to_string(hole.value) + hole.text + ",";
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
      std::vector<std::string> texts;
      for (const std::vector<Hole>& instance : holes) {
        values.push_back(instance[k].value);
        texts.push_back(instance[k].text);
      }
      const Hole& hole = holes.front()[k];
      block.fillings.push_back(hole.text.empty() ? Fill(hole, values, block) : FillFloat(hole, texts, block));
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
    if (const std::optional<Dim> multiple = MultipleOfSize(values, block)) return {*multiple, false};
    for (const Parameter& parameter : block.parameters) {
      const int64_t base = parameter.values.front();
      const int64_t factor = base > 0 && values.front() % base == 0 ? values.front() / base : 0;
      if (factor < 1 || !parameter.texts.empty()) continue;
      if (std::ranges::equal(parameter.values, values, [&](int64_t p, int64_t value) { return p * factor == value; })) {
        return {Dim(factor) * Dim::Symbol(parameter.name), false};
      }
    }
    return {Dim::Symbol(AddParameter(hole, values, block).name), false};
  }

  // `6 * C` and `C // 4`, as blocks expand channels and squeeze them.
  static std::optional<Dim> MultipleOfSize(const std::vector<int64_t>& values, const Block& block) {
    for (const auto& [symbol, sizes] : block.symbols) {
      const std::optional<int64_t> size = sizes.front().Constant();
      if (!size || *size < 1 || values.front() < 1) continue;
      const bool expands = values.front() > *size;
      const int64_t factor = expands ? values.front() / *size : *size / values.front();
      const bool fits = std::ranges::equal(sizes, values, [&](const Dim& from, int64_t value) {
        return from.Constant() && (expands ? *from.Constant() * factor == value : value * factor == *from.Constant());
      });
      if (fits) return expands ? Dim(factor) * Dim::Symbol(symbol) : FloorDivide(Dim::Symbol(symbol), factor);
    }
    return std::nullopt;
  }

  static Filling FillFloat(const Hole& hole, const std::vector<std::string>& texts, Block& block) {
    const bool is_same = std::ranges::all_of(texts, [&](const std::string& text) { return text == texts.front(); });
    if (is_same) return {Dim(0), true};
    const auto known = std::ranges::find(block.parameters, texts, &Parameter::texts);
    if (known != block.parameters.end()) return {Dim::Symbol(known->name), false};
    Parameter& parameter = AddParameter(hole, std::vector<int64_t>(texts.size()), block);
    parameter.texts = texts;
    parameter.type = "float";
    return {Dim::Symbol(parameter.name), false};
  }

  static Parameter& AddParameter(const Hole& hole, const std::vector<int64_t>& values, Block& block) {
    Parameter parameter{.name = std::string(hole.param->name), .values = values, .default_value = {}};
    if (hole.param->type == ParamType::Shape) parameter.name = "size";
    const std::string stem = parameter.name;
    for (int i = 2; std::ranges::find(block.parameters, parameter.name, &Parameter::name) != block.parameters.end();
         ++i) {
      parameter.name = stem + "_" + std::to_string(i);
    }
    if (hole.param->default_value) parameter.default_value = IntegerOf(*hole.param, *hole.param->default_value);
    block.parameters.push_back(std::move(parameter));
    return block.parameters.back();
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
    if (axis == "channels" || axis == "features") {
      const auto exact = std::ranges::find_if(block.parameters, [&](const Parameter& parameter) {
        return std::ranges::equal(sizes, parameter.values,
                                  [](const Dim& size, int64_t value) { return size.Is(value); });
      });
      if (exact != block.parameters.end()) return Dim::Symbol(exact->name);
    }
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

  // The segment, whose nodes are those of `source`, as a function of its own.
  Function BodyOf(const Segment& segment, const Function& source) const {
    Function body;
    body.class_name = "block";
    body.inputs = {{"x", segment.entry}};
    body.outputs = {{"y", segment.exit}};
    body.values = function_.values;
    for (const int index : segment.nodes) {
      Node node = source.nodes[Index(index)];
      body.layers.push_back(source.layers[Index(node.layer)]);
      node.layer = static_cast<int>(body.layers.size()) - 1;
      body.nodes.push_back(std::move(node));
    }
    return body;
  }

  void Write(const Block& block, const std::vector<Hole>& holes) {
    const Segment& first = segments_[block.group.front()];
    Function body = BodyOf(first, function_);
    for (size_t i = 0; i < holes.size(); ++i) {
      if (!block.fillings[i].is_number) FillHole(body.layers[holes[i].node], holes[i], block.fillings[i].expression);
    }
    Finish(block, body);
    const std::string name = names_.Take(NameOf(first));
    for (size_t i = 0; i < block.group.size(); ++i) {
      Replace(segments_[block.group[i]], name + "(" + ConfigOf(block, body, i) + ")");
    }
    bodies_.push_back({std::move(body), name, DocOf(block.group.size(), LayerOf(first.nodes.back()))});
  }

  static std::string DocOf(size_t times, const Layer& last) {
    return std::to_string(times) + " times, the first one up to layer " + last.name + ".";
  }

  // Its uses, the types of its ends and its parameters, those without a default first.
  void Finish(const Block& block, Function& body) const {
    CountUses(body);
    body.values[Index(body.inputs.front().value)].type = block.input;
    body.values[Index(body.outputs.front().value)].type = block.output;
    for (const Parameter& parameter : block.parameters) {
      std::optional<int64_t> default_value = parameter.default_value;
      if (default_value && std::ranges::find(parameter.values, *default_value) == parameter.values.end())
        default_value = {};
      body.config.push_back({parameter.name, default_value, parameter.type});
    }
    std::ranges::stable_sort(body.config, {}, [](const ConfigEntry& entry) { return entry.default_value.has_value(); });
  }

  // The arguments of one instance.
  static std::string ConfigOf(const Block& block, const Function& body, size_t instance) {
    std::string call;
    for (const ConfigEntry& entry : body.config) {
      const auto parameter = std::ranges::find(block.parameters, entry.name, &Parameter::name);
      const std::string value =
          parameter->texts.empty() ? std::to_string(parameter->values[instance]) : parameter->texts[instance];
      if (entry.default_value && std::to_string(*entry.default_value) == value) continue;
      call += (call.empty() ? "" : ", ") + (entry.default_value ? entry.name + "=" : "") + value;
    }
    return call;
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
    CountUses(collapsed);
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
    CountUses(function);
  }

  // ---- Runs of layers in chains: a convolution with its normalization and activation, two of them, ... ----

  // Layers of which each reads only the one before, in units: a layer with what belongs to it (ContinuesLine).
  struct Chain {
    Function* function;
    std::vector<int> nodes;
    std::vector<size_t> units;  // where each begins, and the end
  };

  struct Stretch {
    size_t chain;
    size_t begin;  // its first unit
    size_t end;
  };

  // An integer of a layer in a run. Within a block it may be an expression already.
  struct StretchHole {
    Hole hole;
    std::string text;  // "": the number
  };

  void FoldChains(Function& collapsed) {
    std::vector<Body> made;
    std::set<std::string> failed;
    for (;;) {
      std::vector<Chain> chains = ChainsOf(collapsed);
      for (Body& body : bodies_) {
        for (Chain& chain : ChainsOf(body.function)) chains.push_back(std::move(chain));
      }
      std::map<std::string, std::vector<Stretch>> alike;
      for (size_t i = 0; i < chains.size(); ++i) AddRuns(chains, i, failed, alike);
      const std::string* best = nullptr;
      int64_t most = 0;
      for (const auto& [key, runs] : alike) {
        const int64_t saved = SavedBy(chains, runs);
        if (runs.size() < kLeastTimes || saved <= most) continue;
        best = &key;
        most = saved;
      }
      if (best == nullptr) break;
      if (!FoldRuns(chains, alike.at(*best), made)) failed.insert(*best);
    }
    bodies_.insert(bodies_.begin(), std::make_move_iterator(made.begin()), std::make_move_iterator(made.end()));
  }

  bool IsLink(const Function& function, int node) const {
    return function.layers[Index(function.nodes[Index(node)].layer)].def != nullptr &&
           !StepOf(function, function.nodes[Index(node)]).empty();
  }

  std::vector<Chain> ChainsOf(Function& function) const {
    std::vector<bool> is_link, is_taken(function.nodes.size());
    for (size_t i = 0; i < function.nodes.size(); ++i) is_link.push_back(IsLink(function, static_cast<int>(i)));
    std::vector<Chain> chains;
    for (size_t i = 0; i < function.nodes.size(); ++i) {
      if (!is_link[i] || is_taken[i]) continue;
      Chain chain{&function, {}, {}};
      for (int node = static_cast<int>(i); node >= 0;) {
        is_taken[Index(node)] = true;
        const Layer& layer = function.layers[Index(function.nodes[Index(node)].layer)];
        if (chain.nodes.empty() || !ContinuesLine(layer)) chain.units.push_back(chain.nodes.size());
        chain.nodes.push_back(node);
        const Value& value = function.values[Index(function.nodes[Index(node)].outputs.front())];
        const bool goes_on = value.uses.size() == 1 && !value.is_output && is_link[Index(value.uses.front().first)];
        node = goes_on ? value.uses.front().first : -1;
      }
      chain.units.push_back(chain.nodes.size());
      chains.push_back(std::move(chain));
    }
    return chains;
  }

  static const Layer& LayerIn(const Chain& chain, size_t step) {
    return chain.function->layers[Index(chain.function->nodes[Index(chain.nodes[step])].layer)];
  }

  // Runs of one to some units from each unit on, by what they are but for their integers; those of one kind do not overlap.
  void AddRuns(const std::vector<Chain>& chains, size_t index, const std::set<std::string>& failed,
               std::map<std::string, std::vector<Stretch>>& alike) const {
    const Chain& chain = chains[index];
    for (size_t begin = 0; begin + 1 < chain.units.size(); ++begin) {
      // What has nothing that belongs to it stands better by itself; a run begins with a layer, not with what follows one.
      const auto steps_of = [&](size_t unit) { return chain.units[unit + 1] - chain.units[unit]; };
      if (steps_of(begin) < 2 || ContinuesLine(LayerIn(chain, chain.units[begin]))) continue;
      std::string key;
      for (size_t end = begin + 1; end < chain.units.size() && end - begin <= kMostUnits; ++end) {
        for (size_t step = chain.units[end - 1]; step < chain.units[end]; ++step) {
          std::vector<StretchHole> holes;
          key += RunSkeleton(LayerIn(chain, step), step, holes);
        }
        if (failed.contains(key)) continue;
        std::vector<Stretch>& runs = alike[key];
        if (!runs.empty() && runs.back().chain == index && runs.back().end > begin) continue;
        runs.push_back({index, begin, end});
      }
    }
  }

  static std::string RunSkeleton(const Layer& layer, size_t step, std::vector<StretchHole>& holes) {
    std::string text = std::string(layer.def->name) + "(";
    for (const Param& param : layer.def->params) {
      const auto argument =
          std::ranges::find_if(layer.arguments, [&](const Argument& candidate) { return candidate.param == &param; });
      const bool is_given = argument != layer.arguments.end();
      if (!is_given && !param.default_value) continue;
      const ConfigValue& value = is_given ? argument->value : *param.default_value;
      if (const std::optional<int64_t> integer = IntegerOf(param, value)) {
        StretchHole& hole = holes.emplace_back();
        hole.hole = {.node = step, .param = &param, .entry = 0, .value = *integer};
        if (is_given) hole.text = argument->text;
        text += std::string(param.name) + "=#,";
      } else if (is_given) {
        text += std::string(param.name) + "=" + (argument->text.empty() ? ToString(value) : argument->text) + ",";
      }
    }
    return text + ")\n";
  }

  // Characters, by and large; what differs has to be given in each call.
  int64_t SavedBy(const std::vector<Chain>& chains, const std::vector<Stretch>& runs) const {
    constexpr int64_t kCall = 20;
    constexpr int64_t kDeclaration = 250;
    constexpr int64_t kParameter = 60;
    constexpr int64_t kArgument = 10;
    const auto times = static_cast<int64_t>(runs.size());
    int64_t length = 0;
    std::vector<std::vector<int64_t>> values;  // by hole
    for (const Stretch& run : runs) {
      const Chain& chain = chains[run.chain];
      std::vector<StretchHole> holes;
      for (size_t step = chain.units[run.begin]; step < chain.units[run.end]; ++step) {
        const Node& node = chain.function->nodes[Index(chain.nodes[step])];
        if (&run == &runs.front()) length += static_cast<int64_t>(CallOf(*chain.function, node).size()) + 4;
        RunSkeleton(LayerIn(chain, step), step, holes);
      }
      values.resize(holes.size());
      for (size_t i = 0; i < holes.size(); ++i) values[i].push_back(holes[i].hole.value);
    }
    const std::set<std::vector<int64_t>> different(values.begin(), values.end());
    const int64_t parameters = std::ranges::count_if(different, [](const std::vector<int64_t>& of_hole) {
      return std::ranges::any_of(of_hole, [&](int64_t value) { return value != of_hole.front(); });
    });
    return times * (length - kCall) - length - kDeclaration - parameters * (kParameter + times * kArgument);
  }

  bool FoldRuns(const std::vector<Chain>& chains, const std::vector<Stretch>& runs, std::vector<Body>& made) {
    Block block;
    std::vector<std::vector<StretchHole>> holes(runs.size());
    const size_t known = segments_.size();
    for (size_t i = 0; i < runs.size(); ++i) {
      const Chain& chain = chains[runs[i].chain];
      const size_t begin = chain.units[runs[i].begin];
      const size_t end = chain.units[runs[i].end];
      for (size_t step = begin; step < end; ++step) RunSkeleton(LayerIn(chain, step), step - begin, holes[i]);
      const Function& function = *chain.function;
      Segment segment{.nodes = {chain.nodes.begin() + static_cast<std::ptrdiff_t>(begin),
                                chain.nodes.begin() + static_cast<std::ptrdiff_t>(end)}};
      segment.entry = function.nodes[Index(segment.nodes.front())].Inputs().front();
      segment.exit = function.nodes[Index(segment.nodes.back())].outputs.front();
      block.group.push_back(segments_.size());
      segments_.push_back(std::move(segment));
    }
    const bool is_made = FindInput(block) && FillRuns(holes, block) && FindOutput(block);
    if (is_made) ReplaceRuns(chains, runs, holes.front(), block, made);
    segments_.resize(known);
    return is_made;
  }

  bool FillRuns(const std::vector<std::vector<StretchHole>>& holes, Block& block) const {
    for (size_t k = 0; k < holes.front().size(); ++k) {
      std::vector<int64_t> values;
      std::vector<std::string> texts;
      bool has_expression = false;
      for (const std::vector<StretchHole>& instance : holes) {
        values.push_back(instance[k].hole.value);
        has_expression |= !instance[k].text.empty();
        texts.push_back(instance[k].text.empty() ? std::to_string(values.back()) : instance[k].text);
      }
      const Hole& hole = holes.front()[k].hole;
      if (!has_expression) {
        block.fillings.push_back(Fill(hole, values, block));
        continue;
      }
      const auto known = std::ranges::find(block.parameters, texts, &Parameter::texts);
      const bool is_new = known == block.parameters.end();
      Parameter& parameter = is_new ? AddParameter(hole, values, block) : *known;
      parameter.texts = texts;
      block.fillings.push_back({Dim::Symbol(parameter.name), false});
    }
    return block.parameters.size() <= kMostParams;
  }

  void ReplaceRuns(const std::vector<Chain>& chains, const std::vector<Stretch>& runs,
                   const std::vector<StretchHole>& holes, const Block& block, std::vector<Body>& made) {
    const Segment& first = segments_[block.group.front()];
    const Function& source = *chains[runs.front().chain].function;
    Function body = BodyOf(first, source);
    for (size_t i = 0; i < holes.size(); ++i) {
      if (!block.fillings[i].is_number)
        FillHole(body.layers[holes[i].hole.node], holes[i].hole, block.fillings[i].expression);
    }
    Finish(block, body);
    const std::string name = names_.Take(RunName(body));
    const std::string doc = DocOf(runs.size(), body.layers.back());
    std::map<Function*, std::map<int, size_t>> stands;  // instances by the node that ends them
    std::map<Function*, std::set<int>> gone;
    for (size_t i = 0; i < runs.size(); ++i) {
      const Segment& segment = segments_[block.group[i]];
      Function* const function = chains[runs[i].chain].function;
      stands[function][segment.nodes.back()] = i;
      gone[function].insert(segment.nodes.begin(), segment.nodes.end());
    }
    for (const auto& [function, ends] : stands) {
      std::vector<Node> nodes;
      for (size_t i = 0; i < function->nodes.size(); ++i) {
        const int node = static_cast<int>(i);
        if (const auto end = ends.find(node); end != ends.end()) {
          const Segment& segment = segments_[block.group[end->second]];
          const std::string last = function->layers[Index(function->nodes[i].layer)].name;
          nodes.push_back(Stand(*function, name + "(" + ConfigOf(block, body, end->second) + ")", last, segment.entry,
                                segment.exit));
        } else if (!gone[function].contains(node)) {
          nodes.push_back(function->nodes[i]);
        }
      }
      function->nodes = std::move(nodes);
      CountUses(*function);
    }
    made.push_back({std::move(body), name, doc});
  }

  // "Conv1x7NormAct", as the field calls them.
  static std::string RunName(const Function& body) {
    std::string name;
    int units = 0;
    bool is_separable = true;
    for (size_t i = 0; i < body.layers.size(); ++i) {
      const Layer& layer = body.layers[i];
      if (ContinuesLine(layer)) {
        const bool is_norm = layer.def->name == "BatchNormalization";
        const bool is_act =
            !is_norm && !layer.def->name.starts_with("Dropout") && !layer.def->name.starts_with("Spatial");
        if (units == 1 && (is_norm || is_act)) name += is_norm ? "Norm" : "Act";
        continue;
      }
      ++units;
      is_separable = is_separable && layer.def->name == (units == 1 ? "DepthwiseConv2D" : "Conv2D");
      if (units > 1) continue;
      name = std::string(layer.def->name);
      if (name.size() > 2 && name.ends_with('D')) name.resize(name.size() - 2);
      const auto kernel =
          std::ranges::find_if(layer.arguments, [](const Argument& a) { return a.param->name == "kernel_size"; });
      const bool is_square = kernel == layer.arguments.end() || IntegerOf(*kernel->param, kernel->value);
      if (is_square || kernel->value.AsList() == nullptr) continue;
      std::string sizes;
      for (const ConfigValue& size : *kernel->value.AsList()) sizes += (sizes.empty() ? "" : "x") + ToString(size);
      name += sizes;
    }
    if (units == 2 && is_separable) return "DepthwiseSeparable";
    const bool are_alike =
        units == 2 && body.layers.size() % 2 == 0 &&
        std::equal(body.layers.begin(), body.layers.begin() + static_cast<std::ptrdiff_t>(body.layers.size() / 2),
                   body.layers.begin() + static_cast<std::ptrdiff_t>(body.layers.size() / 2), body.layers.end(),
                   [](const Layer& a, const Layer& b) { return a.def == b.def; });
    if (are_alike) return "Double" + name.substr(0, name.find("Norm"));
    return units == 1 ? name : "Layers";
  }

  std::string CallOf(const Function& function, const Node& node) const { return WriteCall(function, node, blocks_); }

  const Function& function_;
  bool folds_chains_;
  Names& names_;
  const std::vector<std::string>& blocks_;
  std::vector<Segment> segments_;
  std::vector<int> replaced_;                           // by node: index into calls_, or -1
  std::vector<std::pair<Segment, std::string>> calls_;  // what stands in place of a segment
  std::vector<Body> bodies_;
};

}  // namespace

Folded Fold(const Function& function, const FoldOptions& options, Names& names,
            const std::vector<std::string>& blocks) {
  return Folder(function, options, names, blocks).Run();
}

}  // namespace strata::import
