#include "compiler/check/summary.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "compiler/layers/aliases.h"

namespace strata {
namespace {

int64_t Elements(const NetworkWeight& weight) { return *ElementCount(weight.shape).Constant(); }

// Every argument that is a layer.
std::vector<const LayerArg*> WrappedLayers(const NetworkLayer& layer) {
  std::vector<const LayerArg*> wrapped;
  for (const Param& param : layer.def->params) {
    if (const LayerArg* inner = layer.args.Get(param.name).AsLayer()) wrapped.push_back(inner);
  }
  return wrapped;
}

// Keras' class, which for one layer is not what programs write: GroupedQueryAttention.
std::string ClassOf(const LayerDef& def) {
  const auto is_class = [&](const Alias& alias) {
    return alias.main == def.name && SnakeCase(alias.name) == def.instance_name;
  };
  const auto found = std::ranges::find_if(AllAliases(), is_class);
  return std::string(found == AllAliases().end() ? def.name : found->name);
}

bool IsTrainable(const Args& args) { return args.Bool("trainable"); }

// The layers among a layer's arguments: a wrapped one, the cells of a list.
void AddLayers(const ConfigValue& value, std::vector<const LayerArg*>& layers) {
  if (const LayerArg* layer = value.AsLayer()) layers.push_back(layer);
  if (const ConfigValue::List* list = value.AsList()) {
    for (const ConfigValue& entry : *list) AddLayers(entry, layers);
  }
}

// The arguments of the innermost layer that has the weight `path`, which begins below the layer with `args`. A component
// of it is the name of an inner layer, with `forward_` or `backward_` before it where there are two of it.
const Args& MakerOf(const Args& args, std::string_view path) {
  std::vector<const LayerArg*> layers;
  for (const Param& param : args.params()) AddLayers(args.Get(param.name), layers);
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    for (const LayerArg* inner : layers) {
      if (name == inner->name || name == "forward_" + inner->name || name == "backward_" + inner->name) {
        return MakerOf(inner->args, path);
      }
    }
  }
  return args;
}

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

  SummaryTable Summarize() const {
    SummaryTable table{.name = network_.name, .is_chain = IsChain()};
    for (const size_t operation : OperationsInOrder()) {
      operation < network_.inputs.size() ? AddInput(operation, table)
                                         : AddLayer(operation - network_.inputs.size(), table);
    }
    for (const NetworkWeight& weight : network_.weights) {
      (IsTrainable(weight) ? table.trainable : table.fixed) += Elements(weight);
    }
    return table;
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

  void AddInput(size_t index, SummaryTable& table) const {
    const NetworkInput& input = network_.inputs[index];
    table.rows.push_back({.name = input.name,
                          .type = "InputLayer",
                          .outputs = {&network_.values[static_cast<size_t>(input.value)].type.shape}});
  }

  void AddLayer(size_t index, SummaryTable& table) const {
    const NetworkLayer& layer = network_.layers[index];
    SummaryRow row{.name = layer.name, .type = ClassOf(*layer.def), .connections = Connections(index)};
    for (const int output : network_.nodes[applications_[index].back()].outputs) {
      row.outputs.push_back(&network_.values[static_cast<size_t>(output)].type.shape);
    }
    for (const int weight : layer.weights) row.weights.push_back(&network_.weights[static_cast<size_t>(weight)]);
    for (const NetworkWeight* weight : row.weights) row.parameters += Elements(*weight);
    if (!row.weights.empty()) row.trainable = strata::IsTrainable(layer.args);
    AddWrapped(layer, row);
    table.rows.push_back(std::move(row));
  }

  // The layers that a wrapper holds, and its own weights divided among them: the first component of a path is the name
  // of one, with `forward_` or `backward_` before it where there are two of it.
  void AddWrapped(const NetworkLayer& layer, SummaryRow& row) const {
    for (const LayerArg* inner : WrappedLayers(layer)) {
      const size_t before = row.wrapped.size();
      for (const NetworkWeight* weight : row.weights) {
        const std::string name = weight->suffix.substr(0, weight->suffix.find('/'));
        if (!name.ends_with(inner->name)) continue;
        if (row.wrapped.size() == before || row.wrapped.back().name != name) {
          row.wrapped.push_back({.name = name, .type = ClassOf(*inner->def)});
          row.wrapped.back().trainable = strata::IsTrainable(inner->args);
        }
        row.wrapped.back().parameters += Elements(*weight);
        row.wrapped.back().weights.push_back(weight);
      }
      if (row.wrapped.size() > before) continue;
      row.wrapped.push_back({.name = inner->name, .type = ClassOf(*inner->def)});
    }
  }

  // The layer that made a weight says it, whatever those around it say, as in Keras.
  bool IsTrainable(const NetworkWeight& weight) const {
    return weight.def->trainable &&
           strata::IsTrainable(MakerOf(network_.layers[static_cast<size_t>(weight.layer)].args, weight.suffix));
  }

  // What each application reads.
  std::vector<SummaryRow::Connection> Connections(size_t layer) const {
    std::vector<SummaryRow::Connection> connections;
    for (const size_t node : applications_[layer]) {
      for (const int input : node_inputs_[node]) {
        const std::optional<size_t> source = NodeOf(input);
        if (!source) {
          connections.push_back({network_.inputs[InputOf(input)].name, 0, 0});
          continue;
        }
        const std::vector<size_t>& applications = applications_[LayerOf(*source)];
        const std::vector<int>& results = network_.nodes[*source].outputs;
        connections.push_back({network_.layers[LayerOf(*source)].name,
                               static_cast<size_t>(std::ranges::find(applications, *source) - applications.begin()),
                               static_cast<size_t>(std::ranges::find(results, input) - results.begin())});
      }
    }
    return connections;
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

SummaryTable Summarize(const Network& network) { return Summarizer(network).Summarize(); }

}  // namespace strata
