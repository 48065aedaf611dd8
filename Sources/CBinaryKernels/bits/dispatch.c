#include "kernels.h"

const signflip_bits *signflip_bits_for(signflip_isa isa) {
#define SIGNFLIP_CASE(set) \
  case signflip_isa_##set: return signflip_kernels_##set();
  switch (isa) {
    SIGNFLIP_INSTRUCTION_SETS(SIGNFLIP_CASE)
    default: return NULL;
  }
#undef SIGNFLIP_CASE
}
