#include <cstdio>
#include <memory>

#include "compiler/driver/commands.h"
#include "compiler/emit/jit.h"
#include "compiler/source/catalogue.h"
#include "runtime/run_files.h"
#include "runtime/text.h"

namespace strata {

namespace {

struct RunOptions {
  SessionOptions session;
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
};

// `image=images.npy` as the runtime takes it. The names live in `texts`.
std::vector<strata_file_binding> Bindings(std::vector<std::string>& texts) {
  std::vector<strata_file_binding> bindings;
  for (std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos) {
      bindings.push_back({.name = nullptr, .path = text.c_str()});
    } else {
      text[equals] = '\0';
      bindings.push_back({.name = text.c_str(), .path = text.c_str() + equals + 1});
    }
  }
  return bindings;
}

int Run(RunOptions& options) {
  Session session(options.session);
  if (!session.RequireRunnableTarget()) return session.Finish();
  std::optional<CompiledModel> model = session.Compile();
  if (!model) return session.Finish();
  auto jit = Jit::Compile(*std::move(model));
  if (!jit) {
    std::fprintf(stderr, "strata: %s\n", jit.Message().c_str());
    return kExitFault;
  }
  const std::vector<strata_file_binding> inputs = Bindings(options.inputs);
  const std::vector<strata_file_binding> outputs = Bindings(options.outputs);
  char error[STRATA_ERROR_SIZE];
  const int result = strata_run_files(&(*jit)->Model(), inputs.data(), static_cast<int>(inputs.size()), outputs.data(),
                                      static_cast<int>(outputs.size()), error, sizeof error);
  if (result != STRATA_EXIT_FINE) session.diagnostics().Report(kinds::ArrayFault, Span(), error);
  session.Finish();
  return result;
}

}  // namespace

void AddRun(CLI::App& app, int& status) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command = app.add_subcommand("run", "Compile a model in memory and run it on arrays");
  AddFileOptions(*command, options->session);
  AddWeightsOptions(*command, options->session);
  AddTargetOption(*command, options->session);
  command
      ->add_option("--input", options->inputs, "An input's array: NAME=FILE.npy (- is standard input); repeat for each")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  command->add_option("--output", options->outputs, "Where an output goes: NAME=FILE.npy (- is standard output)")
      ->type_name("NAME=FILE")
      ->allow_extra_args(false);
  command->footer("Example:\n  strata run digits.strata --input image=images.npy --output probs=probs.npy");
  command->callback([options, &status] { status = Run(*options); });
}

}  // namespace strata
