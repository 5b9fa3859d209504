#include "compiler/shape/dim.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace strata {
namespace {

__extension__ using Int128 = __int128;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();

const Dim H = Dim::Symbol("H");
const Dim W = Dim::Symbol("W");
const Dim C = Dim::Symbol("C");

std::string Str(const Dim& dim) { return dim.ToString(); }

TEST(Dim, Constants) {
  EXPECT_EQ(Str(0), "0");
  EXPECT_EQ(Str(-3), "-3");
  EXPECT_EQ(Dim(2) + Dim(3), Dim(5));
  EXPECT_EQ(Dim(7).Constant(), 7);
  EXPECT_EQ(Dim().Constant(), 0);
  EXPECT_FALSE(H.Constant());
  EXPECT_TRUE((H - H).Is(0));
  EXPECT_FALSE(H.Is(0));
  EXPECT_EQ(FloorDivide(-7, 2), Dim(-4));
  EXPECT_EQ(CeilDivide(-7, 2), Dim(-3));
  EXPECT_EQ(CeilDivide(7, 2), Dim(4));
  EXPECT_EQ(CeilDivide(7, -2), Dim(-3));
  EXPECT_EQ(Modulo(-7, 2), Dim(1));
  EXPECT_EQ(Modulo(7, -2), Dim(-1));
  EXPECT_EQ(Max(3, 5), Dim(5));
  EXPECT_EQ(Min(3, 5), Dim(3));
}

TEST(Dim, AsSymbol) {
  EXPECT_EQ(H.AsSymbol(), "H");
  EXPECT_FALSE((H + 1).AsSymbol());
  EXPECT_FALSE((Dim(2) * H).AsSymbol());
  EXPECT_FALSE((H * W).AsSymbol());
  EXPECT_FALSE(FloorDivide(H, 2).AsSymbol());
  EXPECT_FALSE(Dim(1).AsSymbol());
}

TEST(Dim, Symbols) {
  EXPECT_EQ((FloorDivide(W, C) * H + Max(C, H) + 1).Symbols(), (std::vector<std::string>{"C", "H", "W"}));
  EXPECT_TRUE(Dim(4).Symbols().empty());
}

TEST(Dim, UnknownAndOverflowAbsorb) {
  const Dim unknown = Dim::Unknown();
  const Dim overflow = Dim::Overflow();
  for (const Dim& dim :
       {unknown + H, H - unknown, unknown * Dim(0), FloorDivide(H, unknown), CeilDivide(unknown, 2), Modulo(unknown, H),
        Max(unknown, 3), Min(3, unknown), unknown + overflow, overflow * unknown}) {
    EXPECT_TRUE(dim.IsUnknown());
    EXPECT_EQ(Str(dim), "?");
  }
  for (const Dim& dim : {overflow + H, H - overflow, overflow * Dim(0), FloorDivide(H, overflow),
                         CeilDivide(overflow, 2), Modulo(overflow, H), Max(overflow, 3), Min(3, overflow)}) {
    EXPECT_TRUE(dim.IsOverflow());
  }
  EXPECT_FALSE(unknown == overflow);
  EXPECT_FALSE(unknown == Dim(0));
  EXPECT_TRUE(unknown == Dim::Unknown());
}

TEST(Dim, OverflowIsNoticed) {
  EXPECT_TRUE((Dim(kLargest) + Dim(1)).IsOverflow());
  EXPECT_TRUE((Dim(kSmallest) - Dim(1)).IsOverflow());
  EXPECT_TRUE((Dim(0) - Dim(kSmallest)).IsOverflow());
  EXPECT_EQ(Dim(-1) - Dim(kSmallest), Dim(kLargest));
  EXPECT_TRUE((Dim(kLargest) * H * Dim(2)).IsOverflow());
  EXPECT_TRUE((Dim(kLargest) * H + H).IsOverflow());
  EXPECT_TRUE((Dim(1000000000) * Dim(1000000000) * Dim(1000000000)).IsOverflow());
  EXPECT_TRUE(FloorDivide(kSmallest, -1).IsOverflow());
  EXPECT_EQ(FloorDivide(kSmallest, 2), Dim(kSmallest / 2));
  EXPECT_EQ(CeilDivide(kSmallest, 2), Dim(kSmallest / 2));
  EXPECT_TRUE(FloorDivide(H, 0).IsOverflow());
  EXPECT_TRUE(CeilDivide(H, 0).IsOverflow());
  EXPECT_TRUE(Modulo(H, 0).IsOverflow());
  EXPECT_TRUE(FloorDivide(H * Dim(kSmallest) + W, Dim(-1)).IsOverflow());
  EXPECT_TRUE(FloorDivide(W, H * Dim(kSmallest)).IsOverflow());
}

TEST(Dim, AbsurdExpressionsStayBounded) {
  Dim power = H + W + C;
  for (int i = 0; i < 40; ++i) power *= power;
  EXPECT_TRUE(power.IsOverflow());
  Dim nested = H;
  for (int i = 0; i < 100000 && nested.IsKnown(); ++i) nested = FloorDivide(nested + i, W) + Max(nested, C * Dim(i));
  EXPECT_TRUE(nested.IsOverflow());
  Dim halves = H;
  for (int i = 0; i < 100; ++i) halves = FloorDivide(halves, 2);
  EXPECT_TRUE(halves.IsOverflow());
  EXPECT_TRUE(FloorDivide(H * H * H * H * H * H * H * H * H * H, H - W - C - Dim::Symbol("B")).IsKnown());
}

TEST(Dim, Polynomials) {
  EXPECT_EQ((H + 1) * (H - 1), H * H - 1);
  EXPECT_EQ((H + W) * (H + W), H * H + Dim(2) * H * W + W * W);
  EXPECT_EQ(H * W, W * H);
}

TEST(Dim, DivisionByNumber) {
  EXPECT_EQ(FloorDivide(Dim(2) * H + 4, 2), H + 2);
  EXPECT_EQ(FloorDivide(Dim(4) * H + 3, 4), H);
  EXPECT_EQ(FloorDivide(Dim(4) * H + 3, 8), FloorDivide(H, 2));
  EXPECT_EQ(FloorDivide(Dim(5) * H, 4), H + FloorDivide(H, 4));
  EXPECT_EQ(FloorDivide(H + 7, 4), FloorDivide(H + 3, 4) + 1);
  EXPECT_EQ(FloorDivide(H - 3, 2) + 1, FloorDivide(H - 1, 2));
  EXPECT_EQ(FloorDivide(FloorDivide(H, 2), 3), FloorDivide(H, 6));
  EXPECT_EQ(CeilDivide(CeilDivide(H, 2), 2), CeilDivide(H, 4));
  EXPECT_EQ(FloorDivide(H, -2), Dim(0) - CeilDivide(H, 2));
  EXPECT_EQ(Dim(0) - FloorDivide(Dim(0) - H, 3), CeilDivide(H, 3));
  EXPECT_EQ(CeilDivide(H, -3), Dim(0) - FloorDivide(H, 3));
  EXPECT_EQ(FloorDivide(Max(H, W), 2), Max(FloorDivide(H, 2), FloorDivide(W, 2)));
}

TEST(Dim, DivisionBySymbols) {
  EXPECT_EQ(FloorDivide(H * W + 3, W), H + FloorDivide(3, W));
  EXPECT_EQ(FloorDivide(H * W * Dim(64), W * Dim(32)), Dim(2) * H);
  EXPECT_EQ(FloorDivide(H * H - W * W, H + W), H - W);
  EXPECT_EQ(FloorDivide(H * W, H * C), FloorDivide(W, C));
  EXPECT_EQ(FloorDivide(H * W, H * Dim(4)), FloorDivide(W, 4));
  EXPECT_EQ(FloorDivide(H, Dim(0) - W), FloorDivide(Dim(0) - H, W));
  EXPECT_EQ(Str(FloorDivide(H, H + W)), "H // (H + W)");
}

TEST(Dim, Remainders) {
  EXPECT_EQ(Modulo(Dim(4) * H + 3, 4), Dim(3));
  EXPECT_EQ(Modulo(Dim(4) * H + W, 2), Modulo(W, 2));
  EXPECT_EQ(Modulo(Modulo(H, 8), 2), Modulo(H, 2));
  EXPECT_EQ(FloorDivide(Modulo(H, 8), 8), Dim(0));
  EXPECT_EQ(Dim(2) * FloorDivide(H, 2) + Modulo(H, 2), H);
  EXPECT_EQ(Modulo(H * W, W), Dim(0));
  EXPECT_EQ(Modulo(H, W) + W * FloorDivide(H, W), H);
  EXPECT_EQ(Modulo(H * Dim(kLargest), kLargest), Dim(0));
}

TEST(Dim, EqualityByCases) {
  EXPECT_EQ(FloorDivide(H, 2) + CeilDivide(H, 2), H);
  EXPECT_EQ(Modulo(Dim(0) - H, 2), Modulo(H, 2));
  EXPECT_EQ(FloorDivide(Dim(3) * H, 4), H - CeilDivide(H, 4));
  EXPECT_EQ(FloorDivide(H, 3) + FloorDivide(H + 1, 3) + FloorDivide(H + 2, 3), H);
  EXPECT_EQ(FloorDivide(H * (H + 1), 2) + FloorDivide(H * (H - 1), 2), H * H);
  EXPECT_FALSE(FloorDivide(H, 2) == CeilDivide(H, 2));
  EXPECT_FALSE(Dim(2) * FloorDivide(H, 2) == H);
  EXPECT_FALSE(FloorDivide(H, 2) == FloorDivide(W, 2));
}

TEST(Dim, Substitute) {
  const auto by = [](const Dim& dim) { return [dim](std::string_view) { return dim; }; };
  EXPECT_EQ(FloorDivide(H + 1, 2).Substitute(by(Dim(2) * W)), W);
  EXPECT_EQ((Max(H, 3) * H + 1).Substitute(by(5)), Dim(26));
  EXPECT_TRUE(FloorDivide(1, H).Substitute(by(0)).IsOverflow());
  EXPECT_TRUE(Dim::Unknown().Substitute(by(0)).IsUnknown());
}

TEST(Dim, MaxAndMin) {
  EXPECT_EQ(Max(H + 3, H), H + 3);
  EXPECT_EQ(Min(H + 3, H), H);
  EXPECT_EQ(Max(H, W), Max(W, H));
  EXPECT_EQ(Max(Max(H, W), C), Max(H, Max(C, W)));
  EXPECT_EQ(Max(Max(H, W), H + 1), Max(H + 1, W));
  EXPECT_EQ(Max(H + 1, W + 1), Max(H, W) + 1);
  EXPECT_EQ(Min(Dim(2) * H, Dim(2) * W), Dim(2) * Min(H, W));
  EXPECT_EQ(Max(Max(H, W) + 1, C + 1), Max(C, Max(H, W)) + 1);
  EXPECT_EQ(Max(FloorDivide(H, 2), CeilDivide(H, 2)), CeilDivide(H, 2));
  EXPECT_EQ(Max(Modulo(H, 8), 7), Dim(7));
  EXPECT_EQ(Min(Modulo(H, 8), 0), Dim(0));
}

// Keras' padding="same" on a symbolic size: the result's size is ceil(H / stride) for every kernel size.
TEST(Dim, SamePaddingOfSymbolicSize) {
  for (int64_t stride = 1; stride <= 4; ++stride) {
    for (int64_t size = 1; size <= 7; ++size) {
      const Dim out = CeilDivide(H, stride);
      const Dim padding = Max((out - 1) * Dim(stride) + Dim(size) - H, 0);
      const Dim low = FloorDivide(padding, 2);
      const Dim high = padding - low;
      EXPECT_EQ(FloorDivide(H + low + high - Dim(size), stride) + 1, out)
          << size << " by " << stride << ": " << Str(padding);
    }
  }
}

TEST(Dim, Text) {
  EXPECT_EQ(Str(Dim(2) * H + 1), "2 * H + 1");
  EXPECT_EQ(Str(Dim(1) - H), "1 - H");
  EXPECT_EQ(Str(Dim(0) - H - 1), "-H - 1");
  EXPECT_EQ(Str(W - H), "W - H");
  EXPECT_EQ(Str(H * W * Dim(64)), "64 * H * W");
  EXPECT_EQ(Str(H * H + H), "H ** 2 + H");
  EXPECT_EQ(Str(FloorDivide(H, 2)), "H // 2");
  EXPECT_EQ(Str(FloorDivide(Dim(3) * H, 4)), "3 * H // 4");
  EXPECT_EQ(Str(FloorDivide(H + W, 2)), "(H + W) // 2");
  EXPECT_EQ(Str(FloorDivide(H, Dim(2) * W)), "H // (2 * W)");
  EXPECT_EQ(Str(Dim(2) * FloorDivide(H, 2)), "2 * (H // 2)");
  EXPECT_EQ(Str(Dim(0) - FloorDivide(H, 2)), "-(H // 2)");
  EXPECT_EQ(Str(W - FloorDivide(H, 2)), "W - H // 2");
  EXPECT_EQ(Str(FloorDivide(H, 2) * W), "W * (H // 2)");
  EXPECT_EQ(Str(FloorDivide(H, 2) * FloorDivide(H, 2)), "(H // 2) ** 2");
  EXPECT_EQ(Str(CeilDivide(H, 2)), "ceil(H / 2)");
  EXPECT_EQ(Str(CeilDivide(H, 2) - 1), "ceil(H / 2) - 1");
  EXPECT_EQ(Str(Dim(16) * CeilDivide(H + W, 4)), "16 * ceil((H + W) / 4)");
  EXPECT_EQ(Str(CeilDivide(H, W)), "ceil(H / W)");
  EXPECT_EQ(Str(Modulo(H, 8)), "H % 8");
  EXPECT_EQ(Str(Modulo(H, 8) + 3), "H % 8 + 3");
  EXPECT_EQ(Str(H - Modulo(H, 8)), "8 * (H // 8)");
  EXPECT_EQ(Str(Modulo(H + W, 8)), "(H + W) % 8");
  EXPECT_EQ(Str(Modulo(H, W)), "H % W");
  EXPECT_EQ(Str(Dim(2) * Modulo(H, W)), "2 * (H % W)");
  EXPECT_EQ(Str(W - Modulo(H, 2)), "W - H % 2");
  EXPECT_EQ(Str(Max(H - 3, 0)), "max(H - 3, 0)");
  EXPECT_EQ(Str(Max(C, Max(H, W))), "max(C, H, W)");
  EXPECT_EQ(Str(Dim(2) * Min(H, W) + 1), "2 * min(H, W) + 1");
  EXPECT_EQ(Str(FloorDivide(FloorDivide(H, W), C)), "(H // W) // C");
}

// The sizes that chains of layers make, as they are read in messages.
TEST(Dim, TextOfLayerChains) {
  const auto slide = [](const Dim& size, int64_t window, int64_t stride) {
    return FloorDivide(size - window, stride) + 1;
  };
  EXPECT_EQ(Str(slide(H, 3, 1)), "H - 2");
  EXPECT_EQ(Str(slide(H, 2, 2)), "H // 2");
  EXPECT_EQ(Str(slide(H, 3, 2)), "ceil(H / 2) - 1");
  EXPECT_EQ(Str(slide(H, 5, 2)), "ceil(H / 2) - 2");
  EXPECT_EQ(Str(slide(H, 5, 3)), "(H - 2) // 3");
  EXPECT_EQ(Str(slide(H, 4, 4)), "H // 4");
  EXPECT_EQ(Str(slide(slide(H, 5, 2), 5, 2)), "ceil(H / 4) - 3");
  // Convolutions of 3 and poolings of 2 in turn.
  const Dim once = slide(slide(H, 3, 1), 2, 2);
  EXPECT_EQ(Str(once), "H // 2 - 1");
  const Dim twice = slide(slide(once, 3, 1), 2, 2);
  EXPECT_EQ(Str(twice), "(H - 6) // 4");
  EXPECT_EQ(Str(slide(slide(twice, 3, 1), 2, 2)), "(H - 14) // 8");
  EXPECT_EQ(Str(Dim(2) * twice * C), "2 * C * ((H + 2) // 4) - 4 * C");
  EXPECT_EQ(Str(Dim(2) * twice), "2 * ((H - 6) // 4)");
  EXPECT_EQ(Str(twice + 3), "(H + 2) // 4 + 1");
  // padding="same"
  EXPECT_EQ(Str(CeilDivide(CeilDivide(CeilDivide(H, 2), 2), 2)), "ceil(H / 8)");
  EXPECT_EQ(Str(Dim(2) * CeilDivide(H, 2)), "2 * ceil(H / 2)");
}

TEST(Dim, Evaluate) {
  const auto none = [](std::string_view) { return std::optional<int64_t>(); };
  const auto value = [](int64_t number) { return [number](std::string_view) { return std::optional(number); }; };
  EXPECT_EQ(Dim(3).Evaluate(none), 3);
  EXPECT_EQ(H.Evaluate(none), std::nullopt);
  EXPECT_EQ(Dim::Unknown().Evaluate(value(1)), std::nullopt);
  EXPECT_EQ((Dim(2) * H + 1).Evaluate(value(20)), 41);
  EXPECT_EQ((H * H * H).Evaluate(value(kLargest)), std::nullopt);
  EXPECT_EQ((H * H * H).Evaluate(value(3000000)), std::nullopt);
  EXPECT_EQ((H * H - H * H * H).Evaluate(value(1 << 20)), (int64_t{1} << 40) - (int64_t{1} << 60));
  EXPECT_EQ(FloorDivide(3, H).Evaluate(value(0)), std::nullopt);
  EXPECT_EQ(
      FloorDivide(H, W).Evaluate([](std::string_view name) { return std::optional<int64_t>(name == "H" ? -7 : 2); }),
      -4);
}

// A random expression twice: as a Dim, and evaluated directly at several points. A point is empty once it divides by 0.
struct Expression {
  Dim dim;
  std::vector<std::optional<Int128>> values;
  std::string text;  // as it was built, for messages
};

constexpr const char* kNames[] = {"A", "B", "C"};
using Point = std::map<std::string, int64_t, std::less<>>;

Int128 Floor(Int128 a, Int128 b) { return a / b - (a % b != 0 && (a % b < 0) != (b < 0) ? 1 : 0); }

class Generator {
 public:
  Generator(uint32_t seed, std::vector<Point> points, bool extremes = true)
      : random_(seed), points_(std::move(points)), extremes_(extremes) {}

