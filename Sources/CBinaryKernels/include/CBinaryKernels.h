// The passes over a binary network's memory that must be one pass, and the random bits they draw; the products of bits
// are in signflip_bits.h.
//
// Every function works on a range of elements that belongs to it alone, so that threads may share a layer. None
// allocates, none keeps state. Each is compiled for several x86-64 levels and chosen when the program is loaded.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "signflip_bits.h"
#include "signflip_learned.h"
#include "signflip_packed.h"

/// Tells the processor that a loop polls for another thread.
static inline void signflip_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Names one stream of random draws: Philox4x32-10 (Salmon et al., 2011) with `seed` as its key. Draw `i` of
/// (`stream`, `step`) is a function of these numbers alone, so streams may be cut among threads anywhere at a
/// multiple of 128 draws.
typedef struct {
  uint64_t seed;
  uint32_t stream;
  uint32_t step;
} signflip_random_stream;

/// How many places a flip histogram has; the last one counts that many flips or more.
enum { signflip_flip_bins = 64 };

/// The optimizer's rule.
typedef enum {
  signflip_sgd,
  signflip_adam,
  signflip_adamax,
  signflip_shift_adamax,
  signflip_bop
} signflip_update_rule;

/// One layer's weights [rows, columns] and all that an update reads and writes beside them. Pointers may be NULL where
/// said.
typedef struct {
  /// In: float or latent weights. Out: updated and clipped.
  float *weights;
  /// dC/dw, for a binary layer with respect to the binary weights.
  const float *gradient;
  /// SGD: the velocity (NULL without momentum). Adam, AdaMax and Bop: the first moment.
  float *first_moment;
  /// Adam: the second moment. AdaMax: the largest gradient. SGD and Bop: NULL.
  float *second_moment;
  /// In: the signs of latent weights, shape [rows, words]. Out: those of the updated ones. NULL: the weights are not
  /// latent, or not binary yet, and no flips are counted.
  uint64_t *signs;
  /// Flips of each weight so far, saturating (NULL without `signs`).
  uint16_t *flip_counts;
  /// Out: the weights as bfloat16 (NULL: not wanted).
  uint16_t *bfloat16;
  /// Out, of weights whose signs are scaled: each row's mean magnitude (NULL: they are not scaled).
  float *scales;
  /// Channels over which scaled weights are centred before they are clipped: columns next to each other (0: they are not
  /// centred).
  size_t channels;
} signflip_update_buffers;

/// The numbers of an update.
typedef struct {
  signflip_update_rule rule;
  /// Learning rate times the layer's scale; for Adam and AdaMax divided by 1 - beta1^t too.
  float rate;
  /// SGD's momentum; Bop's γ.
  float momentum;
  /// Bop's τ.
  float threshold;
  float beta1, beta2, epsilon;
  /// sqrt(1 - beta2^t).
  float second_correction;
  float weight_decay;
  /// Weights are clipped to [-clip, clip]; 0 leaves them.
  float clip;
} signflip_update_numbers;

/// What an update has seen.
typedef struct {
  uint64_t flips;
  double gradient_square_sum;
} signflip_update_result;

/// Updates the rows [begin, end) of weights with `columns` columns in one pass.
///
///     SGD:  u = momentum·u + g,  w -= rate·u
///     Adam: m = β₁m + (1-β₁)g,  v = β₂v + (1-β₂)g²,  w -= rate·m / (√v / correction + ε)
///     AdaMax: m = β₁m + (1-β₁)g,  u = max(β₂u, |g| + ε),  w -= rate·m / u
///     shift-based AdaMax: m = β₁m + (1-β₁)g,  v = max(β₂v, |g|),  w -= rate·m / (AP2(v) + ε)
///     Bop:  m = (1-γ)m + γg,  w = -w where m·w > τ·|w|
///
/// with g increased by weight_decay·w first, w clipped afterwards. A flip is a bit in which old and new signs differ.
/// `flip_histogram[n]` counts the weights that have flipped n times; it is the range's own, and the pass moves a weight
/// from n to n + 1 (so a sum over ranges holds for the layer, a single place may be negative).
signflip_update_result signflip_update(const signflip_bits *kernels, const signflip_update_buffers *buffers,
                                       const signflip_update_numbers *numbers, size_t columns, size_t begin, size_t end,
                                       int64_t flip_histogram[signflip_flip_bins]);

