#include "compiler/measure/peak.h"

#include <immintrin.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace strata {

namespace {

// Results go here, so that the work cannot be left out.
volatile float sink;

constexpr int kChains = 12;  // independent sums: more than the FMA's latency times its units
constexpr int64_t kRounds = 8192;

__attribute__((target("avx512f"))) double RunFma512() {
  __m512 sums[kChains];
  for (int chain = 0; chain < kChains; ++chain) sums[chain] = _mm512_set1_ps(static_cast<float>(chain));
  const __m512 factor = _mm512_set1_ps(0.999F);
  const __m512 term = _mm512_set1_ps(0.001F);
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int chain = 0; chain < kChains; ++chain) sums[chain] = _mm512_fmadd_ps(sums[chain], factor, term);
  }
  for (int chain = 1; chain < kChains; ++chain) sums[0] = _mm512_add_ps(sums[0], sums[chain]);
  float lanes[16];
  _mm512_storeu_ps(lanes, sums[0]);
  sink = lanes[0];
  return static_cast<double>(kRounds) * kChains * 16 * 2;
}

__attribute__((target("avx2,fma"))) double RunFma256() {
  __m256 sums[kChains];
  for (int chain = 0; chain < kChains; ++chain) sums[chain] = _mm256_set1_ps(static_cast<float>(chain));
  const __m256 factor = _mm256_set1_ps(0.999F);
  const __m256 term = _mm256_set1_ps(0.001F);
  for (int64_t round = 0; round < kRounds; ++round) {
#pragma GCC unroll 12
    for (int chain = 0; chain < kChains; ++chain) sums[chain] = _mm256_fmadd_ps(sums[chain], factor, term);
  }
  for (int chain = 1; chain < kChains; ++chain) sums[0] = _mm256_add_ps(sums[0], sums[chain]);
  float lanes[8];
  _mm256_storeu_ps(lanes, sums[0]);
  sink = lanes[0];
  return static_cast<double>(kRounds) * kChains * 8 * 2;
}

__attribute__((target("avx512f"))) void Read512(const float* data, size_t count) {
  __m512 sums[8];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  for (size_t i = 0; i + 128 <= count; i += 128) {
#pragma GCC unroll 8
    for (size_t k = 0; k < 8; ++k) sums[k] = _mm512_add_ps(sums[k], _mm512_load_ps(data + i + 16 * k));
  }
  for (int k = 1; k < 8; ++k) sums[0] = _mm512_add_ps(sums[0], sums[k]);
  float lanes[16];
  _mm512_storeu_ps(lanes, sums[0]);
  sink = lanes[0];
}

__attribute__((target("avx2"))) void Read256(const float* data, size_t count) {
  __m256 sums[8];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  for (size_t i = 0; i + 64 <= count; i += 64) {
#pragma GCC unroll 8
    for (size_t k = 0; k < 8; ++k) sums[k] = _mm256_add_ps(sums[k], _mm256_load_ps(data + i + 8 * k));
  }
  for (int k = 1; k < 8; ++k) sums[0] = _mm256_add_ps(sums[0], sums[k]);
  float lanes[8];
  _mm256_storeu_ps(lanes, sums[0]);
  sink = lanes[0];
}

}  // namespace

double Seconds(const std::function<void()>& run) {
  const auto before = std::chrono::steady_clock::now();
  run();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - before).count();
}

double Median(std::vector<double> samples) {
  const auto middle = samples.begin() + static_cast<std::ptrdiff_t>(samples.size() / 2);
  std::nth_element(samples.begin(), middle, samples.end());
  return *middle;
}

double SampleFlops(const Target& target) {
  double flops = 0;
  const double seconds = Seconds([&] { flops = target.lanes == 16 ? RunFma512() : RunFma256(); });
  return flops / seconds;
}

double SampleRead(const Target& target, const float* data, size_t bytes) {
  const size_t count = bytes / sizeof(float);
  const double seconds = Seconds([&] { target.lanes == 16 ? Read512(data, count) : Read256(data, count); });
  return static_cast<double>(bytes) / seconds;
}

ShareOfLimit Share(double work, const std::function<void()>& run, const std::function<double()>& limit, int rounds) {
  run();
  const double once = std::max(Seconds(run), 1e-9);
  const int repeats = static_cast<int>(std::clamp(2e-4 / once, 1.0, 1e5));
  std::vector<double> shares;
  std::vector<double> seconds;
  std::vector<double> limits;
  for (int round = 0; round < rounds; ++round) {
    limits.push_back(limit());
    seconds.push_back(Seconds([&] {
                        for (int k = 0; k < repeats; ++k) run();
                      }) /
                      repeats);
    shares.push_back(work / seconds.back() / limits.back());
  }
  return {.share = Median(shares), .seconds = Median(seconds), .limit = Median(limits)};
}

}  // namespace strata
