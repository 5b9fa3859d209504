// strata: the command line.
#include <cstdio>
#include <exception>

#include "compiler/driver/commands.h"

namespace {

int RunCommandLine(int argc, char** argv) {
  CLI::App app("Strata compiles neural networks, written as Keras-like text, to native code.", "strata");
  app.set_version_flag("--version", "strata " STRATA_VERSION);
  app.require_subcommand(1);
  app.footer(
      "`strata COMMAND --help` says more of a command.\n\n"
      "Exit status: 0 fine, 1 a mistake in the model or a file, 2 wrong usage, 70 a fault of Strata.");
  int status = strata::kExitFine;
  strata::AddCheck(app, status);
  strata::AddSummary(app, status);
  strata::AddRun(app, status);
  strata::AddBuild(app, status);
  strata::AddBench(app, status);
  strata::AddExplain(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 also ends this way for --help and --version, with status 0.
    return app.exit(error) == 0 ? strata::kExitFine : strata::kExitUsage;
  }
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return RunCommandLine(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "strata: internal error: %s\n", error.what());
    return strata::kExitFault;
  }
}
