/* Prints Python source in colours: ./host < file.py. The model is linked in; README.md says how. */
#include <stdio.h>
#include <stdlib.h>
#include "highlight.h"

enum { LONGEST = 1 << 20, KINDS = HIGHLIGHT_KINDS_CLASSES };
static uint8_t text[LONGEST];

/* Of the kinds in the order of train.py: space, name, keyword, builtin, number, string, comment, operator. */
static const char *const colours[KINDS] = {"0", "0", "1;35", "36", "34", "32", "2;37", "33"};

int main(void) {
  int64_t length = (int64_t)fread(text, 1, LONGEST, stdin);
  if (getchar() != EOF) return fprintf(stderr, "highlight: more than %d bytes\n", LONGEST), 1;
  if (length == 0) return 0;
  float(*kinds)[KINDS] = malloc((size_t)length * sizeof *kinds);
  void *workspace = aligned_alloc(highlight_model.alignment, (size_t)highlight_workspace_size(1, length));
  int32_t code = highlight_run(1, length, text, (float *)kinds, workspace, NULL); /* checks for NULL, too */
  free(workspace);
  char message[128];
  highlight_error_text(code, message, sizeof message);
  if (code != STRATA_OK) return fprintf(stderr, "highlight: %s\n", message), 1;
  int last = 0;
  for (int64_t i = 0; i < length; ++i) {
    int best = 0;
    for (int k = 1; k < KINDS; ++k) best = kinds[i][k] > kinds[i][best] ? k : best;
    if (best != last) printf("\033[0;%sm", colours[best]);
    putchar(text[i]);
    last = best;
  }
  printf("\033[0m");
  free(kinds);
}
