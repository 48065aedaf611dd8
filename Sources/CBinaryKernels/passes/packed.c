#include <math.h>
#include <string.h>

#include "signflip_packed.h"
#include "../clones.h"
#include "pack_bytes.h"

#pragma STDC FP_CONTRACT OFF

enum { block = 64 };

static inline size_t class_of(signflip_pixel_classes c, size_t row) {
  return c.classes ? c.classes[row % c.pixels] : 0;
}

// MARK: From sums to signs and floats

SIGNFLIP_INLINE uint64_t less_word(const int32_t *restrict sums, const int32_t *restrict thresholds, size_t count) {
  uint8_t less[block] = {0};
  for (size_t j = 0; j < count; j++) less[j] = sums[j] < thresholds[j];
  return signflip_pack_bytes(less);
}

SIGNFLIP_CLONES
void signflip_threshold_sums(const int32_t *sums, const int32_t *thresholds, const uint64_t *inverted,
                             signflip_pixel_classes classes, uint64_t *bits, size_t columns, size_t begin, size_t end) {
  const size_t words = signflip_words(columns);
  for (size_t row = begin; row < end; row++) {
    const int32_t *const t = thresholds + class_of(classes, row) * columns;
    for (size_t w = 0; w < words; w++) {
      const int32_t *const n = sums + row * columns + w * block;
      const size_t count = columns - w * block;
      const uint64_t word =
          count >= block ? less_word(n, t + w * block, block) : less_word(n, t + w * block, count);
      bits[row * words + w] = word ^ inverted[w];
    }
  }
}

SIGNFLIP_CLONES
void signflip_sums_to_real(const int32_t *sums, double factor, const double *offsets, signflip_pixel_classes classes,
                           float *output, size_t columns, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    const int32_t *const n = sums + row * columns;
    float *const y = output + row * columns;
    if (offsets) {
      const double *const offset = offsets + class_of(classes, row) * columns;
      for (size_t j = 0; j < columns; j++) y[j] = (float)(offset[j] + factor * (double)n[j]);
    } else {
      for (size_t j = 0; j < columns; j++) y[j] = (float)(factor * (double)n[j]);
    }
  }
}

// MARK: Levels

SIGNFLIP_CLONES
void signflip_levels_to_real(const uint8_t *levels, float steps, float *output, size_t begin, size_t end) {
  const float step = 1 / steps;
  for (size_t i = begin; i < end; i++) output[i] = (float)levels[i] * step;
}

SIGNFLIP_CLONES
void signflip_real_to_levels(const float *input, float steps, uint8_t *levels, size_t begin, size_t end) {
  // Adding and subtracting 1.5·2²³ rounds to the nearest integer, ties to even.
  const float big = 12582912;
  for (size_t i = begin; i < end; i++) {
    const float x = input[i], clipped = x > 0 ? (x > 1 ? 1 : x) : 0;
    levels[i] = (uint8_t)(clipped * steps + big - big);
  }
}

SIGNFLIP_CLONES
void signflip_round_operands(const float *input, float *output, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    uint32_t bits;
    memcpy(&bits, input + i, sizeof bits);
    const uint32_t rounded = (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF0000;
    // NaN must not become infinite.
    bits = (bits & 0x7FFFFFFF) > 0x7F800000 ? bits : rounded;
    memcpy(output + i, &bits, sizeof bits);
  }
}

// MARK: Products

SIGNFLIP_CLONES
void signflip_integer_product(const uint8_t *bytes, const int16_t *weights, int32_t *dots, size_t depth, size_t columns,
                              size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) {
    const uint8_t *const x = bytes + i * depth;
    for (size_t j = 0; j < columns; j++) {
      const int16_t *const w = weights + j * depth;
      int32_t sum = 0;
      for (size_t k = 0; k < depth; k++) sum += (int16_t)x[k] * w[k];
      dots[i * columns + j] = sum;
    }
  }
}

SIGNFLIP_CLONES
void signflip_sign_bytes(const uint64_t *signs, uint8_t *bytes, size_t columns, size_t begin, size_t end) {
  const size_t words = signflip_words(columns);
  for (size_t row = begin; row < end; row++) {
    for (size_t j = 0; j < columns; j++) bytes[row * columns + j] = signs[row * words + j / 64] >> (j % 64) & 1;
  }
}

void signflip_pack_float_panels(const float *weights, size_t columns, size_t depth, float *panels) {
  const size_t width = signflip_float_panel;
  for (size_t first = 0; first < columns; first += width) {
    for (size_t k = 0; k < depth; k++) {
      for (size_t j = 0; j < width; j++) *panels++ = first + j < columns ? weights[(first + j) * depth + k] : 0;
    }
  }
}

SIGNFLIP_INLINE void float_rows(const float *restrict a, const float *restrict panel, float *restrict c, size_t depth,
                                size_t stride, size_t count, size_t rows) {
  enum { width = signflip_float_panel };
  float sums[4][width];
  for (size_t i = 0; i < rows; i++) {
    for (size_t j = 0; j < width; j++) sums[i][j] = a[i * depth] * panel[j];
  }
  for (size_t k = 1; k < depth; k++) {
    for (size_t i = 0; i < rows; i++) {
      const float x = a[i * depth + k];
      for (size_t j = 0; j < width; j++) sums[i][j] += x * panel[k * width + j];
    }
  }
  for (size_t i = 0; i < rows; i++) memcpy(c + i * stride, sums[i], count * sizeof(float));
}

