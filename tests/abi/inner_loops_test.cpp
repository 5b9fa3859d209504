// The hottest inner loops, read from the assembly: full vectors, the expected instructions, and nothing else.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "tests/abi/support.h"

namespace strata::testing {
namespace {

using Lines = std::vector<std::string>;

struct Program {
  std::string name;
  std::string text;
  // Multiplications in the loop with most sums in registers, for each target; empty where nothing is summed so.
  std::map<std::string, int> products;
};

// What GoogleTest prints for one.
void PrintTo(const Program& program, std::ostream* out) { *out << program.name; }

std::string OneLayer(const std::string& name, const std::string& input, const std::string& layer,
                     const std::string& output) {
  return "model " + name + "(x: f32[batch, " + input + "]) -> (y: f32[batch, " + output + "]) {\n  return x |> " +
         layer + "\n}\n";
}

const std::vector<Program>& Programs() {
  const std::string image = "height: 56, width: 56, channels: 64";
  const std::string deep = "height: 14, width: 14, channels: 1024";
  const std::string row = "features: 512";
  static const std::vector<Program> programs = {
      // Tiles of 14 rows by 2 vectors, or 6 by 2.
      {"dense", OneLayer("dense", row, "Dense(512)", row), {{"avx512", 28}, {"avx2", 12}}},
      {"conv3x3",
       OneLayer("conv3x3", image, "Conv2D(64, 3, padding=\"same\", activation=\"relu\")", image),
       {{"avx512", 28}, {"avx2", 12}}},
      {"conv1x1",
       OneLayer("conv1x1", deep, "Conv2D(256, 1)", "height: 14, width: 14, channels: 256"),
       {{"avx512", 28}, {"avx2", 12}}},
      // Nine taps for 7 pixels of a row, or for 3.
      {"depthwise",
       OneLayer("depthwise", image, "DepthwiseConv2D(3, padding=\"same\")", image),
       {{"avx512", 63}, {"avx2", 27}}},
      {"max_pooling", OneLayer("max_pooling", image, "MaxPooling2D(2)", "height: 28, width: 28, channels: 64"), {}},
      {"mean_pooling",
       OneLayer("mean_pooling", image, "AveragePooling2D(2)", "height: 28, width: 28, channels: 64"),
       {}},
      {"softmax", OneLayer("softmax", row, "Softmax()", row), {}},
      {"gelu", OneLayer("gelu", row, "Activation(\"gelu\")", row), {}},
      {"relu", OneLayer("relu", row, "ReLU()", row), {}},
  };
  return programs;
}

// A loop without a jump but the last: its instructions.
struct Loop {
  std::string function;
  bool frame_pointer;  // whether rbp points to the stack there
  Lines instructions;

