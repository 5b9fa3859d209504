#include "compiler/shape/facts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "compiler/shape/linear.h"

namespace strata {
namespace {

const Dim H = Dim::Symbol("H");
const Dim W = Dim::Symbol("W");
const Dim C = Dim::Symbol("C");
const Dim T = Dim::Symbol("time");
const Dim B = Dim::Symbol("batch");

Condition Eq(const Dim& a, const Dim& b) { return {a, Relation::Equal, b}; }
Condition Ne(const Dim& a, const Dim& b) { return {a, Relation::NotEqual, b}; }
Condition Lt(const Dim& a, const Dim& b) { return {a, Relation::Less, b}; }
Condition Le(const Dim& a, const Dim& b) { return {a, Relation::LessEqual, b}; }
Condition Gt(const Dim& a, const Dim& b) { return Lt(b, a); }
Condition Ge(const Dim& a, const Dim& b) { return Le(b, a); }
Dim Half(const Dim& dim) { return CeilDivide(dim, 2); }

// All symbols are sizes, as those of a signature are.
Facts Assuming(const std::vector<Condition>& conditions) {
  Facts facts;
  for (const Dim& size : {B, C, H, W, T}) EXPECT_TRUE(facts.AssumeSize(size));
  for (const Condition& condition : conditions) EXPECT_TRUE(facts.Assume(condition)) << ToString(condition);
  return facts;
}

std::string Text(const std::vector<Condition>& conditions) {
  std::string text;
  for (const Condition& condition : conditions) text += (text.empty() ? "" : ", ") + ToString(condition);
  return text;
}

TEST(Condition, Text) {
  EXPECT_EQ(ToString(Eq(Modulo(H, 8), 0)), "H % 8 == 0");
  EXPECT_EQ(ToString(Ne(H, W)), "H != W");
  EXPECT_EQ(ToString(Lt(H, 4096)), "H < 4096");
  EXPECT_EQ(ToString(Gt(T, W - 1)), "W - 1 < time");
  EXPECT_EQ(ToString(Ge(T, 10)), "time >= 10");
  EXPECT_EQ(ToString(Gt(T, 10)), "time > 10");
  EXPECT_EQ(ToString(Eq(10, T)), "time == 10");
  EXPECT_EQ(ToString(Lt(3, 4)), "3 < 4");
}

TEST(Condition, HoldsOrTheOppositeDoes) {
  for (const Condition& condition : {Eq(H, 3), Ne(H, 3), Lt(H, 3), Le(H, 3), Le(3, H), Eq(Modulo(H, 2), 1)}) {
    for (int64_t value = 0; value < 6; ++value) {
      const auto symbol = [&](std::string_view) { return value; };
      EXPECT_NE(Holds(condition, symbol), Holds(Opposite(condition), symbol)) << ToString(condition) << " at " << value;
      EXPECT_EQ(Opposite(Opposite(condition)), condition);
    }
  }
  // Without a value neither holds.
  const Condition by_zero = Eq(Modulo(H, W), 0);
  const auto zero = [](std::string_view) { return 0; };
  EXPECT_FALSE(Holds(by_zero, zero));
  EXPECT_FALSE(Holds(Opposite(by_zero), zero));
  EXPECT_FALSE(Holds(Le(0, H), [](std::string_view) { return std::optional<int64_t>(); }));
}

TEST(Linear, NoSolution) {
  EXPECT_FALSE(HaveNoSolution({}));
  EXPECT_TRUE(HaveNoSolution({{{}, -1}}));
  EXPECT_FALSE(HaveNoSolution({{{1}, -3}, {{-1}, 3}}));
  EXPECT_TRUE(HaveNoSolution({{{1}, -3}, {{-1}, 2}}));
  // 1 <= 2x <= 1 has a solution, but no whole one.
  EXPECT_TRUE(HaveNoSolution({{{2}, -1}, {{-2}, 1}}));
  // x <= y <= z <= x - 1
  EXPECT_TRUE(HaveNoSolution({{{-1, 1}, 0}, {{0, -1, 1}, 0}, {{1, 0, -1}, -1}}));
  EXPECT_FALSE(HaveNoSolution({{{-1, 1}, 0}, {{0, -1, 1}, 0}, {{1, 0, -1}, 0}}));
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_FALSE(HaveNoSolution({{{kMost, kMost - 1}, kMost}, {{1 - kMost, -kMost}, kMost}, {{3, -5}, 7}}));
}

// What must be proven; the facts, then what follows from them.
struct Follows {
  std::vector<Condition> facts;
  std::vector<Condition> proven;
};

std::vector<Follows> Table() {
  const Dim low = FloorDivide(H - 5, 2) + 1;
  return {
      {{},
       {Eq(H, H),
        Ne(H, H + 1),
        Lt(H, H + 1),
        Ge(H, 0),
        Ge(H * W * C, 0),
        Ge(Half(H), 0),
        Le(FloorDivide(H, 2), H),
        Le(Half(H), H),
        Eq(FloorDivide(H - 1, 2) + 1, Half(H)),
        Eq(FloorDivide(H, 2) + Half(H), H),
        Lt(Modulo(H, 8), 8),
        Ge(Modulo(H, 8), 0),
        Ne(Dim(2) * H, Dim(2) * W + 1),
        Le(Dim(2) * FloorDivide(H, 2), H),
        Ge(Max(H, W), W),
        Le(Min(H, W), W),
        Ge(H + W, H),
        Ge(B * FloorDivide(H, 4), 0),
        Lt(Modulo(H, W), W),
        Le(Max(H, W), H + W),
        Ge(Dim(2) * Half(H), H)}},
      {{Eq(Modulo(H, 8), 0)},
       {Eq(Dim(8) * FloorDivide(H, 8), H), Eq(Dim(8) * Half(Half(Half(H))), H), Eq(Dim(2) * Half(H), H),
        Eq(Dim(4) * Half(Half(H)), H), Eq(Dim(4) * FloorDivide(H, 8), FloorDivide(H, 2)), Eq(Modulo(H, 4), 0),
        Eq(Half(H), FloorDivide(H, 2)), Eq(B * Half(H) * C * Dim(2), B * H * C), Ne(H, 12), Ne(Modulo(H, 2), 1),
        Eq(FloorDivide(H - 2, 2) + 1, FloorDivide(H, 2)), Eq(Modulo(H * W * C, 8), 0), Ne(Dim(2) * H, Dim(16) * W + 8),
        Eq(FloorDivide(H * W, 8), FloorDivide(H, 8) * W)}},
      {{Eq(Modulo(H, 8), 0), Eq(Modulo(W, 8), 0)},
       {Eq(Modulo(H * W, 64), 0), Eq(Dim(64) * FloorDivide(H, 8) * FloorDivide(W, 8), H * W),
        Eq(FloorDivide(H, 8) * FloorDivide(W, 8), FloorDivide(H * W, 64))}},
      {{Eq(Modulo(H, 8), 3)},
       {Eq(Modulo(H, 4), 3), Eq(Modulo(H, 2), 1), Eq(Dim(8) * FloorDivide(H, 8) + 3, H), Ge(H, 3), Ne(H, 8),
        Eq(FloorDivide(H - 1, 2) * Dim(2) + 1, H)}},
      {{Eq(Modulo(H, 2), 0), Eq(Modulo(H, 3), 0)}, {Eq(Modulo(H, 6), 0), Eq(Dim(6) * FloorDivide(H, 6), H)}},
      {{Eq(Modulo(H, 2), 1), Eq(Modulo(H, 8), 3)}, {Eq(Modulo(H, 8), 3), Eq(FloorDivide(H, 8) * Dim(8), H - 3)}},
      {{Eq(Modulo(Dim(3) * H, 8), 0)}, {Eq(Modulo(H, 8), 0)}},
      {{Eq(Modulo(H + W, 4), 0)}, {Eq(Dim(4) * FloorDivide(H + W, 4), H + W), Eq(Modulo(H, 2), Modulo(W, 2))}},
      {{Ne(Modulo(H, 2), 0)}, {Eq(Modulo(H, 2), 1), Ge(H, 1)}},
      {{Eq(H, W)}, {Eq(H * C, W * C), Eq(Half(H), Half(W)), Le(H, W), Eq(Max(H, W), H)}},
      {{Eq(H, Dim(2) * W)}, {Eq(FloorDivide(H, 2), W), Eq(Modulo(H, 2), 0), Ge(H, W)}},
      {{Eq(Dim(2) * H, Dim(3) * W)}, {Eq(Modulo(H, 3), 0), Eq(Modulo(W, 2), 0), Ge(H, W)}},
      {{Eq(H, W), Eq(W, C)}, {Eq(H, C)}},
      {{Eq(H, W), Eq(Modulo(W, 4), 0)}, {Eq(Dim(4) * Half(Half(H)), W)}},
      {{Eq(Modulo(W, 4), 0), Eq(H, W)}, {Eq(Dim(4) * Half(Half(H)), W)}},
      {{Eq(T, 10)}, {Eq(Half(T), 5), Ge(T, 10), Ne(T, 11)}},
      {{Ge(H, 5)},
       {Ge(H - 5 + 1, 1), Ge(low, 1), Eq(Max(H, 4), H), Eq(Max(H - 3, 0), H - 3), Ne(H, 4), Eq(Min(H, 5), 5)}},
      {{Ge(H, 32)}, {Ge(FloorDivide(low - 5, 2) + 1, 1), Ge(FloorDivide(H, 32), 1), Ge(H * B, Dim(32) * B)}},
      {{Lt(H, 4096)}, {Le(FloorDivide(H, 4), 1023), Eq(FloorDivide(H, 4096), 0), Eq(Modulo(H, 4096), H)}},
      {{Gt(T, W - 1)}, {Ge(T, W), Ge(T - W + 1, 1), Eq(Max(T, W), T)}},
      {{Ge(T, W), Ge(W, C), Ge(C, 3)}, {Ge(T, 3), Ge(T + W, Dim(2) * C)}},
      {{Ge(T, 10)}, {Le(10, T), Eq(Min(T, 10), 10)}},
      {{Eq(Max(T, 4), T)}, {Ge(T, 4), Ge(T + W, W + 4)}},
      {{Eq(Min(T, 100), T)}, {Le(T, 100)}},
      {{Eq(Max(H, W), H)}, {Ge(H, W), Eq(Min(H, W), W)}},
      {{Le(Max(H, W), 9)}, {Le(H, 9), Le(W, 9)}},
      {{Ge(Min(H, W), 9)}, {Ge(H, 9), Ge(W, 9)}},
      {{Eq(Modulo(H, W), 0)},
       {Eq(FloorDivide(H, W) * W, H), Eq(CeilDivide(H, W), FloorDivide(H, W)), Eq(Modulo(H * C, W), 0)}},
      {{Lt(H, W)}, {Eq(FloorDivide(H, W), 0), Eq(Modulo(H, W), H)}},
      {{Eq(FloorDivide(H, 2), FloorDivide(W, 2))},
       {Eq(Dim(2) * FloorDivide(H, 2), Dim(2) * FloorDivide(W, 2)), Eq(FloorDivide(H, 2) * C, FloorDivide(W, 2) * C),
        Le(H, W + 1)}},
      {{Eq(FloorDivide(H, 8), 4)}, {Ge(H, 32), Lt(H, 40), Eq(FloorDivide(H, 8) * C, Dim(4) * C)}},
      {{Ge(FloorDivide(H, 8), 4)}, {Ge(H, 32)}},
      {{Ge(Half(H), 4)}, {Ge(H, 7)}},
      {{Ne(H, W)}, {Ne(W, H), Ne(H + 1, W + 1), Ne(Dim(3) * H, Dim(3) * W)}},
      {{Ge(H, W), Le(H, W)}, {Eq(H, W), Eq(Half(H), Half(W))}},
      {{Ge(H, 4), Le(H, 4)}, {Eq(H, 4), Eq(H * W, Dim(4) * W)}},
      {{Ge(H, 1), Eq(H * C, W)}, {Ge(W, C), Eq(Modulo(W, C), 0)}},
      {{Eq(C, H * W), Eq(Modulo(H, 4), 0)}, {Eq(Modulo(C, 4), 0)}},
      {{Eq(Modulo(H * W, 4), 0)}, {Eq(Dim(4) * FloorDivide(H * W, 4), H * W)}},
      {{Eq(Modulo(H, 8), 0), Ge(H, 1)}, {Ge(H, 8), Ge(FloorDivide(H, 8), 1)}},
  };
}

TEST(Facts, Prove) {
  for (const Follows& row : Table()) {
    const Facts facts = Assuming(row.facts);
    for (const Condition& condition : row.proven) {
      EXPECT_EQ(facts.Decide(condition), Truth::True) << Text(row.facts) << " => " << ToString(condition);
      EXPECT_EQ(facts.Decide(Opposite(condition)), Truth::False) << Text(row.facts) << " => " << ToString(condition);
    }
  }
}

TEST(Facts, LeaveOpen) {
  const Facts facts = Assuming({Eq(Modulo(H, 4), 0), Ge(H, 8)});
  for (const Condition& condition :
       {Eq(Dim(8) * FloorDivide(H, 8), H), Eq(H, W), Ne(H, W), Lt(H, W), Ge(H, 12), Eq(H, 16), Eq(Modulo(W, 2), 0)}) {
    EXPECT_EQ(facts.Decide(condition), Truth::Unknown) << ToString(condition);
  }
  EXPECT_EQ(facts.Decide(Eq(Dim::Unknown(), Dim::Unknown())), Truth::Unknown);
  EXPECT_EQ(facts.Decide(Eq(Dim::Overflow(), H)), Truth::Unknown);
  EXPECT_EQ(Facts().Decide(Ge(H, 0)), Truth::Unknown);
}

TEST(Facts, Contradictions) {
  const std::vector<std::vector<Condition>> contradictory = {
      {Eq(Modulo(H, 2), 0), Eq(Modulo(H, 2), 1)},
      {Eq(Modulo(H, 8), 9)},
      {Eq(Modulo(H, 4), 2), Eq(Modulo(H, 8), 1)},
      {Ge(H, 5), Lt(H, 5)},
      {Lt(H, 0)},
      {Eq(H, W), Lt(H, W)},
      {Eq(H, W), Ne(W, H)},
      {Eq(H, W + 1), Eq(W, H + 1)},
      {Gt(H, W), Gt(W, C), Gt(C, H)},
      {Eq(Dim(2) * H, Dim(4) * W + 1)},
      {Eq(Modulo(H, 2), 0), Eq(H, Dim(2) * W + 1)},
      {Ge(H, 3), Le(H, 5), Eq(Modulo(H, 8), 0)},
      {Eq(FloorDivide(H, 8), 4), Ge(H, 40)},
      {Ne(Modulo(H, 2), 0), Ne(Modulo(H, 2), 1)},
      {Ne(H, W), Ge(H, W), Le(H, W)},
  };
  for (const auto& conditions : contradictory) {
    Facts facts = Assuming({});
    bool good = true;
    for (const Condition& condition : conditions) {
      EXPECT_TRUE(good) << Text(conditions);
      good = facts.Assume(condition);
    }
    EXPECT_FALSE(good) << Text(conditions);
    // Nothing was assumed with it.
    EXPECT_NE(facts.Decide(conditions.back()), Truth::True) << Text(conditions);
  }
}

TEST(Facts, Simplify) {
  const auto simplified = [](const std::vector<Condition>& facts, const Dim& dim) {
    return Assuming(facts).Simplify(dim).ToString();
  };
  EXPECT_EQ(simplified({}, Half(H)), "ceil(H / 2)");
  const std::vector<Condition> eights = {Eq(Modulo(H, 8), 0)};
  EXPECT_EQ(simplified(eights, H), "H");
  EXPECT_EQ(simplified(eights, Dim(8) * FloorDivide(H, 8)), "H");
  EXPECT_EQ(simplified(eights, Dim(4) * FloorDivide(H, 8)), "H // 2");
  EXPECT_EQ(simplified(eights, Dim(12) * FloorDivide(H, 8)), "3 * (H // 2)");
  EXPECT_EQ(simplified(eights, Half(H)), "H // 2");
  EXPECT_EQ(simplified(eights, Dim(2) * Half(H) + 1), "H + 1");
  EXPECT_EQ(simplified(eights, FloorDivide(H, 3)), "H // 3");
  EXPECT_EQ(simplified(eights, FloorDivide(H, 32)), "H // 32");
  EXPECT_EQ(simplified(eights, CeilDivide(H, 32)), "ceil(H / 32)");
  EXPECT_EQ(simplified(eights, Max(H, 32)), "max(H, 32)");
  EXPECT_EQ(simplified(eights, FloorDivide(H, W)), "H // W");
  EXPECT_EQ(simplified(eights, B * Half(H) * Half(H)), "H * batch * (H // 4)");
  EXPECT_EQ(simplified({Eq(Modulo(H, 8), 3)}, FloorDivide(H, 2)), "H // 2");
  EXPECT_EQ(simplified({Eq(Modulo(H, 8), 3)}, Dim(8) * FloorDivide(H, 8)), "H - 3");
  EXPECT_EQ(simplified({Eq(Modulo(H, 2), 0), Eq(Modulo(H, 3), 0)}, Dim(6) * CeilDivide(H, 6)), "H");
  EXPECT_EQ(simplified({Eq(Modulo(H, W), 0)}, CeilDivide(H, W) * W * C), "C * H");
  EXPECT_EQ(simplified({Eq(Modulo(H, W), 0)}, CeilDivide(H, W)), "H // W");
  EXPECT_EQ(simplified({Ge(H, 4)}, Max(H, 4)), "H");
  EXPECT_EQ(simplified({Ge(H, 4)}, Max(H - 3, 0) + 1), "H - 2");
  EXPECT_EQ(simplified({Le(H, 7)}, FloorDivide(H, 8) + Modulo(H, 8)), "H");
  EXPECT_EQ(simplified({Eq(H, W)}, H * W), "H * W");
  EXPECT_EQ(simplified({Eq(H, 4)}, H * W), "4 * W");
  EXPECT_EQ(simplified({Eq(H, Dim(2) * W)}, FloorDivide(H, 2)), "W");
}

TEST(Facts, RangeOf) {
  const Facts facts = Assuming({Ge(H, 5), Le(H, 20), Eq(Modulo(W, 4), 0), Ge(W, 1)});
  EXPECT_EQ(facts.RangeOf(FloorDivide(H, 2) + 1).low, 3);
  EXPECT_EQ(facts.RangeOf(FloorDivide(H, 2) + 1).high, 11);
  EXPECT_EQ(facts.RangeOf(W).low, 4);
  EXPECT_FALSE(facts.RangeOf(W).high);
  EXPECT_EQ(facts.RangeOf(Dim(0) - H).high, -5);
  EXPECT_EQ(facts.RangeOf(H * W).low, 20);
  EXPECT_EQ(facts.RangeOf(7).low, 7);
  EXPECT_FALSE(Facts().RangeOf(H).low);
  EXPECT_FALSE(facts.RangeOf(Dim::Unknown()).low);
}

TEST(Facts, WhatWouldProve) {
  const auto offer = [](const std::vector<Condition>& facts, const Condition& condition) {
    return Text(Assuming(facts).WhatWouldProve(condition));
  };
  // U-Nets: up-sampled sizes against those of the skips.
  EXPECT_EQ(offer({}, Eq(Dim(2) * FloorDivide(H, 2), H)), "H % 2 == 0");
  EXPECT_EQ(offer({}, Eq(Dim(8) * FloorDivide(H, 8), H)), "H % 8 == 0");
  EXPECT_EQ(offer({}, Eq(Dim(8) * Half(Half(Half(H))), H)), "H % 8 == 0");
  EXPECT_EQ(offer({}, Eq(Dim(4) * FloorDivide(H, 8), FloorDivide(H, 2))), "H % 8 == 0");
  EXPECT_EQ(offer({Eq(Modulo(H, 2), 0)}, Eq(Dim(8) * Half(Half(Half(H))), H)), "H % 8 == 0");
  EXPECT_EQ(offer({}, Eq(Dim(2) * FloorDivide(H - 5, 2) + 5, H)), "H % 2 == 1");
  EXPECT_EQ(offer({}, Eq(B * Dim(16) * FloorDivide(H, 4) * FloorDivide(W, 4), B * H * W)), "H % 4 == 0, W % 4 == 0");
  EXPECT_EQ(offer({}, Eq(Dim(3) * FloorDivide(T, 3), T)), "time % 3 == 0");
  EXPECT_EQ(offer({}, Eq(Modulo(H * W, 4), 0)), "H % 4 == 0");
  EXPECT_EQ(offer({}, Eq(Dim(4) * FloorDivide(H + W, 4), H + W)), "H % 4 == 0, W % 4 == 0");
  EXPECT_EQ(offer({}, Eq(Modulo(H, W), 0)), "H % W == 0");
  EXPECT_EQ(offer({}, Eq(Dim(4096) * FloorDivide(H, 4096), H)), "H % 4096 == 0");
  // Two inputs.
  EXPECT_EQ(offer({}, Eq(H, W)), "H == W");
  EXPECT_EQ(offer({}, Eq(Half(H), Half(W))), "H == W");
  EXPECT_EQ(offer({}, Eq(H * C, W * C)), "H == W");
  EXPECT_EQ(offer({}, Eq(H - 2, W)), "H == W + 2");
  EXPECT_EQ(offer({}, Eq(Dim(2) * T, 20)), "time == 10");
  EXPECT_EQ(offer({}, Eq(FloorDivide(H, 4), 8)), "H // 4 == 8");
  EXPECT_EQ(offer({}, Eq(Dim(2) * FloorDivide(H, 2), W)), "W == 2 * (H // 2)");
  // Windows and slices.
  EXPECT_EQ(offer({}, Ge(H - 5 + 1, 1)), "H >= 5");
  EXPECT_EQ(offer({}, Ge(FloorDivide(FloorDivide(H - 5, 2) + 1 - 5, 2) + 1, 1)), "H >= 13");
  EXPECT_EQ(offer({Eq(Modulo(H, 8), 0)}, Ge(FloorDivide(H, 2) - 5, 0)), "H >= 10");
  EXPECT_EQ(offer({}, Le(10, T)), "time >= 10");
  EXPECT_EQ(offer({}, Gt(T, 10)), "time >= 11");
  EXPECT_EQ(offer({}, Lt(T, 512)), "time <= 511");
  EXPECT_EQ(offer({}, Le(W, T)), "W <= time");
  EXPECT_EQ(offer({}, Ne(H, W)), "H != W");
  // Proven already; never.
  EXPECT_EQ(offer({}, Ge(H, 0)), "");
  EXPECT_EQ(offer({}, Eq(H, H + 1)), "");
  EXPECT_EQ(offer({Eq(Modulo(H, 2), 1)}, Eq(Dim(2) * FloorDivide(H, 2), H)), "");
  EXPECT_EQ(offer({}, Eq(H, Dim::Unknown())), "");
}

TEST(Facts, AbsurdQuestionsStayBounded) {
  Facts facts = Assuming({Eq(Modulo(H, 7), 3), Ge(W, C)});
  Dim nested = H;
  for (int i = 0; nested.IsKnown() && i < 100; ++i) {
    const Dim longer = FloorDivide(Max(nested, W * Dim(i) - C) + i, 3) * T + Min(C, nested);
    facts.Decide(Eq(longer, nested));
    facts.Simplify(longer);
    facts.WhatWouldProve(Le(nested, longer));
    EXPECT_TRUE(facts.Assume(Ge(longer + i, nested)));
    nested = longer;
  }
  // More facts than are kept, and more symbols than a system has.
  Dim sum;
  for (int i = 0; i < 200; ++i) {
    const Dim symbol = Dim::Symbol("S" + std::to_string(i));
    EXPECT_TRUE(facts.Assume(Eq(Modulo(symbol, 5 + i), 0)));
    EXPECT_TRUE(facts.Assume(Ge(symbol, sum)));
    if (i < 20) sum += symbol;
  }
  EXPECT_EQ(facts.Decide(Eq(sum, 1)), facts.Decide(Eq(sum, 1)));
  EXPECT_TRUE(facts.Proves(Eq(Dim(5) * FloorDivide(Dim::Symbol("S0"), 5), Dim::Symbol("S0"))));
}

// ---- Random facts and questions against all small values ----

constexpr const char* kNames[] = {"A", "B", "C"};

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  int64_t Pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
  Dim Symbol() { return Dim::Symbol(kNames[Pick(0, 2)]); }

