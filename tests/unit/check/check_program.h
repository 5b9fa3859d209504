// Checks the text of a program, for tests.
#pragma once

#include <optional>
#include <string>

#include "compiler/check/check.h"

namespace strata {

struct CheckedProgram {
  std::optional<Network> network;
  std::string rendered;  // what the user reads; empty where nothing was reported
};

// `path` is the model file's name.
CheckedProgram CheckProgram(const std::string& text, const CheckOptions& options = {},
                            const std::string& path = "tiny.strata");

// What the user reads, after making sure that each help's edits give a program without the error they belong to.
std::string Report(const std::string& text);

}  // namespace strata
