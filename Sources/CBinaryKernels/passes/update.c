#include <math.h>
#include <string.h>

#include "CBinaryKernels.h"
#include "../dispatch.h"

enum { block = 64 };

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

SIGNFLIP_INLINE void product_weights(const float *restrict weights, float *restrict float32,
                                     uint16_t *restrict bfloat16, int binary, size_t count) {
  if (float32 && binary) {
    for (size_t i = 0; i < count; i++) float32[i] = weights[i] < 0 ? -1.0f : 1.0f;
  } else if (float32) {
    memcpy(float32, weights, count * sizeof(float));
  }
  if (bfloat16 && binary) {
    for (size_t i = 0; i < count; i++) bfloat16[i] = weights[i] < 0 ? 0xBF80 : 0x3F80;
  } else if (bfloat16) {
    for (size_t i = 0; i < count; i++) bfloat16[i] = bfloat16_bits(weights[i]);
  }
}

SIGNFLIP_CLONES
void signflip_product_weights(const float *weights, float *float32, uint16_t *bfloat16, int binary, size_t begin,
                              size_t end) {
  product_weights(weights + begin, float32 ? float32 + begin : NULL, bfloat16 ? bfloat16 + begin : NULL, binary,
                  end - begin);
}

// Bit j: weight j of the block has flipped.
SIGNFLIP_INLINE uint64_t flip_mask(const uint8_t flipped[block]) {
  uint64_t mask = 0;
  for (size_t j = 0; j < block; j += 8) {
    uint64_t bytes;
    memcpy(&bytes, flipped + j, sizeof bytes);
    // Gathers the low bits of eight bytes, the first byte's lowest.
    mask |= (bytes * 0x0102040810204080u >> 56) << j;
  }
  return mask;
}

static void count_flips(uint64_t mask, uint16_t *flip_counts, int64_t *histogram) {
  for (; mask; mask &= mask - 1) {
    const size_t j = (size_t)__builtin_ctzll(mask);
    const uint16_t before = flip_counts[j];
    if (before == UINT16_MAX) continue;
    flip_counts[j] = before + 1;
    histogram[before < signflip_flip_bins ? before : signflip_flip_bins - 1]--;
    histogram[before + 1 < signflip_flip_bins ? before + 1 : signflip_flip_bins - 1]++;
  }
}

// One block. The flags are constants at each call below, so each is a loop without branches; the parameters are
// `restrict` because only a parameter's promise survives inlining.
SIGNFLIP_INLINE void update_block(float *restrict w, const float *restrict gradient, float *restrict first,
                                  float *restrict second, uint8_t *restrict flipped, float *restrict squares,
                                  size_t count, const signflip_update_numbers n, float limit, float inverse_correction,
                                  signflip_update_rule rule, int has_velocity) {
  for (size_t j = 0; j < count; j++) {
    const float raw = gradient[j];
    squares[j] += raw * raw;
    const float old = w[j];
    const float g = raw + n.weight_decay * old;
    float step = g;
    if (rule == signflip_adam) {
      float m = n.beta1 * first[j] + (1 - n.beta1) * g;
      float v = n.beta2 * second[j] + (1 - n.beta2) * g * g;
      // Where no gradient comes any more the moments would stay denormal for ever, at several times the cost.
      m = __builtin_fabsf(m) < 1e-30f ? 0 : m;
      v = v < 1e-30f ? 0 : v;
      first[j] = m;
      second[j] = v;
      // sqrtf could set errno, and would keep the loop scalar.
      step = m / (__builtin_elementwise_sqrt(v) * inverse_correction + n.epsilon);
    } else if (has_velocity) {
      step = n.momentum * first[j] + g;
      first[j] = step;
    }
    float updated = old - n.rate * step;
    updated = updated > limit ? limit : updated;
    updated = updated < -limit ? -limit : updated;
    w[j] = updated;
    flipped[j] = (old < 0) != (updated < 0);
  }
}

SIGNFLIP_INLINE signflip_update_result update(const signflip_update_buffers *buffers,
                                              const signflip_update_numbers *numbers, size_t begin, size_t end,
                                              int64_t *histogram, signflip_update_rule rule, int has_velocity) {
  const signflip_update_numbers n = *numbers;
  const float limit = n.clip > 0 ? n.clip : INFINITY;
  const float inverse_correction = rule == signflip_adam ? 1.0f / n.second_correction : 1.0f;
  const int has_first = rule == signflip_adam || has_velocity;
  float squares[block] = {0};
  double square_sum = 0;
  uint64_t flips = 0;
  size_t blocks_in_sum = 0;
  for (size_t i = begin; i < end; i += block) {
    float *const w = buffers->weights + i;
    const float *const gradient = buffers->gradient + i;
    float *const first = has_first ? buffers->first_moment + i : NULL;
    float *const second = rule == signflip_adam ? buffers->second_moment + i : NULL;
    const size_t count = end - i < block ? end - i : block;
    uint8_t flipped[block] = {0};
    if (count == block) {
      update_block(w, gradient, first, second, flipped, squares, block, n, limit, inverse_correction, rule,
                   has_velocity);
    } else {
      update_block(w, gradient, first, second, flipped, squares, count, n, limit, inverse_correction, rule,
                   has_velocity);
    }
    if (n.binary) {
      const uint64_t mask = flip_mask(flipped);
      flips += (uint64_t)__builtin_popcountll(mask);
      if (buffers->flip_counts) count_flips(mask, buffers->flip_counts + i, histogram);
    }
    product_weights(w, buffers->product_float32 ? buffers->product_float32 + i : NULL,
                    buffers->product_bfloat16 ? buffers->product_bfloat16 + i : NULL, n.binary, count);
    // Short float sums, one double sum: the norm keeps its digits over millions of weights.
    if (++blocks_in_sum == 256 || i + block >= end) {
      for (size_t j = 0; j < block; j++) square_sum += squares[j];
      memset(squares, 0, sizeof squares);
      blocks_in_sum = 0;
    }
  }
  return (signflip_update_result){flips, square_sum};
}

SIGNFLIP_CLONES
signflip_update_result signflip_update(const signflip_update_buffers *buffers, const signflip_update_numbers *numbers,
                                       size_t begin, size_t end, int64_t flip_histogram[signflip_flip_bins]) {
  if (numbers->rule == signflip_adam) {
    return update(buffers, numbers, begin, end, flip_histogram, signflip_adam, 0);
  }
  return buffers->first_moment ? update(buffers, numbers, begin, end, flip_histogram, signflip_sgd, 1)
                               : update(buffers, numbers, begin, end, flip_histogram, signflip_sgd, 0);
}
