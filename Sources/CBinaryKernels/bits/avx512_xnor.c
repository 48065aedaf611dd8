// Products of signs with AVX-512, which counts the bits of eight words at once (VPOPCNTDQ).
//
// For many rows, a carry-save adder (Harley and Seal) reduces the words to count. The words of differing bits x and y and the
// remainder `ones` of the words before satisfy x + y + ones = 2·carries + ones', and only the carries are counted: half as many
// words. This is cheap because ones' is linear over XOR: it is the XOR of all words of the row so far with that of the column's
// words, and both prefixes are computed once and stored in the place of y. The carries are the majority of x, y and ones, which
// one instruction (VPTERNLOG) computes from x, ones and ones'. Two words take five operations instead of six (an XOR, a count
// and an addition for each).
//
// For five rows and sixteen columns, ten sums, ten vectors of ones and four vectors of columns are in registers; with six rows
// some would be stored in every step.
#if defined(__x86_64__)
#include "avx512.h"

enum {
  xnor_rows = 6,
  carry_rows = 5,
  // From this number of rows and columns on, prefixes save more operations than they cost.
  fewest_rows = 24,
  fewest_columns = 48,
  // The memory for prefixes of rows, 64 KiB, and of a panel. 32 rows of this number of words fit into it.
  kept_words = 8192,
  longest_words = 256
};

INLINE __m512i broadcast(const uint64_t *word) { return _mm512_set1_epi64((long long)*word); }

// The sums of a row in up to 16 columns. For at most 12 columns, the second vector is half as wide.
typedef struct {
  __m512i low, high;
} row_sums;

// Counts the bits that differ between `rows` rows and the columns of a panel.
INLINE void xnor_panel(size_t rows, const uint64_t *a, const uint64_t *kept, int has_kept, size_t stride, size_t words,
                       const uint64_t *panel, row_sums sums[xnor_rows]) {
  __m512i low[xnor_rows], high[xnor_rows];
  for (size_t r = 0; r < rows; r++) low[r] = high[r] = _mm512_setzero_si512();
  for (size_t w = 0; w < words; w++) {
    const __m512i b0 = _mm512_loadu_si512(panel + w * panel_columns);
    const __m512i b1 = _mm512_loadu_si512(panel + w * panel_columns + 8);
    for (size_t r = 0; r < rows; r++) {
      const __m512i x = broadcast(a + r * stride + w);
      __m512i d0, d1;
      if (has_kept) {
        const __m512i mask = broadcast(kept + r * stride + w);
        // (x ^ b) & mask in one instruction.
        d0 = _mm512_ternarylogic_epi64(x, b0, mask, 0x28);
        d1 = _mm512_ternarylogic_epi64(x, b1, mask, 0x28);
      } else {
        d0 = _mm512_xor_si512(x, b0);
        d1 = _mm512_xor_si512(x, b1);
      }
      low[r] = _mm512_add_epi64(low[r], _mm512_popcnt_epi64(d0));
      high[r] = _mm512_add_epi64(high[r], _mm512_popcnt_epi64(d1));
    }
  }
  for (size_t r = 0; r < rows; r++) sums[r] = (row_sums){low[r], high[r]};
}

// The same for a panel of at most 12 columns: the last four are in a vector of half the width.
INLINE void xnor_narrow_panel(size_t rows, const uint64_t *a, const uint64_t *kept, int has_kept, size_t stride,
                              size_t words, const uint64_t *panel, int has_high, row_sums sums[xnor_rows]) {
  __m512i low[xnor_rows];
  __m256i high[xnor_rows];
  for (size_t r = 0; r < rows; r++) low[r] = _mm512_setzero_si512(), high[r] = _mm256_setzero_si256();
  for (size_t w = 0; w < words; w++) {
    const __m512i b0 = _mm512_loadu_si512(panel + w * panel_columns);
    const __m256i b1 = _mm256_loadu_si256((const __m256i *)(panel + w * panel_columns + 8));
    for (size_t r = 0; r < rows; r++) {
      const __m512i x = broadcast(a + r * stride + w);
      __m512i d0 = _mm512_xor_si512(x, b0);
      __m256i d1 = _mm256_xor_si256(_mm512_castsi512_si256(x), b1);
      if (has_kept) {
        const __m512i mask = broadcast(kept + r * stride + w);
        d0 = _mm512_and_si512(d0, mask);
        d1 = _mm256_and_si256(d1, _mm512_castsi512_si256(mask));
      }
      low[r] = _mm512_add_epi64(low[r], _mm512_popcnt_epi64(d0));
      if (has_high) high[r] = _mm256_add_epi64(high[r], _mm256_popcnt_epi64(d1));
    }
  }
  for (size_t r = 0; r < rows; r++) sums[r] = (row_sums){low[r], _mm512_zextsi256_si512(high[r])};
}

