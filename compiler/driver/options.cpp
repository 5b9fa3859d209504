#include <algorithm>
#include <charconv>
#include <cstdio>
#include <limits>

#include "compiler/driver/commands.h"

namespace strata {

namespace {

// `expected` says what is expected in place of a text; nothing where the text will do.
CLI::Validator Expecting(const std::string& description, std::function<std::string(const std::string&)> expected) {
  const auto check = [expected = std::move(expected)](const std::string& text) {
    const std::string what = expected(text);
    return what.empty() ? std::string() : "got `" + text + "`, expected " + what;
  };
  return CLI::Validator(check, description);
}

}  // namespace

int FailUsage(const std::string& message, const std::string& help) {
  std::fprintf(stderr, "strata: error: %s\nstrata: help: %s\n", message.c_str(), help.c_str());
  return kExitUsage;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& names) {
  const std::string nearest(NearestName(word, names));
  return nearest.empty() ? "" : ": did you mean `" + nearest + "`?";
}

CLI::Validator OneOf(const std::vector<std::string>& choices) {
  return Expecting("{" + CLI::detail::join(choices) + "}", [choices](const std::string& text) -> std::string {
    if (std::ranges::find(choices, text) != choices.end()) return {};
    std::string list;
    for (const std::string& choice : choices) {
      const bool is_last = &choice == &choices.back();
      list += (list.empty() ? "`" : is_last ? " or `" : ", `") + choice + "`";
    }
    return list + DidYouMean(text, {choices.begin(), choices.end()});
  });
}

CLI::Validator WholeNumber(uint64_t from, uint64_t to) {
  return Expecting("", [from, to](const std::string& text) -> std::string {
    uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [read_to, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && read_to == end && number >= from && number <= to) return {};
    return "a whole number from " + std::to_string(from) + " to " + std::to_string(to);
  });
}

void AddFileOptions(CLI::App& command, SessionOptions& options) {
  command.add_option("FILE", options.file, "Model file, or - for standard input")->required();
  command.add_option("--model", options.model, "Which model of the file, where it has several");
  command.add_option("--set", options.settings, "A value for a parameter of the model; repeat for each")
      ->type_name("NAME=VALUE")
      ->check(Expecting("",
                        [](const std::string& text) -> std::string {
                          const size_t equals = text.find('=');
                          return equals != std::string::npos && equals > 0 ? ""
                                                                           : "a parameter and its value, as in `n=5`";
                        }))
      ->allow_extra_args(false);
  AddMessageOptions(command, options);
}

void AddMessageOptions(CLI::App& command, SessionOptions& options) {
  command.add_option("--format", options.format, "Messages as text, as JSON, one object a line, or as SARIF 2.1.0")
      ->check(OneOf({"text", "json", "sarif"}))
      ->capture_default_str();
  command.add_option("--color", options.color, "Colours: auto (on terminals), always, never")
      ->check(OneOf({"auto", "always", "never"}))
      ->capture_default_str();
  command.add_option("--max-errors", options.max_errors, "How many messages are shown as text; 0: all")
      ->type_name("N")
      ->check(WholeNumber(0, std::numeric_limits<size_t>::max()))
      ->capture_default_str();
}

void AddWeightsOptions(CLI::App& command, SessionOptions& options) {
  CLI::Option* weights = command.add_option(
      "--weights", options.weights, "Weights file in place of the declared one, of any kind `strata weights` reads");
  command.add_option("--random-weights", options.random_weights, "Seeded weights, to try a model out")
      ->type_name("SEED")
      ->check(WholeNumber(0, std::numeric_limits<uint64_t>::max()))
      ->excludes(weights);
}

void AddTargetOption(CLI::App& command, SessionOptions& options) {
  std::vector<std::string> names = {"native"};
  for (const Target& target : AllTargets()) names.emplace_back(target.name);
  command.add_option("--target", options.target, "Instruction set to compile for")
      ->check(OneOf(names))
      ->capture_default_str();
}

}  // namespace strata
