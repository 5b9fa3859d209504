#include "compiler/emit/emit.h"

#include <cstring>

#include <llvm/IR/LegacyPassManager.h>
#include <llvm/Object/ArchiveWriter.h>
#include <llvm/Object/ObjectFile.h>
#include <llvm/Support/raw_ostream.h>

#include "compiler/emit/machine.h"

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

std::string Write(Code& code, llvm::CodeGenFileType type) {
  llvm::SmallString<0> bytes;
  llvm::raw_svector_ostream out(bytes);
  llvm::legacy::PassManager passes;
  STRATA_CHECK(!code.machine->addPassesToEmitFile(passes, out, nullptr, type));
  passes.run(*code.module);
  return std::string(bytes);
}

// Writes the packed constants over the empty space that the object has for them.
void FillConstants(const CompiledModel& model, std::string& object) {
  if (model.schedule.constant_bytes == 0) return;
  auto file = llvm::cantFail(llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(object, "object")));
  char* place = nullptr;
  for (const llvm::object::SectionRef& section : file->sections()) {
    if (llvm::cantFail(section.getName()) != ConstantsSection(model.interface)) continue;
    const llvm::StringRef contents = llvm::cantFail(section.getContents());
    STRATA_CHECK(contents.size() == static_cast<size_t>(model.schedule.constant_bytes));
    place = object.data() + (contents.data() - object.data());
  }
  STRATA_CHECK(place != nullptr);
  for (const PackedConstant& constant : model.schedule.constants) {
    const std::string packed = constant.Pack();
    STRATA_CHECK(packed.size() == static_cast<size_t>(constant.bytes));
    std::memcpy(place + constant.offset, packed.data(), packed.size());
  }
}

}  // namespace

std::string EmitLlvmIr(const CompiledModel& model) {
  std::string text;
  llvm::raw_string_ostream out(text);
  Optimized(model, {})->module->print(out, nullptr);
  return text;
}

std::string EmitAssembly(const CompiledModel& model) {
  return Write(*Optimized(model, {}), llvm::CodeGenFileType::AssemblyFile);
}

std::string EmitObject(const CompiledModel& model, bool executable) {
  std::string object = Write(*Optimized(model, {.executable = executable}), llvm::CodeGenFileType::ObjectFile);
  FillConstants(model, object);
  return object;
}

Result<std::string> EmitArchive(const CompiledModel& model) {
  const std::string object = EmitObject(model);
  const std::string name = model.interface.name + ".o";
  std::vector<llvm::NewArchiveMember> members;
  members.emplace_back(llvm::MemoryBufferRef(object, name));
  auto archive = llvm::writeArchiveToBuffer(members, llvm::SymtabWritingMode::NormalSymtab,
                                            llvm::object::Archive::K_GNU, /*Deterministic=*/true, /*Thin=*/false);
  if (!archive) return Failure{llvm::toString(archive.takeError())};
  return std::string((*archive)->getBuffer());
}

}  // namespace strata
