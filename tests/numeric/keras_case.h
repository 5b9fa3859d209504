// A recorded case of tools/goldens.py: a program, its weights, and what Keras answers to two inputs.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "runtime/array_file.h"
#include "tests/numeric/support.h"

namespace strata::testing {

struct KerasCase {
  struct Call {
    std::map<std::string, Array> inputs;
    std::map<std::string, Array> outputs;
  };
  std::string program;
  std::map<std::string, Array> weights;
  std::vector<Call> calls;
};

// The recorded files' names, sorted.
std::vector<std::string> KerasCaseNames();
// The arrays of an .npz file by their names there, without `.npy`. Throws std::runtime_error where it cannot be read.
void ForEachArray(const std::string& path,
                  const std::function<void(const std::string& name, const strata_array& array)>& visit);

// Elements of every type as float32. Throws std::runtime_error for a type that no recording has.
Array ToArray(const strata_array& array, const std::string& name);

// Throws std::runtime_error where the file is not as goldens.py writes it.
KerasCase ReadKerasCase(const std::string& name);

}  // namespace strata::testing
