/* A C program with the digits model in it: reads the test images, prints how many it gets right. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "digits.h"

enum { IMAGES = 360 };
static float image[IMAGES][DIGITS_IMAGE_HEIGHT][DIGITS_IMAGE_WIDTH][DIGITS_IMAGE_CHANNELS];
static float probs[IMAGES][DIGITS_PROBS_CLASSES];
static int32_t label[IMAGES];

/* Fills `data` from a .npy file: behind the magic number are the length of the header, the header, and the elements. */
static void read_npy(const char *path, void *data, size_t bytes) {
  unsigned char start[10];
  FILE *file = fopen(path, "rb");
  if (file && fread(start, 1, 10, file) == 10 && memcmp(start, "\x93NUMPY\x01", 8) == 0 &&
      fseek(file, start[8] + 256L * start[9], SEEK_CUR) == 0 && fread(data, 1, bytes, file) == bytes &&
      fgetc(file) == EOF && fclose(file) == 0)
    return;
  fprintf(stderr, "%s: not an array of %lu bytes\n", path, (unsigned long)bytes), exit(1);
}

int main(void) {
  read_npy("images.npy", image, sizeof image);
  read_npy("labels.npy", label, sizeof label);
  void *workspace = aligned_alloc(digits_model.alignment, (size_t)digits_workspace_size(IMAGES));
  int32_t code = digits_run(IMAGES, &image[0][0][0][0], &probs[0][0], workspace, NULL); /* checks the workspace, too */
  free(workspace);
  char text[128];
  digits_error_text(code, text, sizeof text);
  if (code != STRATA_OK) return fprintf(stderr, "digits: %s\n", text), 1;
  int right = 0;
  for (int i = 0; i < IMAGES; ++i) {
    int best = 0;
    for (int k = 1; k < DIGITS_PROBS_CLASSES; ++k) best = probs[i][k] > probs[i][best] ? k : best;
    right += best == label[i];
  }
  printf("accuracy: %d of %d (%.1f %%)\n", right, IMAGES, 100.0 * right / IMAGES);
}
