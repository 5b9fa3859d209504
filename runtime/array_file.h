/* NumPy's array files (.npy, format versions 1.0, 2.0 and 3.0), little endian and row-major.
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * A file is taken at its word only where its length proves it: no header, however absurd, leads to a crash or to a
 * large allocation. Every failure is one line of text: lower case, no full stop, what was found before what was
 * expected.
 */
#ifndef STRATA_RUNTIME_ARRAY_FILE_H
#define STRATA_RUNTIME_ARRAY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/strata.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
  STRATA_ARRAY_RANK = 32, /* the most axes an array has, as in NumPy 1 */
  STRATA_OTHER_DTYPE = -1 /* an element type Strata has none for; `dtype_name` tells it */
};

typedef struct strata_array {
  int32_t dtype; /* STRATA_F32 and so on, or STRATA_OTHER_DTYPE */
  int32_t rank;
  int64_t sizes[STRATA_ARRAY_RANK];
  const void *data;    /* row-major */
  int64_t bytes;       /* of `data` */
  char dtype_name[32]; /* NumPy's: "float32", "float64", "big-endian float32" */
  bool is_fortran;     /* `data` is column-major; only as strata_array_header_read leaves it */
  void *owned;         /* what strata_array_free releases: `data`, or NULL where somebody else owns it */
} strata_array;

/* Reads an array from the `size` bytes of an npy file (or of an npz archive's entry). `name` is what messages call it.
 *
 * Nothing is copied: `out->data` points into `bytes`, lives as long as they do, and may be misaligned for its elements,
 * so read those by memcpy. Element types that Strata lacks are no error here (STRATA_OTHER_DTYPE, the bytes as they
 * are); Python objects and records are. False with a text in `error` on failure; `out` is empty then. */
bool strata_array_parse(const char *name, const void *bytes, size_t size, strata_array *out, char *error,
                        size_t error_size);

/* Reads a whole file ("-": standard input, up to its end). `out->data` is aligned to STRATA_ARRAY_ALIGNMENT and owned
 * by `out`; the rest is as with strata_array_parse. */
bool strata_array_read(const char *path, strata_array *out, char *error, size_t error_size);

/* Releases what strata_array_read allocated and empties the array. An empty or a parsed array is fine too. */
void strata_array_free(strata_array *array);

/* Writes `array` (its dtype, rank, sizes, data and bytes) to `path` ("-": standard output). A file appears whole or not
 * at all: it is written beside and renamed. A pipe or device is written in place. */
bool strata_array_write(const strata_array *array, const char *path, char *error, size_t error_size);

/* The two halves of strata_array_write, for writing several files together: stage each, commit each, discard each in
 * any case. What cannot be renamed into place (standard output, a pipe, a device) is written by the commit. */
typedef struct strata_array_output {
  const strata_array *array;
  const char *path;
  char *target;    /* set by stage: the path without symbolic links; NULL where the commit writes */
  char *temporary; /* set by stage: what the commit renames to `target` */
} strata_array_output;

bool strata_array_stage(strata_array_output *output, char *error, size_t error_size);
bool strata_array_commit(strata_array_output *output, char *error, size_t error_size);
void strata_array_discard(strata_array_output *output);

#ifdef __cplusplus
}
#endif
#endif /* STRATA_RUNTIME_ARRAY_FILE_H */