  Expression Make(int depth) {
    if (depth == 0) return Leaf();
    int64_t kind = Pick(0, 9);
    if (!extremes_ && (kind == 3 || kind == 4)) kind -= 2;
    if (kind == 0) return Leaf();
    const Expression a = Make(depth - 1);
    // Divisors are mostly numbers, as in real shapes.
    const bool number = kind >= 5 && kind <= 8 && Pick(0, 3) > 0;
    const Expression b = number ? Number(Pick(0, 1) == 0 ? Pick(1, 4) : Pick(-6, 12)) : Make(depth - 1);
    switch (kind) {
      case 1: return Combine("+", a, b, a.dim + b.dim, [](Int128 x, Int128 y) { return x + y; });
      case 2: return Combine("-", a, b, a.dim - b.dim, [](Int128 x, Int128 y) { return x - y; });
      case 3: return Combine("max", a, b, Max(a.dim, b.dim), [](Int128 x, Int128 y) { return std::max(x, y); });
      case 4: return Combine("min", a, b, Min(a.dim, b.dim), [](Int128 x, Int128 y) { return std::min(x, y); });
      case 5:
      case 6: return Combine("//", a, b, FloorDivide(a.dim, b.dim), Floor, true);
      case 7:
        return Combine("%", a, b, Modulo(a.dim, b.dim), [](Int128 x, Int128 y) { return x - y * Floor(x, y); }, true);
      case 8:
        return Combine("ceil", a, b, CeilDivide(a.dim, b.dim), [](Int128 x, Int128 y) { return -Floor(-x, y); }, true);
      default: return Combine("*", a, b, a.dim * b.dim, [](Int128 x, Int128 y) { return x * y; });
    }
  }

