// The loops of products of floats or bytes with signs. An instruction set defines the steps and then includes this file. All
// functions are inlined, so each set has its own loops.
//
//   TARGET, INLINE        the attributes of a function and of an inlined function
//   gather                copies up to 64 elements of up to 16 rows into a panel, as gather_panel does, and returns 1; or
//                         returns 0 if it can't. Elements after the last nibble may be left undefined.
//   build_tables          computes the tables of the first `count` nibbles of a panel
//   look_up               adds the table entries for word w of all columns to the sums, or to 0 if these are undefined yet
//   store_sums            writes the sums of `rows` rows
//   MULTIPLY_PAIR         if defined, a function that multiplies two blocks of rows, the second of which may be incomplete
//   byte_rows, byte_block the number of rows of a block of bytes, and the product of `count` rows from `row` on with a panel
//   compare_panel         compares 16 sums with thresholds: bit j is sums[j] < thresholds[j]
//
// The scalar reference has its own loops.

TARGET static void sign_product(const signflip_sign_operands *o, float *c, size_t c_stride, size_t begin, size_t end,
                                float *scratch) {
  const sign_scratch s = cut_scratch(scratch, o->columns);
  size_t row = begin;
#if defined(MULTIPLY_PAIR)
  for (; row + sign_rows < end && !o->signs_too; row += 2 * sign_rows) {
    MULTIPLY_PAIR(o, row, end - row < 2 * sign_rows ? end - row : 2 * sign_rows, s, c, c_stride);
  }
#endif
  for (; row < end; row += sign_rows) {
    const size_t rows = end - row < sign_rows ? end - row : sign_rows;
    for (size_t k = 0; k < o->depth; k += 64) {
      const size_t depth = o->depth - k < 64 ? o->depth - k : 64;
      if (!gather(o, row, rows, k, depth, s.panel)) gather_panel(o, row, rows, k, depth, s.panel);
      // A table covers four elements. Tables are used in pairs, so an odd number is followed by a table of zeros.
      const size_t count = (depth + 3) / 4;
      build_tables(s.panel, count, s.tables);
      if (count % 2) memset(s.tables + count * table_floats, 0, table_floats * sizeof(float));
      // A constant count needs no branches.
      if (o->signs_too) {
        look_up(o, k / 64, s.tables, count, k > 0, s.sums, 1);
      } else if (count < tables) {
        look_up(o, k / 64, s.tables, count, k > 0, s.sums, 0);
      } else {
        look_up(o, k / 64, s.tables, tables, k > 0, s.sums, 0);
      }
    }
    store_sums(o, s.sums, c + row * c_stride, c_stride, rows);
  }
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
