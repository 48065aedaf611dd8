// Shared by the kernels of all instruction sets: the division of a product into blocks, and the output of its counts.
#pragma once

#include <string.h>

#include "../clones.h"
#include "signflip_bits.h"

// Returns the kernels of each set; NULL if the processor or the operating system does not support it.
#define SIGNFLIP_DECLARE(set) const signflip_bits *signflip_kernels_##set(void);
SIGNFLIP_INSTRUCTION_SETS(SIGNFLIP_DECLARE)
#undef SIGNFLIP_DECLARE

// Defines the table of a set, with functions named like the members of `signflip_bits`, and the condition for its use.
#define SIGNFLIP_KERNELS(set, is_supported, xnor, ceiling, step_ceiling)                             \
  static const signflip_bits table = {                                                               \
      .isa = signflip_isa_##set,                                                                     \
      .name = #set,                                                                                  \
      .pack_signs = pack_signs,                                                                      \
      .xnor_product = xnor,                                                                          \
      .sign_product = sign_product,                                                                  \
      .byte_product = byte_product,                                                                  \
      .popcount_ceiling = ceiling,                                                                   \
      .xnor_ceiling = step_ceiling,                                                                  \
  };                                                                                                 \
  const signflip_bits *signflip_kernels_##set(void) { return (is_supported) ? &table : NULL; }

// Defines that a set has no kernels on this architecture.
#define SIGNFLIP_NO_KERNELS(set) \
  const signflip_bits *signflip_kernels_##set(void) { return NULL; }

enum { panel_columns = signflip_panel_columns };

// The number of existing columns in a panel.
SIGNFLIP_INLINE size_t panel_width(size_t panel, size_t columns) {
  const size_t left = columns - panel * panel_columns;
  return left < panel_columns ? left : panel_columns;
}

// MARK: Products of signs

// Writes the bits of `width` comparisons of dot products with thresholds to a row, from bit `first` on. Writing a word's first bit
// clears its other bits.
SIGNFLIP_INLINE void store_row_bits(uint64_t below, size_t width, size_t first, uint64_t *row,
                                    const uint64_t *inverted) {
  const size_t shift = first % 64;
  const uint64_t mask = (((uint64_t)1 << width) - 1) << shift;
  uint64_t *const word = row + first / 64;
  const uint64_t bits = (below << shift ^ inverted[first / 64]) & mask;
  *word = shift == 0 ? bits : *word | bits;
}

SIGNFLIP_INLINE void store_bits(uint64_t below, size_t width, size_t row, size_t first,
                                const signflip_xnor_result *result) {
  store_row_bits(below, width, first, result->bits + row * result->stride, result->inverted);
}

// Compares dot products with thresholds: bit j is dots[j] < thresholds[j].
SIGNFLIP_INLINE uint64_t compare_dots(const int32_t *dots, const int32_t *thresholds, size_t width) {
  uint64_t below = 0;
  for (size_t j = 0; j < width; j++) below |= (uint64_t)(dots[j] < thresholds[j]) << j;
  return below;
}

// Writes the result of a row in up to 16 columns from `first` on, given the counts of different bits among `depth` signs.
// `first` is a multiple of `width`, which divides 64, except at the row's end.
SIGNFLIP_INLINE void store_counts(const uint32_t *restrict counts, int32_t depth, size_t row, size_t first,
                                  size_t width, const signflip_xnor_result *result) {
  int32_t dots[panel_columns];
  for (size_t j = 0; j < width; j++) dots[j] = depth - 2 * (int32_t)counts[j];
  const size_t place = row * result->stride;
  if (result->values) {
    for (size_t j = 0; j < width; j++) result->values[place + first + j] = result->scale * (float)dots[j];
  } else if (result->dots) {
    memcpy(result->dots + place + first, dots, width * sizeof(int32_t));
  } else {
    store_bits(compare_dots(dots, result->thresholds + first, width), width, row, first, result);
  }
}

// The number of signs of a row that are used.
SIGNFLIP_INLINE int32_t row_depth(const signflip_xnor_operands *o, size_t row) {
  if (!o->kept) return (int32_t)o->depth;
  int32_t count = 0;
  for (size_t w = 0; w < o->words; w++) count += __builtin_popcountll(o->kept[row * o->words + w]);
  return count;
}

// MARK: Products of floats with signs

enum { sign_rows = signflip_sign_rows, table_floats = 16 * sign_rows, tables = 16 };

// The number of columns of sums: complete groups of four.
SIGNFLIP_INLINE size_t sign_columns(size_t columns) { return (columns + 3) / 4 * 4; }

// The scratch of a product: sums [columns][16] of two blocks, 16 tables of 16 entries of 16 floats for each, a panel [64][16].
typedef struct {
  float *sums, *tables, *panel;
} sign_scratch;

SIGNFLIP_INLINE sign_scratch cut_scratch(float *scratch, size_t columns) {
  float *const sums_end = scratch + 2 * sign_rows * sign_columns(columns);
  return (sign_scratch){scratch, sums_end, sums_end + 2 * tables * table_floats};
}

// Copies 64 elements of 16 rows into a panel [64][16]; missing elements are zero. The scalar form, for incomplete panels.
SIGNFLIP_INLINE void gather_panel(const signflip_sign_operands *o, size_t row, size_t rows, size_t k, size_t depth,
                                  float *panel) {
  memset(panel, 0, 64 * sign_rows * sizeof(float));
  for (size_t r = 0; r < rows; r++) {
    for (size_t d = 0; d < depth; d++) {
      panel[d * sign_rows + r] = o->a[(row + r) * o->row_stride + (k + d) * o->depth_stride];
    }
  }
}

// The offset of the table entries of a word's nibble, in bytes.
#define NIBBLE(word, g) ((g) == 0 ? ((word) << 6) & 960 : (g) == 1 ? ((word) << 2) & 960 : ((word) >> (4 * (g) - 6)) & 960)

// MARK: Products of bytes with signs

// The thresholds of a row of sums.
SIGNFLIP_INLINE const int32_t *row_thresholds(const signflip_byte_result *result, size_t row, size_t columns) {
  const signflip_pixel_classes c = result->classes;
  return result->thresholds + (c.classes ? c.classes[row % c.pixels] * columns : 0);
}

// Four bytes of a row; 0 beyond its end.
SIGNFLIP_INLINE uint32_t four_bytes(const uint8_t *bytes, size_t count) {
  uint32_t value = 0;
  if (count >= 4) {
    memcpy(&value, bytes, 4);
  } else {
    memcpy(&value, bytes, count);
  }
  return value;
}
