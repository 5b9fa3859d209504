#include "runtime/shape_text.h"

#include <inttypes.h>
#include <string.h>

typedef struct dtype_facts {
  const char *name;
  const char *numpy_name;
  int64_t size;
} dtype_facts;

static const dtype_facts *facts_of(int32_t dtype) {
  static const dtype_facts facts[] = {
      [STRATA_F32] = {"f32", "float32", 4},    [STRATA_F16] = {"f16", "float16", 2},
      [STRATA_BF16] = {"bf16", "bfloat16", 2}, [STRATA_I8] = {"i8", "int8", 1},
      [STRATA_U8] = {"u8", "uint8", 1},        [STRATA_I32] = {"i32", "int32", 4},
      [STRATA_I64] = {"i64", "int64", 8},      [STRATA_BOOL] = {"bool", "bool", 1},
  };
  static const dtype_facts none = {"?", "?", 0};
  return dtype >= STRATA_F32 && dtype <= STRATA_BOOL ? &facts[dtype] : &none;
}

const char *strata_dtype_name(int32_t dtype) { return facts_of(dtype)->name; }

const char *strata_dtype_numpy_name(int32_t dtype) { return facts_of(dtype)->numpy_name; }

int64_t strata_dtype_size(int32_t dtype) { return facts_of(dtype)->size; }

void strata_tensor_text(const strata_tensor *tensor, strata_text *text) {
  strata_text_add(text, "%s: %s[", tensor->name, strata_dtype_name(tensor->dtype));
  for (int32_t i = 0; i < tensor->rank; i++) {
    const strata_axis *axis = &tensor->axes[i];
    if (i > 0) strata_text_add(text, ", ");
    if (axis->name[0] != '\0' && strcmp(axis->name, axis->text) != 0) strata_text_add(text, "%s: ", axis->name);
    strata_text_add(text, "%s", axis->text);
  }
  strata_text_add(text, "]");
}

void strata_expected_shape_text(const strata_tensor *tensor, strata_text *text) {
  strata_text_add(text, "[");
  for (int32_t i = 0; i < tensor->rank; i++) strata_text_add(text, i > 0 ? ", %s" : "%s", tensor->axes[i].text);
  strata_text_add(text, "]");
}

void strata_sizes_text(const int64_t *sizes, int32_t rank, strata_text *text) {
  strata_text_add(text, "[");
  for (int32_t i = 0; i < rank; i++) strata_text_add(text, i > 0 ? ", %" PRId64 : "%" PRId64, sizes[i]);
  strata_text_add(text, "]");
}