 private:
  int64_t Pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }

  Expression Number(int64_t number) {
    return {number, std::vector<std::optional<Int128>>(points_.size(), number), std::to_string(number)};
  }

  Expression Leaf() {
    if (Pick(0, 2) == 0) return Number(Pick(-9, 9));
    const std::string name = kNames[Pick(0, 2)];
    Expression result{Dim::Symbol(name), {}, name};
    for (const Point& point : points_) result.values.push_back(point.at(name));
    return result;
  }

  template <typename Function>
  Expression Combine(const char* name, const Expression& a, const Expression& b, Dim dim, Function function,
                     bool divides = false) {
    Expression result{std::move(dim), {}, "(" + a.text + " " + name + " " + b.text + ")"};
    for (size_t i = 0; i < points_.size(); ++i) {
      const auto x = a.values[i];
      const auto y = b.values[i];
      const bool defined = x && y && !(divides && *y == 0);
      result.values.push_back(defined ? std::optional<Int128>(function(*x, *y)) : std::nullopt);
    }
    return result;
  }

  std::mt19937 random_;
  std::vector<Point> points_;
  bool extremes_;  // whether max and min occur
};

std::vector<Point> RandomPoints(uint32_t seed, int count) {
  std::mt19937 random(seed);
  std::uniform_int_distribution<int64_t> value(-40, 40);
  std::vector<Point> points;
  for (int i = 0; i < count; ++i) {
    Point point;
    for (const char* name : kNames) point[name] = value(random);
    points.push_back(point);
  }
  return points;
}

