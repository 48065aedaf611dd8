// Passes of activations with learned parameters, and of shortcuts. As in CBinaryKernels.h, each function works on a range of
// elements, so that threads can share a layer.
#pragma once

#include <stddef.h>
#include <stdint.h>

// No library exports these functions: see clones.h.
#pragma GCC visibility push(hidden)

/// Writes the signs of x - threshold[column] of whole rows [begin, end), and where |x - threshold| <= window, as bits.
void signflip_shifted_signs(const float *input, const float *threshold, float window, uint64_t *signs, uint64_t *passes,
                            size_t columns, size_t begin, size_t end);

/// Writes x - threshold[column] for the rows [begin, end).
void signflip_subtract_threshold(const float *input, const float *threshold, float *output, size_t columns, size_t begin,
                           size_t end);

/// Writes the negative sum over the rows [first_row, last_row) of each column of [begin, end).
void signflip_negative_sums(const float *input, float *sums, size_t columns, size_t begin, size_t end,
                            size_t first_row, size_t last_row);

/// A rectifier with learned parameters per column: y = d + shift where d > 0, else slope·d + shift, with d = x - threshold.
typedef struct {
  const float *threshold, *slope, *shift;
  size_t columns;
} signflip_rprelu;

/// Computes y for the rows [begin, end).
void signflip_rprelu_forward(const signflip_rprelu *r, const float *input, float *output, size_t begin, size_t end);

/// Replaces dy by dx in the columns [begin, end) of the rows [first_row, last_row). Writes the gradients of threshold, slope
/// and shift, which are the sums over these rows of -dx, of dy·d where d <= 0, and of dy.
void signflip_rprelu_gradient(const signflip_rprelu *r, const float *input, float *gradient, float *threshold_sums,
                              float *slope_sums, float *shift_sums, size_t begin, size_t end, size_t first_row,
                              size_t last_row);

/// Adds [begin, end) of `source` to `target`.
void signflip_add(const float *source, float *target, size_t begin, size_t end);

/// Every `stride`-th row and column of images [height, width, channels], with zeros in additional channels.
typedef struct {
  size_t height, width, channels, stride, output_height, output_width, output_channels;
} signflip_subsampling;

/// Adds these pixels to the pixels [begin, end) of `sums`, a batch of images.
void signflip_add_subsampled(const signflip_subsampling *s, const float *images, float *sums, size_t begin, size_t end);

/// Adds the pixels [begin, end) of the sums' gradient to the pixels of the images that they were read from.
void signflip_add_to_subsampled(const signflip_subsampling *s, const float *gradient, float *images, size_t begin,
                                size_t end);

#pragma GCC visibility pop
