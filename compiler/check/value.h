// What a name or an expression stands for while a program is elaborated: a number, a tensor, a layer ...
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "compiler/check/formula.h"
#include "compiler/core/graph.h"
#include "compiler/layers/layer.h"
#include "compiler/shape/dim.h"
#include "compiler/source/source.h"
#include "compiler/syntax/ast.h"

namespace strata::check {

struct FileContext;
struct Value;

// The value of what was wrong and has been reported. It silences what follows from it.
struct Failed {};
struct None {};
// A tuple or list, of constants or of tensors.
struct Sequence {
  std::vector<Value> items;
};
struct Tensor {
  int index;  // into Network::values
};
// A layer value: one instance, however often it is applied.
struct Layer {
  int index;  // into Network::layers
};
struct LayerClass {
  const LayerDef* def;
};
struct Step;
// Layers that wait for their tensors.
struct Composition {
  enum class Form {
    Chain,   // `Dense(3) |> ReLU()`, `repeat 3 { Dense(3) }`: each gets what the one before gives
    Branch,  // `branch { Dense(3), ReLU() }`: each gets the same, the results are a tuple
  };
  Form form = Form::Chain;
  std::vector<Step> steps;
};
// A block, or a model used like one, with its configuration: one instance, however often it is applied.
struct Block {
  int index;  // into Elaboration::blocks
};
// A model or block, and the file it is declared in.
struct FunctionName {
  const ast::Function* function;
  FileContext* file;
};
// `const MEAN: f32[channels: 3] = [...]`
struct TypedConstant {
  TensorType type;
  std::shared_ptr<const core::Literal> literal;
  std::string name;
};
// A function of keras.ops: `exp`, `sum`.
struct Operation {
  const LayerDef* def;
};
// A function with its arguments: `sum(axis=time)` as a step of a pipe waits for its first tensor.
struct FunctionCall {
  const LayerDef* def;
  Args args;
  std::vector<std::vector<Value>> tensors;  // of each tensor parameter; none where a number stands for it
};
// `rename(time=steps)` as a step of a pipe.
struct RenameCall {
  const ast::Call* call;
};
enum class Builtin { Ceil, Floor, Max, Min, Rename };
// `keras`, `keras.layers` or `layers`: a prefix without meaning.
struct Module {};

struct Value {
  std::variant<Failed, None, bool, Dim, double, std::string, Formula, Sequence, Tensor,
               std::shared_ptr<const TypedConstant>, Layer, LayerClass, std::shared_ptr<const Composition>, Block,
               FunctionName, Operation, std::shared_ptr<const FunctionCall>, RenameCall, Builtin, Module>
      data;
  Span span;         // the expression
  std::string axis;  // the name before the colon, in a list
  Span axis_span = {};
  std::string keyword = {};  // the call argument it is given for, `initial_state=`; "": given by position

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&data);
  }
  bool IsFailed() const { return As<Failed>() != nullptr; }
  // Can be applied to a tensor.
  bool IsLayer() const {
    return As<Layer>() != nullptr || As<std::shared_ptr<const Composition>>() != nullptr || As<Block>() != nullptr ||
           As<std::shared_ptr<const FunctionCall>>() != nullptr || As<RenameCall>() != nullptr;
  }
};

// What stands for an expression that was wrong.
inline Value FailedAt(Span span) { return {Failed{}, span, ""}; }

// Where a layer is applied.
struct Site {
  Span name;      // the layer's name there, or the expression that stands for the layer
  Span call;      // the layer's whole call
  Span pipe;      // the `|>` before it; invalid where it is applied by parentheses
  Span argument;  // its one argument in parentheses; invalid otherwise
};

struct Step {
  Value layer;
  Site site;
  const ast::TypeExpr* ascription = nullptr;  // null: none
  std::vector<Value> operands = {};           // tensors of its own, after those that reach it: `Add()(skip)`
};

// With its article, for messages: "the integer 3", "the string 'same'", "a tensor".
std::string Describe(const Value& value);
// Likewise after its own text, which is not repeated: "an integer" for the literal `3`.
std::string DescribeBeside(std::string_view text, const Value& value);

// As layers see it; nothing where it is no compile-time constant.
std::optional<ConfigValue> ToConfig(const Value& value);

}  // namespace strata::check
