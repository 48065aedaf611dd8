#if defined(__x86_64__)
#include "avx512.h"

// A mask of the first `count` of 16 elements.
INLINE __mmask16 first_of_16(size_t count) { return count < 16 ? (__mmask16)((1u << count) - 1) : (__mmask16)0xFFFF; }

TARGET static void pack_signs(const float *values, size_t count, uint64_t *bits) {
  const __m512 zero = _mm512_setzero_ps();
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    uint64_t word = 0;
    for (size_t j = 0; j < 64; j += 16) {
      word |= (uint64_t)_mm512_cmp_ps_mask(_mm512_loadu_ps(values + i + j), zero, _CMP_LT_OQ) << j;
    }
    bits[i / 64] = word;
  }
  if (i < count) {
    uint64_t word = 0;
    for (size_t j = 0; j < 64 && i + j < count; j += 16) {
      const __m512 x = _mm512_maskz_loadu_ps(first_of_16(count - i - j), values + i + j);
      word |= (uint64_t)_mm512_cmp_ps_mask(x, zero, _CMP_LT_OQ) << j;
    }
    bits[i / 64] = word;
  }
}

// MARK: Products of floats with signs

// Transposes the 16×16 floats in `t` into rows of the target.
INLINE void transpose_rows(__m512 t[16], float *target, size_t target_stride) {
  __m512 u[16];
  for (int i = 0; i < 8; i++) {
    u[2 * i] = _mm512_unpacklo_ps(t[2 * i], t[2 * i + 1]);
    u[2 * i + 1] = _mm512_unpackhi_ps(t[2 * i], t[2 * i + 1]);
  }
  for (int i = 0; i < 4; i++) {
    for (int h = 0; h < 2; h++) {
      t[4 * i + 2 * h] = _mm512_shuffle_ps(u[4 * i + h], u[4 * i + h + 2], _MM_SHUFFLE(1, 0, 1, 0));
      t[4 * i + 2 * h + 1] = _mm512_shuffle_ps(u[4 * i + h], u[4 * i + h + 2], _MM_SHUFFLE(3, 2, 3, 2));
    }
  }
  // t[4i + c]: lane q holds column 4q + c of rows 4i ... 4i + 3.
  for (int c = 0; c < 4; c++) {
    const __m512 low = _mm512_shuffle_f32x4(t[c], t[4 + c], _MM_SHUFFLE(1, 0, 1, 0));
    const __m512 high = _mm512_shuffle_f32x4(t[c], t[4 + c], _MM_SHUFFLE(3, 2, 3, 2));
    const __m512 low2 = _mm512_shuffle_f32x4(t[8 + c], t[12 + c], _MM_SHUFFLE(1, 0, 1, 0));
    const __m512 high2 = _mm512_shuffle_f32x4(t[8 + c], t[12 + c], _MM_SHUFFLE(3, 2, 3, 2));
    float *const out = target + (size_t)c * target_stride;
    _mm512_storeu_ps(out, _mm512_shuffle_f32x4(low, low2, _MM_SHUFFLE(2, 0, 2, 0)));
    _mm512_storeu_ps(out + 4 * target_stride, _mm512_shuffle_f32x4(low, low2, _MM_SHUFFLE(3, 1, 3, 1)));
    _mm512_storeu_ps(out + 8 * target_stride, _mm512_shuffle_f32x4(high, high2, _MM_SHUFFLE(2, 0, 2, 0)));
    _mm512_storeu_ps(out + 12 * target_stride, _mm512_shuffle_f32x4(high, high2, _MM_SHUFFLE(3, 1, 3, 1)));
  }
}

INLINE void transpose16(const float *source, size_t stride, float *target, size_t target_stride) {
  __m512 t[16];
  for (int i = 0; i < 16; i++) t[i] = _mm512_loadu_ps(source + (size_t)i * stride);
  transpose_rows(t, target, target_stride);
}

