#include <cstdio>
#include <memory>

#include "compiler/driver/commands.h"

namespace strata {

void PrintNoErrors(const SessionOptions& options) {
  if (options.format != "text") return;
  const std::string name = options.file == "-" ? std::string(kStandardInput) : options.file;
  std::printf("%s: no errors\n", name.c_str());
}

void AddCheck(CLI::App& app, int& status) {
  auto options = std::make_shared<SessionOptions>();
  auto fix = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("check", "Check a model: names, arguments, shapes, weights");
  AddFileOptions(*command, *options);
  command->add_option("--weights", options->weights, "Weights file in place of the declared one");
  // Without a value it is "true".
  command->add_flag("--fix", *fix, "Apply the fixes that are surely meant; --fix=all also those that only might be")
      ->option_text("[=all]");
  command->footer("Examples:\n  strata check digits.strata\n  strata check --fix digits.strata");
  command->callback([options, fix, &status] {
    if (!fix->empty()) {
      status = *fix == "true" || *fix == "all" ? CheckAndFix(*options, *fix == "all")
                                               : FailUsage("--fix: got `" + *fix + "`, expected `all` or nothing",
                                                           "`strata check --help` says how to call it");
      return;
    }
    Session session(*options);
    const std::optional<Network> network = session.Check();
    status = session.Finish();
    if (status != kExitFine) return;
    PrintNoErrors(*options);
    if (options->format != "text" || !network || network->guards.empty()) return;
    std::printf("tested when the model runs:\n");
    for (const NetworkGuard& guard : network->guards) std::printf("  %s\n", guard.text.c_str());
  });
}

}  // namespace strata
