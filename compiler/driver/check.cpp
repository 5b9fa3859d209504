#include <cstdio>
#include <memory>

#include "compiler/driver/commands.h"

namespace strata {

void AddCheck(CLI::App& app, int& status) {
  auto options = std::make_shared<SessionOptions>();
  CLI::App* command = app.add_subcommand("check", "Check a model: names, arguments, shapes, weights");
  AddFileOptions(*command, *options);
  command->add_option("--weights", options->weights, "Weights file in place of the declared one");
  command->footer("Example:\n  strata check digits.strata");
  command->callback([options, &status] {
    Session session(*options);
    const std::optional<Network> network = session.CheckFile(/*needs_network=*/false);
    if (network) session.CheckWeights(*network);
    status = session.Finish();
    if (status != kExitFine || options->format != "text") return;
    std::printf("%s: no errors\n", options->file == "-" ? "<stdin>" : options->file.c_str());
    if (!network || network->guards.empty()) return;
    std::printf("tested when the model runs:\n");
    for (const NetworkGuard& guard : network->guards) std::printf("  %s\n", guard.text.c_str());
  });
}

}  // namespace strata
