// model.summary() of Keras 3.15 for a functional model at line length 79, as it prints where there is no terminal. The
// table is drawn by rich there; its column widths at this length do not depend on the contents.
#include <algorithm>
#include <array>
#include <cstdio>
#include <tuple>
#include <utility>

#include "compiler/check/network.h"

namespace strata {
namespace {

// Text widths of the columns.
const std::vector<size_t> kChainWidths = {32, 24, 13};
const std::vector<size_t> kGraphWidths = {20, 18, 10, 18};
constexpr size_t kParametersColumn = 2;

// The characters of a line of the frame: left end, filling, between columns, right end.
using Frame = std::array<std::string_view, 4>;
constexpr Frame kTop = {"┏", "━", "┳", "┓"};
constexpr Frame kUnderHeader = {"┡", "━", "╇", "┩"};
constexpr Frame kBetweenRows = {"├", "─", "┼", "┤"};
constexpr Frame kBottom = {"└", "─", "┴", "┘"};

// "1,234,567"
std::string Thousands(int64_t number) {
  std::string text = std::to_string(number);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
  return text;
}

// keras.utils.summary_utils.readable_memory_size
std::string ReadableBytes(int64_t bytes) {
  auto size = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* larger : {"KB", "MB", "GB", "TB", "PB"}) {
    if (size < 1024) break;
    size /= 1024;
    unit = larger;
  }
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.2f %s", size, unit);
  return buffer;
}

std::string ShapeText(const Shape& shape) {
  std::string text;
  for (const Axis& axis : shape) {
    text += (text.empty() ? "" : ", ") + (axis.size.Constant() ? axis.size.ToString() : std::string("None"));
  }
  return "(" + text + (shape.size() == 1 ? ",)" : ")");
}

// A cell's width in characters; all text but the ellipsis is ASCII here.
std::string Cropped(std::string line, size_t width) {
  while (!line.empty() && line.back() == ' ') line.pop_back();
  if (line.size() <= width) return line + std::string(width - line.size(), ' ');
  return line.substr(0, width - 1) + "…";
}

// Breaks at blanks; what is still too long is cut off at the end of its line (rich._wrap.divide_line without folding).
std::vector<std::string> Wrap(const std::string& text, size_t width) {
  std::vector<std::string> lines = {""};
  for (size_t begin = 0; begin < text.size();) {
    const size_t blank = text.find(' ', begin);
    const size_t word_end = blank == std::string::npos ? text.size() : blank;
    const size_t end = blank == std::string::npos ? text.size() : blank + 1;
    if (begin > 0 && lines.back().size() + (word_end - begin) > width) lines.emplace_back();
    lines.back() += text.substr(begin, end - begin);
    begin = end;
  }
  return lines;
}

std::string RightAligned(const std::string& cell, size_t width) {
  const size_t blanks = cell.size() - std::min(cell.size(), cell.find_last_not_of(' ') + 1);
  return cell.size() == width ? std::string(blanks, ' ') + cell.substr(0, cell.size() - blanks) : cell;
}

using Row = std::vector<std::string>;

class Table {
 public:
  explicit Table(std::vector<size_t> widths) : widths_(std::move(widths)) {}

  void Header(const Row& row) {
    Line(kTop);
    Cells(row, "┃");
    Line(kUnderHeader);
  }
  void Add(const Row& row) {
    if (has_rows_) Line(kBetweenRows);
    has_rows_ = true;
    Cells(row, "│");
  }
  std::string Finish() {
    Line(kBottom);
    return std::move(text_);
  }

 private:
  void Line(const Frame& frame) {
    for (size_t c = 0; c < widths_.size(); ++c) {
      text_ += c == 0 ? frame[0] : frame[2];
      for (size_t i = 0; i < widths_[c] + 2; ++i) text_ += frame[1];
    }
    text_ += frame[3];
    text_ += "\n";
  }

  void Cells(const Row& row, std::string_view bar) {
    std::vector<std::vector<std::string>> cells;
    size_t height = 0;
    for (size_t c = 0; c < row.size(); ++c) {
      cells.push_back(Wrap(row[c], widths_[c]));
      height = std::max(height, cells.back().size());
    }
    for (size_t line = 0; line < height; ++line) {
      for (size_t c = 0; c < row.size(); ++c) {
        std::string cell = Cropped(line < cells[c].size() ? cells[c][line] : "", widths_[c]);
        if (c == kParametersColumn) cell = RightAligned(cell, widths_[c]);
        text_ += std::string(bar) + " " + cell + " ";
      }
      text_ += bar;
      text_ += "\n";
    }
  }

