// The functions of keras.activations, as elementwise expressions where they are elementwise.
#pragma once

#include <string_view>
#include <vector>

#include "compiler/core/builder.h"

namespace strata {

// Every accepted name, sorted.
const std::vector<std::string_view>& ActivationNames();
bool IsActivation(std::string_view name);

// Appends the activation over `input`. softmax acts on `softmax_axis` (-1: the last); all others act on each element.
core::ValueId AppendActivation(core::Builder& builder, core::ValueId input, std::string_view name,
                               int softmax_axis = -1);

// exp(x) / sum(exp(x)) over `axes` (increasing).
core::ValueId AppendSoftmax(core::Builder& builder, core::ValueId input, const std::vector<int>& axes);

}  // namespace strata
