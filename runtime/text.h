/* One-line texts in a caller's buffer: what the runtime's messages are made of.
 *
 * A text never leaves its buffer: what does not fit is cut, and the closing 0 is always there. It stays one line:
 * control bytes (a file name may hold any) become '?'.
 */
#ifndef STRATA_RUNTIME_TEXT_H
#define STRATA_RUNTIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Enough for every message of the runtime about names and paths of ordinary length. */
enum { STRATA_ERROR_SIZE = 2048 };

typedef struct strata_text {
  char *buffer;
  size_t size;   /* of the buffer, in bytes; 0 is allowed: nothing is written then */
  size_t length; /* of the text so far, without its closing 0 */
} strata_text;

/* An empty text in `buffer`. */
strata_text strata_text_in(char *buffer, size_t size);

/* Appends, as printf does. */
__attribute__((format(printf, 2, 3))) void strata_text_add(strata_text *text, const char *format, ...);

/* Replaces the text, which is an error message, and returns false: `return strata_fail(error, "...")`. */
__attribute__((format(printf, 2, 3))) bool strata_fail(strata_text *error, const char *format, ...);

/* The text of an `errno` value in the runtime's style: "no such file or directory". Overwritten by the next call. */
const char *strata_system_error(int number);

#ifdef __cplusplus
}
#endif
#endif /* STRATA_RUNTIME_TEXT_H */
