// A layer's configuration, as Keras writes it into a file, in the words of Strata.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/import/keras_model.h"
#include "compiler/layers/layer.h"

namespace strata::import {

// One argument, whose value differs from the default.
struct Argument {
  const Param* param;
  ConfigValue value;
  std::string text = {};  // written instead of the value: a layer
};

// What is read of a layer's configuration, and where it goes wrong.
struct LayerContext {
  const std::string& file;  // for messages
  int keras_major;
  Diagnostics& diagnostics;
};

// Python's value; nothing where it is none that Strata writes (an object, an array).
std::optional<ConfigValue> ToConfigValue(const Json& json);
// As Python prints it, cut where it is long.
std::string Shown(const Json& json);

// The layer's definition, with aliases and old names resolved; null where there is none.
const LayerDef* FindLayerClass(const std::string& class_name);

// The arguments in the layer's order. Reports every option that has no equal.
std::vector<Argument> ReadArguments(const LayerDef& def, const std::string& name, const std::string& class_name,
                                    const Json& config, LayerContext& context);

// `Conv2D(64, 3, padding="same")`. `input`: where known, the type that the layer gets, whose names axes have.
std::string CallText(const LayerDef& def, const std::vector<Argument>& arguments, const TensorType* input);
// One value: `2`, `"same"`, `channels`.
std::string ValueText(const Param& param, const ConfigValue& value, const TensorType* input);

// Reports that a layer has no equal.
void ReportLayer(const std::string& name, const std::string& class_name, const Json& config, LayerContext& context);

}  // namespace strata::import