/// AP2: the power of two nearest to x by logarithm, with its sign, sign(x)·2^round(log₂|x|); 0 where |x| < 2⁻¹²⁶. NaN stays
/// NaN.
float signflip_ap2(float x);

// Scaled signs: W̃ = α·sign(W), α the mean magnitude of a row. Those of XNOR-Net (Rastegari et al., 2016) are centred over the
// channels, those of Bi-Real Net (Liu et al., 2018) are not.

/// Takes the mean over `channels` columns next to each other from these, then clips, in the rows [begin, end).
void signflip_center_rows(float *weights, size_t columns, size_t channels, float clip, size_t begin, size_t end);

/// Writes the mean magnitude α of the rows [begin, end).
void signflip_mean_magnitudes(const float *weights, size_t columns, float *scales, size_t begin, size_t end);

/// How the gradient goes through α.
typedef enum { signflip_scale_exact, signflip_scale_paper, signflip_scale_constant } signflip_scale_gradient;

/// Turns dC/dW̃ of the rows [begin, end) into that of W, in its place:
///
///     exact:    sign(W)/n·Σ(g·sign(W)) + α·g·1[|W| <= 1]
///     paper:    g·(1/n + α·1[|W| <= 1])
///     constant: α·g·1[|W| <= 1]
void signflip_scaled_sign_gradient(const float *weights, const float *scales, signflip_scale_gradient kind,
                                   float *gradient, size_t columns, size_t begin, size_t end);

// Weights of few bits: W̃ = scale·q, q whole numbers that bfloat16 holds exactly.

/// How q is made of w.
typedef enum {
  /// 1 where w > threshold, -1 where w < -threshold, else 0.
  signflip_quantizer_ternary,
  /// -1 where w < 0, else 1.
  signflip_quantizer_signs,
  /// 2·round(steps·(tanh w / (2·tanh greatest) + 1/2)) - steps.
  signflip_quantizer_tanh,
  /// round(steps·w/m), m the greatest |w| of the row, whose scale is m/steps; 0 where m is.
  signflip_quantizer_integers
} signflip_quantizer_kind;

/// A quantizer's numbers; which of them count depends on its kind.
typedef struct {
  signflip_quantizer_kind kind;
  float threshold;
  /// How many steps there are from the least level to the greatest; of integers from 0 to the greatest.
  float steps;
  /// The greatest |w| of the layer.
  float greatest;
  /// The scale of all rows, unless each has the mean magnitude of its weights beyond the threshold.
  float scale;
  int scales_rows;
} signflip_quantizer;

/// Weights [rows, columns] and what is made of them.
typedef struct {
  const float *weights;
  /// In: the last q. Out: the new one.
  float *levels;
  /// Out: the scale of each row.
  float *scales;
  /// How often each q has changed, saturating (NULL: not counted).
  uint16_t *flip_counts;
} signflip_quantized;

/// Quantizes the rows [begin, end). Returns how many q have changed, and moves weights in the histogram as
/// `signflip_update` does, where they are counted.
uint64_t signflip_quantize(const signflip_quantizer *quantizer, const signflip_quantized *buffers, size_t columns,
                           size_t begin, size_t end, int64_t flip_histogram[signflip_flip_bins]);

/// Writes the sum of |w| over each of the rows [begin, end).
void signflip_magnitude_sums(const float *weights, size_t columns, double *sums, size_t begin, size_t end);

/// Writes the greatest |w| of each of the rows [begin, end).
void signflip_greatest_magnitudes(const float *weights, size_t columns, double *sizes, size_t begin, size_t end);

