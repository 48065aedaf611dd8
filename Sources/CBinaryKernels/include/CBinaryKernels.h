// Passes over a binary network's memory, and the random bits that they draw. Products of bits are in signflip_bits.h.
//
// Each function works on a range of elements, so that threads can share a layer. No function allocates memory or keeps
// state. Each is compiled for several x86-64 levels; the loader chooses one when the program starts.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "signflip_bits.h"
#include "signflip_learned.h"
#include "signflip_packed.h"

// No library exports these functions: see clones.h.
#pragma GCC visibility push(hidden)

/// A hint to the processor that a loop waits for another thread.
static inline void signflip_relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// A stream of random draws: Philox4x32-10 (Salmon et al., 2011) with `seed` as its key. Draw `i` of (`stream`, `step`)
/// depends only on these numbers, so threads can share a stream at any multiple of 128 draws.
typedef struct {
  uint64_t seed;
  uint32_t stream;
  uint32_t step;
} signflip_random_stream;

/// The number of bins of a flip histogram; bin n counts weights with n flips, the last bin also those with more.
enum { signflip_flip_bins = 64 };

/// The optimizer's rule.
typedef enum {
  signflip_sgd,
  signflip_adam,
  signflip_adamax,
  signflip_shift_adamax,
  signflip_bop
} signflip_update_rule;

/// A layer's weights [rows, columns], and what an update reads and writes with them. Pointers may be NULL only where stated.
typedef struct {
  /// In: float or latent weights. Out: updated and clipped.
  float *weights;
  /// dC/dw; in a binary layer, with respect to the binary weights.
  const float *gradient;
  /// SGD: the velocity (NULL without momentum). Adam, AdaMax and Bop: the first moment.
  float *first_moment;
  /// Adam: the second moment. AdaMax: the largest gradient. SGD and Bop: NULL.
  float *second_moment;
  /// The same moments as bfloat16, in place of float32 (NULL: float32, or without a moment). They are rounded stochastically.
  uint16_t *first_half, *second_half;
  /// In: the signs of latent weights, shape [rows, words]. Out: those of the updated ones. NULL: the weights are not
  /// latent, or not binary yet, and no flips are counted.
  uint64_t *signs;
  /// The number of flips of each weight, saturating (NULL without `signs`).
  uint16_t *flip_counts;
  /// Out: the weights as bfloat16 (NULL: not written).
  uint16_t *bfloat16;
  /// Out, if signs are scaled: the mean magnitude of each row (NULL: signs are not scaled).
  float *scales;
  /// The number of channels (adjacent columns) over which scaled weights are centred before they are clipped (0: weights are
  /// not centred).
  size_t channels;
} signflip_update_buffers;

/// The parameters of an update.
typedef struct {
  signflip_update_rule rule;
  /// The learning rate times the layer's scale; for Adam and AdaMax also divided by 1 - beta1^t.
  float rate;
  /// SGD's momentum; Bop's γ.
  float momentum;
  /// Bop's τ.
  float threshold;
  float beta1, beta2, epsilon;
  /// sqrt(1 - beta2^t).
  float second_correction;
  float weight_decay;
  /// Weights are clipped to [-clip, clip]; 0: they are not clipped.
  float clip;
  /// The random bits of the rounding of bfloat16 moments; unused with float32.
  signflip_random_stream rounding;
} signflip_update_numbers;

/// Statistics of an update.
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
/// bfloat16 moments are rounded after they were used: to the neighbour below or above in size, with probabilities that make the
/// mean exact. With k and l the words 0 and 1 of block 0 of `rounding`, i the place row·columns + column and
/// all arithmetic modulo 2³², the draws are the lower (first moment) and the upper half (second moment) of
///
///     x = i·0x9E3779B1 + k;  x = (x ^ x>>15 ^ l)·0x846CA68B;  x ^ x>>16
///
/// and a moment with the bits b is stored as (b + draw) >> 16. Nothing is fused then, so all instruction sets give the same bits.
///
/// First, g is increased by weight_decay·w; afterwards, w is clipped. A flip is a bit that differs between old and new signs.
/// `flip_histogram[n]` counts the weights that have flipped n times. Each range has its own histogram: a flip moves a weight
/// from bin n to n + 1, so only the sum over all ranges is the layer's histogram, and single bins may be negative.
signflip_update_result signflip_update(const signflip_bits *kernels, const signflip_update_buffers *buffers,
                                       const signflip_update_numbers *numbers, size_t columns, size_t begin, size_t end,
                                       int64_t flip_histogram[signflip_flip_bins]);

