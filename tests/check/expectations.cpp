#include "tests/check/expectations.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace strata::testing {

namespace {

struct Expectation {
  int line;      // of the message
  int found_in;  // the line that says so
  std::string severity;
  std::string code;
  std::string text;
};

std::string Quote(const Expectation& expected) {
  return "expect-" + expected.severity + "[" + expected.code + "] {{" + expected.text + "}}";
}

// Those of one line; what is misspelled goes to `differences`.
std::vector<Expectation> ExpectationsIn(const std::string& line, int number, std::vector<std::string>& differences) {
  static const std::regex form(R"re(expect-(error|warning)\[([EW]\d{4})\](?:@([+-]\d+))?\s*\{\{(.*?)\}\})re");
  const size_t comment = line.find('#');
  std::vector<Expectation> expectations;
  if (comment == std::string::npos) return expectations;
  const std::string text = line.substr(comment);
  size_t mentioned = 0;
  for (size_t place = text.find("expect-"); place != std::string::npos; place = text.find("expect-", place + 1)) {
    ++mentioned;
  }
  for (std::sregex_iterator i(text.begin(), text.end(), form); i != std::sregex_iterator(); ++i) {
    const std::smatch& match = *i;
    const int offset = match[3].matched ? std::stoi(match[3]) : 0;
    expectations.push_back({number + offset, number, match[1], match[2], match[4]});
  }
  if (expectations.size() != mentioned) {
    differences.push_back("line " + std::to_string(number) + ": not of the form `expect-error[E0000]@+1 {{text}}`");
  }
  return expectations;
}

// The line of the primary label; 0 where there is none.
int LineOf(const Diagnostic& diagnostic, const Sources& sources) {
  if (diagnostic.labels.empty()) return 0;
  const Span span = diagnostic.labels.front().span;
  return static_cast<int>(sources.Get(span.file).Locate(span.begin).line);
}

bool Meets(const Diagnostic& diagnostic, const Expectation& expected, const Sources& sources) {
  return diagnostic.code == expected.code && NameOf(diagnostic.gravity.severity) == expected.severity &&
         LineOf(diagnostic, sources) == expected.line && diagnostic.message.find(expected.text) != std::string::npos;
}

}  // namespace

std::vector<std::string> Differences(std::string_view text, const Diagnostics& diagnostics, const Sources& sources) {
  std::vector<std::string> differences;
  std::vector<Expectation> expectations;
  std::istringstream lines{std::string(text)};
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    for (Expectation& expected : ExpectationsIn(line, ++number, differences)) expectations.push_back(expected);
  }
  // Each message meets one expectation.
  for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
    const auto met = std::ranges::find_if(
        expectations, [&](const Expectation& expected) { return Meets(*diagnostic, expected, sources); });
    if (met != expectations.end()) {
      expectations.erase(met);
      continue;
    }
    differences.push_back("line " + std::to_string(LineOf(*diagnostic, sources)) +
                          ": not expected: " + std::string(NameOf(diagnostic->gravity.severity)) + "[" +
                          std::string(diagnostic->code) + "]: " + diagnostic->message);
  }
  for (const Expectation& expected : expectations) {
    differences.push_back("line " + std::to_string(expected.found_in) + ": did not come: " + Quote(expected));
  }
  return differences;
}

}  // namespace strata::testing
