#include "compiler/layers/example.h"

namespace strata {

bool IsApplied(const LayerDef& def, const LayerExample& example) {
  return def.form == LayerDef::Form::Function || example.call.find("x0") != std::string_view::npos;
}

std::string ProgramOf(const LayerDef& def, const LayerExample& example) {
  std::string inputs, names;
  for (size_t i = 0; i < example.inputs.size(); ++i) {
    const std::string name = "x" + std::to_string(i);
    inputs += (i == 0 ? "" : ", ") + name + ": " + std::string(example.inputs[i]);
    names += (i == 0 ? "" : ", ") + name;
  }
  return "model example(" + inputs + ") -> (y: " + std::string(example.output) + ") {\n  return " +
         std::string(example.call) + (IsApplied(def, example) ? "" : "(" + names + ")") + "\n}\n";
}

}  // namespace strata
