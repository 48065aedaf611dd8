#include <string.h>

#include "pack_bytes.h"
#include "philox.h"

SIGNFLIP_CLONES
void signflip_random_words(uint32_t *output, signflip_random_stream random, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i += 64) {
    signflip_lanes words[4];
    signflip_philox_group(random, i / 64, words);
    size_t count = end - i < 64 ? end - i : 64;
    memcpy(output + i, words, count * sizeof(uint32_t));
  }
}

// Draws of 16 bits: a group of 64 words has 128 of them, for two words of signs.
SIGNFLIP_INLINE void draw_group(signflip_random_stream random, size_t row, size_t words, size_t w,
                                uint16_t draws[128]) {
  signflip_lanes group[4];
  signflip_philox_group(random, row * ((words + 1) / 2) + w / 2, group);
  memcpy(draws, group, 128 * sizeof(uint16_t));
}

SIGNFLIP_CLONES
void signflip_stochastic_signs(const float *weights, float clip, uint64_t *signs, signflip_random_stream random,
                               size_t columns, size_t begin, size_t end) {
  const float scale = 32768.0f / clip;
  const size_t words = signflip_words(columns);
  for (size_t row = begin; row < end; row++) {
    uint16_t draws[128];
    for (size_t w = 0; w < words; w++) {
      if (w % 2 == 0) draw_group(random, row, words, w, draws);
      const uint16_t *const mine = draws + w % 2 * 64;
      const float *const source = weights + row * columns + w * 64;
      const size_t count = columns - w * 64 < 64 ? columns - w * 64 : 64;
      uint8_t negative[64] = {0};
      // The middle of the draw's step < 65536·(w/clip + 1)/2: always at w >= clip, never at w <= -clip, although
      // `scale` is rounded.
      for (size_t j = 0; j < count; j++) negative[j] = !((float)mine[j] + 0.5f < source[j] * scale + 32768.0f);
      signs[row * words + w] = signflip_pack_bytes(negative);
    }
  }
}

SIGNFLIP_CLONES
void signflip_kept_bits(float rate, uint64_t *kept, signflip_random_stream random, size_t columns, size_t begin,
                        size_t end) {
  const float threshold = rate * 65536.0f;
  const size_t words = signflip_words(columns);
  for (size_t row = begin; row < end; row++) {
    uint16_t draws[128];
    for (size_t w = 0; w < words; w++) {
      if (w % 2 == 0) draw_group(random, row, words, w, draws);
      const uint16_t *const mine = draws + w % 2 * 64;
      const size_t count = columns - w * 64 < 64 ? columns - w * 64 : 64;
      uint8_t keeps[64] = {0};
      for (size_t j = 0; j < count; j++) keeps[j] = (float)mine[j] >= threshold;
      kept[row * words + w] = signflip_pack_bytes(keeps);
    }
  }
}

SIGNFLIP_CLONES
void signflip_dropout(const float *input, float *output, uint8_t *kept, float rate, signflip_random_stream random,
                      size_t begin, size_t end) {
  // 24 bits are exact as float.
  const float threshold = rate * 16777216.0f;
  const float scale = 1.0f / (1.0f - rate);
  for (size_t i = begin; i < end; i += 64) {
    signflip_lanes words[4];
    signflip_philox_group(random, i / 64, words);
    uint32_t draws[64];
    memcpy(draws, words, sizeof draws);
    size_t count = end - i < 64 ? end - i : 64;
    for (size_t j = 0; j < count; j++) {
      int keep = (float)(draws[j] >> 8) >= threshold;
      kept[i + j] = (uint8_t)keep;
      output[i + j] = keep ? input[i + j] * scale : 0.0f;
    }
  }
}

SIGNFLIP_CLONES
void signflip_dropout_gradient(const uint8_t *restrict kept, float *restrict gradient, float rate, size_t begin,
                               size_t end) {
  const float scale = 1.0f / (1.0f - rate);
  for (size_t i = begin; i < end; i++) gradient[i] = kept[i] ? gradient[i] * scale : 0.0f;
}
