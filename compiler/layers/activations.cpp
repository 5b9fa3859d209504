#include "compiler/layers/activations.h"

#include <algorithm>
#include <numbers>
#include <numeric>

#include "compiler/layers/params.h"
#include "compiler/source/check.h"

namespace strata {
namespace {

using core::Apply;
using core::Builder;
using core::Expr;
using core::MapBuilder;
using core::Maximum;
using core::Minimum;
using core::ValueId;
using Axes = std::vector<int>;
using Function = core::Map::Function;
using Numbers = std::span<const double>;

// ---- Each element: the formulas of keras.activations ----

// A number of an expression's own type.
Expr Constant(Expr beside, double value) { return beside.builder->Constant(value, beside.builder->TypeOf(beside)); }

Expr Clip(Expr x, double least, double most) { return Minimum(Maximum(x, least), most); }
// `x` where it is larger than `limit`, else `otherwise`.
Expr Above(Expr x, double limit, Expr otherwise) { return Select(Less(Constant(x, limit), x), x, otherwise); }

Expr Linear(Expr x, Numbers) { return x; }
Expr Relu(Expr x, Numbers) { return Maximum(x, 0.0); }
Expr Relu6(Expr x, Numbers) { return Clip(x, 0, 6); }
Expr LeakyRelu(Expr x, Numbers slope) { return Maximum(x, 0.0) + Minimum(x, 0.0) * slope[0]; }
Expr Sigmoid(Expr x, Numbers) { return Apply(Function::Sigmoid, x); }
Expr Tanh(Expr x, Numbers) { return Apply(Function::Tanh, x); }
Expr Exponential(Expr x, Numbers) { return Apply(Function::Exp, x); }
Expr HardSigmoid(Expr x, Numbers) { return Clip(x + 3.0, 0, 6) / 6.0; }
Expr HardSilu(Expr x, Numbers) { return x * HardSigmoid(x, {}); }
Expr HardTanh(Expr x, Numbers) { return Clip(x, -1, 1); }
Expr HardShrink(Expr x, Numbers threshold) {
  return Select(Less(Constant(x, threshold[0]), Apply(Function::Abs, x)), x, Constant(x, 0));
}
Expr SoftShrink(Expr x, Numbers threshold) {
  const Expr limit = Constant(x, threshold[0]);
  return Select(Less(limit, x), x - limit, Select(Less(x, -limit), x + limit, Constant(x, 0)));
}
Expr Silu(Expr x, Numbers) { return x * Apply(Function::Sigmoid, x); }
Expr Softsign(Expr x, Numbers) { return x / (Apply(Function::Abs, x) + 1.0); }
Expr SparsePlus(Expr x, Numbers) {
  const Expr middle = (x + 1.0) * (x + 1.0) * 0.25;
  return Select(LessEqual(x, Constant(x, -1)), Constant(x, 0), Select(Less(x, Constant(x, 1)), middle, x));
}
Expr SparseSigmoid(Expr x, Numbers) { return Clip((x + 1.0) * 0.5, 0, 1); }
Expr Squareplus(Expr x, Numbers b) { return (x + Apply(Function::Sqrt, x * x + b[0])) * 0.5; }
Expr TanhShrink(Expr x, Numbers) { return x - Apply(Function::Tanh, x); }
Expr Threshold(Expr x, Numbers numbers) { return Above(x, numbers[0], Constant(x, numbers[1])); }

// 1 + erf, or with a number other than 0 the approximation of it by tanh.
Expr Gelu(Expr x, Numbers approximate) {
  if (approximate[0] == 0) return x * 0.5 * (Apply(Function::Erf, x / std::numbers::sqrt2) + 1.0);
  const double scale = std::numbers::sqrt2 * std::numbers::inv_sqrtpi;
  return x * 0.5 * (Apply(Function::Tanh, (x + x * x * x * 0.044715) * scale) + 1.0);
}

// log(1 + exp(x)), without overflow.
Expr Softplus(Expr x, Numbers) {
  return Maximum(x, 0.0) + Apply(Function::Log1p, Apply(Function::Exp, -Apply(Function::Abs, x)));
}
Expr LogSigmoid(Expr x, Numbers) { return -Softplus(-x, {}); }
Expr Mish(Expr x, Numbers) { return x * Apply(Function::Tanh, Softplus(x, {})); }

// One of the two terms is 0 whatever the sign of x, so that no branch is needed.
Expr Elu(Expr x, Numbers alpha) { return Maximum(x, 0.0) + Apply(Function::Expm1, Minimum(x, 0.0)) * alpha[0]; }
Expr Celu(Expr x, Numbers alpha) {
  return Maximum(x, 0.0) + Apply(Function::Expm1, Minimum(x, 0.0) / alpha[0]) * alpha[0];
}
Expr Selu(Expr x, Numbers) {
  constexpr double kAlpha[] = {1.6732632423543772848170429916717};
  constexpr double kScale = 1.0507009873554804934193349852946;
  return Elu(x, kAlpha) * kScale;
}

// ---- Along axes ----

// The axes 0 ... rank - 1, and those of them that are not in `axes`.
Axes AllOf(size_t rank) {
  Axes all(rank);
  std::iota(all.begin(), all.end(), 0);
  return all;
}
Axes Without(const Axes& all, const Axes& axes) {
  Axes kept;
  std::ranges::set_difference(all, axes, std::back_inserter(kept));
  return kept;
}

// What makes a Map over a tensor and what a reduction left of it.
struct OverAxes {
  Builder& builder;
  Axes axes;
  size_t rank;

