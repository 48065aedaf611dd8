// What the files of the AVX2 kernels share.
#pragma once

#include <immintrin.h>

#include "kernels.h"

#define TARGET __attribute__((target("avx2,fma,popcnt")))
#define INLINE SIGNFLIP_INLINE TARGET

// Products of signs: see `signflip_bits`.
void signflip_avx2_xnor_product(const signflip_xnor_operands *operands, const signflip_xnor_result *result, size_t begin,
                                size_t end);
uint64_t signflip_avx2_xnor_ceiling(uint64_t rounds, uint64_t *sink);
