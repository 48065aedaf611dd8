// Products of matrices with one or two operands of bits.
//
// Convention for signs: bit 1 means -1. A row of K signs has ceil(K / 64) words, the first sign in the lowest bit; tail
// bits are zero. The dot product of two such rows is K - 2·popcount(a XOR b), and tail bits cancel.
//
// Training uses products of floats with signs and of signs with signs, of matrices and of windows of images. Results as
// bits, and products of bytes, are only used in inference.
//
// `signflip_bits` is a table of kernels for one instruction set. Each kernel gives exactly the results of the scalar kernel;
// the float sums of `sign_product` are added in the same order. No kernel allocates memory or keeps state. Each computes a
// range of rows, so that threads can share a product.
#pragma once

#include <stddef.h>
#include <stdint.h>

// No library exports these functions: see clones.h.
#pragma GCC visibility push(hidden)

/// The instruction sets with kernels; within an architecture, from slow to fast. `avx512` needs AVX-512 F, BW, DQ, VL,
/// VPOPCNTDQ and VNNI (Ice Lake, Zen 4 and later).
#define SIGNFLIP_INSTRUCTION_SETS(row) row(scalar) row(neon) row(avx2) row(avx512)

#define SIGNFLIP_ISA(set) signflip_isa_##set,
typedef enum { SIGNFLIP_INSTRUCTION_SETS(SIGNFLIP_ISA) signflip_isa_count } signflip_isa;
#undef SIGNFLIP_ISA

enum {
  /// Columns of a panel. The second operand of a product of bits is stored in panels.
  signflip_panel_columns = 16,
  /// Rows that `sign_product` computes at once.
  signflip_sign_rows = 16,
  /// Columns from which on `sign_product` looks up sums of five or six elements, not of four.
  signflip_wide_columns = 320,
};

/// The number of words in a row of `count` bits.
static inline size_t signflip_words(size_t count) { return (count + 63) / 64; }

/// The number of panels of `columns` columns.
static inline size_t signflip_panels(size_t columns) {
  return (columns + signflip_panel_columns - 1) / signflip_panel_columns;
}

/// The operands of a product of signs, `dot[i, j] = Σₖ kept[i, k]·rows[i, k]·columns[j, k]`.
typedef struct {
  /// Shape [rows, words].
  const uint64_t *rows;
  /// Shape [rows, words]: 1 where a sign is used, 0 where it counts as 0. NULL: all signs are used.
  const uint64_t *kept;
  /// The columns, packed by `signflip_pack_panels`.
  const uint64_t *panels;
  /// Words in a row.
  size_t words;
  /// K, the number of signs in a row. Additional bits of the words must be 0 in both operands.
  size_t depth;
  /// N, the number of columns.
  size_t columns;
} signflip_xnor_operands;

/// The output of a product: exactly one of `dots`, `values` and `bits` is set. Row i starts at element i·stride.
typedef struct {
  /// dot[i, j].
  int32_t *dots;
  /// scale·dot[i, j].
  float *values;
  float scale;
  /// The packed signs of the next layer: bit j is (dot[i, j] < thresholds[j]) XOR inverted[j]. This replaces batch
  /// normalization and sign. Whole words are written, with zeros as tail bits.
  uint64_t *bits;
  const int32_t *thresholds;
  /// One bit per column.
  const uint64_t *inverted;
  size_t stride;
} signflip_xnor_result;

/// The operands of a product of floats with signs, `c[i, j] = scale·Σₖ a[i, k]·signs[j, k]`.
///
/// With `signs_too` it is `scale·Σₖ a[i, k]·(signs[j, k] + signs_too[j, k])`: equal signs count twice, different ones as 0.
/// So two planes of bits represent weights of -1, 0 and 1.
typedef struct {
  const float *a;
  /// a[i, k] is at i·row_stride + k·depth_stride; one of the strides is 1.
  size_t row_stride, depth_stride;
  /// Word w of column j is at w·stride + j. The stride is the number of columns of the whole product, as `signflip_word_major` and
  /// `signflip_transpose` write it, also if these operands are only some of the columns: the order of the sums depends on it.
  const uint64_t *signs, *signs_too;
  size_t stride;
  /// The depth is at least 1.
  size_t depth, columns;
  float scale;
} signflip_sign_operands;