/// tanh w within 1e-7, as these passes have it.
float signflip_tanh(float w);

/// Writes Σ g·tanh w over each of the rows [begin, end), and in how many places |w| is the greatest.
void signflip_tanh_gradient_sums(const float *weights, float greatest, const float *gradient, double *sums,
                                 double *places, size_t columns, size_t begin, size_t end);

/// Replaces g, the gradient of tanh w / m with m = tanh greatest, by that of w, in the rows [begin, end):
///
///     (g/m - share·sign(w)·1[|w| = greatest])·(1 - tanh²w)
void signflip_tanh_gradient(const float *weights, float greatest, float share, float *gradient, size_t columns,
                            size_t begin, size_t end);

/// Writes of each of the rows [begin, end) the mean μ, the deviation d = √(Σ(w - μ)²/(n - 1) + 1e-5)/divisor, and
/// Σ|w - μ|/d.
void signflip_row_moments(const float *weights, float divisor, size_t columns, float *means, float *deviations,
                          double *magnitudes, size_t begin, size_t end);

/// Writes -1 where w < μ, else 1, in the rows [begin, end). Returns how many have changed, and moves weights in the
/// histogram as `signflip_update` does, where they are counted (flip_counts NULL: not).
uint64_t signflip_centred_signs(const float *weights, const float *means, float *levels, uint16_t *flip_counts,
                                size_t columns, size_t begin, size_t end,
                                int64_t flip_histogram[signflip_flip_bins]);

/// Replaces g, the gradient of α·sign((w - μ)/d), by that of w, in the rows [begin, end), and writes that of α. The gradient
/// passes the sign where |w - μ|/d is at most the bound, and goes through μ and d:
///
///     dα = Σ g·sign,  h = α·g·1[|w - μ|/d <= bound],  dw = h/d - (w - μ)·Σ(h·(w - μ))/((n - 1)·divisor²·d³) - mean(h)/d
void signflip_standardized_gradient(const float *weights, const float *means, const float *deviations, float divisor,
                                    float bound, const float *scales, float *scales_gradient, float *gradient,
                                    size_t columns, size_t begin, size_t end);

/// Adds strength·(w - W̃) to the gradient where |w| is at most the scale s of its row, in the rows [begin, end). W̃ is s·q; of
/// signs (levels NULL) q is -1 where w < 0, else 1; s is 1 without scales (NULL).
void signflip_dampen(const float *weights, const float *levels, const float *scales, float strength, float *gradient,
                     size_t columns, size_t begin, size_t end);

/// Writes round(steps·clip(x, 0, 1))/steps of the elements [begin, end). NaN stays NaN.
void signflip_quantize_unit(const float *input, float steps, float *output, size_t begin, size_t end);

/// Zeroes the gradient of the elements [begin, end) where x lies outside of [0, 1].
void signflip_unit_gradient(const float *input, float *gradient, size_t begin, size_t end);

/// Draws binary weights of the rows [begin, end), as signs [rows, words]: +1 with probability
/// clamp((w / clip + 1) / 2, 0, 1), else -1 (BinaryConnect, eq. 2). 16 bits decide; a row draws from places of its own.
void signflip_stochastic_signs(const float *weights, float clip, uint64_t *signs, signflip_random_stream random,
                               size_t columns, size_t begin, size_t end);

/// Draws what a dropout of signs keeps in the rows [begin, end), a bit for each of `columns` places: 1 with probability
/// 1 - rate. 16 bits decide; a row draws from places of its own. Tail bits are zero.
void signflip_kept_bits(float rate, uint64_t *kept, signflip_random_stream random, size_t columns, size_t begin,
                        size_t end);

/// Dropout of [begin, end): output = input / (1 - rate) where the unit is kept, else 0; `kept` remembers which.
/// `begin` is a multiple of 128.
void signflip_dropout(const float *input, float *output, uint8_t *kept, float rate, signflip_random_stream random,
                      size_t begin, size_t end);

