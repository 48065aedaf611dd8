#include <math.h>
#include <string.h>

#include "CBinaryKernels.h"
#include "ap2.h"
#include "drawn_signs.h"

enum { block = 64 };

// The columns of one block, whose data stay in the first-level cache during a pass over all rows.
typedef struct {
  float mean[block], inverse[block], scale[block], shift[block];
} column_block;

SIGNFLIP_INLINE void load_block(const signflip_normalization *n, size_t first, size_t count, column_block *b) {
  memset(b, 0, sizeof *b);
  memcpy(b->mean, n->mean + first, count * sizeof(float));
  memcpy(b->inverse, n->inverse_deviation + first, count * sizeof(float));
  memcpy(b->scale, n->scale + first, count * sizeof(float));
  memcpy(b->shift, n->shift + first, count * sizeof(float));
  if (!n->shifts) return;
  for (size_t j = 0; j < count; j++) b->scale[j] = signflip_power(b->scale[j]);
}

// MARK: Statistics

SIGNFLIP_INLINE void sum_block(const float *restrict input, size_t columns, size_t count, size_t rows,
                               float *restrict sums) {
  for (size_t j = 0; j < count; j++) sums[j] = 0;
  for (size_t row = 0; row < rows; row++) {
    for (size_t j = 0; j < count; j++) sums[j] += input[row * columns + j];
  }
}

SIGNFLIP_INLINE void square_block(const float *restrict input, const float *restrict mean, size_t columns, size_t count,
                                  size_t rows, int shifts, float *restrict sums) {
  for (size_t j = 0; j < count; j++) sums[j] = 0;
  for (size_t row = 0; row < rows; row++) {
    for (size_t j = 0; j < count; j++) {
      const float deviation = input[row * columns + j] - mean[j];
      sums[j] += deviation * (shifts ? signflip_power(deviation) : deviation);
    }
  }
}

SIGNFLIP_CLONES
void signflip_normalization_sums(const signflip_normalization *n, int of_squares, float *sums, size_t begin, size_t end,
                                 size_t first_row, size_t last_row) {
  const float *const input = n->input + first_row * n->columns;
  const size_t rows = last_row - first_row;
  for (size_t first = begin; first < end; first += block) {
    const size_t count = end - first < block ? end - first : block;
    // Local sums, which no pointer can alias, stay in registers.
    float own[block];
    if (of_squares && n->shifts) {
      square_block(input + first, n->mean + first, n->columns, count, rows, 1, own);
    } else if (of_squares) {
      if (count == block) square_block(input + first, n->mean + first, n->columns, block, rows, 0, own);
      else square_block(input + first, n->mean + first, n->columns, count, rows, 0, own);
    } else {
      if (count == block) sum_block(input + first, n->columns, block, rows, own);
      else sum_block(input + first, n->columns, count, rows, own);
    }
    memcpy(sums + first, own, count * sizeof(float));
  }
}

void signflip_add_slices(const float *slices, size_t count, size_t columns, double divisor, float *sums) {
  for (size_t c = 0; c < columns; c++) {
    double sum = 0;
    for (size_t slice = 0; slice < count; slice++) sum += slices[slice * columns + c];
    sums[c] = (float)(sum / divisor);
  }
}

void signflip_finish_statistics(const signflip_normalization *n, const float *variance, float epsilon, float momentum,
                                float *running_mean, float *running_variance) {
  const float correction = (float)n->rows / (float)(n->rows - 1);
  for (size_t c = 0; c < n->columns; c++) {
    const float inverse = 1 / sqrtf(variance[c] + epsilon);
    n->inverse_deviation[c] = n->shifts ? signflip_power(inverse) : inverse;
    if (n->rows < 2) continue;
    running_mean[c] += (1 - momentum) * (n->mean[c] - running_mean[c]);
    running_variance[c] += (1 - momentum) * (variance[c] * correction - running_variance[c]);
  }
}

// MARK: Forward

// As in a packed network: multiplications and additions are never fused.
SIGNFLIP_INLINE void normalize_row_apart(const float *restrict x, float *restrict y, const column_block *b, size_t count) {
#pragma STDC FP_CONTRACT OFF
  for (size_t j = 0; j < count; j++) {
    const float product = b->scale[j] * ((x[j] - b->mean[j]) * b->inverse[j]);
    y[j] = product + b->shift[j];
  }
}

