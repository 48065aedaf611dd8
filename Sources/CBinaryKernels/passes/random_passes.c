#include <string.h>

#include "drawn_signs.h"

SIGNFLIP_CLONES
void signflip_random_words(uint32_t *output, signflip_random_stream random, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i += 64) {
    signflip_lanes words[4];
    signflip_philox_group(random, i / 64, words);
    size_t count = end - i < 64 ? end - i : 64;
    memcpy(output + i, words, count * sizeof(uint32_t));
  }
}

SIGNFLIP_CLONES
void signflip_stochastic_signs(const float *weights, float clip, uint64_t *signs, signflip_random_stream random,
                               size_t columns, size_t begin, size_t end) {
  const float scale = 32768.0f / clip;
  const size_t words = signflip_words(columns);
  for (size_t row = begin; row < end; row++) {
    uint16_t draws[128];
    for (size_t w = 0; w < words; w++) {
      if (w % 2 == 0) signflip_draw_group(random, row, words, w, draws);
      const float *const source = weights + row * columns + w * 64;
      const size_t count = columns - w * 64 < 64 ? columns - w * 64 : 64;
      signs[row * words + w] = signflip_drawn_signs(source, count, scale, draws + w % 2 * 64);
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
      if (w % 2 == 0) signflip_draw_group(random, row, words, w, draws);
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
  // Numbers of 24 bits are exact in float32.
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
