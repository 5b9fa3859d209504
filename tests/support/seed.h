// The seed of the tests over random programs.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>

namespace strata::testing {

// The same in every run, so that what fails once fails again; another by --gtest_random_seed=N.
inline uint32_t Seed() { return static_cast<uint32_t>(GTEST_FLAG_GET(random_seed)); }

}  // namespace strata::testing