/// The operands of a product of bytes with signs, `dot[i, j] = Σₖ bytes[i, k]·signs[j, k]`, bytes 0...255.
typedef struct {
  /// Shape [rows, depth].
  const uint8_t *bytes;
  /// The columns, packed by `signflip_pack_byte_panels`. Their depth may be smaller by up to 3, if it gives panels of the same
  /// size; the additional bytes must be 0.
  const int8_t *panels;
  size_t depth, columns;
} signflip_byte_operands;

/// Assigns rows of sums to rows of thresholds or offsets.
typedef struct {
  /// The border class of each pixel of an image: how the pixel's window extends beyond the image. NULL: all have class 0.
  const uint8_t *classes;
  /// The number of pixels of an image; row i is pixel i mod pixels.
  size_t pixels;
} signflip_pixel_classes;

/// Where a product of bytes with signs goes. One of the pointers is not NULL.
typedef struct {
  /// dot[i, j].
  int32_t *dots;
  /// The packed signs of the next layer: bit j is (dot[i, j] < thresholds[class, j]) XOR inverted[j]. Whole words are
  /// written, with zeros as tail bits.
  uint64_t *bits;
  /// Shape [classes, columns].
  const int32_t *thresholds;
  /// One bit per column.
  const uint64_t *inverted;
  signflip_pixel_classes classes;
  /// The distance between two rows of the result.
  size_t stride;
} signflip_byte_result;

/// The kernels of one instruction set.
typedef struct {
  signflip_isa isa;
  /// “avx2”.
  const char *name;
  /// Packs signs: bit i is values[i] < 0. Tail bits are zero.
  void (*pack_signs)(const float *values, size_t count, uint64_t *bits);
  /// Computes rows [begin, end) of the product of signs.
  void (*xnor_product)(const signflip_xnor_operands *operands, const signflip_xnor_result *result, size_t begin,
                       size_t end);
  /// Computes rows [begin, end) of the product of floats with signs; row i of the result starts at c + i·c_stride.
  ///
  /// The method of four Russians: sums of four elements (±a₀±a₁±a₂±a₃) are looked up in a table with the 16 possible
  /// nibbles, for 16 rows at once. This needs a quarter of the additions, and no multiplication. With `signflip_wide_columns` or
  /// more, sums of five and six elements are looked up. `begin` is a multiple of 16; `scratch` has `signflip_sign_scratch`
  /// floats, aligned to 64 bytes.
  void (*sign_product)(const signflip_sign_operands *operands, float *c, size_t c_stride, size_t begin, size_t end,
                       float *scratch);
  /// Computes rows [begin, end) of the product of bytes with signs.
  void (*byte_product)(const signflip_byte_operands *operands, const signflip_byte_result *result, size_t begin,
                       size_t end);
  /// Repeats XOR, popcount and add in registers, `rounds` times; AVX2 counts by table look-up. Returns the number of pairs
  /// of bits. Writing `sink` keeps the compiler from removing the loop.
  uint64_t (*popcount_ceiling)(uint64_t rounds, uint64_t *sink);
  /// The same for the innermost step of `xnor_product`; equals `popcount_ceiling` if the steps are the same.
  uint64_t (*xnor_ceiling)(uint64_t rounds, uint64_t *sink);
} signflip_bits;

/// Returns the kernels of an instruction set for this processor; NULL if it or the operating system does not support the set. Reads
/// the size of the first data cache, so it is called once for a set.
const signflip_bits *signflip_bits_for(signflip_isa isa);

/// Returns the kernels of an instruction set that are the fastest with a first data cache of `cache` bytes per core. The results do
/// not depend on it.
const signflip_bits *signflip_bits_for_cache(signflip_isa isa, size_t cache);

