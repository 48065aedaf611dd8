// Products of several rows of signs with AVX2, by tables of 16 entries in a register.
//
// A table serves two rows with nibbles a and a′: T(a, a′)[b] = popcount(a XOR b) + 16·popcount(a′ XOR b). The nibbles b of the
// columns are the indices. Half a byte can hold the counts of three nibbles, so 768 pairs of signs take three shuffles, four
// additions and a shift. With a mask, a row's table depends on its nibble and the mask's nibble,
// T(a, k)[b] = popcount((a XOR b) AND k), and the tables of two rows are added before use.
#if defined(__x86_64__)
#include "avx2.h"

enum {
  // The vectors of nibbles of two panels.
  vector_columns = 2 * panel_columns,
  most_vectors = 4,
  // The number of columns that are split into nibbles at once.
  most_pairs = 96,
  // A place is the position of a nibble in a row. Half a byte holds the counts of 3 places, a byte those of 63.
  group_places = 3,
  most_groups = 21,
  // The number of words for which rows and columns are prepared at once. Rows of at most this length are prepared once for all
  // columns.
  slice_words = 48,
  slice_places = 16 * slice_words
};

typedef struct {
  // For each byte of two nibbles, T(low, high). With a mask: T(low, high as the mask), and 16 times that.
  _Alignas(32) uint8_t tables[2][256][16];
  // The offset of the table for each place of two rows, in bytes; with a mask, of one row.
  _Alignas(32) uint16_t places[most_pairs][slice_places];
  // For each place, the nibbles of the columns of 1, 2 or 4 vectors.
  _Alignas(32) uint8_t nibbles[slice_places * most_vectors * vector_columns];
  // For each vector, the counts of two rows in even and in odd columns.
  _Alignas(32) uint16_t totals[most_pairs][most_vectors][2][2][16];
} table_block;

INLINE void build_nibble_tables(uint8_t tables[2][256][16], int has_kept) {
  const __m128i indices = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m128i bits = _mm256_castsi256_si128(bits_of_nibbles());
  for (int byte = 0; byte < 256; byte++) {
    const __m128i high = _mm_set1_epi8((char)(byte >> 4));
    __m128i first = _mm_xor_si128(_mm_set1_epi8((char)(byte & 15)), indices);
    if (has_kept) first = _mm_and_si128(first, high);
    first = _mm_shuffle_epi8(bits, first);
    const __m128i second = has_kept ? first : _mm_shuffle_epi8(bits, _mm_xor_si128(high, indices));
    const __m128i more = _mm_slli_epi16(second, 4);
    _mm_store_si128((__m128i *)tables[0][byte], has_kept ? first : _mm_or_si128(first, more));
    _mm_store_si128((__m128i *)tables[1][byte], more);
  }
}

// Splits a word of two panels into nibbles: first the low nibbles of its eight bytes, then the high ones, `stride` bytes
// apart. The first half of a vector has the columns 4i and 4i + 1, the second half 4i + 2 and 4i + 3.
INLINE void cut_word(const uint64_t *first, const uint64_t *second, uint8_t *nibbles, size_t stride) {
  __m256i v[8], w[8];
  for (size_t i = 0; i < 4; i++) {
    v[i] = _mm256_loadu_si256((const __m256i *)first + i);
    v[i + 4] = _mm256_loadu_si256((const __m256i *)second + i);
  }
  // Each round rotates the bits of a byte's position, 16·vector + position in the half: the highest bit becomes the lowest.
  // After four rounds, bytes that were 8 apart are adjacent.
  for (int turn = 0; turn < 4; turn++) {
    for (size_t i = 0; i < 4; i++) {
      w[2 * i] = _mm256_unpacklo_epi8(v[i], v[i + 4]);
      w[2 * i + 1] = _mm256_unpackhi_epi8(v[i], v[i + 4]);
    }
    memcpy(v, w, sizeof v);
  }
  for (size_t i = 0; i < 8; i++) {
    _mm256_store_si256((__m256i *)(nibbles + i * stride), low_nibbles(v[i]));
    _mm256_store_si256((__m256i *)(nibbles + (i + 8) * stride), high_nibbles(v[i]));
  }
}

