#pragma once

#include <stdint.h>
#include <string.h>

#include "../clones.h"

/// Packs 64 bytes, 0 or 1, into a word; the first byte is the lowest bit.
SIGNFLIP_INLINE uint64_t signflip_pack_bytes(const uint8_t bytes[64]) {
  uint64_t word = 0;
  for (unsigned j = 0; j < 64; j += 8) {
    uint64_t eight;
    memcpy(&eight, bytes + j, sizeof eight);
    // Gathers the low bits of eight bytes.
    word |= (eight * 0x0102040810204080u >> 56) << j;
  }
  return word;
}
