// Products of signs with AVX-512, which counts the bits of eight words at once (VPOPCNTDQ).
//
// For many rows, a carry-save adder (Harley and Seal) reduces the bits to count. The differing bits x and y of two halves of words, and
// the remainder `ones` of the halves before, satisfy x + y + ones = 2·carries + ones', and only the carries are counted: half as many
// bits. This is cheap because ones' is linear over XOR: it is the XOR of all halves of the row so far with that of the column's
// halves, and both prefixes are computed once and stored in the place of y. The carries are the majority of x, y and ones, which
// one instruction (VPTERNLOG) computes from x, ones and ones'. Two halves take five operations instead of six (an XOR, a count
// and an addition for each).
//
// A vector has halves of words, 32 bits, of sixteen columns: then sums are already 32-bit integers in the order of the output, which
// matters for short rows. For eight rows, eight sums, eight vectors of ones and two vectors of columns are in registers.
#if defined(__x86_64__)
#include "avx512.h"

enum {
  xnor_rows = 6,
  carry_rows = 8,
  // From this number of rows and columns on, prefixes save more operations than they cost.
  fewest_rows = 24,
  fewest_columns = 48,
  // The memory for prefixes of rows, 64 KiB, and of a panel. 32 rows of this number of halves fit into it.
  kept_halves = 16384,
  longest_halves = 512
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

// The number of halves of words in a row that have signs.
INLINE size_t row_halves(const signflip_xnor_operands *o) { return (o->depth + 31) / 32; }

INLINE __m512i broadcast_half(const uint32_t *half) { return _mm512_set1_epi32((int)*half); }

// Copies the halves of a row's words, and replaces the second of each word by the XOR of all halves up to it. If the number of
// halves is odd, the last one has no partner and is taken as the first.
INLINE void prefix_row(const uint64_t *row, size_t halves, uint32_t *prefixes) {
  const size_t words = halves / 2;
  const __m512i zero = _mm512_setzero_si512(), last = _mm512_set1_epi64(7);
  // The XORs are in the upper halves.
  __m512i all = zero;
  if (halves % 2 == 1) {
    all = _mm512_slli_epi64(broadcast(row + words), 32);
    prefixes[halves - 1] = (uint32_t)row[words];
  }
  for (size_t w = 0; w < words; w += 8) {
    const __mmask8 there = (__mmask8)(words - w < 8 ? (1u << (words - w)) - 1 : 0xFF);
    const __m512i x = _mm512_maskz_loadu_epi64(there, row + w);
    __m512i xors = _mm512_xor_si512(x, _mm512_slli_epi64(x, 32));
    // Of two, four and eight words.
    xors = _mm512_xor_si512(xors, _mm512_alignr_epi64(xors, zero, 7));
    xors = _mm512_xor_si512(xors, _mm512_alignr_epi64(xors, zero, 6));
    xors = _mm512_xor_si512(xors, _mm512_alignr_epi64(xors, zero, 4));
    xors = _mm512_xor_si512(xors, all);
    all = _mm512_permutexvar_epi64(last, xors);
    _mm512_mask_storeu_epi64(prefixes + 2 * w, there, _mm512_mask_blend_epi32(0xAAAA, x, xors));
  }
}

// The same for the sixteen columns of a panel.
INLINE void prefix_panel(const uint64_t *panel, size_t halves, uint32_t *prefixes) {
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  const __m512i odd = _mm512_add_epi32(even, _mm512_set1_epi32(1));
  __m512i all = _mm512_setzero_si512();
  if (halves % 2 == 1) {
    const uint64_t *const word = panel + halves / 2 * panel_columns;
    all = _mm512_permutex2var_epi32(_mm512_loadu_si512(word), even, _mm512_loadu_si512(word + 8));
    _mm512_store_si512(prefixes + (halves - 1) * panel_columns, all);
  }
  for (size_t w = 0; w < halves / 2; w++) {
    const __m512i b0 = _mm512_loadu_si512(panel + w * panel_columns);
    const __m512i b1 = _mm512_loadu_si512(panel + w * panel_columns + 8);
    const __m512i low = _mm512_permutex2var_epi32(b0, even, b1), high = _mm512_permutex2var_epi32(b0, odd, b1);
    all = _mm512_ternarylogic_epi32(all, low, high, 0x96);
    _mm512_store_si512(prefixes + 2 * w * panel_columns, low);
    _mm512_store_si512(prefixes + (2 * w + 1) * panel_columns, all);
  }
}

// Adds two halves of sixteen columns, x and y, to `ones`, and counts the carries.
// - next: the new ones, which are the XOR of x, y and the old ones.
// - is_first: whether `sums` starts here.
INLINE void add_pair(__m512i x, __m512i next, int is_first, __m512i *ones, __m512i *sums) {
  // The carry is x where x equals ones; elsewhere it is y, which equals NOT next there.
  const __m512i carries = _mm512_popcnt_epi32(_mm512_ternarylogic_epi32(*ones, x, next, 0xD4));
  *sums = is_first ? carries : _mm512_add_epi32(*sums, carries);
  *ones = next;
}

// The dot products of a row with sixteen columns, depth - 4·carries - 2·ones. The counts are below 2¹⁵, so an instruction that
// multiplies and adds 16-bit integers is enough.
INLINE __m512i carry_dots(__m512i carries, __m512i ones, int32_t depth) {
  const __m512i four = _mm512_set1_epi32(0xFFFC), two = _mm512_set1_epi32(0xFFFE);  // -4 and -2
  return _mm512_dpwssd_epi32(_mm512_dpwssd_epi32(_mm512_set1_epi32(depth), carries, four), _mm512_popcnt_epi32(ones),
                             two);
}

// Adds two halves of `rows` rows, `stride` apart, and of the columns of a panel.
INLINE void add_pairs(size_t rows, const uint32_t *a, size_t stride, const uint32_t *b, int is_first, __m512i *sums,
                      __m512i *ones) {
  const __m512i column = _mm512_load_si512(b), next = _mm512_load_si512(b + panel_columns);
  for (size_t r = 0; r < rows; r++) {
    const uint32_t *const row = a + r * stride;
    add_pair(_mm512_xor_si512(broadcast_half(row), column), _mm512_xor_si512(broadcast_half(row + 1), next), is_first,
             &ones[r], &sums[r]);
  }
}

// Multiplies `rows` rows by the columns of a panel, both with prefixes, of at least two halves.
INLINE void carry_panel(size_t rows, const uint32_t *a, size_t halves, const uint32_t *panel, int32_t depth,
                        __m512i dots[carry_rows]) {
  __m512i sums[carry_rows], ones[carry_rows];
  for (size_t r = 0; r < rows; r++) ones[r] = _mm512_setzero_si512();
  if (halves % 2 == 1) {
    const __m512i column = _mm512_load_si512(panel + (halves - 1) * panel_columns);
    for (size_t r = 0; r < rows; r++) ones[r] = _mm512_xor_si512(broadcast_half(a + r * halves + halves - 1), column);
  }
  add_pairs(rows, a, halves, panel, 1, sums, ones);
  // Not unrolled, since the loop would not fit into the cache of decoded instructions.
#pragma clang loop unroll(disable)
  for (size_t h = 2; h + 1 < halves; h += 2) add_pairs(rows, a + h, halves, panel + h * panel_columns, 0, sums, ones);
  for (size_t r = 0; r < rows; r++) dots[r] = carry_dots(sums[r], ones[r], depth);
}

typedef struct {
  _Alignas(64) uint32_t panel[longest_halves * panel_columns];
  uint32_t rows[kept_halves];
} prefix_block;

INLINE void carry_block(const signflip_xnor_operands *o, const signflip_xnor_result *result, const prefix_block *b,
                       size_t row, size_t begin, size_t rows, size_t panel) {
  const size_t halves = row_halves(o);
  __m512i dots[carry_rows];
  carry_panel(rows, b->rows + (row - begin) * halves, halves, b->panel, (int32_t)o->depth, dots);
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

// Loads a panel into the second cache.
INLINE void fetch_panel(const uint64_t *panel, size_t words) {
  for (size_t i = 0; i < panel_columns * words; i += 8) __builtin_prefetch(panel + i, 0, 2);
}

// Computes the panels of more than 12 columns and returns their number. A separate function, so that only its frame has the
// memory for prefixes.
TARGET static __attribute__((noinline)) size_t carry_product(const signflip_xnor_operands *o,
                                                             const signflip_xnor_result *result, size_t begin,
                                                             size_t end) {
  const size_t all = signflip_panels(o->columns), panels = panel_width(all - 1, o->columns) > 12 ? all : all - 1;
  // Blocks of equal length, as each block computes the prefixes of all panels.
  const size_t halves = row_halves(o), most = kept_halves / halves, blocks = (end - begin + most - 1) / most;
  const size_t block = (end - begin + blocks - 1) / blocks;
  prefix_block b;
  for (size_t first = begin; first < end; first += block) {
    fetch_panel(o->panels, o->words);
    const size_t last = end - first < block ? end : first + block;
    for (size_t row = first; row < last; row++) {
      prefix_row(o->rows + row * o->words, halves, b.rows + (row - first) * halves);
    }
    for (size_t p = 0; p < panels; p++) {
      const uint64_t *const panel = o->panels + p * panel_columns * o->words;
      prefix_panel(panel, halves, b.panel);
      // The next panel comes from memory while this one is multiplied.
      if (p + 1 < panels) fetch_panel(panel + panel_columns * o->words, o->words);
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
                             row_halves(o) <= longest_halves;
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
