#define _XOPEN_SOURCE 700

#include "runtime/array_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/array_header.h"
#include "runtime/block.h"
#include "runtime/text.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "array data is copied as it is, little endian");

static bool is_standard_stream(const char *path) { return strcmp(path, "-") == 0; }

static bool fail_cut_short(const char *name, int64_t promised, int64_t there, strata_text *error) {
  return strata_fail(error, "%s is cut short: its header promises %" PRId64 " bytes of data, %" PRId64 " are there",
                     name, promised, there);
}

static bool check_length(const char *name, int64_t promised, int64_t there, strata_text *error) {
  if (there < promised) return fail_cut_short(name, promised, there, error);
  if (there > promised) {
    return strata_fail(
        error, "%s goes on after its data: its header promises %" PRId64 " bytes of data, %" PRId64 " are there", name,
        promised, there);
  }
  return true;
}

/* A model reads its inputs row by row. */
static bool check_order(const char *name, const strata_array *array, strata_text *error) {
  if (!array->is_fortran) return true;
  return strata_fail(error, "%s is in Fortran order: save it with numpy.ascontiguousarray(array)", name);
}

/* A compiled model may rely on a bool being 0 or 1. */
static bool check_bools(const char *name, const strata_array *array, strata_text *error) {
  if (array->dtype != STRATA_BOOL) return true;
  const unsigned char *bytes = array->data;
  for (int64_t i = 0; i < array->bytes; i++) {
    if (bytes[i] > 1) return strata_fail(error, "%s has a bool of value %d, expected 0 or 1", name, bytes[i]);
  }
  return true;
}

bool strata_array_parse(const char *name, const void *bytes, size_t size, strata_array *out, char *error,
                        size_t error_size) {
  strata_text text = strata_text_in(error, error_size);
  size_t offset = 0;
  *out = (strata_array){0};
  bool ok = strata_array_header_read(name, bytes, size, out, &offset, &text) && check_order(name, out, &text);
  if (ok) {
    out->data = (const unsigned char *)bytes + offset;
    ok = check_length(name, out->bytes, (int64_t)(size - offset), &text) && check_bools(name, out, &text);
  }
  if (!ok) *out = (strata_array){0};
  return ok;
}

/* Reads up to `size` bytes, fewer only at the end of the file; sets `count` to how many. */
static bool read_some(int file, const char *name, unsigned char *bytes, size_t size, size_t *count,
                      strata_text *error) {
  *count = 0;
  while (*count < size) {
    const ssize_t got = read(file, bytes + *count, size - *count);
    if (got == 0) break;
    if (got > 0) {
      *count += (size_t)got;
    } else if (errno != EINTR) {
      return strata_fail(error, "cannot read %s: %s", name, strata_system_error(errno));
    }
  }
  return true;
}

/* Moves the data read so far to a block of `capacity` bytes. */
static bool grow(const char *name, strata_array *array, int64_t capacity, int64_t filled, strata_text *error) {
  void *const block = strata_aligned_block(capacity, STRATA_ARRAY_ALIGNMENT);
  if (block == NULL) return strata_fail(error, "cannot allocate %" PRId64 " bytes for %s", capacity, name);
  if (filled > 0) memcpy(block, array->owned, (size_t)filled);
  free(array->owned);
  array->owned = block;
  array->data = block;
  return true;
}

/* Reads the data after the `filled` bytes at `begun`. `length` is how many there are in all, or negative where only
 * reading tells: then memory grows with what was read. */
static bool read_data(int file, const char *name, const unsigned char *begun, int64_t filled, int64_t length,
                      strata_array *array, strata_text *error) {
  const int64_t step = 1 << 20;
  if (length >= 0 && !check_length(name, array->bytes, length, error)) return false;
  int64_t capacity = length >= 0 || array->bytes < step ? array->bytes : step;
  if (!grow(name, array, capacity, 0, error)) return false;
  const bool more = filled > array->bytes;
  if (more) filled = array->bytes;
  memcpy(array->owned, begun, (size_t)filled);
  while (filled < array->bytes) {
    size_t count = 0;
    if (filled == capacity) {
      capacity = capacity < array->bytes / 2 ? 2 * capacity : array->bytes;
      if (!grow(name, array, capacity, filled, error)) return false;
    }
    const size_t wanted = (size_t)(capacity - filled);
    if (!read_some(file, name, (unsigned char *)array->owned + filled, wanted, &count, error)) return false;
    filled += (int64_t)count;
    if (count < wanted) return fail_cut_short(name, array->bytes, filled, error);
  }
  unsigned char extra = 0;
  size_t count = 0;
  if (!read_some(file, name, &extra, 1, &count, error)) return false;
  if (more || count > 0) {
    return strata_fail(error,
                       "%s goes on after its data: its header promises %" PRId64 " bytes of data, more are there", name,
                       array->bytes);
  }
  return true;
}

static bool read_file(int file, const char *name, strata_array *array, strata_text *error) {
  struct stat facts;
  if (fstat(file, &facts) != 0) return strata_fail(error, "cannot read %s: %s", name, strata_system_error(errno));
  if (S_ISDIR(facts.st_mode)) return strata_fail(error, "%s is a directory, expected an npy file", name);
  unsigned char start[STRATA_HEADER_LIMIT];
  size_t count = 0;
  size_t offset = 0;
  if (!read_some(file, name, start, sizeof start, &count, error)) return false;
  if (!strata_array_header_read(name, start, count, array, &offset, error)) return false;
  if (!check_order(name, array, error)) return false;
  const bool sized = S_ISREG(facts.st_mode) && file != STDIN_FILENO; /* a shell may have read some of standard input */
  const int64_t length = sized ? (int64_t)facts.st_size - (int64_t)offset : -1;
  return read_data(file, name, start + offset, (int64_t)(count - offset), length, array, error) &&
         check_bools(name, array, error);
}

