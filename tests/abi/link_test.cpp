// Two models in one program: as objects, archives and shared libraries, in C and in C++.
#include <gtest/gtest.h>

#include "tests/abi/support.h"

namespace strata::testing {
namespace {

// Valid C99 and C++. Prints the sum of each model's probabilities over two rows.
constexpr const char* kProgram = R"(
#include "digits.h"
#include "layers.h"

#include <stdio.h>
#include <stdlib.h>

static float image[2 * DIGITS_IMAGE_HEIGHT * DIGITS_IMAGE_WIDTH * DIGITS_IMAGE_CHANNELS];
static float probs[2 * DIGITS_PROBS_CLASSES];
static float picture[2 * LAYERS_IMAGE_HEIGHT * LAYERS_IMAGE_WIDTH * LAYERS_IMAGE_CHANNELS];
static float extra[2 * LAYERS_EXTRA_FEATURES];
static float classes[2 * LAYERS_PROBS_CLASSES];
static float map[2 * LAYERS_MAP_HEIGHT * LAYERS_MAP_WIDTH * LAYERS_MAP_CHANNELS];

static double sum(const float *values, int count) {
  double total = 0;
  int k;
  for (k = 0; k < count; ++k) total += values[k];
  return total;
}

int main(void) {
  const int64_t bytes = digits_workspace_size(2) + layers_workspace_size(2);
  char *block = (char *)malloc((size_t)bytes + 64);
  char *workspace = block + (64 - (uintptr_t)block % 64) % 64;
  int32_t code = digits_run(2, image, probs, workspace, NULL);
  if (code == STRATA_OK) code = layers_run(2, picture, extra, classes, map, workspace, NULL);
  if (code != STRATA_OK) return 1;
  printf("%s %.3f %s %.3f\n", digits_model.name, sum(probs, 2 * DIGITS_PROBS_CLASSES), layers_model.name,
         sum(classes, 2 * LAYERS_PROBS_CLASSES));
  free(block);
  return 0;
}
)";
constexpr const char* kPrints = "digits 2.000 layers 2.000\n";

class LinkTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_.Write("both.c", kProgram);
    Make("header", ".h");
  }

  void Make(const std::string& emit, const std::string& ending) {
    Build(kDigits, emit, folder_ / ("digits" + ending));
    Build(kLayers, emit, folder_ / ("layers" + ending));
  }

  std::string Compile(std::vector<std::string> command, const std::vector<std::string>& more) {
    command.insert(command.end(), {"-Wall", "-Wextra", "-Werror", "-pedantic", "both.c"});
    command.insert(command.end(), more.begin(), more.end());
    command.insert(command.end(), {"-o", "both"});
    Succeed(command, folder_.Path());
    return Succeed({"./both"}, folder_.Path());
  }

  Folder folder_;
  const std::vector<std::string> c99_ = {"cc", "-std=c99"};
  const std::vector<std::string> cpp_ = {"c++", "-std=c++17", "-x", "c++"};
};

TEST_F(LinkTest, Objects) {
  Make("obj", ".o");
  EXPECT_EQ(Compile(c99_, {"digits.o", "layers.o"}), kPrints);
  EXPECT_EQ(Compile(cpp_, {"-x", "none", "layers.o", "digits.o"}), kPrints);
}

TEST_F(LinkTest, Archives) {
  Make("static", ".a");
  EXPECT_EQ(Compile(c99_, {"digits.a", "layers.a"}), kPrints);
}

TEST_F(LinkTest, SharedLibraries) {
  Make("shared", ".so");
  EXPECT_EQ(Compile(c99_, {"./digits.so", "./layers.so"}), kPrints);
}

// No address is written into code or weights, so that processes share their pages.
TEST_F(LinkTest, ObjectsNeedNoRelocationOfReadOnlyPages) {
  Make("obj", ".o");
  Succeed(
      {"cc", "-shared", "digits.o", "layers.o", "-Wl,-z,text", "-Wl,-z,defs", "-Wl,--fatal-warnings", "-o", "both.so"},
      folder_.Path());
}

}  // namespace
}  // namespace strata::testing
