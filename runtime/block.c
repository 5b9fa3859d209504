#define _POSIX_C_SOURCE 200809L

#include "runtime/block.h"

#include <stdlib.h>

void *strata_aligned_block(int64_t bytes, int64_t alignment) {
  if (bytes < 0 || bytes > PTRDIFF_MAX - alignment) return NULL;
  void *block = NULL;
  const size_t size = bytes > 0 ? (size_t)bytes : 1;
  return posix_memalign(&block, (size_t)alignment, size) == 0 ? block : NULL;
}

bool strata_byte_count(const int64_t *sizes, int32_t rank, int64_t item_size, int64_t *bytes) {
  bool empty = item_size == 0;
  for (int32_t i = 0; i < rank; i++) {
    if (sizes[i] < 0) return false;
    if (sizes[i] == 0) empty = true;
  }
  *bytes = empty ? 0 : item_size;
  for (int32_t i = 0; i < rank && !empty; i++) {
    if (*bytes > INT64_MAX / sizes[i]) return false;
    *bytes *= sizes[i];
  }
  return true;
}
