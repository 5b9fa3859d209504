#include "compiler/shape/facts.h"

#include <gtest/gtest.h>

namespace strata {
namespace {

const Dim H = Dim::Symbol("H");
const Dim W = Dim::Symbol("W");
TEST(Facts, First) {
  Facts facts;
  facts.AssumeSize(H);
  EXPECT_TRUE(facts.Assume({Modulo(H, 8), Relation::Equal, 0}));
  EXPECT_EQ(facts.Simplify(Dim(8) * FloorDivide(H, 8)).ToString(), "H");
  EXPECT_TRUE(facts.ProvesEqual(Dim(8) * FloorDivide(H, 8), H));
  const auto offers = Facts().WhatWouldProve({Dim(8) * FloorDivide(H, 8), Relation::Equal, H});
  ASSERT_EQ(offers.size(), 1U);
  EXPECT_EQ(ToString(offers[0]), "H % 8 == 0");
}
}  // namespace
}  // namespace strata
