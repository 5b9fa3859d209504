#define _POSIX_C_SOURCE 200809L

#include "runtime/run_files.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "runtime/array_file.h"
#include "runtime/block.h"
#include "runtime/shape_text.h"
#include "runtime/text.h"

/* The inputs or the outputs of a model, and the files bound to them. */
typedef struct border {
  const char *role;   /* "input", "output" */
  const char *stream; /* what "-" stands for */
  bool exclusive;     /* no file may serve two of them */
  const strata_tensor *tensors;
  int32_t count;
  const strata_file_binding **files; /* one per tensor; NULL where it has none */
} border;

/* Everything a run holds; `release` gives it back. */
typedef struct run_state {
  const strata_model *model;
  border inputs;
  border outputs;
  strata_array *arrays;            /* one per input */
  strata_array *results;           /* one per output */
  strata_array_output *written;    /* one per output */
  const void **input_data;         /* the data of each input */
  void **output_data;              /* the data of each output */
  const strata_tensor **symbol_of; /* per symbol: the input that told it, or NULL */
  int64_t *symbols;
  int64_t *sizes; /* of every axis of every input, then of every output */
  void *workspace;
} run_state;

/* The number of edits from one name to the other; endless for names too long to be worth it. */
static size_t edit_distance(const char *a, const char *b) {
  enum { LIMIT = 63 };
  const size_t rows = strlen(a);
  const size_t columns = strlen(b);
  size_t row[LIMIT + 1];
  if (rows > LIMIT || columns > LIMIT) return SIZE_MAX;
  for (size_t j = 0; j <= columns; j++) row[j] = j;
  for (size_t i = 1; i <= rows; i++) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= columns; j++) {
      const size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
      if (replaced < row[j]) row[j] = replaced;
    }
  }
  return row[columns];
}

static const char *nearest_name(const border *side, const char *name) {
  const char *nearest = NULL;
  size_t best = strlen(name) / 3 + 1;
  for (int32_t i = 0; i < side->count; i++) {
    const size_t distance = edit_distance(name, side->tensors[i].name);
    if (distance > best || (distance == best && nearest != NULL)) continue;
    best = distance;
    nearest = side->tensors[i].name;
  }
  return nearest;
}

/* "`a`, `b`" */
static void list_names(const border *side, strata_text *text) {
  for (int32_t i = 0; i < side->count; i++) strata_text_add(text, i > 0 ? ", `%s`" : "`%s`", side->tensors[i].name);
}

static bool fail_unknown(const strata_model *model, const border *side, const char *name, strata_text *error) {
  const char *const nearest = nearest_name(side, name);
  if (nearest != NULL) {
    return strata_fail(error, "`%s` is no %s of %s: did you mean `%s`?", name, side->role, model->name, nearest);
  }
  char names[STRATA_SHAPE_TEXT_SIZE];
  strata_text list = strata_text_in(names, sizeof names);
  list_names(side, &list);
  return strata_fail(error, "`%s` is no %s of %s, expected %s", name, side->role, model->name,
                     side->count > 0 ? names : "none: it has none");
}

static bool bind_file(const strata_model *model, border *side, const strata_file_binding *file, strata_text *error) {
  int32_t which = 0;
  if (file->name != NULL) {
    while (which < side->count && strcmp(side->tensors[which].name, file->name) != 0) which++;
    if (which == side->count) return fail_unknown(model, side, file->name, error);
  } else if (side->count != 1) {
    char names[STRATA_SHAPE_TEXT_SIZE];
    strata_text list = strata_text_in(names, sizeof names);
    list_names(side, &list);
    return strata_fail(error, "`%s` is given for no %s, expected NAME=%s with one of %s", file->path, side->role,
                       file->path, side->count > 0 ? names : "none: there are none");
  }
  const char *const name = side->tensors[which].name;
  if (file->path[0] == '\0') {
    return strata_fail(error, "`%s` has no file name, expected --%s %s=FILE.npy", name, side->role, name);
  }
  if (side->files[which] != NULL) {
    return strata_fail(error, "`%s` is given twice: `%s` and `%s`", name, side->files[which]->path, file->path);
  }
  for (int32_t i = 0; i < side->count; i++) {
    if (side->files[i] == NULL || strcmp(side->files[i]->path, file->path) != 0) continue;
    if (strcmp(file->path, "-") == 0) {
      return strata_fail(error, "`%s` and `%s` cannot both be %s", side->tensors[i].name, name, side->stream);
    }
    if (!side->exclusive) continue;
    return strata_fail(error, "`%s` and `%s` cannot both be written to `%s`", side->tensors[i].name, name, file->path);
  }
  side->files[which] = file;
  return true;
}

