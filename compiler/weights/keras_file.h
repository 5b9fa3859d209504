// Models and weights as Keras saves them: .keras, .weights.h5 and .h5.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compiler/source/diagnostics.h"
#include "compiler/weights/weights.h"

namespace strata {

struct KerasFile {
  std::string config;  // the model's {"class_name": ..., "config": {...}} as JSON; empty: the file holds weights alone
  std::string keras_version;  // "3.15.1"; empty where the file does not say
  // Tensors are called as Keras calls them, `lstm/lstm_cell/kernel`; what nested models are called is left out unless
  // two tensors would have one name. Null: the file is a configuration without weights.
  std::shared_ptr<const WeightsFile> weights;
  // Of each tensor, the name with all nested models: "encoder/dense/kernel".
  std::vector<std::string> paths;
};

// Opens a .keras archive or an HDF5 file of Keras', of any version, told apart by its first bytes. Reports what is wrong
// at `span` and returns nothing.
std::optional<KerasFile> OpenKerasFile(const std::string& path, Span span, Diagnostics& diagnostics);

}  // namespace strata
