#include "compiler/source/check.h"

#include <cstdio>
#include <cstdlib>

namespace strata {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr,
               "strata: internal error at %s:%d: expected %s\n"
               "This is a fault in Strata, not in your program. Please report it, with the program if you can.\n",
               file, line, condition);
#ifdef STRATA_FUZZ
  std::abort();  // which libFuzzer notices, and keeps the input
#else
  std::quick_exit(70);
#endif
}

}  // namespace strata
