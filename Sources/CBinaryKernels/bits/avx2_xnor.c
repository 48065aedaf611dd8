// Products of signs with AVX2, which has no popcount: a shuffle looks counts up in a table of 16 entries in a register, as
// Muła does, for 32 nibbles at once.
//
// Where there are many rows, the table belongs to a row: T(a)[b] = popcount(a XOR b) for its nibble a, and the nibbles of
// the columns are the indices. Then 128 signs take a shuffle and an addition. Else, and where a mask takes part, the
// nibbles of the XOR are the indices of one table, and 128 signs take an XOR, a shuffle and an addition.
#if defined(__x86_64__)
#include "avx2.h"

INLINE __m256i nibble_mask(void) { return _mm256_set1_epi8(15); }
INLINE __m256i low_nibbles(__m256i x) { return _mm256_and_si256(x, nibble_mask()); }
INLINE __m256i high_nibbles(__m256i x) { return _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble_mask()); }
INLINE __m256i broadcast(const uint64_t *word) { return _mm256_set1_epi64x((long long)*word); }

INLINE __m256i bits_of_nibbles(void) {
  return _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
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

// MARK: Many rows: a table for each nibble of a row

enum {
  // 2·6 sums, the nibbles of two panels, the table: what 16 registers hold without spilling.
  table_rows = 6,
  // What the columns' nibbles are cut for at once, and the fewest that are worth it.
  most_rows = 32 * table_rows,
  fewest_rows = 2 * table_rows,
  // Two panels.
  table_columns = 2 * panel_columns,
  // A byte takes 4 counts a place, a place is a byte of a row: 56 places fit into it.
  table_words = 7,
  table_places = 8 * table_words,
  // Rows of up to so many chunks of words are placed once for all panels, longer ones once for each two.
  placed_chunks = 6,
  // A total of 16 bits, low and high nibbles together, takes 64 counts a word.
  longest_words = UINT16_MAX / 64
};

typedef struct {
  // For each byte of a row, T(its low nibble), T(its high nibble).
  _Alignas(32) uint8_t tables[256][32];
  // Where the tables of a row's bytes stand.
  _Alignas(32) uint16_t places[placed_chunks][most_rows][64];
  // Of two panels, for each place: 16 low nibbles, 16 high ones.
  _Alignas(32) uint8_t nibbles[table_places][2][32];
  // The counts of two panels: those of the even columns and of the odd ones, by low and by high nibbles.
  _Alignas(32) uint16_t totals[most_rows][2][2][16];
} table_block;

INLINE void build_nibble_tables(uint8_t tables[256][32]) {
  const __m256i indices = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  for (int byte = 0; byte < 256; byte++) {
    const __m256i row = _mm256_set_m128i(_mm_set1_epi8((char)(byte >> 4)), _mm_set1_epi8((char)(byte & 15)));
    const __m256i counts = _mm256_shuffle_epi8(bits_of_nibbles(), _mm256_xor_si256(row, indices));
    _mm256_store_si256((__m256i *)tables[byte], counts);
  }
}

// Cuts words of the first or the second panel into nibbles.
INLINE void cut_panel(const uint64_t *panel, size_t words, uint8_t nibbles[table_places][2][32], size_t which) {
  const __m256i pair = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
  for (size_t w = 0; w < words; w++) {
    const __m256i *const word = (const __m256i *)(panel + w * panel_columns);
    __m256i p[4], q[4];
    // Bytes of two columns side by side, then of four, eight, sixteen; each byte's nibbles at last.
    for (int i = 0; i < 4; i++) p[i] = _mm256_shuffle_epi8(_mm256_loadu_si256(word + i), pair);
    for (int i = 0; i < 4; i += 2) {
      const __m256i even = _mm256_permute2x128_si256(p[i], p[i + 1], 0x20);
      const __m256i odd = _mm256_permute2x128_si256(p[i], p[i + 1], 0x31);
      q[i] = _mm256_unpacklo_epi16(even, odd);
      q[i + 1] = _mm256_unpackhi_epi16(even, odd);
    }
    for (size_t half = 0; half < 2; half++) {
      const __m256i even = _mm256_permute2x128_si256(q[half], q[half + 2], 0x20);
      const __m256i odd = _mm256_permute2x128_si256(q[half], q[half + 2], 0x31);
      const __m256i bytes[2] = {_mm256_unpacklo_epi32(even, odd), _mm256_unpackhi_epi32(even, odd)};
      for (size_t i = 0; i < 2; i++) {
        const __m256i columns = _mm256_permute4x64_epi64(bytes[i], _MM_SHUFFLE(3, 1, 2, 0));
        const __m256i low = low_nibbles(columns), high = high_nibbles(columns);
        const size_t place = 8 * w + 4 * half + 2 * i;
        _mm256_store_si256((__m256i *)nibbles[place][which], _mm256_permute2x128_si256(low, high, 0x20));
        _mm256_store_si256((__m256i *)nibbles[place + 1][which], _mm256_permute2x128_si256(low, high, 0x31));
      }
    }
  }
}

// Notes where the tables of rows stand; rows that are missing stand as the first one.
INLINE void place_rows(const signflip_xnor_operands *o, size_t row, size_t rows, size_t word, size_t words,
                       uint16_t (*places)[64]) {
  for (size_t r = 0; r < (rows + table_rows - 1) / table_rows * table_rows; r++) {
    const uint64_t *const source = o->rows + (row + (r < rows ? r : 0)) * o->words + word;
    for (size_t w = 0; w < words; w++) {
      const __m128i bytes = _mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)(source + w)));
      _mm_store_si128((__m128i *)(places[r] + 8 * w), _mm_slli_epi16(bytes, 5));
    }
  }
}

