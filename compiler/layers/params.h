// What the tables of parameters are written with.
#pragma once

#include <initializer_list>
#include <vector>

#include "compiler/layers/layer.h"

namespace strata {

// Default values, in the form they have once bound.
ConfigValue None();
ConfigValue Value(bool value);
ConfigValue Value(int value);
ConfigValue Value(double value);
ConfigValue Value(const char* value);
ConfigValue Values(std::initializer_list<ConfigValue> values);
ConfigValue Alike(int count, ConfigValue value);

// Rows that several layers share. `axes`: for how many spatial axes.
Param Filters();
Param KernelSize(int axes);
Param Strides(int axes);
Param DilationRate(int axes);
Param PaddingMode();
Param CausalPaddingMode();
Param DataFormat();
Param InterpolationName(std::string_view doc, const char* default_value);
Param ActivationName();
Param UseBias();
Param Epsilon();
Param Center();
Param Scale();
Param Training(std::string_view name, ConfigValue default_value = None());

// A Numbers argument as a tensor: a number alone has no axes.
core::Literal LiteralOf(const ConfigValue& numbers);

// What every Keras layer takes beside its own parameters, by keyword.
std::vector<Param> CommonParams();

}  // namespace strata
