#include <string.h>

#include "signflip_bits.h"

void signflip_pack_panels(const uint64_t *bits, size_t columns, size_t words, uint64_t *panels, size_t first_panel,
                          size_t last_panel) {
  enum { width = signflip_panel_columns };
  for (size_t p = first_panel; p < last_panel; p++) {
    uint64_t *const panel = panels + p * width * words;
    for (size_t j = 0; j < width; j++) {
      const size_t column = p * width + j;
      const uint64_t *const source = bits + column * words;
      if (column < columns) {
        for (size_t w = 0; w < words; w++) panel[w * width + j] = source[w];
      } else {
        for (size_t w = 0; w < words; w++) panel[w * width + j] = 0;
      }
    }
  }
}

void signflip_pack_byte_panels(const uint64_t *bits, size_t columns, size_t depth, int8_t *panels) {
  enum { width = signflip_panel_columns };
  const size_t words = signflip_words(depth);
  for (size_t p = 0; p < signflip_panels(columns); p++) {
    int8_t *const panel = panels + p * signflip_byte_panel(depth);
    memset(panel, 0, signflip_byte_panel(depth));
    for (size_t j = 0; j < width && p * width + j < columns; j++) {
      const uint64_t *const source = bits + (p * width + j) * words;
      for (size_t k = 0; k < depth; k++) {
        panel[k / 4 * 4 * width + j * 4 + k % 4] = source[k / 64] >> (k % 64) & 1 ? -1 : 1;
      }
    }
  }
}

void signflip_word_major(const uint64_t *bits, size_t rows, size_t words, uint64_t *output, size_t first_row,
                         size_t last_row) {
  // Eight rows at once, which fill a cache line of the output.
  for (size_t r = first_row; r < last_row; r += 8) {
    const size_t end = last_row - r < 8 ? last_row : r + 8;
    for (size_t w = 0; w < words; w++) {
      for (size_t i = r; i < end; i++) output[w * rows + i] = bits[i * words + w];
    }
  }
}

// Transposes 64×64 bits in place: swaps blocks of 32, 16, ... 1 (Warren, Hacker's Delight, section 7-3).
static void transpose_block(uint64_t block[64]) {
  uint64_t mask = 0x00000000FFFFFFFFu;
  for (unsigned width = 32; width > 0; width /= 2, mask ^= mask << width) {
    for (unsigned i = 0; i < 64; i = ((i | width) + 1) & ~width) {
      const uint64_t swapped = (block[i] >> width ^ block[i | width]) & mask;
      block[i] ^= swapped << width;
      block[i | width] ^= swapped;
    }
  }
}

void signflip_transpose(const uint64_t *bits, size_t rows, size_t columns, uint64_t *output, size_t first_slab,
                        size_t last_slab) {
  const size_t words = signflip_words(columns);
  for (size_t slab = first_slab; slab < last_slab; slab++) {
    for (size_t w = 0; w < words; w++) {
      uint64_t block[64] = {0};
      for (size_t b = 0; b < 64 && slab * 64 + b < rows; b++) block[b] = bits[(slab * 64 + b) * words + w];
      transpose_block(block);
      const size_t count = columns - w * 64 < 64 ? columns - w * 64 : 64;
      memcpy(output + slab * columns + w * 64, block, count * sizeof(uint64_t));
    }
  }
}
