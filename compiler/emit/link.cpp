#include <cerrno>
#include <cstring>

#include "compiler/emit/emit.h"
#include "compiler/emit/temporary.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Program.h>
#pragma GCC diagnostic pop

namespace strata {

namespace {

// What the linker had to say, on one line.
std::string FirstLine(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer) return "";
  return (*buffer)->getBuffer().split('\n').first.trim().str();
}

Result<> Link(const CompiledModel& model, const std::string& object, const std::string& path,
              const LinkOptions& options, const std::vector<std::string>& extra) {
  auto program = llvm::sys::findProgramByName(options.linker);
  if (!program) {
    return Failure{"there is no linker `" + options.linker +
                   "`: install one (Debian's package `gcc`, or `clang` with --linker=clang), or use --emit=obj"};
  }
  Temporary object_file(path + ".o");
  Temporary output(path);
  Temporary messages(path + ".log");
  if (object_file.Path().empty() || output.Path().empty() || messages.Path().empty()) {
    return Failure{"`" + path + "` cannot be written: " + std::strerror(errno)};
  }
  if (Result<> written = WriteOutput(object_file.Path(), object); !written) return written;
  output.Close();

  std::vector<std::string> arguments = {*program, "-x", "none", object_file.Path()};
  arguments.insert(arguments.end(), extra.begin(), extra.end());
  if (model.sanitize_address) arguments.push_back("-fsanitize=address");
  arguments.insert(arguments.end(), {"-o", output.Path()});
  std::vector<llvm::StringRef> words(arguments.begin(), arguments.end());
  const std::optional<llvm::StringRef> redirects[] = {"", messages.Path(), messages.Path()};
  std::string error;
  const int status = llvm::sys::ExecuteAndWait(*program, words, std::nullopt, redirects, 0, 0, &error);
  if (status != 0) {
    const std::string said = error.empty() ? FirstLine(messages.Path()) : error;
    return Failure{"the linker `" + options.linker + "` failed" + (said.empty() ? "" : ": " + said)};
  }
  return output.Rename(path, 0777);
}

}  // namespace

Result<> LinkExecutable(const CompiledModel& model, const std::string& path, const LinkOptions& options) {
  return Link(model, EmitObject(model, /*executable=*/true), path, options, {options.runtime_library});
}

Result<> LinkShared(const CompiledModel& model, const std::string& path, const LinkOptions& options) {
  return Link(model, EmitObject(model), path, options, {"-shared"});
}

}  // namespace strata
