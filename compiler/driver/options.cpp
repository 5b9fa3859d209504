#include "compiler/driver/commands.h"

namespace strata {

void AddFileOptions(CLI::App& command, SessionOptions& options) {
  command.add_option("FILE", options.file, "Model file, or - for standard input")->required();
  command.add_option("--model", options.model, "Which model of the file, where it has several");
  command.add_option("--format", options.format, "Messages as text, or as JSON, one object a line")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.add_option("--color", options.color, "Colours: auto (on terminals), always, never")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
}

void AddWeightsOptions(CLI::App& command, SessionOptions& options) {
  CLI::Option* weights = command.add_option("--weights", options.weights,
                                            "Weights file (.safetensors, .npz) in place of the declared one");
  command.add_option("--random-weights", options.random_weights, "Seeded weights, to try a model out")
      ->type_name("SEED")
      ->excludes(weights);
}

void AddTargetOption(CLI::App& command, SessionOptions& options) {
  std::vector<std::string> names = {"native"};
  for (const Target& target : AllTargets()) names.emplace_back(target.name);
  command.add_option("--target", options.target, "Instruction set to compile for")
      ->check(CLI::IsMember(names))
      ->capture_default_str();
}

}  // namespace strata
