#include "compiler/schedule/arena.h"

#include <algorithm>
#include <numeric>

#include "compiler/source/check.h"

namespace strata {

namespace {

constexpr int64_t kAlignment = 64;

// The steps a buffer holds something for.
struct Lifetime {
  size_t first = 0;
  size_t last = 0;
  bool used = false;

  bool Meets(const Lifetime& other) const { return first <= other.last && other.first <= last; }
};

// A bound on the bytes, every coefficient of which is a multiple of the alignment, so that sums and differences of sizes
// stay aligned for every value of the symbols.
Dim AlignedBytes(const Dim& elements) {
  Dim bytes = 0;
  for (const Dim::Term& term : elements.Terms()) {
    Dim product = (term.coefficient * 4 + kAlignment - 1) / kAlignment * kAlignment;
    for (const auto& factor : term.factors) {
      switch (factor->form) {
        case Dim::Atom::Form::Symbol: product *= Dim::Symbol(factor->symbol); break;
        case Dim::Atom::Form::FloorDivide: product *= FloorDivide(factor->left, factor->right); break;
        case Dim::Atom::Form::Max: product *= Max(factor->left, factor->right); break;
      }
    }
    bytes += product;
  }
  return bytes;
}

// Whether a <= b for all values of the symbols that are not negative, as far as the coefficients tell.
bool SurelyAtMost(const Dim& a, const Dim& b) {
  const Dim difference = b - a;
  return std::ranges::all_of(difference.Terms(), [](const Dim::Term& term) { return term.coefficient >= 0; });
}

// The larger one, by name where it is always the same.
Dim Larger(const Dim& a, const Dim& b) {
  if (SurelyAtMost(a, b)) return b;
  return SurelyAtMost(b, a) ? a : Max(a, b);
}

// The size at a nominal batch of 1 and 128 for every other axis.
int64_t Nominal(const Dim& dim) {
  const auto value =
      dim.Evaluate([](std::string_view symbol) -> std::optional<int64_t> { return symbol == "batch" ? 1 : 128; });
  STRATA_CHECK(value.has_value());
  return *value;
}

}  // namespace

// Largest first, each at the lowest place that is free for its whole life. Sizes are symbolic: a gap between two buffers
// counts only where it holds the new one for all values of the symbols.
void PlanArena(Schedule& schedule) {
  std::vector<Lifetime> lifetimes(schedule.buffers.size());
  for (size_t step = 0; step < schedule.steps.size(); ++step) {
    for (int buffer : BuffersOf(schedule.steps[step])) {
      Lifetime& lifetime = lifetimes[static_cast<size_t>(buffer)];
      if (!lifetime.used) lifetime = {.first = step, .used = true};
      lifetime.last = step;
    }
  }
  std::vector<size_t> order;
  for (size_t b = 0; b < schedule.buffers.size(); ++b) {
    if (schedule.buffers[b].kind == Buffer::Kind::Arena && lifetimes[b].used) order.push_back(b);
  }
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const int64_t size_a = Nominal(schedule.buffers[a].elements);
    const int64_t size_b = Nominal(schedule.buffers[b].elements);
    return size_a != size_b ? size_a > size_b : a < b;
  });

  struct Block {
    Dim begin;
    Dim end;
  };
  schedule.arena_bytes = 0;
  std::vector<size_t> placed;
  for (size_t b : order) {
    Buffer& buffer = schedule.buffers[b];
    const Dim bytes = AlignedBytes(buffer.elements);
    std::vector<Block> neighbours;
    for (size_t other : placed) {
      if (!lifetimes[b].Meets(lifetimes[other])) continue;
      const Buffer& block = schedule.buffers[other];
      neighbours.push_back({block.offset, block.offset + AlignedBytes(block.elements)});
    }
    // Candidates: the start, and the end of each neighbour. The fallback lies above all of them.
    Dim fallback = 0;
    std::vector<Dim> candidates = {0};
    for (const Block& block : neighbours) {
      candidates.push_back(block.end);
      fallback = Larger(fallback, block.end);
    }
    std::sort(candidates.begin(), candidates.end(), [](const Dim& x, const Dim& y) { return Nominal(x) < Nominal(y); });
    buffer.offset = fallback;
    for (const Dim& candidate : candidates) {
      const bool fits = std::ranges::all_of(neighbours, [&](const Block& block) {
        return SurelyAtMost(candidate + bytes, block.begin) || SurelyAtMost(block.end, candidate);
      });
      if (fits) {
        buffer.offset = candidate;
        break;
      }
    }
    placed.push_back(b);
    schedule.arena_bytes = Larger(schedule.arena_bytes, buffer.offset + bytes);
  }
}

}  // namespace strata
