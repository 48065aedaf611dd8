// AVX2 has no popcount: the bits of a byte are counted by two look-ups of 16 entries in a register (Muła), one for each
// nibble. Rows are cut into nibbles beforehand, so the look-ups' indices come out of the XOR itself.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"

#define TARGET __attribute__((target("avx2,fma,popcnt")))
#define INLINE SIGNFLIP_INLINE TARGET

TARGET static void pack_signs(const float *values, size_t count, uint64_t *bits) {
  const __m256 zero = _mm256_setzero_ps();
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    uint64_t word = 0;
    for (int j = 0; j < 8; j++) {
      const __m256 negative = _mm256_cmp_ps(_mm256_loadu_ps(values + i + 8 * j), zero, _CMP_LT_OQ);
      word |= (uint64_t)(uint32_t)_mm256_movemask_ps(negative) << 8 * j;
    }
    bits[i / 64] = word;
  }
  if (i < count) signflip_bits_scalar.pack_signs(values + i, count - i, bits + i / 64);
}

// MARK: Products of signs

enum {
  // Eight sums, the two halves of four columns, the table: what 16 registers hold without spilling.
  xnor_rows = 8,
  // A byte takes 8 counts a word: 31 words fit into it.
  chunk_words = 31,
  // Rows of up to so many words are cut into nibbles once for all panels, longer ones once a panel.
  split_words = 8 * chunk_words
};

INLINE __m256i nibble_mask(void) { return _mm256_set1_epi8(15); }
INLINE __m256i low_nibbles(__m256i x) { return _mm256_and_si256(x, nibble_mask()); }
INLINE __m256i high_nibbles(__m256i x) { return _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble_mask()); }
INLINE __m256i broadcast(const uint64_t *word) { return _mm256_set1_epi64x((long long)*word); }

INLINE __m256i bits_of_nibbles(void) {
  return _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
}

// Nibbles of rows: word w of row r as low and high halves at 2·(w·xnor_rows + r).
INLINE void split_rows(const uint64_t *const rows[xnor_rows], size_t first, size_t words, uint64_t *nibbles) {
  const uint64_t mask = 0x0F0F0F0F0F0F0F0Fu;
  for (size_t w = 0; w < words; w++) {
    for (size_t r = 0; r < xnor_rows; r++) {
      const uint64_t word = rows[r][first + w];
      nibbles[2 * (w * xnor_rows + r)] = word & mask;
      nibbles[2 * (w * xnor_rows + r) + 1] = word >> 4 & mask;
    }
  }
}

// Adds up, for each of `rows` rows, the bits in which it and four columns differ, over up to 31 words.
INLINE void count_chunk(size_t rows, const uint64_t *nibbles, const uint64_t *kept, int has_kept,
                        const uint64_t *panel, size_t words, size_t half, __m256i totals[xnor_rows][2]) {
  const __m256i table = bits_of_nibbles(), zero = _mm256_setzero_si256();
  __m256i sums[xnor_rows];
  for (size_t r = 0; r < rows; r++) sums[r] = zero;
  for (size_t w = 0; w < words; w++) {
    const __m256i columns = _mm256_loadu_si256((const __m256i *)(panel + w * panel_columns));
    const __m256i low_columns = low_nibbles(columns), high_columns = high_nibbles(columns);
    for (size_t r = 0; r < rows; r++) {
      const size_t place = 2 * (w * xnor_rows + r);
      __m256i low = _mm256_xor_si256(broadcast(nibbles + place), low_columns);
      __m256i high = _mm256_xor_si256(broadcast(nibbles + place + 1), high_columns);
      if (has_kept) {
        low = _mm256_and_si256(low, broadcast(kept + place));
        high = _mm256_and_si256(high, broadcast(kept + place + 1));
      }
      sums[r] = _mm256_add_epi8(sums[r], _mm256_shuffle_epi8(table, low));
      sums[r] = _mm256_add_epi8(sums[r], _mm256_shuffle_epi8(table, high));
    }
  }
  for (size_t r = 0; r < rows; r++) totals[r][half] = _mm256_add_epi64(totals[r][half], _mm256_sad_epu8(sums[r], zero));
}

// Eight 64-bit counts as 32-bit ones, in the order of the columns.
INLINE __m256i narrow(__m256i first, __m256i last) {
  const __m256 both = _mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(last), _MM_SHUFFLE(2, 0, 2, 0));
  return _mm256_permute4x64_epi64(_mm256_castps_si256(both), _MM_SHUFFLE(3, 1, 2, 0));
}