INLINE int gather(const signflip_sign_operands *o, size_t row, size_t rows, size_t k, size_t depth, size_t end,
                  float *panel) {
  const float *const a = o->a + row * o->row_stride + k * o->depth_stride;
  if (o->row_stride == 1) {
    const __mmask16 there = first_of_16(rows);
    for (size_t d = 0; d < depth; d++) {
      _mm512_store_ps(panel + d * sign_rows, _mm512_maskz_loadu_ps(there, a + d * o->depth_stride));
    }
    for (size_t d = depth; d < end; d++) _mm512_store_ps(panel + d * sign_rows, _mm512_setzero_ps());
    return 1;
  }
  size_t d = 0;
  for (; d < depth; d += 16) {
    if (rows == sign_rows && depth - d >= 16) {
      transpose16(a + d, o->row_stride, panel + d * sign_rows, sign_rows);
    } else {
      const __mmask16 there = first_of_16(depth - d);
      __m512 t[16];
      for (size_t r = 0; r < 16; r++) {
        t[r] = r < rows ? _mm512_maskz_loadu_ps(there, a + r * o->row_stride + d) : _mm512_setzero_ps();
      }
      transpose_rows(t, panel + d * sign_rows, sign_rows);
    }
  }
  for (; d < end; d++) _mm512_store_ps(panel + d * sign_rows, _mm512_setzero_ps());
  return 1;
}

INLINE void build_table(size_t size, const float *a, float *table) {
  const __m512 sign = _mm512_set1_ps(-0.0f);
  const __m512 a0 = _mm512_load_ps(a), a1 = _mm512_load_ps(a + sign_rows);
  const __m512 a2 = _mm512_load_ps(a + 2 * sign_rows), a3 = _mm512_load_ps(a + 3 * sign_rows);
  const __m512 n0 = _mm512_xor_ps(a0, sign), n2 = _mm512_xor_ps(a2, sign);
  const __m512 low[4] = {_mm512_add_ps(a0, a1), _mm512_add_ps(n0, a1), _mm512_sub_ps(a0, a1), _mm512_sub_ps(n0, a1)};
  const __m512 high[4] = {_mm512_add_ps(a2, a3), _mm512_add_ps(n2, a3), _mm512_sub_ps(a2, a3), _mm512_sub_ps(n2, a3)};
  __m512 last[4];
  if (size > 4) {
    const __m512 a4 = _mm512_load_ps(a + 4 * sign_rows), n4 = _mm512_xor_ps(a4, sign);
    last[0] = a4, last[1] = n4;
    if (size > 5) {
      const __m512 a5 = _mm512_load_ps(a + 5 * sign_rows);
      last[0] = _mm512_add_ps(a4, a5), last[1] = _mm512_add_ps(n4, a5);
      last[2] = _mm512_sub_ps(a4, a5), last[3] = _mm512_sub_ps(n4, a5);
    }
  }
  // Unrolled; otherwise the compiler stores `low` and `high` in memory.
#pragma clang loop unroll(full)
  for (size_t s = 0; s < 16; s++) {
    const __m512 four = _mm512_add_ps(low[s & 3], high[s >> 2]);
    if (size == 4) _mm512_store_ps(table + s * sign_rows, four);
#pragma clang loop unroll(full)
    for (size_t t = 0; size > 4 && t < (size_t)1 << (size - 4); t++) {
      _mm512_store_ps(table + (16 * t + s) * sign_rows, _mm512_add_ps(four, last[t]));
    }
  }
}

// With one plane, eight columns hide the latency of an addition. With two planes, a column needs two words, and four columns keep
// all words in registers.
INLINE size_t columns_at_once(sign_step s) { return s.too ? 4 : 8; }

INLINE __m512 entry_at(const float *tables, size_t offset) { return _mm512_load_ps((const char *)tables + offset); }

INLINE void add_columns(sign_step s, const uint64_t *words, const uint64_t *words_too, float *sums) {
  const size_t width = columns_at_once(s);
  const __mmask16 old = s.adds ? 0xFFFF : 0;
  __m512 sum[8], other[8];
  uint64_t own[8];
  for (size_t c = 0; c < width; c++) {
    own[c] = in_register(words[c]);
    sum[c] = _mm512_maskz_load_ps(old, sums + c * sign_rows);
    if (s.blocks > 1) other[c] = _mm512_maskz_load_ps(old, sums + s.block_sums + c * sign_rows);
  }
#pragma clang loop unroll(full)
  for (size_t g = 0; g < slice_groups(s.wide); g++) {
    if (g >= s.filled) continue;
#pragma clang loop unroll(full)
    for (size_t c = 0; c < width; c++) {
      const size_t offset = entry_offset(s.wide, g, own[c], s.first);
      sum[c] = _mm512_add_ps(sum[c], entry_at(s.tables, offset));
      if (s.blocks > 1) other[c] = _mm512_add_ps(other[c], entry_at(s.tables + table_floats, offset));
      if (s.too) sum[c] = _mm512_add_ps(sum[c], entry_at(s.tables, entry_offset(s.wide, g, words_too[c], s.first)));
    }
  }
  for (size_t c = 0; c < width; c++) {
    _mm512_store_ps(sums + c * sign_rows, sum[c]);
    if (s.blocks > 1) _mm512_store_ps(sums + s.block_sums + c * sign_rows, other[c]);
  }
}

