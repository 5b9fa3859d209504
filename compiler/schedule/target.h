// What the schedule and codegen know of an instruction set: a table, one entry for each.
#pragma once

#include <string_view>
#include <vector>

namespace strata {

struct Target {
  std::string_view name;  // "avx512", as --target= takes it
  int lanes;              // float32 elements of a vector
  int registers;          // vector registers
  int tile_rows;          // rows of the largest register tile with two vectors a row
  std::string_view llvm_cpu;
  std::string_view llvm_features;
  // CPUID bits that a processor must have: leaf 7 EBX and leaf 1 ECX, and the XCR0 bits the system must have enabled.
  unsigned cpuid7_ebx;
  unsigned cpuid1_ecx;
  unsigned xcr0;
};

const std::vector<Target>& AllTargets();
const Target* FindTarget(std::string_view name);  // null: there is none
// The widest one this processor runs; null where it runs none.
const Target* HostTarget();
bool HostRuns(const Target& target);

}  // namespace strata
