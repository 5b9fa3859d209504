// Whatever is in a file, the compiler answers with a diagnostic and status 1: no crash, no hang, nothing written.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/golden/page.h"
#include "tests/support/process.h"
#include "tests/support/safetensors_writer.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

using ::testing::Each;
using ::testing::Not;
using ::testing::SizeIs;

constexpr std::string_view kSignature = "model m(x: f32[batch, features: 4]) -> (y: f32[batch, features: 2]) {\n";

// A program whose only statement returns this.
std::string Returning(const std::string& expression) {
  return std::string(kSignature) + "  return " + expression + "\n}\n";
}

std::string Repeated(const std::string& text, size_t count) {
  std::string all;
  all.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

struct BadInput {
  std::string name;
  std::string code;                   // of every error
  std::function<std::string()> make;  // the bytes of the program; null where there is no file to write
  std::string path = "input.strata";
};

// GoogleTest prints the parameter of a test.
void PrintTo(const BadInput& input, std::ostream* stream) { *stream << input.name; }

std::string NameOf(const ::testing::TestParamInfo<BadInput>& input) { return input.param.name; }

// The names of all that is in the folder, with what is in the files; of large ones the first part.
std::map<std::string, std::string> Contents(const TemporaryDirectory& folder) {
  std::map<std::string, std::string> contents;
  for (const std::string& name : folder.Names()) {
    std::string text(10000, '\0');
    std::ifstream file(folder / name, std::ios::binary);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    contents[name] = text;
  }
  return contents;
}

// Runs the compiler, which is to fail with errors of this code only and to leave the folder as it is.
void ExpectError(const TemporaryDirectory& folder, std::vector<std::string> arguments, const std::string& code) {
  const auto before = Contents(folder);
  arguments.insert(arguments.begin(), StrataProgram());
  // The limit is for what hangs; what is quick is not measured on a machine that does other things as well.
  const ProcessResult result =
      RunProcess({.arguments = arguments, .directory = folder / "", .limit = std::chrono::seconds(10)});
  ::testing::Test::RecordProperty(arguments[1] + "_milliseconds", static_cast<int>(result.seconds * 1000));
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.signal, 0);
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(result.output, "");
  EXPECT_THAT(CodesIn(result.errors), Not(SizeIs(0))) << result.errors.substr(0, 1000);
  EXPECT_THAT(CodesIn(result.errors), Each(code)) << result.errors.substr(0, 1000);
  // Nobody reads more.
  EXPECT_LT(result.errors.size(), 10000u);
  EXPECT_EQ(before, Contents(folder));
}

class BadInputTest : public ::testing::TestWithParam<BadInput> {
 protected:
  void SetUp() override {
    if (GetParam().make) WriteBytes(folder_ / GetParam().path, GetParam().make());
    if (GetParam().path == "folder.strata") std::filesystem::create_directory(folder_ / GetParam().path);
    if (GetParam().path == "loop.strata") std::filesystem::create_symlink("loop.strata", folder_ / "loop.strata");
  }

  TemporaryDirectory folder_;
};

TEST_P(BadInputTest, Check) { ExpectError(folder_, {"check", GetParam().path}, GetParam().code); }

TEST_P(BadInputTest, CheckAsJson) {
  ExpectError(folder_, {"check", "--format=json", GetParam().path}, GetParam().code);
}

TEST_P(BadInputTest, BuildWritesNothing) {
  ExpectError(folder_, {"build", GetParam().path, "--random-weights=1", "--emit=obj", "-o", "m.o"}, GetParam().code);
}

TEST_P(BadInputTest, BuildLeavesTheOldOutput) {
  WriteBytes(folder_ / "m", "the program of yesterday");
  ExpectError(folder_, {"build", GetParam().path, "--random-weights=1", "-o", "m"}, GetParam().code);
}

