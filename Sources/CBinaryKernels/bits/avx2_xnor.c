// Products of few rows of signs with AVX2. AVX2 has no popcount, so a shuffle looks up the counts of 32 nibbles at once in a
// table of 16 entries in a register (Muła's method). The nibbles of the XOR are the indices; 128 pairs of signs take an XOR, a
// shuffle and an addition. For several rows, avx2_look_up.c uses a table per row.
#if defined(__x86_64__)
#include "avx2.h"

INLINE __m256i broadcast(const uint64_t *word) { return _mm256_set1_epi64x((long long)*word); }

// Converts eight 64-bit counts to 32 bits, in the order of the columns.
INLINE __m256i narrow(__m256i first, __m256i last) {
  const __m256 both = _mm256_shuffle_ps(_mm256_castsi256_ps(first), _mm256_castsi256_ps(last), _MM_SHUFFLE(2, 0, 2, 0));
  return _mm256_permute4x64_epi64(_mm256_castps_si256(both), _MM_SHUFFLE(3, 1, 2, 0));
}

enum {
  // Eight sums, the two halves of four columns, and the table fit into 16 registers.
  xnor_rows = 8,
  // Each word adds at most 8 to a byte, which can hold 31 words.
  chunk_words = 31,
  // Rows of at most this number of words are split into nibbles once for all panels; longer rows once per panel.
  split_words = 8 * chunk_words,
  // From this number of rows on, tables per row are faster, unless their 16-bit totals (64 per word) would overflow.
  fewest_rows = 4,
  longest_words = UINT16_MAX / 64
};

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

// Counts, for each of `rows` rows, the bits that differ from four columns, over up to 31 words.
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

// Data of a block of rows for all panels.
typedef struct {
  const uint64_t *rows[xnor_rows], *kept[xnor_rows];
  int32_t depths[xnor_rows];
  uint64_t nibbles[2 * xnor_rows * split_words], kept_nibbles[2 * xnor_rows * split_words];
} row_block;

// Eight columns, of which `width` exist. `rows` is a constant in each call, so that sums stay in registers.
INLINE void count_eight(const signflip_xnor_operands *o, const signflip_xnor_result *result, row_block *block,
                        size_t row, size_t rows, size_t first, size_t width, int is_first, int has_kept) {
  __m256i totals[xnor_rows][2];
  for (size_t r = 0; r < rows; r++) totals[r][0] = totals[r][1] = _mm256_setzero_si256();
  const uint64_t *const panel = o->panels + first / panel_columns * panel_columns * o->words + first % panel_columns;
  for (size_t begin = 0; begin < o->words; begin += split_words) {
    const size_t end = o->words - begin < split_words ? o->words : begin + split_words;
    if (o->words > split_words || is_first) {
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

INLINE void count_block(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t row, size_t rows,
                        size_t column, int has_kept) {
  row_block block;
  for (size_t r = 0; r < xnor_rows; r++) {
    const size_t i = row + (r < rows ? r : 0);
    block.rows[r] = o->rows + i * o->words;
    block.kept[r] = has_kept ? o->kept + i * o->words : NULL;
    block.depths[r] = row_depth(o, i);
  }
  for (size_t first = column; first < o->columns; first += 8) {
    const size_t width = o->columns - first < 8 ? o->columns - first : 8;
    count_eight(o, result, &block, row, rows, first, width, first == column, has_kept);
  }
}

// Columns from `column` on. `has_kept` is a constant in each call.
INLINE void count_rows(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin, size_t end,
                       size_t column, int has_kept) {
  size_t row = begin;
  for (; row + xnor_rows <= end; row += xnor_rows) count_block(o, result, row, xnor_rows, column, has_kept);
  for (; row + 2 <= end; row += 2) count_block(o, result, row, 2, column, has_kept);
  for (; row < end; row++) count_block(o, result, row, 1, column, has_kept);
}

TARGET static __attribute__((noinline)) void count_rest(const signflip_xnor_operands *o,
                                                        const signflip_xnor_result *result, size_t begin, size_t end,
                                                        size_t column) {
  if (o->kept) {
    count_rows(o, result, begin, end, column, 1);
  } else {
    count_rows(o, result, begin, end, column, 0);
  }
}

TARGET void signflip_avx2_xnor_product(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin,
                                       size_t end) {
  size_t column = 0;
  if (o->columns > panel_columns && end - begin >= fewest_rows && o->words > 0 && o->words <= longest_words) {
    column = signflip_avx2_look_up(o, result, begin, end);
  }
  if (column < o->columns) count_rest(o, result, begin, end, column);
}

TARGET uint64_t signflip_avx2_popcount_ceiling(uint64_t rounds, uint64_t *sink) {
  const __m256i table = bits_of_nibbles(), b = low_nibbles(_mm256_set1_epi64x((long long)~*sink));
  __m256i a = low_nibbles(_mm256_set1_epi64x((long long)*sink)), sums[xnor_rows];
  for (size_t r = 0; r < xnor_rows; r++) sums[r] = _mm256_setzero_si256();
  for (uint64_t i = 0; i < rounds; i++) {
    for (size_t r = 0; r < xnor_rows; r++) {
      // Hides the values from the optimizer, which would otherwise compute equal terms only once.
      __asm__ volatile("" : "+x"(a));
      sums[r] = _mm256_add_epi8(sums[r], _mm256_shuffle_epi8(table, _mm256_xor_si256(a, b)));
    }
  }
  for (size_t r = 0; r < xnor_rows; r++) *sink += (uint64_t)_mm256_extract_epi64(sums[r], 0);
  return rounds * xnor_rows * 128;
}

#endif
