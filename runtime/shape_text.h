/* Names of element types, and shapes as Strata writes them. */
#ifndef STRATA_RUNTIME_SHAPE_TEXT_H
#define STRATA_RUNTIME_SHAPE_TEXT_H

#include <stdint.h>

#include "runtime/strata.h"
#include "runtime/text.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Enough for the sizes of 32 axes. */
enum { STRATA_SHAPE_TEXT_SIZE = 1024 };

/* Strata's name ("f32") and NumPy's ("float32") of an element type; "?" for a value that is none. */
const char *strata_dtype_name(int32_t dtype);
const char *strata_dtype_numpy_name(int32_t dtype);

/* Bytes of one element; 0 for a value that is no element type. */
int64_t strata_dtype_size(int32_t dtype);

/* Each of these appends to a text. */

/* "image: f32[batch, height: 8, width: 8, channels: 1]" */
void strata_tensor_text(const strata_tensor *tensor, strata_text *text);

/* "[batch, 8, 8, 1]": the sizes as the model file has them. */
void strata_expected_shape_text(const strata_tensor *tensor, strata_text *text);

/* "[360, 8, 8, 1]" */
void strata_sizes_text(const int64_t *sizes, int32_t rank, strata_text *text);

#ifdef __cplusplus
}
#endif
#endif /* STRATA_RUNTIME_SHAPE_TEXT_H */