const BadInput kBadInputs[] = {
    {.name = "Empty", .code = "E0100", .make = [] { return std::string(); }},
    {.name = "OnlyBlanks", .code = "E0100", .make = [] { return std::string(" \t\r\n\n"); }},
    {.name = "Binary",
     .code = "E0102",
     .make =
         [] {
           return std::string(
               "\x7f"
               "ELF\2\1\1\0\0\0",
               10);
         }},
    {.name = "Utf16", .code = "E0102", .make = [] { return std::string("m\0o\0d\0e\0l\0", 10); }},
    {.name = "NotUtf8", .code = "E0101", .make = [] { return "# caf\351\n" + Returning("x |> Dense(2)"); }},
    {.name = "CutUtf8", .code = "E0101", .make = [] { return Returning("x |> Dense(2)") + "# caf\303"; }},
    {.name = "Missing", .code = "E0600", .make = nullptr, .path = "no-such-file.strata"},
    {.name = "MissingFolder", .code = "E0600", .make = nullptr, .path = "no-such-folder/m.strata"},
    {.name = "Folder", .code = "E0601", .make = nullptr, .path = "folder.strata"},
    {.name = "LinkToItself", .code = "E0602", .make = nullptr, .path = "loop.strata"},
    {.name = "LongLine", .code = "E0103", .make = [] { return "const A = " + std::string(10'000'000, '1') + "\n"; }},
    {.name = "LongComment", .code = "E0103", .make = [] { return "# ä" + std::string(10'000'000, '-') + "\n"; }},
    {.name = "LargeFile", .code = "E0603", .make = [] { return std::string(20'000'000, '\n'); }},
    {.name = "Parentheses",
     .code = "E0104",
     .make = [] { return "const A =\n" + Repeated("(((((((((\n", 11'111) + "1" + Repeated(")))))))))\n", 11'111); }},
    {.name = "ParenthesesInALine", .code = "E0103", .make = [] { return "const A = " + Repeated("(", 100'000); }},
    {.name = "OpenParentheses", .code = "E0104", .make = [] { return "const A = " + Repeated("(", 60'000); }},
    {.name = "Braces", .code = "E0104", .make = [] { return Returning("x |> " + Repeated("branch {\n", 10'000)); }},
    {.name = "Operators", .code = "E0133", .make = [] { return "const A = " + Repeated("-", 60'000) + "1\n"; }},
    {.name = "Powers", .code = "E0133", .make = [] { return "const A = " + Repeated("1**", 20'000) + "1\n"; }},
    {.name = "MissingBrace",
     .code = "E0105",
     .make = [] { return std::string(kSignature) + "  return x |> Dense(2)\n"; }},
    {.name = "SurplusBrace", .code = "E0106", .make = [] { return Returning("x |> Dense(2)") + "}\n"; }},
    {.name = "SizeOfAnAxis",
     .code = "E0322",
     .make = [] { return "model m(x: f32[batch, n: 10**18]) -> (y: f32[batch, 2]) { return x |> Dense(2) }\n"; }},
    {.name = "SizesOfAllAxes",
     .code = "E0323",
     .make =
         [] {
           return "model m(x: f32[batch, a: 2147483647, b: 2147483647, c: 2147483647, d: 2147483647])\n"
                  "    -> (y: f32[batch, 2]) { return x |> Flatten() |> Dense(2) }\n";
         }},
    {.name = "Units", .code = "E0512", .make = [] { return Returning("x |> Dense(10**18) |> Dense(2)"); }},
    {.name = "LargeWeights",
     .code = "E0323",
     .make = [] { return Returning("x |> Dense(2**31 - 1) |> Dense(2**31 - 1) |> Dense(2)"); }},
    {.name = "BeyondIntegers", .code = "E0324", .make = [] { return Returning("x |> Dense(10**18 * 10**18)"); }},
    {.name = "HugePower", .code = "E0324", .make = [] { return Returning("x |> Dense(7 ** 7 ** 7 ** 7)"); }},
};

INSTANTIATE_TEST_SUITE_P(Programs, BadInputTest, ::testing::ValuesIn(kBadInputs), NameOf);

// ---- Weights ----

class BadWeightsTest : public ::testing::TestWithParam<BadInput> {
 protected:
  void SetUp() override {
    WriteBytes(folder_ / "m.strata", Returning("x |> Dense(2)"));
    if (GetParam().make) WriteBytes(folder_ / GetParam().path, GetParam().make());
    if (GetParam().path == "folder") std::filesystem::create_directory(folder_ / GetParam().path);
  }

  TemporaryDirectory folder_;
};

TEST_P(BadWeightsTest, Check) {
  ExpectError(folder_, {"check", "m.strata", "--weights", GetParam().path}, GetParam().code);
}

TEST_P(BadWeightsTest, BuildWritesNothing) {
  ExpectError(folder_, {"build", "m.strata", "--weights", GetParam().path, "--emit=obj", "-o", "m.o"}, GetParam().code);
}

TEST_P(BadWeightsTest, BuildLeavesTheOldOutput) {
  WriteBytes(folder_ / "m", "the program of yesterday");
  ExpectError(folder_, {"build", "m.strata", "--weights", GetParam().path, "-o", "m"}, GetParam().code);
}

// A right file for the model.
const std::string kTensors = "dense/kernel: f32[4, 2]\ndense/bias: f32[2]\n";

// A file whose header is this, with as much data.
std::string WithHeader(const std::string& header) { return SafetensorsFile(header, std::string(40, '\0')); }

const BadInput kBadWeights[] = {
    {.name = "Empty", .code = "E0612", .make = [] { return std::string(); }, .path = "w.safetensors"},
    {.name = "CutInItsData",
     .code = "E0612",
     .make = [] { return ListedFile(kTensors, "cut"); },
     .path = "w.safetensors"},
    {.name = "CutInItsHeader",
     .code = "E0612",
     .make = [] { return ListedFile(kTensors, "").substr(0, 30); },
     .path = "w.safetensors"},
    {.name = "CutInItsLength",
     .code = "E0612",
     .make = [] { return ListedFile(kTensors, "").substr(0, 5); },
     .path = "w.safetensors"},
    {.name = "AbsurdHeader",
     .code = "E0613",
     .make = [] { return ListedFile(kTensors, "absurd"); },
     .path = "w.safetensors"},
    {.name = "HeaderThatIsNoJson",
     .code = "E0613",
     .make = [] { return WithHeader("{\"dense/kernel\":[[[["); },
     .path = "w.safetensors"},
    {.name = "DeepHeader",
     .code = "E0613",
     .make = [] { return WithHeader("{\"a\":" + Repeated("[", 1'000'000)); },
     .path = "w.safetensors"},
    {.name = "AbsurdShape",
     .code = "E0614",
     .make =
         [] {
           return WithHeader(
               "{\"dense/kernel\":{\"dtype\":\"F32\",\"shape\":[1000000000000000000,1000000000000000000],"
               "\"data_offsets\":[0,32]},\"dense/bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[32,40]}}");
         },
     .path = "w.safetensors"},
    {.name = "AbsurdOffsets",
     .code = "E0612",
     .make =
         [] {
           return WithHeader(
               "{\"dense/kernel\":{\"dtype\":\"F32\",\"shape\":[4,2],\"data_offsets\":[0,32]},"
               "\"dense/bias\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[32,1000000000000000000]}}");
         },
     .path = "w.safetensors"},
    {.name = "Text", .code = "E0611", .make = [] { return std::string("these are no weights at all\n"); }, .path = "w"},
    {.name = "Missing", .code = "E0610", .make = nullptr, .path = "no-such-file.safetensors"},
    {.name = "Folder", .code = "E0617", .make = nullptr, .path = "folder"},
    {.name = "EmptyNpz", .code = "E0612", .make = [] { return std::string("PK\x03\x04"); }, .path = "w.npz"},
};

INSTANTIATE_TEST_SUITE_P(Weights, BadWeightsTest, ::testing::ValuesIn(kBadWeights), NameOf);

}  // namespace
}  // namespace strata::testing
