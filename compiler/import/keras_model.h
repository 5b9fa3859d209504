// What a file of Keras says of a model: a `.keras` archive, a whole-model `.h5`, or the `.json` of to_json().
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/diagnostics.h"
#include "compiler/weights/weights.h"

namespace strata::import {

using Json = nlohmann::ordered_json;

struct KerasModel {
  Json model;     // {"class_name": "Functional", "config": {...}}
  int major = 3;  // of the version of Keras that wrote it: what names and defaults mean
  std::shared_ptr<const WeightsFile> weights = nullptr;  // null: the configuration alone
  std::vector<std::string> paths = {};                   // of the weights' tensors, with the names of nested models
};

// Reads the file, told apart by its first bytes. Reports what is wrong with it and returns nothing.
std::optional<KerasModel> ReadKerasModel(const std::string& path, Diagnostics& diagnostics);

}  // namespace strata::import
