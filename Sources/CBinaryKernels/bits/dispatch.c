#include <unistd.h>

#include "kernels.h"

const signflip_bits *signflip_bits_for_cache(signflip_isa isa, size_t cache) {
#define SIGNFLIP_CASE(set) \
  case signflip_isa_##set: return signflip_kernels_##set(cache);
  switch (isa) {
    SIGNFLIP_INSTRUCTION_SETS(SIGNFLIP_CASE)
    default: return NULL;
  }
#undef SIGNFLIP_CASE
}

const signflip_bits *signflip_bits_for(signflip_isa isa) {
  // 0 or -1 if the system does not know it.
  const long cache = sysconf(_SC_LEVEL1_DCACHE_SIZE);
  return signflip_bits_for_cache(isa, cache > 0 ? (size_t)cache : 0);
}
