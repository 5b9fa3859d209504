#include "runtime/shape_text.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "runtime/block.h"

namespace strata::testing {
namespace {

TEST(Text, CutsAtTheEndOfItsBuffer) {
  char buffer[8];
  strata_text text = strata_text_in(buffer, sizeof buffer);
  EXPECT_STREQ(buffer, "");
  strata_text_add(&text, "%d-", 12);
  strata_text_add(&text, "%s", "345678");
  strata_text_add(&text, "%s", "9");
  EXPECT_STREQ(buffer, "12-3456");
  EXPECT_EQ(text.length, 7U);
  EXPECT_FALSE(strata_fail(&text, "new"));
  EXPECT_STREQ(buffer, "new");
}

TEST(Text, HoldsNoControlBytes) {
  char buffer[32];
  strata_text text = strata_text_in(buffer, sizeof buffer);
  strata_text_add(&text, "a\nb\tc\x1b[0m\x7f é");
  EXPECT_STREQ(buffer, "a?b?c?[0m? é");
}

TEST(Text, MayHaveNoBuffer) {
  strata_text text = strata_text_in(nullptr, 0);
  strata_text_add(&text, "lost");
  EXPECT_EQ(text.length, 0U);
}

TEST(Text, SystemErrorsBeginLowerCase) { EXPECT_STREQ(strata_system_error(ENOENT), "no such file or directory"); }

TEST(Block, IsAlignedAndRefusesAbsurdSizes) {
  for (const std::int64_t bytes : {0, 1, 63, 64, 65, 1000}) {
    for (const std::int64_t alignment : {8, 64, 4096}) {
      void* const block = strata_aligned_block(bytes, alignment);
      ASSERT_NE(block, nullptr);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % static_cast<std::uintptr_t>(alignment), 0U);
      std::free(block);
    }
  }
  EXPECT_EQ(strata_aligned_block(-1, 64), nullptr);
  EXPECT_EQ(strata_aligned_block(INT64_MAX, 64), nullptr);
}

TEST(Block, CountsBytes) {
  const auto count = [](std::vector<std::int64_t> sizes, std::int64_t item) {
    std::int64_t bytes = -1;
    return strata_byte_count(sizes.data(), static_cast<std::int32_t>(sizes.size()), item, &bytes) ? bytes : -1;
  };
  EXPECT_EQ(count({}, 4), 4);
  EXPECT_EQ(count({3, 2}, 4), 24);
  EXPECT_EQ(count({INT64_MAX, 0, INT64_MAX}, 4), 0);
  EXPECT_EQ(count({INT64_MAX}, 0), 0);
  EXPECT_EQ(count({INT64_MAX}, 1), INT64_MAX);
  EXPECT_EQ(count({INT64_MAX / 4 + 1}, 4), -1);
  EXPECT_EQ(count({INT64_MAX, 2}, 1), -1);
  EXPECT_EQ(count({0, -1}, 4), -1);
}

TEST(ShapeText, NamesDtypes) {
  const std::vector<std::string> names = {"f32", "f16", "bf16", "i8", "u8", "i32", "i64", "bool"};
  const std::vector<std::string> numpy = {"float32", "float16", "bfloat16", "int8", "uint8", "int32", "int64", "bool"};
  const std::vector<std::int64_t> sizes = {4, 2, 2, 1, 1, 4, 8, 1};
  for (std::int32_t dtype = STRATA_F32; dtype <= STRATA_BOOL; ++dtype) {
    const auto i = static_cast<std::size_t>(dtype);
    EXPECT_EQ(strata_dtype_name(dtype), names[i]);
    EXPECT_EQ(strata_dtype_numpy_name(dtype), numpy[i]);
    EXPECT_EQ(strata_dtype_size(dtype), sizes[i]);
  }
  for (const std::int32_t dtype : {-1, STRATA_BOOL + 1}) {
    EXPECT_STREQ(strata_dtype_name(dtype), "?");
    EXPECT_EQ(strata_dtype_size(dtype), 0);
  }
}

TEST(ShapeText, WritesTensorsAsStrataDoes) {
  const strata_axis axes[] = {{.name = "batch", .text = "batch", .size = 0, .symbol = 0},
                              {.name = "height", .text = "H / 2", .size = 0, .symbol = STRATA_COMPUTED},
                              {.name = "", .text = "W", .size = 0, .symbol = 1},
                              {.name = "channels", .text = "1", .size = 1, .symbol = STRATA_FIXED}};
  const strata_tensor image = {.name = "image", .axes = axes, .rank = 4, .dtype = STRATA_U8};
  const strata_tensor scalar = {.name = "scalar", .axes = nullptr, .rank = 0, .dtype = STRATA_BOOL};
  const std::int64_t sizes[] = {360, 8, 8, 1};
  char buffer[STRATA_SHAPE_TEXT_SIZE];
  strata_text text = strata_text_in(buffer, sizeof buffer);
  strata_tensor_text(&image, &text);
  EXPECT_STREQ(buffer, "image: u8[batch, height: H / 2, W, channels: 1]");
  text = strata_text_in(buffer, sizeof buffer);
  strata_tensor_text(&scalar, &text);
  EXPECT_STREQ(buffer, "scalar: bool[]");
  text = strata_text_in(buffer, sizeof buffer);
  strata_expected_shape_text(&image, &text);
  EXPECT_STREQ(buffer, "[batch, H / 2, W, 1]");
  text = strata_text_in(buffer, sizeof buffer);
  strata_sizes_text(sizes, 4, &text);
  strata_sizes_text(sizes, 0, &text);
  EXPECT_STREQ(buffer, "[360, 8, 8, 1][]");
}

}  // namespace
}  // namespace strata::testing