  std::vector<size_t> widths_;
  std::string text_;
  bool has_rows_ = false;
};

// Keras' Functional model: an operation for each input and each layer, ordered by its distance from the outputs.
class Summarizer {
 public:
  explicit Summarizer(const Network& network) : network_(network) {
    // The operations: first the inputs, then the layers. Likewise the nodes: one for each input, one for each application.
    operation_count_ = network.inputs.size() + network.layers.size();
    applications_.resize(network.layers.size());
    for (size_t n = 0; n < network.nodes.size(); ++n) applications_[LayerOf(n)].push_back(n);
    input_of_value_.assign(network.values.size(), -1);
    for (size_t i = 0; i < network.inputs.size(); ++i) {
      input_of_value_[static_cast<size_t>(network.inputs[i].value)] = static_cast<int>(i);
    }
    // Constants are no operations to Keras.
    for (const NetworkNode& node : network.nodes) {
      std::vector<int>& inputs = node_inputs_.emplace_back();
      for (const int input : node.inputs) {
        if (network.values[static_cast<size_t>(input)].constant == nullptr) inputs.push_back(input);
      }
    }
    Traverse();
    FindDepths();
  }

  std::string Summarize() const {
    const bool is_chain = IsChain();
    Table table(is_chain ? kChainWidths : kGraphWidths);
    Row header = {"Layer (type)", "Output Shape", "Param #"};
    if (!is_chain) header.push_back("Connected to");
    table.Header(header);
    for (const size_t operation : OperationsInOrder()) table.Add(RowOf(operation, is_chain));
    int64_t trainable = 0, fixed = 0;
    for (const NetworkWeight& weight : network_.weights) {
      (weight.def->trainable ? trainable : fixed) += *ElementCount(weight.shape).Constant();
    }
    return "Model: \"" + network_.name + "\"\n" + table.Finish() + Total("Total", trainable + fixed) +
           Total("Trainable", trainable) + Total("Non-trainable", fixed);
  }

 private:
  size_t LayerOf(size_t node) const { return static_cast<size_t>(network_.nodes[node].layer); }
  size_t OperationOfNode(size_t node) const { return network_.inputs.size() + LayerOf(node); }
  // The node that makes a value, or nothing for an input.
  std::optional<size_t> NodeOf(int value) const {
    const int node = network_.values[static_cast<size_t>(value)].node;
    if (node < 0) return std::nullopt;
    return static_cast<size_t>(node);
  }
  size_t InputOf(int value) const { return static_cast<size_t>(input_of_value_[static_cast<size_t>(value)]); }

  // Depth first from the outputs. An operation's number is that of its first visit; nodes finish after what they read.
  void Traverse() {
    traversal_.assign(operation_count_, -1);
    std::vector<bool> is_finished(network_.nodes.size()), is_entered(network_.nodes.size());
    int next = 0;
    struct Visit {
      size_t node;
      size_t next_input = 0;
    };
    std::vector<Visit> stack;
    const auto enter = [&](int value) {
      const std::optional<size_t> node = NodeOf(value);
      const size_t operation = node ? OperationOfNode(*node) : InputOf(value);
      if (node && is_entered[*node]) return;
      if (traversal_[operation] < 0) traversal_[operation] = next++;
      if (!node) return;
      is_entered[*node] = true;
      stack.push_back({*node});
    };
    for (const NetworkOutput& output : network_.outputs) {
      enter(output.value);
      while (!stack.empty()) {
        Visit& top = stack.back();
        const std::vector<int>& inputs = node_inputs_[top.node];
        if (top.next_input < inputs.size()) {
          enter(inputs[top.next_input++]);
        } else {
          finished_.push_back(top.node);
          stack.pop_back();
        }
      }
    }
  }

