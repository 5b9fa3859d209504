#include "compiler/schedule/arena.h"

#include <algorithm>
#include <tuple>
#include <variant>

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
  void Extend(size_t from, size_t to) {
    if (!used) *this = {.first = from, .last = to, .used = true};
    first = std::min(first, from);
    last = std::max(last, to);
  }
};

// Adds what `steps` use to `lifetimes`, counting steps from `number` on; a Loop counts as its steps, through all of which
// lives whatever one round hands to the next.
size_t CollectLifetimes(const std::vector<Step>& steps, size_t number, std::vector<Lifetime>& lifetimes) {
  for (const Step& step : steps) {
    const size_t first = number;
    if (const auto* loop = std::get_if<Loop>(&step.kernel)) {
      number = CollectLifetimes(loop->steps, number, lifetimes);
      for (int buffer : BuffersOf(step)) {
        if (!loop->locals.contains(buffer)) lifetimes[static_cast<size_t>(buffer)].Extend(first, number);
      }
    } else {
      for (int buffer : BuffersOf(step)) lifetimes[static_cast<size_t>(buffer)].Extend(number, number);
    }
    ++number;
  }
  return number;
}

bool IsNeverNegative(const Dim& dim);

// For all values of the symbols that are not negative.
bool IsNeverNegative(const Dim::Atom& atom) {
  switch (atom.form) {
    case Dim::Atom::Form::Symbol: return true;
    case Dim::Atom::Form::FloorDivide: return IsNeverNegative(atom.left) && IsNeverNegative(atom.right);
    case Dim::Atom::Form::Max: return IsNeverNegative(atom.left) || IsNeverNegative(atom.right);
  }
  STRATA_CHECK(false);
}

bool IsNeverNegative(const Dim& dim) {
  return std::ranges::all_of(dim.Terms(), [](const Dim::Term& term) {
    return term.coefficient >= 0 &&
           std::ranges::all_of(term.factors, [](const auto& factor) { return IsNeverNegative(*factor); });
  });
}

// The size at a nominal batch of 1 and 128 for every other axis.
int64_t Nominal(const Dim& dim) {
  const auto value =
      dim.Evaluate([](std::string_view symbol) -> std::optional<int64_t> { return symbol == "batch" ? 1 : 128; });
  return std::max<int64_t>(0, value.value_or(0));
}

Dim FromAtom(const Dim::Atom& atom) {
  switch (atom.form) {
    case Dim::Atom::Form::Symbol: return Dim::Symbol(atom.symbol);
    case Dim::Atom::Form::FloorDivide: return FloorDivide(atom.left, atom.right);
    case Dim::Atom::Form::Max: return Max(atom.left, atom.right);
  }
  STRATA_CHECK(false);
}

// A size that is computed on entry, under a name.
Dim Derive(std::vector<Dim> largest_of, Schedule& schedule) {
  for (const Schedule::Derived& derived : schedule.derived) {
    if (derived.largest_of == largest_of) return Dim::Symbol(derived.name);
  }
  schedule.derived.push_back(
      {.name = "place." + std::to_string(schedule.derived.size()), .largest_of = std::move(largest_of)});
  return Dim::Symbol(schedule.derived.back().name);
}

// A multiple of the alignment that holds `bytes`. Where that costs little each term is rounded up: such bounds can be
// compared for all values of the symbols. Others get a name, so that what is compared is short and not negative.
Dim AlignedBytes(const Dim& bytes, Schedule& schedule) {
  Dim rounded = 0;
  bool by_terms = IsNeverNegative(bytes);
  for (const Dim::Term& term : bytes.Terms()) {
    Dim product = (term.coefficient + kAlignment - 1) / kAlignment * kAlignment;
    for (const auto& factor : term.factors) product *= FromAtom(*factor);
    rounded += product;
  }
  constexpr int64_t kSmall = int64_t{1} << 16;
  by_terms = by_terms && Nominal(rounded) <= std::max(kSmall, Nominal(bytes) / 4 * 5);
  return by_terms ? rounded : Derive({CeilDivide(bytes, kAlignment) * kAlignment}, schedule);
}

bool SurelyAtMost(const Dim& a, const Dim& b) { return IsNeverNegative(b - a); }

// The largest of `sizes`, none of which is negative: by name where one of them always is, otherwise computed on entry.
Dim Largest(const std::vector<Dim>& sizes, Schedule& schedule) {
  std::vector<Dim> candidates;
  for (const Dim& size : sizes) {
    const auto at_most = [](const Dim& a) { return [&a](const Dim& b) { return SurelyAtMost(b, a); }; };
    if (std::ranges::any_of(candidates, [&](const Dim& other) { return SurelyAtMost(size, other); })) continue;
    std::erase_if(candidates, at_most(size));
    candidates.push_back(size);
  }
  if (candidates.empty()) return 0;
  if (candidates.size() == 1) return candidates[0];
  return Derive(std::move(candidates), schedule);
}

struct Block {
  size_t buffer;
  Lifetime lifetime;
  Dim bytes;
  int64_t nominal = 0;
  int64_t begin = 0;  // at the nominal sizes
  int64_t end = 0;
};

}  // namespace

// At the nominal sizes: largest first, each at the lowest place that is free for its whole life. That settles which of two
// buffers with lifetimes that meet lies below the other; for other sizes each begins where the last one below it ends.
void PlanArena(Schedule& schedule) {
  std::vector<Lifetime> lifetimes(schedule.buffers.size());
  CollectLifetimes(schedule.steps, 0, lifetimes);
  std::vector<Block> blocks;
  for (size_t b = 0; b < schedule.buffers.size(); ++b) {
    const Buffer& buffer = schedule.buffers[b];
    if (buffer.kind != Buffer::Kind::Arena || !lifetimes[b].used) continue;
    blocks.push_back({.buffer = b,
                      .lifetime = lifetimes[b],
                      .bytes = AlignedBytes(buffer.Bytes(), schedule),
                      .nominal = Nominal(buffer.Bytes())});
  }
  std::ranges::sort(blocks, [](const Block& a, const Block& b) {
    return a.nominal != b.nominal ? a.nominal > b.nominal : a.buffer < b.buffer;
  });
  for (size_t k = 0; k < blocks.size(); ++k) {
    Block& block = blocks[k];
    std::vector<const Block*> neighbours;
    for (size_t other = 0; other < k; ++other) {
      if (block.lifetime.Meets(blocks[other].lifetime)) neighbours.push_back(&blocks[other]);
    }
    std::ranges::sort(neighbours, {}, &Block::begin);
    for (const Block* neighbour : neighbours) {
      if (block.begin + block.nominal <= neighbour->begin) break;
      block.begin = std::max(block.begin, neighbour->end);
    }
    block.end = block.begin + block.nominal;
  }

  // Of two that are empty at the nominal sizes either may lie below.
  std::ranges::sort(blocks, [](const Block& a, const Block& b) {
    return std::tie(a.begin, a.end, a.buffer) < std::tie(b.begin, b.end, b.buffer);
  });
  std::vector<Dim> ends;
  for (size_t k = 0; k < blocks.size(); ++k) {
    std::vector<Dim> below;
    for (size_t other = 0; other < k; ++other) {
      if (blocks[k].lifetime.Meets(blocks[other].lifetime)) below.push_back(ends[other]);
    }
    Buffer& buffer = schedule.buffers[blocks[k].buffer];
    buffer.offset = Largest(below, schedule);
    ends.push_back(buffer.offset + blocks[k].bytes);
  }
  schedule.arena_bytes = Largest(ends, schedule);
}

}  // namespace strata