// Hands a row's eight counts on.
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

// What a block of rows has for all panels.
typedef struct {
  const uint64_t *rows[xnor_rows], *kept[xnor_rows];
  int32_t depths[xnor_rows];
  uint64_t nibbles[2 * xnor_rows * split_words], kept_nibbles[2 * xnor_rows * split_words];
} row_block;

// Eight columns, of which `width` are there. `rows` is a constant at each call: the sums stay in registers.
INLINE void xnor_eight(const signflip_xnor_operands *o, const signflip_xnor_result *result, row_block *block,
                       size_t row, size_t rows, size_t first, size_t width, int has_kept) {
  __m256i totals[xnor_rows][2];
  for (size_t r = 0; r < rows; r++) totals[r][0] = totals[r][1] = _mm256_setzero_si256();
  const uint64_t *const panel = o->panels + first / panel_columns * panel_columns * o->words + first % panel_columns;
  for (size_t begin = 0; begin < o->words; begin += split_words) {
    const size_t end = o->words - begin < split_words ? o->words : begin + split_words;
    if (o->words > split_words || first == 0) {
      split_rows(block->rows, begin, end - begin, block->nibbles);
      if (has_kept) split_rows(block->kept, begin, end - begin, block->kept_nibbles);
    }
    for (size_t w = begin; w < end; w += chunk_words) {
      const size_t place = 2 * (w - begin) * xnor_rows;
      const size_t words = end - w < chunk_words ? end - w : chunk_words;
      for (size_t v = 0; 4 * v < width; v++) {
        count_chunk(rows, block->nibbles + place, block->kept_nibbles + place, has_kept,
                    panel + w * panel_columns + 4 * v, words, v, totals);
      }
    }
  }
  for (size_t r = 0; r < rows; r++) {
    store_eight(narrow(totals[r][0], totals[r][1]), block->depths[r], row + r, first, width, result);
  }
}

INLINE void xnor_block(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t row, size_t rows,
                       int has_kept) {
  row_block block;
  for (size_t r = 0; r < xnor_rows; r++) {
    const size_t i = row + (r < rows ? r : 0);
    block.rows[r] = o->rows + i * o->words;
    block.kept[r] = has_kept ? o->kept + i * o->words : NULL;
    block.depths[r] = row_depth(o, i);
  }
  for (size_t first = 0; first < o->columns; first += 8) {
    const size_t width = o->columns - first < 8 ? o->columns - first : 8;
    xnor_eight(o, result, &block, row, rows, first, width, has_kept);
  }
}

INLINE void xnor_rows_of(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin, size_t end,
                         int has_kept) {
  size_t row = begin;
  for (; row + xnor_rows <= end; row += xnor_rows) xnor_block(o, result, row, xnor_rows, has_kept);
  for (; row + 2 <= end; row += 2) xnor_block(o, result, row, 2, has_kept);
  for (; row < end; row++) xnor_block(o, result, row, 1, has_kept);
}

TARGET static void xnor_product(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin,
                                size_t end) {
  if (o->kept) {
    xnor_rows_of(o, result, begin, end, 1);
  } else {
    xnor_rows_of(o, result, begin, end, 0);
  }
}

// MARK: Products of floats with signs

// Transposes 8×8 floats: the rows of `source`, `stride` apart, become rows of 16 of `target`.
INLINE void transpose8(const float *source, size_t stride, float *target, size_t target_stride) {
  __m256 t[8], u[8];
  for (int i = 0; i < 8; i++) t[i] = _mm256_loadu_ps(source + (size_t)i * stride);
  for (int i = 0; i < 4; i++) {
    u[2 * i] = _mm256_unpacklo_ps(t[2 * i], t[2 * i + 1]);
    u[2 * i + 1] = _mm256_unpackhi_ps(t[2 * i], t[2 * i + 1]);
  }
  for (int i = 0; i < 2; i++) {
    t[4 * i] = _mm256_shuffle_ps(u[4 * i], u[4 * i + 2], _MM_SHUFFLE(1, 0, 1, 0));
    t[4 * i + 1] = _mm256_shuffle_ps(u[4 * i], u[4 * i + 2], _MM_SHUFFLE(3, 2, 3, 2));
    t[4 * i + 2] = _mm256_shuffle_ps(u[4 * i + 1], u[4 * i + 3], _MM_SHUFFLE(1, 0, 1, 0));
    t[4 * i + 3] = _mm256_shuffle_ps(u[4 * i + 1], u[4 * i + 3], _MM_SHUFFLE(3, 2, 3, 2));
  }
  for (int i = 0; i < 4; i++) {
    _mm256_storeu_ps(target + (size_t)i * target_stride, _mm256_permute2f128_ps(t[i], t[i + 4], 0x20));
    _mm256_storeu_ps(target + (size_t)(i + 4) * target_stride, _mm256_permute2f128_ps(t[i], t[i + 4], 0x31));
  }
}

