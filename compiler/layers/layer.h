// What a layer is: one entry of one table, from which the checker, the summary, the reference, the tests and the
// expansion into core operations all derive. Adding a layer is writing one LayerDef (docs/adding-a-layer.md).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "compiler/core/builder.h"
#include "compiler/shape/facts.h"
#include "compiler/shape/shape.h"
#include "compiler/source/diagnostics.h"

namespace strata {

struct LayerDef;
struct LayerArg;
struct AxisRoles;

// ---- Compile-time values ----

// An argument as written: Python's None, bool, integer (a Dim, so that sizes may be symbolic), float, string, or a list
// or tuple. A list's entry may carry an axis name (`[height: 7, width: -1]`); a bare axis name is a string.
struct ConfigValue {
  using List = std::vector<ConfigValue>;
  std::variant<std::monostate, bool, Dim, double, std::string, List, std::shared_ptr<const LayerArg>> data;
  std::string axis = {};  // the name before the colon, in a list
  Span span = {};
  Span axis_span = {};       // of that name
  std::string written = {};  // an argument as messages show it: `2` where `data` holds (2, 2); "": as `data` prints

  bool IsNone() const { return std::holds_alternative<std::monostate>(data); }
  const bool* AsBool() const { return std::get_if<bool>(&data); }
  const Dim* AsDim() const { return std::get_if<Dim>(&data); }
  const double* AsFloat() const { return std::get_if<double>(&data); }
  const std::string* AsString() const { return std::get_if<std::string>(&data); }
  const List* AsList() const { return std::get_if<List>(&data); }
  const LayerArg* AsLayer() const {
    const auto* layer = std::get_if<std::shared_ptr<const LayerArg>>(&data);
    return layer == nullptr ? nullptr : layer->get();
  }
};

// As Python would print it: `(2, 2)`, `'same'`, `None`.
std::string ToString(const ConfigValue& value);
// As the user wrote it.
std::string Written(const ConfigValue& value);

// ---- Parameters ----

// What a parameter accepts, and what its bound value then holds.
enum class ParamType {
  Int,         // Dim
  Float,       // double; an integer is taken too
  Numbers,     // a number, or lists of numbers nested up to `count` deep, all of one length -> double or List
  Bool,        // bool
  Choice,      // string, one of `choices`
  Sizes,       // an int, or a tuple of `count` ints -> List of `count` Dims
  Pads,        // ZeroPadding2D: int, (h, w) or ((top, bottom), (left, right)) -> List of `count` Lists of 2 Dims
  Activation,  // string, a name from activations.h or one of `choices`, or None -> string ("linear" for None)
  Axis,        // an int or an axis name -> Dim or string
  Axes,        // an Axis or a list of them -> List
  Shape,       // a list of ints, entries may be named -> List
  OpenShape,   // an int, or a list of ints and None -> List of Dims and None
  Text,        // any string
  Layer,       // a layer value, or a list as `count` and `choices` say -> LayerArg, or a List of them
  Tensor,      // a tensor; in functions and call_params only. Its value is None: the tensors are the context's inputs
  Tensors,     // a tensor, or a list or tuple of them; likewise
  Operand,     // a tensor, or a number, which then is the value (Dim, double or bool); in functions only
  Slices,      // what stands in the brackets of `x[time: 1..3, height: 0]` -> List of Dims (an index) and Lists of two
               // (a range, None where it is open), each with its axis
  Training,    // concerns training only: accepted in any form and ignored
};

struct Param {
  std::string_view name;
  ParamType type = ParamType::Int;
  std::string_view doc;
  std::optional<ConfigValue> default_value = {};  // none: required
  bool none_allowed = false;                      // None keeps its meaning "absent"
  std::optional<int64_t> min = {};                // for Int, Sizes and Pads
  int count = 0;  // how many Sizes and Pads there are, how deep Numbers nest; of Layer 1: a list of layers alone
  // Of Choice all there are, of Activation those beside the activations. Of Layer the class that holds a list where one
  // is given (StackedRNNCells); none: a layer alone.
  std::vector<std::string_view> choices = {};
  bool keyword_only = false;         // never bound by position
  bool entries_may_be_none = false;  // of Tensors: `[None, b]`; its value says which: a List of bools
};

bool TakesTensors(const Param& param);

// A layer's arguments after binding: every parameter has a value in the form its ParamType says.
class Args {
 public:
  Args() = default;
  Args(const LayerDef& def, std::vector<ConfigValue> values, std::vector<bool> given);
  // `params`: those of the layer, or its call_params.
  Args(const LayerDef& def, const std::vector<Param>& params, std::vector<ConfigValue> values, std::vector<bool> given)
      : def_(&def), params_(&params), values_(std::move(values)), given_(std::move(given)) {}