// Writes the dot products of a row with up to sixteen columns.
INLINE void store_dots(__m512i dots, size_t row, size_t first, size_t width, const signflip_xnor_result *result) {
  const __mmask16 there = (__mmask16)((1u << width) - 1);
  const size_t place = row * result->stride + first;
  if (result->values) {
    const __m512 values = _mm512_mul_ps(_mm512_set1_ps(result->scale), _mm512_cvtepi32_ps(dots));
    _mm512_mask_storeu_ps(result->values + place, there, values);
  } else if (result->dots) {
    _mm512_mask_storeu_epi32(result->dots + place, there, dots);
  } else {
    const __m512i limits = _mm512_maskz_loadu_epi32(there, result->thresholds + first);
    store_bits(_mm512_cmplt_epi32_mask(dots, limits), width, row, first, result);
  }
}

INLINE void store_row(row_sums sums, int32_t depth, size_t row, size_t first, size_t width,
                      const signflip_xnor_result *result) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i counts = _mm512_permutex2var_epi32(sums.low, even, sums.high);
  store_dots(_mm512_sub_epi32(_mm512_set1_epi32(depth), _mm512_slli_epi32(counts, 1)), row, first, width, result);
}

// MARK: Carries

// Copies a row and replaces the second word of each pair by the XOR of all words up to it. If the number of words is odd, the
// first word has no partner.
INLINE void prefix_row(const uint64_t *row, size_t words, uint64_t *prefixes) {
  uint64_t all = 0;
  for (size_t w = 0; w < words; w++) {
    all ^= row[w];
    prefixes[w] = (words - w) % 2 == 1 ? all : row[w];
  }
}

// The same for the sixteen columns of a panel.
INLINE void prefix_panel(const uint64_t *panel, size_t words, uint64_t *prefixes) {
  __m512i low = _mm512_setzero_si512(), high = low;
  for (size_t w = 0; w < words; w++) {
    const __m512i b0 = _mm512_loadu_si512(panel + w * panel_columns);
    const __m512i b1 = _mm512_loadu_si512(panel + w * panel_columns + 8);
    const int is_prefix = (words - w) % 2 == 1;
    low = _mm512_xor_si512(low, b0);
    high = _mm512_xor_si512(high, b1);
    _mm512_store_si512(prefixes + w * panel_columns, is_prefix ? low : b0);
    _mm512_store_si512(prefixes + w * panel_columns + 8, is_prefix ? high : b1);
  }
}

// Adds two words of eight columns, x and y, to `ones`, and counts the carries.
// - next: the new ones, which are the XOR of x, y and the old ones.
// - is_first: whether `sums` starts here.
INLINE void add_pair(__m512i x, __m512i next, int is_first, __m512i *ones, __m512i *sums) {
  // The carry is x where x equals ones; elsewhere it is y, which equals NOT next there.
  const __m512i carries = _mm512_popcnt_epi64(_mm512_ternarylogic_epi64(*ones, x, next, 0xD4));
  *sums = is_first ? carries : _mm512_add_epi64(*sums, carries);
  *ones = next;
}

// The dot products of a row with sixteen columns, depth - 4·carries - 2·ones. The counts are below 2¹⁵, so one instruction
// multiplies and adds both.
INLINE __m512i carry_dots(__m512i low, __m512i high, __m512i low_ones, __m512i high_ones, int32_t depth) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i ones = _mm512_permutex2var_epi32(_mm512_popcnt_epi64(low_ones), even, _mm512_popcnt_epi64(high_ones));
  const __m512i carries = _mm512_permutex2var_epi32(low, even, high);
  const __m512i both = _mm512_or_si512(_mm512_slli_epi32(ones, 16), carries);
  const __m512i factors = _mm512_set1_epi32((int32_t)0xFFFEFFFC);  // -2 and -4
  return _mm512_dpwssd_epi32(_mm512_set1_epi32(depth), both, factors);
}

