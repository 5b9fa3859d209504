// From a model of Keras to a program: readable, checked, and shown to mean the same.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "compiler/check/network.h"
#include "compiler/import/keras_model.h"
#include "compiler/import/match.h"
#include "compiler/source/diagnostics.h"
#include "compiler/weights/write_safetensors.h"

namespace strata::import {

struct ImportOptions {
  std::string path;     // of Keras' file, for messages and the documentation
  std::string output;   // what the program is called in messages
  std::string weights;  // the file that the program names for its weights; empty: it names none
  bool folds = true;    // runs of layers that occur three times become `repeat` and `block`
};

struct Imported {
  std::string text;  // formatted
  Network network;   // that it describes
  std::vector<MatchedLayer> layers;
};

// The program for a model. Reports every layer, option and call without an equal, and returns nothing then. The program
// has been checked and compared with the model, call by call. `sources` gets the text.
std::optional<Imported> ImportKeras(const KerasModel& file, const ImportOptions& options, Sources& sources,
                                    Diagnostics& diagnostics);

// The tensors of Keras' file under the names that the network's weights have. Reports those that the file lacks or has in
// another shape, and returns nothing then.
std::optional<std::vector<NamedTensor>> FindTensors(const Network& network, const std::vector<MatchedLayer>& layers,
                                                    const KerasModel& file, const std::string& path,
                                                    Diagnostics& diagnostics);

}  // namespace strata::import
