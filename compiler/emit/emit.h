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

// Writes a relocatable ELF object, constants included.
Result<> EmitObject(const CompiledModel& model, const std::string& path);

// The C header: runtime/strata.h and the model's declarations.
std::string EmitHeader(const CompiledModel& model);

// Writes a static library with the object as its one member.
Result<> EmitArchive(const CompiledModel& model, const std::string& path);

struct LinkOptions {
  std::string linker = "cc";    // a compiler driver, by name or path
  std::string runtime_library;  // libstrata_runtime.a, for executables
};

// These link through `options.linker` and leave the result at `path`.
Result<> LinkExecutable(const CompiledModel& model, const std::string& path, const LinkOptions& options);
Result<> LinkShared(const CompiledModel& model, const std::string& path, const LinkOptions& options);

}  // namespace strata