/// The gradient of dropout, [begin, end), in its place: gradient / (1 - rate) where the unit was kept, else 0.
void signflip_dropout_gradient(const uint8_t *kept, float *gradient, float rate, size_t begin, size_t end);

/// Writes the raw 32-bit draws [begin, end) of a stream. `begin` is a multiple of 128.
void signflip_random_words(uint32_t *output, signflip_random_stream random, size_t begin, size_t end);

/// Rounds float32 to bfloat16, to nearest, ties to even; NaN stays NaN.
void signflip_round_to_bfloat16(const float *input, uint16_t *output, size_t count);

/// A batch normalization of [rows, columns]; all arrays but `input` have a value a column.
typedef struct {
  const float *input;
  size_t rows, columns;
  /// The batch's mean, and 1/√(variance + ε); `signflip_normalization_statistics` writes them.
  float *mean, *inverse_deviation;
  /// γ and β.
  const float *scale, *shift;
  /// Whether it multiplies by powers of two only: AP2(γ) stands for γ, AP2(1/√(variance + ε)) for 1/√(variance + ε), and
  /// AP2(x - μ) for x - μ where it is multiplied with x - μ or with a gradient.
  int shifts;
  /// Whether every operation of the forward pass is rounded by itself, as inference does it: so the thresholds that a packed
  /// network has in its place are exact on every processor. Training lets the processor fuse them.
  int apart;
} signflip_normalization;

// The passes below work on the columns [begin, end), `begin` a multiple of 64 and `end` too unless it is the last column,
// of the rows [first_row, last_row). Sums over rows are taken by slices of rows, then added up slice by slice: so the
// result does not depend on who computes which slice.

/// Writes each column's sum over the rows to `sums`, or the sum of squared deviations from `mean` (with powers of two, that of
/// (x - μ)·AP2(x - μ)).
void signflip_normalization_sums(const signflip_normalization *n, int of_squares, float *sums, size_t begin, size_t end,
                                 size_t first_row, size_t last_row);

/// Adds up slices [count, columns], in double precision, and divides.
void signflip_add_slices(const float *slices, size_t count, size_t columns, double divisor, float *sums);

/// Sets the inverse deviation by the batch's variance, and moves the running statistics:
/// `running = momentum·running + (1 - momentum)·batch`, the variance with Bessel's correction. One row has no variance to
/// tell, and leaves them as they are.
void signflip_finish_statistics(const signflip_normalization *n, const float *variance, float epsilon, float momentum,
                                float *running_mean, float *running_variance);

/// Writes `y = γ·(x - μ)/√(σ² + ε) + β`, or max(0, y) if `rectifies`. NaN stays NaN.
void signflip_normalize(const signflip_normalization *n, float *output, int rectifies, size_t begin, size_t end,
                        size_t first_row, size_t last_row);

/// Writes the signs of y, and where |y| <= window, as bits [rows, words].
void signflip_normalize_to_signs(const signflip_normalization *n, float window, uint64_t *signs, uint64_t *passes,
                                 size_t begin, size_t end, size_t first_row, size_t last_row);

/// Writes signs of y that are drawn: +1 with probability clamp((y + 1)/2, 0, 1), as `signflip_stochastic_signs` draws them;
/// and where |y| <= window.
void signflip_normalize_to_drawn_signs(const signflip_normalization *n, float window, signflip_random_stream random,
                                       uint64_t *signs, uint64_t *passes, size_t begin, size_t end, size_t first_row,
                                       size_t last_row);

/// What the gradient of the sign is taken to be where bits are not enough to say it.
typedef enum {
  /// What `passes` says.
  signflip_estimator_bits,
  /// (2 - 2|x|)·1[|x| <= 1].
  signflip_estimator_approx,
  /// β(2 - βx·tanh(βx/2))/(1 + cosh βx), β = 5.
  signflip_estimator_swish,
  /// k·t·(1 - tanh²(tx)), k = max(1/t, 1).
  signflip_estimator_annealed
} signflip_estimator;