/// AP2: the power of two nearest to x by logarithm, with its sign, sign(x)·2^round(log₂|x|); 0 where |x| < 2⁻¹²⁶. NaN stays
/// NaN.
float signflip_ap2(float x);

// Scaled signs: W̃ = α·sign(W), α the mean magnitude of a row. Those of XNOR-Net (Rastegari et al., 2016) are centred over the
// channels, those of Bi-Real Net (Liu et al., 2018) are not.

/// Subtracts from each group of `channels` adjacent columns its mean, then clips, in the rows [begin, end).
void signflip_center_rows(float *weights, size_t columns, size_t channels, float clip, size_t begin, size_t end);

/// Writes the mean magnitude α of the rows [begin, end).
void signflip_mean_magnitudes(const float *weights, size_t columns, float *scales, size_t begin, size_t end);

/// The gradient with respect to α.
typedef enum { signflip_scale_exact, signflip_scale_paper, signflip_scale_constant } signflip_scale_gradient;

/// Replaces dC/dW̃ by dC/dW in the rows [begin, end):
///
///     exact:    sign(W)/n·Σ(g·sign(W)) + α·g·1[|W| <= 1]
///     paper:    g·(1/n + α·1[|W| <= 1])
///     constant: α·g·1[|W| <= 1]
void signflip_scaled_sign_gradient(const float *weights, const float *scales, signflip_scale_gradient kind,
                                   float *gradient, size_t columns, size_t begin, size_t end);

// Weights of few bits: W̃ = scale·q with integers q that are exact in bfloat16.

/// How q is computed from w.
typedef enum {
  /// 1 where w > threshold, -1 where w < -threshold, else 0.
  signflip_quantizer_ternary,
  /// -1 where w < 0, else 1.
  signflip_quantizer_signs,
  /// 2·round(steps·(tanh w / (2·tanh greatest) + 1/2)) - steps.
  signflip_quantizer_tanh,
  /// round(steps·w/m), where m is the largest |w| of the row and m/steps its scale; 0 if m is 0.
  signflip_quantizer_integers
} signflip_quantizer_kind;

/// A quantizer's parameters. Its kind determines which of them are used.
typedef struct {
  signflip_quantizer_kind kind;
  float threshold;
  /// The number of steps from the lowest to the highest level; for integers from 0 to the highest level.
  float steps;
  /// The largest |w| of the layer.
  float greatest;
  /// The scale of all rows, unless each row's scale is the mean magnitude of its weights beyond the threshold.
  float scale;
  int scales_rows;
} signflip_quantizer;

/// Weights [rows, columns], and their quantized values.
typedef struct {
  const float *weights;
  /// In: the previous q. Out: the new q.
  float *levels;
  /// Out: the scale of each row.
  float *scales;
  /// The number of changes of each q, saturating (NULL: not counted).
  uint16_t *flip_counts;
} signflip_quantized;

/// Quantizes the rows [begin, end). Returns the number of q that changed. If flips are counted, updates the histogram as
/// `signflip_update` does.
uint64_t signflip_quantize(const signflip_quantizer *quantizer, const signflip_quantized *buffers, size_t columns,
                           size_t begin, size_t end, int64_t flip_histogram[signflip_flip_bins]);

/// Writes the sum of |w| over each of the rows [begin, end).
void signflip_magnitude_sums(const float *weights, size_t columns, double *sums, size_t begin, size_t end);

/// Writes the largest |w| of each of the rows [begin, end).
void signflip_greatest_magnitudes(const float *weights, size_t columns, double *sizes, size_t begin, size_t end);

/// tanh w with an error of at most 1e-7, as used by these passes.
float signflip_tanh(float w);

/// Writes Σ g·tanh w of each of the rows [begin, end), and the number of elements with |w| = greatest.
void signflip_tanh_gradient_sums(const float *weights, float greatest, const float *gradient, double *sums,
                                 double *places, size_t columns, size_t begin, size_t end);

/// Replaces g, the gradient with respect to tanh w / m, m = tanh greatest, by the gradient with respect to w, in the rows
/// [begin, end):
///
///     (g/m - share·sign(w)·1[|w| = greatest])·(1 - tanh²w)
void signflip_tanh_gradient(const float *weights, float greatest, float share, float *gradient, size_t columns,
                            size_t begin, size_t end);

/// Writes, for each of the rows [begin, end), the mean μ, the deviation d = √(Σ(w - μ)²/(n - 1) + 1e-5)/divisor, and
/// Σ|w - μ|/d.
void signflip_row_moments(const float *weights, float divisor, size_t columns, float *means, float *deviations,
                          double *magnitudes, size_t begin, size_t end);

