// The passes of a packed network: the operations between the products of bits in inference.
//
// Each works on the rows or windows [begin, end) and allocates no memory. Float operations are rounded separately
// (multiplications and additions are not fused), so that all processors and the exported C code compute equal results.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "signflip_bits.h"

// No library exports these functions: see clones.h.
#pragma GCC visibility push(hidden)

/// Converts sums [rows, columns] to signs [rows, words]: bit j is (sums[j] < thresholds[class, j]) XOR inverted[j].
void signflip_threshold_sums(const int32_t *sums, const int32_t *thresholds, const uint64_t *inverted,
                             signflip_pixel_classes classes, uint64_t *bits, size_t columns, size_t begin, size_t end);

/// Writes float(offsets[class, j] + factor·sums[j]), computed in double precision. If offsets is NULL, writes
/// float(factor·sums[j]).
void signflip_sums_to_real(const int32_t *sums, double factor, const double *offsets, signflip_pixel_classes classes,
                           float *output, size_t columns, size_t begin, size_t end);

/// Writes level·(1/steps).
void signflip_levels_to_real(const uint8_t *levels, float steps, float *output, size_t begin, size_t end);

/// Writes round(steps·clip(x, 0, 1)), ties to even.
void signflip_real_to_levels(const float *input, float steps, uint8_t *levels, size_t begin, size_t end);

/// Rounds to bfloat16 and back.
void signflip_round_operands(const float *input, float *output, size_t begin, size_t end);

/// The product of bytes or levels with small integers, dots[i, j] = Σₖ bytes[i, k]·weights[j, k].
/// - bytes: [rows, depth]; weights: [columns, depth].
void signflip_integer_product(const uint8_t *bytes, const int16_t *weights, int32_t *dots, size_t depth, size_t columns,
                              size_t begin, size_t end);

/// Writes signs as bytes: 1 for -1, 0 for +1.
void signflip_sign_bytes(const uint64_t *signs, uint8_t *bytes, size_t columns, size_t begin, size_t end);

/// The number of columns of a panel for `signflip_float_product`.
enum { signflip_float_panel = 16 };

/// The number of floats in the panels of a matrix [columns, depth].
static inline size_t signflip_float_panels(size_t columns, size_t depth) {
  return (columns + signflip_float_panel - 1) / signflip_float_panel * signflip_float_panel * depth;
}

/// Interleaves a matrix [columns, depth] for `signflip_float_product`: 16 columns for each k in turn. Missing columns are 0.
void signflip_pack_float_panels(const float *weights, size_t columns, size_t depth, float *panels);

/// The product of floats, c[i, j] = ((a[i, 0]·w[j, 0] + a[i, 1]·w[j, 1]) + …), in the order of k. Each product is rounded.
void signflip_float_product(const float *a, const float *panels, float *c, size_t depth, size_t columns, size_t begin,
                            size_t end);

/// Splits a row of bytes into bit planes, shape [8, words]: bit k of plane p is bit p of byte k. Tail bits are zero.
void signflip_byte_planes(const uint8_t *bytes, size_t count, uint64_t *planes);

/// Adds the products of a row's planes: dots[j] = Σₚ 2ᵖ·products[p, j].
void signflip_join_planes(const int32_t *products, int32_t *dots, size_t columns);

/// Writes the windows [begin, end) of a batch of images of bytes as rows; row 0 is window `begin`. Positions outside of the
/// image are 0, and so are the bytes of a row after its window.
/// - stride: the length of a row, at least kernel_height·kernel_width·channels.
void signflip_unfold_bytes(const signflip_convolution *shape, const uint8_t *images, uint8_t *rows, size_t stride,
                           size_t begin, size_t end);

/// Pools signs in the windows [begin, end) of a batch of images. Bit j of the result is the AND of the window's bits j: the
/// maximum is -1 only if all signs are -1. If bit j of `any` is 1, it is the OR. Positions outside of the image are ignored.
void signflip_pool_bits(const signflip_convolution *shape, const uint64_t *images, const uint64_t *any, uint64_t *output,
                        size_t begin, size_t end);

#pragma GCC visibility pop
