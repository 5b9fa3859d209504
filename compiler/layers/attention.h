// What layers of attention share.
#pragma once

#include <string_view>

#include "compiler/layers/layer.h"

namespace strata {

Diagnostic& LabelOperand(InferContext& context, Diagnostic& diagnostic, size_t operand);

struct AxisOf {
  size_t operand;
  size_t axis;
};
// Reports two axes whose sizes are not equal.
bool RequireEqualSizes(InferContext& context, const AxisOf& a, const AxisOf& b, std::string_view primary);

// Reports an input without an axis between batch and features, or with its features elsewhere than last.
bool RequireSteps(InferContext& context, size_t operand);

// Reports a given mask (input `mask`) of the tensor `of` that holds no truth values, or is not over `expected`.
bool RequireMaskOver(InferContext& context, std::string_view of, size_t mask, const Shape& expected);
// Reports a mask that came with the input and is not over the batch and `axis`.
bool RequireTravellingMask(InferContext& context, std::string_view of, size_t operand, size_t axis);

// Whether the position along `key_axis` is not behind that along `query_axis`.
core::Expr CausalCondition(core::MapBuilder& map, int query_axis, int key_axis);

Param CausalParam();
Param ScoresParam();

}  // namespace strata
