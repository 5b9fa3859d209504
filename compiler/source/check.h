// CHECK(condition): an invariant of ours. A failure is a fault in Strata, never a user's mistake: it prints what was
// expected and where, and leaves with status 70.
#pragma once

namespace strata {

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace strata

#define STRATA_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::strata::CheckFailed(#condition, __FILE__, __LINE__))
