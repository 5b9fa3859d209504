#include "runtime/array_header.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "runtime/block.h"
#include "runtime/shape_text.h"

enum { MAGIC_SIZE = 6 };
static const unsigned char magic[MAGIC_SIZE] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/* A place in the dictionary. */
typedef struct cursor {
  const char *at;
  const char *end;
  const char *name; /* of the file */
  strata_text *error;
} cursor;

/* Copies up to `limit` bytes as printable ASCII, others as '.'. */
static void excerpt(const char *bytes, size_t size, size_t limit, char *out) {
  const size_t length = size < limit ? size : limit;
  for (size_t i = 0; i < length; i++) out[i] = bytes[i] >= ' ' && bytes[i] <= '~' ? bytes[i] : '.';
  out[length] = '\0';
}

static bool damaged(const cursor *here, const char *expected) {
  if (here->at == here->end) {
    return strata_fail(here->error, "%s has a damaged header: it ends, expected %s", here->name, expected);
  }
  char found[17];
  excerpt(here->at, (size_t)(here->end - here->at), sizeof found - 1, found);
  return strata_fail(here->error, "%s has a damaged header: got %s, expected %s", here->name, found, expected);
}

static void skip_space(cursor *here) {
  while (here->at < here->end && strchr(" \t\r\n\f", *here->at) != NULL && *here->at != '\0') here->at++;
}

/* Steps over `word` and the space before it, if it comes next. */
static bool skip(cursor *here, const char *word) {
  skip_space(here);
  const size_t length = strlen(word);
  if ((size_t)(here->end - here->at) < length || memcmp(here->at, word, length) != 0) return false;
  here->at += length;
  return true;
}

/* A string literal without escapes of fewer than `size` bytes. */
static bool read_string(cursor *here, char *out, size_t size, const char *expected) {
  skip_space(here);
  if (here->at == here->end || (*here->at != '\'' && *here->at != '"')) return damaged(here, expected);
  const char quote = *here->at;
  const char *const begin = here->at + 1;
  const char *const close = memchr(begin, quote, (size_t)(here->end - begin));
  if (close == NULL || (size_t)(close - begin) >= size) return damaged(here, expected);
  memcpy(out, begin, (size_t)(close - begin));
  out[close - begin] = '\0';
  here->at = close + 1;
  return true;
}

/* A decimal number at `*at`: its value, or -1 where there is none or it exceeds 64 bits. */
static int64_t read_number(const char **at, const char *end) {
  int64_t value = 0;
  const char *const begin = *at;
  bool overflow = false;
  for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
    const int digit = **at - '0';
    if (value > (INT64_MAX - digit) / 10) overflow = true;
    if (!overflow) value = value * 10 + digit;
  }
  return *at == begin || overflow ? -1 : value;
}

static bool read_size(cursor *here, int64_t *size) {
  skip_space(here);
  const cursor before = *here;
  const bool negative = skip(here, "-");
  const char *const digits = here->at;
  *size = read_number(&here->at, here->end);
  if (here->at == digits) return damaged(&before, "a size of the shape");
  if (negative || *size < 0) {
    char number[33];
    excerpt(before.at, (size_t)(here->at - before.at), sizeof number - 1, number);
    return strata_fail(here->error, "%s has a size of %s in its shape, expected 0 to %" PRId64, here->name, number,
                       INT64_MAX);
  }
  if (here->at < here->end && *here->at == 'L') here->at++; /* Python 2 wrote (360L, 8L) */
  return true;
}

static bool read_shape(cursor *here, strata_array *array) {
  if (!skip(here, "(")) return damaged(here, "a tuple of sizes");
  while (!skip(here, ")")) {
    int64_t size = 0;
    if (!read_size(here, &size)) return false;
    if (array->rank == STRATA_ARRAY_RANK) {
      return strata_fail(here->error, "%s has more than %d axes, expected at most %d", here->name, STRATA_ARRAY_RANK,
                         STRATA_ARRAY_RANK);
    }
    array->sizes[array->rank++] = size;
    if (skip(here, ",")) continue;
    if (skip(here, ")")) break;
    return damaged(here, "a comma or a closing parenthesis");
  }
  return true;
}