static bool bind_files(const strata_model *model, border *inputs, const strata_file_binding *input_files,
                       int input_count, border *outputs, const strata_file_binding *output_files, int output_count,
                       strata_text *error) {
  for (int i = 0; i < input_count; i++) {
    if (!bind_file(model, inputs, &input_files[i], error)) return false;
  }
  for (int i = 0; i < output_count; i++) {
    if (!bind_file(model, outputs, &output_files[i], error)) return false;
  }
  for (int32_t i = 0; i < inputs->count; i++) {
    if (inputs->files[i] != NULL) continue;
    const char *const name = inputs->tensors[i].name;
    return strata_fail(error, "`%s` is not given, expected --input %s=FILE.npy", name, name);
  }
  if (output_count > 0) return true;
  char names[STRATA_SHAPE_TEXT_SIZE];
  strata_text list = strata_text_in(names, sizeof names);
  list_names(outputs, &list);
  return strata_fail(error, "no output is asked for, expected --output NAME=FILE.npy with %s%s",
                     outputs->count > 1 ? "one of " : "", names);
}

/* Fails with "`image` WHAT: got [8, 8, 1], expected [batch, 8, 8, 1]DETAIL". */
static bool fail_shape(const strata_tensor *tensor, const strata_array *array, const char *what, const char *detail,
                       strata_text *error) {
  char got[STRATA_SHAPE_TEXT_SIZE];
  char expected[STRATA_SHAPE_TEXT_SIZE];
  strata_text got_text = strata_text_in(got, sizeof got);
  strata_text expected_text = strata_text_in(expected, sizeof expected);
  strata_sizes_text(array->sizes, array->rank, &got_text);
  strata_expected_shape_text(tensor, &expected_text);
  return strata_fail(error, "`%s` %s: got %s, expected %s%s", tensor->name, what, got, expected, detail);
}

/* "`width`" or "axis 2" */
static void axis_text(const strata_tensor *tensor, int32_t axis, strata_text *text) {
  const char *const name = tensor->axes[axis].name;
  if (name[0] != '\0') {
    strata_text_add(text, "`%s`", name);
  } else {
    strata_text_add(text, "axis %" PRId32, axis);
  }
}

static bool check_dtype(const strata_tensor *tensor, const strata_array *array, strata_text *error) {
  if (tensor->dtype == array->dtype) return true;
  const char *const expected = strata_dtype_numpy_name(tensor->dtype);
  return strata_fail(error, "`%s` is %s, expected %s: convert it with array.astype(\"%s\")", tensor->name,
                     array->dtype_name, expected, expected);
}

static bool check_rank(const strata_tensor *tensor, const strata_array *array, strata_text *error) {
  if (array->rank == tensor->rank) return true;
  char what[STRATA_SHAPE_TEXT_SIZE];
  strata_text text = strata_text_in(what, sizeof what);
  bool only_first_missing = array->rank == tensor->rank - 1 && tensor->axes[0].symbol != STRATA_FIXED;
  for (int32_t i = 0; i < array->rank && only_first_missing; i++) {
    const strata_axis *axis = &tensor->axes[i + 1];
    only_first_missing = axis->symbol != STRATA_FIXED || axis->size == array->sizes[i];
  }
  if (only_first_missing) {
    const strata_axis *first = &tensor->axes[0];
    strata_text_add(&text, "has no %s axis", first->name[0] != '\0' ? first->name : first->text);
  } else {
    strata_text_add(&text, "has %" PRId32 " axes instead of %" PRId32, array->rank, tensor->rank);
  }
  return fail_shape(tensor, array, what, "", error);
}