  const LayerDef& def() const { return *def_; }
  const std::vector<Param>& params() const { return *params_; }
  const ConfigValue& Get(std::string_view name) const;  // the parameter must exist
  bool Given(std::string_view name) const;              // written by the user
  Span SpanOf(std::string_view name) const { return Get(name).span; }

  // A constant integer; check reports symbolic ones for Int, Sizes, Pads, Axis and Axes before a layer sees them.
  int64_t Int(std::string_view name) const;
  double Float(std::string_view name) const;
  bool Bool(std::string_view name) const;
  const std::string& Text(std::string_view name) const;
  std::vector<int64_t> Ints(std::string_view name) const;
  const std::vector<ConfigValue>& List(std::string_view name) const;

 private:
  const LayerDef* def_ = nullptr;
  const std::vector<Param>* params_ = nullptr;
  std::vector<ConfigValue> values_;  // parallel to the parameters
  std::vector<bool> given_;
};

// A layer as an argument of another one: `TimeDistributed(Dense(3))`.
struct LayerArg {
  const LayerDef* def;
  Args args;
  std::string name;  // its instance name: "dense"
  Span name_span;    // `Dense`
  Span call_span;    // `Dense(3)`
};

// ---- Shapes ----

struct Operand {
  TensorType type;
  Span span;             // the layer that made it, or the name that stands for it
  std::string name;      // how messages call it: its own name or that of the layer it comes from, unquoted; may be ""
  Span type_span = {};   // where its type is written (`f32[batch, ...]`, to be edited); invalid for what a layer made
  Span use_span = {};    // where it is given to this layer: a name, a pipe, ...
  Span expression = {};  // all of it, to be edited: `x / 2` in `exp(x / 2)`; invalid where it comes through a pipe
  size_t mask_axes = 0;  // how many of its leading axes its mask covers; 0: it has none
};

// What became of an operand's axes on the way to it, for messages.
struct OperandPast {
  struct Change {
    Dim from;
    Dim to;
    Span span;  // the layer that changed the size
  };
  // A layer on the way, with its arguments where they are written.
  struct Maker {
    const Args* args;  // lives as long as the shape rule runs
    Span call_span;
    Span step = {};  // from the end of what is piped into it to its own, to be cut out; invalid where nothing is
  };
  struct Dropped {
    std::string name;  // "": it had none
    Span span;         // the layer that dropped the axis
    Maker layer;
  };
  std::vector<std::vector<Change>> changes;  // of each axis, the first change first
  std::vector<Dropped> dropped;              // the last one first
  std::vector<Maker> makers;                 // the layers along the first inputs, the last one first
};

// inputs[begin] ... inputs[end - 1]
struct OperandRange {
  size_t begin = 0;
  size_t end = 0;
  bool IsEmpty() const { return begin == end; }
};
OperandRange RangeOfParam(const LayerDef& def, const std::vector<size_t>& counts, std::string_view param);
// The tensors of the call argument `mask`, each the mask of the input at its place; empty where none is given.
OperandRange GivenMasks(const LayerDef& def, const std::vector<size_t>& counts);

// What a shape rule sees. A rule that finds a mistake reports it here and returns the type the layer was meant to give,
// with Dim::Unknown() for the sizes it cannot tell: an unknown size silences what only follows from it. Where it cannot
// even tell how many axes there are, it returns nothing. The gravity of what it reports says whether the type that it
// returns is beyond doubt (source/diagnostics.h).
struct InferContext {
  const Args& args;
  std::string_view class_name;  // "Conv2D"
  std::vector<Operand> inputs;
  Span name_span;  // the layer's name
  Span call_span;  // the whole `Conv2D(...)`
  Diagnostics& diagnostics;
  bool piped = false;  // `... |> Conv2D(...)`: a step can be inserted where call_span begins
  // How many of the inputs each tensor parameter took, in the order of LayerDef::TensorParams.
  std::vector<size_t> counts = {};
  // What call_params hold that are no tensors, and of which entries of a list there is none; null: the layer has no such.
  const Args* call_args = nullptr;
  std::function<OperandPast(size_t operand)> past = {};  // empty: nothing is known
  // What is known of symbolic sizes; null: nothing.
  const Facts* facts = nullptr;
  std::function<bool(const Condition&)> require = {};
  std::function<bool(Diagnostic&, const std::vector<Condition>&)> offer_where = {};

