#include <algorithm>
#include <charconv>

#include "compiler/core/graph.h"
#include "compiler/core/map_function.h"
#include "compiler/source/check.h"

namespace strata::core {
namespace {

// A Constant of more elements is shown in part.
constexpr size_t kMaxElements = 4;
// Origins are aligned behind the longest line that is no longer than this.
constexpr size_t kMaxAligned = 100;

// The shortest text that reads back as the same number.
template <typename Number>
std::string Text(Number value) {
  char buffer[40];
  const auto result = std::to_chars(buffer, buffer + sizeof(buffer), value);
  return {buffer, result.ptr};
}
std::string Text(const Dim& dim) { return dim.ToString(); }

template <typename... Parts>
std::string Cat(const Parts&... parts) {
  std::string text;
  ((text += parts), ...);
  return text;
}

std::string Text(ValueId id) { return Cat("%", Text(id.index)); }

// `[1, 2]`; the function gives an item's text.
template <typename Item, typename Function>
std::string List(const std::vector<Item>& items, std::string_view separator, Function function) {
  std::string text;
  for (const Item& item : items) text += Cat(text.empty() ? "" : separator, function(item));
  return Cat("[", text, "]");
}

template <typename Item>
std::string List(const std::vector<Item>& items) {
  return List(items, ", ", [](const Item& item) { return Text(item); });
}

// ---- Map expressions ----

// How tightly an expression binds when it stands inside another.
enum class Binding { Or, And, Comparison, Sum, Product, Power, Operand };

struct Expression {
  std::string text;
  Binding binding;
};

class MapPrinter {
 public:
  explicit MapPrinter(const Map& map) : map_(map), uses_(map.nodes.size(), 0), names_(map.nodes.size()) {
    for (const Map::Node& node : map.nodes) {
      for (int const arg : node.args) ++uses_[static_cast<size_t>(arg)];
    }
  }

  // `t0 / (t0 + 1) where t0 = exp($0)`: what is used more than once gets a name.
  std::string Print() {
    std::string where;
    for (size_t i = 0; i < map_.nodes.size(); ++i) {
      if (uses_[i] < 2 || map_.nodes[i].args.empty()) continue;
      const std::string text = Format(i).text;
      names_[i] = Cat("t", Text(count_++));
      where += Cat(where.empty() ? " where " : ", ", names_[i], " = ", text);
    }
    return Format(map_.nodes.size() - 1).text + where;
  }

 private:
  std::string Argument(const Map::Node& node, size_t index, Binding least) {
    const Expression expression = Format(static_cast<size_t>(node.args[index]));
    return expression.binding < least ? Cat("(", expression.text, ")") : expression.text;
  }

  Expression Infix(const Map::Node& node, Binding binding, Binding left, Binding right) {
    return {Cat(Argument(node, 0, left), " ", Name(node.function), " ", Argument(node, 1, right)), binding};
  }

  Expression Call(const Map::Node& node) {
    std::string args;
    for (size_t i = 0; i < node.args.size(); ++i) {
      args += Cat(i > 0 ? ", " : "", Argument(node, i, Binding::Or));
    }
    return {Cat(Name(node.function), "(", args, ")"), Binding::Operand};
  }

  Expression Format(size_t index) {
    if (!names_[index].empty()) return {names_[index], Binding::Operand};
    const Map::Node& node = map_.nodes[index];
    using enum Map::Function;
    switch (node.function) {
      case Operand: return {Cat("$", Text(node.index)), Binding::Operand};
      case Constant: return {Text(node.value), node.value < 0 ? Binding::Sum : Binding::Operand};
      case Size: return {Cat("(", Text(node.size), ")"), Binding::Operand};
      case Index: return {Cat("index(", Text(node.index), ")"), Binding::Operand};
      case Add:
      case Subtract: return Infix(node, Binding::Sum, Binding::Sum, Binding::Product);
      case Multiply:
      case FloorDivide:
      case Modulo:
      case Divide: return Infix(node, Binding::Product, Binding::Product, Binding::Operand);
      case Less:
      case LessEqual:
      case Equal:
      case NotEqual: return Infix(node, Binding::Comparison, Binding::Sum, Binding::Sum);
      case And: return Infix(node, Binding::And, Binding::And, Binding::Comparison);
      case Or: return Infix(node, Binding::Or, Binding::Or, Binding::And);
      case Not: return {Cat("not ", Argument(node, 0, Binding::Comparison)), Binding::Comparison};
      case Power: return Infix(node, Binding::Power, Binding::Operand, Binding::Operand);
      case Cast: return {Cat(strata::Name(node.type), "(", Argument(node, 0, Binding::Or), ")"), Binding::Operand};
      case Negate: return {Cat("-", Argument(node, 0, Binding::Power)), Binding::Sum};
      case Maximum:
      case Minimum:
      case Abs:
      case Exp:
      case Expm1:
      case Log:
      case Log1p:
      case Sqrt:
      case Rsqrt:
      case Sin:
      case Cos:
      case Tanh:
      case Sigmoid:
      case Erf:
      case Floor:
      case Ceil:
      case Round:
      case Select: return Call(node);
    }
    STRATA_CHECK(false && "a Map::Function");
  }

