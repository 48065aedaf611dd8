// The passes over a binary network's memory that must be one pass, and the random bits they draw.
//
// Every function works on a range of elements that belongs to it alone, so that threads may share a layer. None
// allocates, none keeps state. Each is compiled for several x86-64 levels and chosen when the program is loaded.
#pragma once

#include <stddef.h>
#include <stdint.h>

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
typedef enum { signflip_sgd, signflip_adam } signflip_update_rule;

/// One layer's weights and all that an update reads and writes beside them. Pointers may be NULL where said.
typedef struct {
  /// In: float or latent weights. Out: updated and clipped.
  float *weights;
  /// dC/dw, for a binary layer with respect to the binary weights.
  const float *gradient;
  /// SGD: the velocity (NULL without momentum). Adam: the first moment.
  float *first_moment;
  /// Adam: the second moment. SGD: NULL.
  float *second_moment;
  /// Flips of each weight so far, saturating (NULL: nothing is counted).
  uint16_t *flip_counts;
  /// Out: what the next products use, sign(w) or w, as float32 (NULL: not wanted).
  float *product_float32;
  /// Out: the same as bfloat16 (NULL: not wanted).
  uint16_t *product_bfloat16;
} signflip_update_buffers;

/// The numbers of an update.
typedef struct {
  signflip_update_rule rule;
  /// Learning rate times the layer's scale; for Adam divided by 1 - beta1^t too.
  float rate;
  /// SGD's momentum.
  float momentum;
  float beta1, beta2, epsilon;
  /// sqrt(1 - beta2^t).
  float second_correction;
  float weight_decay;
  /// Weights are clipped to [-clip, clip]; 0 leaves them.
  float clip;
  /// Whether the weights are latent ones: signs go into the products, and flips are counted.
  int binary;
} signflip_update_numbers;

/// What an update has seen.
typedef struct {
  uint64_t flips;
  double gradient_square_sum;
} signflip_update_result;

/// Updates the weights [begin, end) in one pass.
///
///     SGD:  u = momentum·u + g,  w -= rate·u
///     Adam: m = β₁m + (1-β₁)g,  v = β₂v + (1-β₂)g²,  w -= rate·m / (√v / correction + ε)
///
/// with g increased by weight_decay·w first, w clipped afterwards. `flip_histogram[n]` counts the weights that have
/// flipped n times; it is the range's own, and the pass moves a weight from n to n + 1 (so a sum over ranges holds
/// for the layer, a single place may be negative).
signflip_update_result signflip_update(const signflip_update_buffers *buffers, const signflip_update_numbers *numbers,
                                       size_t begin, size_t end, int64_t flip_histogram[signflip_flip_bins]);

/// Writes the weights that products use, [begin, end): -1 where w < 0, else +1 if `binary`, w otherwise.
void signflip_product_weights(const float *weights, float *float32, uint16_t *bfloat16, int binary, size_t begin,
                              size_t end);

/// Draws binary weights, [begin, end): +1 with probability clamp((w / clip + 1) / 2, 0, 1), else -1 (BinaryConnect,
/// eq. 2). `begin` is a multiple of 128.
void signflip_stochastic_signs(const float *weights, float clip, float *float32, uint16_t *bfloat16,
                               signflip_random_stream random, size_t begin, size_t end);

/// Dropout of [begin, end): output = input / (1 - rate) where the unit is kept, else 0; `kept` remembers which.
/// `begin` is a multiple of 128.
void signflip_dropout(const float *input, float *output, uint8_t *kept, float rate, signflip_random_stream random,
                      size_t begin, size_t end);

/// The gradient of dropout, [begin, end): input_gradient = output_gradient / (1 - rate) where the unit was kept, else 0.
void signflip_dropout_gradient(const float *output_gradient, const uint8_t *kept, float *input_gradient, float rate,
                               size_t begin, size_t end);

/// Writes the raw 32-bit draws [begin, end) of a stream. `begin` is a multiple of 128.
void signflip_random_words(uint32_t *output, signflip_random_stream random, size_t begin, size_t end);

/// Rounds float32 to bfloat16, to nearest, ties to even; NaN stays NaN.
void signflip_round_to_bfloat16(const float *input, uint16_t *output, size_t count);