static bool check_fixed_sizes(const strata_tensor *tensor, const strata_array *array, strata_text *error) {
  for (int32_t i = 0; i < tensor->rank; i++) {
    const strata_axis *axis = &tensor->axes[i];
    if (axis->symbol != STRATA_FIXED || axis->size == array->sizes[i]) continue;
    char detail[STRATA_SHAPE_TEXT_SIZE];
    strata_text text = strata_text_in(detail, sizeof detail);
    strata_text_add(&text, ": ");
    axis_text(tensor, i, &text);
    strata_text_add(&text, " is %" PRId64 ", not %" PRId64, array->sizes[i], axis->size);
    return fail_shape(tensor, array, "has the wrong shape", detail, error);
  }
  return true;
}

/* Learns symbols from the sizes of an input, and checks them against those that earlier axes told. */
static bool check_symbols(run_state *state, const strata_tensor *tensor, const strata_array *array,
                          strata_text *error) {
  for (int32_t i = 0; i < tensor->rank; i++) {
    const int32_t symbol = tensor->axes[i].symbol;
    if (symbol < 0) continue;
    const strata_tensor *const earlier = state->symbol_of[symbol];
    const int64_t size = array->sizes[i];
    if (earlier == NULL) {
      state->symbol_of[symbol] = tensor;
      state->symbols[symbol] = size;
    } else if (state->symbols[symbol] != size) {
      char detail[STRATA_SHAPE_TEXT_SIZE];
      strata_text text = strata_text_in(detail, sizeof detail);
      const char *const name = state->model->symbols[symbol];
      if (earlier == tensor) {
        strata_text_add(&text, ": `%s` cannot be both %" PRId64 " and %" PRId64, name, state->symbols[symbol], size);
      } else {
        strata_text_add(&text, ": `%s` is %" PRId64 ", but %" PRId64 " in `%s`", name, size, state->symbols[symbol],
                        earlier->name);
      }
      return fail_shape(tensor, array, "has the wrong shape", detail, error);
    }
  }
  return true;
}

static bool read_inputs(run_state *state, strata_text *error) {
  for (int32_t i = 0; i < state->inputs.count; i++) {
    const strata_tensor *tensor = &state->inputs.tensors[i];
    strata_array *array = &state->arrays[i];
    if (!strata_array_read(state->inputs.files[i]->path, array, error->buffer, error->size)) return false;
    if (!check_dtype(tensor, array, error) || !check_rank(tensor, array, error) ||
        !check_fixed_sizes(tensor, array, error) || !check_symbols(state, tensor, array, error)) {
      return false;
    }
    state->input_data[i] = array->data;
  }
  return true;
}

/* Asks the model for all sizes, and checks the input axes that follow from symbols ("H / 2"). */
static bool check_computed_sizes(run_state *state, strata_text *error) {
  const int64_t *sizes = state->sizes;
  for (int32_t i = 0; i < state->inputs.count; i++) {
    const strata_tensor *tensor = &state->inputs.tensors[i];
    const strata_array *array = &state->arrays[i];
    for (int32_t j = 0; j < tensor->rank; j++) {
      const int64_t expected = *sizes++;
      if (array->sizes[j] == expected) continue;
      char detail[STRATA_SHAPE_TEXT_SIZE];
      strata_text text = strata_text_in(detail, sizeof detail);
      strata_text_add(&text, ": ");
      axis_text(tensor, j, &text);
      strata_text_add(&text, " is %" PRId64 ", not %" PRId64, array->sizes[j], expected);
      return fail_shape(tensor, array, "has the wrong shape", detail, error);
    }
  }
  return true;
}

