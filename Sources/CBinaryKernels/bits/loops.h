// The loops of products of floats or bytes with signs, which an instruction set includes after it has defined their steps.
// All is inlined, so each set has loops of its own.
//
//   TARGET, INLINE        the attributes of a function, of an inlined one
//   gather                takes 64 elements of 16 rows that are all there into a panel, as gather_panel does, and returns 1;
//                         or returns 0 where it cannot. Elements behind the last nibble need not be filled up.
//   build_tables          the tables of the first `count` nibbles of a panel
//   look_up               adds what the tables have for word w of all columns to the sums
//   store_sums            hands the sums of `rows` rows on
//   byte_rows, byte_block the rows of a block of bytes, and the product of `count` rows from `row` on with a panel
//
// The reference does without: its loops are its own.

TARGET static void sign_product(const signflip_sign_operands *o, float *c, size_t c_stride, size_t begin, size_t end,
                                float *scratch) {
  const sign_scratch s = cut_scratch(scratch, o->columns);
  for (size_t row = begin; row < end; row += sign_rows) {
    const size_t rows = end - row < sign_rows ? end - row : sign_rows;
    memset(s.sums, 0, (o->columns + 3) / 4 * 4 * sign_rows * sizeof(float));
    for (size_t k = 0; k < o->depth; k += 64) {
      const size_t depth = o->depth - k < 64 ? o->depth - k : 64;
      if (rows < sign_rows || !gather(o, row, k, depth, s.panel)) gather_panel(o, row, rows, k, depth, s.panel);
      // A table takes four elements. Tables are taken by two, so that of zeros follows an odd number of them.
      const size_t count = (depth + 3) / 4;
      build_tables(s.panel, count, s.tables);
      if (count % 2) memset(s.tables + count * table_floats, 0, table_floats * sizeof(float));
      // A number that the compiler knows needs no tests.
      if (o->signs_too) {
        look_up(o, k / 64, s.tables, count, s.sums, 1);
      } else if (count < tables) {
        look_up(o, k / 64, s.tables, count, s.sums, 0);
      } else {
        look_up(o, k / 64, s.tables, tables, s.sums, 0);
      }
    }
    store_sums(o, s.sums, c + row * c_stride, c_stride, rows);
  }
}

TARGET static void byte_product(const signflip_byte_operands *o, int32_t *dots, size_t stride, size_t begin,
                                size_t end) {
  for (size_t row = begin; row < end; row += byte_rows) {
    const size_t count = end - row < byte_rows ? end - row : byte_rows;
    for (size_t p = 0; p < signflip_panels(o->columns); p++) {
      const int8_t *const panel = o->panels + p * signflip_byte_panel(o->depth);
      int32_t sums[byte_rows * panel_columns];
      if (count == byte_rows) {
        byte_block(o, row, byte_rows, panel, sums);
      } else {
        for (size_t r = 0; r < count; r++) byte_block(o, row + r, 1, panel, sums + r * panel_columns);
      }
      store_dots(sums, count, p, o->columns, dots + row * stride, stride);
    }
  }
}