// Splits words of the columns of `vectors` vectors into nibbles. A missing panel is replaced by the last one.
INLINE void cut_columns(const signflip_xnor_operands *o, size_t first, size_t vectors, size_t word, size_t words,
                        uint8_t *nibbles) {
  const size_t last = signflip_panels(o->columns) - 1, stride = vectors * vector_columns;
  for (size_t v = 0; v < vectors; v++) {
    const size_t one = first / panel_columns + 2 * v, two = one + 1;
    const uint64_t *const a = o->panels + ((one < last ? one : last) * o->words + word) * panel_columns;
    const uint64_t *const b = o->panels + ((two < last ? two : last) * o->words + word) * panel_columns;
    for (size_t w = 0; w < words; w++) {
      cut_word(a + w * panel_columns, b + w * panel_columns, nibbles + v * vector_columns + 16 * w * stride, stride);
    }
  }
}

// Writes the offsets of the tables for bytes with low nibbles of one row and high nibbles of another row.
INLINE void place_words(const uint64_t *a, const uint64_t *b, size_t words, uint16_t *places) {
  const uint64_t low = 0x0F0F0F0F0F0F0F0Fu;
  for (size_t w = 0; w < words; w++) {
    const uint64_t lows = (a[w] & low) | (b[w] & low) << 4, highs = (a[w] >> 4 & low) | (b[w] & ~low);
    const __m256i bytes = _mm256_cvtepu8_epi16(_mm_set_epi64x((long long)highs, (long long)lows));
    _mm256_store_si256((__m256i *)(places + 16 * w), _mm256_slli_epi16(bytes, 4));
  }
}

// Combines two rows, or with a mask each row with the mask. A missing row is replaced by the previous one.
INLINE void place_rows(const signflip_xnor_operands *o, size_t row, size_t rows, size_t word, size_t words,
                       uint16_t (*places)[slice_places]) {
  for (size_t r = 0; r < rows; r += 2) {
    const size_t first = (row + r) * o->words + word, second = r + 1 < rows ? first + o->words : first;
    if (o->kept) {
      place_words(o->rows + first, o->kept + first, words, places[r]);
      place_words(o->rows + second, o->kept + second, words, places[r + 1]);
    } else {
      place_words(o->rows + first, o->rows + second, words, places[r / 2]);
    }
  }
}

// Stores the counts of a chunk as the totals of two rows in the columns of a vector, or adds them. A sum's byte is
// 16·h + l modulo 256, where l is the count of the first row and h of the second row. A byte of `highs` is h in odd columns,
// and 16·(the odd column's l) + h in even columns.
INLINE void add_counts(__m256i sums, __m256i highs, int is_first, uint16_t totals[2][2][16]) {
  const __m256i byte = _mm256_set1_epi16(255);
  __m256i counts[2][2];
  counts[1][1] = _mm256_srli_epi16(highs, 8);
  counts[0][1] = _mm256_and_si256(_mm256_sub_epi16(_mm256_srli_epi16(sums, 8), _mm256_slli_epi16(counts[1][1], 4)), byte);
  counts[1][0] = _mm256_and_si256(_mm256_sub_epi16(highs, _mm256_slli_epi16(counts[0][1], 4)), byte);
  counts[0][0] = _mm256_and_si256(_mm256_sub_epi16(sums, _mm256_slli_epi16(counts[1][0], 4)), byte);
  for (int row = 0; row < 2; row++) {
    for (int parity = 0; parity < 2; parity++) {
      __m256i *const total = (__m256i *)totals[row][parity], count = counts[row][parity];
      _mm256_store_si256(total, is_first ? count : _mm256_add_epi16(_mm256_load_si256(total), count));
    }
  }
}

