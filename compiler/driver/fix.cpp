#include "compiler/source/fix.h"

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "compiler/driver/commands.h"
#include "compiler/source/catalogue.h"
#include "compiler/source/output.h"

namespace strata {

namespace {

// A fix may bring out what it hid; so many layers of mistakes are followed.
constexpr int kMaxRounds = 20;

// The files that differ from the disk, by name.
using Texts = std::map<std::string, std::string>;

std::unique_ptr<Session> CheckEdited(const SessionOptions& options, const Texts& texts) {
  auto session = std::make_unique<Session>(options);
  session->sources().SetEdited(texts);
  session->Check();
  return session;
}

// How often each message is there.
using Messages = std::map<std::pair<std::string_view, std::string_view>, size_t>;

std::pair<std::string_view, std::string_view> KeyOf(const Diagnostic& diagnostic) {
  return {diagnostic.code, diagnostic.message};
}

Messages MessagesOf(Session& session) {
  Messages messages;
  for (const Diagnostic* diagnostic : session.diagnostics().Sorted()) ++messages[KeyOf(*diagnostic)];
  return messages;
}

// Mends the files in memory.
class Fixer {
 public:
  Fixer(const SessionOptions& options, bool maybe_incorrect)
      : options_(options), maybe_incorrect_(maybe_incorrect), session_(CheckEdited(options, {})) {
    // Standard input can be read only once.
    if (options.file == "-") texts_[std::string(kStandardInput)] = session_->FileText();
  }

  void Run() {
    for (int round = 0; round < kMaxRounds && FixSome(); ++round) {
    }
  }

  const Texts& texts() const { return texts_; }
  // The last check, of the files as they are now.
  Session& session() { return *session_; }
  // How many messages of each severity were fixed in each file.
  const std::map<std::string, std::map<Severity, size_t>>& counts() const { return counts_; }

 private:
  // One round: makes the fixes that are offered together, sure ones first. False if nothing was changed.
  bool FixSome() {
    before_ = session_.get();
    kept_.clear();
    best_.reset();
    Keep(ChooseFixes(before_->diagnostics(), /*maybe_incorrect=*/false));
    if (kept_.empty() && maybe_incorrect_) Keep(ChooseFixes(before_->diagnostics(), /*maybe_incorrect=*/true));
    if (kept_.empty()) return false;
    for (const Fix& fix : kept_) {
      const FileId file = fix.help->edits.front().span.file;
      ++counts_[before_->sources().Get(file).Name()][fix.diagnostic->gravity.severity];
    }
    texts_ = With(kept_);
    session_ = std::move(best_);
    return true;
  }

  // Adds to what is kept of a round all of these that do good; where not all do together, each half by itself.
  void Keep(std::span<const Fix> fixes) {
    if (fixes.empty()) return;
    std::vector<Fix> together = kept_;
    together.insert(together.end(), fixes.begin(), fixes.end());
    std::unique_ptr<Session> after = CheckEdited(options_, With(together));
    if (DoGood(fixes, *after)) {
      kept_ = std::move(together);
      best_ = std::move(after);
    } else if (fixes.size() > 1) {
      Keep(fixes.first(fixes.size() / 2));
      Keep(fixes.subspan(fixes.size() / 2));
    }
  }

  // Each mistake is gone, and the file is still read if it was before. A fix that is surely meant may bring out mistakes
  // that were hidden; one that only might be must not leave more errors than there were. Among several, one that does
  // could hide behind the others, so there each must take its own error with it.
  bool DoGood(std::span<const Fix> fixes, Session& after) const {
    Session& best = best_ ? *best_ : *before_;
    if (best.IsParsed() && !after.IsParsed()) return false;
    const bool shows_more = after.IsParsed() && !best.IsParsed();
    const auto doubtful = std::ranges::count(fixes, Applicability::MaybeIncorrect,
                                             [](const Fix& fix) { return fix.help->applicability; });
    const auto errors =
        std::ranges::count(fixes, Severity::Error, [](const Fix& fix) { return fix.diagnostic->gravity.severity; });
    const size_t fixed = fixes.size() == 1 ? 0 : static_cast<size_t>(errors);
    const bool may_raise = shows_more || doubtful == 0;
    if (!may_raise && after.diagnostics().ErrorCount() + fixed > best.diagnostics().ErrorCount()) return false;
    Messages now = MessagesOf(after);
    Messages then = MessagesOf(best);
    return std::all_of(fixes.begin(), fixes.end(),
                       [&](const Fix& fix) { return now[KeyOf(*fix.diagnostic)] < then[KeyOf(*fix.diagnostic)]; });
  }

  Texts With(std::span<const Fix> fixes) const {
    Texts texts = ApplyFixes(fixes, before_->sources());
    texts.insert(texts_.begin(), texts_.end());
    return texts;
  }

  const SessionOptions& options_;
  const bool maybe_incorrect_;
  Texts texts_;
  std::unique_ptr<Session> session_;
  std::map<std::string, std::map<Severity, size_t>> counts_;
  // Of this round: the check it starts from, what is kept so far, and the check with that.
  Session* before_ = nullptr;
  std::vector<Fix> kept_;
  std::unique_ptr<Session> best_;
};

std::string Count(size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

// "2 errors and 1 warning"
std::string Count(const std::map<Severity, size_t>& counts) {
  std::string text;
  for (const auto& [severity, count] : counts) {
    text += (text.empty() ? "" : " and ") + Count(count, NameOf(severity));
  }
  return text;
}

}  // namespace

int CheckAndFix(const SessionOptions& options, bool maybe_incorrect) {
  Fixer fixer(options, maybe_incorrect);
  fixer.Run();
  Session& session = fixer.session();
  std::string report;
  for (const auto& [name, text] : fixer.texts()) {
    const bool is_stdin = name == kStandardInput;
    const Result<> written = is_stdin ? WriteOutput("-", text) : RewriteFile(name, text);
    if (!written) session.diagnostics().Report(kinds::OutputFailed, Span(), written.Message());
    const auto counts = fixer.counts().find(name);
    if (written && counts != fixer.counts().end()) report += "fixed " + Count(counts->second) + " in " + name + "\n";
  }
  if (!maybe_incorrect) {
    const std::vector<Fix> all = ChooseFixes(session.diagnostics(), /*maybe_incorrect=*/true);
    const auto doubtful =
        std::ranges::count(all, Applicability::MaybeIncorrect, [](const Fix& fix) { return fix.help->applicability; });
    if (doubtful > 0) {
      report += "`--fix=all` can fix " + std::to_string(doubtful) + " more, perhaps not as it was meant\n";
    }
  }
  // Standard output has the program and nothing else.
  const bool is_stdin = options.file == "-";
  if (options.format == "text") std::fputs(report.c_str(), is_stdin ? stderr : stdout);
  const int status = session.Finish();
  if (status == kExitFine && !is_stdin) PrintNoErrors(options);
  return status;
}

}  // namespace strata