  int Count(const std::string& prefix) const {
    return static_cast<int>(std::count_if(instructions.begin(), instructions.end(),
                                          [&](const std::string& line) { return line.starts_with(prefix); }));
  }
  // Registers that a fused multiply-add adds to.
  size_t Sums() const {
    std::set<std::string> registers;
    for (const std::string& line : instructions) {
      if (line.starts_with("vfmadd")) registers.insert(line.substr(line.rfind('%')));
    }
    return registers.size();
  }
  std::string Text() const {
    std::string text = function + "\n";
    for (const std::string& line : instructions) text += "  " + line + "\n";
    return text;
  }
};

bool IsJump(const std::string& line) { return line.starts_with("\tj"); }

// The innermost loops of one function: jumps back over instructions none of which is a jump.
void FindLoops(const std::string& name, const Lines& lines, std::vector<Loop>& loops) {
  const bool frame_pointer = std::find(lines.begin(), lines.end(), "\tmovq\t%rsp, %rbp") != lines.end();
  for (size_t end = 0; end < lines.size(); ++end) {
    if (!IsJump(lines[end])) continue;
    const std::string label = lines[end].substr(lines[end].rfind('\t') + 1) + ":";
    for (size_t begin = end; begin-- > 0 && !IsJump(lines[begin]);) {
      if (!lines[begin].starts_with(label)) continue;
      Loop loop{.function = name, .frame_pointer = frame_pointer, .instructions = {}};
      for (size_t k = begin + 1; k <= end; ++k) {
        if (lines[k].starts_with("\t") && !lines[k].starts_with("\t.")) loop.instructions.push_back(lines[k].substr(1));
      }
      loops.push_back(loop);
      break;
    }
  }
}

// The innermost loops of all steps.
std::vector<Loop> StepLoops(const std::string& assembly) {
  std::vector<Loop> loops;
  std::istringstream in(assembly);
  std::string function;
  Lines lines;
  for (std::string line; std::getline(in, line);) {
    const bool is_label = !line.empty() && line[0] != '\t' && line[0] != '.' && line[0] != '#';
    if (is_label && line.find(".step") != std::string::npos) {
      function = line;
      lines.clear();
    } else if (line.starts_with(".Lfunc_end")) {
      if (!function.empty()) FindLoops(function, lines, loops);
      function.clear();
    } else if (!function.empty()) {
      lines.push_back(line);
    }
  }
  return loops;
}

std::string Mnemonic(const std::string& instruction) { return instruction.substr(0, instruction.find('\t')); }

// Arithmetic on one float32; loads, stores and splats of one are none.
bool IsScalarArithmetic(const std::string& instruction) {
  const std::string name = Mnemonic(instruction);
  return name.starts_with("v") && name.ends_with("ss") && name != "vbroadcastss" && name != "vmovss";
}

bool TouchesStack(const Loop& loop, const std::string& instruction) {
  return instruction.find("(%rsp") != std::string::npos || instruction.starts_with("push") ||
         instruction.starts_with("pop") || (loop.frame_pointer && instruction.find("(%rbp") != std::string::npos);
}

// Copying and clearing whole rows is done well by the C library.
bool IsCall(const std::string& instruction) {
  return instruction.starts_with("call") && instruction != "callq\tmemcpy@PLT" && instruction != "callq\tmemset@PLT";
}

// "vmovaps %zmm1, %zmm2"
bool MovesRegister(const std::string& instruction) {
  const std::string operands = instruction.substr(std::min(instruction.size(), instruction.find('\t') + 1));
  return Mnemonic(instruction).starts_with("vmov") && operands.starts_with("%") &&
         operands.find(", %") != std::string::npos && operands.find('{') == std::string::npos &&
         operands.find("mm") != operands.rfind("mm");
}

class InnerLoops : public ::testing::TestWithParam<std::tuple<Program, std::string>> {
 protected:
  void SetUp() override {
    const auto& [program, target] = GetParam();
    Folder folder;
    folder.Write("model.strata", program.text);
    Build(folder / "model.strata", "asm", folder / "model.s", {"--target=" + target});
    loops_ = StepLoops(ReadFile(folder / "model.s"));
  }