// Counts the bits that differ between two rows and the columns of `vectors` vectors, over up to 21 groups of places.
// - second: the places of the second row if it has its own, as with a mask.
INLINE void look_up_counts(const uint8_t tables[2][256][16], const uint16_t *first, const uint16_t *second,
                           const uint8_t *nibbles, size_t groups, size_t vectors, int is_first, int has_kept,
                           uint16_t (*totals)[2][2][16]) {
  __m256i sums[most_vectors], highs[most_vectors];
  for (size_t v = 0; v < vectors; v++) sums[v] = highs[v] = _mm256_setzero_si256();
  const uint16_t *const end = first + groups * group_places;
#pragma clang loop unroll(disable)
  for (; first < end; first += group_places, second += group_places) {
    __m256i some[most_vectors];
    for (size_t p = 0; p < group_places; p++) {
      __m128i entry = _mm_load_si128((const __m128i *)((const uint8_t *)tables[0] + first[p]));
      if (has_kept) {
        const __m128i *const other = (const __m128i *)((const uint8_t *)tables[1] + second[p]);
        entry = _mm_add_epi8(entry, _mm_load_si128(other));
      }
      const __m256i table = _mm256_broadcastsi128_si256(entry);
      for (size_t v = 0; v < vectors; v++) {
        const uint8_t *const indices = nibbles + (p * vectors + v) * vector_columns;
        const __m256i counts = _mm256_shuffle_epi8(table, _mm256_load_si256((const __m256i *)indices));
        some[v] = p == 0 ? counts : _mm256_add_epi8(some[v], counts);
      }
    }
    for (size_t v = 0; v < vectors; v++) {
      sums[v] = _mm256_add_epi8(sums[v], some[v]);
      // Shifts by four with a multiplication, since shifts use the same ports as shuffles.
      highs[v] = _mm256_add_epi8(highs[v], _mm256_mulhi_epu16(some[v], _mm256_set1_epi16(4096)));
    }
    nibbles += group_places * vectors * vector_columns;
  }
  for (size_t v = 0; v < vectors; v++) add_counts(sums[v], highs[v], is_first, totals[v]);
}

// Writes the results of a row in a vector's columns, from `first` on.
INLINE void store_totals(const uint16_t totals[2][16], int32_t depth, size_t row, size_t first, size_t columns,
                         const signflip_xnor_result *result) {
  const __m256i even = _mm256_load_si256((const __m256i *)totals[0]), odd = _mm256_load_si256((const __m256i *)totals[1]);
  // Two columns of one half and two of the other in turn.
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  const __m256i low = _mm256_permutevar8x32_epi32(_mm256_unpacklo_epi16(even, odd), order);
  const __m256i high = _mm256_permutevar8x32_epi32(_mm256_unpackhi_epi16(even, odd), order);
  const __m128i counts[4] = {_mm256_castsi256_si128(low), _mm256_extracti128_si256(low, 1), _mm256_castsi256_si128(high),
                             _mm256_extracti128_si256(high, 1)};
  for (size_t i = 0; i < 4; i++) {
    const size_t column = first + 8 * i;
    if (column >= columns) return;
    const size_t width = columns - column < 8 ? columns - column : 8;
    store_eight(_mm256_cvtepu16_epi32(counts[i]), depth, row, column, width, result);
  }
}

// The rows of a block and the columns of `vectors` vectors from `first` on. `vectors` and `has_kept` are constants in each
// call, so that sums stay in registers.
INLINE void look_up_columns(const signflip_xnor_operands *o, const signflip_xnor_result *result, table_block *b,
                            size_t row, size_t rows, size_t first, size_t vectors, int has_kept) {
  const size_t slices = (o->words + slice_words - 1) / slice_words, slice = (o->words + slices - 1) / slices;
  for (size_t word = 0; word < o->words; word += slice) {
    const size_t words = o->words - word < slice ? o->words - word : slice;
    if (first == 0 || slices > 1) place_rows(o, row, rows, word, words, b->places);
    cut_columns(o, first, vectors, word, words, b->nibbles);
    const size_t places = 16 * words, groups = (places + group_places - 1) / group_places;
    // Padding places in the last group count 0.
    for (size_t p = places; p < groups * group_places; p++) {
      for (size_t r = 0; r < most_pairs; r++) b->places[r][p] = 0;
      memset(b->nibbles + p * vectors * vector_columns, 0, vectors * vector_columns);
    }
    // Chunks of equal length, as the cost at the end of each chunk is the same.
    const size_t chunks = (groups + most_groups - 1) / most_groups, chunk = (groups + chunks - 1) / chunks;
    for (size_t g = 0; g < groups; g += chunk) {
      const size_t count = groups - g < chunk ? groups - g : chunk;
      const uint8_t *const nibbles = b->nibbles + g * group_places * vectors * vector_columns;
      for (size_t r = 0; r < rows; r += 2) {
        const uint16_t *const own = b->places[has_kept ? r : r / 2] + g * group_places;
        const uint16_t *const other = has_kept ? b->places[r + 1] + g * group_places : own;
        if (word == 0 && g == 0) {
          look_up_counts(b->tables, own, other, nibbles, count, vectors, 1, has_kept, b->totals[r / 2]);
        } else {
          look_up_counts(b->tables, own, other, nibbles, count, vectors, 0, has_kept, b->totals[r / 2]);
        }
      }
    }
  }
  for (size_t r = 0; r < rows; r++) {
    const int32_t depth = row_depth(o, row + r);
    for (size_t v = 0; v < vectors; v++) {
      store_totals(b->totals[r / 2][v][r % 2], depth, row + r, first + v * vector_columns, o->columns, result);
    }
  }
}