  // A condition on sizes without which the layer makes no sense: it is proven, or becomes a guard that the compiled model
  // tests on entry. False where it never holds: the rule reports that.
  bool Require(const Condition& condition) const {
    if (require) return require(condition);
    return Facts().Decide(condition) != Truth::False;
  }
  // Whether two sizes are proven equal. Sizes that only may be equal are a mistake (`where` can say that they are).
  bool AreEqual(const Dim& a, const Dim& b) const { return a == b || (facts != nullptr && facts->ProvesEqual(a, b)); }
  // The help that states the conditions in the model's `where`; false: there is none.
  bool OfferWhere(Diagnostic& diagnostic, const std::vector<Condition>& needed) const {
    return offer_where && offer_where(diagnostic, needed);
  }

  const TensorType& input() const { return inputs.front().type; }
  // Where in `inputs` the tensors of a tensor parameter stand.
  OperandRange RangeOf(std::string_view param) const { return RangeOfParam(args.def(), counts, param); }
  OperandPast PastOf(size_t operand) const { return past ? past(operand) : OperandPast{}; }
};

// ---- Masks ----

// Which positions of a tensor count is a second tensor that travels with it: of bools, over the leading axes of the tensor,
// `[batch, time]` beside `[batch, time, features]`. What a layer does with it is what Keras' `supports_masking`,
// `compute_mask` and the `mask` argument of `call` say. Where `mask=` is given among the call arguments, its tensors stand
// for the masks of the first inputs.
struct Mask {
  // How many leading axes the masks of the results cover, 0 for none; further results have none. Null: none has one.
  std::function<std::vector<size_t>(const InferContext&, const std::vector<TensorType>& results)> of_results = {};
  // What is masked changes the results.
  bool is_read = false;

  static Mask Drop() { return {}; }
  // The first result has the mask of the first operand.
  static Mask Pass();
  static Mask Consume() { return {.is_read = true}; }
};

// ---- Weights ----

struct WeightDef {
  std::string_view name;  // last part of its path: "kernel"
  std::string_view doc;
  std::string_view initializer;  // Keras' name: "glorot_uniform"
  bool trainable = true;
  bool is_read = true;  // false: Keras keeps it, but no result depends on it; a file may lack it
  // Its shape with an axis name for each axis (`[height, width, channels, filters]`), all sizes constant; nothing where
  // these arguments ask for no such weight (use_bias=False).
  std::function<std::optional<Shape>(const Args&, const std::vector<TensorType>& inputs)> shape;
};

// A weight of one instance. A wrapper's are those of the layer it wraps, under longer paths.
struct MadeWeight {
  std::string path;  // below the instance's name: "kernel", "forward_lstm/lstm_cell/kernel"
  const WeightDef* def;
  Shape shape;
};

// ---- Expansion ----

struct ExpandContext {
  core::Builder& builder;
  const Args& args;
  std::vector<core::ValueId> inputs;
  const std::vector<TensorType>& input_types;
  const std::vector<TensorType>& output_types;
  // The weight's value, or nothing where the layer has none of that name for these arguments.
  std::function<std::optional<core::ValueId>(std::string_view name)> weight;
  std::vector<size_t> counts = {};  // as in InferContext
  const Args* call_args = nullptr;  // likewise
  // Of each input, bools over Operand::mask_axes axes; nothing where it has none.
  std::vector<std::optional<core::ValueId>> masks = {};
  // Of each result, set by `expand` where LayerDef::mask says that there is one and it is not that of the first input.
  std::vector<std::optional<core::ValueId>> result_masks = {};