/// Writes -1 where w < μ, else 1, in the rows [begin, end). Returns the number of levels that changed. Unless flip_counts is
/// NULL, updates the histogram as `signflip_update` does.
uint64_t signflip_centred_signs(const float *weights, const float *means, float *levels, uint16_t *flip_counts,
                                size_t columns, size_t begin, size_t end,
                                int64_t flip_histogram[signflip_flip_bins]);

/// Replaces g, the gradient with respect to α·sign((w - μ)/d), by the gradient with respect to w, in the rows [begin, end),
/// and writes the gradient with respect to α. The sign passes the gradient where |w - μ|/d is at most the bound; μ and d
/// depend on w:
///
///     dα = Σ g·sign,  h = α·g·1[|w - μ|/d <= bound],  dw = h/d - (w - μ)·Σ(h·(w - μ))/((n - 1)·divisor²·d³) - mean(h)/d
void signflip_standardized_gradient(const float *weights, const float *means, const float *deviations, float divisor,
                                    float bound, const float *scales, float *scales_gradient, float *gradient,
                                    size_t columns, size_t begin, size_t end);

/// Adds strength·(w - W̃) to the gradient where |w| is at most the scale s of its row, in the rows [begin, end). W̃ is s·q. If
/// levels is NULL, q is the sign: -1 where w < 0, else 1. If scales is NULL, s is 1.
void signflip_dampen(const float *weights, const float *levels, const float *scales, float strength, float *gradient,
                     size_t columns, size_t begin, size_t end);

/// Writes round(steps·clip(x, 0, 1))/steps for the elements [begin, end). NaN stays NaN.
void signflip_quantize_unit(const float *input, float steps, float *output, size_t begin, size_t end);

/// Sets the gradient of the elements [begin, end) to 0 where x is outside of [0, 1].
void signflip_unit_gradient(const float *input, float *gradient, size_t begin, size_t end);

/// Draws binary weights of the rows [begin, end) as signs [rows, words]: +1 with probability clamp((w / clip + 1) / 2, 0, 1),
/// else -1 (BinaryConnect, eq. 2). Each draw has 16 bits. Each row has its own positions in the stream.
void signflip_stochastic_signs(const float *weights, float clip, uint64_t *signs, signflip_random_stream random,
                               size_t columns, size_t begin, size_t end);

/// Draws the mask of a dropout of signs for the rows [begin, end), one bit for each of `columns` signs: 1 (kept) with
/// probability 1 - rate. Each draw has 16 bits. Each row has its own positions in the stream. Tail bits are zero.
void signflip_kept_bits(float rate, uint64_t *kept, signflip_random_stream random, size_t columns, size_t begin,
                        size_t end);

/// Dropout of the elements [begin, end): output = input / (1 - rate) where the unit is kept, else 0. Writes the mask to
/// `kept`. `begin` must be a multiple of 128.
void signflip_dropout(const float *input, float *output, uint8_t *kept, float rate, signflip_random_stream random,
                      size_t begin, size_t end);

/// The gradient of dropout in place, elements [begin, end): gradient / (1 - rate) where the unit was kept, else 0.
void signflip_dropout_gradient(const uint8_t *kept, float *gradient, float rate, size_t begin, size_t end);

/// Writes the raw 32-bit draws [begin, end) of a stream. `begin` must be a multiple of 128.
void signflip_random_words(uint32_t *output, signflip_random_stream random, size_t begin, size_t end);

/// Rounds float32 to bfloat16, to nearest, ties to even; NaN stays NaN.
void signflip_round_to_bfloat16(const float *input, uint16_t *output, size_t count);

/// A batch normalization of [rows, columns]. All arrays but `input` have one value per column.
typedef struct {
  const float *input;
  size_t rows, columns;
  /// The batch's mean, and 1/√(variance + ε).
  float *mean, *inverse_deviation;
  /// γ and β.
  const float *scale, *shift;
  /// Whether factors are rounded to powers of two: AP2(γ), AP2(1/√(variance + ε)), and AP2(x - μ) where x - μ is multiplied
  /// with x - μ or with a gradient.
  int shifts;
  /// Whether each operation of the forward pass is rounded separately, as in inference, so that the thresholds of a packed
  /// network are exact on every processor. In training, the processor may fuse operations.
  int apart;
} signflip_normalization;

// The passes below work on the columns [begin, end) of the rows [first_row, last_row). `begin` and `end` must be multiples of
// 64; `end` may also be the number of columns. Sums over rows are computed per slice of rows, and the slices are added in
// order, so the result does not depend on the distribution of slices to threads.