static bool fail_model(const run_state *state, int32_t code, strata_text *error) {
  char reason[STRATA_SHAPE_TEXT_SIZE] = "";
  state->model->error_text_for(code, state->symbols, reason, sizeof reason);
  return strata_fail(error, "%s", reason);
}

static bool allocate_outputs(run_state *state, strata_text *error) {
  const int64_t *sizes = state->sizes;
  for (int32_t i = 0; i < state->inputs.count; i++) sizes += state->inputs.tensors[i].rank;
  for (int32_t i = 0; i < state->outputs.count; i++) {
    const strata_tensor *tensor = &state->outputs.tensors[i];
    strata_array *array = &state->results[i];
    array->dtype = tensor->dtype;
    array->rank = tensor->rank;
    memcpy(array->sizes, sizes, (size_t)tensor->rank * sizeof *sizes);
    sizes += tensor->rank;
    if (!strata_byte_count(array->sizes, array->rank, strata_dtype_size(array->dtype), &array->bytes)) {
      return fail_model(state, STRATA_BAD_SIZE, error);
    }
    array->owned = strata_aligned_block(array->bytes, STRATA_ARRAY_ALIGNMENT);
    array->data = array->owned;
    state->output_data[i] = array->owned;
    if (array->owned == NULL) {
      return strata_fail(error, "cannot allocate %" PRId64 " bytes for the output `%s`", array->bytes, tensor->name);
    }
  }
  return true;
}

static bool allocate_workspace(run_state *state, strata_text *error) {
  const int64_t size = state->model->workspace_size(state->symbols);
  if (size < 0) return fail_model(state, (int32_t)-size, error);
  const int64_t alignment = state->model->alignment;
  state->workspace =
      strata_aligned_block(size, alignment > STRATA_ARRAY_ALIGNMENT ? alignment : STRATA_ARRAY_ALIGNMENT);
  if (state->workspace == NULL) {
    return strata_fail(error, "cannot allocate %" PRId64 " bytes for the workspace", size);
  }
  return true;
}

static double milliseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e3 + (double)now.tv_nsec * 1e-6;
}

static int compare(const void *a, const void *b) {
  const double x = *(const double *)a;
  const double y = *(const double *)b;
  return (x > y) - (x < y);
}

static bool run(run_state *state, int runs, double *median, strata_text *error) {
  double *const times = calloc((size_t)runs, sizeof *times);
  if (times == NULL) return strata_fail(error, "cannot allocate memory for %d times", runs);
  int32_t code = STRATA_OK;
  for (int i = 0; i < runs && code == STRATA_OK; i++) {
    const double begin = milliseconds();
    code = state->model->run(state->symbols, state->input_data, state->output_data, state->workspace, NULL);
    times[i] = milliseconds() - begin;
  }
  qsort(times, (size_t)runs, sizeof *times, compare);
  *median = (times[(runs - 1) / 2] + times[runs / 2]) / 2;
  free(times);
  return code == STRATA_OK || fail_model(state, code, error);
}

/* Writes every file beside its place before the first is renamed into it. */
static bool write_outputs(run_state *state, strata_text *error) {
  for (int32_t i = 0; i < state->outputs.count; i++) {
    if (state->outputs.files[i] == NULL) continue;
    state->written[i].array = &state->results[i];
    state->written[i].path = state->outputs.files[i]->path;
    if (!strata_array_stage(&state->written[i], error->buffer, error->size)) return false;
  }
  for (int in_place = 1; in_place >= 0; in_place--) { /* what cannot be undone, but may fail, goes first */
    for (int32_t i = 0; i < state->outputs.count; i++) {
      strata_array_output *output = &state->written[i];
      if (output->array == NULL || (output->target == NULL) != in_place) continue;
      if (!strata_array_commit(output, error->buffer, error->size)) return false;
    }
  }
  return true;
}

/* An array of at least one zeroed item. */
static void *zeroed(int32_t count, size_t size) { return calloc((size_t)count + 1, size); }

