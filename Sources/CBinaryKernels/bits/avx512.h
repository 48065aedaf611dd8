// Shared by the files of the AVX-512 kernels.
#pragma once

#include <immintrin.h>

#include "kernels.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vpopcntdq,avx512vnni,avx2,fma,popcnt")))
#define INLINE SIGNFLIP_INLINE TARGET

// See `signflip_bits`.
void signflip_avx512_xnor_product(const signflip_xnor_operands *operands, const signflip_xnor_result *result,
                                  size_t begin, size_t end);
uint64_t signflip_avx512_popcount_ceiling(uint64_t rounds, uint64_t *sink);
uint64_t signflip_avx512_xnor_ceiling(uint64_t rounds, uint64_t *sink);
