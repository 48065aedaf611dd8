#pragma once

#include "CBinaryKernels.h"
#include "../clones.h"

// All functions are inlined, so vectors are never passed in calls and their ABI does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"

// 16 Philox4x32-10 blocks side by side, as vectors of 16: 64 words a call.
typedef uint32_t signflip_lanes __attribute__((vector_size(64)));
typedef uint64_t signflip_wide __attribute__((vector_size(128)));

SIGNFLIP_INLINE void signflip_multiply(signflip_lanes a, uint32_t b, signflip_lanes *high, signflip_lanes *low) {
  signflip_wide product = __builtin_convertvector(a, signflip_wide) * (uint64_t)b;
  *low = __builtin_convertvector(product, signflip_lanes);
  *high = __builtin_convertvector(product >> 32, signflip_lanes);
}

/// Computes the words 64·group ... 64·group + 63 of a stream: word w of block b is element b of `words[w]`.
SIGNFLIP_INLINE void signflip_philox_group(signflip_random_stream random, uint64_t group, signflip_lanes words[4]) {
  const signflip_lanes ramp = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  uint64_t first = group * 16;  // no carry within a group: 16 divides 2^32
  signflip_lanes c0 = ramp + (uint32_t)first;
  signflip_lanes c1 = (ramp & 0) + (uint32_t)(first >> 32);
  signflip_lanes c2 = (ramp & 0) + random.stream;
  signflip_lanes c3 = (ramp & 0) + random.step;
  uint32_t k0 = (uint32_t)random.seed, k1 = (uint32_t)(random.seed >> 32);
  for (int round = 0; round < 10; round++) {
    signflip_lanes h0, l0, h1, l1;
    signflip_multiply(c0, 0xD2511F53u, &h0, &l0);
    signflip_multiply(c2, 0xCD9E8D57u, &h1, &l1);
    c0 = h1 ^ c1 ^ k0;
    c1 = l1;
    c2 = h0 ^ c3 ^ k1;
    c3 = l0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  words[0] = c0;
  words[1] = c1;
  words[2] = c2;
  words[3] = c3;
}
