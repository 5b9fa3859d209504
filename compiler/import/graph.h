// A model of Keras as a graph, whichever version wrote it down and however: layers with their configuration, and their
// calls. Nested models are functions of their own.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "compiler/import/arguments.h"
#include "compiler/import/keras_model.h"
#include "compiler/layers/layer.h"
#include "compiler/shape/shape.h"

namespace strata::import {

// One axis of `x[:, 0, 1:3]`: an index, or a range whose open ends are nothing.
struct SliceEntry {
  bool is_index = false;
  std::optional<int64_t> begin = {};
  std::optional<int64_t> end = {};
};

// What a call takes in one place: tensors, or something written down as it is (`True`, `2.0`).
struct CallArgument {
  std::string keyword;                     // "": by position
  std::vector<int> values;                 // indices into Function::values
  bool is_list = false;                    // `(h, c)` even where it is one
  std::string text = {};                   // where there are no tensors
  std::optional<ConfigValue> config = {};  // what `text` says
  std::vector<SliceEntry> slices = {};     // of the axes from the first on
};

struct Layer {
  const LayerDef* def = nullptr;  // null: a nested model
  int function = -1;              // index into Graph::functions; -1: a layer
  std::string class_name;
  std::string name;                 // Keras' name of the instance
  std::vector<Argument> arguments;  // that differ from their defaults
  std::string text = {};            // of the whole call, where it stands for several layers: `repeat 3 { ReLU() }`
};

// One call of a layer.
struct Node {
  int layer = -1;
  std::vector<CallArgument> arguments;
  std::vector<int> outputs;  // indices into Function::values
  bool reads_mask = false;   // one that travels with its tensor

  std::vector<int> Inputs() const;
};

struct Value {
  int node = -1;  // that makes it; -1: an input
  TensorType type = {};
  std::vector<std::pair<int, size_t>> uses = {};  // nodes, and which of their arguments; one entry for each use
  bool is_output = false;
};

struct Input {
  std::string name;
  int value = -1;
};

struct Output {
  std::string name;  // of the layer that makes it
  int value = -1;
};

// A parameter of a block that stands for several runs of layers.
struct ConfigEntry {
  std::string name;
  std::optional<int64_t> default_value = {};
  std::string_view type = "int";
};

// The model, one that is nested in it, or a block.
struct Function {
  std::string name;
  std::string class_name;  // "Sequential"
  std::vector<ConfigEntry> config = {};
  std::vector<Input> inputs;
  std::vector<Output> outputs;
  std::vector<Layer> layers;
  std::vector<Node> nodes;  // each after those that it reads
  std::vector<Value> values;
};

struct Graph {
  std::vector<Function> functions;  // nested ones before those that call them; the last one is the model
  int keras_major = 3;
};

// Reads the configuration. Reports every layer and option without an equal and returns nothing then.
std::optional<Graph> ReadGraph(const KerasModel& file, const std::string& path, Diagnostics& diagnostics);

// Drops the masks that calls are given though they travel with the tensor, and what only made them. False: there is none.
bool DropTravellingMasks(Graph& graph);

// Fills Value::node, uses and is_output from the nodes and outputs.
void CountUses(Function& function);

}  // namespace strata::import
