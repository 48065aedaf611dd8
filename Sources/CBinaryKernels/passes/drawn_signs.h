#pragma once

#include <string.h>

#include "pack_bytes.h"
#include "philox.h"

// Draws of 16 bits: a group of 64 words contains 128 draws, for two words of signs.
SIGNFLIP_INLINE void signflip_draw_group(signflip_random_stream random, size_t row, size_t words, size_t w,
                                         uint16_t draws[128]) {
  signflip_lanes group[4];
  signflip_philox_group(random, row * ((words + 1) / 2) + w / 2, group);
  memcpy(draws, group, 128 * sizeof(uint16_t));
}

// The signs of up to 64 values, +1 with probability clamp((x/clip + 1)/2, 0, 1); `scale` is 32768/clip.
SIGNFLIP_INLINE uint64_t signflip_drawn_signs(const float *values, size_t count, float scale, const uint16_t *draws) {
  uint8_t negative[64] = {0};
  // Compares the centre of the draw's interval with 65536·(x/clip + 1)/2. This is always true for x >= clip and never for
  // x <= -clip, even though `scale` is rounded.
  for (size_t j = 0; j < count; j++) negative[j] = !((float)draws[j] + 0.5f < values[j] * scale + 32768.0f);
  return signflip_pack_bytes(negative);
}