SIGNFLIP_INLINE void normalize_row(const float *restrict x, float *restrict y, const column_block *b, size_t count,
                                   int rectifies) {
  for (size_t j = 0; j < count; j++) {
    const float value = b->scale[j] * ((x[j] - b->mean[j]) * b->inverse[j]) + b->shift[j];
    y[j] = rectifies && value < 0 ? 0 : value;
  }
}

SIGNFLIP_CLONES
void signflip_normalize(const signflip_normalization *n, float *output, int rectifies, size_t begin, size_t end,
                        size_t first_row, size_t last_row) {
  for (size_t first = begin; first < end; first += block) {
    const size_t count = end - first < block ? end - first : block;
    column_block b;
    load_block(n, first, count, &b);
    for (size_t row = first_row; row < last_row; row++) {
      const size_t place = row * n->columns + first;
      if (n->apart) {
        normalize_row_apart(n->input + place, output + place, &b, count);
        for (size_t j = 0; rectifies && j < count; j++) output[place + j] = output[place + j] < 0 ? 0 : output[place + j];
      } else if (count < block) {
        normalize_row(n->input + place, output + place, &b, count, rectifies);
      } else if (rectifies) {
        normalize_row(n->input + place, output + place, &b, block, 1);
      } else {
        normalize_row(n->input + place, output + place, &b, block, 0);
      }
    }
  }
}

// Packs the bits of up to 64 values.
SIGNFLIP_INLINE void sign_word(const float *restrict y, size_t count, float window, uint64_t *sign, uint64_t *pass) {
  uint8_t negative[block] = {0}, inside[block] = {0};
  for (size_t j = 0; j < count; j++) {
    negative[j] = y[j] < 0;
    inside[j] = __builtin_fabsf(y[j]) <= window;
  }
  *sign = signflip_pack_bytes(negative);
  *pass = signflip_pack_bytes(inside);
}

SIGNFLIP_CLONES
void signflip_normalize_to_signs(const signflip_normalization *n, float window, uint64_t *signs, uint64_t *passes,
                                 size_t begin, size_t end, size_t first_row, size_t last_row) {
  const size_t words = signflip_words(n->columns);
  for (size_t first = begin; first < end; first += block) {
    const size_t count = end - first < block ? end - first : block;
    column_block b;
    load_block(n, first, count, &b);
    for (size_t row = first_row; row < last_row; row++) {
      const size_t place = row * words + first / 64;
      float y[block];
      if (n->apart) {
        normalize_row_apart(n->input + row * n->columns + first, y, &b, count);
        sign_word(y, count, window, signs + place, passes + place);
      } else if (count == block) {
        normalize_row(n->input + row * n->columns + first, y, &b, block, 0);
        sign_word(y, block, window, signs + place, passes + place);
      } else {
        normalize_row(n->input + row * n->columns + first, y, &b, count, 0);
        sign_word(y, count, window, signs + place, passes + place);
      }
    }
  }
}

SIGNFLIP_CLONES
void signflip_normalize_to_drawn_signs(const signflip_normalization *n, float window, signflip_random_stream random,
                                       uint64_t *signs, uint64_t *passes, size_t begin, size_t end, size_t first_row,
                                       size_t last_row) {
  const size_t words = signflip_words(n->columns);
  for (size_t first = begin; first < end; first += block) {
    const size_t count = end - first < block ? end - first : block;
    column_block b;
    load_block(n, first, count, &b);
    for (size_t row = first_row; row < last_row; row++) {
      const size_t w = first / 64, place = row * words + w;
      float y[block];
      uint16_t draws[128];
      normalize_row(n->input + row * n->columns + first, y, &b, count, 0);
      sign_word(y, count, window, signs + place, passes + place);
      signflip_draw_group(random, row, words, w, draws);
      signs[place] = signflip_drawn_signs(y, count, 32768.0f, draws + w % 2 * 64);
    }
  }
}