/// Writes each column's sum over the rows to `sums`, or the sum of squared deviations from `mean` (with powers of two,
/// Σ (x - μ)·AP2(x - μ)).
void signflip_normalization_sums(const signflip_normalization *n, int of_squares, float *sums, size_t begin, size_t end,
                                 size_t first_row, size_t last_row);

/// Adds slices [count, columns] in double precision, and divides by `divisor`.
void signflip_add_slices(const float *slices, size_t count, size_t columns, double divisor, float *sums);

/// Computes the inverse deviation from the batch's variance, and updates the running statistics:
/// `running = momentum·running + (1 - momentum)·batch`, the variance with Bessel's correction. A batch of
/// one row has no variance and leaves them unchanged.
void signflip_finish_statistics(const signflip_normalization *n, const float *variance, float epsilon, float momentum,
                                float *running_mean, float *running_variance);

/// Writes `y = γ·(x - μ)/√(σ² + ε) + β`, or max(0, y) if `rectifies`. NaN stays NaN.
void signflip_normalize(const signflip_normalization *n, float *output, int rectifies, size_t begin, size_t end,
                        size_t first_row, size_t last_row);

/// Writes two masks [rows, words]: the signs of y, and where |y| <= window.
void signflip_normalize_to_signs(const signflip_normalization *n, float window, uint64_t *signs, uint64_t *passes,
                                 size_t begin, size_t end, size_t first_row, size_t last_row);

/// Draws signs of y as `signflip_stochastic_signs` does, +1 with probability clamp((y + 1)/2, 0, 1). Also writes where
/// |y| <= window.
void signflip_normalize_to_drawn_signs(const signflip_normalization *n, float window, signflip_random_stream random,
                                       uint64_t *signs, uint64_t *passes, size_t begin, size_t end, size_t first_row,
                                       size_t last_row);

/// The estimator of the sign's gradient.
typedef enum {
  /// The bits of `passes`.
  signflip_estimator_bits,
  /// (2 - 2|x|)·1[|x| <= 1].
  signflip_estimator_approx,
  /// β(2 - βx·tanh(βx/2))/(1 + cosh βx), β = 5.
  signflip_estimator_swish,
  /// k·t·(1 - tanh²(tx)), k = max(1/t, 1).
  signflip_estimator_annealed
} signflip_estimator;

/// The elements of a gradient that pass the activation after a normalization.
typedef struct {
  /// Bits [rows, words]: an element passes if its bit is 1 in `passes` and, unless NULL, in `kept`. If `passes` is NULL, see
  /// `rectified`.
  const uint64_t *passes, *kept;
  /// Without `passes`: an element passes if this output, [rows, columns], is > 0 (NULL: always).
  const float *rectified;
  /// A factor for elements that pass.
  float scale;
  /// A further factor for elements that pass: a function of the sign's input. This is `input`, [rows, columns], or the
  /// normalization's output if `input` is NULL.
  signflip_estimator estimator;
  /// The parameter t of `signflip_estimator_annealed`.
  float temperature;
  const float *input;
} signflip_gradient_gate;

/// Replaces `gradient` by dy, the gradient that passes the gate, and writes the sums over the rows of `dy·x̂` and of `dy`.
void signflip_normalization_gradient_sums(const signflip_normalization *n, const signflip_gradient_gate *gate,
                                          float *gradient, float *scale_sums, float *shift_sums, size_t begin,
                                          size_t end, size_t first_row, size_t last_row);

/// With dβ = Σ dy and dγ = Σ dy·x̂ over all rows, replaces dy by `dx = γ/√(σ² + ε)·(dy - dβ/n - x̂·dγ/n)`.
void signflip_normalization_gradient(const signflip_normalization *n, const float *scale_gradient,
                                     const float *shift_gradient, float *gradient, size_t begin, size_t end,
                                     size_t first_row, size_t last_row);

/// Sets the elements [begin, end) of a gradient [rows, columns] that do not pass to 0, and scales the others; whole rows.
void signflip_gate_gradient(const signflip_gradient_gate *gate, float *gradient, size_t columns, size_t begin,
                            size_t end);

/// Writes the signs of whole rows [begin, end), and where |x| <= window, as bits.
void signflip_signs_and_window(const float *input, float window, uint64_t *signs, uint64_t *passes, size_t columns,
                               size_t begin, size_t end);

/// Writes rows [begin, end) of signs as floats: ±scale, or 0 where `kept` (may be NULL) is 0.
void signflip_unpack_signs(const uint64_t *signs, const uint64_t *kept, float scale, float *output, size_t columns,
                           size_t begin, size_t end);

