#include <sys/ioctl.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "compiler/check/summary.h"
#include "compiler/driver/commands.h"

namespace strata {

namespace {

struct SummaryCommand {
  SessionOptions session;
  SummaryOptions table;
  size_t line_length = 0;  // 0: as Keras chooses it
};

// As Keras finds them: the variable COLUMNS, else the terminal, else 80.
size_t Columns() {
  if (const char* text = std::getenv("COLUMNS")) {
    size_t columns = 0;
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), columns);
    if (error == std::errc() && *end == '\0' && columns > 0) return columns;
  }
  winsize size = {};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

int PrintSummary(SummaryCommand command) {
  const std::string format = command.session.format;
  // Messages are JSON where the table is.
  if (format == "markdown") command.session.format = "text";
  if (command.line_length > 0) command.table.line_length = command.line_length;
  command.table.columns = Columns();
  Session session(command.session);
  if (const std::optional<Network> network = session.CheckFile()) {
    const std::string text = format == "json"       ? SummaryJson(*network)
                             : format == "markdown" ? SummaryMarkdown(*network, command.table)
                                                    : Summary(*network, command.table);
    std::fwrite(text.data(), 1, text.size(), stdout);
  }
  return session.Finish();
}

}  // namespace

void AddSummary(CLI::App& app, int& status) {
  auto options = std::make_shared<SummaryCommand>();
  CLI::App* command = app.add_subcommand("summary", "Print the table of layers, shapes and parameters, as Keras does");
  AddFileOptions(*command, options->session);
  CLI::Option* format = command->get_option("--format");
  command->remove_option(format);
  command->add_option("--format", options->session.format, "The table as Keras prints it, as JSON or as Markdown")
      ->check(OneOf({"text", "json", "markdown"}))
      ->capture_default_str();
  command->add_option("--line-length", options->line_length, "Length of the table's lines; without it as Keras does")
      ->type_name("N")
      ->check(WholeNumber(kMinSummaryLine, 1000));
  command->add_flag("--show-trainable", options->table.shows_trainable, "Also whether training changes a layer");
  command->add_flag("--expand", options->table.expands, "Also the layers that a layer holds, as Bidirectional does");
  command->add_flag("--symbols", options->table.names_symbols, "Sizes that vary by their names, in place of `None`");
  command->footer(
      "Examples:\n"
      "  strata summary digits.strata\n"
      "  strata summary digits.strata --format=markdown --symbols");
  command->callback([options, &status] { status = PrintSummary(*options); });
}

}  // namespace strata
