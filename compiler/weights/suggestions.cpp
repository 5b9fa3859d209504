#include "compiler/weights/suggestions.h"

#include <algorithm>

namespace strata::weights {
namespace {

using Missing = std::vector<const NetworkWeight*>;

// Beyond this many pairs nothing is suggested, for it would take longer than a second.
constexpr size_t kMaxPairs = 200'000;

std::string_view LastPart(std::string_view path) { return path.substr(path.rfind('/') + 1); }

std::vector<AxisOrder> Orders(const NetworkWeight& weight, const FreeEntry& entry) {
  std::vector<AxisOrder> orders = FittingOrders(weight.shape, *entry.sizes);
  // A name as Keras gives it says that the order is Keras'.
  const bool keras = LastPart(entry.name) == LastPart(weight.path);
  if (keras && !orders.empty() && IsLayerOrder(orders.back())) return {orders.back()};
  return orders;
}

bool Fits(const NetworkWeight& weight, const FreeEntry& entry) { return !Orders(weight, entry).empty(); }

// The position in `free` of the nearest name.
std::optional<size_t> Nearest(const NetworkWeight& weight, const std::vector<FreeEntry>& free, bool must_fit) {
  std::vector<std::string_view> names;
  for (const FreeEntry& entry : free) {
    if (!must_fit || Fits(weight, entry)) names.push_back(entry.name);
  }
  const std::string_view nearest = NearestName(weight.path, names);
  if (nearest.empty()) return std::nullopt;
  return static_cast<size_t>(std::ranges::find(free, nearest, &FreeEntry::name) - free.begin());
}

// The position in `free` of the only one that fits, if no other missing weight could be meant.
std::optional<size_t> OnlyFit(const NetworkWeight& weight, const std::vector<FreeEntry>& free, const Missing& missing) {
  std::optional<size_t> only;
  for (size_t i = 0; i < free.size(); ++i) {
    if (!Fits(weight, free[i])) continue;
    if (only) return std::nullopt;
    only = i;
  }
  if (!only) return std::nullopt;
  const auto fitting = std::ranges::count_if(missing, [&](const auto* other) { return Fits(*other, free[*only]); });
  return fitting == 1 ? only : std::nullopt;
}

}  // namespace

std::vector<std::optional<Suggestion>> Suggest(const Missing& missing, std::vector<FreeEntry> free) {
  std::vector<std::optional<Suggestion>> suggestions(missing.size());
  if (!free.empty() && missing.size() > kMaxPairs / free.size()) return suggestions;
  // The surer a way of telling, the earlier it has its choice.
  using Way = std::optional<size_t> (*)(const NetworkWeight&, const std::vector<FreeEntry>&, const Missing&);
  const Way ways[] = {
      [](const NetworkWeight& weight, const std::vector<FreeEntry>& entries, const Missing&) {
        return Nearest(weight, entries, true);
      },
      OnlyFit,
      [](const NetworkWeight& weight, const std::vector<FreeEntry>& entries, const Missing&) {
        return Nearest(weight, entries, false);
      },
  };
  for (const Way way : ways) {
    for (size_t i = 0; i < missing.size(); ++i) {
      if (suggestions[i]) continue;
      const std::optional<size_t> chosen = way(*missing[i], free, missing);
      if (!chosen) continue;
      suggestions[i] = Suggestion{free[*chosen].entry, Orders(*missing[i], free[*chosen])};
      free.erase(free.begin() + static_cast<std::ptrdiff_t>(*chosen));
    }
  }
  return suggestions;
}

}  // namespace strata::weights