/// The placement of an image on a canvas of the same size.
typedef struct {
  /// The image's row and column at the canvas's first pixel. Outside of the image, the canvas is black.
  int32_t row, column;
  /// Whether it is mirrored, left to right.
  int32_t flips;
  /// A square of this side around a row and a column of the canvas is set to 0 (0: none).
  int32_t hole, hole_row, hole_column;
  /// Whether the image is rotated around its centre (`angle`, in degrees, anticlockwise) and then moved down and right (in
  /// pixels) before it is placed.
  int32_t turns;
  float angle, down, right;
} signflip_placement;

/// Converts the pixels of an image [height, width, channels]: output = lower[c] + scale[c]·pixel. The image must not be
/// rotated.
void signflip_pixels(const uint8_t *pixels, size_t height, size_t width, size_t channels, const float *lower,
                     const float *scale, signflip_placement placement, float *output);

/// Places an image of floats [height, width, channels] on a canvas, which is other memory. `outside` has the value of each
/// channel outside of the image. A rotated or moved image is interpolated bilinearly.
void signflip_place(const float *image, size_t height, size_t width, size_t channels, const float *outside,
                    signflip_placement placement, float *output);

/// Computes `lower` and `factor` of lower + factor·byte = (byte - mean)/divisor for the bytes of an image. The divisor is
/// √(Σ (byte - mean)²)/norm, or 1 if that is less than `smallest`.
void signflip_contrast(const uint8_t *pixels, size_t count, double norm, double smallest, float *lower, float *factor);

/// Returns whether all bytes are equal.
int32_t signflip_is_constant(const uint8_t *pixels, size_t count);

/// Adds rows: sums[j] += Σ rows[i, j].
void signflip_add_rows(const float *rows, size_t count, size_t columns, double *sums);

/// Copies the columns [begin, begin + width) of rows and subtracts the mean: panel[i, j] = rows[i, begin + j] - mean[begin
/// + j].
void signflip_centred_panel(const float *rows, size_t count, size_t columns, const float *mean, size_t begin,
                            size_t width, float *panel);

/// Subtracts a row from each row.
void signflip_subtract_row(float *rows, size_t count, size_t columns, const float *row);

/// Writes the windows [begin, end) of a batch of images [images·height·width, channels] as rows of
/// kernel_height·kernel_width·channels floats, for a matrix product; row 0 is window `begin`. Positions outside of the image
/// are 0 or 1, depending on the padding.
void signflip_unfold(const signflip_convolution *shape, const float *images, float *rows, size_t begin, size_t end);

/// The gradient of `signflip_unfold`: adds the rows of the windows [begin, end) to their images; row 0 is window `begin`. The
/// first window of an image clears the image before.
void signflip_fold(const signflip_convolution *shape, const float *rows, float *images, size_t begin, size_t end);

/// Writes the maximum of each channel in the windows [begin, end), and the index in the window of the first maximum, to the
/// window's row. Positions outside of the image are ignored. A window has at most 256 positions.
void signflip_max_pool(const signflip_convolution *shape, const float *images, float *output, uint8_t *choices,
                       size_t begin, size_t end);

/// Computes the gradient of a max pooling for the images [begin, end).
void signflip_max_pool_gradient(const signflip_convolution *shape, const float *gradient, const uint8_t *choices,
                                float *images, size_t begin, size_t end);

/// Writes the mean of each channel over those positions of the windows [begin, end) that are in the image.
void signflip_average_pool(const signflip_convolution *shape, const float *images, float *output, size_t begin,
                           size_t end);

/// Computes the gradient of an average pooling for the images [begin, end).
void signflip_average_pool_gradient(const signflip_convolution *shape, const float *gradient, float *images,
                                    size_t begin, size_t end);

// Winograd's F(2x2, 3x3) for 3x3 convolutions of stride 1. An image is divided into ceil(height/2) · ceil(width/2) tiles of
// 2x2 outputs. A tile is transformed to 16 numbers per channel; each of them is in its own plane [tiles, channels]. Planes are
// `plane` elements apart. Tile 0 is the first tile of image 0.
// Lavin and Gray 2015, arXiv:1509.09308.

/// Writes the tiles [begin, end) of images: `Bᵀ d B`. Positions outside of the image are 0 or 1, depending on the padding.
void signflip_winograd_input(const signflip_convolution *shape, const float *images, float *planes, size_t plane,
                             size_t begin, size_t end);

/// The gradient of `signflip_winograd_input`: overwrites the images [begin, end) with the sums of `B z Bᵀ`.
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

#pragma GCC visibility pop