/* NumPy's name for a kind ('f') and a size (4), or NULL where it is none. */
static const char *number_name(char kind, int64_t size) {
  static const struct {
    char kind;
    int8_t size;
    const char *name;
  } names[] = {
      {'f', 2, "float16"},    {'f', 4, "float32"},     {'f', 8, "float64"},      {'f', 16, "longdouble"},
      {'i', 1, "int8"},       {'i', 2, "int16"},       {'i', 4, "int32"},        {'i', 8, "int64"},
      {'u', 1, "uint8"},      {'u', 2, "uint16"},      {'u', 4, "uint32"},       {'u', 8, "uint64"},
      {'c', 8, "complex64"},  {'c', 16, "complex128"}, {'c', 32, "clongdouble"}, {'b', 1, "bool"},
      {'M', 8, "datetime64"}, {'m', 8, "timedelta64"},
  };
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    if (names[i].kind == kind && names[i].size == size) return names[i].name;
  }
  return NULL;
}

static int32_t dtype_named(const char *name) {
  for (int32_t dtype = STRATA_F32; dtype <= STRATA_BOOL; dtype++) {
    if (strcmp(strata_dtype_numpy_name(dtype), name) == 0) return dtype;
  }
  return STRATA_OTHER_DTYPE;
}

/* Understands a dtype such as "<f4": sets `dtype`, `dtype_name` and the size of an element. */
static bool read_dtype(const cursor *here, const char *descr, strata_array *array, int64_t *item_size) {
  const bool big = descr[0] == '>';
  const char *at = descr + (descr[0] != '\0' && strchr("<>|=", descr[0]) != NULL);
  const char kind = *at;
  if (kind == 'O') {
    return strata_fail(here->error, "%s holds Python objects, expected numbers: convert them with array.astype",
                       here->name);
  }
  if (kind != '\0') at++;
  const char *const end = at + strlen(at);
  const int64_t size = read_number(&at, end);
  const char *name = number_name(kind, size);
  *item_size = size;
  if (kind == 'U' && size >= 0 && size <= INT32_MAX) {
    name = "str";
    *item_size = 4 * size;
  } else if (kind == 'S' && size >= 0) {
    name = "bytes";
  } else if (kind == 'V' && size == 2) {
    name = "bfloat16"; /* as the ml_dtypes package has numpy.save write it */
  } else if (kind == 'V' && size >= 0) {
    name = "void";
  }
  const bool has_unit = kind == 'M' || kind == 'm'; /* <M8[ns] */
  if (name == NULL || (*at != '\0' && !has_unit)) {
    char found[17];
    excerpt(descr, strlen(descr), sizeof found - 1, found);
    return strata_fail(here->error,
                       "%s has elements of the unknown type %s, expected float32, float16, int8, uint8, int32, int64 "
                       "or bool",
                       here->name, found);
  }
  const bool swapped = big && size > 1 && kind != 'V' && kind != 'S';
  array->dtype = swapped ? STRATA_OTHER_DTYPE : dtype_named(name);
  snprintf(array->dtype_name, sizeof array->dtype_name, "%s%s", swapped ? "big-endian " : "", name);
  return true;
}

static bool read_dictionary(cursor *here, strata_array *array) {
  static const char *const keys[] = {"descr", "fortran_order", "shape"};
  bool seen[] = {false, false, false};
  bool fortran = false;
  int64_t item_size = 0;
  if (!skip(here, "{")) return damaged(here, "a dictionary");
  while (!skip(here, "}")) {
    char key[16];
    skip_space(here);
    const cursor before = *here;
    if (!read_string(here, key, sizeof key, "'descr', 'fortran_order' or 'shape'")) return false;
    size_t which = 0;
    while (which < 3 && strcmp(key, keys[which]) != 0) which++;
    if (which == 3) return damaged(&before, "'descr', 'fortran_order' or 'shape'");
    if (seen[which]) return strata_fail(here->error, "%s has a damaged header: '%s' is there twice", here->name, key);
    seen[which] = true;
    if (!skip(here, ":")) return damaged(here, "a colon");
    if (which == 0) {
      char descr[64];
      if (skip(here, "[") || skip(here, "(") || skip(here, "{")) {
        return strata_fail(here->error, "%s holds records, expected numbers: save each field as an array of its own",
                           here->name);
      }
      if (!read_string(here, descr, sizeof descr, "an element type such as '<f4'")) return false;
      if (!read_dtype(here, descr, array, &item_size)) return false;
    } else if (which == 1) {
      fortran = skip(here, "True");
      if (!fortran && !skip(here, "False")) return damaged(here, "True or False");
    } else if (!read_shape(here, array)) {
      return false;
    }
    if (skip(here, ",")) continue;
    if (skip(here, "}")) break;
    return damaged(here, "a comma or a closing brace");
  }
  skip_space(here);
  if (here->at != here->end) return damaged(here, "nothing after the dictionary");
  for (size_t i = 0; i < 3; i++) {
    if (!seen[i]) return strata_fail(here->error, "%s has a damaged header: there is no '%s'", here->name, keys[i]);
  }
  array->is_fortran = fortran && array->rank > 1;
  if (!strata_byte_count(array->sizes, array->rank, item_size, &array->bytes)) {
    char shape[STRATA_SHAPE_TEXT_SIZE];
    strata_text text = strata_text_in(shape, sizeof shape);
    strata_sizes_text(array->sizes, array->rank, &text);
    return strata_fail(here->error, "%s has the absurd shape %s: its bytes cannot be counted in 64 bits", here->name,
                       shape);
  }
  return true;
}

