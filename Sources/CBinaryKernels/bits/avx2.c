#if defined(__x86_64__)
#include "avx2.h"

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
  if (i < count) signflip_kernels_scalar()->pack_signs(values + i, count - i, bits + i / 64);
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

INLINE int gather(const signflip_sign_operands *o, size_t row, size_t rows, size_t k, size_t depth, float *panel) {
  if (rows < sign_rows) return 0;
  const float *const a = o->a + row * o->row_stride + k * o->depth_stride;
  if (o->row_stride == 1) {
    for (size_t d = 0; d < depth; d++) {
      _mm256_store_ps(panel + d * sign_rows, _mm256_loadu_ps(a + d * o->depth_stride));
      _mm256_store_ps(panel + d * sign_rows + 8, _mm256_loadu_ps(a + d * o->depth_stride + 8));
    }
  } else {
    const size_t whole = depth / 8 * 8;
    for (size_t r = 0; r < sign_rows; r += 8) {
      for (size_t d = 0; d < whole; d += 8) {
        transpose8(a + r * o->row_stride + d, o->row_stride, panel + d * sign_rows + r, sign_rows);
      }
    }
    for (size_t d = whole; d < depth; d++) {
      for (size_t r = 0; r < sign_rows; r++) panel[d * sign_rows + r] = a[r * o->row_stride + d];
    }
  }
  for (size_t d = depth; d % 4 != 0; d++) memset(panel + d * sign_rows, 0, sign_rows * sizeof(float));
  return 1;
}

