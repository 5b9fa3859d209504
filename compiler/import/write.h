// A function of the graph as text: pipes for chains, `let` where a value is used twice.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "compiler/import/graph.h"

namespace strata::import {

// Names that are free, as Strata writes names.
class Names {
 public:
  enum class Kind {
    Variable,  // must not hide a layer or a function
    Label,     // of a result, which nothing refers to
  };
  // A free name like `wanted` ("conv2d/Relu:0" -> "conv2d_Relu_0"), with a number where it is taken.
  std::string Take(const std::string& wanted, Kind kind = Kind::Variable);

 private:
  std::set<std::string> taken_;
};

// "conv2_block1_out" -> "Conv2Block1Out"
std::string CamelCase(const std::string& name);

struct WriteOptions {
  bool is_model = false;
  std::string name;  // of the model or block
  std::string doc;
  bool keeps_names = true;                           // `name=` of layers that their author named
  const std::vector<std::string>* blocks = nullptr;  // what nested functions are called, by their index
};

// `model name(image: f32[...]) -> (probs: f32[...]) { ... }`. All values have their types. Layout is the formatter's.
std::string WriteFunction(const Function& function, const WriteOptions& options);

// A call's layer as a step of a pipe, without a name: `Conv2D(64, 3)`.
std::string WriteCall(const Function& function, const Node& node, const std::vector<std::string>& blocks);

// Whether the layer belongs to the one before it, on whose line it stands: an activation, a normalization.
bool ContinuesLine(const Layer& layer);

// A program that tells the types of the function's values: statement `let t5 = ... |> Identity()` has that of value 5.
// What it declares to return is wrong.
std::string WriteDraft(const Function& function, const std::vector<std::string>& blocks);

// Role names for the axes of a value from the layers that read it: {"height", "width", "channels"}; none where no layer
// asks for any.
std::vector<std::string> WantedNames(const Graph& graph, const Function& function, int value, size_t rank);

// Whether only layers that look up integers read the value.
bool WantsIntegers(const Graph& graph, const Function& function, int value);

}  // namespace strata::import
