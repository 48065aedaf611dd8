#include "CBinaryKernels.h"
#include "pack_bytes.h"

enum { block = 64 };

// MARK: The sign with a threshold

SIGNFLIP_INLINE void shifted_word(const float *restrict x, const float *restrict threshold, size_t count, float window,
                                  uint64_t *sign, uint64_t *pass) {
  uint8_t negative[block] = {0}, inside[block] = {0};
  for (size_t j = 0; j < count; j++) {
    const float shifted = x[j] - threshold[j];
    negative[j] = shifted < 0;
    inside[j] = __builtin_fabsf(shifted) <= window;
  }
  *sign = signflip_pack_bytes(negative);
  *pass = signflip_pack_bytes(inside);
}

SIGNFLIP_CLONES
void signflip_shifted_signs(const float *input, const float *threshold, float window, uint64_t *signs, uint64_t *passes,
                            size_t columns, size_t begin, size_t end) {
  const size_t words = signflip_words(columns);
  for (size_t row = begin; row < end; row++) {
    for (size_t w = 0; w < words; w++) {
      const float *const x = input + row * columns + w * block, *const a = threshold + w * block;
      const size_t place = row * words + w;
      if (columns - w * block >= block) {
        shifted_word(x, a, block, window, signs + place, passes + place);
      } else {
        shifted_word(x, a, columns - w * block, window, signs + place, passes + place);
      }
    }
  }
}

SIGNFLIP_INLINE void subtract(const float *restrict x, const float *restrict a, float *restrict y, size_t count) {
  for (size_t j = 0; j < count; j++) y[j] = x[j] - a[j];
}

SIGNFLIP_CLONES
void signflip_subtract_threshold(const float *input, const float *threshold, float *output, size_t columns, size_t begin,
                           size_t end) {
  for (size_t row = begin; row < end; row++) {
    subtract(input + row * columns, threshold, output + row * columns, columns);
  }
}

SIGNFLIP_INLINE void negative_sums(const float *restrict input, size_t columns, size_t count, size_t rows,
                                   float *restrict sums) {
  float own[block] = {0};
  for (size_t row = 0; row < rows; row++) {
    for (size_t j = 0; j < count; j++) own[j] -= input[row * columns + j];
  }
  for (size_t j = 0; j < count; j++) sums[j] = own[j];
}

SIGNFLIP_CLONES
void signflip_negative_sums(const float *input, float *sums, size_t columns, size_t begin, size_t end,
                            size_t first_row, size_t last_row) {
  const float *const rows = input + first_row * columns;
  for (size_t first = begin; first < end; first += block) {
    if (end - first >= block) negative_sums(rows + first, columns, block, last_row - first_row, sums + first);
    else negative_sums(rows + first, columns, end - first, last_row - first_row, sums + first);
  }
}

// MARK: The rectifier with learned parameters

SIGNFLIP_INLINE void rprelu_row(const signflip_rprelu *r, const float *restrict x, float *restrict y, size_t count) {
  const float *const threshold = r->threshold, *const slope = r->slope, *const shift = r->shift;
  for (size_t j = 0; j < count; j++) {
    const float d = x[j] - threshold[j];
    y[j] = (d > 0 ? d : slope[j] * d) + shift[j];
  }
}

SIGNFLIP_CLONES
void signflip_rprelu_forward(const signflip_rprelu *r, const float *input, float *output, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    rprelu_row(r, input + row * r->columns, output + row * r->columns, r->columns);
  }
}

SIGNFLIP_INLINE void rprelu_gradient_block(const signflip_rprelu *r, const float *input, float *gradient,
                                           float *threshold_sums, float *slope_sums, float *shift_sums, size_t first,
                                           size_t count, size_t first_row, size_t last_row) {
  // Local sums, which no pointer can alias, stay in registers.
  float dthreshold[block] = {0}, dslope[block] = {0}, dshift[block] = {0};
  const float *const threshold = r->threshold + first, *const slope = r->slope + first;
  for (size_t row = first_row; row < last_row; row++) {
    const float *restrict const x = input + row * r->columns + first;
    float *restrict const g = gradient + row * r->columns + first;
    for (size_t j = 0; j < count; j++) {
      const float d = x[j] - threshold[j], dy = g[j];
      const float dx = d > 0 ? dy : slope[j] * dy;
      dshift[j] += dy;
      dslope[j] += d > 0 ? 0 : dy * d;
      dthreshold[j] -= dx;
      g[j] = dx;
    }
  }
  for (size_t j = 0; j < count; j++) {
    threshold_sums[first + j] = dthreshold[j];
    slope_sums[first + j] = dslope[j];
    shift_sums[first + j] = dshift[j];
  }
}

SIGNFLIP_CLONES
void signflip_rprelu_gradient(const signflip_rprelu *r, const float *input, float *gradient, float *threshold_sums,
                              float *slope_sums, float *shift_sums, size_t begin, size_t end, size_t first_row,
                              size_t last_row) {
  for (size_t first = begin; first < end; first += block) {
    if (end - first >= block) {
      rprelu_gradient_block(r, input, gradient, threshold_sums, slope_sums, shift_sums, first, block, first_row,
                            last_row);
    } else {
      rprelu_gradient_block(r, input, gradient, threshold_sums, slope_sums, shift_sums, first, end - first, first_row,
                            last_row);
    }
  }
}

// MARK: Shortcuts

SIGNFLIP_INLINE void add(const float *restrict source, float *restrict target, size_t count) {
  for (size_t i = 0; i < count; i++) target[i] += source[i];
}

SIGNFLIP_CLONES
void signflip_add(const float *source, float *target, size_t begin, size_t end) {
  add(source + begin, target + begin, end - begin);
}

// The index in the images of pixel `i` of the sums.
SIGNFLIP_INLINE size_t source_pixel(const signflip_subsampling *s, size_t i) {
  const size_t pixels = s->output_height * s->output_width;
  const size_t y = i % pixels / s->output_width * s->stride, x = i % s->output_width * s->stride;
  return (i / pixels * s->height + y) * s->width + x;
}

SIGNFLIP_CLONES
void signflip_add_subsampled(const signflip_subsampling *s, const float *images, float *sums, size_t begin,
                             size_t end) {
  for (size_t i = begin; i < end; i++) {
    add(images + source_pixel(s, i) * s->channels, sums + i * s->output_channels, s->channels);
  }
}

SIGNFLIP_CLONES
void signflip_add_to_subsampled(const signflip_subsampling *s, const float *gradient, float *images, size_t begin,
                                size_t end) {
  for (size_t i = begin; i < end; i++) {
    add(gradient + i * s->output_channels, images + source_pixel(s, i) * s->channels, s->channels);
  }
}