// Sets the totals of six rows to the counts of a chunk, or adds these.
INLINE void add_sums(__m256i sums[table_rows][2], int is_first, uint16_t (*totals)[2][2][16]) {
  for (size_t r = 0; r < table_rows; r++) {
    for (int half = 0; half < 2; half++) {
      __m256i *const even = (__m256i *)totals[r][half][0], *const odd = (__m256i *)totals[r][half][1];
      const __m256i low = _mm256_and_si256(sums[r][half], _mm256_set1_epi16(255));
      const __m256i high = _mm256_srli_epi16(sums[r][half], 8);
      *even = is_first ? low : _mm256_add_epi16(*even, low);
      *odd = is_first ? high : _mm256_add_epi16(*odd, high);
    }
  }
}

// Adds up, for six rows, the bits in which they and two panels differ in a chunk.
INLINE void look_up_counts(const table_block *b, const uint16_t (*row_places)[64], size_t places, int is_first,
                           uint16_t (*totals)[2][2][16]) {
  __m256i sums[table_rows][2];
  for (size_t r = 0; r < table_rows; r++) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
// Unrolled, the loop spills.
#pragma clang loop unroll(disable)
  for (size_t p = 0; p < places; p++) {
    const __m256i first = _mm256_load_si256((const __m256i *)b->nibbles[p][0]);
    const __m256i last = _mm256_load_si256((const __m256i *)b->nibbles[p][1]);
    for (size_t r = 0; r < table_rows; r++) {
      const __m256i table = _mm256_load_si256((const __m256i *)((const uint8_t *)b->tables + row_places[r][p]));
      sums[r][0] = _mm256_add_epi8(sums[r][0], _mm256_shuffle_epi8(table, first));
      sums[r][1] = _mm256_add_epi8(sums[r][1], _mm256_shuffle_epi8(table, last));
    }
  }
  if (is_first) {
    add_sums(sums, 1, totals);
  } else {
    add_sums(sums, 0, totals);
  }
}

INLINE __m128i both_nibbles(const uint16_t counts[16]) {
  const __m128i *const lanes = (const __m128i *)counts;
  return _mm_add_epi16(_mm_load_si128(lanes), _mm_load_si128(lanes + 1));
}

// Hands the counts of a row's columns from `first` on on.
INLINE void store_totals(const uint16_t totals[2][2][16], int32_t depth, size_t row, size_t first, size_t columns,
                         const signflip_xnor_result *result) {
  for (size_t half = 0; half < 2; half++) {
    const __m128i even = both_nibbles(totals[half][0]), odd = both_nibbles(totals[half][1]);
    const __m128i counts[2] = {_mm_unpacklo_epi16(even, odd), _mm_unpackhi_epi16(even, odd)};
    for (size_t i = 0; i < 2; i++) {
      const size_t column = first + half * panel_columns + 8 * i;
      if (column >= columns) return;
      const size_t width = columns - column < 8 ? columns - column : 8;
      store_eight(_mm256_cvtepu16_epi32(counts[i]), depth, row, column, width, result);
    }
  }
}

