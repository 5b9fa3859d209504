// What only training does something with costs nothing: it leaves no operation.
#include <gtest/gtest.h>

#include "tests/unit/check/check_program.h"

namespace strata {
namespace {

TEST(TrainingOnlyTest, NothingIsLeft) {
  const CheckedProgram checked = CheckProgram(R"(
model tiny(x: f32[batch, height: 8, width: 8, channels: 3]) -> (y: f32[batch, height: 8, width: 8, channels: 3]) {
  return x |> Dropout(0.5) |> GaussianNoise(0.1) |> SpatialDropout2D(0.2) |> AlphaDropout(0.1) |> GaussianDropout(0.1)
    |> ActivityRegularization(l2=0.1) |> Identity() |> RandomFlip() |> RandomRotation(0.1) |> RandomCrop(8, 8) |> MixUp()
}
)");
  ASSERT_TRUE(checked.network.has_value()) << checked.rendered;
  EXPECT_EQ(checked.network->nodes.size(), 11u);
  EXPECT_EQ(Expand(*checked.network).operations.size(), 1u);  // the input
}

}  // namespace
}  // namespace strata
