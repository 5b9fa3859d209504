/* Runs a model on array files: what a generated executable and `strata run` do. */
#ifndef STRATA_RUNTIME_RUN_FILES_H
#define STRATA_RUNTIME_RUN_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/strata.h"

#ifdef __cplusplus
extern "C" {
#endif

/* An input or output of the model and its .npy file ("-": standard input or output). `name` may be NULL where the model
 * has just one. */
typedef struct strata_file_binding {
  const char *name;
  const char *path;
} strata_file_binding;

/* Exit statuses of a program that runs a model. */
enum {
  STRATA_EXIT_FINE = 0,
  STRATA_EXIT_DATA = 1, /* a file or its array is at fault, or memory is short, or the model refused to run */
  STRATA_EXIT_USAGE = 2 /* the bindings do not fit the model: a name is unknown, missing, given twice */
};

/* Reads and checks every input, runs the model once, writes the outputs asked for (each model output at most once, at
 * least one). Output files appear all whole, at the end. Returns an exit status; where it is not 0, `error` holds the
 * reason, one line. */
int strata_run_files(const strata_model *model, const strata_file_binding *inputs, int input_count,
                     const strata_file_binding *outputs, int output_count, char *error, size_t error_size);

/* The same, running the model `runs` times (at least 1); sets `median` to the median milliseconds of one run. */
int strata_run_files_timed(const strata_model *model, const strata_file_binding *inputs, int input_count,
                           const strata_file_binding *outputs, int output_count, int runs, double *median, char *error,
                           size_t error_size);

#ifdef __cplusplus
}
#endif
#endif /* STRATA_RUNTIME_RUN_FILES_H */
