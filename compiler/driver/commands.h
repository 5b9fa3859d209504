// The commands of the command line, one file each. Each adds its subcommand to the application; when the command line names
// it, it runs and leaves its exit status in `status`.
#pragma once

#include <CLI/CLI.hpp>

#include "compiler/driver/session.h"

namespace strata {

void AddCheck(CLI::App& app, int& status);
void AddSummary(CLI::App& app, int& status);
void AddRun(CLI::App& app, int& status);
void AddBuild(CLI::App& app, int& status);
void AddBench(CLI::App& app, int& status);
void AddFmt(CLI::App& app, int& status);
void AddWeights(CLI::App& app, int& status);
void AddExplain(CLI::App& app, int& status);
void AddImport(CLI::App& app, int& status);

// Checks the model file and applies the fixes that its messages offer, round after round: machine-applicable ones, with
// `maybe_incorrect` also those. Writes the files that this changes, and prints what was fixed and what is left. A program
// from standard input goes to standard output. Returns the exit status.
int CheckAndFix(const SessionOptions& options, bool maybe_incorrect);

// "digits.strata: no errors", where messages are text.
void PrintNoErrors(const SessionOptions& options);

// Says what is wrong with the command line, and what to do. Returns the exit status for that.
int FailUsage(const std::string& message, const std::string& help);
// ": did you mean `check`?", or nothing where no name is near.
std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& names);

// ---- What options take ----

CLI::Validator OneOf(const std::vector<std::string>& choices);
CLI::Validator WholeNumber(uint64_t from, uint64_t to);

// ---- Options that several commands have ----

// FILE, --model, --format, --color
void AddFileOptions(CLI::App& command, SessionOptions& options);
// --format, --color
void AddMessageOptions(CLI::App& command, SessionOptions& options);
// --weights, --random-weights
void AddWeightsOptions(CLI::App& command, SessionOptions& options);
// --target
void AddTargetOption(CLI::App& command, SessionOptions& options);

}  // namespace strata
