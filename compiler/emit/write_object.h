// An object as a file, which it is from the first byte on: with its constants it may be as large as memory.
#pragma once

#include "compiler/emit/emit.h"
#include "compiler/source/output.h"

namespace strata {

Result<> WriteObject(const CompiledModel& model, const CodegenOptions& options, const Temporary& file);

}  // namespace strata
