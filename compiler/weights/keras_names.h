// Keras' names for the tensors of its files. Source: keras/src/saving/saving_lib.py and
// keras/src/legacy/saving/legacy_h5_format.py.
//
// Keras 3 stores the variables of a layer under numbers, in groups that are called after classes and attributes:
// `layers/conv2d_1/vars/0`, `layers/lstm/cell/vars/2`. Their names, `stem/kernel` and `lstm/lstm_cell/bias`, come from
// the `name` that newer versions give a group, from the model's configuration where there is one, and from what the
// layers of each class call their variables. Keras 2 stores full names: `conv2d/conv2d/kernel:0`.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/weights/hdf5.h"

namespace strata::weights {

// What the layers of a class call their variables, in the order in which Keras stores them.
struct KerasVariable {
  std::string_view name;
  std::string_view flag = {};    // the option that asks for it; "": always there
  bool flag_default = true;      // whether layers have it where nothing is said of the option
  std::string_view text = {};    // what the option says, of those that are texts
  bool is_for_training = false;  // inference does not need it
};
// Of a class in snake case ("conv2d_transpose", "lstm_cell"); empty where nothing is known of it.
const std::vector<KerasVariable>& KerasVariablesOf(std::string_view snake_class);

struct KerasTensor {
  // "stem/kernel". A nested model adds no prefix unless two tensors would have one name. What no name is known of keeps
  // its number: "my_layer/0".
  std::string name;
  std::string path;  // the same with all nested models: "encoder/stem/kernel"
  size_t dataset;    // index into Hdf5Contents::datasets
};

struct KerasNames {
  std::vector<KerasTensor> tensors;
  // Whether the layers' own names are known: else they are called after their classes, in the order of model.layers.
  bool has_layer_names = true;
  // Of the optimizer and the like.
  size_t training_tensors = 0;
  std::string error;  // what the file contradicts itself in: the end of a sentence
};

// Whether this is what Keras writes: of any version, weights alone or a whole model.
bool IsKerasHdf5(const Hdf5Contents& contents);

// `config`: the model's {"class_name": ..., "config": {...}}; null where the file has none.
KerasNames NameKerasTensors(const Hdf5Contents& contents, const nlohmann::json& config);

}  // namespace strata::weights
