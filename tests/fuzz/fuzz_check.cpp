// Coverage-guided fuzzing of everything that reads a program: scan, parse, check, render, format (libFuzzer; tools/fuzz.sh).
// The input is a program's text. What must hold: no fault, no leak, no check of ours that fails, no input over a second of a release build.
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>

#include "tests/support/exercise.h"
#include "tests/support/recombine.h"

// libFuzzer names these functions.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned int seed);

namespace {

// Of the processor, whatever else runs on it. A release build takes a 24th of this build's time (measured on 200,000 layers),
// so this is well below a second there.
constexpr double kMostSeconds = 10;

double ProcessorSeconds() {
  timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const double begin = ProcessorSeconds();
  strata::testing::Exercise(std::string(reinterpret_cast<const char*>(data), size));
  const double seconds = ProcessorSeconds() - begin;
  if (seconds > kMostSeconds) {
    std::fprintf(stderr, "slow input: %.2f s of processor time\n", seconds);
    std::abort();
  }
  return 0;
}

// Half of the mutations are libFuzzer's own, of bytes; the others put parts of other programs in, which the grammar takes.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned int seed) {
  static const strata::testing::Recombiner recombiner;
  std::mt19937 random(seed);
  if (random() % 2 == 0) return LLVMFuzzerMutate(data, size, most);
  const std::string text = recombiner.Change(std::string(reinterpret_cast<const char*>(data), size), random);
  if (text.size() > most) return LLVMFuzzerMutate(data, size, most);
  std::memcpy(data, text.data(), text.size());
  return text.size();
}