// Fetches where the counts of six rows will go.
INLINE void fetch_result(const signflip_xnor_result *result, size_t row, size_t first) {
  const void *const start = result->values ? (const void *)result->values : result->dots;
  if (!start) return;
  for (size_t r = row; r < row + table_rows; r++) {
    const char *const place = (const char *)start + 4 * (r * result->stride + first);
    _mm_prefetch(place, _MM_HINT_T0);
    _mm_prefetch(place + 64, _MM_HINT_T0);
  }
}

// Up to `most_rows` rows, the columns below `columns`. Not inlined, so that the block is a register and no displacement of
// 32 bits from the stack: those are too many for the loop's instructions in the cache of decoded ones.
TARGET static __attribute__((noinline)) void look_up_rows(const signflip_xnor_operands *o,
                                                          const signflip_xnor_result *result, table_block *b,
                                                          size_t row, size_t rows, size_t columns) {
  // A copy that no store can change.
  const signflip_xnor_result out = *result;
  // Chunks as long as each other: each costs the same at its end.
  const size_t chunks = (o->words + table_words - 1) / table_words, chunk = (o->words + chunks - 1) / chunks;
  for (size_t first = 0; first < columns; first += table_columns) {
    const uint64_t *const panel = o->panels + first * o->words;
    for (size_t w = 0, c = 0; w < o->words; w += chunk, c++) {
      const size_t words = o->words - w < chunk ? o->words - w : chunk;
      uint16_t (*const places)[64] = b->places[c % placed_chunks];
      if (first == 0 || chunks > placed_chunks) place_rows(o, row, rows, w, words, places);
      cut_panel(panel + w * panel_columns, words, b->nibbles, 0);
      cut_panel(panel + (w + o->words) * panel_columns, words, b->nibbles, 1);
      for (size_t r = 0; r < rows; r += table_rows) {
        if (w + chunk >= o->words) fetch_result(&out, row + r, first);
        look_up_counts(b, places + r, 8 * words, w == 0, b->totals + r);
      }
    }
    for (size_t r = 0; r < rows; r++) store_totals(b->totals[r], (int32_t)o->depth, row + r, first, columns, &out);
  }
}

// MARK: Few rows, or a mask: one table

enum {
  // Eight sums, the two halves of four columns, the table: what 16 registers hold without spilling.
  xnor_rows = 8,
  // A byte takes 8 counts a word: 31 words fit into it.
  chunk_words = 31,
  // Rows of up to so many words are cut into nibbles once for all panels, longer ones once a panel.
  split_words = 8 * chunk_words
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

// What a block of rows has for all panels.
typedef struct {
  const uint64_t *rows[xnor_rows], *kept[xnor_rows];
  int32_t depths[xnor_rows];
  uint64_t nibbles[2 * xnor_rows * split_words], kept_nibbles[2 * xnor_rows * split_words];
} row_block;

// Eight columns, of which `width` are there. `rows` is a constant at each call: the sums stay in registers.
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

// The columns from `column` on.
INLINE void count_rows(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin, size_t end,
                       size_t column, int has_kept) {
  size_t row = begin;
  for (; row + xnor_rows <= end; row += xnor_rows) count_block(o, result, row, xnor_rows, column, has_kept);
  for (; row + 2 <= end; row += 2) count_block(o, result, row, 2, column, has_kept);
  for (; row < end; row++) count_block(o, result, row, 1, column, has_kept);
}

TARGET void signflip_avx2_xnor_product(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin,
                                       size_t end) {
  if (o->kept) {
    count_rows(o, result, begin, end, 0, 1);
    return;
  }
  // Two panels of which one is missing are left over.
  const size_t pairs = (o->columns + panel_columns - 1) / table_columns * table_columns;
  const size_t columns = pairs < o->columns ? pairs : o->columns;
  size_t row = begin;
  if (columns > 0 && end - begin >= fewest_rows && o->words > 0 && o->words <= longest_words) {
    table_block block;
    build_nibble_tables(block.tables);
    for (size_t rows; end - row >= fewest_rows; row += rows) {
      rows = end - row < most_rows ? end - row : most_rows;
      look_up_rows(o, result, &block, row, rows, columns);
      if (columns < o->columns) count_rows(o, result, row, row + rows, columns, 0);
    }
  }
  count_rows(o, result, row, end, 0, 0);
}

TARGET uint64_t signflip_avx2_popcount_ceiling(uint64_t rounds, uint64_t *sink) {
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

#endif
