#include "compiler/layers/activations.h"

#include <algorithm>
#include <numbers>

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
using Function = core::Map::Function;

// ---- Each element: the formulas of keras.activations ----

Expr Relu(Expr x) { return Maximum(x, 0.0); }
Expr Relu6(Expr x) { return Minimum(Maximum(x, 0.0), 6.0); }
Expr LeakyRelu(Expr x) { return Maximum(x, x * 0.2); }
Expr Sigmoid(Expr x) { return Apply(Function::Sigmoid, x); }
Expr HardSigmoid(Expr x) { return Relu6(x + 3.0) / 6.0; }
Expr Tanh(Expr x) { return Apply(Function::Tanh, x); }
Expr Exponential(Expr x) { return Apply(Function::Exp, x); }
Expr Silu(Expr x) { return x * Sigmoid(x); }
Expr Gelu(Expr x) { return x * 0.5 * (Apply(Function::Erf, x / std::numbers::sqrt2) + 1.0); }

// log(1 + exp(x)), without overflow.
Expr Softplus(Expr x) {
  return Maximum(x, 0.0) + Apply(Function::Log1p, Apply(Function::Exp, -Apply(Function::Abs, x)));
}

// One of the two terms is 0 whatever the sign of x, so that no branch is needed.
Expr Elu(Expr x) { return Maximum(x, 0.0) + Apply(Function::Expm1, Minimum(x, 0.0)); }
Expr Selu(Expr x) {
  constexpr double kAlpha = 1.6732632423543772848170429916717;
  constexpr double kScale = 1.0507009873554804934193349852946;
  return (Maximum(x, 0.0) + Apply(Function::Expm1, Minimum(x, 0.0)) * kAlpha) * kScale;
}

// ---- The table ----

template <Expr (*kFunction)(Expr)>
ValueId Elementwise(Builder& builder, ValueId input, int) {
  MapBuilder map;
  return builder.Map({input}, kFunction(map.Operand(0)));
}

ValueId Linear(Builder&, ValueId input, int) { return input; }

ValueId Softmax(Builder& builder, ValueId input, int axis) {
  const int rank = static_cast<int>(builder.ExtentsOf(input).size());
  return AppendSoftmax(builder, input, {axis < 0 ? axis + rank : axis});
}

struct Activation {
  std::string_view name;
  ValueId (*append)(Builder& builder, ValueId input, int softmax_axis);
};

constexpr Activation kActivations[] = {
    {"elu", Elementwise<Elu>},
    {"exponential", Elementwise<Exponential>},
    {"gelu", Elementwise<Gelu>},
    {"hard_sigmoid", Elementwise<HardSigmoid>},
    {"leaky_relu", Elementwise<LeakyRelu>},
    {"linear", Linear},
    {"relu", Elementwise<Relu>},
    {"relu6", Elementwise<Relu6>},
    {"selu", Elementwise<Selu>},
    {"sigmoid", Elementwise<Sigmoid>},
    {"silu", Elementwise<Silu>},
    {"softmax", Softmax},
    {"softplus", Elementwise<Softplus>},
    {"swish", Elementwise<Silu>},
    {"tanh", Elementwise<Tanh>},
};

const Activation* Find(std::string_view name) {
  const auto* const found = std::ranges::find(kActivations, name, &Activation::name);
  return found == std::end(kActivations) ? nullptr : found;
}

}  // namespace

const std::vector<std::string_view>& ActivationNames() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> list;
    for (const Activation& activation : kActivations) list.push_back(activation.name);
    return list;
  }();
  return names;
}

bool IsActivation(std::string_view name) { return Find(name) != nullptr; }

ValueId AppendActivation(Builder& builder, ValueId input, std::string_view name, int softmax_axis) {
  const Activation* activation = Find(name);
  STRATA_CHECK(activation != nullptr);
  return activation->append(builder, input, softmax_axis);
}

ValueId AppendSoftmax(Builder& builder, ValueId input, const std::vector<int>& axes) {
  const size_t rank = builder.ExtentsOf(input).size();
  std::vector<int> all;
  std::vector<int> kept;
  for (int axis = 0; axis < static_cast<int>(rank); ++axis) {
    all.push_back(axis);
    if (std::ranges::find(axes, axis) == axes.end()) kept.push_back(axis);
  }
  // The largest element is taken off first, so that exp cannot overflow.
  const ValueId largest = builder.Reduce(input, core::Reduce::Kind::Max, axes);
  MapBuilder shifted;
  const ValueId powers =
      builder.Map({input, largest}, {all, kept}, rank, Apply(Function::Exp, shifted.Operand(0) - shifted.Operand(1)));
  const ValueId sum = builder.Reduce(powers, core::Reduce::Kind::Sum, axes);
  MapBuilder ratio;
  return builder.Map({powers, sum}, {all, kept}, rank, ratio.Operand(0) / ratio.Operand(1));
}

}  // namespace strata
