// NEON counts the bits of 16 bytes at once. The counts are widened before a byte overflows.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "kernels.h"

#define TARGET
#define INLINE SIGNFLIP_INLINE

static void pack_signs(const float *values, size_t count, uint64_t *bits) {
  const uint32x4_t places = {1, 2, 4, 8};
  size_t i = 0;
  for (; i + 64 <= count; i += 64) {
    uint64_t word = 0;
    for (int j = 0; j < 16; j++) {
      const uint32x4_t negative = vcltzq_f32(vld1q_f32(values + i + 4 * j));
      word |= (uint64_t)vaddvq_u32(vandq_u32(negative, places)) << 4 * j;
    }
    bits[i / 64] = word;
  }
  if (i < count) signflip_kernels_scalar(0)->pack_signs(values + i, count - i, bits + i / 64);
}

// MARK: Products of signs

enum {
  xnor_rows = 2,
  pairs = panel_columns / 2,
  // Each word adds at most 8 to a byte, which can hold 31 words.
  chunk_words = 31
};

INLINE void xnor_chunk(size_t rows, const uint64_t *a, const uint64_t *kept, int has_kept, size_t stride,
                       size_t words, const uint64_t *panel, uint32_t *counts) {
  uint8x16_t sums[xnor_rows][pairs];
  for (size_t r = 0; r < rows; r++) {
    for (size_t p = 0; p < pairs; p++) sums[r][p] = vdupq_n_u8(0);
  }
  for (size_t w = 0; w < words; w++) {
    uint64x2_t x[xnor_rows], mask[xnor_rows];
    for (size_t r = 0; r < rows; r++) {
      x[r] = vdupq_n_u64(a[r * stride + w]);
      if (has_kept) mask[r] = vdupq_n_u64(kept[r * stride + w]);
    }
    for (size_t p = 0; p < pairs; p++) {
      const uint64x2_t b = vld1q_u64(panel + w * panel_columns + 2 * p);
      for (size_t r = 0; r < rows; r++) {
        uint64x2_t different = veorq_u64(x[r], b);
        if (has_kept) different = vandq_u64(different, mask[r]);
        sums[r][p] = vaddq_u8(sums[r][p], vcntq_u8(vreinterpretq_u8_u64(different)));
      }
    }
  }
  for (size_t r = 0; r < rows; r++) {
    for (size_t p = 0; p < pairs; p++) {
      const uint64x2_t columns = vpaddlq_u32(vpaddlq_u16(vpaddlq_u8(sums[r][p])));
      counts[r * panel_columns + 2 * p] += (uint32_t)vgetq_lane_u64(columns, 0);
      counts[r * panel_columns + 2 * p + 1] += (uint32_t)vgetq_lane_u64(columns, 1);
    }
  }
}

INLINE void xnor_block(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t row,
                       size_t rows, int has_kept) {
  int32_t depths[xnor_rows];
  for (size_t r = 0; r < rows; r++) depths[r] = row_depth(o, row + r);
  for (size_t p = 0; p < signflip_panels(o->columns); p++) {
    uint32_t counts[xnor_rows * panel_columns] = {0};
    for (size_t first = 0; first < o->words; first += chunk_words) {
      const size_t words = o->words - first < chunk_words ? o->words - first : chunk_words;
      const size_t place = row * o->words + first;
      xnor_chunk(rows, o->rows + place, has_kept ? o->kept + place : NULL, has_kept, o->words, words,
                 o->panels + (p * o->words + first) * panel_columns, counts);
    }
    for (size_t r = 0; r < rows; r++) {
      store_counts(counts + r * panel_columns, depths[r], row + r, p * panel_columns, panel_width(p, o->columns),
                   result);
    }
  }
}

