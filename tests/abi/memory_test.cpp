// How much memory compiling takes beside the weights (docs/weights.md).
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

#include "tests/support/process.h"
#include "tests/unit/runtime/temporary_directory.h"

namespace strata::testing {
namespace {

constexpr int kLayers = 16;
constexpr int64_t kUnits = 2048;
constexpr int64_t kLayerBytes = kUnits * kUnits * 4;

// A stack of Dense layers of 16 MB each, whose weights are the zeros of a file that has no blocks.
void WriteModel(const TemporaryDirectory& directory) {
  const std::string units = std::to_string(kUnits);
  std::ofstream program(directory / "large.strata");
  program << "model large(x: f32[batch, features: " << units << "]) -> (y: f32[batch, features: " << units
          << "]) {\n  return x\n";
  std::string header = "{";
  for (int i = 0; i < kLayers; ++i) {
    program << "    |> Dense(" << units << ", use_bias=False, name=\"dense_" << i << "\")\n";
    header += (i > 0 ? ",\"" : "\"") + ("dense_" + std::to_string(i)) + "/kernel\":{\"dtype\":\"F32\",\"shape\":[" +
              units + "," + units + "],\"data_offsets\":[" + std::to_string(i * kLayerBytes) + "," +
              std::to_string((i + 1) * kLayerBytes) + "]}";
  }
  program << "}\nweights large from \"large.safetensors\"\n";
  header += "}";
  const uint64_t length = header.size();
  const std::string path = directory / "large.safetensors";
  std::ofstream weights(path, std::ios::binary);
  weights.write(reinterpret_cast<const char*>(&length), sizeof length);
  weights << header;
  weights.close();
  std::filesystem::resize_file(path, sizeof length + length + kLayers * kLayerBytes);
}

TEST(MemoryTest, CompilingHoldsTheWeightsOnce) {
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP() << "AddressSanitizer has memory of its own";
#endif
  const TemporaryDirectory directory;
  WriteModel(directory);
  for (const std::string emit : {"obj", "exe"}) {
    const ProcessResult result =
        RunProcess({.arguments = {StrataProgram(), "build", "large.strata", "--emit=" + emit, "-o", "large." + emit},
                    .directory = directory / ""});
    ASSERT_EQ(result.status, 0) << result.errors;
    const int64_t weights = kLayers * kLayerBytes;
    EXPECT_GE(std::filesystem::file_size(directory / ("large." + emit)), static_cast<uintmax_t>(weights));
    EXPECT_LT(result.peak_bytes, weights * 3 / 2 + 300'000'000) << emit;
    std::printf("%s: %.0f MB of weights, %.0f MB at most\n", emit.c_str(), static_cast<double>(weights) / 1e6,
                static_cast<double>(result.peak_bytes) / 1e6);
  }
}

}  // namespace
}  // namespace strata::testing
