/* The command line of a generated executable. */
#ifndef STRATA_RUNTIME_MAIN_H
#define STRATA_RUNTIME_MAIN_H

#include "runtime/strata.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Runs `model` as `argv` asks (`--help` says what can be asked). Results go to standard output, messages to standard
 * error. Returns the exit status: 0 fine, 1 a mistake in the data, 2 wrong usage. May reorder and cut `argv`. */
int strata_main(const strata_model *model, int argc, char **argv);

/* The model of a generated executable. `strata build` defines it; start.c's `main` runs it. */
extern const strata_model *const strata_executable_model;

#ifdef __cplusplus
}
#endif
#endif /* STRATA_RUNTIME_MAIN_H */