  Dim Make(int64_t depth) {
    if (depth == 0) return Pick(0, 3) == 0 ? Dim(Pick(-6, 9)) : Symbol();
    const Dim a = Make(Pick(0, depth - 1));
    switch (Pick(0, 9)) {
      case 0: return a + Make(depth - 1);
      case 1: return a - Make(depth - 1);
      case 2: return a * Make(Pick(0, depth - 1));
      case 3: return FloorDivide(a, Pick(1, 8));
      case 4: return CeilDivide(a, Pick(1, 8));
      case 5: return Dim(Pick(1, 8)) * FloorDivide(a + Pick(-4, 4), Pick(1, 8));
      case 6: return Pick(0, 3) == 0 ? FloorDivide(a, Symbol()) : Modulo(a, Pick(1, 8));
      case 7: return Max(a, Make(Pick(0, depth - 1)));
      case 8: return Min(a, Make(Pick(0, depth - 1)));
      default: return a + Pick(-6, 6);
    }
  }

  Condition Fact() {
    switch (Pick(0, 9)) {
      case 0:
      case 1:
      case 2: return Eq(Modulo(Symbol(), Pick(2, 8)), Pick(0, 3));
      case 3: return Eq(Symbol(), Dim(Pick(1, 3)) * Symbol() + Pick(-1, 2));
      case 4: return Ge(Symbol(), Pick(0, 8));
      case 5: return Lt(Symbol(), Pick(4, 12));
      case 6: return Gt(Symbol(), Symbol() - Pick(-2, 2));
      case 7: return Eq(Modulo(Symbol(), Symbol()), 0);
      case 8: return Eq(FloorDivide(Symbol(), 2), FloorDivide(Symbol(), 2));
      default: return Random();
    }
  }

