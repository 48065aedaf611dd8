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
  if (i < count) signflip_kernels_scalar(0)->pack_signs(values + i, count - i, bits + i / 64);
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

INLINE int gather(const signflip_sign_operands *o, size_t row, size_t rows, size_t k, size_t depth, size_t end,
                  float *panel) {
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
  for (size_t d = depth; d < end; d++) memset(panel + d * sign_rows, 0, sign_rows * sizeof(float));
  return 1;
}

// Eight of the 16 rows.
INLINE void build_half(size_t size, const float *a, float *table) {
  const __m256 sign = _mm256_set1_ps(-0.0f);
  const __m256 a0 = _mm256_load_ps(a), a1 = _mm256_load_ps(a + sign_rows);
  const __m256 a2 = _mm256_load_ps(a + 2 * sign_rows), a3 = _mm256_load_ps(a + 3 * sign_rows);
  const __m256 n0 = _mm256_xor_ps(a0, sign), n2 = _mm256_xor_ps(a2, sign);
  const __m256 low[4] = {_mm256_add_ps(a0, a1), _mm256_add_ps(n0, a1), _mm256_sub_ps(a0, a1), _mm256_sub_ps(n0, a1)};
  const __m256 high[4] = {_mm256_add_ps(a2, a3), _mm256_add_ps(n2, a3), _mm256_sub_ps(a2, a3), _mm256_sub_ps(n2, a3)};
  __m256 last[4];
  if (size > 4) {
    const __m256 a4 = _mm256_load_ps(a + 4 * sign_rows), n4 = _mm256_xor_ps(a4, sign);
    last[0] = a4, last[1] = n4;
    if (size > 5) {
      const __m256 a5 = _mm256_load_ps(a + 5 * sign_rows);
      last[0] = _mm256_add_ps(a4, a5), last[1] = _mm256_add_ps(n4, a5);
      last[2] = _mm256_sub_ps(a4, a5), last[3] = _mm256_sub_ps(n4, a5);
    }
  }
#pragma clang loop unroll(full)
  for (size_t s = 0; s < 16; s++) {
    const __m256 four = _mm256_add_ps(low[s & 3], high[s >> 2]);
    if (size == 4) _mm256_store_ps(table + s * sign_rows, four);
#pragma clang loop unroll(full)
    for (size_t t = 0; size > 4 && t < (size_t)1 << (size - 4); t++) {
      _mm256_store_ps(table + (16 * t + s) * sign_rows, _mm256_add_ps(four, last[t]));
    }
  }
}

INLINE void build_table(size_t size, const float *a, float *table) {
  build_half(size, a, table);
  build_half(size, a + 8, table + 8);
}

// Four columns: eight independent sums hide the latency of an addition.
INLINE size_t columns_at_once(sign_step s) {
  (void)s;
  return 4;
}

// Adds the 16 floats of an entry.
INLINE void add_entry(const float *tables, size_t offset, __m256 sum[2]) {
  const float *const entry = (const float *)((const char *)tables + offset);
  sum[0] = _mm256_add_ps(sum[0], _mm256_load_ps(entry));
  sum[1] = _mm256_add_ps(sum[1], _mm256_load_ps(entry + 8));
}

INLINE void add_columns(sign_step s, const uint64_t *words, const uint64_t *words_too, float *sums) {
  __m256 sum[4][2];
  uint64_t own[4];
  for (size_t c = 0; c < 4; c++) {
    // With wide groups, a vector register of offsets is no slower.
    own[c] = s.wide ? words[c] : in_register(words[c]);
    for (size_t i = 0; i < 2; i++) {
      sum[c][i] = s.adds ? _mm256_load_ps(sums + c * sign_rows + 8 * i) : _mm256_setzero_ps();
    }
  }
#pragma clang loop unroll(full)
  for (size_t g = 0; g < slice_groups(s.wide); g++) {
    if (g >= s.filled) continue;
#pragma clang loop unroll(full)
    for (size_t c = 0; c < 4; c++) {
      add_entry(s.tables, entry_offset(s.wide, g, own[c], s.first), sum[c]);
      if (s.too) add_entry(s.tables, entry_offset(s.wide, g, words_too[c], s.first), sum[c]);
    }
  }
  for (size_t c = 0; c < 4; c++) {
    for (size_t i = 0; i < 2; i++) _mm256_store_ps(sums + c * sign_rows + 8 * i, sum[c][i]);
  }
}

INLINE void store_sums(const signflip_sign_operands *o, const float *sums, float *c, size_t c_stride, size_t rows) {
  const __m256 scale = _mm256_set1_ps(o->scale);
  if (rows == sign_rows && o->columns >= 8) {
    for (size_t j = 0; j < o->columns; j += 8) {
      // The last eight columns may overlap those before.
      const size_t first = j + 8 <= o->columns ? j : o->columns - 8;
      float block[8 * sign_rows] __attribute__((aligned(32)));
      for (size_t i = 0; i < 8 * sign_rows; i += 8) {
        _mm256_store_ps(block + i, _mm256_mul_ps(scale, _mm256_load_ps(sums + first * sign_rows + i)));
      }
      transpose8(block, sign_rows, c + first, c_stride);
      transpose8(block + 8, sign_rows, c + 8 * c_stride + first, c_stride);
    }
  } else {
    store_each(o, sums, c, c_stride, rows);
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
