#include <filesystem>
#include <functional>
#include <memory>

#include "compiler/driver/commands.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/output.h"

namespace strata {

namespace {

struct BuildOptions {
  SessionOptions session;
  std::string emit = "exe";
  std::string output;
  std::string linker = "cc";
  std::string sanitize;  // "address", or nothing
};

// The runtime library lies in ../lib/strata beside the folder of this program.
std::string RuntimeLibrary() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path().parent_path() / "lib" / "strata" / "libstrata_runtime.a").string();
}

void ReportUnwritten(Session& session, const Result<>& written) {
  if (!written) session.diagnostics().Report(kinds::OutputFailed, Span(), written.Message());
}

void WriteOrReport(Session& session, const std::string& path, std::string_view bytes) {
  ReportUnwritten(session, WriteOutput(path, bytes));
}

template <typename Link>
void LinkOrReport(Session& session, const Link& link, const CompiledModel& model, const std::string& path,
                  const LinkOptions& options) {
  if (Result<> writable = CheckOutput(path); !writable) {
    session.diagnostics().Report(kinds::OutputFailed, Span(), writable.Message());
  } else if (Result<> linked = link(model, path, options); !linked) {
    Diagnostic& diagnostic = session.diagnostics().Report(kinds::LinkFailed, Span(), linked.Message());
    if (!linked.Help().empty()) diagnostic.Help(linked.Help());
    diagnostic.Help("`--emit=obj` makes an object and needs no linker");
  }
}

std::string CoreText(Session& session, const Network& network) {
  const std::optional<core::Graph> optimized = session.OptimizedGraph(network);
  if (!optimized) return "";
  return "# expanded\n" + core::Print(Expand(network)) + "\n# optimized\n" + core::Print(*optimized);
}

std::string ScheduleText(Session& session, const Network& network) {
  const std::optional<Schedule> schedule = session.MakeSchedule(network);
  return schedule ? Print(*schedule) : "";
}

// What --emit= may name: how it is made, and the file it goes to where -o does not say, `%` standing for the model's name.
struct Product {
  std::string_view name;
  std::string_view output;
  // One of these three: from the syntax tree, the checked network, or the compiled model.
  std::function<std::string(const ast::File&)> from_file = {};
  std::function<std::string(Session&, const Network&)> from_network = {};
  std::function<void(Session&, const CompiledModel&, const std::string& path, const BuildOptions&)> from_model = {};
};

// A product that is bytes to be written.
template <typename Emit>
auto Written(const Emit& emit) {
  return [emit](Session& session, const CompiledModel& model, const std::string& path, const BuildOptions&) {
    WriteOrReport(session, path, emit(model));
  };
}

// A product that writes itself.
auto WrittenBy(Result<> (*emit)(const CompiledModel&, const std::string&)) {
  return [emit](Session& session, const CompiledModel& model, const std::string& path, const BuildOptions&) {
    ReportUnwritten(session, emit(model, path));
  };
}

const std::vector<Product>& Products() {
  static const std::vector<Product> products = {
      {.name = "exe",
       .output = "%",
       .from_model =
           [](Session& session, const CompiledModel& model, const std::string& path, const BuildOptions& options) {
             LinkOrReport(session, LinkExecutable, model, path,
                          {.linker = options.linker, .runtime_library = RuntimeLibrary()});
           }},
      {.name = "obj", .output = "%.o", .from_model = WrittenBy(EmitObject)},
      {.name = "header", .output = "%.h", .from_model = Written(EmitHeader)},
      {.name = "static", .output = "lib%.a", .from_model = WrittenBy(EmitArchive)},
      {.name = "shared",
       .output = "lib%.so",
       .from_model =
           [](Session& session, const CompiledModel& model, const std::string& path, const BuildOptions& options) {
             LinkOrReport(session, LinkShared, model, path, {.linker = options.linker});
           }},
      {.name = "llvm-ir", .output = "-", .from_model = Written(EmitLlvmIr)},
      {.name = "asm", .output = "-", .from_model = Written(EmitAssembly)},
      {.name = "ast", .output = "-", .from_file = PrintAst},
      {.name = "network", .output = "-", .from_network = [](Session&, const Network& n) { return Print(n); }},
      {.name = "core", .output = "-", .from_network = CoreText},
      {.name = "schedule", .output = "-", .from_network = ScheduleText},
  };
  return products;
}

std::string OutputPath(const BuildOptions& options, const Product& product, const std::string& model) {
  if (!options.output.empty()) return options.output;
  std::string path(product.output);
  if (const size_t place = path.find('%'); place != std::string::npos) path.replace(place, 1, model);
  return path;
}

int Build(const BuildOptions& options) {
  Session session(options.session);
  const Product* product = nullptr;
  for (const Product& candidate : Products()) {
    if (candidate.name == options.emit) product = &candidate;
  }
  if (product->from_file) {
    if (const std::optional<ast::File> file = session.ParseFile()) {
      WriteOrReport(session, OutputPath(options, *product, ""), product->from_file(*file));
    }
  } else if (product->from_network) {
    if (const std::optional<Network> network = session.CheckFile()) {
      const std::string text = product->from_network(session, *network);
      if (!session.diagnostics().HasErrors()) {
        WriteOrReport(session, OutputPath(options, *product, network->name), text);
      }
    }
  } else if (std::optional<CompiledModel> model = session.Compile()) {
    model->sanitize_address = options.sanitize == "address";
    product->from_model(session, *model, OutputPath(options, *product, model->interface.name), options);
  }
  return session.Finish();
}

}  // namespace

void AddBuild(CLI::App& app, int& status) {
  auto options = std::make_shared<BuildOptions>();
  CLI::App* command = app.add_subcommand("build", "Compile a model to an executable, an object, or any stage between");
  AddFileOptions(*command, options->session);
  AddWeightsOptions(*command, options->session);
  AddTargetOption(*command, options->session);
  std::vector<std::string> names;
  for (const Product& product : Products()) names.emplace_back(product.name);
  command->add_option("--emit", options->emit, "What to make")->check(OneOf(names))->capture_default_str();
  command->add_option("-o,--output", options->output,
                      "Where it goes; default: named after the model, or standard output for text");
  command->add_option("--linker", options->linker, "C compiler that links executables and shared libraries")
      ->capture_default_str();
  // Not in --help: it is for tests of the compiler.
  command->add_option("--sanitize", options->sanitize, "Check every access to memory in the code that is made")
      ->check(OneOf({"address"}))
      ->group("");
  command->footer(
      "Examples:\n"
      "  strata build digits.strata -o digits            # ./digits --input image=images.npy --output probs=probs.npy\n"
      "  strata build digits.strata --emit=obj           # digits.o, to link into a program of yours\n"
      "  strata build digits.strata --emit=header        # digits.h, its declarations\n"
      "  strata build digits.strata --emit=schedule      # how it will be computed");
  command->callback([options, &status] { status = Build(*options); });
}

}  // namespace strata
