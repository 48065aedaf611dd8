// The loops of products of floats or bytes with signs. An instruction set defines the steps and then includes this file. All
// functions are inlined, so each set has its own loops.
//
//   TARGET, INLINE        the attributes of a function and of an inlined function
//   gather                copies elements into a panel as gather_panel does, and returns 1; or returns 0 if it can't
//   build_table           computes the table of a group of `size` elements, a constant in each call
//   columns_at_once       how many columns add_columns takes: a divisor of 8
//   add_columns           adds the entries of a slice to the sums of so many columns
//   store_sums            writes the sums of `rows` rows, as store_each does
//   byte_rows, byte_block the number of rows of a block of bytes, and the product of `count` rows from `row` on with a panel
//   compare_panel         compares 16 sums with thresholds: bit j is sums[j] < thresholds[j]
//
// The scalar reference has its own loops.

INLINE void build_tables(int wide, const float *panel, size_t filled, float *tables) {
  for (size_t g = 0; g < filled; g++) {
    const float *const a = panel + group_start(wide, g) * sign_rows;
    float *const table = tables + entries_before(wide, g) * sign_rows;
    switch (group_size(wide, g)) {
      case 4: build_table(4, a, table); break;
      case 5: build_table(5, a, table); break;
      default: build_table(6, a, table);
    }
  }
}

// Adds the entries for the slice in word w to all columns.
INLINE void look_up(const signflip_sign_operands *o, sign_step s, size_t w, float *sums) {
  const size_t width = columns_at_once(s);
  const uint64_t *const words = o->signs + w * o->stride;
  const uint64_t *const words_too = s.too ? o->signs_too + w * o->stride : words;
  size_t j = 0;
  for (; j + width <= o->columns; j += width) add_columns(s, words + j, words_too + j, sums + j * sign_rows);
  if (j < o->columns) {
    uint64_t last[8] = {0}, last_too[8] = {0};
    memcpy(last, words + j, (o->columns - j) * sizeof(uint64_t));
    if (s.too) memcpy(last_too, words_too + j, (o->columns - j) * sizeof(uint64_t));
    add_columns(s, last, last_too, sums + j * sign_rows);
  }
}

// Adds the entries for the slice at element k to all columns.
INLINE void look_up_slice(const signflip_sign_operands *o, sign_step s, size_t k, float *sums) {
  s.adds = k > 0;
  if (!s.wide || k % 64 == 0) {
    s.first = 0;
    look_up(o, s, k / 64, sums);
  } else {
    s.first = 32;
    look_up(o, s, k / 64, sums);
  }
}

// The number of rows of block b of `rows` rows.
INLINE size_t rows_of_block(size_t rows, size_t b) {
  return rows < (b + 1) * sign_rows ? rows - b * sign_rows : sign_rows;
}

// Multiplies the `rows` rows of `blocks` blocks; the last block may be incomplete.
INLINE void multiply_blocks(const signflip_sign_operands *o, int wide, size_t blocks, size_t row, size_t rows, sign_scratch s,
                            float *c, size_t c_stride) {
  for (size_t k = 0; k < o->depth; k += slice_depth(wide)) {
    const size_t depth = o->depth - k < slice_depth(wide) ? o->depth - k : slice_depth(wide);
    const size_t filled = filled_groups(wide, depth), end = group_start(wide, filled);
    for (size_t b = 0; b < blocks; b++) {
      const size_t first = row + b * sign_rows, count = rows_of_block(rows, b);
      if (!gather(o, first, count, k, depth, end, s.panel)) gather_panel(o, first, count, k, depth, end, s.panel);
      build_tables(wide, s.panel, filled, s.tables + b * table_floats);
    }
    sign_step step = {.wide = wide, .blocks = blocks, .tables = s.tables, .block_sums = block_sums(o->columns)};
    // The members are constant in each call, which saves branches.
    if (o->signs_too) {
      step.too = 1, step.filled = filled;
      look_up_slice(o, step, k, s.sums);
    } else if (filled < slice_groups(wide)) {
      step.filled = filled;
      look_up_slice(o, step, k, s.sums);
    } else {
      step.filled = slice_groups(wide);
      look_up_slice(o, step, k, s.sums);
    }
  }
  for (size_t b = 0; b < blocks; b++) {
    store_sums(o, s.sums + b * block_sums(o->columns), c + (row + b * sign_rows) * c_stride, c_stride,
               rows_of_block(rows, b));
  }
}

// Multiplies rows, `blocks` blocks at once while there are so many. Each sum is that of the blocks multiplied one by one.
INLINE void multiply_rows(const signflip_sign_operands *o, int wide, size_t blocks, float *c, size_t c_stride, size_t begin,
                          size_t end, sign_scratch s) {
  size_t row = begin;
  if (blocks == 2 && !o->signs_too) {
    for (; row + sign_rows < end; row += 2 * sign_rows) {
      multiply_blocks(o, wide, 2, row, end - row < 2 * sign_rows ? end - row : 2 * sign_rows, s, c, c_stride);
    }
  }
  for (; row < end; row += sign_rows) {
    multiply_blocks(o, wide, 1, row, end - row < sign_rows ? end - row : sign_rows, s, c, c_stride);
  }
}

INLINE void multiply_signs(const signflip_sign_operands *o, size_t blocks, float *c, size_t c_stride, size_t begin, size_t end,
                           float *scratch) {
  const sign_scratch s = cut_scratch(scratch, o->columns);
  if (is_wide(o)) {
    multiply_rows(o, 1, blocks, c, c_stride, begin, end, s);
  } else {
    multiply_rows(o, 0, blocks, c, c_stride, begin, end, s);
  }
}

TARGET static void sign_product(const signflip_sign_operands *o, float *c, size_t c_stride, size_t begin, size_t end,
                                float *scratch) {
  multiply_signs(o, 1, c, c_stride, begin, end, scratch);
}

TARGET static void byte_product(const signflip_byte_operands *o, const signflip_byte_result *result, size_t begin,
                                size_t end) {
  for (size_t row = begin; row < end; row += byte_rows) {
    const size_t count = end - row < byte_rows ? end - row : byte_rows;
    const int32_t *limits[byte_rows] = {NULL};
    if (!result->dots) {
      for (size_t r = 0; r < count; r++) limits[r] = row_thresholds(result, row + r, o->columns);
    }
    for (size_t p = 0; p < signflip_panels(o->columns); p++) {
      const int8_t *const panel = o->panels + p * signflip_byte_panel(o->depth);
      const size_t first = p * panel_columns, width = panel_width(p, o->columns);
      int32_t sums[byte_rows * panel_columns];
      if (count == byte_rows) {
        byte_block(o, row, byte_rows, panel, sums);
      } else {
        for (size_t r = 0; r < count; r++) byte_block(o, row + r, 1, panel, sums + r * panel_columns);
      }
      for (size_t r = 0; r < count; r++) {
        const int32_t *const own = sums + r * panel_columns;
        const size_t place = (row + r) * result->stride;
        if (result->dots) {
          // A constant size needs no call.
          if (width == panel_columns) memcpy(result->dots + place + first, own, panel_columns * sizeof(int32_t));
          else memcpy(result->dots + place + first, own, width * sizeof(int32_t));
        } else {
          const int32_t *const t = limits[r] + first;
          const uint64_t below = width == panel_columns ? compare_panel(own, t) : compare_dots(own, t, width);
          store_row_bits(below, width, first, result->bits + place, result->inverted);
        }
      }
    }
  }
}