  ValueId Map(ValueId value, ValueId reduced, Expr result) const {
    return builder.Map({value, reduced}, {AllOf(rank), Without(AllOf(rank), axes)}, rank, result);
  }
};

// The largest element taken off, so that exp cannot overflow.
ValueId Shifted(const OverAxes& over, ValueId input) {
  MapBuilder map;
  return over.Map(input, over.builder.Reduce(input, core::Reduce::Kind::Max, over.axes),
                  map.Operand(0) - map.Operand(1));
}

ValueId LogSoftmax(Builder& builder, ValueId input, const Axes& axes) {
  const OverAxes over{builder, axes, builder.ExtentsOf(input).size()};
  const ValueId shifted = Shifted(over, input);
  MapBuilder power;
  const ValueId powers = builder.Map({shifted}, Apply(Function::Exp, power.Operand(0)));
  MapBuilder map;
  return over.Map(shifted, builder.Reduce(powers, core::Reduce::Kind::Sum, axes),
                  map.Operand(0) - Apply(Function::Log, map.Operand(1)));
}

// The first half, times the sigmoid of the second.
ValueId Glu(Builder& builder, ValueId input, const Axes& axes) {
  const auto axis = static_cast<size_t>(axes.front());
  core::Extents extents = builder.ExtentsOf(input);
  extents[axis] = FloorDivide(extents[axis], 2);
  std::vector<Dim> begins(extents.size(), Dim(0));
  const std::vector<int64_t> steps(extents.size(), 1);
  const ValueId first = builder.Slice(input, begins, extents, steps);
  begins[axis] = extents[axis];
  const ValueId second = builder.Slice(input, begins, extents, steps);
  MapBuilder map;
  const Expr value = map.Operand(0);
  return builder.Map({first, second}, value * Apply(Function::Sigmoid, map.Operand(1)));
}

// What keras.ops.sparsemax computes: with the elements in decreasing order z1, z2 ..., their running sums s1, s2 ..., and k
// the number of those with z_i > (s_i - 1) / i, it is max(z - (s1 + ... + sk - 1) / k, 0). (In the paper it is sk alone.)
// An element's rank and running sum are found by comparing it with all others, for there is no sort.
ValueId Sparsemax(Builder& builder, ValueId input, const Axes& axes) {
  const size_t rank = builder.ExtentsOf(input).size();
  // Pairs of elements: the axis stands twice, once for each of them.
  const int axis = axes.front();
  const int other = axis + 1;
  const Axes of_first = Without(AllOf(rank + 1), {other});
  const Axes of_second = Without(AllOf(rank + 1), {axis});
  // Of equal elements the one that stands first comes first.
  const auto over_pairs = [&](auto&& make) {
    MapBuilder map;
    const Expr z = map.Operand(0);
    const Expr w = map.Operand(1);
    const Expr stands_first = LessEqual(map.Index(other), map.Index(axis));
    const Expr is_before = Or(Less(z, w), And(Equal(z, w), stands_first));
    const ValueId pairs =
        builder.Map({input, input}, {of_first, of_second}, rank + 1, Select(is_before, make(w), map.Constant(0)));
    return builder.Reduce(pairs, core::Reduce::Kind::Sum, {other});
  };
  const ValueId place = over_pairs([](Expr w) { return Constant(w, 1); });
  const ValueId running = over_pairs([](Expr w) { return w; });
  const auto over_support = [&](bool sums) {
    MapBuilder map;
    const Expr s = map.Operand(2);
    const Expr is_support = Less((s - 1.0) / map.Operand(1), map.Operand(0));
    const ValueId kept =
        builder.Map({input, place, running}, Select(is_support, sums ? s : map.Constant(1), map.Constant(0)));
    return builder.Reduce(kept, core::Reduce::Kind::Sum, axes);
  };
  const ValueId sum = over_support(true);
  const ValueId count = over_support(false);
  const Axes kept = Without(AllOf(rank), axes);
  MapBuilder map;
  const Expr z = map.Operand(0);
  const Expr tau = (map.Operand(1) - 1.0) / map.Operand(2);
  return builder.Map({input, sum, count}, {AllOf(rank), kept, kept}, rank, Maximum(z - tau, 0.0));
}

// ---- The table ----

Param Number(std::string_view name, std::string_view doc, double default_value) {
  return {.name = name, .type = ParamType::Float, .doc = doc, .default_value = Value(default_value)};
}

Param ThresholdParam() { return Number("threshold", "Up to which distance from 0 elements become 0.", 0.5); }

std::vector<ActivationDef> Table() {
  return {
      {.name = "celu",
       .summary = "x above 0, alpha * (exp(x / alpha) - 1) below.",
       .class_name = "Celu",
       .params = {Number("alpha", "How far below 0 it goes.", 1.0)},
       .of_element = Celu},
      {.name = "elu",
       .summary = "x above 0, alpha * (exp(x) - 1) below.",
       .class_name = "Elu",
       .params = {Number("alpha", "How far below 0 it goes.", 1.0)},
       .of_element = Elu},
      {.name = "exponential", .summary = "exp(x).", .of_element = Exponential},
      {.name = "gelu",
       .summary = "x times the share of a normal distribution below x.",
       .class_name = "Gelu",
       .params = {{.name = "approximate",
                   .type = ParamType::Bool,
                   .doc = "Whether tanh approximates it. As `activation=\"gelu\"` it is exact.",
                   .default_value = Value(true)}},
       .of_element = Gelu,
       .numbers = {0}},
      {.name = "glu",
       .summary = "The first half of an axis times the sigmoid of the second.",
       .class_name = "Glu",
       .along_axes = Glu,
       .not_by_name = "halves the axis it acts on"},
      {.name = "hard_shrink",
       .summary = "x, but 0 near 0.",
       .class_name = "HardShrink",
       .params = {ThresholdParam()},
       .of_element = HardShrink},
      {.name = "hard_sigmoid",
       .summary = "(x + 3) / 6, from 0 to 1.",
       .class_name = "HardSigmoid",
       .of_element = HardSigmoid},
      {.name = "hard_silu", .summary = "x * hard_sigmoid(x).", .class_name = "HardSilu", .of_element = HardSilu},
      {.name = "hard_swish", .summary = "Another name of `hard_silu`.", .of_element = HardSilu},
      {.name = "hard_tanh", .summary = "x, from -1 to 1.", .class_name = "HardTanh", .of_element = HardTanh},
      {.name = "leaky_relu",
       .summary = "x above 0, negative_slope * x below.",
       .class_name = "LeakyRelu",
       .params = {Number("negative_slope", "Slope below 0.", 0.2)},
       .of_element = LeakyRelu},
      {.name = "linear", .summary = "x.", .of_element = Linear},
      {.name = "log_sigmoid", .summary = "log(sigmoid(x)).", .class_name = "LogSigmoid", .of_element = LogSigmoid},
      {.name = "log_softmax",
       .summary = "log(softmax(x)).",
       .class_name = "LogSoftmax",
       .along_axes = LogSoftmax,
       .takes_axes = true},
      {.name = "mish", .summary = "x * tanh(softplus(x)).", .of_element = Mish},
      {.name = "relu", .summary = "x above 0, 0 below.", .of_element = Relu},
      {.name = "relu6", .summary = "x, from 0 to 6.", .class_name = "Relu6", .of_element = Relu6},
      {.name = "selu",
       .summary = "1.0507 * elu(x, 1.6733), which keeps mean 0 and variance 1.",
       .class_name = "Selu",
       .of_element = Selu},
      {.name = "sigmoid", .summary = "1 / (1 + exp(-x)).", .of_element = Sigmoid},
      {.name = "silu", .summary = "x * sigmoid(x).", .class_name = "Silu", .of_element = Silu},
      {.name = "soft_shrink",
       .summary = "x, drawn towards 0 by the threshold.",
       .class_name = "SoftShrink",
       .params = {ThresholdParam()},
       .of_element = SoftShrink},
      {.name = "softmax",
       .summary = "exp(x) over its sum: probabilities.",
       .class_name = "Softmax",
       .along_axes = AppendSoftmax,
       .takes_axes = true},
      {.name = "softplus", .summary = "log(1 + exp(x)).", .class_name = "Softplus", .of_element = Softplus},
      {.name = "softsign", .summary = "x / (1 + |x|).", .class_name = "Softsign", .of_element = Softsign},
      {.name = "sparse_plus",
       .summary = "0 below -1, (x + 1)² / 4 up to 1, x above.",
       .class_name = "SparsePlus",
       .of_element = SparsePlus},
      {.name = "sparse_sigmoid",
       .summary = "(x + 1) / 2, from 0 to 1.",
       .class_name = "SparseSigmoid",
       .of_element = SparseSigmoid},
      {.name = "sparsemax",
       .summary = "A relative of softmax with zeros, as Keras 3.15 computes it.",
       .class_name = "Sparsemax",
       .along_axes = Sparsemax},
      {.name = "squareplus",
       .summary = "(x + sqrt(x² + b)) / 2.",
       .class_name = "Squareplus",
       .params = {Number("b", "How smooth it is at 0.", 4.0)},
       .of_element = Squareplus},
      {.name = "swish", .summary = "Another name of `silu`.", .of_element = Silu},
      {.name = "tanh", .summary = "Hyperbolic tangent.", .of_element = Tanh},
      {.name = "tanh_shrink", .summary = "x - tanh(x).", .class_name = "TanhShrink", .of_element = TanhShrink},
      {.name = "threshold",
       .summary = "x above a threshold, else another number.",
       .class_name = "Threshold",
       .params = {{.name = "threshold", .type = ParamType::Float, .doc = "What x must exceed."},
                  {.name = "default_value", .type = ParamType::Float, .doc = "The result where it does not."}},
       .of_element = Threshold,
       .not_by_name = "takes two numbers"},
  };
}

// What its parameters are in a layer.
std::vector<double> NumbersByName(const ActivationDef& activation) {
  if (!activation.numbers.empty()) return activation.numbers;
  std::vector<double> numbers;
  for (const Param& param : activation.params) numbers.push_back(*param.default_value->AsFloat());
  return numbers;
}

}  // namespace

const std::vector<ActivationDef>& AllActivations() {
  static const std::vector<ActivationDef> table = Table();
  return table;
}

const ActivationDef* FindActivation(std::string_view name) {
  const auto found = std::ranges::find(AllActivations(), name, &ActivationDef::name);
  return found == AllActivations().end() ? nullptr : &*found;
}

const std::vector<std::string_view>& ActivationNames() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list;
    for (const ActivationDef& activation : AllActivations()) {
      if (activation.not_by_name.empty()) list.push_back(activation.name);
    }
    return list;
  }();
  return names;
}