static void xnor_product(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin,
                         size_t end) {
  size_t row = begin;
  for (; row + xnor_rows <= end; row += xnor_rows) {
    if (o->kept) {
      xnor_block(o, result, row, xnor_rows, 1);
    } else {
      xnor_block(o, result, row, xnor_rows, 0);
    }
  }
  if (row < end) xnor_block(o, result, row, 1, o->kept != NULL);
}

// MARK: Products of floats with signs

INLINE int gather(const signflip_sign_operands *o, size_t row, size_t rows, size_t k, size_t depth, size_t end,
                  float *panel) {
  if (rows < sign_rows || o->row_stride != 1) return 0;
  const float *const a = o->a + row + k * o->depth_stride;
  for (size_t d = 0; d < depth; d++) memcpy(panel + d * sign_rows, a + d * o->depth_stride, sign_rows * sizeof(float));
  memset(panel + depth * sign_rows, 0, (end - depth) * sign_rows * sizeof(float));
  return 1;
}

INLINE void build_table(size_t size, const float *panel, float *table) {
  for (size_t quarter = 0; quarter < sign_rows; quarter += 4) {
    const float *const a = panel + quarter;
    const float32x4_t a0 = vld1q_f32(a), a1 = vld1q_f32(a + sign_rows);
    const float32x4_t a2 = vld1q_f32(a + 2 * sign_rows), a3 = vld1q_f32(a + 3 * sign_rows);
    const float32x4_t n0 = vnegq_f32(a0), n2 = vnegq_f32(a2);
    const float32x4_t low[4] = {vaddq_f32(a0, a1), vaddq_f32(n0, a1), vsubq_f32(a0, a1), vsubq_f32(n0, a1)};
    const float32x4_t high[4] = {vaddq_f32(a2, a3), vaddq_f32(n2, a3), vsubq_f32(a2, a3), vsubq_f32(n2, a3)};
    float32x4_t last[4];
    if (size > 4) {
      const float32x4_t a4 = vld1q_f32(a + 4 * sign_rows), n4 = vnegq_f32(a4);
      last[0] = a4, last[1] = n4;
      if (size > 5) {
        const float32x4_t a5 = vld1q_f32(a + 5 * sign_rows);
        last[0] = vaddq_f32(a4, a5), last[1] = vaddq_f32(n4, a5);
        last[2] = vsubq_f32(a4, a5), last[3] = vsubq_f32(n4, a5);
      }
    }
    for (size_t s = 0; s < 16; s++) {
      float *const entry = table + s * sign_rows + quarter;
      const float32x4_t four = vaddq_f32(low[s & 3], high[s >> 2]);
      if (size == 4) vst1q_f32(entry, four);
      for (size_t t = 0; size > 4 && t < (size_t)1 << (size - 4); t++) {
        vst1q_f32(entry + 16 * t * sign_rows, vaddq_f32(four, last[t]));
      }
    }
  }
}

// Two columns: eight independent sums.
INLINE size_t columns_at_once(sign_step s) {
  (void)s;
  return 2;
}

INLINE void add_entry(const float *tables, size_t offset, float32x4_t sum[4]) {
  const float *const entry = tables + offset / sizeof(float);
  for (size_t q = 0; q < 4; q++) sum[q] = vaddq_f32(sum[q], vld1q_f32(entry + 4 * q));
}

INLINE void add_columns(sign_step s, const uint64_t *words, const uint64_t *words_too, float *sums) {
  float32x4_t sum[2][4];
  for (size_t c = 0; c < 2; c++) {
    for (size_t q = 0; q < 4; q++) sum[c][q] = s.adds ? vld1q_f32(sums + c * sign_rows + 4 * q) : vdupq_n_f32(0);
  }
#if defined(__clang__)
#pragma clang loop unroll(full)
#endif
  for (size_t g = 0; g < slice_groups(s.wide); g++) {
    if (g >= s.filled) continue;
    for (size_t c = 0; c < 2; c++) {
      add_entry(s.tables, entry_offset(s.wide, g, words[c], s.first), sum[c]);
      if (s.too) add_entry(s.tables, entry_offset(s.wide, g, words_too[c], s.first), sum[c]);
    }
  }
  for (size_t c = 0; c < 2; c++) {
    for (size_t q = 0; q < 4; q++) vst1q_f32(sums + c * sign_rows + 4 * q, sum[c][q]);
  }
}