// Adds two words of `rows` rows, `stride` apart, and of the columns of a panel.
INLINE void add_pairs(size_t rows, const uint64_t *a, size_t stride, const uint64_t *b, int is_first, __m512i *low,
                      __m512i *high, __m512i *low_ones, __m512i *high_ones) {
  const __m512i x0 = _mm512_load_si512(b), x1 = _mm512_load_si512(b + 8);
  const __m512i next0 = _mm512_load_si512(b + 16), next1 = _mm512_load_si512(b + 24);
  for (size_t r = 0; r < rows; r++) {
    const __m512i x = broadcast(a + r * stride), next = broadcast(a + r * stride + 1);
    add_pair(_mm512_xor_si512(x, x0), _mm512_xor_si512(next, next0), is_first, &low_ones[r], &low[r]);
    add_pair(_mm512_xor_si512(x, x1), _mm512_xor_si512(next, next1), is_first, &high_ones[r], &high[r]);
  }
}

// Multiplies `rows` rows by the columns of a panel, both with prefixes, of at least two words.
INLINE void carry_panel(size_t rows, const uint64_t *a, size_t words, const uint64_t *panel, int32_t depth,
                        __m512i dots[carry_rows]) {
  __m512i low[carry_rows], high[carry_rows], low_ones[carry_rows], high_ones[carry_rows];
  size_t w = words % 2;
  for (size_t r = 0; r < rows; r++) {
    low_ones[r] = high_ones[r] = _mm512_setzero_si512();
    if (w == 1) {
      low_ones[r] = _mm512_xor_si512(broadcast(a + r * words), _mm512_load_si512(panel));
      high_ones[r] = _mm512_xor_si512(broadcast(a + r * words), _mm512_load_si512(panel + 8));
    }
  }
  add_pairs(rows, a + w, words, panel + w * panel_columns, 1, low, high, low_ones, high_ones);
  // Not unrolled, since the loop would not fit into the cache of decoded instructions.
#pragma clang loop unroll(disable)
  for (w += 2; w < words; w += 2) {
    add_pairs(rows, a + w, words, panel + w * panel_columns, 0, low, high, low_ones, high_ones);
  }
  for (size_t r = 0; r < rows; r++) dots[r] = carry_dots(low[r], high[r], low_ones[r], high_ones[r], depth);
}

typedef struct {
  _Alignas(64) uint64_t panel[longest_words * panel_columns];
  uint64_t rows[kept_words];
} prefix_block;

INLINE void carry_block(const signflip_xnor_operands *o, const signflip_xnor_result *result, const prefix_block *b,
                       size_t row, size_t begin, size_t rows, size_t panel) {
  __m512i dots[carry_rows];
  carry_panel(rows, b->rows + (row - begin) * o->words, o->words, b->panel, (int32_t)o->depth, dots);
  const size_t first = panel * panel_columns, width = panel_width(panel, o->columns);
  if (result->values && width == panel_columns) {
    const __m512 scale = _mm512_set1_ps(result->scale);
    const size_t stride = result->stride;
    float *const values = result->values + row * stride + first;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
      _mm512_storeu_ps(values + r * stride, _mm512_mul_ps(scale, _mm512_cvtepi32_ps(dots[r])));
    }
  } else {
    for (size_t r = 0; r < rows; r++) store_dots(dots[r], row + r, first, width, result);
  }
}

// Computes the panels of more than 12 columns and returns their number. A separate function, so that only its frame has the
// memory for prefixes.
TARGET static __attribute__((noinline)) size_t carry_product(const signflip_xnor_operands *o,
                                                             const signflip_xnor_result *result, size_t begin,
                                                             size_t end) {
  const size_t all = signflip_panels(o->columns), panels = panel_width(all - 1, o->columns) > 12 ? all : all - 1;
  // Blocks of equal length, as each block computes the prefixes of all panels.
  const size_t most = kept_words / o->words, blocks = (end - begin + most - 1) / most;
  const size_t block = (end - begin + blocks - 1) / blocks;
  prefix_block b;
  for (size_t first = begin; first < end; first += block) {
    const size_t last = end - first < block ? end : first + block;
    for (size_t row = first; row < last; row++) {
      prefix_row(o->rows + row * o->words, o->words, b.rows + (row - first) * o->words);
    }
    for (size_t p = 0; p < panels; p++) {
      prefix_panel(o->panels + p * panel_columns * o->words, o->words, b.panel);
      size_t row = first;
      for (; row + carry_rows <= last; row += carry_rows) carry_block(o, result, &b, row, first, carry_rows, p);
      if (last - row >= 4) carry_block(o, result, &b, row, first, 4, p), row += 4;
      if (last - row >= 2) carry_block(o, result, &b, row, first, 2, p), row += 2;
      if (last - row == 1) carry_block(o, result, &b, row, first, 1, p);
    }
  }
  return panels;
}