INLINE void build_tables(const float *panel, size_t count, float *tables_out) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  for (size_t g = 0; g < count; g++) {
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

// Looks up the 16 sums for nibble g of a word and adds them.
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
#define LOOK_UP_8(g)       \
  do {                     \
    if (count > (g)) {     \
      LOOK_UP_4(g);        \
      LOOK_UP_4((g) + 1);  \
    }                      \
  } while (0)

// Four columns at once: eight independent sums hide the latency of an addition. Tables are used in pairs; if their number is
// odd, the last one is followed by a table of zeros.
INLINE void add_columns(const float *table, size_t count, const uint64_t *words, const uint64_t *words_too, int too,
                        int adds, float *sums) {
  __m256 l0 = _mm256_setzero_ps(), h0 = l0, l1 = l0, h1 = l0, l2 = l0, h2 = l0, l3 = l0, h3 = l0;
  if (adds) {
    l0 = _mm256_load_ps(sums), h0 = _mm256_load_ps(sums + 8);
    l1 = _mm256_load_ps(sums + 16), h1 = _mm256_load_ps(sums + 24);
    l2 = _mm256_load_ps(sums + 32), h2 = _mm256_load_ps(sums + 40);
    l3 = _mm256_load_ps(sums + 48), h3 = _mm256_load_ps(sums + 56);
  }
  LOOK_UP_8(0);
  LOOK_UP_8(2);
  LOOK_UP_8(4);
  LOOK_UP_8(6);
  LOOK_UP_8(8);
  LOOK_UP_8(10);
  LOOK_UP_8(12);
  LOOK_UP_8(14);
  _mm256_store_ps(sums, l0), _mm256_store_ps(sums + 8, h0);
  _mm256_store_ps(sums + 16, l1), _mm256_store_ps(sums + 24, h1);
  _mm256_store_ps(sums + 32, l2), _mm256_store_ps(sums + 40, h2);
  _mm256_store_ps(sums + 48, l3), _mm256_store_ps(sums + 56, h3);
}

INLINE void look_up(const signflip_sign_operands *o, size_t w, const float *table, size_t count, int adds, float *sums,
                    int too) {
  const uint64_t *const words = o->signs + w * o->stride;
  const uint64_t *const words_too = too ? o->signs_too + w * o->stride : NULL;
  size_t j = 0;
  for (; j + 4 <= o->columns; j += 4) {
    add_columns(table, count, words + j, too ? words_too + j : NULL, too, adds, sums + j * sign_rows);
  }
  if (j < o->columns) {
    // The scratch memory has space for complete groups of four columns.
    uint64_t last[4] = {0}, last_too[4] = {0};
    memcpy(last, words + j, (o->columns - j) * sizeof(uint64_t));
    if (too) memcpy(last_too, words_too + j, (o->columns - j) * sizeof(uint64_t));
    add_columns(table, count, last, last_too, too, adds, sums + j * sign_rows);
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

// MARK: Products of bytes with signs

enum {
  byte_rows = 4,
  // Each step adds two products of up to 255 to a 16-bit sum, which can hold 64 steps.
  byte_steps = 64
};

// Four bytes of each row times four signs of each column.
INLINE void byte_step(const signflip_byte_operands *o, size_t count, const uint8_t *bytes, size_t k, size_t left,
                      const int8_t *panel, __m256i sums[byte_rows][2]) {
  const __m256i *const column = (const __m256i *)(panel + k * panel_columns);
  const __m256i b0 = _mm256_loadu_si256(column), b1 = _mm256_loadu_si256(column + 1);
  for (size_t r = 0; r < count; r++) {
    const __m256i a = _mm256_set1_epi32((int)four_bytes(bytes + r * o->depth + k, left));
    sums[r][0] = _mm256_add_epi16(sums[r][0], _mm256_maddubs_epi16(a, b0));
    sums[r][1] = _mm256_add_epi16(sums[r][1], _mm256_maddubs_epi16(a, b1));
  }
}

INLINE void byte_block(const signflip_byte_operands *o, size_t row, size_t count, const int8_t *panel, int32_t *out) {
  const uint8_t *const bytes = o->bytes + row * o->depth;
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i totals[byte_rows][2];
  for (size_t r = 0; r < count; r++) totals[r][0] = totals[r][1] = _mm256_setzero_si256();
  for (size_t first = 0; first < o->depth; first += 4 * byte_steps) {
    const size_t end = o->depth - first < 4 * byte_steps ? o->depth : first + 4 * byte_steps;
    __m256i sums[byte_rows][2];
    for (size_t r = 0; r < count; r++) sums[r][0] = sums[r][1] = _mm256_setzero_si256();
    size_t k = first;
    for (; k + 4 <= end; k += 4) byte_step(o, count, bytes, k, 4, panel, sums);
    if (k < end) byte_step(o, count, bytes, k, end - k, panel, sums);
    for (size_t r = 0; r < count; r++) {
      totals[r][0] = _mm256_add_epi32(totals[r][0], _mm256_madd_epi16(sums[r][0], ones));
      totals[r][1] = _mm256_add_epi32(totals[r][1], _mm256_madd_epi16(sums[r][1], ones));
    }
  }
  for (size_t r = 0; r < count; r++) {
    _mm256_storeu_si256((__m256i *)(out + r * panel_columns), totals[r][0]);
    _mm256_storeu_si256((__m256i *)(out + r * panel_columns + 8), totals[r][1]);
  }
}

INLINE uint64_t compare_panel(const int32_t *sums, const int32_t *thresholds) {
  uint64_t below = 0;
  for (size_t j = 0; j < panel_columns; j += 8) {
    const __m256i n = _mm256_loadu_si256((const __m256i *)(sums + j));
    const __m256i t = _mm256_loadu_si256((const __m256i *)(thresholds + j));
    below |= (uint64_t)(unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpgt_epi32(t, n))) << j;
  }
  return below;
}

#include "loops.h"

SIGNFLIP_KERNELS(avx2, __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"), signflip_avx2_xnor_product,
                 signflip_avx2_popcount_ceiling, signflip_avx2_xnor_ceiling)
#else
#include "kernels.h"

SIGNFLIP_NO_KERNELS(avx2)
#endif