  const Map& map_;
  std::vector<int> uses_;
  std::vector<std::string> names_;  // of nodes that stand under `where`
  int count_ = 0;
};

// ---- Attributes ----

std::string Label(int label) {
  return label >= 0 && label < 26 ? std::string(1, static_cast<char>('a' + label)) : Cat("<", Text(label), ">");
}

std::string Labels(const std::vector<int>& labels) { return List(labels, " ", Label); }

// ` name=[...]` of an attribute of each axis, unless it is at its default everywhere.
template <typename Axis, typename Get>
std::string PerAxis(std::string_view name, const std::vector<Axis>& axes, int64_t usual, Get get) {
  if (std::ranges::all_of(axes, [&](const Axis& axis) { return get(axis) == usual; })) return "";
  return Cat(" ", name, "=", List(axes, ", ", [&](const Axis& axis) { return Text(get(axis)); }));
}

template <typename Axis>
std::string Padding(const std::vector<Axis>& axes) {
  if (std::ranges::all_of(axes, [](const Axis& axis) { return axis.pad_low.Is(0) && axis.pad_high.Is(0); })) return "";
  return Cat(" pad=",
             List(axes, ", ", [](const Axis& axis) { return Cat(Text(axis.pad_low), ":", Text(axis.pad_high)); }));
}

template <typename Axis>
std::string Sliding(const std::vector<Axis>& axes) {
  return PerAxis("stride", axes, 1, [](const Axis& axis) { return axis.stride; }) +
         PerAxis("dilation", axes, 1, [](const Axis& axis) { return axis.dilation; }) + Padding(axes);
}

std::string_view KindName(Window::Kind kind) {
  switch (kind) {
    case Window::Kind::Max: return "max";
    case Window::Kind::Sum: return "sum";
    case Window::Kind::Mean: return "mean";
  }
  STRATA_CHECK(false && "a Window::Kind");
}

std::string_view KindName(Reduce::Kind kind) {
  switch (kind) {
    case Reduce::Kind::Sum: return "sum";
    case Reduce::Kind::Mean: return "mean";
    case Reduce::Kind::Product: return "product";
    case Reduce::Kind::Max: return "max";
    case Reduce::Kind::Min: return "min";
    case Reduce::Kind::ArgMax: return "argmax";
    case Reduce::Kind::ArgMin: return "argmin";
  }
  STRATA_CHECK(false && "a Reduce::Kind");
}

std::string_view KindName(Resample::Kind kind) {
  switch (kind) {
    case Resample::Kind::Max: return "max";
    case Resample::Kind::Mean: return "mean";
    case Resample::Kind::Weighted: return "weighted";
  }
  return "";
}
std::string_view KindName(Prefix::Kind kind) { return kind == Prefix::Kind::Sum ? "sum" : "product"; }

template <typename Number>
std::string Elements(const std::vector<Number>& data) {
  std::string elements;
  for (size_t i = 0; i < std::min(data.size(), kMaxElements); ++i) {
    elements += Cat(i > 0 ? ", " : "", Text(data[i]));
  }
  if (data.size() > kMaxElements) elements += Cat(", ... ", Text(data.size() - kMaxElements), " more");
  return elements;
}

// What follows the operands.
struct Attributes {
  std::string operator()(const Input& op) const { return Cat(" ", Text(op.index)); }
  std::string operator()(const Weight& op) const { return Cat(" \"", op.path, "\""); }
  std::string operator()(const Constant& op) const {
    const Literal& literal = *op.literal;
    return Cat(" {", IsFloat(literal.dtype) ? Elements(literal.data) : Elements(literal.integers), "}");
  }
  std::string operator()(const Contract& op) const {
    return Cat(" ", Labels(op.left), " * ", Labels(op.right), " -> ", Labels(op.out));
  }
  std::string operator()(const Convolve& op) const {
    return Cat(Sliding(op.axes), op.groups == 1 ? "" : Cat(" groups=", Text(op.groups)));
  }
  std::string operator()(const Window& op) const {
    const std::string size = PerAxis("size", op.axes, 1, [](const Window::Axis& axis) { return axis.size; });
    return Cat(" ", KindName(op.kind), size, Sliding(op.axes));
  }
  std::string operator()(const Map& op) const { return Cat(" = ", MapPrinter(op).Print()); }
  std::string operator()(const Reduce& op) const { return Cat(" ", KindName(op.kind), " axes=", List(op.axes)); }
  std::string operator()(const Prefix& op) const { return Cat(" ", KindName(op.kind), " axis=", Text(op.axis)); }
  std::string operator()(const Resample& op) const { return Cat(" ", KindName(op.kind), " axis=", Text(op.axis)); }
  std::string operator()(const Gather&) const { return ""; }
  std::string operator()(const Transpose& op) const { return Cat(" permutation=", List(op.permutation)); }
  std::string operator()(const Reshape&) const { return ""; }
  std::string operator()(const Slice& op) const {
    const bool whole = std::ranges::all_of(op.steps, [](int64_t step) { return step == 1; });
    return Cat(" begin=", List(op.begins), whole ? "" : Cat(" step=", List(op.steps)));
  }
  std::string operator()(const Pad& op) const {
    std::string amounts;
    for (size_t i = 0; i < op.low.size(); ++i) {
      amounts += Cat(i > 0 ? ", " : "", Text(op.low[i]), ":", Text(op.high[i]));
    }
    return Cat(" pad=[", amounts, "] value=", Text(op.value));
  }
  std::string operator()(const Concat& op) const { return Cat(" axis=", Text(op.axis)); }
  std::string operator()(const Scan& op) const {
    return Cat(" carries=", Text(op.carries), " sequence_axes=", List(op.sequence_axes),
               " result_axes=", List(op.result_axes), op.reverse ? " reverse {" : " {");
  }
  std::string operator()(const Group&) const { return " {"; }
};

// ---- Lines ----

std::string TypeOf(const Value& value) { return Cat(Name(value.dtype), List(value.extents)); }

// The operands in parentheses, with the result axes they run along where those are not the last ones.
std::string Operands(const Graph& graph, const Operation& operation) {
  if (operation.operands.empty()) return "";
  const auto* map = std::get_if<Map>(&operation.op);
  std::string text = "(";
  for (size_t i = 0; i < operation.operands.size(); ++i) {
    if (i > 0) text += ", ";
    text += Text(operation.operands[i]);
    if (map == nullptr) continue;
    const std::vector<int>& axes = map->axes[i];
    const size_t first = graph.Get(operation.Result()).extents.size() - axes.size();
    for (size_t j = 0; j < axes.size(); ++j) {
      if (static_cast<size_t>(axes[j]) == first + j) continue;
      text += List(axes, " ", [](int axis) { return Text(axis); });
      break;
    }
  }
  return text + ")";
}

struct Line {
  std::string text;
  std::string origin;
};

void AppendLines(const Graph& graph, const std::string& indent, std::vector<Line>& lines) {
  // Names and types are padded to columns.
  std::vector<std::string> names;
  std::vector<std::string> types;
  size_t name_width = 0;
  size_t type_width = 0;
  for (const Operation& operation : graph.operations) {
    std::string name;
    std::string type;
    for (ValueId const result : operation.results) {
      name += Cat(name.empty() ? "" : ", ", Text(result));
      type += Cat(type.empty() ? "" : ", ", TypeOf(graph.Get(result)));
    }
    name_width = std::max(name_width, name.size());
    type_width = std::max(type_width, type.size());
    names.push_back(std::move(name));
    types.push_back(std::move(type));
  }
  for (size_t i = 0; i < graph.operations.size(); ++i) {
    const Operation& operation = graph.operations[i];
    std::string text = Cat(indent, names[i], ":", std::string(name_width - names[i].size() + 1, ' '), types[i],
                           std::string(type_width - types[i].size(), ' '), " = ", Name(operation.op),
                           Operands(graph, operation), std::visit(Attributes(), operation.op));
    lines.push_back({.text = std::move(text), .origin = operation.origin});
    if (const Graph* body = BodyOf(operation.op)) {
      AppendLines(*body, Cat(indent, "    "), lines);
      lines.push_back({.text = Cat(indent, "}"), .origin = ""});
    }
  }
  std::string text = Cat(indent, "return");
  for (size_t i = 0; i < graph.outputs.size(); ++i) text += Cat(i > 0 ? ", " : " ", Text(graph.outputs[i]));
  lines.push_back({.text = std::move(text), .origin = ""});
}

}  // namespace

std::string Print(const Graph& graph) {
  std::vector<Line> lines;
  for (const Guard& guard : graph.guards) {
    const std::string_view test = guard.test == Guard::Test::Zero ? " == 0" : " >= 0";
    lines.push_back({.text = Cat("guard ", Text(guard.value), test), .origin = guard.text});
  }
  AppendLines(graph, "", lines);
  size_t width = 0;
  for (const Line& line : lines) {
    if (line.text.size() <= kMaxAligned && !line.origin.empty()) width = std::max(width, line.text.size());
  }
  std::string text;
  for (const Line& line : lines) {
    text += line.text;
    if (!line.origin.empty()) {
      text += Cat(std::string(line.text.size() < width ? width - line.text.size() : 0, ' '), "  # ", line.origin);
    }
    text += "\n";
  }
  return text;
}

}  // namespace strata::core
