#include "compiler/layers/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "compiler/source/check.h"

namespace strata {
namespace {

using core::Builder;
using core::Expr;
using core::MapBuilder;
using core::ValueId;
using Function = core::Map::Function;

// ---- Kernels: the weight of an element at distance x >= 0 ----

Expr Triangle(Expr x, int) { return Maximum(1.0 - x, 0.0); }

// Keys' cubic with a = -0.5.
Expr Cubic(Expr x, int) {
  const Expr near = ((x * 1.5 - 2.5) * x) * x + 1.0;
  const Expr far = ((x * -0.5 + 2.5) * x - 4.0) * x + 2.0;
  MapBuilder& map = *x.builder;
  return Select(Less(x, map.Constant(1)), near, Select(Less(x, map.Constant(2)), far, map.Constant(0)));
}

Expr Lanczos(Expr x, int radius) {
  MapBuilder& map = *x.builder;
  const Expr angle = x * std::numbers::pi;
  const Expr wave = Apply(Function::Sin, angle) * Apply(Function::Sin, angle / radius) * static_cast<double>(radius);
  const Expr inside = Select(Less(map.Constant(1e-3), x), wave / (angle * angle), map.Constant(1));
  return Select(Less(map.Constant(radius), x), map.Constant(0), inside);
}

struct Interpolation {
  std::string_view name;
  int radius;  // beyond which the kernel is 0; 0: the nearest element alone
  Expr (*kernel)(Expr x, int radius);
};

constexpr Interpolation kInterpolations[] = {
    {"nearest", 0, nullptr},  {"bilinear", 1, Triangle}, {"bicubic", 2, Cubic},
    {"lanczos3", 3, Lanczos}, {"lanczos5", 5, Lanczos},
};

const Interpolation& Find(std::string_view name) {
  const auto* found = std::ranges::find(kInterpolations, name, &Interpolation::name);
  STRATA_CHECK(found != std::end(kInterpolations));
  return *found;
}

// ---- Tables ----
//
// They are written as Maps over the numbers of places and taps, which are folded where the sizes are constants. All
// positions are exact integers, also where they are computed when the model runs.

// One axis with so many elements, which gives a Map its extents.
ValueId Along(Builder& builder, const Dim& count) {
  const ValueId one = builder.Constant({.sizes = {1}, .data = {0}});
  return builder.Pad(one, {Dim(0)}, {count - 1}, 0);
}

// What tables are made of: Map axis 0 are the places of the result, of which there are `size`.
struct Table {
  MapBuilder map;
  Expr place = map.Index(0, DType::I64);
  Expr in;
  Expr out;

