// The mutation proof: thousands of seeded mistakes in the valid programs of the repository. Each is checked within a
// second of processor time without a fault, and the first error must point at the mistake. Those that parse are formatted,
// and so are the programs themselves. Prints a table, and exits with status 1 where a share falls short.
//
//   mutate [--count N] [--seed N] [--show missed|all]
#include <sys/time.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>

#include "compiler/check/check.h"
#include "compiler/layers/layer.h"
#include "compiler/syntax/parse.h"
#include "tests/mutate/mutate.h"
#include "tests/support/format_property.h"
#include "tests/support/last_words.h"
#include "tests/support/programs.h"

namespace strata::testing {
namespace {

// To reach, over all kinds (issue: the mutation proof).
constexpr double kPrimaryShare = 0.80;
constexpr double kAnyShare = 0.95;
constexpr size_t kMostLabels = 3;
// Of processor time, for one mutant. The sanitizers make everything slower.
#ifdef __SANITIZE_ADDRESS__
constexpr time_t kMostSeconds = 20;
#elif defined(__has_feature)
constexpr time_t kMostSeconds = __has_feature(address_sanitizer) ? 20 : 1;
#else
constexpr time_t kMostSeconds = 1;
#endif

struct Outcome {
  bool is_error = false;
  bool primary = false;
  bool any = false;
};

struct Tally {
  size_t mutants = 0;
  size_t errors = 0;
  size_t primary = 0;
  size_t any = 0;

  void Add(const Outcome& outcome) {
    ++mutants;
    errors += outcome.is_error;
    primary += outcome.primary;
    any += outcome.any;
  }
};

bool IsWithin(const Label& label, const Mutant& mutant, const Sources& sources) {
  const SourceFile& file = sources.Get(label.span.file);
  const uint32_t first = file.Locate(label.span.begin).line;
  const uint32_t last = file.Locate(label.span.end > label.span.begin ? label.span.end - 1 : label.span.end).line;
  return label.span.file.index == 0 && first <= mutant.last_line && last >= mutant.first_line;
}

class Proof {
 public:
  explicit Proof(std::string show) : show_(std::move(show)) {}

  // Whether the program is valid as it stands.
  static bool IsValid(const Program& program) {
    Sources sources;
    Diagnostics diagnostics;
    const FileId id = sources.Add(program.path, program.text);
    if (!ScanSource(id, sources, diagnostics)) return false;
    const std::optional<ast::File> file = Parse(id, sources, diagnostics);
    if (file) Check(*file, sources, diagnostics, {.needs_network = false});
    return !diagnostics.HasErrors();
  }

  void Try(const Program& program, const Mutant& mutant) {
    const itimerval limit = {{0, 0}, {kMostSeconds, 0}};
    setitimer(ITIMER_PROF, &limit, nullptr);
    const LastWords words(mutant.text);
    Sources sources;
    Diagnostics diagnostics;
    const FileId id = sources.Add(program.path, mutant.text);
    std::optional<ast::File> file;
    if (ScanSource(id, sources, diagnostics)) file = Parse(id, sources, diagnostics, {.keeps_parts = true});
    const bool is_parsed = !diagnostics.HasErrors();
    if (file) Check(*file, sources, diagnostics, {.needs_network = false});
    const std::string rendered = RenderText(diagnostics, sources, {});
    RenderJson(diagnostics, sources);
    const itimerval off = {};
    setitimer(ITIMER_PROF, &off, nullptr);
    if (is_parsed) TryFormat(mutant.text);

    Outcome outcome;
    for (const Diagnostic* diagnostic : diagnostics.Sorted()) {
      if (diagnostic->gravity.severity != Severity::Error) continue;
      if (diagnostic->labels.size() > kMostLabels) {
        std::cout << "more than " << kMostLabels << " labels:\n" << rendered;
        is_good_ = false;
      }
      if (outcome.is_error) continue;
      outcome.is_error = true;
      for (size_t i = 0; i < diagnostic->labels.size(); ++i) {
        if (!IsWithin(diagnostic->labels[i], mutant, sources)) continue;
        outcome.any = true;
        outcome.primary |= i == 0;
      }
    }
    tallies_[static_cast<size_t>(mutant.kind)].Add(outcome);
    total_.Add(outcome);
    if (show_ == "all" || (show_ == "missed" && outcome.is_error && !outcome.primary)) {
      std::cout << "---- " << kMutationNames[static_cast<size_t>(mutant.kind)] << ", lines " << mutant.first_line << "-"
                << mutant.last_line << (outcome.any ? ", a label is there" : "") << "\n"
                << mutant.text << rendered << "\n";
    }
  }

