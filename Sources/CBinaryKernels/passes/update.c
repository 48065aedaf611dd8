#include <math.h>
#include <string.h>

#include "CBinaryKernels.h"
#include "../clones.h"
#include "ap2.h"
#include "flips.h"
#include "philox.h"

enum {
  block = 64,
  // The number of weights that are updated before their signs are packed, so that they are still in the first-level cache.
  stretch = 2048
};

SIGNFLIP_INLINE uint16_t bfloat16_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  uint32_t quiet = (bits >> 16) | 0x40;
  return (uint16_t)((bits & 0x7FFFFFFF) > 0x7F800000 ? quiet : rounded);
}

SIGNFLIP_CLONES
void signflip_round_to_bfloat16(const float *input, uint16_t *output, size_t count) {
  for (size_t i = 0; i < count; i++) output[i] = bfloat16_bits(input[i]);
}

// What the random bits of an update's roundings depend on, besides a weight's place.
typedef struct {
  uint32_t first, second;
} rounding_key;

// A word of Philox for each weight would take as long as the update; this hash of the place takes a tenth. All places together
// give all words once, whatever the key.
SIGNFLIP_INLINE uint32_t rounding_draws(rounding_key key, uint32_t place) {
  uint32_t x = place * 0x9E3779B1u + key.first;
  x = (x ^ (x >> 15) ^ key.second) * 0x846CA68Bu;
  return x ^ (x >> 16);
}

// Rounds up in size if the lower half of the bits and a draw of 16 bits carry, so with a probability of exactly the part that is
// dropped: the mean over all draws is the value. Infinities and NaN stay, as arithmetic makes them with zeros in the lower half.
SIGNFLIP_INLINE uint16_t stochastic_bfloat16(float value, uint32_t draw) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return (uint16_t)((bits + draw) >> 16);
}

SIGNFLIP_INLINE float bfloat16_value(uint16_t half) {
  const uint32_t bits = (uint32_t)half << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

#define UPDATE_BLOCK update_block
#define MOMENT float
#define LOAD_MOMENT(m) (m)
#define STORE_MOMENT(x, draw) ((void)(draw), (x))
#define DRAWS(key, place) ((void)(key), (void)(place), 0)
#define CONTRACTION
#include "update_block.h"

// A fused operation may differ in the last bit, and then round to the other neighbour. Without them, all instruction sets agree.
#define UPDATE_BLOCK update_block_of_halves
#define MOMENT uint16_t
#define LOAD_MOMENT(m) bfloat16_value(m)
#define STORE_MOMENT(x, draw) stochastic_bfloat16(x, draw)
#define DRAWS(key, place) rounding_draws(key, place)
#define CONTRACTION _Pragma("clang fp contract(off)")
#include "update_block.h"

// Subtracts the mean over the channels at each position of a kernel, then clips.
SIGNFLIP_INLINE void center_row(float *row, size_t columns, size_t channels, float limit) {
  for (size_t first = 0; first < columns; first += channels) {
    float sum = 0;
    for (size_t c = 0; c < channels; c++) sum += row[first + c];
    // A single channel equals its mean and would become zero.
    const float mean = channels > 1 ? sum / (float)channels : 0;
    for (size_t c = 0; c < channels; c++) {
      const float value = row[first + c] - mean;
      row[first + c] = value > limit ? limit : value < -limit ? -limit : value;
    }
  }
}

SIGNFLIP_INLINE float mean_magnitude(const float *row, size_t columns) {
  double sum = 0;
  for (size_t j = 0; j < columns; j++) sum += __builtin_fabsf(row[j]);
  return (float)(sum / (double)columns);
}

float signflip_ap2(float x) { return signflip_power(x); }

void signflip_center_rows(float *weights, size_t columns, size_t channels, float clip, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) center_row(weights + row * columns, columns, channels, clip);
}

void signflip_mean_magnitudes(const float *weights, size_t columns, float *scales, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) scales[row] = mean_magnitude(weights + row * columns, columns);
}

SIGNFLIP_CLONES
void signflip_scaled_sign_gradient(const float *weights, const float *scales, signflip_scale_gradient kind,
                                   float *gradient, size_t columns, size_t begin, size_t end) {
  const float share = 1 / (float)columns;
  for (size_t row = begin; row < end; row++) {
    const float *const w = weights + row * columns;
    float *const g = gradient + row * columns;
    const float scale = scales[row];
    if (kind == signflip_scale_constant) {
      for (size_t j = 0; j < columns; j++) g[j] = __builtin_fabsf(w[j]) <= 1 ? scale * g[j] : 0;
      continue;
    }
    double sum = 0;
    for (size_t j = 0; j < columns; j++) sum += w[j] < 0 ? -g[j] : g[j];
    const float common = (float)sum * share;
    for (size_t j = 0; j < columns; j++) {
      const float passed = __builtin_fabsf(w[j]) <= 1 ? scale * g[j] : 0;
      const float other = kind == signflip_scale_exact ? (w[j] < 0 ? -common : common) : share * g[j];
      g[j] = passed + other;
    }
  }
}

// Packs the signs of up to `stretch` weights and counts the flips.
static uint64_t renew_signs(const signflip_bits *kernels, const float *weights, size_t count, uint64_t *signs,
                            uint16_t *flip_counts, int64_t *histogram) {
  uint64_t renewed[stretch / 64];
  kernels->pack_signs(weights, count, renewed);
  uint64_t flips = 0;
  for (size_t w = 0; w < signflip_words(count); w++) {
    const uint64_t flipped = signs[w] ^ renewed[w];
    signs[w] = renewed[w];
    flips += (uint64_t)__builtin_popcountll(flipped);
    signflip_count_flips(flipped, flip_counts + w * 64, histogram);
  }
  return flips;
}

