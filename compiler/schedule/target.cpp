#include "compiler/schedule/target.h"

#include <cpuid.h>

namespace strata {

namespace {

constexpr unsigned kBit(int bit) { return 1U << bit; }

// CPUID leaf 1, ECX: FMA, MOVBE, POPCNT, AVX, F16C. Leaf 7, EBX: BMI1, AVX2, BMI2, AVX512 F, DQ, CD, BW, VL. XCR0: the
// state of the xmm and ymm registers, and of the mask and zmm registers.
constexpr unsigned kAvx2Leaf1 = kBit(12) | kBit(22) | kBit(23) | kBit(28) | kBit(29);
constexpr unsigned kAvx2Leaf7 = kBit(3) | kBit(5) | kBit(8);
constexpr unsigned kAvx512Leaf7 = kAvx2Leaf7 | kBit(16) | kBit(17) | kBit(28) | kBit(30) | kBit(31);

unsigned ReadXcr0() {
  unsigned low = 0;
  unsigned high = 0;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

}  // namespace

const std::vector<Target>& AllTargets() {
  static const std::vector<Target> targets = {
      {.name = "avx512",
       .lanes = 16,
       .registers = 32,
       .tile_rows = 14,
       .llvm_cpu = "x86-64-v4",
       .llvm_features = "",
       .cpuid7_ebx = kAvx512Leaf7,
       .cpuid1_ecx = kAvx2Leaf1,
       .xcr0 = 0xE6},
      {.name = "avx2",
       .lanes = 8,
       .registers = 16,
       .tile_rows = 6,
       .llvm_cpu = "x86-64-v3",
       .llvm_features = "",
       .cpuid7_ebx = kAvx2Leaf7,
       .cpuid1_ecx = kAvx2Leaf1,
       .xcr0 = 0x06},
  };
  return targets;
}

const Target* FindTarget(std::string_view name) {
  for (const Target& target : AllTargets()) {
    if (target.name == name) return &target;
  }
  return nullptr;
}

bool HostRuns(const Target& target) {
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0) return false;
  const unsigned leaf1 = target.cpuid1_ecx | kBit(27);  // XGETBV may be used
  if ((ecx & leaf1) != leaf1) return false;
  if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0) return false;
  return (ebx & target.cpuid7_ebx) == target.cpuid7_ebx && (ReadXcr0() & target.xcr0) == target.xcr0;
}

const Target* HostTarget() {
  for (const Target& target : AllTargets()) {
    if (HostRuns(target)) return &target;
  }
  return nullptr;
}

}  // namespace strata