  // The distance from the outputs; an operation applied several times has its largest.
  void FindDepths() {
    node_depths_.assign(network_.nodes.size(), 0);
    depths_.assign(operation_count_, 0);
    for (size_t i = finished_.size(); i-- > 0;) {
      const size_t node = finished_[i];
      int& depth = depths_[OperationOfNode(node)];
      depth = std::max(depth, node_depths_[node]);
      node_depths_[node] = depth;
      for (const int input : node_inputs_[node]) {
        const std::optional<size_t> source = NodeOf(input);
        int& source_depth = source ? node_depths_[*source] : depths_[InputOf(input)];
        source_depth = std::max(source_depth, depth + 1);
      }
    }
  }

  std::vector<size_t> OperationsInOrder() const {
    std::vector<size_t> order(operation_count_);
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, [&](size_t a, size_t b) {
      return std::tuple(-depths_[a], traversal_[a], a) < std::tuple(-depths_[b], traversal_[b], b);
    });
    return order;
  }

  // One node at each depth, each with one input, no layer applied twice.
  bool IsChain() const {
    if (network_.inputs.size() != 1) return false;
    std::vector<int> depths = {depths_[0]};
    for (size_t n = 0; n < network_.nodes.size(); ++n) {
      if (node_inputs_[n].size() != 1 || applications_[LayerOf(n)].size() != 1) return false;
      depths.push_back(node_depths_[n]);
    }
    std::ranges::sort(depths);
    return std::ranges::adjacent_find(depths) == depths.end();
  }

  Row RowOf(size_t operation, bool is_chain) const {
    Row row;
    if (operation < network_.inputs.size()) {
      const NetworkInput& input = network_.inputs[operation];
      row = {input.name + " (InputLayer)", ShapeText(network_.values[static_cast<size_t>(input.value)].type.shape),
             "0"};
      if (!is_chain) row.push_back("-");
      return row;
    }
    const size_t index = operation - network_.inputs.size();
    const NetworkLayer& layer = network_.layers[index];
    std::string shapes;
    const std::vector<int>& outputs = network_.nodes[applications_[index].back()].outputs;
    for (const int output : outputs) {
      shapes += (shapes.empty() ? "" : ", ") + ShapeText(network_.values[static_cast<size_t>(output)].type.shape);
    }
    int64_t count = 0;
    for (const int weight : layer.weights) {
      count += *ElementCount(network_.weights[static_cast<size_t>(weight)].shape).Constant();
    }
    row = {layer.name + " (" + std::string(layer.def->name) + ")", outputs.size() == 1 ? shapes : "[" + shapes + "]",
           Thousands(count)};
    if (!is_chain) row.push_back(Connections(index));
    return row;
  }

  // "conv2d[0][0], add[0][0]": what each application reads, its application number and its result number.
  std::string Connections(size_t layer) const {
    std::string text;
    for (const size_t node : applications_[layer]) {
      for (const int input : node_inputs_[node]) {
        if (!text.empty()) text += ", ";
        const std::optional<size_t> source = NodeOf(input);
        if (!source) {
          text += network_.inputs[InputOf(input)].name + "[0][0]";
          continue;
        }
        const std::vector<size_t>& applications = applications_[LayerOf(*source)];
        const std::vector<int>& results = network_.nodes[*source].outputs;
        text += network_.layers[LayerOf(*source)].name + "[" +
                std::to_string(std::ranges::find(applications, *source) - applications.begin()) + "][" +
                std::to_string(std::ranges::find(results, input) - results.begin()) + "]";
      }
    }
    return text;
  }

  static std::string Total(std::string_view what, int64_t count) {
    return " " + std::string(what) + " params: " + Thousands(count) + " (" + ReadableBytes(count * Bytes(DType::F32)) +
           ")\n";
  }

  const Network& network_;
  size_t operation_count_ = 0;
  std::vector<std::vector<int>> node_inputs_;      // of each node, without constants
  std::vector<std::vector<size_t>> applications_;  // of each layer, in order
  std::vector<int> input_of_value_;                // -1: not an input
  std::vector<int> traversal_;                     // of each operation; -1: an input that is never read
  std::vector<int> depths_;                        // of each operation
  std::vector<int> node_depths_;
  std::vector<size_t> finished_;  // nodes, each after what it reads
};

}  // namespace

std::string Summary(const Network& network) { return Summarizer(network).Summarize(); }

}  // namespace strata
