// Systems of linear inequalities over integers.
#pragma once

#include <cstdint>
#include <vector>

namespace strata {

// coefficients[0] * x0 + coefficients[1] * x1 + ... + constant >= 0; coefficients that are left out are 0.
struct Inequality {
  std::vector<int64_t> coefficients;
  int64_t constant;
};

// Whether no integers satisfy them all. True is a proof; false may also mean that a moderate amount of work (or 64 bits)
// did not suffice. Fourier-Motzkin elimination, with what a common divisor of the coefficients rounds off.
bool HaveNoSolution(std::vector<Inequality> inequalities);

}  // namespace strata
