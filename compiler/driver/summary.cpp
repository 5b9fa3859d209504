#include <cstdio>
#include <memory>

#include "compiler/driver/commands.h"

namespace strata {

void AddSummary(CLI::App& app, int& status) {
  auto options = std::make_shared<SessionOptions>();
  CLI::App* command = app.add_subcommand("summary", "Print the table of layers, shapes and parameters, as Keras does");
  AddFileOptions(*command, *options);
  command->footer("Example:\n  strata summary digits.strata");
  command->callback([options, &status] {
    Session session(*options);
    if (const std::optional<Network> network = session.CheckFile()) std::fputs(Summary(*network).c_str(), stdout);
    status = session.Finish();
  });
}

}  // namespace strata