  OperandRange RangeOf(std::string_view param) const { return RangeOfParam(args.def(), counts, param); }
  core::ValueId input() const { return inputs.front(); }
  const TensorType& input_type() const { return input_types.front(); }
};

// A small program: `call` applied to inputs of these types; of a function, an expression of the inputs x0, x1 ... Tests, the reference and benchmarks loop over them.
struct LayerExample {
  std::vector<std::string_view> inputs;  // "f32[batch, height: 8, width: 8, channels: 3]"
  std::string_view call;                 // "Conv2D(4, 3, padding=\"same\")"
  std::string_view output;               // the result's type
};

struct LayerDef {
  std::string_view name;  // Keras' class: of a layer, or of the operation behind a function of keras.ops ("Sum")
  std::string_view summary;
  // A function is applied where it is written, `sum(x, axis=time)`: it has no weights, and its params are tensors and
  // configuration side by side.
  enum class Form { Layer, Function } form = Form::Layer;
  std::string_view function_name = {};  // as a program writes it: "sum", "+"; of a Function only
  // How many tensors a layer takes: exactly one, or two and more; or what call_params say, where there are any.
  enum class Inputs { One, Many } inputs = Inputs::One;
  std::vector<Param> params;  // in Keras' positional order; the table appends those of every layer (`name` ...)
  // The second parentheses, in Keras' order: `LSTM(8)(x, initial_state=(h, c))`.
  std::vector<Param> call_params = {};
  // The axes it acts on by role; null: it has none.
  const AxisRoles* roles = nullptr;
  std::function<std::vector<TensorType>(InferContext&)> infer;
  Mask mask = Mask::Drop();
  std::vector<WeightDef> weights = {};
  // Instead of `weights`, where these are not known before the arguments.
  std::function<std::vector<MadeWeight>(const Args&, const std::vector<TensorType>& inputs)> make_weights = {};
  std::function<std::vector<core::ValueId>(ExpandContext&)> expand;
  // Of an elementwise function: its value for numbers alone; nothing where it has none.
  std::function<std::optional<double>(const Args&)> number = {};
  std::vector<LayerExample> examples = {};
  // What its results are called where it has several: "output", "h", "c".
  std::vector<std::string_view> results = {};
  // An instance's name before its counter, where it is not SnakeCase of `name`.
  std::string_view instance_name = {};
  // Names of layers that Keras makes inside where this one is first applied: they count, so that a Softmax after a
  // MultiHeadAttention is `softmax_1`.
  std::vector<std::string_view> hidden = {};
  // What it does to axes where that surprises, for messages, after its name: "maps only the last axis".
  std::string_view axes_note = {};

  // The parameters that take tensors: of call_params, or of a function's params.
  std::vector<const Param*> TensorParams() const;
  // What an instance with these arguments and inputs has.
  std::vector<MadeWeight> WeightsOf(const Args& args, const std::vector<TensorType>& input_types) const;
};

// The whole vocabulary, sorted by name.
const std::vector<const LayerDef*>& AllLayers();
const LayerDef* FindLayer(std::string_view name);  // by Keras' other names too (aliases.h); null: there is none
// The functions, sorted by function_name.
const std::vector<const LayerDef*>& AllFunctions();
const LayerDef* FindFunction(std::string_view function_name);  // likewise

// Keras' default name of an instance before its counter: "Conv2D" -> "conv2d", "GlobalMaxPooling2D" ->
// "global_max_pooling2d".
std::string SnakeCase(std::string_view class_name);

}  // namespace strata
