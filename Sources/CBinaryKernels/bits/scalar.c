// The reference kernels: all other kernels must give equal results. Written for readability.
#include "kernels.h"

static void pack_signs(const float *values, size_t count, uint64_t *bits) {
  for (size_t i = 0; i < count; i += 64) {
    uint64_t word = 0;
    for (size_t j = 0; j < 64 && i + j < count; j++) word |= (uint64_t)(values[i + j] < 0) << j;
    bits[i / 64] = word;
  }
}

static void xnor_product(const signflip_xnor_operands *o, const signflip_xnor_result *result, size_t begin,
                         size_t end) {
  for (size_t row = begin; row < end; row++) {
    const uint64_t *const a = o->rows + row * o->words;
    const uint64_t *const kept = o->kept ? o->kept + row * o->words : NULL;
    const int32_t depth = row_depth(o, row);
    for (size_t p = 0; p < signflip_panels(o->columns); p++) {
      const uint64_t *const panel = o->panels + p * panel_columns * o->words;
      uint32_t counts[panel_columns] = {0};
      for (size_t w = 0; w < o->words; w++) {
        for (size_t j = 0; j < panel_columns; j++) {
          const uint64_t different = a[w] ^ panel[w * panel_columns + j];
          counts[j] += (uint32_t)__builtin_popcountll(kept ? different & kept[w] : different);
        }
      }
      store_counts(counts, depth, row, p * panel_columns, panel_width(p, o->columns), result);
    }
  }
}

// The sum of a group, where bit k of `signs` is the sign of element k of the row at `a`: (±a₀ ±a₁) + (±a₂ ±a₃), plus ±a₄ or
// (±a₄ ±a₅). A row's sums are added in the order of k. The float kernels of all instruction sets add in this order and do not fuse
// operations, so their results are equal bit for bit.
static float group_sum(const float *a, size_t size, size_t signs) {
  float x[6];
  for (size_t k = 0; k < size; k++) x[k] = signs >> k & 1 ? -a[k * sign_rows] : a[k * sign_rows];
  const float four = (x[0] + x[1]) + (x[2] + x[3]);
  return size == 4 ? four : size == 5 ? four + x[4] : four + (x[4] + x[5]);
}

static void add_entry(const float *tables, size_t offset, float *sums) {
  const float *const entry = tables + offset / sizeof(float);
  for (size_t r = 0; r < sign_rows; r++) sums[r] += entry[r];
}

static void sign_product(const signflip_sign_operands *o, float *c, size_t c_stride, size_t begin, size_t end,
                         float *scratch) {
  const int wide = is_wide(o);
  const size_t step = slice_depth(wide), groups = slice_groups(wide);
  const sign_scratch s = cut_scratch(scratch, o->columns);
  for (size_t row = begin; row < end; row += sign_rows) {
    const size_t rows = end - row < sign_rows ? end - row : sign_rows;
    memset(s.sums, 0, o->columns * sign_rows * sizeof(float));
    for (size_t k = 0; k < o->depth; k += step) {
      gather_panel(o, row, rows, k, o->depth - k < step ? o->depth - k : step, step, s.panel);
      for (size_t g = 0; g < groups; g++) {
        const float *const a = s.panel + group_start(wide, g) * sign_rows;
        const size_t size = group_size(wide, g);
        for (size_t signs = 0; signs < (size_t)1 << size; signs++) {
          float *const entry = s.tables + (entries_before(wide, g) + signs) * sign_rows;
          for (size_t r = 0; r < sign_rows; r++) entry[r] = group_sum(a + r, size, signs);
        }
      }
      for (size_t j = 0; j < o->columns; j++) {
        const size_t word = k / 64 * o->stride + j;
        for (size_t g = 0; g < groups; g++) {
          add_entry(s.tables, entry_offset(wide, g, o->signs[word], k % 64), s.sums + j * sign_rows);
          if (!o->signs_too) continue;
          add_entry(s.tables, entry_offset(wide, g, o->signs_too[word], k % 64), s.sums + j * sign_rows);
        }
      }
    }
    store_each(o, s.sums, c + row * c_stride, c_stride, rows);
  }
}

static void byte_product(const signflip_byte_operands *o, const signflip_byte_result *result, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    const size_t place = row * result->stride;
    for (size_t j = 0; j < o->columns; j++) {
      const int8_t *const panel = o->panels + j / panel_columns * signflip_byte_panel(o->depth);
      int32_t sum = 0;
      for (size_t k = 0; k < o->depth; k++) {
        sum += o->bytes[row * o->depth + k] *
               panel[k / 4 * 4 * panel_columns + j % panel_columns * 4 + k % 4];
      }
      if (result->dots) {
        result->dots[place + j] = sum;
      } else {
        const int is_below = sum < row_thresholds(result, row, o->columns)[j];
        store_row_bits((uint64_t)is_below, 1, j, result->bits + place, result->inverted);
      }
    }
  }
}

static uint64_t popcount_ceiling(uint64_t rounds, uint64_t *sink) {
  uint64_t a = *sink, counts[8] = {0};
  const uint64_t b = ~a;
  for (uint64_t i = 0; i < rounds; i++) {
    for (int c = 0; c < 8; c++) {
      // Hides the values from the optimizer, which would otherwise compute equal terms only once.
      __asm__ volatile("" : "+r"(a));
      counts[c] += (uint64_t)__builtin_popcountll(a ^ b);
    }
  }
  for (int c = 0; c < 8; c++) *sink += counts[c];
  return rounds * 8 * 64;
}

SIGNFLIP_KERNELS(scalar, 1, xnor_product, popcount_ceiling, popcount_ceiling)
