#include <cstdio>
#include <memory>

#include "compiler/driver/commands.h"
#include "compiler/layers/aliases.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/output.h"
#include "compiler/syntax/format.h"

namespace strata {

namespace {

struct FmtOptions {
  std::vector<std::string> files;
  bool check = false;
  bool annotate = false;
  SessionOptions session;
};

struct Formatted {
  int status;
  bool is_changed = false;
};

// Formats one file, or with `check` says whether it is.
Formatted FormatFile(const std::string& path, const FmtOptions& options) {
  SessionOptions session_options = options.session;
  session_options.file = path;
  Session session(session_options);
  const std::optional<ast::File> file = session.ParseFile();
  if (!file) return {session.Finish()};
  const SourceFile& source = session.sources().Get(file->id);
  const std::optional<std::string> text =
      options.annotate ? session.Annotate(*file) : Format(*file, session.sources(), MainName);
  if (!text) return {session.Finish()};
  const bool is_changed = *text != source.Text();
  Result<> written = Done{};
  if (options.check) {
    if (is_changed) std::printf("%s\n", source.Name().c_str());
  } else if (path == "-") {
    written = WriteOutput(path, *text);
  } else if (is_changed) {
    written = RewriteFile(path, *text);
  }
  if (!written) session.diagnostics().Report(kinds::OutputFailed, Span(), written.Message());
  return {session.Finish(), is_changed};
}

int FormatFiles(const FmtOptions& options) {
  int status = kExitFine;
  size_t changed = 0;
  for (const std::string& path : options.files) {
    const Formatted formatted = FormatFile(path, options);
    if (formatted.status != kExitFine) status = formatted.status;
    if (formatted.is_changed) ++changed;
  }
  if (options.check && changed > 0) {
    std::fflush(stdout);
    std::fprintf(stderr, "strata: help: %s not formatted; `strata fmt` without `--check` formats %s\n",
                 changed == 1 ? "this file is" : "these files are", changed == 1 ? "it" : "them");
    return kExitMistake;
  }
  return status;
}

}  // namespace

void AddFmt(CLI::App& app, int& status) {
  auto options = std::make_shared<FmtOptions>();
  CLI::App* command = app.add_subcommand("fmt", "Format model files in the one style");
  command->add_option("FILE", options->files, "Model files, or - for standard input to standard output")->required();
  command->add_flag("--check", options->check, "Write nothing; list the files that are not formatted");
  command->add_flag("--annotate", options->annotate,
                    "Add the shapes of pipes as `: [shape]`, and renew those that are wrong");
  AddMessageOptions(*command, options->session);
  command->footer(
      "Examples:\n"
      "  strata fmt digits.strata                        # rewrites the file, if it changes\n"
      "  strata fmt --check *.strata                     # exit status 1 if one of them is not formatted\n"
      "  strata fmt --annotate digits.strata             # also writes down what shape each step gives\n"
      "  strata fmt - < digits.strata                    # for editors");
  command->callback([options, &status] { status = FormatFiles(*options); });
}

}  // namespace strata
