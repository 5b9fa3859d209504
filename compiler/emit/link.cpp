#include <llvm/Support/FileSystem.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/Program.h>

#include "compiler/emit/emit.h"
#include "compiler/emit/write_object.h"

namespace strata {

namespace {

std::string Bytes(const std::string& path) {
  auto buffer = llvm::MemoryBuffer::getFile(path);
  return buffer ? (*buffer)->getBuffer().str() : "";
}

// Why the linker failed, on one line: the first of what it said, or how it ended.
std::string Reason(const std::string& messages, int status, std::string error) {
  if (error.empty()) error = llvm::StringRef(messages).split('\n').first.trim().str();
  if (error.empty()) return " with exit status " + std::to_string(status);
  return ": " + error;
}

Result<> Link(const CompiledModel& model, const CodegenOptions& codegen, const std::string& path,
              const LinkOptions& options, const std::vector<std::string>& extra) {
  auto program = llvm::sys::findProgramByName(options.linker);
  if (!program || !llvm::sys::fs::can_execute(*program)) {
    return Failure{"there is no linker `" + options.linker + "`", "Debian's package `gcc` brings the linker `cc`"};
  }
  const std::string beside = BesideOutput(path);
  Temporary object_file(beside + ".o");
  Temporary output(beside);
  Temporary messages(beside + ".log");
  if (object_file.Path().empty() || output.Path().empty() || messages.Path().empty()) return CannotWrite(beside);
  if (Result<> written = WriteObject(model, codegen, object_file); !written) return written;
  object_file.Close();
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
    return Failure{"the linker `" + options.linker + "` failed" + Reason(Bytes(messages.Path()), status, error)};
  }
  return IsWrittenInPlace(path) ? WriteOutput(path, Bytes(output.Path())) : output.Rename(path, 0777);
}

}  // namespace

Result<> LinkExecutable(const CompiledModel& model, const std::string& path, const LinkOptions& options) {
  return Link(model, {.executable = true}, path, options, {options.runtime_library});
}

Result<> LinkShared(const CompiledModel& model, const std::string& path, const LinkOptions& options) {
  return Link(model, {}, path, options, {"-shared"});
}

}  // namespace strata
