#include "compiler/shape/shape.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

const Dim H = Dim::Symbol("H");

TEST(DType, Names) {
  for (DType dtype : {DType::F32, DType::F16, DType::BF16, DType::I8, DType::U8, DType::I32, DType::I64, DType::Bool}) {
    EXPECT_EQ(ParseDType(Name(dtype)), dtype);
  }
  EXPECT_EQ(Name(DType::BF16), "bf16");
  EXPECT_EQ(ParseDType("float"), std::nullopt);
  EXPECT_EQ(ParseDType(""), std::nullopt);
}

TEST(DType, Properties) {
  EXPECT_EQ(Bytes(DType::F32), 4);
  EXPECT_EQ(Bytes(DType::BF16), 2);
  EXPECT_EQ(Bytes(DType::Bool), 1);
  EXPECT_EQ(Bytes(DType::I64), 8);
  EXPECT_TRUE(IsFloat(DType::F16));
  EXPECT_FALSE(IsFloat(DType::I32));
}

TEST(Shape, AxesAsTheUserWritesThem) {
  EXPECT_EQ(ToString(Axis{.name = "height", .size = 7}), "height: 7");
  EXPECT_EQ(ToString(Axis{.name = "batch", .size = Dim::Symbol("batch")}), "batch");
  EXPECT_EQ(ToString(Axis{.name = "height", .size = H}), "height: H");
  EXPECT_EQ(ToString(Axis{.name = "height", .size = CeilDivide(H, 2)}), "height: ceil(H / 2)");
  EXPECT_EQ(ToString(Axis{.size = 256}), "256");
  EXPECT_EQ(ToString(Axis{.size = H}), "(H)");
  EXPECT_EQ(ToString(Axis{.size = FloorDivide(H, 2)}), "(H // 2)");
  EXPECT_EQ(ToString(Axis{.size = Dim::Unknown()}), "?");
  EXPECT_EQ(ToString(Axis{.name = "width", .size = Dim::Unknown()}), "width: ?");
}

TEST(Shape, Types) {
  const TensorType type{.dtype = DType::F32,
                        .shape = {{.name = "batch", .size = Dim::Symbol("batch")},
                                  {.name = "height", .size = 7},
                                  {.name = "width", .size = 7},
                                  {.name = "features", .size = 2}}};
  EXPECT_EQ(ToString(type), "f32[batch, height: 7, width: 7, features: 2]");
  EXPECT_EQ(ToString(TensorType{.dtype = DType::I64, .shape = {}}), "i64[]");
  EXPECT_EQ(ToString(Shape{{.name = "batch", .size = Dim::Symbol("batch")}, {.size = 256}}), "[batch, 256]");
}

TEST(Shape, FindAxis) {
  const Shape shape = {{.name = "batch", .size = Dim::Symbol("batch")}, {.size = 3}, {.name = "channels", .size = 4}};
  EXPECT_EQ(FindAxis(shape, "batch"), 0u);
  EXPECT_EQ(FindAxis(shape, "channels"), 2u);
  EXPECT_EQ(FindAxis(shape, "features"), 2u);
  EXPECT_EQ(FindAxis(shape, "height"), std::nullopt);
  EXPECT_EQ(FindAxis(shape, ""), std::nullopt);
  const Shape both = {{.name = "channels", .size = 4}, {.name = "features", .size = 5}};
  EXPECT_EQ(FindAxis(both, "channels"), 0u);
  EXPECT_EQ(FindAxis(both, "features"), 1u);
}

TEST(Shape, Roles) {
  EXPECT_TRUE(IsRoleName("time"));
  EXPECT_TRUE(IsRoleName("features"));
  EXPECT_FALSE(IsRoleName("batch"));
  EXPECT_FALSE(IsRoleName("classes"));
}

TEST(Shape, Sizes) {
  const Shape shape = {{.name = "batch", .size = Dim::Symbol("batch")}, {.size = 3}, {.name = "channels", .size = 4}};
  EXPECT_EQ(ElementCount(shape), Dim(12) * Dim::Symbol("batch"));
  EXPECT_EQ(ElementCount(shape, 1), Dim(12));
  EXPECT_EQ(ElementCount({}), Dim(1));
  EXPECT_EQ(Sizes(shape), (std::vector<Dim>{Dim::Symbol("batch"), 3, 4}));
}

}  // namespace
}  // namespace strata