/// Which elements of a gradient pass through what follows a normalization.
typedef struct {
  /// Bits [rows, words]: only where they are 1 in `passes` and, unless it is NULL, in `kept`. NULL: see `rectified`.
  const uint64_t *passes, *kept;
  /// Without `passes`: only where this output, [rows, columns], is > 0 (NULL: everywhere).
  const float *rectified;
  /// Multiplies what passes.
  float scale;
  /// Multiplies what passes by a function of the sign's input: of `input`, [rows, columns], or of the normalization's output
  /// where that is NULL.
  signflip_estimator estimator;
  /// t.
  float temperature;
  const float *input;
} signflip_gradient_gate;

/// Replaces `gradient` by dy, what passes the gate, and writes the sums over the rows of `dy·x̂` and of `dy`.
void signflip_normalization_gradient_sums(const signflip_normalization *n, const signflip_gradient_gate *gate,
                                          float *gradient, float *scale_sums, float *shift_sums, size_t begin,
                                          size_t end, size_t first_row, size_t last_row);

/// With dβ = Σ dy and dγ = Σ dy·x̂ over all rows, replaces dy by `dx = γ/√(σ² + ε)·(dy - dβ/n - x̂·dγ/n)`.
void signflip_normalization_gradient(const signflip_normalization *n, const float *scale_gradient,
                                     const float *shift_gradient, float *gradient, size_t begin, size_t end,
                                     size_t first_row, size_t last_row);

/// Zeroes the elements [begin, end) of a gradient [rows, columns] that do not pass, and scales the others; whole rows.
void signflip_gate_gradient(const signflip_gradient_gate *gate, float *gradient, size_t columns, size_t begin,
                            size_t end);

/// Writes bits of signs, and where |x| <= window, of whole rows [begin, end).
void signflip_signs_and_window(const float *input, float window, uint64_t *signs, uint64_t *passes, size_t columns,
                               size_t begin, size_t end);

/// Writes rows [begin, end) of signs as floats: ±scale, or 0 where `kept` (may be NULL) is 0.
void signflip_unpack_signs(const uint64_t *signs, const uint64_t *kept, float scale, float *output, size_t columns,
                           size_t begin, size_t end);

/// How an image is laid on a canvas of its own size.
typedef struct {
  /// The canvas shows the image from this row and column on; outside of the image is black.
  int32_t row, column;
  /// Whether it is mirrored, left to right.
  int32_t flips;
  /// A square of this side around a row and a column of the canvas is set to 0 (0: none).
  int32_t hole, hole_row, hole_column;
  /// Whether the image is turned around its middle by so many degrees, anticlockwise, and then moved down and right by
  /// so many pixels, before the canvas shows it.
  int32_t turns;
  float angle, down, right;
} signflip_placement;

/// Converts the pixels of an image [height, width, channels]: output = lower[c] + scale[c]·pixel. The image must not turn.
void signflip_pixels(const uint8_t *pixels, size_t height, size_t width, size_t channels, const float *lower,
                     const float *scale, signflip_placement placement, float *output);

/// Lays an image of numbers [height, width, channels] on a canvas, which is another place in memory; `outside`, a number a
/// channel, stands beside it. A turned or moved image is seen by bilinear interpolation.
void signflip_place(const float *image, size_t height, size_t width, size_t channels, const float *outside,
                    signflip_placement placement, float *output);

/// The numbers by which the bytes of an image become lower + factor·byte = (byte - mean)/divisor, where the divisor is
/// √(Σ (byte - mean)²)/norm, or 1 where that is below `smallest`.
void signflip_contrast(const uint8_t *pixels, size_t count, double norm, double smallest, float *lower, float *factor);

/// Whether all bytes are the same.
int32_t signflip_is_constant(const uint8_t *pixels, size_t count);