INLINE void store_sums(const signflip_sign_operands *o, const float *sums, float *c, size_t c_stride, size_t rows) {
  store_each(o, sums, c, c_stride, rows);
}

// MARK: Products of bytes with signs

enum {
  byte_rows = 2,
  quads = panel_columns / 4,
  // Each step adds two bytes to a 16-bit sum.
  byte_steps = 128
};

// Σ x·s = Σ |s|·x - 2·Σ x where s = -1. Padding zeros of the panel do not contribute to either sum.
INLINE void byte_block(const signflip_byte_operands *o, size_t row, size_t count, const int8_t *panel, int32_t *out) {
  for (size_t r = 0; r < count; r++) {
    const uint8_t *const bytes = o->bytes + (row + r) * o->depth;
    int32_t total = 0;
    for (size_t k = 0; k < o->depth; k++) total += bytes[k];
    uint32x4_t sums[quads];
    for (size_t q = 0; q < quads; q++) sums[q] = vdupq_n_u32(0);
    for (size_t first = 0; first < o->depth; first += 4 * byte_steps) {
      const size_t end = o->depth - first < 4 * byte_steps ? o->depth : first + 4 * byte_steps;
      uint16x8_t narrow[quads];
      for (size_t q = 0; q < quads; q++) narrow[q] = vdupq_n_u16(0);
      for (size_t k = first; k < end; k += 4) {
        const uint8x16_t x = vreinterpretq_u8_u32(vdupq_n_u32(four_bytes(bytes + k, o->depth - k)));
        for (size_t q = 0; q < quads; q++) {
          const uint8x16_t negative = vcltzq_s8(vld1q_s8(panel + k * panel_columns + 16 * q));
          narrow[q] = vpadalq_u8(narrow[q], vandq_u8(x, negative));
        }
      }
      for (size_t q = 0; q < quads; q++) sums[q] = vpadalq_u16(sums[q], narrow[q]);
    }
    for (size_t q = 0; q < quads; q++) {
      const int32x4_t doubled = vreinterpretq_s32_u32(vshlq_n_u32(sums[q], 1));
      vst1q_s32(out + r * panel_columns + 4 * q, vsubq_s32(vdupq_n_s32(total), doubled));
    }
  }
}

static uint64_t popcount_ceiling(uint64_t rounds, uint64_t *sink) {
  const uint8x16_t b = vreinterpretq_u8_u64(vdupq_n_u64(~*sink));
  uint8x16_t a = vreinterpretq_u8_u64(vdupq_n_u64(*sink)), sums[8];
  for (int c = 0; c < 8; c++) sums[c] = vdupq_n_u8(0);
  for (uint64_t i = 0; i < rounds; i++) {
    for (int c = 0; c < 8; c++) {
      // Hides the values from the optimizer, which would otherwise compute equal terms only once.
      __asm__ volatile("" : "+w"(a));
      sums[c] = vaddq_u8(sums[c], vcntq_u8(veorq_u8(a, b)));
    }
  }
  for (int c = 0; c < 8; c++) *sink += vaddvq_u8(sums[c]);
  return rounds * 8 * 128;
}

INLINE uint64_t compare_panel(const int32_t *sums, const int32_t *thresholds) {
  return compare_dots(sums, thresholds, panel_columns);
}

#include "loops.h"

// Every 64-bit Arm processor has NEON.
SIGNFLIP_KERNELS(neon, 1, xnor_product, popcount_ceiling, popcount_ceiling)
#else
#include "kernels.h"

SIGNFLIP_NO_KERNELS(neon)
#endif