SIGNFLIP_CLONES
void signflip_float_product(const float *a, const float *panels, float *c, size_t depth, size_t columns, size_t begin,
                            size_t end) {
  enum { width = signflip_float_panel };
  // The inner loop processes a panel for a few rows at a time. A panel stays in the cache for all rows.
  for (size_t first = 0; first < columns; first += width) {
    const float *const panel = panels + first * depth;
    const size_t count = columns - first < width ? columns - first : width;
    size_t i = begin;
    for (; i + 4 <= end; i += 4) float_rows(a + i * depth, panel, c + i * columns + first, depth, columns, count, 4);
    for (; i < end; i++) float_rows(a + i * depth, panel, c + i * columns + first, depth, columns, count, 1);
  }
}

SIGNFLIP_CLONES
void signflip_byte_planes(const uint8_t *bytes, size_t count, uint64_t *planes) {
  const size_t words = signflip_words(count);
  for (size_t w = 0; w < words; w++) {
    const size_t rest = count - w * block < block ? count - w * block : block;
    uint8_t own[block] = {0};
    memcpy(own, bytes + w * block, rest);
    for (unsigned p = 0; p < 8; p++) {
      uint8_t bit[block];
      for (size_t j = 0; j < block; j++) bit[j] = own[j] >> p & 1;
      planes[p * words + w] = signflip_pack_bytes(bit);
    }
  }
}

SIGNFLIP_CLONES
void signflip_join_planes(const int32_t *products, int32_t *dots, size_t columns) {
  for (size_t j = 0; j < columns; j++) {
    int32_t sum = 0;
    for (size_t p = 0; p < 8; p++) sum += products[p * columns + j] * (1 << p);
    dots[j] = sum;
  }
}

// MARK: Windows

// The rows or columns of a window that are in the image.
static inline size_t inside(size_t start, size_t kernel, size_t size, size_t *first) {
  // A start before the image wraps around to a huge number.
  const long begin = (long)start, last = begin + (long)kernel < (long)size ? begin + (long)kernel : (long)size;
  *first = begin < 0 ? (size_t)-begin : 0;
  return last > begin + (long)*first ? (size_t)(last - begin) : *first;
}

enum { short_run = 16 };

// Writes a window as a row of `stride` bytes. `is_last` if the memory may end with this row.
SIGNFLIP_INLINE void unfold_window(const signflip_convolution *s, const uint8_t *image, size_t top, size_t left,
                                   uint8_t *row, size_t stride, int is_last) {
  const size_t c = s->channels, run = s->kernel_width * c, row_bytes = s->kernel_height * run, line = s->width * c;
  // Coordinates before the image wrap around to huge numbers.
  const int is_whole = top < s->height && top + s->kernel_height <= s->height && left < s->width &&
                       left + s->kernel_width <= s->width;
  if (is_whole) {
    const uint8_t *from = image + top * line + left * c;
    // Copies of a constant size need no calls. What they write after a run is overwritten by the next run or row, so neither
    // the rows nor the image may end there.
    if (run <= short_run && stride >= short_run && !is_last &&
        from + (s->kernel_height - 1) * line + short_run <= image + s->height * line) {
      for (size_t ky = 0; ky < s->kernel_height; ky++) memcpy(row + ky * run, from + ky * line, short_run);
    } else {
      for (size_t ky = 0; ky < s->kernel_height; ky++) memcpy(row + ky * run, from + ky * line, run);
    }
    for (size_t k = row_bytes; k < stride; k++) row[k] = 0;
    return;
  }
  size_t first_y, first_x;
  const size_t last_y = inside(top, s->kernel_height, s->height, &first_y);
  const size_t last_x = inside(left, s->kernel_width, s->width, &first_x);
  memset(row, 0, stride);
  if (last_x <= first_x) return;
  for (size_t ky = first_y; ky < last_y; ky++) {
    memcpy(row + ky * run + first_x * c, image + ((top + ky) * s->width + left + first_x) * c, (last_x - first_x) * c);
  }
}

void signflip_unfold_bytes(const signflip_convolution *s, const uint8_t *images, uint8_t *rows, size_t stride,
                           size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, size = s->height * s->width * s->channels;
  const uint8_t *image = images + begin / pixels * size;
  size_t y = begin % pixels / s->output_width, x = begin % s->output_width;
  for (size_t window = begin; window < end; window++) {
    unfold_window(s, image, y * s->stride_height - s->pad_top, x * s->stride_width - s->pad_left,
                  rows + (window - begin) * stride, stride, window + 1 == end);
    if (++x < s->output_width) continue;
    x = 0;
    if (++y < s->output_height) continue;
    y = 0;
    image += size;
  }
}

void signflip_pool_bits(const signflip_convolution *s, const uint64_t *images, const uint64_t *any, uint64_t *output,
                        size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, words = signflip_words(s->channels);
  for (size_t window = begin; window < end; window++) {
    const size_t top = window % pixels / s->output_width * s->stride_height - s->pad_top;
    const size_t left = window % s->output_width * s->stride_width - s->pad_left;
    const uint64_t *const image = images + window / pixels * s->height * s->width * words;
    size_t first_y, first_x;
    const size_t last_y = inside(top, s->kernel_height, s->height, &first_y);
    const size_t last_x = inside(left, s->kernel_width, s->width, &first_x);
    for (size_t w = 0; w < words; w++) {
      uint64_t all = ~(uint64_t)0, one = 0;
      for (size_t ky = first_y; ky < last_y; ky++) {
        for (size_t kx = first_x; kx < last_x; kx++) {
          const uint64_t word = image[((top + ky) * s->width + left + kx) * words + w];
          all &= word;
          one |= word;
        }
      }
      output[window * words + w] = (all & ~any[w]) | (one & any[w]);
    }
  }
}
