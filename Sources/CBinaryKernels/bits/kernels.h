// Shared by the kernels of all instruction sets: the division of a product into blocks, and the output of its counts.
#pragma once

#include <string.h>

#include "../clones.h"
#include "signflip_bits.h"

// Returns the kernels of each set for a first data cache of `cache` bytes; NULL if the processor or the operating system does not
// support it.
#define SIGNFLIP_DECLARE(set) const signflip_bits *signflip_kernels_##set(size_t cache);
SIGNFLIP_INSTRUCTION_SETS(SIGNFLIP_DECLARE)
#undef SIGNFLIP_DECLARE

// Defines a table of a set, with functions named like the members of `signflip_bits`.
#define SIGNFLIP_TABLE(table, set, sign, xnor, ceiling, step_ceiling) \
  static const signflip_bits table = {                                \
      .isa = signflip_isa_##set,                                      \
      .name = #set,                                                   \
      .pack_signs = pack_signs,                                       \
      .xnor_product = xnor,                                           \
      .sign_product = sign,                                           \
      .byte_product = byte_product,                                   \
      .popcount_ceiling = ceiling,                                    \
      .xnor_ceiling = step_ceiling,                                   \
  };

// Defines the table of a set for all caches, and the condition for its use.
#define SIGNFLIP_KERNELS(set, is_supported, xnor, ceiling, step_ceiling)        \
  SIGNFLIP_TABLE(table, set, sign_product, xnor, ceiling, step_ceiling)         \
  const signflip_bits *signflip_kernels_##set(size_t cache) {                   \
    (void)cache;                                                                \
    return (is_supported) ? &table : NULL;                                      \
  }

// Defines that a set has no kernels on this architecture.
#define SIGNFLIP_NO_KERNELS(set)                              \
  const signflip_bits *signflip_kernels_##set(size_t cache) { \
    (void)cache;                                              \
    return NULL;                                              \
  }

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

// A grouping divides the depth into slices, and a slice into groups. A group of n elements has a table of 2ⁿ entries, the sums for all
// its signs in 16 rows: entry s is Σₖ ±aₖ, minus where bit k of s is 1. There are two groupings:
//
//            slice          groups of a slice                        entries
//   narrow   64 elements    16 of four elements                      16 · 16
//   wide     32 elements    four of five, then two of six elements   4 · 32 + 2 · 64
//
// The tables of a slice take 16 KB, half of the smallest first cache. The wide grouping needs 3/4 of the look-ups, but twice the time for
// its tables, which many columns share. In all functions below, `wide` is a constant.
enum { sign_rows = signflip_sign_rows, table_floats = 256 * sign_rows };

// Whether a product uses the wide grouping. This depends only on the number of columns of the whole product, so that the order of a sum
// depends neither on the instruction set nor on the division among threads.
SIGNFLIP_INLINE int is_wide(const signflip_sign_operands *o) { return o->stride >= signflip_wide_columns; }

SIGNFLIP_INLINE size_t slice_depth(int wide) { return wide ? 32 : 64; }
SIGNFLIP_INLINE size_t slice_groups(int wide) { return wide ? 6 : 16; }
SIGNFLIP_INLINE size_t group_size(int wide, size_t g) { return !wide ? 4 : g < 4 ? 5 : 6; }

// The first element of a group; of the one after the last group, the depth of a slice.
SIGNFLIP_INLINE size_t group_start(int wide, size_t g) { return !wide ? 4 * g : g < 4 ? 5 * g : 20 + 6 * (g - 4); }

// The number of groups that the first `depth` elements of a slice reach into.
SIGNFLIP_INLINE size_t filled_groups(int wide, size_t depth) {
  return !wide ? (depth + 3) / 4 : depth <= 20 ? (depth + 4) / 5 : 4 + (depth - 20 + 5) / 6;
}

// The number of entries in the tables before a group's.
SIGNFLIP_INLINE size_t entries_before(int wide, size_t g) { return !wide ? 16 * g : g < 4 ? 32 * g : 128 + 64 * (g - 4); }

// The entry for a group's signs in the tables of a slice, as an offset in bytes. The signs of the slice start at bit `first` of a word.
SIGNFLIP_INLINE size_t entry_offset(int wide, size_t g, uint64_t word, size_t first) {
  enum { shift = 6 };
  _Static_assert(sizeof(float) * sign_rows == 1 << shift, "an entry has 64 bytes");
  const size_t start = first + group_start(wide, g), entries = (size_t)1 << group_size(wide, g);
  const uint64_t moved = start < shift ? word << (shift - start) : word >> (start - shift);
  return (entries_before(wide, g) << shift) + (moved & (entries - 1) << shift);
}

// A word in a register of its own. Otherwise the compiler computes offsets of several columns in a vector register and moves them from
// there, which takes longer.
SIGNFLIP_INLINE uint64_t in_register(uint64_t word) {
  __asm__("" : "+r"(word));
  return word;
}

// A step of a product: it adds the entries of a slice to the sums of all columns.
typedef struct {
  // Constants in each call: the grouping; how many blocks of 16 rows are multiplied at once, 1 or 2, as one offset serves the tables of
  // both; whether there is a second plane of signs; the bit of the words where the slice starts.
  int wide;
  size_t blocks;
  int too;
  size_t first;
  // The number of filled groups, a constant for most slices.
  size_t filled;
  // The tables, `table_floats` for each block.
  const float *tables;
  // Whether the sums have values yet; otherwise they start at 0.
  int adds;
  // The distance between the sums of two blocks.
  size_t block_sums;
} sign_step;

// The sums of a block: complete groups of eight columns.
SIGNFLIP_INLINE size_t block_sums(size_t columns) { return (columns + 7) / 8 * 8 * sign_rows; }

// The scratch of a product: sums [columns][16] and tables of two blocks, and a panel [64][16].
typedef struct {
  float *sums, *tables, *panel;
} sign_scratch;

SIGNFLIP_INLINE sign_scratch cut_scratch(float *scratch, size_t columns) {
  float *const sums_end = scratch + 2 * block_sums(columns);
  return (sign_scratch){scratch, sums_end, sums_end + 2 * table_floats};
}

// Copies `depth` elements of `rows` rows into a panel [depth][16]; missing rows are zero, and so are elements up to `end`.
SIGNFLIP_INLINE void gather_panel(const signflip_sign_operands *o, size_t row, size_t rows, size_t k, size_t depth,
                                  size_t end, float *panel) {
  memset(panel, 0, end * sign_rows * sizeof(float));
  for (size_t r = 0; r < rows; r++) {
    for (size_t d = 0; d < depth; d++) {
      panel[d * sign_rows + r] = o->a[(row + r) * o->row_stride + (k + d) * o->depth_stride];
    }
  }
}

// Writes the sums of `rows` rows one by one.
SIGNFLIP_INLINE void store_each(const signflip_sign_operands *o, const float *sums, float *c, size_t c_stride, size_t rows) {
  for (size_t r = 0; r < rows; r++) {
    for (size_t j = 0; j < o->columns; j++) c[r * c_stride + j] = o->scale * sums[j * sign_rows + r];
  }
}

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
