// The functions of keras.activations: one table, for the argument `activation=` of layers and for programs' own calls.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "compiler/core/builder.h"
#include "compiler/layers/layer.h"

namespace strata {

struct ActivationDef {
  std::string_view name;  // "hard_silu"
  std::string_view summary;
  // Keras' operation behind the function of that name in keras.ops; "": there is none, or another table has it.
  std::string_view class_name = {};
  // What that function takes after its tensor: numbers or True and False. Each has the place of its parameter in `numbers`.
  std::vector<Param> params = {};
  // What an element becomes; null: the function acts along axes.
  core::Expr (*of_element)(core::Expr x, std::span<const double> numbers) = nullptr;
  // In f32, along these axes (increasing; one alone where the function takes one).
  core::ValueId (*along_axes)(core::Builder& builder, core::ValueId input, const std::vector<int>& axes) = nullptr;
  bool takes_axes = false;  // softmax: several axes at once
  // What the numbers are in a layer, where they are not the defaults of `params`.
  std::vector<double> numbers = {};
  // Why a name is not enough for a layer's `activation=`, after "activation `glu`"; "": it is.
  std::string_view not_by_name = {};
};

// Sorted by name.
const std::vector<ActivationDef>& AllActivations();
const ActivationDef* FindActivation(std::string_view name);  // null: there is none

// Every name that a layer's `activation=` accepts, sorted.
const std::vector<std::string_view>& ActivationNames();
bool IsActivation(std::string_view name);

// Appends the activation over `input`. Those along an axis act on `axis` (-1: the last); all others act on each element.
core::ValueId AppendActivation(core::Builder& builder, core::ValueId input, std::string_view name, int axis = -1);

// exp(x) / sum(exp(x)) over `axes` (increasing).
core::ValueId AppendSoftmax(core::Builder& builder, core::ValueId input, const std::vector<int>& axes);

}  // namespace strata
