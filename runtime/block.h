/* Aligned memory of a size that was computed from a file or a model, and so may be absurd. */
#ifndef STRATA_RUNTIME_BLOCK_H
#define STRATA_RUNTIME_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Alignment of every array the runtime reads or makes, in bytes: a cache line, and the widest vector. */
enum { STRATA_ARRAY_ALIGNMENT = 64 };

/* At least `bytes` bytes at a multiple of `alignment` (a power of two, not below sizeof(void *)), to be released by
 * free(); NULL where `bytes` is negative or memory is short. Zero bytes yield a block too. */
void *strata_aligned_block(int64_t bytes, int64_t alignment);

/* Sets `bytes` to the product of `rank` sizes and `item_size`; false where one is negative or it overflows 64 bits. */
bool strata_byte_count(const int64_t *sizes, int32_t rank, int64_t item_size, int64_t *bytes);

#ifdef __cplusplus
}
#endif
#endif /* STRATA_RUNTIME_BLOCK_H */