  Table(const Dim& from, const Dim& to) : in(map.Size(from, DType::I64)), out(map.Size(to, DType::I64)) {}
};

Expr Number(MapBuilder& map, int64_t value) { return map.Integer(value, DType::I64); }

struct Windows {
  Expr first;
  Expr end;
};

ValueId AppendNumbers(Builder& builder, ValueId places, Expr numbers) {
  return builder.Map({places}, {{0}}, 1, Cast(numbers, DType::I32));
}

// Operands 1 and 2 of a Resample. `windows` is asked once for each, as a Map has one result.
template <typename MakeWindows>
std::vector<ValueId> AppendWindows(Builder& builder, const Dim& in, const Dim& out, const MakeWindows& windows) {
  const ValueId places = Along(builder, out);
  Table firsts(in, out);
  const ValueId first = AppendNumbers(builder, places, windows(firsts).first);
  Table counts(in, out);
  const Windows window = windows(counts);
  return {first, AppendNumbers(builder, places, window.end - window.first)};
}

// ---- Interpolation along one axis ----

ValueId AppendNearest(Builder& builder, ValueId input, size_t axis, const Dim& size) {
  const Dim in = builder.ExtentsOf(input)[axis];
  const auto windows = [](Table& table) -> Windows {
    // floor((place + 0.5) * in / out)
    const Expr two = Number(table.map, 2);
    const Expr one = Number(table.map, 1);
    const Expr first = FloorDivide((two * table.place + one) * table.in, two * table.out);
    return {first, first + one};
  };
  std::vector<ValueId> operands = {input};
  for (const ValueId table : AppendWindows(builder, in, size, windows)) operands.push_back(table);
  return builder.Resample(operands, {.kind = core::Resample::Kind::Max, .axis = static_cast<int>(axis)});
}

ValueId AppendInterpolated(Builder& builder, ValueId input, size_t axis, const Dim& size,
                           const Interpolation& interpolation, bool antialias) {
  const Dim in = builder.ExtentsOf(input)[axis];
  // The kernel is as wide as its radius, or as that many elements of the result.
  const Dim radius =
      antialias ? Max(interpolation.radius, CeilDivide(in * interpolation.radius, size)) : Dim(interpolation.radius);
  const Dim taps = Min(radius * 2, in);

  // A place lies at ((2 * place + 1) * in - out) / (2 * out), counted in elements of the input from the first one's
  // middle.
  const auto position = [](Table& table) {
    return (Number(table.map, 2) * table.place + Number(table.map, 1)) * table.in - table.out;
  };
  const auto windows = [&](Table& table) -> Windows {
    const Expr below = FloorDivide(position(table), Number(table.map, 2) * table.out);
    const Expr reach = table.map.Size(radius, DType::I64);
    const Expr one = Number(table.map, 1);
    return {Maximum(below - reach + one, Number(table.map, 0)), Minimum(below + reach + one, table.in)};
  };
  std::vector<ValueId> operands = {input};
  for (const ValueId table : AppendWindows(builder, in, size, windows)) operands.push_back(table);

  Table table(in, size);
  const Windows window = windows(table);
  const Expr tap = table.map.Index(1, DType::I64);
  const Expr two = Number(table.map, 2);
  const Expr distance = position(table) - (window.first + tap) * two * table.out;
  const Expr scale = two * (antialias ? Maximum(table.in, table.out) : table.out);
  const Expr x = Apply(Function::Abs, Cast(distance, DType::F32)) / Cast(scale, DType::F32);
  const Expr inside = Less(window.first + tap, window.end);
  const Expr weight = Select(inside, interpolation.kernel(x, interpolation.radius), table.map.Constant(0));
  const ValueId weights = builder.Map({Along(builder, size), Along(builder, taps)}, {{0}, {1}}, 2, weight);
  const ValueId total = builder.Reduce(weights, core::Reduce::Kind::Sum, {1});
  MapBuilder share;
  const Expr part = share.Operand(0);
  operands.push_back(builder.Map({weights, total}, {{0, 1}, {0}}, 2, part / share.Operand(1)));
  return builder.Resample(operands, {.kind = core::Resample::Kind::Weighted, .axis = static_cast<int>(axis)});
}

}  // namespace

ValueId AppendAdaptivePooling(Builder& builder, ValueId input, size_t axis, const Dim& size,
                              core::Resample::Kind kind) {
  const Dim in = builder.ExtentsOf(input)[axis];
  if (in == size) return input;
  const auto windows = [](Table& table) -> Windows {
    const Expr one = Number(table.map, 1);
    const Expr end = (table.place + one) * table.in + table.out - one;
    return {FloorDivide(table.place * table.in, table.out), FloorDivide(end, table.out)};
  };
  std::vector<ValueId> operands = {input};
  for (const ValueId table : AppendWindows(builder, in, size, windows)) operands.push_back(table);
  return builder.Resample(operands, {.kind = kind, .axis = static_cast<int>(axis)});
}

const std::vector<std::string_view>& Interpolations() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const Interpolation& interpolation : kInterpolations) all.push_back(interpolation.name);
    return all;
  }();
  return names;
}

bool Blends(std::string_view interpolation) { return Find(interpolation).radius > 0; }

ValueId AppendResize(Builder& builder, ValueId image, const ImageSize& size, std::string_view interpolation,
                     bool antialias) {
  const Interpolation& found = Find(interpolation);
  const auto along = [&](ValueId value, size_t axis) {
    const Dim& wanted = axis == 1 ? size.height : size.width;
    if (builder.ExtentsOf(value)[axis] == wanted) return value;
    return found.radius == 0 ? AppendNearest(builder, value, axis, wanted)
                             : AppendInterpolated(builder, value, axis, wanted, found, antialias);
  };
  // Along the height whole rows are computed at once, which is faster than pixels: first, where that leaves fewer rows.
  const std::optional<int64_t> height = builder.ExtentsOf(image)[1].Constant();
  const bool shrinks = height && size.height.Constant().value_or(*height) < *height;
  return shrinks ? along(along(image, 1), 2) : along(along(image, 2), 1);
}

}  // namespace strata
