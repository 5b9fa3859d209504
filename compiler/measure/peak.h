// What this processor can do at most, measured: the limits that every timing is a share of. One thread.
//
// Machines drift, so a limit counts only beside what it is compared with: Share takes turns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "compiler/schedule/target.h"

namespace strata {

// Seconds that `run` takes once.
double Seconds(const std::function<void()>& run);

// Floating-point operations per second of fused multiply-adds in the target's vectors; one sample of some 0.1 ms.
double SampleFlops(const Target& target);

// Bytes per second of reading `bytes` from `data`, once through; `data` is aligned to 64 bytes.
double SampleRead(const Target& target, const float* data, size_t bytes);

// Half of the samples lie below.
double Median(std::vector<double> samples);

// What a run achieves of a limit: `work` (operations or bytes) of `run` per second over what `limit` gives, taken in turns
// `rounds` times; the median of the ratios. `run` is repeated until a sample is some 0.2 ms long.
struct ShareOfLimit {
  double share = 0;
  double seconds = 0;  // median of one run
  double limit = 0;    // median
};
ShareOfLimit Share(double work, const std::function<void()>& run, const std::function<double()>& limit,
                   int rounds = 31);

}  // namespace strata
