/* The header of a .npy file: a magic word, a version, a length, and a Python dictionary as text, such as
 * {'descr': '<f4', 'fortran_order': False, 'shape': (360, 8, 8, 1), }. For array_file.c, and for the
 * compiler, which reads the arrays of an npz archive one after another. `name` is as messages show it. */
#ifndef STRATA_RUNTIME_ARRAY_HEADER_H
#define STRATA_RUNTIME_ARRAY_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/array_file.h"
#include "runtime/text.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  STRATA_HEADER_TEXT_LIMIT = 16384, /* the longest dictionary we believe, in bytes; NumPy stops at 10000 */
  STRATA_HEADER_LIMIT = 12 + STRATA_HEADER_TEXT_LIMIT,
  STRATA_HEADER_MADE = 1024 /* the longest header we write */
};

/* Reads the header in the first `size` bytes of a file, which hold all of it if they are STRATA_HEADER_LIMIT or the
 * whole file. Sets all of `array` but `data` and `owned`, and `offset` to where the data begins. */
bool strata_array_header_read(const char *name, const unsigned char *bytes, size_t size, strata_array *array,
                              size_t *offset, strata_text *error);

/* Writes the header of `array` (its dtype, rank and sizes) to `bytes`; returns its length, a multiple of 64. */
size_t strata_array_header_make(const strata_array *array, unsigned char bytes[STRATA_HEADER_MADE]);

#ifdef __cplusplus
}
#endif
#endif /* STRATA_RUNTIME_ARRAY_HEADER_H */