// As gather_panel, for 16 rows and 64 elements that are all there.
INLINE void gather_whole_panel(const signflip_sign_operands *o, size_t row, size_t k, float *panel) {
  const float *const a = o->a + row * o->row_stride + k * o->depth_stride;
  if (o->row_stride == 1) {
    for (size_t d = 0; d < 64; d++) {
      _mm256_store_ps(panel + d * sign_rows, _mm256_loadu_ps(a + d * o->depth_stride));
      _mm256_store_ps(panel + d * sign_rows + 8, _mm256_loadu_ps(a + d * o->depth_stride + 8));
    }
  } else {
    for (size_t r = 0; r < sign_rows; r += 8) {
      for (size_t d = 0; d < 64; d += 8) {
        transpose8(a + r * o->row_stride + d, o->row_stride, panel + d * sign_rows + r, sign_rows);
      }
    }
  }
}

INLINE void build_tables(const float *panel, float *tables_out) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  for (size_t g = 0; g < tables; g++) {
    for (size_t half = 0; half < sign_rows; half += 8) {
      const float *const a = panel + g * 4 * sign_rows + half;
      float *const table = tables_out + g * table_floats + half;
      const __m256 a0 = _mm256_load_ps(a), a1 = _mm256_load_ps(a + sign_rows);
      const __m256 a2 = _mm256_load_ps(a + 2 * sign_rows), a3 = _mm256_load_ps(a + 3 * sign_rows);
      const __m256 n0 = _mm256_xor_ps(a0, sign), n2 = _mm256_xor_ps(a2, sign);
      const __m256 low[4] = {_mm256_add_ps(a0, a1), _mm256_add_ps(n0, a1), _mm256_sub_ps(a0, a1),
                             _mm256_sub_ps(n0, a1)};
      const __m256 high[4] = {_mm256_add_ps(a2, a3), _mm256_add_ps(n2, a3), _mm256_sub_ps(a2, a3),
                              _mm256_sub_ps(n2, a3)};
#pragma clang loop unroll(full)
      for (size_t nibble = 0; nibble < 16; nibble++) {
        _mm256_store_ps(table + nibble * sign_rows, _mm256_add_ps(low[nibble & 3], high[nibble >> 2]));
      }
    }
  }
}

// Looks up nibble g of a word, and adds the 16 sums.
#define LOOK_UP(low, high, g, word)                                                  \
  do {                                                                               \
    const float *const entry = (const float *)((const char *)table + (g)*1024 + NIBBLE(word, g)); \
    low = _mm256_add_ps(low, _mm256_load_ps(entry));                                 \
    high = _mm256_add_ps(high, _mm256_load_ps(entry + 8));                           \
  } while (0)
#define LOOK_UP_4(g)              \
  LOOK_UP(l0, h0, g, words[0]);   \
  if (too) LOOK_UP(l0, h0, g, words_too[0]); \
  LOOK_UP(l1, h1, g, words[1]);   \
  if (too) LOOK_UP(l1, h1, g, words_too[1]); \
  LOOK_UP(l2, h2, g, words[2]);   \
  if (too) LOOK_UP(l2, h2, g, words_too[2]); \
  LOOK_UP(l3, h3, g, words[3]);   \
  if (too) LOOK_UP(l3, h3, g, words_too[3])

