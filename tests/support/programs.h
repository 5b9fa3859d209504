// Every Strata program of the repository, for tests that hold for all of them.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/layers/example.h"

namespace strata::testing {

struct Program {
  std::string path;  // where it stands; imports are relative to it
  std::string text;
};

inline std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The model of an example of a layer or function; a layer as a step, which has more to mutate.
inline std::string PipedProgramOf(const LayerDef& def, const LayerExample& example) {
  std::string inputs, names;
  for (size_t i = 0; i < example.inputs.size(); ++i) {
    const std::string name = "x" + std::to_string(i);
    if (i > 0) inputs += ", ", names += ", ";
    inputs += name + ": " + std::string(example.inputs[i]);
    names += name;
  }
  if (example.inputs.size() > 1) names = "(" + names + ")";
  const std::string call =
      IsApplied(def, example) ? std::string(example.call) : names + "\n    |> " + std::string(example.call);
  return "model example(" + inputs + ") -> (y: " + std::string(example.output) + ") {\n  return " + call + "\n}\n";
}

// The examples of every layer and function with each element type for each of their inputs. A function brings the result to
// f32. Many are refused.
inline std::vector<std::string> ProgramsOfElementTypes() {
  const auto axes = [](std::string_view type) { return std::string(type.substr(type.find('['))); };
  std::vector<std::string> programs;
  for (const std::vector<const LayerDef*>* table : {&AllLayers(), &AllFunctions()}) {
    for (const LayerDef* def : *table) {
      for (const LayerExample& example : def->examples) {
        const std::string call(example.call), output = "f32" + axes(example.output);
        const std::string casted = IsApplied(*def, example) ? "f32(" + call + ")" : call + " |> f32()";
        for (size_t i = 0; i < example.inputs.size(); ++i) {
          for (int type = 0; type <= static_cast<int>(DType::Bool); ++type) {
            const std::string input = std::string(Name(static_cast<DType>(type))) + axes(example.inputs[i]);
            LayerExample changed = example;
            changed.inputs[i] = input;
            changed.call = casted;
            changed.output = output;
            programs.push_back(PipedProgramOf(*def, changed));
          }
        }
      }
    }
  }
  return programs;
}

// The files of examples/ and tests/, the programs on the pages of `strata explain` (those that fail too) and in
// docs/language.md, and the examples of the layers. Runs in the root of the repository. Always in the same order.
inline std::vector<Program> AllPrograms() {
  namespace fs = std::filesystem;
  std::vector<fs::path> files, pages = {"docs/language.md"};
  for (const char* folder : {"examples", "tests"}) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() == ".strata") files.push_back(entry.path());
    }
  }
  for (const fs::directory_entry& entry : fs::directory_iterator("compiler/source/explain")) {
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::ranges::sort(pages);
  std::vector<Program> programs;
  for (const fs::path& path : files) programs.push_back({path.string(), ReadText(path)});
  for (const fs::path& path : pages) {
    std::istringstream text(ReadText(path));
    std::string program;
    bool is_inside = false;
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("```")) {
        if (is_inside) programs.push_back({path.string(), std::move(program)});
        program.clear();
        is_inside = !is_inside && line.starts_with("```strata");
      } else if (is_inside) {
        program += line + "\n";
      }
    }
  }
  for (const std::vector<const LayerDef*>* table : {&AllLayers(), &AllFunctions()}) {
    for (const LayerDef* def : *table) {
      for (const LayerExample& example : def->examples) {
        programs.push_back({std::string(def->name) + ".strata", PipedProgramOf(*def, example)});
      }
    }
  }
  return programs;
}

}  // namespace strata::testing