/// Adds rows up: sums[j] += Σ rows[i, j].
void signflip_add_rows(const float *rows, size_t count, size_t columns, double *sums);

/// Copies the columns [begin, begin + width) of rows less their mean: panel[i, j] = rows[i, begin + j] - mean[begin + j].
void signflip_centred_panel(const float *rows, size_t count, size_t columns, const float *mean, size_t begin,
                            size_t width, float *panel);

/// Subtracts a row from each row.
void signflip_subtract_row(float *rows, size_t count, size_t columns, const float *row);

/// Writes the windows [begin, end) of a batch of images [images·height·width, channels] as rows of
/// kernel_height·kernel_width·channels floats, so that a convolution is a product of matrices; row 0 is window `begin`. Outside
/// of the image stands 0, or 1, as the padding says.
void signflip_unfold(const signflip_convolution *shape, const float *images, float *rows, size_t begin, size_t end);

/// Adds windows up into the images [begin, end) that they were taken from: the gradient of `signflip_unfold`. Row 0 is the
/// first window of image `begin`.
void signflip_fold(const signflip_convolution *shape, const float *rows, float *images, size_t begin, size_t end);

/// The greatest value of every channel in the windows [begin, end), and in which place of the window the first such one
/// stands; both are written at their window's row. Places outside of the image take no part. At most 256 places.
void signflip_max_pool(const signflip_convolution *shape, const float *images, float *output, uint8_t *choices,
                       size_t begin, size_t end);

/// The gradient of a max pooling, of the images [begin, end).
void signflip_max_pool_gradient(const signflip_convolution *shape, const float *gradient, const uint8_t *choices,
                                float *images, size_t begin, size_t end);

/// The mean of every channel over the places of the windows [begin, end) that lie in the image.
void signflip_average_pool(const signflip_convolution *shape, const float *images, float *output, size_t begin,
                           size_t end);

/// The gradient of an average pooling, of the images [begin, end).
void signflip_average_pool_gradient(const signflip_convolution *shape, const float *gradient, float *images,
                                    size_t begin, size_t end);

// Winograd's F(2x2, 3x3) for convolutions of 3x3 without steps: an image is cut into tiles of 2x2 outputs, ceil(height/2) ·
// ceil(width/2) of them, and a tile becomes 16 numbers of every channel, each in a plane [tiles, channels] of its own; planes
// are `plane` elements apart. Tile 0 is the first one of image 0.
// Lavin and Gray 2015, arXiv:1509.09308.

/// Writes the tiles [begin, end) of images: `Bᵀ d B`. Outside of the image stands 0, or 1, as the padding says.
void signflip_winograd_input(const signflip_convolution *shape, const float *images, float *planes, size_t plane,
                             size_t begin, size_t end);

/// The gradient of `signflip_winograd_input`, of the images [begin, end), which are overwritten: the sums of `B z Bᵀ`.
void signflip_winograd_input_gradient(const signflip_convolution *shape, const float *planes, size_t plane,
                                      float *images, size_t begin, size_t end);

/// Writes the outputs of the tiles [begin, end): `Aᵀ m A`.
void signflip_winograd_output(const signflip_convolution *shape, const float *planes, size_t plane, size_t filters,
                              float *output, size_t begin, size_t end);

/// The gradient of `signflip_winograd_output`: `A dy Aᵀ`.
void signflip_winograd_output_gradient(const signflip_convolution *shape, const float *gradient, size_t filters,
                                       float *planes, size_t plane, size_t begin, size_t end);

/// Writes the filters [begin, end) of `weights` [filters, 3·3·channels] into planes [filters, channels]: `G g Gᵀ`.
void signflip_winograd_filters(const float *weights, size_t channels, float *planes, size_t plane, size_t begin,
                               size_t end);

/// The gradient of `signflip_winograd_filters`: `Gᵀ u G`.
void signflip_winograd_filters_gradient(const float *planes, size_t plane, size_t channels, float *gradient,
                                        size_t begin, size_t end);