// Four columns at once: eight sums in flight hide the latency of an addition.
INLINE void add_columns(const float *table, const uint64_t *words, const uint64_t *words_too, int too, float *sums) {
  __m256 l0 = _mm256_load_ps(sums), h0 = _mm256_load_ps(sums + 8);
  __m256 l1 = _mm256_load_ps(sums + 16), h1 = _mm256_load_ps(sums + 24);
  __m256 l2 = _mm256_load_ps(sums + 32), h2 = _mm256_load_ps(sums + 40);
  __m256 l3 = _mm256_load_ps(sums + 48), h3 = _mm256_load_ps(sums + 56);
  LOOK_UP_4(0);
  LOOK_UP_4(1);
  LOOK_UP_4(2);
  LOOK_UP_4(3);
  LOOK_UP_4(4);
  LOOK_UP_4(5);
  LOOK_UP_4(6);
  LOOK_UP_4(7);
  LOOK_UP_4(8);
  LOOK_UP_4(9);
  LOOK_UP_4(10);
  LOOK_UP_4(11);
  LOOK_UP_4(12);
  LOOK_UP_4(13);
  LOOK_UP_4(14);
  LOOK_UP_4(15);
  _mm256_store_ps(sums, l0), _mm256_store_ps(sums + 8, h0);
  _mm256_store_ps(sums + 16, l1), _mm256_store_ps(sums + 24, h1);
  _mm256_store_ps(sums + 32, l2), _mm256_store_ps(sums + 40, h2);
  _mm256_store_ps(sums + 48, l3), _mm256_store_ps(sums + 56, h3);
}

INLINE void look_up(const signflip_sign_operands *o, size_t w, const float *table, float *sums, int too) {
  const uint64_t *const words = o->signs + w * o->stride;
  const uint64_t *const words_too = too ? o->signs_too + w * o->stride : NULL;
  size_t j = 0;
  for (; j + 4 <= o->columns; j += 4) {
    add_columns(table, words + j, too ? words_too + j : NULL, too, sums + j * sign_rows);
  }
  if (j < o->columns) {
    // The scratch has room for whole groups of four columns.
    uint64_t last[4] = {0}, last_too[4] = {0};
    memcpy(last, words + j, (o->columns - j) * sizeof(uint64_t));
    if (too) memcpy(last_too, words_too + j, (o->columns - j) * sizeof(uint64_t));
    add_columns(table, last, last_too, too, sums + j * sign_rows);
  }
}

INLINE void store_sums(const signflip_sign_operands *o, const float *sums, float *c, size_t c_stride, size_t rows) {
  const __m256 scale = _mm256_set1_ps(o->scale);
  size_t j = 0;
  if (rows == sign_rows) {
    for (; j + 8 <= o->columns; j += 8) {
      float block[8 * sign_rows] __attribute__((aligned(32)));
      for (size_t i = 0; i < 8 * sign_rows; i += 8) {
        _mm256_store_ps(block + i, _mm256_mul_ps(scale, _mm256_load_ps(sums + j * sign_rows + i)));
      }
      transpose8(block, sign_rows, c + j, c_stride);
      transpose8(block + 8, sign_rows, c + 8 * c_stride + j, c_stride);
    }
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t i = j; i < o->columns; i++) c[r * c_stride + i] = o->scale * sums[i * sign_rows + r];
  }
}

TARGET static void sign_product(const signflip_sign_operands *o, float *c, size_t c_stride, size_t begin, size_t end,
                                float *scratch) {
  const sign_scratch s = cut_scratch(scratch, o->columns);
  for (size_t row = begin; row < end; row += sign_rows) {
    const size_t rows = end - row < sign_rows ? end - row : sign_rows;
    memset(s.sums, 0, (o->columns + 3) / 4 * 4 * sign_rows * sizeof(float));
    for (size_t k = 0; k < o->depth; k += 64) {
      const size_t depth = o->depth - k < 64 ? o->depth - k : 64;
      if (rows == sign_rows && depth == 64) {
        gather_whole_panel(o, row, k, s.panel);
      } else {
        gather_panel(o, row, rows, k, depth, s.panel);
      }
      build_tables(s.panel, s.tables);
      if (o->signs_too) {
        look_up(o, k / 64, s.tables, s.sums, 1);
      } else {
        look_up(o, k / 64, s.tables, s.sums, 0);
      }
    }
    store_sums(o, s.sums, c + row * c_stride, c_stride, rows);
  }
}

// MARK: Products of bytes with signs

enum {
  byte_rows = 4,
  // A 16-bit sum takes two products of up to 255 a step: 64 steps fit into it.
  byte_steps = 64
};