auto At(const Point& point) {
  return [&point](std::string_view name) -> std::optional<int64_t> { return point.find(name)->second; };
}

TEST(DimProperty, AlgebraAgreesWithArithmetic) {
  const std::vector<Point> points = RandomPoints(7, 12);
  int compared = 0;
  for (uint32_t seed = 0; seed < 6000; ++seed) {
    Generator generator(seed, points);
    const Expression expression = generator.Make(1 + static_cast<int>(seed % 5));
    if (!expression.dim.IsKnown()) continue;  // divided by the number 0
    for (size_t i = 0; i < points.size(); ++i) {
      if (!expression.values[i]) continue;
      const auto value = expression.dim.Evaluate(At(points[i]));
      // The canonical form may have lost a division that was not by 0, never the other way round.
      ASSERT_TRUE(value) << expression.text << " as " << expression.dim.ToString();
      ASSERT_TRUE(Int128{*value} == *expression.values[i]) << expression.text << " as " << expression.dim.ToString();
      ++compared;
    }
  }
  EXPECT_GT(compared, 40000);
}

TEST(DimProperty, EqualByTheRulesOfArithmetic) {
  const std::vector<Point> points = RandomPoints(8, 1);
  int compared = 0;
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    Generator generator(seed, points);
    const Dim a = generator.Make(3).dim;
    const Dim b = generator.Make(2).dim;
    const Dim c = generator.Make(2).dim;
    if (!a.IsKnown() || !b.IsKnown() || !c.IsKnown()) continue;
    ++compared;
    EXPECT_EQ(a + b, b + a);
    EXPECT_EQ(a * b, b * a);
    EXPECT_EQ((a + b) + c, a + (b + c));
    EXPECT_EQ((a + b) * c, a * c + b * c);
    EXPECT_TRUE((a - a).Is(0));
    EXPECT_EQ(Max(a, b), Max(b, a));
    EXPECT_EQ(Min(a, b), Min(b, a));
    EXPECT_EQ(Max(a, a), a) << Str(a) << " became " << Str(Max(a, a));
    EXPECT_EQ(FloorDivide(a * Dim(6) + 5, 6), a);
    EXPECT_EQ(FloorDivide(a * Dim(3), 6), FloorDivide(a, 2));
    // A quotient of several maxima may be too long to keep.
    if (Modulo(a, 5).IsKnown()) {
      EXPECT_EQ(Dim(5) * FloorDivide(a, 5) + Modulo(a, 5), a);
    }
    EXPECT_TRUE(Modulo(a * Dim(7), 7).Is(0));
  }
  EXPECT_GT(compared, 1000);
}

