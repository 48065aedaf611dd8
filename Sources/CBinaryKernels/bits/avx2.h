// Shared by the files of the AVX2 kernels.
#pragma once

#include <immintrin.h>

#include "kernels.h"

#define TARGET __attribute__((target("avx2,fma,popcnt")))
#define INLINE SIGNFLIP_INLINE TARGET

// MARK: Products of signs

INLINE __m256i nibble_mask(void) { return _mm256_set1_epi8(15); }
INLINE __m256i low_nibbles(__m256i x) { return _mm256_and_si256(x, nibble_mask()); }
INLINE __m256i high_nibbles(__m256i x) { return _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble_mask()); }

INLINE __m256i bits_of_nibbles(void) {
  return _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
}

// Writes the result of a row's eight counts.
INLINE void store_eight(__m256i counts, int32_t depth, size_t row, size_t first, size_t width,
                        const signflip_xnor_result *result) {
  const __m256i dots = _mm256_sub_epi32(_mm256_set1_epi32(depth), _mm256_slli_epi32(counts, 1));
  const size_t place = row * result->stride + first;
  if (width < 8) {
    uint32_t some[8];
    _mm256_storeu_si256((__m256i *)some, counts);
    store_counts(some, depth, row, first, width, result);
  } else if (result->values) {
    const __m256 values = _mm256_mul_ps(_mm256_set1_ps(result->scale), _mm256_cvtepi32_ps(dots));
    _mm256_storeu_ps(result->values + place, values);
  } else if (result->dots) {
    _mm256_storeu_si256((__m256i *)(result->dots + place), dots);
  } else {
    const __m256i limits = _mm256_loadu_si256((const __m256i *)(result->thresholds + first));
    const int below = _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(limits, dots)));
    store_bits((uint64_t)below, 8, row, first, result);
  }
}

// Computes rows [begin, end) of a product of signs with tables of two rows. Returns the first column that is left to compute,
// which starts a panel. There must be at least 17 columns and 1 word, and at most 65535 signs in a row.
size_t signflip_avx2_look_up(const signflip_xnor_operands *operands, const signflip_xnor_result *result, size_t begin,
                             size_t end);

// See `signflip_bits`.
void signflip_avx2_xnor_product(const signflip_xnor_operands *operands, const signflip_xnor_result *result, size_t begin,
                                size_t end);
uint64_t signflip_avx2_popcount_ceiling(uint64_t rounds, uint64_t *sink);
uint64_t signflip_avx2_xnor_ceiling(uint64_t rounds, uint64_t *sink);