// The rows of a block. Returns the first column of a remaining panel, which would fill only half a vector.
TARGET static __attribute__((noinline)) size_t look_up_rows(const signflip_xnor_operands *o,
                                                            const signflip_xnor_result *result, table_block *b,
                                                            size_t row, size_t rows) {
  // A local copy, which no store can alias.
  const signflip_xnor_result out = *result;
  size_t first = 0;
  while (first + panel_columns < o->columns) {
    const size_t panels = signflip_panels(o->columns - first);
    const size_t vectors = panels > 6 ? 4 : panels > 2 ? 2 : 1;
    if (o->kept) {
      if (vectors == 4) look_up_columns(o, &out, b, row, rows, first, 4, 1);
      if (vectors == 2) look_up_columns(o, &out, b, row, rows, first, 2, 1);
      if (vectors == 1) look_up_columns(o, &out, b, row, rows, first, 1, 1);
    } else {
      if (vectors == 4) look_up_columns(o, &out, b, row, rows, first, 4, 0);
      if (vectors == 2) look_up_columns(o, &out, b, row, rows, first, 2, 0);
      if (vectors == 1) look_up_columns(o, &out, b, row, rows, first, 1, 0);
    }
    first += vectors * vector_columns;
  }
  return first;
}

TARGET size_t signflip_avx2_look_up(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin,
                                    size_t end) {
  const size_t most_rows = o->kept ? most_pairs : 2 * most_pairs;
  size_t column = 0;
  table_block block;
  build_nibble_tables(block.tables, o->kept != NULL);
  for (size_t row = begin; row < end; row += most_rows) {
    column = look_up_rows(o, result, &block, row, end - row < most_rows ? end - row : most_rows);
  }
  return column;
}

TARGET uint64_t signflip_avx2_xnor_ceiling(uint64_t rounds, uint64_t *sink) {
  const __m256i table = bits_of_nibbles(), shift = _mm256_set1_epi16(4096);
  __m256i indices = low_nibbles(_mm256_set1_epi64x((long long)*sink));
  __m256i sums[most_vectors], highs[most_vectors];
  for (size_t v = 0; v < most_vectors; v++) sums[v] = highs[v] = _mm256_setzero_si256();
  for (uint64_t i = 0; i < rounds; i++) {
    for (size_t v = 0; v < most_vectors; v++) {
      __m256i some = _mm256_setzero_si256();
      for (size_t p = 0; p < group_places; p++) {
        // Hides the values from the optimizer, which would otherwise compute equal look-ups only once.
        __asm__ volatile("" : "+x"(indices));
        const __m256i counts = _mm256_shuffle_epi8(table, indices);
        some = p == 0 ? counts : _mm256_add_epi8(some, counts);
      }
      sums[v] = _mm256_add_epi8(sums[v], some);
      highs[v] = _mm256_add_epi8(highs[v], _mm256_mulhi_epu16(some, shift));
    }
  }
  for (size_t v = 0; v < most_vectors; v++) {
    *sink += (uint64_t)_mm256_extract_epi64(_mm256_add_epi8(sums[v], highs[v]), 0);
  }
  return rounds * most_vectors * group_places * 4 * vector_columns * 2;
}

#endif