static bool not_npy(const char *name, const unsigned char *bytes, size_t size, strata_text *error) {
  if (size >= 4 && memcmp(bytes, "PK\x03\x04", 4) == 0) {
    return strata_fail(error, "%s is an npz archive, expected an npy file: save each array with numpy.save", name);
  }
  char found[MAGIC_SIZE + 1];
  excerpt((const char *)bytes, size, MAGIC_SIZE, found);
  return strata_fail(error, "%s is not an npy file: it begins with \"%s\", expected \"\\x93NUMPY\"", name, found);
}

static bool cut_short(const char *name, size_t size, strata_text *error) {
  return strata_fail(error, "%s is cut short: it ends after %zu bytes, inside its header", name, size);
}

bool strata_array_header_read(const char *name, const unsigned char *bytes, size_t size, strata_array *array,
                              size_t *offset, strata_text *error) {
  if (size == 0) return strata_fail(error, "%s is empty, expected an npy file", name);
  if (memcmp(bytes, magic, size < MAGIC_SIZE ? size : MAGIC_SIZE) != 0) return not_npy(name, bytes, size, error);
  if (size < MAGIC_SIZE + 2) return cut_short(name, size, error);
  const int major = bytes[MAGIC_SIZE];
  const int minor = bytes[MAGIC_SIZE + 1];
  if (major < 1 || major > 3 || minor != 0) {
    return strata_fail(error, "%s has npy version %d.%d, expected 1.0, 2.0 or 3.0", name, major, minor);
  }
  const size_t length_size = major == 1 ? 2 : 4;
  const size_t begin = MAGIC_SIZE + 2 + length_size;
  if (size < begin) return cut_short(name, size, error);
  size_t length = 0;
  for (size_t i = 0; i < length_size; i++) length |= (size_t)bytes[MAGIC_SIZE + 2 + i] << (8 * i);
  if (length > STRATA_HEADER_TEXT_LIMIT) {
    return strata_fail(error, "%s has an absurd header of %zu bytes, expected at most %d", name, length,
                       STRATA_HEADER_TEXT_LIMIT);
  }
  if (size - begin < length) return cut_short(name, size, error);
  *offset = begin + length;
  const char *const text = (const char *)bytes + begin;
  cursor here = {.at = text, .end = text + length, .name = name, .error = error};
  return read_dictionary(&here, array);
}

size_t strata_array_header_make(const strata_array *array, unsigned char bytes[STRATA_HEADER_MADE]) {
  static const char *const descr[] = {
      [STRATA_F32] = "<f4", [STRATA_F16] = "<f2", [STRATA_BF16] = "<V2", [STRATA_I8] = "|i1",
      [STRATA_U8] = "|u1",  [STRATA_I32] = "<i4", [STRATA_I64] = "<i8",  [STRATA_BOOL] = "|b1",
  };
  enum { BEGIN = MAGIC_SIZE + 4 };
  strata_text text = strata_text_in((char *)bytes + BEGIN, STRATA_HEADER_MADE - BEGIN);
  strata_text_add(&text, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr[array->dtype]);
  for (int32_t i = 0; i < array->rank; i++) strata_text_add(&text, i > 0 ? ", %" PRId64 : "%" PRId64, array->sizes[i]);
  strata_text_add(&text, "%s", array->rank == 1 ? ",), }" : "), }");
  const size_t size = (BEGIN + text.length + 1 + 63) / 64 * 64; /* the data that follows is aligned */
  memset(bytes + BEGIN + text.length, ' ', size - BEGIN - text.length);
  bytes[size - 1] = '\n';
  memcpy(bytes, magic, MAGIC_SIZE);
  const size_t length = size - BEGIN;
  bytes[MAGIC_SIZE] = 1;
  bytes[MAGIC_SIZE + 1] = 0;
  bytes[MAGIC_SIZE + 2] = (unsigned char)(length & 0xff);
  bytes[MAGIC_SIZE + 3] = (unsigned char)(length >> 8);
  return size;
}