bool IsActivation(std::string_view name) {
  const ActivationDef* activation = FindActivation(name);
  return activation != nullptr && activation->not_by_name.empty();
}

ValueId AppendActivation(Builder& builder, ValueId input, std::string_view name, int axis) {
  const ActivationDef* activation = FindActivation(name);
  STRATA_CHECK(activation != nullptr);
  if (name == "linear") return input;
  if (activation->along_axes != nullptr) {
    const int rank = static_cast<int>(builder.ExtentsOf(input).size());
    return activation->along_axes(builder, input, {axis < 0 ? axis + rank : axis});
  }
  MapBuilder map;
  return builder.Map({input}, activation->of_element(map.Operand(0), NumbersByName(*activation)));
}

ValueId AppendSoftmax(Builder& builder, ValueId input, const std::vector<int>& axes) {
  const OverAxes over{builder, axes, builder.ExtentsOf(input).size()};
  MapBuilder shifted;
  const ValueId largest = builder.Reduce(input, core::Reduce::Kind::Max, axes);
  // The largest element is taken off first, so that exp cannot overflow.
  const ValueId powers = over.Map(input, largest, Apply(Function::Exp, shifted.Operand(0) - shifted.Operand(1)));
  MapBuilder ratio;
  return over.Map(powers, builder.Reduce(powers, core::Reduce::Kind::Sum, axes), ratio.Operand(0) / ratio.Operand(1));
}

}  // namespace strata
