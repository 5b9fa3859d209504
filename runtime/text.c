#include "runtime/text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

strata_text strata_text_in(char *buffer, size_t size) {
  if (size > 0) buffer[0] = '\0';
  return (strata_text){.buffer = buffer, .size = size, .length = 0};
}

__attribute__((format(printf, 2, 0))) static void add(strata_text *text, const char *format, va_list arguments) {
  if (text->size == 0) return;
  const size_t room = text->size - text->length;
  const int wanted = vsnprintf(text->buffer + text->length, room, format, arguments);
  if (wanted < 0) return;
  const size_t end = (size_t)wanted < room ? text->length + (size_t)wanted : text->size - 1;
  for (; text->length < end; text->length++) {
    if (iscntrl((unsigned char)text->buffer[text->length])) text->buffer[text->length] = '?';
  }
}

void strata_text_add(strata_text *text, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  add(text, format, arguments);
  va_end(arguments);
}

bool strata_fail(strata_text *error, const char *format, ...) {
  error->length = 0;
  va_list arguments;
  va_start(arguments, format);
  add(error, format, arguments);
  va_end(arguments);
  return false;
}

const char *strata_system_error(int number) {
  static _Thread_local char text[128];
  snprintf(text, sizeof text, "%s", strerror(number));
  text[0] = (char)tolower((unsigned char)text[0]);
  return text;
}