SIGNFLIP_INLINE void update_part(const signflip_update_buffers *buffers, size_t i, size_t count, float *squares,
                                 const signflip_update_numbers n, float limit, float inverse_correction,
                                 signflip_update_rule rule, int has_velocity, int has_halves, rounding_key key) {
  const int has_first = rule != signflip_sgd || has_velocity;
  const int has_second = rule == signflip_adam || rule == signflip_adamax || rule == signflip_shift_adamax;
  if (has_halves) {
    update_block_of_halves(buffers->weights + i, buffers->gradient + i, has_first ? buffers->first_half + i : NULL,
                           has_second ? buffers->second_half + i : NULL, squares, count, n, limit, inverse_correction, rule,
                           has_velocity, key, (uint32_t)i);
  } else {
    update_block(buffers->weights + i, buffers->gradient + i, has_first ? buffers->first_moment + i : NULL,
                 has_second ? buffers->second_moment + i : NULL, squares, count, n, limit, inverse_correction, rule,
                 has_velocity, key, 0);
  }
}

SIGNFLIP_INLINE void add_squares(double *restrict sums, float *restrict squares) {
  for (size_t j = 0; j < block; j++) {
    sums[j] += squares[j];
    squares[j] = 0;
  }
}

SIGNFLIP_INLINE signflip_update_result update(const signflip_bits *kernels, const signflip_update_buffers *buffers,
                                              const signflip_update_numbers *numbers, size_t columns, size_t begin,
                                              size_t end, int64_t *histogram, signflip_update_rule rule,
                                              int has_velocity, int has_halves) {
  const signflip_update_numbers n = *numbers;
  const float limit = n.clip > 0 ? n.clip : INFINITY;
  // Weights that will be centred are clipped afterwards.
  const int centers = buffers->channels > 0;
  const float first_limit = centers ? INFINITY : limit;
  const float inverse_correction = rule == signflip_adam ? 1.0f / n.second_correction : 1.0f;
  const size_t words = signflip_words(columns);
  rounding_key key = {0, 0};
  if (has_halves) {
    signflip_lanes draws[4];
    signflip_philox_group(n.rounding, 0, draws);
    key = (rounding_key){draws[0][0], draws[1][0]};
  }
  signflip_update_result result = {0, 0};
  // Short float sums are added to doubles, so that the norm is precise for millions of weights.
  double square_sums[block] = {0};
  float squares[block] = {0};
  size_t summed = 0;
  for (size_t row = begin; row < end; row++) {
    for (size_t column = 0; column < columns; column += stretch) {
      const size_t length = columns - column < stretch ? columns - column : stretch;
      const size_t place = row * columns + column;
      for (size_t b = 0; b < length; b += block) {
        const size_t i = place + b;
        // A whole block in a call of its own has a constant length.
        if (length - b >= block) {
          update_part(buffers, i, block, squares, n, first_limit, inverse_correction, rule, has_velocity, has_halves, key);
        } else {
          update_part(buffers, i, length - b, squares, n, first_limit, inverse_correction, rule, has_velocity, has_halves,
                      key);
        }
      }
      summed += length;
      if (summed >= stretch) {
        add_squares(square_sums, squares);
        summed = 0;
      }
      if (buffers->signs && !buffers->scales) {
        result.flips += renew_signs(kernels, buffers->weights + place, length,
                                    buffers->signs + row * words + column / 64, buffers->flip_counts + place, histogram);
      }
      if (buffers->bfloat16) {
        for (size_t i = place; i < place + length; i++) buffers->bfloat16[i] = bfloat16_bits(buffers->weights[i]);
      }
    }
    if (buffers->scales) {
      float *const weights = buffers->weights + row * columns;
      if (centers) center_row(weights, columns, buffers->channels, limit);
      buffers->scales[row] = mean_magnitude(weights, columns);
      for (size_t column = 0; buffers->signs && column < columns; column += stretch) {
        const size_t length = columns - column < stretch ? columns - column : stretch;
        result.flips += renew_signs(kernels, weights + column, length, buffers->signs + row * words + column / 64,
                                    buffers->flip_counts + row * columns + column, histogram);
      }
    }
  }
  add_squares(square_sums, squares);
  for (size_t j = 0; j < block; j++) result.gradient_square_sum += square_sums[j];
  return result;
}

SIGNFLIP_CLONES
signflip_update_result signflip_update(const signflip_bits *kernels, const signflip_update_buffers *buffers,
                                       const signflip_update_numbers *numbers, size_t columns, size_t begin, size_t end,
                                       int64_t flip_histogram[signflip_flip_bins]) {
#define SIGNFLIP_UPDATE(rule, has_velocity)                                                              \
  (buffers->first_half                                                                                   \
       ? update(kernels, buffers, numbers, columns, begin, end, flip_histogram, rule, has_velocity, 1) \
       : update(kernels, buffers, numbers, columns, begin, end, flip_histogram, rule, has_velocity, 0))
  switch (numbers->rule) {
    case signflip_adam: return SIGNFLIP_UPDATE(signflip_adam, 0);
    case signflip_adamax: return SIGNFLIP_UPDATE(signflip_adamax, 0);
    case signflip_shift_adamax: return SIGNFLIP_UPDATE(signflip_shift_adamax, 0);
    case signflip_bop: return SIGNFLIP_UPDATE(signflip_bop, 0);
    case signflip_sgd: break;
  }
  if (buffers->first_moment || buffers->first_half) return SIGNFLIP_UPDATE(signflip_sgd, 1);
  return update(kernels, buffers, numbers, columns, begin, end, flip_histogram, signflip_sgd, 0, 0);
#undef SIGNFLIP_UPDATE
}
