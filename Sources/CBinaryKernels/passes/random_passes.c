#include <string.h>

#include "philox.h"

SIGNFLIP_INLINE uint16_t sign_bfloat16(int negative) { return (uint16_t)(0x3F80 | (negative << 15)); }

SIGNFLIP_CLONES
void signflip_random_words(uint32_t *output, signflip_random_stream random, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i += 64) {
    signflip_words words[4];
    signflip_philox_group(random, i / 64, words);
    size_t count = end - i < 64 ? end - i : 64;
    memcpy(output + i, words, count * sizeof(uint32_t));
  }
}

// 16 bits decide a sign: a group of 64 words draws 128 of them.
SIGNFLIP_CLONES
void signflip_stochastic_signs(const float *weights, float clip, float *float32, uint16_t *bfloat16,
                               signflip_random_stream random, size_t begin, size_t end) {
  const float scale = 32768.0f / clip;
  for (size_t i = begin; i < end; i += 128) {
    signflip_words words[4];
    signflip_philox_group(random, i / 128, words);
    uint16_t draws[128];
    memcpy(draws, words, sizeof draws);
    size_t count = end - i < 128 ? end - i : 128;
    float signs[128];
    for (size_t j = 0; j < count; j++) {
      // The middle of the draw's step < 65536·(w/clip + 1)/2: always at w >= clip, never at w <= -clip, although
      // `scale` is rounded.
      float threshold = weights[i + j] * scale + 32768.0f;
      signs[j] = (float)draws[j] + 0.5f < threshold ? 1.0f : -1.0f;
    }
    if (float32) memcpy(float32 + i, signs, count * sizeof(float));
    if (bfloat16) {
      for (size_t j = 0; j < count; j++) bfloat16[i + j] = sign_bfloat16(signs[j] < 0);
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
    signflip_words words[4];
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
void signflip_dropout_gradient(const float *restrict output_gradient, const uint8_t *restrict kept,
                               float *restrict input_gradient, float rate, size_t begin, size_t end) {
  const float scale = 1.0f / (1.0f - rate);
  for (size_t i = begin; i < end; i++) input_gradient[i] = kept[i] ? output_gradient[i] * scale : 0.0f;
}
