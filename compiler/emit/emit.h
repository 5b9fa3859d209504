// A scheduled model as files: LLVM IR, assembly, object, header, archive, shared library, executable.
#pragma once

#include <string>
#include <string_view>

#include "compiler/codegen/codegen.h"
#include "compiler/schedule/schedule.h"
#include "compiler/source/result.h"

namespace strata {

// A model ready to be emitted.
struct CompiledModel {
  Interface interface;
  Schedule schedule;
  // For tests: AddressSanitizer checks every address that the code reads or writes. What links it needs its library.
  bool sanitize_address = false;
};

// Optimized LLVM IR and assembly as text. The constants' section is empty space there: only an object has their bytes.
std::string EmitLlvmIr(const CompiledModel& model);
std::string EmitAssembly(const CompiledModel& model);

// A relocatable ELF object, constants included. With `executable` it also defines what the runtime's main expects.
std::string EmitObject(const CompiledModel& model, bool executable = false);

// The C header: runtime/strata.h and the model's declarations.
std::string EmitHeader(const CompiledModel& model);

// A static library with the object as its one member.
Result<std::string> EmitArchive(const CompiledModel& model);

struct LinkOptions {
  std::string linker = "cc";    // a compiler driver, by name or path
  std::string runtime_library;  // libstrata_runtime.a, for executables
};

// These link through `options.linker` and leave the result at `path`.
Result<> LinkExecutable(const CompiledModel& model, const std::string& path, const LinkOptions& options);
Result<> LinkShared(const CompiledModel& model, const std::string& path, const LinkOptions& options);

// Fails where no file can come to be at `path`: a folder that is not there, a folder that is. To be asked before work that
// takes its time.
Result<> CheckOutput(const std::string& path);

// Writes a file beside `path` and renames it, so that nobody ever sees a part of it. `-` is standard output. A device or
// a pipe is written in place.
Result<> WriteOutput(const std::string& path, std::string_view bytes);

// Gives a file that is there a new text, in the same way. It keeps its permissions, and a symbolic link stays one.
Result<> RewriteFile(const std::string& path, std::string_view bytes);

}  // namespace strata
