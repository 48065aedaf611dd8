// Products of matrices whose elements are bits, on one side or on both.
//
// The sign convention, once: bit 1 means -1. A row of K signs stands in ceil(K / 64) words, the first sign in the lowest
// bit; tail bits are zero. The dot product of two such rows is K - 2·popcount(a XOR b), and tail bits cancel.
//
// Training multiplies floats with signs and signs with signs, of matrices and of the windows of images; packed results and
// bytes are for networks that are ready.
//
// `signflip_bits` is a table of kernels for one instruction set. Each kernel gives exactly what the scalar one gives
// (the sums of `sign_product`, which are float, in the same order). None allocates, none keeps state; each works on the
// range that it is given, so that threads may share a product.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The instruction sets that have kernels of their own, the faster ones of an architecture behind the slower ones. `avx512` is
/// AVX-512 F, BW, DQ, VL with VPOPCNTDQ and VNNI (Ice Lake, Zen 4 and later).
#define SIGNFLIP_INSTRUCTION_SETS(row) row(scalar) row(neon) row(avx2) row(avx512)

#define SIGNFLIP_ISA(set) signflip_isa_##set,
typedef enum { SIGNFLIP_INSTRUCTION_SETS(SIGNFLIP_ISA) signflip_isa_count } signflip_isa;
#undef SIGNFLIP_ISA

enum {
  /// Columns of a panel: the second operand of a product on bits is stored by panels.
  signflip_panel_columns = 16,
  /// Rows that `sign_product` works on at once.
  signflip_sign_rows = 16,
};

/// Words in a row of `count` bits.
static inline size_t signflip_words(size_t count) { return (count + 63) / 64; }

/// Panels of `columns` columns.
static inline size_t signflip_panels(size_t columns) {
  return (columns + signflip_panel_columns - 1) / signflip_panel_columns;
}

/// The operands of a product of signs, `dot[i, j] = Σₖ kept[i, k]·rows[i, k]·columns[j, k]`.
typedef struct {
  /// Shape [rows, words].
  const uint64_t *rows;
  /// Shape [rows, words]: 1 where a sign takes part, 0 where it counts as 0. NULL: all take part.
  const uint64_t *kept;
  /// The columns, as `signflip_pack_panels` leaves them.
  const uint64_t *panels;
  /// Words in a row.
  size_t words;
  /// Signs in a row: K. Places that are 0 on both sides count as nothing where `words` has more.
  size_t depth;
  /// Columns: N.
  size_t columns;
} signflip_xnor_operands;

/// Where a product goes: exactly one of `dots`, `values` and `bits` is set. Row i begins at i·stride elements.
typedef struct {
  /// dot[i, j].
  int32_t *dots;
  /// scale·dot[i, j].
  float *values;
  float scale;
  /// The signs of the next layer, packed: bit j is (dot[i, j] < thresholds[j]) XOR inverted[j]. Batch normalization and
  /// sign come to this. Whole words are written, tail bits zero.
  uint64_t *bits;
  const int32_t *thresholds;
  /// A bit a column.
  const uint64_t *inverted;
  size_t stride;
} signflip_xnor_result;

/// The operands of a product of floats with signs, `c[i, j] = scale·Σₖ a[i, k]·signs[j, k]`.
///
/// With `signs_too` it is `scale·Σₖ a[i, k]·(signs[j, k] + signs_too[j, k])`: equal signs count twice, different ones as 0,
/// so that two planes of bits tell a sign that may be missing.
typedef struct {
  const float *a;
  /// a[i, k] stands at i·row_stride + k·depth_stride; one of the strides is 1.
  size_t row_stride, depth_stride;
  /// Word w of column j stands at w·stride + j: `signflip_word_major` and `signflip_transpose` leave bits so, with all
  /// columns as the stride.
  const uint64_t *signs, *signs_too;
  size_t stride;
  size_t depth, columns;
  float scale;
} signflip_sign_operands;

/// The operands of a product of bytes with signs, `dot[i, j] = Σₖ bytes[i, k]·signs[j, k]`, bytes 0...255.
typedef struct {
  /// Shape [rows, depth].
  const uint8_t *bytes;
  /// The columns, as `signflip_pack_byte_panels` leaves them.
  const int8_t *panels;
  size_t depth, columns;
} signflip_byte_operands;

