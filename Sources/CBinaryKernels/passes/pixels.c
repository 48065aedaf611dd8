#include "CBinaryKernels.h"
#include "../clones.h"
#include "placement.h"

enum { pattern = 48 };

// The number of values that are converted at once, with repeated parameters: 48 is a multiple of 1, 2, 3 and 4 channels.
SIGNFLIP_INLINE void scale_run(const uint8_t *restrict pixels, const float *restrict lower, const float *restrict scale,
                               float *restrict output, size_t count) {
  size_t i = 0;
  for (; i + pattern <= count; i += pattern) {
    for (size_t j = 0; j < pattern; j++) output[i + j] = lower[j] + scale[j] * (float)pixels[i + j];
  }
  for (size_t j = 0; i + j < count; j++) output[i + j] = lower[j] + scale[j] * (float)pixels[i + j];
}

SIGNFLIP_INLINE void fill_black(const float *lower, float *output, size_t pixels, size_t channels) {
  for (size_t i = 0; i < pixels * channels; i++) output[i] = lower[i % channels];
}

SIGNFLIP_INLINE void scale_rows(const uint8_t *pixels, size_t height, size_t width, size_t channels, const float *lower,
                                const float *scale, signflip_placement p, float *output) {
  float lowers[pattern], scales[pattern];
  // For other numbers of channels, pixels are converted one by one.
  const size_t period = pattern % channels == 0 ? pattern : channels;
  if (period == pattern) {
    for (size_t j = 0; j < pattern; j++) {
      lowers[j] = lower[j % channels];
      scales[j] = scale[j % channels];
    }
  }
  const long left = p.column < 0 ? -(long)p.column : 0;
  const long right = (long)width - p.column < (long)width ? (long)width - p.column : (long)width;
  for (size_t y = 0; y < height; y++) {
    float *const row = output + y * width * channels;
    const long source_row = (long)y + p.row;
    if (source_row < 0 || source_row >= (long)height || right <= left) {
      fill_black(lower, row, width, channels);
    } else {
      const uint8_t *const source = pixels + ((size_t)source_row * width + (size_t)(left + p.column)) * channels;
      const size_t count = (size_t)(right - left) * channels;
      fill_black(lower, row, (size_t)left, channels);
      if (period == pattern) {
        scale_run(source, lowers, scales, row + (size_t)left * channels, count);
      } else {
        for (size_t i = 0; i < count; i++) {
          row[(size_t)left * channels + i] = lower[i % channels] + scale[i % channels] * (float)source[i];
        }
      }
      fill_black(lower, row + (size_t)right * channels, width - (size_t)right, channels);
    }
    if (p.flips) signflip_mirror(row, width, channels);
  }
}

SIGNFLIP_CLONES
void signflip_pixels(const uint8_t *pixels, size_t height, size_t width, size_t channels, const float *lower,
                     const float *scale, signflip_placement p, float *output) {
  // An image in its place is one long row.
  const int is_in_place = p.row == 0 && p.column == 0 && !p.flips;
  scale_rows(pixels, is_in_place ? 1 : height, is_in_place ? height * width : width, channels, lower, scale, p, output);
  if (p.hole > 0) signflip_cut_hole(p, height, width, channels, output);
}
