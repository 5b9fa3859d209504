// Weights by chance, as Keras' initializers scale them. Only arithmetic that every machine rounds alike is used.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "compiler/source/check.h"
#include "compiler/weights/axis_order.h"
#include "compiler/weights/weights.h"

namespace strata {
namespace {

// Source: https://prng.di.unimi.it/splitmix64.c
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    state_ += 0x9e3779b97f4a7c15;
    uint64_t bits = state_;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
    return bits ^ (bits >> 31);
  }

  // Evenly from [-1, 1), a multiple of 2^-23.
  double NextSigned() { return static_cast<double>(Next() >> 40) * 0x1p-23 - 1.0; }

 private:
  uint64_t state_;
};

// FNV-1a: each weight has a sequence of its own, whatever other weights there are.
uint64_t Hash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char letter : text) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  return hash;
}

// Keras' bound for glorot_uniform: the last two axes are inputs and outputs, those before them a window.
double GlorotLimit(const std::vector<int64_t>& sizes) {
  const size_t rank = sizes.size();
  double window = 1;
  for (size_t i = 0; i + 2 < rank; ++i) window *= static_cast<double>(sizes[i]);
  const double inputs = rank == 0 ? 1 : static_cast<double>(sizes[rank == 1 ? 0 : rank - 2]);
  const double outputs = rank == 0 ? 1 : static_cast<double>(sizes[rank - 1]);
  return std::sqrt(6 / (window * (inputs + outputs)));
}

// The largest number an initializer gives, or one of the same variance where it draws otherwise.
double Limit(std::string_view initializer, const std::vector<int64_t>& sizes) {
  if (initializer == "uniform") return 0.05;
  if (initializer == "truncated_normal") return 0.02 * std::sqrt(3.0);
  if (initializer == "orthogonal") return std::sqrt(3.0 / static_cast<double>(std::max(sizes[0], sizes[1])));
  STRATA_CHECK(initializer == "glorot_uniform");
  return GlorotLimit(sizes);
}

std::vector<float> Initialized(std::string_view initializer, const std::vector<int64_t>& sizes, uint64_t seed) {
  size_t count = 1;
  for (const int64_t size : sizes) count *= static_cast<size_t>(size);
  if (initializer == "zeros") return std::vector<float>(count, 0.0f);
  if (initializer == "ones") return std::vector<float>(count, 1.0f);
  const double limit = Limit(initializer, sizes);
  SplitMix64 random(seed);
  std::vector<float> elements(count);
  for (float& element : elements) element = static_cast<float>(random.NextSigned() * limit);
  return elements;
}

}  // namespace

BoundWeights RandomWeights(const Network& network, uint64_t seed) {
  BoundWeights bound;
  for (const NetworkWeight& weight : network.weights) {
    const uint64_t weight_seed = SplitMix64(seed ^ Hash(weight.path)).Next();
    bound.Bind(weight.path, [initializer = weight.def->initializer, sizes = weights::ConstantSizes(weight.shape),
                             weight_seed] { return Initialized(initializer, sizes, weight_seed); });
  }
  return bound;
}

}  // namespace strata
