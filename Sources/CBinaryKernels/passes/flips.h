#pragma once

#include "CBinaryKernels.h"
#include "../clones.h"

// Counts the flips of up to 64 weights, one bit of `mask` each.
SIGNFLIP_INLINE void signflip_count_flips(uint64_t mask, uint16_t *flip_counts, int64_t *histogram) {
  for (; mask; mask &= mask - 1) {
    const size_t j = (size_t)__builtin_ctzll(mask);
    const uint16_t before = flip_counts[j];
    if (before == UINT16_MAX) continue;
    flip_counts[j] = before + 1;
    histogram[before < signflip_flip_bins ? before : signflip_flip_bins - 1]--;
    histogram[before + 1 < signflip_flip_bins ? before + 1 : signflip_flip_bins - 1]++;
  }
}