INLINE void store_sums(const signflip_sign_operands *o, const float *sums, float *c, size_t c_stride, size_t rows) {
  const __m512 scale = _mm512_set1_ps(o->scale);
  if (rows == sign_rows && o->columns >= 16) {
    for (size_t j = 0; j < o->columns; j += 16) {
      // The last 16 columns may overlap those before.
      const size_t first = j + 16 <= o->columns ? j : o->columns - 16;
      float block[16 * sign_rows] __attribute__((aligned(64)));
      for (size_t i = 0; i < 16 * sign_rows; i += 16) {
        _mm512_store_ps(block + i, _mm512_mul_ps(scale, _mm512_load_ps(sums + first * sign_rows + i)));
      }
      transpose16(block, sign_rows, c + first, c_stride);
    }
  } else {
    store_each(o, sums, c, c_stride, rows);
  }
}

// MARK: Products of bytes with signs

enum { byte_rows = 8 };

// Four bytes of each row times four signs of each column.
INLINE void byte_step(const signflip_byte_operands *o, size_t count, const uint8_t *bytes, size_t k, size_t left,
                      const int8_t *panel, __m512i sums[byte_rows]) {
  const __m512i b = _mm512_loadu_si512(panel + k * panel_columns);
  for (size_t r = 0; r < count; r++) {
    const __m512i a = _mm512_set1_epi32((int)four_bytes(bytes + r * o->depth + k, left));
    sums[r] = _mm512_dpbusd_epi32(sums[r], a, b);
  }
}

INLINE void byte_block(const signflip_byte_operands *o, size_t row, size_t count, const int8_t *panel, int32_t *out) {
  const uint8_t *const bytes = o->bytes + row * o->depth;
  __m512i sums[byte_rows];
  for (size_t r = 0; r < count; r++) sums[r] = _mm512_setzero_si512();
  size_t k = 0;
  for (; k + 4 <= o->depth; k += 4) byte_step(o, count, bytes, k, 4, panel, sums);
  if (k < o->depth) byte_step(o, count, bytes, k, o->depth - k, panel, sums);
  for (size_t r = 0; r < count; r++) _mm512_storeu_si512(out + r * panel_columns, sums[r]);
}

INLINE uint64_t compare_panel(const int32_t *sums, const int32_t *thresholds) {
  return _mm512_cmplt_epi32_mask(_mm512_loadu_si512(sums), _mm512_loadu_si512(thresholds));
}

#include "loops.h"

// Two blocks at one offset.
TARGET static void sign_product_of_pairs(const signflip_sign_operands *o, float *c, size_t c_stride, size_t begin, size_t end,
                                         float *scratch) {
  multiply_signs(o, 2, c, c_stride, begin, end, scratch);
}

// Multiplies one block or two at once; the sums are the same.
SIGNFLIP_TABLE(blocks, avx512, sign_product, signflip_avx512_xnor_product, signflip_avx512_popcount_ceiling,
               signflip_avx512_xnor_ceiling)
SIGNFLIP_TABLE(pairs, avx512, sign_product_of_pairs, signflip_avx512_xnor_product, signflip_avx512_popcount_ceiling,
               signflip_avx512_xnor_ceiling)

const signflip_bits *signflip_kernels_avx512(size_t cache) {
  // The compiler's run-time library checks the processor (CPUID), and whether the system saves the registers (XGETBV).
  const int is_supported = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
                           __builtin_cpu_supports("avx512vpopcntdq") && __builtin_cpu_supports("avx512vnni");
  // The tables of two blocks take 32 KB, and the sums need some of the cache too.
  return !is_supported ? NULL : cache < 48 << 10 ? &blocks : &pairs;
}
#else
#include "kernels.h"

SIGNFLIP_NO_KERNELS(avx512)
#endif
