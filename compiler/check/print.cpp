#include "compiler/check/network.h"

namespace strata {
namespace {

std::string Number(int value) { return "%" + std::to_string(value); }

// Its mask is what it is over, the leading axes.
std::string Typed(const NetworkValue& value) {
  std::string text = ToString(value.type);
  if (value.mask_axes == 0) return text;
  const auto begin = value.type.shape.begin();
  return text + " mask " + ToString(Shape(begin, begin + static_cast<std::ptrdiff_t>(value.mask_axes)));
}

std::string List(const std::vector<int>& values) {
  std::string text;
  for (const int value : values) text += (text.empty() ? "" : ", ") + Number(value);
  return text;
}

// The tensors a node reads, as a call takes them: "%4, initial_state=(%5, %6), mask=%1".
std::string Operands(const NetworkNode& node, const LayerDef& def) {
  if (def.call_params.empty()) return List(node.inputs);
  std::string text;
  size_t begin = 0;
  const std::vector<const Param*> params = def.TensorParams();
  for (size_t i = 0; i < params.size(); ++i) {
    const auto first = node.inputs.begin() + static_cast<std::ptrdiff_t>(begin);
    const std::vector<int> tensors(first, first + static_cast<std::ptrdiff_t>(node.counts[i]));
    begin += node.counts[i];
    if (tensors.empty()) continue;
    const bool is_one = tensors.size() == 1;
    text += text.empty() ? "" : ", ";
    text += i == 0 ? List(tensors)
                   : std::string(params[i]->name) + "=" + (is_one ? "" : "(") + List(tensors) + (is_one ? "" : ")");
  }
  return text;
}

}  // namespace

// model digits
//   input  %0 image: f32[batch, height: 8, width: 8, channels: 1]
//   %1: f32[batch, height: 8, width: 8, channels: 16] = conv2d: Conv2D(%0) filters=16, kernel_size=(3, 3)
//   %2: f32[batch, time, features: 8] mask [batch, time] = embedding: Embedding(%1) input_dim=9, output_dim=8, mask_zero=True
//   weight conv2d/kernel: [height: 3, width: 3, channels: 1, filters: 16]
//   output %4 probs: f32[batch, classes: 10]
std::string Print(const Network& network) {
  std::string text = "model " + network.name + "\n";
  for (const NetworkInput& input : network.inputs) {
    const TensorType& type = network.values[static_cast<size_t>(input.value)].type;
    text += "  input " + Number(input.value) + " " + input.name + ": " + ToString(type) + "\n";
  }
  for (const NetworkNode& node : network.nodes) {
    const NetworkLayer& layer = network.layers[static_cast<size_t>(node.layer)];
    std::string results;
    for (const int output : node.outputs) {
      results +=
          (results.empty() ? "" : ", ") + Number(output) + ": " + Typed(network.values[static_cast<size_t>(output)]);
    }
    text += "  " + results + " = " + layer.name + ": " + std::string(layer.def->name) + "(" +
            Operands(node, *layer.def) + ")";
    std::string arguments;
    const auto add = [&](const Args& args) {
      for (const Param& param : args.params()) {
        const bool is_shown = args.Given(param.name) && param.type != ParamType::Training && param.name != "name";
        const bool is_tensor = TakesTensors(param) && args.Get(param.name).IsNone();
        if (!is_shown || is_tensor) continue;
        arguments += (arguments.empty() ? " " : ", ") + std::string(param.name) + "=" + ToString(args.Get(param.name));
      }
    };
    add(layer.args);
    if (node.call_args) add(*node.call_args);
    text += arguments + "\n";
  }
  for (const NetworkWeight& weight : network.weights)
    text += "  weight " + weight.path + ": " + ToString(weight.shape) + "\n";
  for (const NetworkOutput& output : network.outputs) {
    text += "  output " + Number(output.value) + " " + output.name + ": " + ToString(output.type) + "\n";
  }
  return text;
}

}  // namespace strata
