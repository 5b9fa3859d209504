// What the functions of keras.ops share: numbers among tensors, element types, axes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/layers/layer.h"

namespace strata::layers {

// ---- Tables, each a list of definitions ----

std::vector<LayerDef> ActivationFunctions();   // gelu(x), softmax(x, axis) ...
std::vector<LayerDef> CastFunctions();         // f32(x) ...
std::vector<LayerDef> ElementwiseFunctions();  // exp(x), maximum(x1, x2), x1 + x2 ...
std::vector<LayerDef> ReductionFunctions();    // sum(x, axis), argmax(x, axis), cumsum(x, axis) ...
std::vector<LayerDef> ShapeFunctions();        // x[time: 1..3], transpose(x, axes), one_hot(x, num_classes)
std::vector<LayerDef> ProductFunctions();      // matmul(x1, x2), einsum(subscripts, operands)
LayerDef ConcatenateFunction();
LayerDef StackFunction();
LayerDef ReshapeFunction();

// ---- Parameters ----

Param TensorParam(std::string_view name = "x");
Param OperandParam(std::string_view name);  // a tensor or a number
Param AxesParam();                          // axis=None
Param KeepDims();

// ---- Element types ----

// Reports an operand whose elements are no floats, no numbers (bool), no integers, no truth values; with a cast.
bool RequireFloats(InferContext& context, size_t operand = 0);
bool RequireNumbers(InferContext& context, size_t operand);
bool RequireIntegers(InferContext& context, size_t operand);
bool RequireTruth(InferContext& context, size_t operand);
// Reports operands [begin, end) of more than one element type.
bool RequireOneType(InferContext& context, size_t begin, size_t end);
// Reports a number in place of a tensor that does not stand for one of this type: 0.5 for i32, 300 for u8. `like` is the
// operand with that type.
bool RequireLiteral(InferContext& context, const ConfigValue& number, size_t like);

// ---- Axes ----

// Where the argument `axis` puts a new axis among those of `type`, with a message where it cannot.
std::optional<size_t> RequireNewAxis(InferContext& context, const TensorType& type);

// ---- Expansion ----

// Where each integer of `indices` tells it, 1 along a new axis of `count` at `position` of the result, 0 elsewhere; in f32.
core::ValueId AppendOneHot(core::Builder& builder, core::ValueId indices, int64_t count, int position);

// The type that sums of elements of this type have: i8, u8 and bool are added in i32.
DType SumType(DType dtype);

// `number` as an element of this type, among an expression's; a symbolic size is known when the model runs.
core::Expr Number(core::MapBuilder& map, const ConfigValue& number, DType dtype);
// A number of an expression's own type.
core::Expr Number(core::Expr beside, double number);
// The value of an expression that depends on nothing.
std::optional<double> ConstantOf(core::Expr expr);

}  // namespace strata::layers