// MARK: Product

// A block of rows and the panels from `panel` on. The number of rows is a constant in each call.
INLINE void xnor_block(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t row, size_t rows,
                       size_t panel, int has_kept) {
  int32_t depths[xnor_rows];
  for (size_t r = 0; r < rows; r++) depths[r] = row_depth(o, row + r);
  const uint64_t *const a = o->rows + row * o->words;
  const uint64_t *const kept = has_kept ? o->kept + row * o->words : NULL;
  for (size_t p = panel; p < signflip_panels(o->columns); p++) {
    const uint64_t *const b = o->panels + p * panel_columns * o->words;
    const size_t width = panel_width(p, o->columns);
    row_sums sums[xnor_rows];
    if (width > 12) {
      xnor_panel(rows, a, kept, has_kept, o->words, o->words, b, sums);
    } else if (width > 8) {
      xnor_narrow_panel(rows, a, kept, has_kept, o->words, o->words, b, 1, sums);
    } else {
      xnor_narrow_panel(rows, a, kept, has_kept, o->words, o->words, b, 0, sums);
    }
    for (size_t r = 0; r < rows; r++) store_row(sums[r], depths[r], row + r, p * panel_columns, width, result);
  }
}

INLINE void xnor_rows_of(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin, size_t end,
                         size_t panel, int has_kept) {
  size_t row = begin;
  for (; row + xnor_rows <= end; row += xnor_rows) xnor_block(o, result, row, xnor_rows, panel, has_kept);
  if (end - row >= 4) xnor_block(o, result, row, 4, panel, has_kept), row += 4;
  if (end - row >= 2) xnor_block(o, result, row, 2, panel, has_kept), row += 2;
  if (end - row == 1) xnor_block(o, result, row, 1, panel, has_kept);
}

TARGET void signflip_avx512_xnor_product(const signflip_xnor_operands *o, const signflip_xnor_result *result,
                                         size_t begin, size_t end) {
  if (o->kept) {
    xnor_rows_of(o, result, begin, end, 0, 1);
  } else {
    const int has_prefixes = end - begin >= fewest_rows && o->columns >= fewest_columns && o->words > 1 &&
                             o->words <= longest_words;
    const size_t panel = has_prefixes ? carry_product(o, result, begin, end) : 0;
    if (panel < signflip_panels(o->columns)) xnor_rows_of(o, result, begin, end, panel, 0);
  }
}

TARGET uint64_t signflip_avx512_popcount_ceiling(uint64_t rounds, uint64_t *sink) {
  enum { count = 2 * xnor_rows };
  const __m512i b = _mm512_set1_epi64((long long)~*sink);
  __m512i a = _mm512_set1_epi64((long long)*sink), sums[count];
  for (int c = 0; c < count; c++) sums[c] = _mm512_setzero_si512();
  for (uint64_t i = 0; i < rounds; i++) {
    for (int c = 0; c < count; c++) {
      // Hides the values from the optimizer, which would otherwise compute equal terms only once.
      __asm__ volatile("" : "+v"(a));
      sums[c] = _mm512_add_epi64(sums[c], _mm512_popcnt_epi64(_mm512_xor_si512(a, b)));
    }
  }
  for (int c = 0; c < count; c++) *sink += (uint64_t)_mm512_reduce_add_epi64(sums[c]);
  return rounds * count * 512;
}

TARGET uint64_t signflip_avx512_xnor_ceiling(uint64_t rounds, uint64_t *sink) {
  enum { count = 8 };
  const __m512i b = _mm512_set1_epi64((long long)~*sink);
  __m512i a = _mm512_set1_epi64((long long)*sink), sums[count], ones[count];
  for (int c = 0; c < count; c++) sums[c] = ones[c] = _mm512_setzero_si512();
  for (uint64_t i = 0; i < rounds; i++) {
    // Unrolled; otherwise the compiler stores the sums in memory.
#pragma clang loop unroll(full)
    for (int c = 0; c < count; c++) {
      __asm__ volatile("" : "+v"(a));
      const __m512i x = _mm512_xor_si512(a, b);
      __asm__ volatile("" : "+v"(a));
      add_pair(x, _mm512_xor_si512(a, b), 0, &ones[c], &sums[c]);
    }
  }
  for (int c = 0; c < count; c++) *sink += (uint64_t)_mm512_reduce_add_epi64(_mm512_add_epi64(sums[c], ones[c]));
  return rounds * count * 2 * 512;
}
#endif
