#pragma once

#include <string.h>

#include "CBinaryKernels.h"

// The last two steps of a placement: mirroring and hole.

static inline void signflip_mirror(float *row, size_t width, size_t channels) {
  for (size_t left = 0, right = width - 1; left < right; left++, right--) {
    for (size_t c = 0; c < channels; c++) {
      const float value = row[left * channels + c];
      row[left * channels + c] = row[right * channels + c];
      row[right * channels + c] = value;
    }
  }
}

static inline void signflip_cut_hole(signflip_placement p, size_t height, size_t width, size_t channels, float *output) {
  const long top = p.hole_row - p.hole / 2, left = p.hole_column - p.hole / 2;
  for (long y = top < 0 ? 0 : top; y < top + p.hole && y < (long)height; y++) {
    const long begin = left < 0 ? 0 : left;
    const long end = left + p.hole < (long)width ? left + p.hole : (long)width;
    if (begin >= end) continue;
    memset(output + ((size_t)y * width + (size_t)begin) * channels, 0, (size_t)(end - begin) * channels * sizeof(float));
  }
}
