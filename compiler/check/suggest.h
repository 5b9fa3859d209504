// Fixes that are found by trying: a layer put in, an argument changed, and the shapes inferred again.
#pragma once

#include <optional>
#include <string>

#include "compiler/check/elaboration.h"

namespace strata::check {

// Whether a tensor of this shape may be declared so: sizes equal where both are known, and as many axes.
bool SizesFit(const Shape& actual, const Shape& declared);

// A layer that, put in on the way to `value`, would give it the declared sizes.
std::optional<Help> SuggestLayer(const Elaboration& model, int value, const Shape& declared, const Sources& sources);

// Where `value` has the declared axes and `time` beside them, kept by a recurrent layer: that one without it.
std::optional<Help> SuggestLastStep(const Elaboration& model, int value, const Shape& declared);

// An integer argument of the layer that made axis `position` of `value`, changed so that the axis gets `size`.
std::optional<Help> SuggestArgument(const Elaboration& model, int node, const Dim& actual, const Dim& size,
                                    const Sources& sources);

}  // namespace strata::check
