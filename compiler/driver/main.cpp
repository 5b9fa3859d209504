// strata: the command line.
#include <cstdio>
#include <exception>
#include <new>
#include <stdexcept>

#include "compiler/driver/commands.h"

namespace {

// The first word that the command could make nothing of; empty if there is none.
std::string SurplusWord(const CLI::App& command) {
  const std::vector<std::string> words = command.remaining();
  return words.empty() ? std::string() : words.front();
}

std::string UnknownOption(const CLI::App& command, const std::string& word) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  const std::string option = word.substr(0, word.find('='));
  return "there is no option `" + option + "`" + strata::DidYouMean(option, {names.begin(), names.end()});
}

std::string UnknownCommand(const CLI::App& app, const std::string& word) {
  std::vector<std::string_view> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return "there is no command `" + word + "`" + strata::DidYouMean(word, names);
}

int ReportUsage(const CLI::App& app, const CLI::ParseError& error) {
  const std::vector<CLI::App*> commands = app.get_subcommands();
  const bool is_before_command = !SurplusWord(app).empty() || commands.empty();
  const CLI::App& command = is_before_command ? app : *commands.front();
  const std::string surplus = SurplusWord(command);
  std::string message = error.what();
  if (is_before_command && surplus.empty()) {
    std::fputs(app.help().c_str(), stderr);
    return strata::kExitUsage;
  }
  if (is_before_command || dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
    message = surplus.starts_with('-') ? UnknownOption(command, surplus)
              : is_before_command      ? UnknownCommand(app, surplus)
                                       : "`" + surplus + "` is one argument too many";
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    // "--model: 1 required TEXT missing", "--model: At Most 1 required but received 2"
    message = "`" + message.substr(0, message.find(':')) + "` " +
              (message.ends_with("missing") ? "has no value" : "is given more than once");
  }
  const std::string caller = is_before_command ? "strata" : "strata " + command.get_name();
  return strata::FailUsage(message, "`" + caller + " --help` says how to call it");
}

int RunCommandLine(int argc, char** argv) {
  CLI::App app("Strata compiles neural networks, written as Keras-like text, to native code.", "strata");
  app.set_version_flag("--version", "strata " STRATA_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  strata check digits.strata                      # what is wrong with a model, where, and how to mend it\n"
      "  strata build digits.strata -o digits            # ./digits --input image=images.npy --output probs=probs.npy\n"
      "  strata build digits.strata --emit=obj           # digits.o, to link into a program of yours\n\n"
      "`strata COMMAND --help` says more of a command.\n\n"
      "Exit status: 0 fine, 1 a mistake in the model or a file, 2 wrong usage, 70 a fault of Strata.");
  int status = strata::kExitFine;
  strata::AddCheck(app, status);
  strata::AddSummary(app, status);
  strata::AddRun(app, status);
  strata::AddBuild(app, status);
  strata::AddBench(app, status);
  strata::AddFmt(app, status);
  strata::AddWeights(app, status);
  strata::AddImport(app, status);
  strata::AddExplain(app, status);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    app.exit(help_or_version);
    return strata::kExitFine;
  } catch (const CLI::ParseError& error) {
    return ReportUsage(app, error);
  }
  return status;
}

int FailOutOfMemory() {
  std::fprintf(stderr, "strata: error: out of memory: the model is larger than this machine can hold\n");
  return strata::kExitMistake;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return RunCommandLine(argc, argv);
  } catch (const std::bad_alloc&) {
    return FailOutOfMemory();
  } catch (const std::length_error&) {
    return FailOutOfMemory();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "strata: internal error: %s\n", error.what());
    return strata::kExitFault;
  }
}
