// What an object asks of the program it is linked into: symbols and sections, read from the ELF file.
#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <set>

#include "tests/abi/support.h"

namespace strata::testing {
namespace {

using ::testing::IsSubsetOf;
using ::testing::UnorderedElementsAre;

struct Section {
  std::string name;
  Elf64_Shdr header;
};

struct Symbol {
  std::string name;
  Elf64_Sym entry;
  bool IsDefined() const { return entry.st_shndx != SHN_UNDEF; }
  bool IsLocal() const { return ELF64_ST_BIND(entry.st_info) == STB_LOCAL; }
};

struct Object {
  std::vector<Section> sections;
  std::vector<Symbol> symbols;
};

template <typename T>
T At(const std::string& bytes, size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

Object ReadObject(const std::string& path) {
  const std::string bytes = ReadFile(path);
  const auto file = At<Elf64_Ehdr>(bytes, 0);
  const auto header = [&](size_t k) { return At<Elf64_Shdr>(bytes, file.e_shoff + k * sizeof(Elf64_Shdr)); };
  const auto text = [&](const Elf64_Shdr& strings, size_t at) { return std::string(&bytes[strings.sh_offset + at]); };
  Object object;
  for (size_t k = 0; k < file.e_shnum; ++k) {
    object.sections.push_back({text(header(file.e_shstrndx), header(k).sh_name), header(k)});
    if (header(k).sh_type != SHT_SYMTAB) continue;
    for (size_t at = sizeof(Elf64_Sym); at < header(k).sh_size; at += sizeof(Elf64_Sym)) {
      const auto entry = At<Elf64_Sym>(bytes, header(k).sh_offset + at);
      object.symbols.push_back({text(header(header(k).sh_link), entry.st_name), entry});
    }
  }
  return object;
}

// Model file, target.
class ObjectTest : public ::testing::TestWithParam<std::tuple<std::string, std::string>> {
 protected:
  void SetUp() override {
    const auto& [file, target] = GetParam();
    name_ = std::filesystem::path(file).stem();
    Folder folder;
    Build(file, "obj", folder / "model.o", {"--target=" + target});
    object_ = ReadObject(folder / "model.o");
  }

  std::string name_;
  Object object_;
};

TEST_P(ObjectTest, ImportsNothingButMemcpyAndMemset) {
  std::set<std::string> imports;
  for (const Symbol& symbol : object_.symbols) {
    if (!symbol.IsDefined()) imports.insert(symbol.name);
  }
  EXPECT_THAT(imports, IsSubsetOf({"memcpy", "memset"}));
}

TEST_P(ObjectTest, ExportsWhatTheHeaderDeclares) {
  std::vector<std::string> exports;
  for (const Symbol& symbol : object_.symbols) {
    if (symbol.IsDefined() && !symbol.IsLocal()) exports.push_back(symbol.name);
  }
  EXPECT_THAT(exports, UnorderedElementsAre(name_ + "_run", name_ + "_workspace_size", name_ + "_error_text",
                                            name_ + "_error_text_for", name_ + "_model"));
}

TEST_P(ObjectTest, WritesNothingButTheDispatchWord) {
  std::vector<size_t> writable;
  for (size_t k = 0; k < object_.sections.size(); ++k) {
    const Section& section = object_.sections[k];
    // The descriptor holds addresses: the loader writes them, and then makes its pages read-only.
    if (section.name.starts_with(".data.rel.ro")) continue;
    if ((section.header.sh_flags & SHF_WRITE) != 0 && section.header.sh_size > 0) writable.push_back(k);
  }
  ASSERT_EQ(writable.size(), 1U);
  EXPECT_EQ(object_.sections[writable[0]].name, ".bss");
  EXPECT_EQ(object_.sections[writable[0]].header.sh_size, 4U);
  std::vector<std::string> variables;
  for (const Symbol& symbol : object_.symbols) {
    if (symbol.entry.st_shndx == writable[0] && ELF64_ST_TYPE(symbol.entry.st_info) == STT_OBJECT) {
      variables.push_back(symbol.name);
    }
    EXPECT_NE(symbol.entry.st_shndx, SHN_COMMON) << symbol.name;
  }
  EXPECT_THAT(variables, UnorderedElementsAre(name_ + ".cpu_level"));
}

TEST_P(ObjectTest, RunsNothingAtStartAndHasNoThreadLocalsAndNoExecutableStack) {
  bool says_stack = false;
  for (const Section& section : object_.sections) {
    const auto type = section.header.sh_type;
    const auto flags = section.header.sh_flags;
    EXPECT_FALSE(type == SHT_INIT_ARRAY || type == SHT_FINI_ARRAY || type == SHT_PREINIT_ARRAY) << section.name;
    for (const char* name : {".init", ".fini", ".ctors", ".dtors"}) {
      EXPECT_FALSE(section.name.starts_with(name)) << section.name;
    }
    EXPECT_EQ(flags & SHF_TLS, 0U) << section.name;
    EXPECT_NE(flags & (SHF_WRITE | SHF_EXECINSTR), uint64_t{SHF_WRITE | SHF_EXECINSTR}) << section.name;
    if (section.name != ".note.GNU-stack") continue;
    says_stack = true;
    EXPECT_EQ(flags & SHF_EXECINSTR, 0U);
  }
  EXPECT_TRUE(says_stack);
  for (const Symbol& symbol : object_.symbols) {
    const auto type = ELF64_ST_TYPE(symbol.entry.st_info);
    EXPECT_FALSE(type == STT_TLS || type == STT_GNU_IFUNC) << symbol.name;
  }
}

TEST_P(ObjectTest, KeepsWeightsReadOnlyAndAligned) {
  for (const Section& section : object_.sections) {
    if (section.name != ".rodata." + name_ + "_constants") continue;
    EXPECT_EQ(section.header.sh_flags, uint64_t{SHF_ALLOC});
    EXPECT_EQ(section.header.sh_addralign, 64U);
    EXPECT_GT(section.header.sh_size, 1000U);
    return;
  }
  FAIL() << "no section of weights";
}

INSTANTIATE_TEST_SUITE_P(Models, ObjectTest,
                         ::testing::Combine(::testing::Values(kDigits, kLayers), ::testing::ValuesIn(kTargets)),
                         [](const auto& test) {
                           return std::filesystem::path(std::get<0>(test.param)).stem().string() + "_" +
                                  std::get<1>(test.param);
                         });

}  // namespace
}  // namespace strata::testing
