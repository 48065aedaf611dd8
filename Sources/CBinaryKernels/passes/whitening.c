#include <math.h>
#include <string.h>

#include "CBinaryKernels.h"
#include "../clones.h"

// The number of squares of bytes whose sum fits into 32 bits.
enum { chunk = 65536 };

SIGNFLIP_CLONES
void signflip_contrast(const uint8_t *pixels, size_t count, double norm, double smallest, float *lower, float *factor) {
  uint64_t sum = 0, squares = 0;
  for (size_t begin = 0; begin < count; begin += chunk) {
    const size_t end = count - begin < chunk ? count : begin + chunk;
    uint32_t part = 0, part_squares = 0;
    for (size_t i = begin; i < end; i++) {
      part += pixels[i];
      part_squares += (uint32_t)pixels[i] * pixels[i];
    }
    sum += part;
    squares += part_squares;
  }
  const double mean = (double)sum / (double)count;
  // In integers, so that the contrast of a constant image is exactly 0.
  const unsigned __int128 deviations = (unsigned __int128)squares * count - (unsigned __int128)sum * sum;
  double divisor = sqrt((double)deviations / (double)count) / norm;
  if (!(divisor >= smallest)) divisor = 1;
  *lower = (float)(-mean / divisor);
  *factor = (float)(1 / divisor);
}

int32_t signflip_is_constant(const uint8_t *pixels, size_t count) {
  return count < 2 || memcmp(pixels, pixels + 1, count - 1) == 0;
}

SIGNFLIP_CLONES
void signflip_add_rows(const float *restrict rows, size_t count, size_t columns, double *restrict sums) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < columns; j++) sums[j] += (double)rows[i * columns + j];
  }
}

SIGNFLIP_CLONES
void signflip_centred_panel(const float *restrict rows, size_t count, size_t columns, const float *restrict mean,
                            size_t begin, size_t width, float *restrict panel) {
  for (size_t i = 0; i < count; i++) {
    const float *const row = rows + i * columns + begin;
    for (size_t j = 0; j < width; j++) panel[i * width + j] = row[j] - mean[begin + j];
  }
}

SIGNFLIP_CLONES
void signflip_subtract_row(float *restrict rows, size_t count, size_t columns, const float *restrict row) {
  for (size_t i = 0; i < count; i++) {
    for (size_t j = 0; j < columns; j++) rows[i * columns + j] -= row[j];
  }
}