  std::vector<Loop> loops_;
};

class ProductLoops : public InnerLoops {};

TEST_P(ProductLoops, SumInRegisters) {
  const auto& [program, target] = GetParam();
  const Loop* main = nullptr;
  for (const Loop& loop : loops_) {
    if (loop.Sums() == 0) continue;
    if (main == nullptr || loop.Sums() > main->Sums()) main = &loop;
    for (const std::string& instruction : loop.instructions) {
      EXPECT_FALSE(TouchesStack(loop, instruction)) << instruction << "\nin " << loop.Text();
      EXPECT_FALSE(MovesRegister(instruction)) << instruction << "\nin " << loop.Text();
      EXPECT_FALSE(instruction.starts_with("call")) << instruction << "\nin " << loop.Text();
    }
  }
  ASSERT_NE(main, nullptr) << "no inner loop sums";
  // The first product of a sum need not be added to anything.
  EXPECT_EQ(main->Count("vfmadd") + main->Count("vmulps"), program.products.at(target)) << main->Text();
}

// The loop with most vector instructions is the one that counts.
TEST_P(InnerLoops, UseWholeVectors) {
  const auto& [program, target] = GetParam();
  const Loop* main = nullptr;
  for (const Loop& loop : loops_) {
    if (main == nullptr || loop.Count("v") > main->Count("v")) main = &loop;
  }
  ASSERT_NE(main, nullptr);
  EXPECT_GT(main->Count("v"), 1) << main->Text();
  for (const std::string& instruction : main->instructions) {
    EXPECT_FALSE(TouchesStack(*main, instruction)) << instruction << "\nin " << main->Text();
    EXPECT_EQ(instruction.find("%xmm"), std::string::npos) << instruction << "\nin " << main->Text();
    EXPECT_TRUE(target == "avx2" || instruction.find("%ymm") == std::string::npos)
        << instruction << "\nin " << main->Text();
  }
}

TEST_P(InnerLoops, AreNeverScalarAndNeverCall) {
  ASSERT_FALSE(loops_.empty());
  for (const Loop& loop : loops_) {
    for (const std::string& instruction : loop.instructions) {
      EXPECT_FALSE(IsScalarArithmetic(instruction)) << instruction << "\nin " << loop.Text();
      EXPECT_FALSE(IsCall(instruction)) << instruction << "\nin " << loop.Text();
    }
  }
}

std::vector<Program> ProgramsWithProducts() {
  std::vector<Program> programs = Programs();
  std::erase_if(programs, [](const Program& program) { return program.products.empty(); });
  return programs;
}

std::string NameOf(const ::testing::TestParamInfo<std::tuple<Program, std::string>>& test) {
  return std::get<0>(test.param).name + "_" + std::get<1>(test.param);
}

INSTANTIATE_TEST_SUITE_P(Programs, InnerLoops,
                         ::testing::Combine(::testing::ValuesIn(Programs()), ::testing::ValuesIn(kTargets)), NameOf);
INSTANTIATE_TEST_SUITE_P(Programs, ProductLoops,
                         ::testing::Combine(::testing::ValuesIn(ProgramsWithProducts()), ::testing::ValuesIn(kTargets)),
                         NameOf);

// The rules themselves, on loops that break them.
TEST(InnerLoopRules, SeeWhatTheyAreToForbid) {
  EXPECT_TRUE(IsScalarArithmetic("vaddss\t%xmm0, %xmm1, %xmm1"));
  EXPECT_TRUE(IsScalarArithmetic("vfmadd231ss\t(%rax), %xmm1, %xmm2"));
  EXPECT_FALSE(IsScalarArithmetic("vbroadcastss\t(%rax), %zmm1"));
  EXPECT_TRUE(MovesRegister("vmovaps\t%zmm1, %zmm2"));
  EXPECT_TRUE(MovesRegister("vmovdqa64\t%zmm1, %zmm2"));
  EXPECT_FALSE(MovesRegister("vmovaps\t(%rax), %zmm2"));
  EXPECT_FALSE(MovesRegister("vmovups\t%zmm2, 64(%rax,%rcx)"));
  const std::vector<Loop> loops = StepLoops(
      "m.step0.dense:\n\tmovq\t%rsp, %rbp\n.LBB0_1:\n\tjmp\t.LBB0_2\n.LBB0_2:                # inner\n"
      "\tvmovups\t8(%rsp), %zmm0\n\tjne\t.LBB0_2\n\tjne\t.LBB0_1\n.Lfunc_end0:\n");
  ASSERT_EQ(loops.size(), 1U);
  EXPECT_EQ(loops[0].instructions.size(), 2U);
  EXPECT_TRUE(TouchesStack(loops[0], loops[0].instructions[0]));
  EXPECT_TRUE(TouchesStack(loops[0], "addq\t-8(%rbp), %rax"));
}

}  // namespace
}  // namespace strata::testing