static bool prepare(run_state *state, const strata_model *model, strata_text *error) {
  if (model->abi_version != STRATA_ABI_VERSION) {
    return strata_fail(error, "%s has version %" PRIu32 " of the binary interface, expected %d: build it again",
                       model->name, model->abi_version, STRATA_ABI_VERSION);
  }
  int32_t axes = 0;
  for (int32_t i = 0; i < model->input_count; i++) axes += model->inputs[i].rank;
  for (int32_t i = 0; i < model->output_count; i++) axes += model->outputs[i].rank;
  state->model = model;
  state->inputs = (border){.role = "input",
                           .stream = "standard input",
                           .tensors = model->inputs,
                           .count = model->input_count,
                           .files = zeroed(model->input_count, sizeof(void *))};
  state->outputs = (border){.role = "output",
                            .stream = "standard output",
                            .exclusive = true,
                            .tensors = model->outputs,
                            .count = model->output_count,
                            .files = zeroed(model->output_count, sizeof(void *))};
  state->arrays = zeroed(model->input_count, sizeof *state->arrays);
  state->results = zeroed(model->output_count, sizeof *state->results);
  state->written = zeroed(model->output_count, sizeof *state->written);
  state->input_data = zeroed(model->input_count, sizeof *state->input_data);
  state->output_data = zeroed(model->output_count, sizeof *state->output_data);
  state->symbol_of = zeroed(model->symbol_count, sizeof *state->symbol_of);
  state->symbols = zeroed(model->symbol_count, sizeof *state->symbols);
  state->sizes = zeroed(axes, sizeof *state->sizes);
  if (state->inputs.files == NULL || state->outputs.files == NULL || state->arrays == NULL || state->results == NULL ||
      state->written == NULL || state->input_data == NULL || state->output_data == NULL || state->symbol_of == NULL ||
      state->symbols == NULL || state->sizes == NULL) {
    return strata_fail(error, "cannot allocate memory for the model's description");
  }
  return true;
}

static void release(run_state *state) {
  for (int32_t i = 0; i < state->inputs.count && state->arrays != NULL; i++) strata_array_free(&state->arrays[i]);
  for (int32_t i = 0; i < state->outputs.count && state->results != NULL; i++) strata_array_free(&state->results[i]);
  for (int32_t i = 0; i < state->outputs.count && state->written != NULL; i++) strata_array_discard(&state->written[i]);
  free(state->inputs.files);
  free(state->outputs.files);
  free(state->arrays);
  free(state->results);
  free(state->written);
  free(state->input_data);
  free(state->output_data);
  free(state->symbol_of);
  free(state->symbols);
  free(state->sizes);
  free(state->workspace);
}

static bool run_bound(run_state *state, int runs, double *median, strata_text *error) {
  if (!read_inputs(state, error)) return false;
  const int32_t code = state->model->sizes(state->symbols, state->sizes);
  if (code != STRATA_OK) return fail_model(state, code, error);
  return check_computed_sizes(state, error) && allocate_outputs(state, error) && allocate_workspace(state, error) &&
         run(state, runs, median, error) && write_outputs(state, error);
}

int strata_run_files_timed(const strata_model *model, const strata_file_binding *inputs, int input_count,
                           const strata_file_binding *outputs, int output_count, int runs, double *median, char *error,
                           size_t error_size) {
  strata_text text = strata_text_in(error, error_size);
  run_state state = {0};
  int status = STRATA_EXIT_DATA;
  if (prepare(&state, model, &text)) {
    if (!bind_files(model, &state.inputs, inputs, input_count, &state.outputs, outputs, output_count, &text)) {
      status = STRATA_EXIT_USAGE;
    } else if (run_bound(&state, runs, median, &text)) {
      status = STRATA_EXIT_FINE;
    }
  }
  release(&state);
  return status;
}

int strata_run_files(const strata_model *model, const strata_file_binding *inputs, int input_count,
                     const strata_file_binding *outputs, int output_count, char *error, size_t error_size) {
  double median = 0;
  return strata_run_files_timed(model, inputs, input_count, outputs, output_count, 1, &median, error, error_size);
}