/// Interleaves columns for `xnor_product`: panel p contains columns 16p...16p + 15, word by word. Missing columns are 0.
/// - bits: shape [columns, words].
/// - panels: `signflip_panels(columns)·16·words` words.
void signflip_pack_panels(const uint64_t *bits, size_t columns, size_t words, uint64_t *panels, size_t first_panel,
                          size_t last_panel);

/// The number of bytes of a panel for `byte_product`.
static inline size_t signflip_byte_panel(size_t depth) { return (depth + 3) / 4 * 4 * signflip_panel_columns; }

/// Interleaves columns for `byte_product`: four signs of each of 16 columns in turn, as ±1. Missing elements are 0.
void signflip_pack_byte_panels(const uint64_t *bits, size_t columns, size_t depth, int8_t *panels);

/// Reorders rows for `sign_product`: word w of row r is written to w·rows + r.
void signflip_word_major(const uint64_t *bits, size_t rows, size_t words, uint64_t *output, size_t first_row,
                         size_t last_row);

/// Transposes bits [rows, columns] for `sign_product`: bit b of word w of column c, at w·columns + c, is bit c of row
/// 64w + b. Processes the slabs of 64 rows [first_slab, last_slab); missing rows are 0.
void signflip_transpose(const uint64_t *bits, size_t rows, size_t columns, uint64_t *output, size_t first_slab,
                        size_t last_slab);

/// The number of scratch floats that `sign_product` needs.
static inline size_t signflip_sign_scratch(size_t columns) {
  // The sums of two blocks of 16 rows, in complete groups of eight columns; their 256 table entries; a panel of 64 elements.
  return 2 * signflip_sign_rows * ((columns + 7) / 8 * 8) + 2 * 256 * signflip_sign_rows + 64 * signflip_sign_rows;
}

/// The padding of images in a convolution.
typedef enum {
  /// Zeros: positions outside of the image do not contribute.
  signflip_pad_zero,
  /// +1 (“same-one”): every position has a sign.
  signflip_pad_one
} signflip_padding;

/// The windows of a convolution or a pooling over images in NHWC order. Window i of a batch belongs to output pixel i.
typedef struct {
  size_t height, width, channels;
  size_t kernel_height, kernel_width;
  size_t stride_height, stride_width;
  /// Rows above and columns left of the image.
  size_t pad_top, pad_left;
  size_t output_height, output_width;
  signflip_padding padding;
} signflip_convolution;

/// The number of words of a window, which is a row of the product.
static inline size_t signflip_window_words(const signflip_convolution *shape) {
  return signflip_words(shape->kernel_height * shape->kernel_width * shape->channels);
}

/// Writes the windows [begin, end) of a batch as rows of kernel_height·kernel_width·channels bits without gaps, for a matrix
/// product; row 0 is window `begin`.
/// - images: bits, shape [images·height·width, words of channels], tail bits zero; NULL: 1 everywhere.
/// - outside: the bit for positions outside of the image.
void signflip_unfold_bits(const signflip_convolution *shape, const uint64_t *images, int outside, uint64_t *rows,
                          size_t begin, size_t end);

/// Computes the windows [begin, end) of a convolution of signs with `columns` filters; window i is written to row i of
/// `result`.
/// - images: shape [images·height·width, words of channels], tail bits zero.
/// - kept: the same shape, 1 where a sign is used. NULL: all signs are used.
/// - panels: the filters, rows of kernel_height·kernel_width·channels bits, packed by `signflip_pack_panels`.
/// - scratch: `signflip_convolution_scratch` words.
void signflip_xnor_convolution(const signflip_bits *kernels, const signflip_convolution *shape, const uint64_t *images,
                               const uint64_t *kept, const uint64_t *panels, size_t columns,
                               const signflip_xnor_result *result, size_t begin, size_t end, uint64_t *scratch);

enum { signflip_convolution_block = 192 };

/// The number of scratch words that `signflip_xnor_convolution` needs.
static inline size_t signflip_convolution_scratch(const signflip_convolution *shape) {
  return 2 * signflip_convolution_block * signflip_window_words(shape);
}

#pragma GCC visibility pop