bool strata_array_read(const char *path, strata_array *out, char *error, size_t error_size) {
  strata_text text = strata_text_in(error, error_size);
  char quoted[STRATA_ERROR_SIZE];
  strata_text name = strata_text_in(quoted, sizeof quoted);
  strata_text_add(&name, "`%s`", path);
  *out = (strata_array){0};
  bool ok = false;
  if (is_standard_stream(path)) {
    ok = read_file(STDIN_FILENO, "standard input", out, &text);
  } else {
    const int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno == ENOENT) return strata_fail(&text, "%s does not exist", quoted);
    if (file < 0) return strata_fail(&text, "cannot open %s: %s", quoted, strata_system_error(errno));
    ok = read_file(file, quoted, out, &text);
    close(file);
  }
  if (!ok) strata_array_free(out);
  return ok;
}

void strata_array_free(strata_array *array) {
  free(array->owned);
  *array = (strata_array){0};
}

static bool fail_to_write(const char *path, strata_text *error) {
  const char *const reason = strata_system_error(errno);
  if (is_standard_stream(path)) return strata_fail(error, "cannot write standard output: %s", reason);
  return strata_fail(error, "cannot write `%s`: %s", path, reason);
}

static bool write_bytes(int file, const char *path, const unsigned char *bytes, size_t size, strata_text *error) {
  while (size > 0) {
    const ssize_t count = write(file, bytes, size);
    if (count >= 0) {
      bytes += count;
      size -= (size_t)count;
    } else if (errno != EINTR) {
      return fail_to_write(path, error);
    }
  }
  return true;
}

static bool write_file(int file, const strata_array *array, const char *path, strata_text *error) {
  unsigned char header[STRATA_HEADER_MADE];
  const size_t length = strata_array_header_make(array, header);
  return write_bytes(file, path, header, length, error) &&
         write_bytes(file, path, array->data, (size_t)array->bytes, error);
}

/* Makes an empty file beside `output->target`, with a short name of its own so that no limit on lengths is hit. */
static int open_temporary(strata_array_output *output) {
  const char *const slash = strrchr(output->target, '/');
  const size_t directory = slash == NULL ? 0 : (size_t)(slash + 1 - output->target);
  const size_t size = directory + 64;
  output->temporary = malloc(size);
  if (output->temporary == NULL) return -1;
  memcpy(output->temporary, output->target, directory);
  for (int i = 0; i < 1000; i++) {
    strata_text name = strata_text_in(output->temporary + directory, size - directory);
    strata_text_add(&name, ".strata-%ld-%d.tmp", (long)getpid(), i);
    const int file = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file >= 0 || errno != EEXIST) return file;
  }
  return -1;
}

static bool stage(strata_array_output *output, strata_text *error) {
  const char *const path = output->path;
  struct stat facts;
  if (is_standard_stream(path)) return true;
  const bool exists = stat(path, &facts) == 0;
  if (!exists && errno != ENOENT) return fail_to_write(path, error);
  if (exists && S_ISDIR(facts.st_mode)) {
    return strata_fail(error, "cannot write `%s`: it is a directory, expected a file", path);
  }
  if (exists && access(path, W_OK) != 0) return fail_to_write(path, error);
  if (exists && !S_ISREG(facts.st_mode)) return true;
  output->target = exists ? realpath(path, NULL) : strdup(path);
  if (output->target == NULL) return fail_to_write(path, error);
  const int file = open_temporary(output);
  if (file < 0) {
    const bool failed = fail_to_write(path, error);
    free(output->temporary); /* the name of no file */
    output->temporary = NULL;
    return failed;
  }
  if (exists) (void)!fchmod(file, facts.st_mode & 07777); /* a file system without modes is fine */
  bool ok = write_file(file, output->array, path, error);
  if (close(file) != 0 && ok) ok = fail_to_write(path, error);
  return ok;
}

bool strata_array_stage(strata_array_output *output, char *error, size_t error_size) {
  strata_text text = strata_text_in(error, error_size);
  output->target = NULL;
  output->temporary = NULL;
  const bool ok = stage(output, &text);
  if (!ok) strata_array_discard(output);
  return ok;
}

static bool write_in_place(const strata_array_output *output, strata_text *error) {
  if (is_standard_stream(output->path)) return write_file(STDOUT_FILENO, output->array, output->path, error);
  const int file = open(output->path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return fail_to_write(output->path, error);
  bool ok = write_file(file, output->array, output->path, error);
  if (close(file) != 0 && ok) ok = fail_to_write(output->path, error);
  return ok;
}

bool strata_array_commit(strata_array_output *output, char *error, size_t error_size) {
  strata_text text = strata_text_in(error, error_size);
  if (output->target == NULL) return write_in_place(output, &text);
  if (rename(output->temporary, output->target) != 0) return fail_to_write(output->path, &text);
  free(output->temporary); /* nothing is left for discard to remove */
  output->temporary = NULL;
  return true;
}

void strata_array_discard(strata_array_output *output) {
  if (output->temporary != NULL) unlink(output->temporary);
  free(output->temporary);
  free(output->target);
  output->temporary = NULL;
  output->target = NULL;
}

bool strata_array_write(const strata_array *array, const char *path, char *error, size_t error_size) {
  strata_array_output output = {.array = array, .path = path};
  const bool ok = strata_array_stage(&output, error, error_size) && strata_array_commit(&output, error, error_size);
  strata_array_discard(&output);
  return ok;
}
