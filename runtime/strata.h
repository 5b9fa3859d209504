/* The C interface of a compiled Strata model, version 2.
 *
 * `strata build --emit=header` pastes this file in front of a model's own declarations, so an embedding program needs
 * nothing but the generated header and object. Valid C99 and C++.
 *
 * Calls are reentrant: a model has no mutable state, so any number of threads may run it at once, each with its own
 * workspace. Nothing here allocates, locks or waits.
 */
#ifndef STRATA_ABI_VERSION
#define STRATA_ABI_VERSION 2

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Element types of arrays at the border. Values are part of the ABI. */
enum {
  STRATA_F32 = 0,
  STRATA_F16 = 1,
  STRATA_BF16 = 2,
  STRATA_I8 = 3,
  STRATA_U8 = 4,
  STRATA_I32 = 5,
  STRATA_I64 = 6,
  STRATA_BOOL = 7
};

/* What a call returns. A model may define further codes from STRATA_FIRST_GUARD on: what it asks of its symbolic sizes is
 * tested before anything is read or written; an index into a table is tested as it is met. `error_text` explains every
 * code. */
enum {
  STRATA_OK = 0,
  STRATA_NULL_POINTER = 1,    /* an array or the workspace is NULL though its size is not 0 */
  STRATA_BAD_SIZE = 2,        /* a symbolic size is negative, or so large that a byte count overflows 64 bits */
  STRATA_MISALIGNED = 3,      /* the workspace is not aligned to strata_model.alignment */
  STRATA_UNSUPPORTED_CPU = 4, /* this processor lacks the instructions the model was compiled for */
  STRATA_FIRST_GUARD = 16
};

/* One slice of parallel work: handles the indices [begin, end). */
typedef void (*strata_task)(void *context, int64_t begin, int64_t end);

/* A host's thread pool. `parallel_for` must have run `task` over disjoint ranges that cover [0, count) when it returns;
 * the ranges may run in any order, on any number of threads, even one after another. */
typedef struct strata_parallel {
  void *self;
  void (*parallel_for)(void *self, int64_t count, strata_task task, void *context);
} strata_parallel;

/* One axis of an array. The size is `size` where `symbol` is negative; otherwise it varies from call to call. A `symbol`
 * that indexes strata_model.symbols says the size is that symbol; STRATA_COMPUTED says it follows from the symbols and is
 * told by strata_model.sizes. `text` is the size as written in the model file ("batch", "8", "H / 2"). */
enum { STRATA_FIXED = -1, STRATA_COMPUTED = -2 };
typedef struct strata_axis {
  const char *name; /* "" where the axis has none */
  const char *text;
  int64_t size;
  int32_t symbol; /* STRATA_FIXED, STRATA_COMPUTED, or an index */
} strata_axis;

/* An input or output: a dense row-major array, aligned to its element. */
typedef struct strata_tensor {
  const char *name;
  const strata_axis *axes;
  int32_t rank;
  int32_t dtype;
} strata_tensor;

typedef struct strata_model {
  uint32_t abi_version; /* STRATA_ABI_VERSION */
  uint32_t alignment;   /* of the workspace, in bytes */
  const char *name;
  const char *doc;    /* the model's `##` comment, or "" */
  const char *source; /* the file the model was built from */
  const char *target; /* the instruction set it was built for: "avx512", "avx2" */
  int32_t symbol_count;
  int32_t input_count;
  int32_t output_count;
  const char *const *symbols; /* names of the symbolic sizes */
  const strata_tensor *inputs;
  const strata_tensor *outputs;

  /* Writes the size of every axis of every input, then of every output, in order. Returns a code; writes nothing unless
   * it is STRATA_OK. */
  int32_t (*sizes)(const int64_t *symbols, int64_t *sizes);
  /* Bytes the workspace of `run` needs for these symbols: a multiple of `alignment`; or minus a code. */
  int64_t (*workspace_size)(const int64_t *symbols);
  /* Runs the model. Inputs, outputs and workspace must not overlap, except inputs with each other; inputs are only read.
   * `parallel` may be NULL: then everything runs on the caller. Returns a code; the outputs hold a result only with STRATA_OK. */
  int32_t (*run)(const int64_t *symbols, const void *const *inputs, void *const *outputs, void *workspace,
                 const strata_parallel *parallel);
  /* Writes the text for a code, cut to `size` bytes with its closing 0; returns the length of the whole text. */
  int64_t (*error_text)(int32_t code, char *buffer, int64_t size);
  /* The same with the sizes of the call that failed, where the code is about them: "H = 35: Concatenate at ..." for
   * "H: Concatenate at ...". `symbols` may be NULL. */
  int64_t (*error_text_for)(int32_t code, const int64_t *symbols, char *buffer, int64_t size);
} strata_model;

#ifdef __cplusplus
}
#endif
#endif /* STRATA_ABI_VERSION */
