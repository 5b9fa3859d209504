#include "compiler/emit/emit.h"

#include <unistd.h>

#include <cerrno>

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Object/ArchiveWriter.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/emit/machine.h"
#include "compiler/emit/write_object.h"
#include "compiler/source/output.h"

namespace strata {

namespace {

struct Code {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::TargetMachine> machine;
  std::unique_ptr<llvm::Module> module;
};

std::unique_ptr<Code> Optimized(const CompiledModel& model, const CodegenOptions& options) {
  auto code = std::make_unique<Code>();
  code->machine = MakeTargetMachine(*model.schedule.target);
  code->module = Generate(model.schedule, model.interface, options, code->context);
  RunPasses(*code->module, *code->machine, {.sanitize_address = model.sanitize_address});
  return code;
}

void Compile(Code& code, llvm::CodeGenFileType type, llvm::raw_pwrite_stream& out) {
  llvm::legacy::PassManager passes;
  STRATA_CHECK(!code.machine->addPassesToEmitFile(passes, out, nullptr, type));
  passes.run(*code.module);
}

// Where the constants' section lies in an object, in bytes.
uint64_t ConstantsOffset(llvm::MemoryBufferRef object, const CompiledModel& model) {
  auto file = llvm::cantFail(llvm::object::ObjectFile::createObjectFile(object));
  for (const llvm::object::SectionRef& section : file->sections()) {
    if (llvm::cantFail(section.getName()) != ConstantsSection(model.interface)) continue;
    const llvm::StringRef contents = llvm::cantFail(section.getContents());
    STRATA_CHECK(contents.size() == static_cast<size_t>(model.schedule.constant_bytes));
    return static_cast<uint64_t>(contents.data() - object.getBufferStart());
  }
  STRATA_CHECK(false);
  return 0;
}

Result<> WriteAt(const Temporary& file, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t count = pwrite(file.File(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return CannotWrite(file.Path());
    bytes.remove_prefix(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
  return Done{};
}

// Writes the packed constants over the empty space that the object has for them, one tensor at a time.
Result<> FillConstants(const CompiledModel& model, const Temporary& file) {
  if (model.schedule.constant_bytes == 0) return Done{};
  uint64_t begin = 0;
  {
    auto object = llvm::MemoryBuffer::getFile(file.Path(), /*IsText=*/false, /*RequiresNullTerminator=*/false);
    if (!object) return CannotWrite(file.Path());
    begin = ConstantsOffset(**object, model);
  }
  for (const PackedConstant& constant : model.schedule.constants) {
    const std::string packed = constant.Pack();
    STRATA_CHECK(packed.size() == static_cast<size_t>(constant.bytes));
    if (Result<> written = WriteAt(file, packed, begin + static_cast<uint64_t>(constant.offset)); !written) {
      return written;
    }
  }
  return Done{};
}

}  // namespace

std::string EmitLlvmIr(const CompiledModel& model) {
  std::string text;
  llvm::raw_string_ostream out(text);
  Optimized(model, {})->module->print(out, nullptr);
  return text;
}

std::string EmitAssembly(const CompiledModel& model) {
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream out(text);
  Compile(*Optimized(model, {}), llvm::CodeGenFileType::AssemblyFile, out);
  return std::string(text);
}

Result<> WriteObject(const CompiledModel& model, const CodegenOptions& options, const Temporary& file) {
  {
    llvm::raw_fd_ostream out(file.File(), /*shouldClose=*/false);
    Compile(*Optimized(model, options), llvm::CodeGenFileType::ObjectFile, out);
    out.flush();
    const std::error_code error = out.error();
    out.clear_error();
    if (error) {
      errno = error.value();
      return CannotWrite(file.Path());
    }
  }
  return FillConstants(model, file);
}

Result<> EmitObject(const CompiledModel& model, const std::string& path) {
  return WriteWhole(path, [&](const Temporary& file) { return WriteObject(model, {}, file); });
}

Result<> EmitArchive(const CompiledModel& model, const std::string& path) {
  Temporary object(BesideOutput(path) + ".o");
  if (object.Path().empty()) return CannotWrite(path);
  if (Result<> written = WriteObject(model, {}, object); !written) return written;
  const auto bytes = llvm::MemoryBuffer::getFile(object.Path(), /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!bytes) return CannotWrite(object.Path());
  const std::string name = model.interface.name + ".o";
  std::vector<llvm::NewArchiveMember> members;
  members.emplace_back(llvm::MemoryBufferRef((*bytes)->getBuffer(), name));
  return WriteWhole(path, [&](const Temporary& file) -> Result<> {
    auto error = llvm::writeArchive(file.Path(), members, llvm::SymtabWritingMode::NormalSymtab,
                                    llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
    if (error) return Failure{llvm::toString(std::move(error))};
    return Done{};
  });
}

}  // namespace strata
