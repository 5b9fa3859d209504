#include <algorithm>

#include "compiler/source/check.h"
#include "compiler/weights/weights.h"

namespace strata {
namespace {

constexpr auto kByPath = [](const auto& bound, const std::string& path) { return bound.first < path; };

}  // namespace

std::vector<float> BoundWeights::Load(const std::string& path) const {
  const auto found = std::lower_bound(loaders_.begin(), loaders_.end(), path, kByPath);
  STRATA_CHECK(found != loaders_.end() && found->first == path);
  return found->second();
}

void BoundWeights::Bind(std::string path, Loader loader) {
  const auto place = std::lower_bound(loaders_.begin(), loaders_.end(), path, kByPath);
  STRATA_CHECK(place == loaders_.end() || place->first != path);
  loaders_.emplace(place, std::move(path), std::move(loader));
}

}  // namespace strata
