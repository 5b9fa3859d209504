#define _POSIX_C_SOURCE 200809L

#include "runtime/main.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/run_files.h"
#include "runtime/shape_text.h"
#include "runtime/text.h"

/* What the command line asks for. */
typedef struct request {
  strata_file_binding *inputs;
  strata_file_binding *outputs;
  int input_count;
  int output_count;
  int runs; /* 0 unless --time asks for a number */
  bool help;
  bool version;
} request;

static int fail(const strata_model *model, int status, const char *program, const char *message) {
  fprintf(stderr, "%s: error: %s\n", model->name, message);
  if (status == STRATA_EXIT_USAGE) fprintf(stderr, "%s: help: `%s --help` says how to call it\n", model->name, program);
  return status;
}

static void print_tensors(const char *title, const strata_tensor *tensors, int32_t count) {
  printf("\n%s:\n", title);
  for (int32_t i = 0; i < count; i++) {
    char line[2 * STRATA_SHAPE_TEXT_SIZE];
    strata_text text = strata_text_in(line, sizeof line);
    strata_tensor_text(&tensors[i], &text);
    printf("  %s\n", line);
  }
}

/* A command that reads every input and writes every output; with `streams` the first of each is a standard stream. */
static void print_example(const strata_model *model, const char *program, bool streams) {
  printf("  %s", program);
  for (int32_t i = 0; i < model->input_count; i++) {
    const char *const name = model->inputs[i].name;
    printf(streams && i == 0 ? " --input %s=-" : " --input %s=%s.npy", name, name);
  }
  for (int32_t i = 0; i < model->output_count; i++) {
    const char *const name = model->outputs[i].name;
    printf(streams && i == 0 ? " --output %s=-" : " --output %s=%s.npy", name, name);
  }
  if (streams && model->input_count > 0) printf(" < %s.npy", model->inputs[0].name);
  if (streams && model->output_count > 0) printf(" > %s.npy", model->outputs[0].name);
  printf("\n");
}

static void print_help(const strata_model *model, const char *program) {
  printf("%s%s%s\n", model->name, model->doc[0] != '\0' ? ": " : "", model->doc);
  printf("\nusage: %s --input NAME=FILE.npy ... --output NAME=FILE.npy ...\n", program);
  print_tensors("inputs", model->inputs, model->input_count);
  print_tensors("outputs", model->outputs, model->output_count);
  if (model->symbol_count > 0) {
    printf("\nsizes that may vary from call to call: ");
    for (int32_t i = 0; i < model->symbol_count; i++) printf(i > 0 ? ", %s" : "%s", model->symbols[i]);
    printf("\n");
  }
  printf(
      "\n"
      "options:\n"
      "  --input NAME=FILE.npy   read an input; once for each; FILE.npy may be -, standard input\n"
      "  --output NAME=FILE.npy  write an output; at least one; FILE.npy may be -, standard output\n"
      "                          NAME= may be left out where there is only one\n"
      "  --time N                run N times and print the median time to standard error\n"
      "  -h, --help              print this\n"
      "  --version               print what this was built with\n"
      "\n"
      "exit status: 0 fine, 1 a mistake in a file or its data, 2 wrong usage\n"
      "\n"
      "examples:\n");
  print_example(model, program, false);
  print_example(model, program, true);
  printf("\nbuilt from %s for %s\n", model->source, model->target);
}

/* Splits NAME=FILE, in place; without '=' it is a file alone. */
static strata_file_binding read_binding(char *argument) {
  char *const equals = strchr(argument, '=');
  if (equals == NULL) return (strata_file_binding){.name = NULL, .path = argument};
  *equals = '\0';
  return (strata_file_binding){.name = argument, .path = equals + 1};
}

static bool read_runs(const char *argument, int *runs) {
  char *end = NULL;
  errno = 0;
  const long value = strtol(argument, &end, 10);
  if (end == argument || *end != '\0' || errno != 0 || value < 1 || value > 1000000) return false;
  *runs = (int)value;
  return true;
}

/* Understands the command line; false with an error where it is wrong. */
static bool read_request(int argc, char **argv, request *asked, strata_text *error) {
  enum { INPUT = 256, OUTPUT, TIME, VERSION };
  static const struct option options[] = {
      {"input", required_argument, NULL, INPUT}, {"output", required_argument, NULL, OUTPUT},
      {"time", required_argument, NULL, TIME},   {"help", no_argument, NULL, 'h'},
      {"version", no_argument, NULL, VERSION},   {NULL, 0, NULL, 0},
  };
  optind = 0; /* starts over: a program may call strata_main twice */
  opterr = 0;
  for (;;) {
    const int option = getopt_long(argc, argv, ":h", options, NULL);
    switch (option) {
      case -1:
        if (optind == argc) return true;
        return strata_fail(error, "`%s` is no option, expected --input NAME=FILE.npy", argv[optind]);
      case INPUT: asked->inputs[asked->input_count++] = read_binding(optarg); break;
      case OUTPUT: asked->outputs[asked->output_count++] = read_binding(optarg); break;
      case TIME:
        if (read_runs(optarg, &asked->runs)) break;
        return strata_fail(error, "--time is `%s`, expected a whole number from 1 to 1000000", optarg);
      case 'h': asked->help = true; break;
      case VERSION: asked->version = true; break;
      case ':': return strata_fail(error, "`%s` has no value", argv[optind - 1]);
      default:
        if (optopt > 0 && optopt < INPUT && optopt != 'h') return strata_fail(error, "unknown option `-%c`", optopt);
        if (optopt > 0) return strata_fail(error, "`%s` has a value, expected none", argv[optind - 1]);
        return strata_fail(error, "unknown option `%s`", argv[optind - 1]);
    }
  }
}

static int run(const strata_model *model, const request *asked, const char *program) {
  char message[STRATA_ERROR_SIZE];
  double median = 0;
  const int status =
      strata_run_files_timed(model, asked->inputs, asked->input_count, asked->outputs, asked->output_count,
                             asked->runs > 0 ? asked->runs : 1, &median, message, sizeof message);
  if (status != STRATA_EXIT_FINE) return fail(model, status, program, message);
  if (asked->runs > 0) fprintf(stderr, "%s: %.3f ms a call, the median of %d\n", model->name, median, asked->runs);
  return STRATA_EXIT_FINE;
}

static int answer(const strata_model *model, int argc, char **argv, request *asked) {
  const char *const program = argc > 0 ? argv[0] : model->name;
  char message[STRATA_ERROR_SIZE];
  strata_text error = strata_text_in(message, sizeof message);
  if (!read_request(argc, argv, asked, &error)) return fail(model, STRATA_EXIT_USAGE, program, message);
  if (asked->help) {
    print_help(model, program);
  } else if (asked->version) {
    printf("%s, compiled by Strata for %s, binary interface version %" PRIu32 "\n", model->name, model->target,
           model->abi_version);
  } else {
    return run(model, asked, program);
  }
  if (fflush(stdout) == 0) return STRATA_EXIT_FINE;
  return fail(model, STRATA_EXIT_DATA, program, "cannot write standard output");
}

int strata_main(const strata_model *model, int argc, char **argv) {
  request asked = {0};
  asked.inputs = calloc((size_t)argc + 1, sizeof *asked.inputs);
  asked.outputs = calloc((size_t)argc + 1, sizeof *asked.outputs);
  const int status = asked.inputs == NULL || asked.outputs == NULL
                         ? fail(model, STRATA_EXIT_DATA, model->name, "cannot allocate memory")
                         : answer(model, argc, argv, &asked);
  free(asked.inputs);
  free(asked.outputs);
  return status;
}
