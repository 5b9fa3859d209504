#include "compiler/layers/broadcast.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

using What = BroadcastProblem::What;

// For each axis of one shape the axis of the other.
using Match = std::vector<std::optional<size_t>>;

bool IsFixed(const Axis& axis) { return !axis.name.empty() && !axis.provisional; }

bool IsTaken(const Match& match, size_t axis) { return std::ranges::find(match, std::optional(axis)) != match.end(); }

// Axes of one name, and the batch axes whatever their names.
Match MatchNames(const TensorType& type, const TensorType& base) {
  Match match(type.shape.size());
  if (type.has_batch) match.front() = 0;
  for (size_t i = type.FirstAxis(); i < type.shape.size(); ++i) {
    const std::optional<size_t> found = FindAxis(base.shape, type.shape[i].name);
    if (found && *found >= base.FirstAxis() && !IsTaken(match, *found)) match[i] = found;
  }
  return match;
}

// The axes of `base` that axis `i` could belong to by its size, between those that its neighbours belong to.
std::vector<size_t> Candidates(const Shape& shape, const TensorType& base_type, const Match& match, size_t i,
                               const SizesAreEqual& are_equal) {
  const Shape& base = base_type.shape;
  size_t begin = base_type.FirstAxis();
  size_t end = base.size();
  for (size_t k = 0; k < i; ++k) {
    if (match[k]) begin = std::max(begin, *match[k] + 1);
  }
  for (size_t k = i + 1; k < shape.size(); ++k) end = std::min(end, match[k].value_or(base.size()));
  std::vector<size_t> candidates;
  for (size_t j = begin; j < end; ++j) {
    const bool may_match = !IsFixed(shape[i]) || !IsFixed(base[j]);
    if (may_match && !IsTaken(match, j) && are_equal(shape[i].size, base[j].size)) candidates.push_back(j);
  }
  return candidates;
}

// Gives the axes without a match theirs: by position between shapes of equal rank, by size otherwise.
std::optional<BroadcastProblem> MatchRest(const TensorType& type, const TensorType& base_type,
                                          const SizesAreEqual& are_equal, Match& match) {
  const Shape& shape = type.shape;
  const Shape& base = base_type.shape;
  for (size_t i = shape.size(); i-- > 0;) {
    if (match[i]) continue;
    if (shape.size() == base.size() && type.has_batch == base_type.has_batch) {
      if (IsTaken(match, i)) {
        const bool is_elsewhere = !Candidates(shape, base_type, Match(shape.size()), i, are_equal).empty();
        return BroadcastProblem{.what = is_elsewhere ? What::Order : What::MissingAxis, .axis = i};
      }
      if (IsFixed(shape[i]) && IsFixed(base[i])) return BroadcastProblem{.what = What::MissingAxis, .axis = i};
      match[i] = i;
      continue;
    }
    const std::vector<size_t> candidates = Candidates(shape, base_type, match, i, are_equal);
    if (candidates.empty()) return BroadcastProblem{.what = What::MissingAxis, .axis = i};
    if (candidates.size() > 1) return BroadcastProblem{.what = What::Ambiguous, .axis = i};
    match[i] = candidates.front();
  }
  if (!std::ranges::is_sorted(match)) return BroadcastProblem{.what = What::Order};
  return std::nullopt;
}

bool IsRepeated(const Axis& axis) { return axis.size.Is(1) && axis.deliberate_one; }

// What the result's axis becomes when an operand's axis joins it.
std::optional<What> Join(const Axis& axis, const SizesAreEqual& are_equal, Axis& result) {
  if (are_equal(axis.size, result.size) || !result.size.IsKnown()) {
    result.deliberate_one = result.deliberate_one || IsRepeated(axis);
    return std::nullopt;
  }
  if (IsRepeated(axis)) return std::nullopt;
  if (IsRepeated(result) || !axis.size.IsKnown()) {
    result.size = axis.size;
    result.deliberate_one = false;
    return std::nullopt;
  }
  const bool has_one = axis.size.Is(1) || result.size.Is(1);
  result.size = Dim::Unknown();
  return has_one ? What::SizeOne : What::Sizes;
}

// A name the user wrote prevails over one that a layer made, and that over none.
void JoinName(const Axis& axis, Shape& shape, size_t position) {
  Axis& result = shape[position];
  const bool prevails = IsFixed(axis) ? !IsFixed(result) : !axis.name.empty() && result.name.empty();
  if (!prevails) return;
  const std::optional<size_t> holder = FindAxis(shape, axis.name);
  if (holder && *holder != position) return;
  result.name = axis.name;
  result.provisional = axis.provisional;
}

}  // namespace

Broadcast BroadcastTogether(const std::vector<TensorType>& types, const SizesAreEqual& are_equal) {
  const auto widest = std::ranges::max_element(
      types, {}, [](const TensorType& type) { return std::pair(type.has_batch, type.shape.size()); });
  const size_t base = static_cast<size_t>(widest - types.begin());
  Broadcast result{.shape = widest->shape, .has_batch = widest->has_batch, .axes = {}, .problem = std::nullopt};

  struct Origin {
    size_t operand;
    size_t axis;
  };
  std::vector<Origin> origins;  // what gave each axis of the result its size
  for (size_t i = 0; i < widest->shape.size(); ++i) origins.push_back({base, i});

  for (size_t operand = 0; operand < types.size(); ++operand) {
    const Shape& shape = types[operand].shape;
    Match match = MatchNames(types[operand], *widest);
    if (std::optional<BroadcastProblem> problem = MatchRest(types[operand], *widest, are_equal, match)) {
      problem->operand = operand;
      problem->other = base;
      const bool is_consequence = std::ranges::any_of(shape, [](const Axis& axis) { return axis.size.IsUnknown(); });
      if (!result.problem && !is_consequence) result.problem = problem;
      result.axes.emplace_back();
      continue;
    }
    std::vector<int> axes;
    for (size_t i = 0; i < shape.size(); ++i) {
      const size_t position = *match[i];
      Axis& joined = result.shape[position];
      const Dim before = joined.size;
      const std::optional<What> what = Join(shape[i], are_equal, joined);
      const Origin origin = origins[position];
      if (what && !result.problem) {
        result.problem = {
            .what = *what, .operand = operand, .other = origin.operand, .axis = i, .other_axis = origin.axis};
      }
      if (!(joined.size == before)) origins[position] = {operand, i};
      JoinName(shape[i], result.shape, position);
      axes.push_back(static_cast<int>(position));
    }
    result.axes.push_back(std::move(axes));
  }
  return result;
}

}  // namespace strata
