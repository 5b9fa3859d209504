// What the benchmark programs share.
#pragma once

#include <benchmark/benchmark.h>

#include "compiler/schedule/target.h"

namespace strata {

// The whole of main: what `add` registers for a target, for each that this machine runs. The exit status.
inline int RunBenchmarks(int argc, char** argv, void (*add)(const Target& target)) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  for (const Target& target : AllTargets()) {
    if (HostRuns(target)) add(target);
  }
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace strata