TEST(DimProperty, MaxAndMin) {
  const std::vector<Point> points = RandomPoints(8, 1);
  int compared = 0;
  for (uint32_t seed = 0; seed < 600; ++seed) {
    Generator generator(seed, points, false);
    const Dim a = generator.Make(3).dim;
    const Dim b = generator.Make(2).dim;
    const Dim c = generator.Make(2).dim;
    if (!a.IsKnown() || !b.IsKnown() || !c.IsKnown()) continue;
    ++compared;
    EXPECT_EQ(Max(a, b) + c, Max(a + c, b + c)) << Str(a) << " and " << Str(b) << " and " << Str(c);
    EXPECT_EQ(Max(a, b) + Min(a, b), a + b) << Str(a) << " and " << Str(b);
    EXPECT_EQ(Max(Dim(3) * a, Dim(3) * b), Dim(3) * Max(a, b)) << Str(a) << " and " << Str(b);
    EXPECT_EQ(Max(Max(a, b), c), Max(a, Max(b, c))) << Str(a) << " and " << Str(b) << " and " << Str(c);
  }
  EXPECT_GT(compared, 300);
}

TEST(DimProperty, TextIsDeterministicAndTellsDimsApart) {
  const std::vector<Point> points = RandomPoints(9, 1);
  std::map<std::string, Dim> seen;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const Dim dim = Generator(seed, points).Make(3).dim;
    EXPECT_EQ(dim.ToString(), Generator(seed, points).Make(3).dim.ToString());
    const auto [entry, added] = seen.emplace(dim.ToString(), dim);
    EXPECT_TRUE(entry->second == dim) << dim.ToString();
  }
}

}  // namespace
}  // namespace strata
