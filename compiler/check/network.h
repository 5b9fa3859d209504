// The checked program: layers with their arguments and typed tensors. A Network that exists is valid; nothing after
// `check` reports a user's mistake, weights files and the linker aside.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/core/graph.h"
#include "compiler/layers/layer.h"
#include "compiler/shape/condition.h"
#include "compiler/shape/shape.h"

namespace strata {

// A tensor: an input, a constant, or an output of a node.
struct NetworkValue {
  TensorType type;
  Span span;      // what made it: the input's declaration, the constant or the layer's call
  int node = -1;  // index into Network::nodes; -1: an input or a constant
  std::shared_ptr<const core::Literal> constant = nullptr;  // null: none
  // How many of its leading axes its mask covers; 0: it has none. Layers of several tensors see another one behind what took
  // a mask (TakesMasks): as far as none has taken it, it covers `joint_mask_axes`.
  size_t mask_axes = 0;
  size_t joint_mask_axes = 0;
};

struct NetworkWeight {
  std::string path;    // "conv2d/kernel"
  std::string suffix;  // below the layer's name: "kernel"
  int layer;
  const WeightDef* def;
  Shape shape;
};

// A layer instance. Applied twice, its weights are shared.
struct NetworkLayer {
  const LayerDef* def;
  std::string name;  // Keras' instance name: "conv2d_1"
  Args args;
  Span name_span;  // the class name as written
  Span call_span;
  std::vector<int> weights;  // indices into Network::weights; empty until it is first applied
};

// One application of a layer.
struct NetworkNode {
  int layer;
  std::vector<int> inputs;  // indices into Network::values
  std::vector<int> outputs;
  std::vector<size_t> counts = {};     // of inputs, for each tensor parameter (InferContext::counts)
  std::optional<Args> call_args = {};  // of LayerDef::call_params, where the layer has any
};

struct NetworkInput {
  std::string name;
  int value;
  Span span;
};

struct NetworkOutput {
  std::string name;  // "output", "output_1", ... where the program gives none
  TensorType type;   // as declared: names and provisional names settled
  int value;
  Span span;
};

// `weights digits from "digits.safetensors" { path = "name" as [order] }`
struct WeightsSource {
  struct Mapping {
    std::string path;
    std::string source;
    std::vector<std::string> order;
    Span span;
    Span path_span = {};
    Span source_span = {};  // of the string
    Span order_span = {};   // of `as [order]`
  };
  std::string path;  // relative to the working directory, that of the model file taken into account
  Span span;         // of the path
  std::vector<Mapping> mappings;
};

// A condition on the symbols that the compiled model tests on entry.
struct NetworkGuard {
  std::vector<Condition> any_of;  // at least one holds
  std::string text;               // "Conv2D at unet.strata:7 needs H >= 3"
  Span span;
  bool is_stated = false;  // by the model's `where`
};

struct Network {
  std::string name;
  std::string doc;
  std::string file;                  // the model file as given on the command line
  std::vector<std::string> symbols;  // in order of first use; an input axis binds each
  std::vector<NetworkGuard> guards;  // in the order in which they are tested
  std::vector<NetworkValue> values;
  std::vector<NetworkInput> inputs;
  std::vector<NetworkOutput> outputs;
  std::vector<NetworkLayer> layers;
  std::vector<NetworkNode> nodes;  // in an order in which each comes after what it reads
  std::vector<NetworkWeight> weights;
  std::optional<WeightsSource> weights_source;
  std::optional<Span> signature;       // the model's name where it is declared
  std::shared_ptr<const Facts> facts;  // what the guards leave the symbols to be; null: there are no symbols
};

// One node a line: what `--emit=network` prints.
std::string Print(const Network& network);

// The core graph of the whole network: each layer's expansion, inputs in order, weights by path.
core::Graph Expand(const Network& network);

}  // namespace strata