SIGNFLIP_CLONES
void signflip_signs_and_window(const float *input, float window, uint64_t *signs, uint64_t *passes, size_t columns,
                               size_t begin, size_t end) {
  const size_t words = signflip_words(columns);
  for (size_t row = begin; row < end; row++) {
    for (size_t w = 0; w < words; w++) {
      const float *const x = input + row * columns + w * block;
      const size_t place = row * words + w;
      if (columns - w * block >= block) {
        sign_word(x, block, window, signs + place, passes + place);
      } else {
        sign_word(x, columns - w * block, window, signs + place, passes + place);
      }
    }
  }
}

// MARK: Backward

// An estimator's derivative of the sign.
SIGNFLIP_INLINE void shape_row(const signflip_gradient_gate *gate, const float *restrict x, size_t count,
                               float *restrict gated) {
  if (gate->estimator == signflip_estimator_approx) {
    for (size_t j = 0; j < count; j++) {
      const float size = __builtin_fabsf(x[j]);
      gated[j] *= size <= 1 ? 2 - 2 * size : 0;
    }
  } else if (gate->estimator == signflip_estimator_swish) {
    const float beta = 5;
    for (size_t j = 0; j < count; j++) {
      // Beyond this limit, cosh overflows and the quotient is 0.
      const float z = beta * fminf(fmaxf(x[j], -16), 16);
      gated[j] *= beta * (2 - z * tanhf(z / 2)) / (1 + coshf(z));
    }
  } else {
    const float t = gate->temperature, k = t < 1 ? 1 / t : 1;
    for (size_t j = 0; j < count; j++) {
      const float hyperbolic = tanhf(t * x[j]);
      gated[j] *= k * t * (1 - hyperbolic * hyperbolic);
    }
  }
}

// The gradient of up to 64 elements of a row after the gate.
SIGNFLIP_INLINE void gate_row(const signflip_gradient_gate *gate, size_t row, size_t columns, size_t first,
                              size_t count, const float *restrict gradient, float *restrict gated) {
  // Scaled in both cases, as the loops below would not be vectorized with a product in only one branch.
  const float scale = gate->scale;
  if (gate->passes) {
    const size_t place = row * signflip_words(columns) + first / 64;
    uint64_t word = gate->passes[place];
    if (gate->kept) word &= gate->kept[place];
    // One bit per lane, 32 bits at a time, by shifts that the compiler vectorizes.
    for (size_t half = 0; half < count; half += 32) {
      const uint32_t bits = (uint32_t)(word >> half);
      const size_t end = count - half < 32 ? count - half : 32;
      for (size_t j = 0; j < end; j++) {
        const float scaled = scale * gradient[half + j];
        gated[half + j] = bits >> j & 1 ? scaled : 0;
      }
    }
  } else if (gate->rectified) {
    const float *const output = gate->rectified + row * columns + first;
    for (size_t j = 0; j < count; j++) {
      const float scaled = scale * gradient[j];
      gated[j] = output[j] > 0 ? scaled : 0;
    }
  } else {
    for (size_t j = 0; j < count; j++) gated[j] = scale * gradient[j];
  }
}

SIGNFLIP_INLINE void gradient_sums_block(const signflip_normalization *n, const signflip_gradient_gate *gate,
                                         float *gradient, float *scale_sums, float *shift_sums, size_t first,
                                         size_t count, size_t first_row, size_t last_row, int shifts) {
  column_block b;
  load_block(n, first, count, &b);
  float dscale[block] = {0}, dshift[block] = {0};
  for (size_t row = first_row; row < last_row; row++) {
    const float *const x = n->input + row * n->columns + first;
    float *const g = gradient + row * n->columns + first;
    float gated[block];
    gate_row(gate, row, n->columns, first, count, g, gated);
    if (gate->estimator != signflip_estimator_bits) {
      float y[block];
      normalize_row(x, y, &b, count, 0);
      shape_row(gate, y, count, gated);
    }
    for (size_t j = 0; j < count; j++) {
      dshift[j] += gated[j];
      const float deviation = x[j] - b.mean[j];
      dscale[j] += gated[j] * ((shifts ? signflip_power(deviation) : deviation) * b.inverse[j]);
      g[j] = gated[j];
    }
  }
  memcpy(scale_sums + first, dscale, count * sizeof(float));
  memcpy(shift_sums + first, dshift, count * sizeof(float));
}

