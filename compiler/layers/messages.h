// Pieces that the messages of shape rules are put together from.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "compiler/layers/layer.h"

namespace strata {

// `height`, quoted, or "axis 1" where it has no name.
std::string AxisText(const Shape& shape, size_t axis);
// How to write the axis in `axis=`: its name, or its position.
std::string AxisArgument(const Shape& shape, size_t axis);
// "`image`", or "input 1".
std::string OperandText(const InferContext& context, size_t operand);
// "a", "a and b", "a, b and c".
std::string Enumerate(const std::vector<std::string>& items);

// Where an argument is written, or else the layer's name.
Span ArgumentSpan(const InferContext& context, std::string_view name);
// The edit that gives an argument another value, or adds it after those that are there.
std::vector<Edit> SetArgument(const InferContext& context, std::string_view name, std::string_view value);
// Likewise for an argument of another layer on the way.
std::vector<Edit> SetArgument(const OperandPast::Maker& layer, std::string_view name, std::string_view value);
// The edit that puts a step before the layer; none where the layer does not stand in a pipe.
std::vector<Edit> InsertStep(const InferContext& context, std::string_view step);
// The edit that puts a step behind an operand, before it reaches the layer; none where it is not written as such.
std::vector<Edit> AppendStep(const InferContext& context, size_t operand, std::string_view step);
// The edit that takes the layer out of its pipe; none where it does not stand in one.
std::vector<Edit> RemoveStep(const InferContext& context);
// The edit that writes an input's type anew; none where no type is written.
std::vector<Edit> RewriteType(const InferContext& context, size_t operand, const Shape& shape);

// Labels the layer that dropped the named axes of an operand, or else the operand with its shape.
Diagnostic& LabelDropped(InferContext& context, Diagnostic& diagnostic, size_t operand,
                         const std::vector<std::string_view>& axes);
// The recurrent layer that this one is or wraps.
std::optional<OperandPast::Maker> RecurrentLayer(const OperandPast::Maker& layer);
// Where the layer is a recurrent one that drops the time: offers to keep it. False: it is none.
bool OfferSequences(Diagnostic& diagnostic, const OperandPast::Maker& layer);
// "28 -> 26 -> 13 -> 11", the sizes of an operand's axis on the way; empty where fewer than two layers changed it.
std::string ChainOfSizes(const InferContext& context, size_t operand, size_t axis);

// The edit that casts an operand; none where it cannot be made.
std::vector<Edit> CastEdit(const InferContext& context, size_t operand, std::string_view function);

// Reports a layer over floats that got something else.
void RequireFloats(InferContext& context);

// The axis a layer puts at `position` in place of what is there. Its name is left out if another axis has it.
Axis MadeAxis(const Shape& shape, size_t position, std::string_view name, Dim size);

}  // namespace strata
