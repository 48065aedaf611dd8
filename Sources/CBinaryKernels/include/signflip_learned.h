// Passes of activations that learn, and of shortcuts around layers. As in CBinaryKernels.h, every function works on a range
// that belongs to it alone.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// Writes bits of the signs of x - threshold[column], and where |x - threshold| <= window, of whole rows [begin, end).
void signflip_shifted_signs(const float *input, const float *threshold, float window, uint64_t *signs, uint64_t *passes,
                            size_t columns, size_t begin, size_t end);

/// Writes x - threshold[column] of rows [begin, end).
void signflip_subtract_threshold(const float *input, const float *threshold, float *output, size_t columns, size_t begin,
                           size_t end);

/// Writes minus the sum of each column of [begin, end) over the rows [first_row, last_row).
void signflip_negative_sums(const float *input, float *sums, size_t columns, size_t begin, size_t end,
                            size_t first_row, size_t last_row);

/// A rectifier with learned numbers for each column: y = d + shift where d > 0, else slope·d + shift; d = x - threshold.
typedef struct {
  const float *threshold, *slope, *shift;
  size_t columns;
} signflip_rprelu;

/// Computes y of rows [begin, end).
void signflip_rprelu_forward(const signflip_rprelu *r, const float *input, float *output, size_t begin, size_t end);

/// Replaces dy by dx in the columns [begin, end) of the rows [first_row, last_row), and writes the sums over these rows of
/// the gradients of threshold, slope and shift: of -dx, of dy·d where d <= 0, and of dy.
void signflip_rprelu_gradient(const signflip_rprelu *r, const float *input, float *gradient, float *threshold_sums,
                              float *slope_sums, float *shift_sums, size_t begin, size_t end, size_t first_row,
                              size_t last_row);

/// Adds [begin, end) of `source` to `target`.
void signflip_add(const float *source, float *target, size_t begin, size_t end);

/// Every `stride`-th row and column of images [height, width, channels], and zeros in the channels beyond.
typedef struct {
  size_t height, width, channels, stride, output_height, output_width, output_channels;
} signflip_subsampling;

/// Adds them to the pixels [begin, end) of `sums`, counted image by image.
void signflip_add_subsampled(const signflip_subsampling *s, const float *images, float *sums, size_t begin, size_t end);

/// Adds the pixels [begin, end) of the sums' gradient to those of the images that they were taken from.
void signflip_add_to_subsampled(const signflip_subsampling *s, const float *gradient, float *images, size_t begin,
                                size_t end);