  Condition Random() {
    const Dim left = Make(2);
    return {left, static_cast<Relation>(Pick(0, 3)), Pick(0, 1) == 0 ? Dim(Pick(0, 8)) : Make(2)};
  }

 private:
  std::mt19937 random_;
};

struct Point {
  int64_t values[3];
  std::optional<int64_t> operator()(std::string_view name) const { return values[name[0] - 'A']; }
};

// All values of A, B and C from 0 to kMost.
constexpr int64_t kMost = 9;
std::vector<Point> PointsWhere(const std::vector<Condition>& conditions) {
  std::vector<Point> points;
  for (int64_t a = 0; a <= kMost; ++a) {
    for (int64_t b = 0; b <= kMost; ++b) {
      for (int64_t c = 0; c <= kMost; ++c) {
        const Point point{{a, b, c}};
        const bool all = std::ranges::all_of(
            conditions, [&](const Condition& condition) { return Holds(condition, std::cref(point)); });
        if (all) points.push_back(point);
      }
    }
  }
  return points;
}

bool HasValue(const Condition& condition, const Point& point) {
  return condition.left.Evaluate(std::cref(point)) && condition.right.Evaluate(std::cref(point));
}

TEST(FactsProperty, AnswersAreTrueOfAllValues) {
  int proven = 0;
  int refuted = 0;
  int simplified = 0;
  int offered = 0;
  int contradictory = 0;
  for (uint32_t seed = 0; seed < 250; ++seed) {
    Generator generator(seed);
    Facts facts;
    for (const char* name : kNames) ASSERT_TRUE(facts.AssumeSize(Dim::Symbol(name)));
    std::vector<Condition> assumed;
    for (int64_t count = generator.Pick(1, 3); count > 0; --count) {
      const Condition fact = generator.Fact();
      const Facts before = facts;
      if (facts.Assume(fact)) {
        assumed.push_back(fact);
        continue;
      }
      ++contradictory;
      std::vector<Condition> all = assumed;
      all.push_back(fact);
      ASSERT_TRUE(PointsWhere(all).empty()) << seed << ": " << Text(all);
    }
    std::vector<Point> points = PointsWhere(assumed);
    std::ranges::shuffle(points, std::mt19937(seed));
    points.resize(std::min<size_t>(points.size(), 80));
    for (int question = 0; question < 6; ++question) {
      const Condition condition = generator.Random();
      const Truth truth = facts.Decide(condition);
      const std::string text = std::to_string(seed) + ": " + Text(assumed) + " => " + ToString(condition);
      const std::vector<Condition> offers = facts.WhatWouldProve(condition);
      const Dim simple = facts.Simplify(condition.left);
      ASSERT_TRUE(std::ranges::none_of(simple.Symbols(), [](const auto& name) { return name[0] == '#'; })) << text;
      proven += truth == Truth::True ? 1 : 0;
      refuted += truth == Truth::False ? 1 : 0;
      simplified += simple.ToString() != condition.left.ToString() ? 1 : 0;
      offered += offers.empty() ? 0 : 1;
      for (const Point& point : points) {
        if (!HasValue(condition, point)) continue;
        const bool holds = Holds(condition, std::cref(point));
        ASSERT_TRUE(truth == Truth::Unknown || holds == (truth == Truth::True)) << text;
        ASSERT_EQ(simple.Evaluate(std::cref(point)), condition.left.Evaluate(std::cref(point)))
            << text << " simplified to " << simple.ToString();
        const bool promised = !offers.empty() && std::ranges::all_of(offers, [&](const Condition& offer) {
          return Holds(offer, std::cref(point));
        });
        ASSERT_TRUE(!promised || holds) << text << " offered " << Text(offers);
        const Range range = facts.RangeOf(condition.left);
        const int64_t value = *condition.left.Evaluate(std::cref(point));
        ASSERT_TRUE(value >= range.low.value_or(value) && value <= range.high.value_or(value)) << text;
      }
    }
  }
  EXPECT_GT(proven, 250);
  EXPECT_GT(refuted, 200);
  EXPECT_GT(simplified, 150);
  EXPECT_GT(offered, 700);
  EXPECT_GT(contradictory, 40);
}

}  // namespace
}  // namespace strata