SIGNFLIP_CLONES
void signflip_normalization_gradient_sums(const signflip_normalization *n, const signflip_gradient_gate *gate,
                                          float *gradient, float *scale_sums, float *shift_sums, size_t begin,
                                          size_t end, size_t first_row, size_t last_row) {
  for (size_t first = begin; first < end; first += block) {
    if (n->shifts) {
      const size_t count = end - first < block ? end - first : block;
      gradient_sums_block(n, gate, gradient, scale_sums, shift_sums, first, count, first_row, last_row, 1);
    } else if (end - first >= block) {
      gradient_sums_block(n, gate, gradient, scale_sums, shift_sums, first, block, first_row, last_row, 0);
    } else {
      gradient_sums_block(n, gate, gradient, scale_sums, shift_sums, first, end - first, first_row, last_row, 0);
    }
  }
}

SIGNFLIP_INLINE void gradient_block(const signflip_normalization *n, const float *scale_gradient,
                                    const float *shift_gradient, float *gradient, size_t first, size_t count,
                                    size_t first_row, size_t last_row, int shifts) {
  column_block b;
  load_block(n, first, count, &b);
  float factor[block], mean_shift[block], mean_scale[block];
  for (size_t j = 0; j < count; j++) {
    factor[j] = b.scale[j] * b.inverse[j];
    mean_shift[j] = shift_gradient[first + j] / (float)n->rows;
    mean_scale[j] = scale_gradient[first + j] / (float)n->rows;
  }
  for (size_t row = first_row; row < last_row; row++) {
    const float *const x = n->input + row * n->columns + first;
    float *const g = gradient + row * n->columns + first;
    for (size_t j = 0; j < count; j++) {
      const float deviation = x[j] - b.mean[j];
      const float normalized = (shifts ? signflip_power(deviation) : deviation) * b.inverse[j];
      g[j] = factor[j] * (g[j] - mean_shift[j] - normalized * mean_scale[j]);
    }
  }
}

SIGNFLIP_CLONES
void signflip_normalization_gradient(const signflip_normalization *n, const float *scale_gradient,
                                     const float *shift_gradient, float *gradient, size_t begin, size_t end,
                                     size_t first_row, size_t last_row) {
  for (size_t first = begin; first < end; first += block) {
    if (n->shifts) {
      const size_t count = end - first < block ? end - first : block;
      gradient_block(n, scale_gradient, shift_gradient, gradient, first, count, first_row, last_row, 1);
    } else if (end - first >= block) {
      gradient_block(n, scale_gradient, shift_gradient, gradient, first, block, first_row, last_row, 0);
    } else {
      gradient_block(n, scale_gradient, shift_gradient, gradient, first, end - first, first_row, last_row, 0);
    }
  }
}

SIGNFLIP_CLONES
void signflip_gate_gradient(const signflip_gradient_gate *gate, float *gradient, size_t columns, size_t begin,
                            size_t end) {
  for (size_t row = begin; row < end; row++) {
    for (size_t first = 0; first < columns; first += block) {
      const size_t count = columns - first < block ? columns - first : block;
      float *const g = gradient + row * columns + first;
      float gated[block];
      gate_row(gate, row, columns, first, count, g, gated);
      if (gate->estimator != signflip_estimator_bits) {
        shape_row(gate, gate->input + row * columns + first, count, gated);
      }
      memcpy(g, gated, count * sizeof(float));
    }
  }
}

SIGNFLIP_CLONES
void signflip_unpack_signs(const uint64_t *signs, const uint64_t *kept, float scale, float *output, size_t columns,
                           size_t begin, size_t end) {
  const size_t words = signflip_words(columns);
  for (size_t row = begin; row < end; row++) {
    for (size_t j = 0; j < columns; j++) {
      const size_t w = row * words + j / 64;
      const float value = signs[w] >> (j % 64) & 1 ? -scale : scale;
      output[row * columns + j] = !kept || (kept[w] >> (j % 64) & 1) ? value : 0;
    }
  }
}
