#include "kernels.h"

const signflip_bits *signflip_bits_for(signflip_isa isa) {
  switch (isa) {
    case signflip_isa_scalar: return &signflip_bits_scalar;
#if defined(__x86_64__)
    // The compiler's run-time library asks the processor (CPUID) and whether the system saves the registers (XGETBV).
    case signflip_isa_avx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &signflip_bits_avx2 : NULL;
    case signflip_isa_avx512:
      return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                     __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vnni")
                 ? &signflip_bits_avx512
                 : NULL;
#elif defined(__aarch64__)
    case signflip_isa_neon: return &signflip_bits_neon;
#endif
    default: return NULL;
  }
}
