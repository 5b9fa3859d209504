#include "compiler/check/network.h"

namespace strata {
namespace {

std::string Number(int value) { return "%" + std::to_string(value); }

std::string List(const std::vector<int>& values) {
  std::string text;
  for (const int value : values) text += (text.empty() ? "" : ", ") + Number(value);
  return text;
}

}  // namespace

// model digits
//   input  %0 image: f32[batch, height: 8, width: 8, channels: 1]
//   %1: f32[batch, height: 8, width: 8, channels: 16] = conv2d: Conv2D(%0) filters=16, kernel_size=(3, 3)
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
      const TensorType& type = network.values[static_cast<size_t>(output)].type;
      results += (results.empty() ? "" : ", ") + Number(output) + ": " + ToString(type);
    }
    text += "  " + results + " = " + layer.name + ": " + std::string(layer.def->name) + "(" + List(node.inputs) + ")";
    std::string arguments;
    for (const Param& param : layer.def->params) {
      const bool is_shown = layer.args.Given(param.name) && param.type != ParamType::Training && param.name != "name";
      const bool is_tensor = TakesTensors(param) && layer.args.Get(param.name).IsNone();
      if (!is_shown || is_tensor) continue;
      arguments +=
          (arguments.empty() ? " " : ", ") + std::string(param.name) + "=" + ToString(layer.args.Get(param.name));
    }
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
