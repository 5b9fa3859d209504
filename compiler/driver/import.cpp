// strata import: a model of Keras as a program.
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <memory>

#include "compiler/driver/commands.h"
#include "compiler/import/import.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/output.h"
#include "compiler/weights/write_safetensors.h"

namespace strata {
namespace {

struct ImportCommand {
  SessionOptions session;  // how messages are shown
  std::string file;
  std::string output;
  bool is_flat = false;
};

// One line on a terminal, which the next one replaces.
void ShowProgress(const std::string& text) {
  if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r\033[K%s", text.c_str());
}

int Import(const ImportCommand& command) {
  Session session(command.session);
  Diagnostics& diagnostics = session.diagnostics();
  const std::filesystem::path path(command.file);
  const std::string output = command.output.empty() ? path.stem().string() + ".strata" : command.output;
  ShowProgress("reading " + command.file);
  const std::optional<import::KerasModel> file = import::ReadKerasModel(command.file, diagnostics);
  ShowProgress("");
  if (!file) return session.Finish();
  import::ImportOptions options{.path = command.file, .output = output, .weights = "", .folds = !command.is_flat};
  const bool writes_weights = file->weights != nullptr && output != "-";
  const std::string weights = std::filesystem::path(output).replace_extension(".safetensors").string();
  if (writes_weights) options.weights = std::filesystem::path(weights).filename().string();
  const std::optional<import::Imported> imported = import::ImportKeras(*file, options, session.sources(), diagnostics);
  if (!imported) return session.Finish();
  std::string report = output + ": " + std::to_string(imported->layers.size()) + " layers";
  if (writes_weights) {
    const auto tensors = import::FindTensors(imported->network, imported->layers, *file, command.file, diagnostics);
    if (!tensors) return session.Finish();
    ShowProgress("writing " + weights);
    if (Result<> written = WriteSafetensors(weights, *file->weights, *tensors); !written) {
      diagnostics.Report(kinds::OutputFailed, Span(), written.Message());
      return session.Finish();
    }
    report += "; " + weights + ": " + std::to_string(tensors->size()) + " tensors";
  }
  if (Result<> written = WriteOutput(output, imported->text); !written) {
    diagnostics.Report(kinds::OutputFailed, Span(), written.Message());
  }
  ShowProgress("");
  const int status = session.Finish();
  if (status == kExitFine && output != "-" && command.session.format == "text") std::printf("%s\n", report.c_str());
  return status;
}

}  // namespace

void AddImport(CLI::App& app, int& status) {
  auto command = std::make_shared<ImportCommand>();
  CLI::App* import = app.add_subcommand("import", "Turn a saved Keras model into a model file and its weights");
  import->add_option("FILE", command->file, "A `.keras` or whole-model `.h5` file, or the `.json` of to_json()")
      ->required();
  import->add_option("-o,--output", command->output,
                     "Where the model file goes; default: FILE's name with `.strata`, in this folder. The weights go "
                     "beside it, as `.safetensors`; with -, standard output, none are written");
  import->add_flag("--flat", command->is_flat, "One statement for each call: no `repeat`, no `block`");
  AddMessageOptions(*import, command->session);
  import->footer(
      "Examples:\n"
      "  strata import resnet50.keras                    # resnet50.strata and resnet50.safetensors\n"
      "  strata import old.h5 -o models/new.strata       # of Keras 2 or 3\n"
      "  strata import config.json -o -                  # the architecture alone, to standard output");
  import->callback([command, &status] { status = Import(*command); });
}

}  // namespace strata