  // The formatter's properties hold for every text that parses.
  void TryFormat(const std::string& text) {
    const std::string fault = FormatFault(text);
    if (fault.empty()) return;
    std::cout << "the format of\n" << text << "\n" << fault << "\n";
    is_good_ = false;
  }

  bool Report() const {
    std::printf("%-18s %8s %8s %9s %9s\n", "mistake", "mutants", "errors", "primary", "any label");
    for (size_t kind = 0; kind < tallies_.size(); ++kind) Row(kMutationNames[kind], tallies_[kind]);
    Row("all", total_);
    if (Share(total_.primary, total_.errors) < kPrimaryShare || Share(total_.any, total_.errors) < kAnyShare) {
      std::printf("to reach: %.2f primary, %.2f any label\n", kPrimaryShare, kAnyShare);
      return false;
    }
    return is_good_;
  }

 private:
  static double Share(size_t part, size_t whole) {
    return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
  }
  static void Row(std::string_view name, const Tally& tally) {
    std::printf("%-18.*s %8zu %8zu %9.3f %9.3f\n", static_cast<int>(name.size()), name.data(), tally.mutants,
                tally.errors, Share(tally.primary, tally.errors), Share(tally.any, tally.errors));
  }

  std::string show_;
  std::array<Tally, kMutationNames.size()> tallies_;
  Tally total_;
  bool is_good_ = true;
};

int Main(int argc, char** argv) {
  size_t count = 4000;
  uint32_t seed = 1;
  std::string show;
  CLI::App app("Makes mistakes in valid programs and looks where the first error points.");
  app.add_option("--count", count, "How many mutants")->capture_default_str();
  app.add_option("--seed", seed, "Of the random choices")->capture_default_str();
  app.add_option("--show", show, "missed: mutants whose first error points elsewhere; all")
      ->check(CLI::IsMember({"missed", "all"}));
  CLI11_PARSE(app, argc, argv);

  // Every kind of mistake takes turns, and within a kind every program.
  std::mt19937 random(seed);
  struct Source {
    const Program* program;
    Mutator mutator;
  };
  const std::vector<Program> programs = AllPrograms();
  std::vector<Source> sources;
  for (const Program& program : programs) {
    if (!Proof::IsValid(program)) continue;
    Sources own;
    Diagnostics diagnostics;
    const FileId id = own.Add(program.path, program.text);
    const std::optional<ast::File> file = Parse(id, own, diagnostics);
    sources.push_back({&program, Mutator(*file, program.text)});
  }
  std::printf("%zu valid programs\n", sources.size());
  Proof proof(show);
  for (const Program& program : programs) proof.TryFormat(program.text);
  for (size_t made = 0; made < count;) {
    for (size_t kind = 0; kind < kMutationNames.size(); ++kind) {
      // A program by the number of its places, so that long ones count for more.
      size_t places = 0;
      for (const Source& source : sources) places += source.mutator.Count(static_cast<Mutation>(kind));
      size_t place = std::uniform_int_distribution<size_t>(0, places - 1)(random);
      for (const Source& source : sources) {
        const size_t own = source.mutator.Count(static_cast<Mutation>(kind));
        if (place >= own) {
          place -= own;
          continue;
        }
        proof.Try(*source.program, source.mutator.Make(static_cast<Mutation>(kind), place, random));
        ++made;
        break;
      }
    }
  }
  return proof.Report() ? 0 : 1;
}

}  // namespace
}  // namespace strata::testing

int main(int argc, char** argv) { return strata::testing::Main(argc, argv); }
