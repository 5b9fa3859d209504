#include <unistd.h>

#include <cstdio>
#include <memory>

#include "compiler/driver/commands.h"

namespace strata {

namespace {

void List() {
  for (const KindInfo& kind : AllKinds()) {
    const std::string_view page = ExplainPage(kind.code);
    // The page's title: "# E0203: ...".
    const std::string_view title = page.substr(0, page.find('\n'));
    std::printf("%s\n", std::string(title.substr(title.find(' ') + 1)).c_str());
  }
}

int Explain(const std::string& code) {
  if (code.empty()) {
    List();
    return kExitFine;
  }
  std::string upper = code;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  const std::string_view page = ExplainPage(upper);
  if (!page.empty()) {
    std::fwrite(page.data(), 1, page.size(), stdout);
    return kExitFine;
  }
  std::vector<std::string_view> codes;
  for (const KindInfo& kind : AllKinds()) codes.push_back(kind.code);
  return FailUsage("there is no code `" + code + "`" + DidYouMean(upper, codes), "`strata explain` lists all codes");
}

}  // namespace

void AddExplain(CLI::App& app, int& status) {
  auto code = std::make_shared<std::string>();
  CLI::App* command =
      app.add_subcommand("explain", "Explain an error code, with a program that fails and one that passes");
  command->add_option("CODE", *code, "The code, as in error[E0203]; without it, all are listed");
  command->footer("Example:\n  strata explain E0203");
  command->callback([code, &status] { status = Explain(*code); });
}

}  // namespace strata
