#include <math.h>

#include "placement.h"
#include "../clones.h"

enum { run = 64 };

// For a run of canvas pixels: the indices of the four nearest image pixels, their weights, and the weight of the outside.
typedef struct {
  int32_t places[4][run];
  float weights[4][run];
  float outside[run];
} taps;

typedef struct {
  float cosine, sine, down, right;
  int32_t row, column, height, width;
} view;

SIGNFLIP_INLINE int32_t clamp(int32_t x, int32_t last) { return x < 0 ? 0 : x > last ? last : x; }

SIGNFLIP_INLINE float clamp_place(float x, float end) { return x < -1 ? -1 : x > end ? end : x; }

SIGNFLIP_INLINE void find_taps(view s, int32_t y, int32_t first, int32_t count, taps *t) {
  const float middle_row = 0.5f * (float)(s.height - 1), middle_column = 0.5f * (float)(s.width - 1);
  const float v = (float)(y + s.row) - middle_row - s.down;
  for (int32_t i = 0; i < count; i++) {
    const float u = (float)(first + i + s.column) - middle_column - s.right;
    // At a distance of a pixel or more from the image, only the outside contributes.
    const float x = clamp_place(middle_column + s.cosine * u - s.sine * v, (float)s.width);
    const float z = clamp_place(middle_row + s.sine * u + s.cosine * v, (float)s.height);
    const int32_t left = (int32_t)(x + 1) - 1, top = (int32_t)(z + 1) - 1;
    const float across = x - (float)left, along = z - (float)top;
    const float west = left >= 0 && left < s.width ? 1 - across : 0, east = left + 1 < s.width ? across : 0;
    const float north = top >= 0 && top < s.height ? 1 - along : 0, south = top + 1 < s.height ? along : 0;
    const int32_t a = clamp(left, s.width - 1), b = clamp(left + 1, s.width - 1);
    const int32_t upper = clamp(top, s.height - 1) * s.width, below = clamp(top + 1, s.height - 1) * s.width;
    t->places[0][i] = upper + a;
    t->places[1][i] = upper + b;
    t->places[2][i] = below + a;
    t->places[3][i] = below + b;
    t->weights[0][i] = north * west;
    t->weights[1][i] = north * east;
    t->weights[2][i] = south * west;
    t->weights[3][i] = south * east;
    t->outside[i] = 1 - (north + south) * (west + east);
  }
}

SIGNFLIP_INLINE void sum_taps(const taps *t, const float *image, const float *outside, size_t count, size_t channels,
                              float *output) {
  for (size_t i = 0; i < count; i++) {
    const float *const a = image + (size_t)t->places[0][i] * channels, *const b = image + (size_t)t->places[1][i] * channels;
    const float *const c = image + (size_t)t->places[2][i] * channels, *const d = image + (size_t)t->places[3][i] * channels;
    for (size_t j = 0; j < channels; j++) {
      output[i * channels + j] = t->weights[0][i] * a[j] + t->weights[1][i] * b[j] + t->weights[2][i] * c[j] +
                                 t->weights[3][i] * d[j] + t->outside[i] * outside[j];
    }
  }
}

static void fill(const float *outside, float *output, size_t pixels, size_t channels) {
  for (size_t i = 0; i < pixels; i++) {
    for (size_t j = 0; j < channels; j++) output[i * channels + j] = outside[j];
  }
}

SIGNFLIP_CLONES
static void turned(const float *image, size_t height, size_t width, size_t channels, const float *outside,
                   signflip_placement p, float *output) {
  const double radians = p.angle * (3.14159265358979323846 / 180);
  const view s = {(float)cos(radians), (float)sin(radians), p.down,         p.right,
                  p.row,               p.column,            (int32_t)height, (int32_t)width};
  taps t;
  for (size_t y = 0; y < height; y++) {
    for (size_t x = 0; x < width; x += run) {
      const size_t count = width - x < run ? width - x : run;
      float *const row = output + (y * width + x) * channels;
      find_taps(s, (int32_t)y, (int32_t)x, (int32_t)count, &t);
      // For constant numbers of channels, the compiler removes the loop.
      if (channels == 1) {
        sum_taps(&t, image, outside, count, 1, row);
      } else if (channels == 3) {
        sum_taps(&t, image, outside, count, 3, row);
      } else {
        sum_taps(&t, image, outside, count, channels, row);
      }
    }
  }
}

static void cropped(const float *image, size_t height, size_t width, size_t channels, const float *outside,
                    signflip_placement p, float *output) {
  const long left = p.column < 0 ? -(long)p.column : 0;
  const long right = p.column > 0 ? (long)width - p.column : (long)width;
  for (size_t y = 0; y < height; y++) {
    float *const row = output + y * width * channels;
    const long source = (long)y + p.row;
    if (source < 0 || source >= (long)height || right <= left) {
      fill(outside, row, width, channels);
      continue;
    }
    fill(outside, row, (size_t)left, channels);
    memcpy(row + (size_t)left * channels, image + ((size_t)source * width + (size_t)(left + p.column)) * channels,
           (size_t)(right - left) * channels * sizeof(float));
    fill(outside, row + (size_t)right * channels, width - (size_t)right, channels);
  }
}

void signflip_place(const float *image, size_t height, size_t width, size_t channels, const float *outside,
                    signflip_placement p, float *output) {
  if (p.turns) {
    turned(image, height, width, channels, outside, p, output);
  } else {
    cropped(image, height, width, channels, outside, p, output);
  }
  if (p.flips) {
    for (size_t y = 0; y < height; y++) signflip_mirror(output + y * width * channels, width, channels);
  }
  if (p.hole > 0) signflip_cut_hole(p, height, width, channels, output);
}