// Four bytes of each row times four signs of each column.
INLINE void byte_step(size_t count, const uint8_t *const rows[byte_rows], size_t k, size_t left, const int8_t *panel,
                      __m256i sums[byte_rows][2]) {
  const __m256i *const column = (const __m256i *)(panel + k * panel_columns);
  const __m256i b0 = _mm256_loadu_si256(column), b1 = _mm256_loadu_si256(column + 1);
  for (size_t r = 0; r < count; r++) {
    const __m256i a = _mm256_set1_epi32((int)four_bytes(rows[r] + k, left));
    sums[r][0] = _mm256_add_epi16(sums[r][0], _mm256_maddubs_epi16(a, b0));
    sums[r][1] = _mm256_add_epi16(sums[r][1], _mm256_maddubs_epi16(a, b1));
  }
}

INLINE void byte_block(const signflip_byte_operands *o, const uint8_t *const rows[byte_rows], size_t count,
                       const int8_t *panel, int32_t *sums_out) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i totals[byte_rows][2];
  for (size_t r = 0; r < count; r++) totals[r][0] = totals[r][1] = _mm256_setzero_si256();
  for (size_t first = 0; first < o->depth; first += 4 * byte_steps) {
    const size_t end = o->depth - first < 4 * byte_steps ? o->depth : first + 4 * byte_steps;
    __m256i sums[byte_rows][2];
    for (size_t r = 0; r < count; r++) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
    size_t k = first;
    for (; k + 4 <= end; k += 4) byte_step(count, rows, k, 4, panel, sums);
    if (k < end) byte_step(count, rows, k, end - k, panel, sums);
    for (size_t r = 0; r < count; r++) {
      totals[r][0] = _mm256_add_epi32(totals[r][0], _mm256_madd_epi16(sums[r][0], ones));
      totals[r][1] = _mm256_add_epi32(totals[r][1], _mm256_madd_epi16(sums[r][1], ones));
    }
  }
  for (size_t r = 0; r < count; r++) {
    _mm256_storeu_si256((__m256i *)(sums_out + r * panel_columns), totals[r][0]);
    _mm256_storeu_si256((__m256i *)(sums_out + r * panel_columns + 8), totals[r][1]);
  }
}

TARGET static void byte_product(const signflip_byte_operands *o, int32_t *dots, size_t stride, size_t begin,
                                size_t end) {
  for (size_t row = begin; row < end; row += byte_rows) {
    const size_t count = end - row < byte_rows ? end - row : byte_rows;
    const uint8_t *rows[byte_rows];
    for (size_t r = 0; r < byte_rows; r++) rows[r] = o->bytes + (row + (r < count ? r : 0)) * o->depth;
    for (size_t p = 0; p < signflip_panels(o->columns); p++) {
      const int8_t *const panel = o->panels + p * signflip_byte_panel(o->depth);
      int32_t sums[byte_rows * panel_columns];
      if (count == byte_rows) {
        byte_block(o, rows, byte_rows, panel, sums);
      } else {
        for (size_t r = 0; r < count; r++) byte_block(o, rows + r, 1, panel, sums + r * panel_columns);
      }
      store_dots(sums, count, p, o->columns, dots + row * stride, stride);
    }
  }
}

TARGET static uint64_t popcount_ceiling(uint64_t rounds, uint64_t *sink) {
  const __m256i table = bits_of_nibbles();
  const __m256i b = low_nibbles(_mm256_set1_epi64x((long long)*sink));
  __m256i a = b, sums[8];
  for (int c = 0; c < 8; c++) sums[c] = _mm256_setzero_si256();
  for (uint64_t i = 0; i < rounds; i++) {
    for (int c = 0; c < 8; c++) {
      for (int half = 0; half < 2; half++) {
        // Hidden from the optimizer: it would compute equal things once.
        __asm__ volatile("" : "+x"(a));
        sums[c] = _mm256_add_epi8(sums[c], _mm256_shuffle_epi8(table, _mm256_xor_si256(a, b)));
      }
    }
  }
  for (int c = 0; c < 8; c++) *sink += (uint64_t)_mm256_extract_epi64(sums[c], 0);
  return rounds * 8 * 256;
}

const signflip_bits signflip_bits_avx2 = {
    .isa = signflip_isa_avx2,
    .name = "avx2",
    .pack_signs = pack_signs,
    .xnor_product = xnor_product,
    .sign_product = sign_product,
    .byte_product = byte_product,
    .popcount_ceiling = popcount_ceiling,
};
#endif
