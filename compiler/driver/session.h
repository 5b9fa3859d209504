// What every command does first: read a model file, check it, find its weights, compile it; and what it does last: print
// the messages and choose the exit status.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "compiler/check/check.h"
#include "compiler/emit/emit.h"
#include "compiler/syntax/parse.h"
#include "compiler/weights/weights.h"

namespace strata {

// Exit statuses.
inline constexpr int kExitFine = 0;
inline constexpr int kExitMistake = 1;  // in the model, its weights, a file, the system
inline constexpr int kExitUsage = 2;    // of the command line
inline constexpr int kExitFault = 70;   // in Strata

// The options that commands share; each registers those it has.
struct SessionOptions {
  std::string file;
  std::string model;                       // which model of the file; empty: the only one
  std::vector<std::string> settings;       // values of its parameters, each as `n=5`
  std::string weights;                     // in place of the file's declaration
  std::optional<uint64_t> random_weights;  // a seed, in place of a file
  std::string target = "native";
  std::string format = "text";  // of the messages: text, json, sarif
  std::string color = "auto";   // auto, always, never
  size_t max_errors = 100;      // errors and warnings shown as text; 0: all
};

class Session {
 public:
  explicit Session(SessionOptions options) : options_(std::move(options)) {}

  // Each reports what is wrong and then returns nothing.
  std::optional<ast::File> ParseFile(bool keeps_parts = false);
  std::optional<Network> CheckFile(bool needs_network = true);
  std::optional<std::string> Annotate(const ast::File& file);
  std::optional<BoundWeights> FindWeights(const Network& network);
  std::optional<core::Graph> OptimizedGraph(const Network& network);
  std::optional<Schedule> MakeSchedule(const Network& network);
  std::optional<CompiledModel> Compile();

  // All that `check` does: of the weights, a file that is not there is only a warning, and no element is read.
  std::optional<Network> Check();
  // The target asked for, if this processor runs it.
  bool RequireRunnableTarget();

  const Sources& sources() const { return sources_; }
  Diagnostics& diagnostics() { return diagnostics_; }
  Sources& sources() { return sources_; }
  // The model file's text; empty if it could not be read.
  std::string_view FileText() const { return file_ ? sources_.Get(*file_).Text() : std::string_view(); }
  // Whether the file could be read and has no syntax error.
  bool IsParsed() const { return is_parsed_; }
  // Prints the messages to standard error. Returns the exit status they ask for.
  int Finish();

 private:
  void CheckWeights(const Network& network);
  // Nothing where the program maps names, or the file is no such model: then names tell.
  std::optional<BoundWeights> BindByStructure(const Network& network, const std::string& path,
                                              const BindOptions& options = {}) const;
  const Target& ChosenTarget() const;
  std::string Render() const;

  SessionOptions options_;
  Sources sources_;
  Diagnostics diagnostics_;
  std::optional<FileId> file_;
  bool is_parsed_ = false;
};

// Whether what goes to this file (STDOUT_FILENO, STDERR_FILENO) is to be coloured.
bool UsesColor(const std::string& choice, int file);

}  // namespace strata