/// The kernels of one instruction set.
typedef struct {
  signflip_isa isa;
  /// “avx2”.
  const char *name;
  /// Packs signs: bit i is values[i] < 0. The last word's tail is zero.
  void (*pack_signs)(const float *values, size_t count, uint64_t *bits);
  /// Rows [begin, end) of the product of signs.
  void (*xnor_product)(const signflip_xnor_operands *operands, const signflip_xnor_result *result, size_t begin,
                       size_t end);
  /// Rows [begin, end) of the product of floats with signs; row i of the result begins at c + i·c_stride.
  ///
  /// Sixteen sums of four elements each are looked up in a table instead of added up: (±a₀±a₁±a₂±a₃) for the 16
  /// possible nibbles, for 16 rows at once (the method of four Russians). A quarter of the additions is left, and no
  /// multiplication. `begin` is a multiple of 16; `scratch` has `signflip_sign_scratch` floats, aligned to 64 bytes.
  void (*sign_product)(const signflip_sign_operands *operands, float *c, size_t c_stride, size_t begin, size_t end,
                       float *scratch);
  /// Rows [begin, end) of the product of bytes with signs; row i of the result begins at dots + i·stride.
  void (*byte_product)(const signflip_byte_operands *operands, int32_t *dots, size_t stride, size_t begin, size_t end);
  /// Does `rounds` rounds of xor, popcount and add in registers; with AVX2 a look-up of nibbles stands for popcount.
  /// Returns how many pairs of bits that were; the value of `sink` keeps the work from being left out.
  uint64_t (*popcount_ceiling)(uint64_t rounds, uint64_t *sink);
  /// The same for the inmost step of `xnor_product`; `popcount_ceiling` itself where that is the step.
  uint64_t (*xnor_ceiling)(uint64_t rounds, uint64_t *sink);
} signflip_bits;

/// The kernels of an instruction set; NULL where the processor or the operating system does not have it, or where it is
/// of another architecture.
const signflip_bits *signflip_bits_for(signflip_isa isa);

/// Interleaves columns for `xnor_product`: panel p holds columns 16p...16p + 15, word by word, missing columns as 0.
/// - bits: shape [columns, words].
/// - panels: `signflip_panels(columns)·16·words` words.
void signflip_pack_panels(const uint64_t *bits, size_t columns, size_t words, uint64_t *panels, size_t first_panel,
                          size_t last_panel);

/// Bytes of a panel for `byte_product`.
static inline size_t signflip_byte_panel(size_t depth) { return (depth + 3) / 4 * 4 * signflip_panel_columns; }

/// Interleaves columns for `byte_product`, four signs of each of 16 columns in turn, as ±1; what is missing is 0.
void signflip_pack_byte_panels(const uint64_t *bits, size_t columns, size_t depth, int8_t *panels);

/// Lays rows out for `sign_product`: word w of row r goes to w·rows + r.
void signflip_word_major(const uint64_t *bits, size_t rows, size_t words, uint64_t *output, size_t first_row,
                         size_t last_row);

/// Transposes bits [rows, columns] and lays them out for `sign_product`: bit b of word w of column c, at w·columns + c,
/// is bit c of row 64w + b. Works on the 64-row slabs [first_slab, last_slab); missing rows are 0.
void signflip_transpose(const uint64_t *bits, size_t rows, size_t columns, uint64_t *output, size_t first_slab,
                        size_t last_slab);

/// Floats of scratch that `sign_product` needs.
static inline size_t signflip_sign_scratch(size_t columns) {
  // The sums of 16 rows, the tables of 64 elements, and a panel of 64 elements.
  return signflip_sign_rows * ((columns + 3) / 4 * 4) + 16 * 16 * signflip_sign_rows + 64 * signflip_sign_rows;
}

/// How the border of an image counts in a convolution.
typedef enum {
  /// The image is surrounded by 0: the places outside take no part.
  signflip_pad_zero,
  /// The image is surrounded by +1 (“same-one”): every place has a sign.
  signflip_pad_one
} signflip_padding;

/// The windows that a convolution or a pooling moves over images, NHWC. The windows of a batch are counted image by
/// image, row by row: window i is that of output pixel i.
typedef struct {
  size_t height, width, channels;
  size_t kernel_height, kernel_width;
  size_t stride_height, stride_width;
  /// Rows and columns added before the first one.
  size_t pad_top, pad_left;
  size_t output_height, output_width;
  signflip_padding padding;
} signflip_convolution;

/// Words of a window's bits: a row of the product that a convolution is.
static inline size_t signflip_window_words(const signflip_convolution *shape) {
  return signflip_words(shape->kernel_height * shape->kernel_width * shape->channels);
}

/// Writes the windows [begin, end) of a batch as rows of kernel_height·kernel_width·channels bits without gaps, so that a
/// convolution is a product of matrices; row 0 is window `begin`.
/// - images: bits, shape [images·height·width, words of channels]; NULL: 1 everywhere.
/// - outside: the bit that stands outside of the image.
void signflip_unfold_bits(const signflip_convolution *shape, const uint64_t *images, int outside, uint64_t *rows,
                          size_t begin, size_t end);

/// The windows [begin, end) of a convolution of signs with `columns` filters; window i goes to row i of `result`.
/// - images: shape [images·height·width, words of channels], tail bits zero.
/// - kept: of the same shape, 1 where a sign takes part; NULL: all do.
/// - panels: the filters, rows of kernel_height·kernel_width·channels bits, packed by `signflip_pack_panels`.
/// - scratch: `signflip_convolution_scratch` words.
void signflip_xnor_convolution(const signflip_bits *kernels, const signflip_convolution *shape, const uint64_t *images,
                               const uint64_t *kept, const uint64_t *panels, size_t columns,
                               const signflip_xnor_result *result, size_t begin, size_t end, uint64_t *scratch);

enum { signflip_convolution_block = 192 };

/// Words of scratch that `signflip_xnor_convolution` needs.
static inline size_t signflip_convolution_scratch(const signflip_convolution *shape) {
  return 2 * signflip_convolution_block * signflip_window_words(shape);
}
