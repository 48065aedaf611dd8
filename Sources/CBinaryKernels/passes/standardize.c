#include <math.h>
#include <string.h>

#include "CBinaryKernels.h"
#include "flips.h"
#include "pack_bytes.h"

enum { block = 64, part = 1024, lanes = 16 };

// Sums are kept in 16 lanes, so that a vector can hold them.
SIGNFLIP_INLINE float sum_of(const float *parts) {
  float sum = 0;
  for (size_t k = 0; k < lanes; k++) sum += parts[k];
  return sum;
}

// Adds the sums of at most `part` elements of a row, computed in lanes.
SIGNFLIP_INLINE void add_moments(const float *w, size_t count, float mean, double *sum, double *squares,
                                 double *magnitudes) {
  float sums[lanes] = {0}, products[lanes] = {0}, sizes[lanes] = {0};
  for (size_t j = 0; j < count; j += lanes) {
    const size_t rest = count - j < lanes ? count - j : lanes;
    for (size_t k = 0; k < rest; k++) {
      const float centred = w[j + k] - mean;
      sums[k] += centred;
      products[k] += centred * centred;
      sizes[k] += __builtin_fabsf(centred);
    }
  }
  *sum += sum_of(sums);
  *squares += sum_of(products);
  *magnitudes += sum_of(sizes);
}

SIGNFLIP_CLONES
void signflip_row_moments(const float *weights, float divisor, size_t columns, float *means, float *deviations,
                          double *magnitudes, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    const float *const w = weights + row * columns;
    double sum = 0, squares = 0, magnitude = 0;
    for (size_t first = 0; first < columns; first += part) {
      const size_t count = columns - first < part ? columns - first : part;
      add_moments(w + first, count, 0, &sum, &squares, &magnitude);
    }
    const float mean = (float)(sum / (double)columns);
    sum = squares = magnitude = 0;
    for (size_t first = 0; first < columns; first += part) {
      const size_t count = columns - first < part ? columns - first : part;
      add_moments(w + first, count, mean, &sum, &squares, &magnitude);
    }
    const double variance = squares / (double)(columns > 1 ? columns - 1 : 1);
    means[row] = mean;
    deviations[row] = (float)(sqrt(variance + 1e-5) / divisor);
    magnitudes[row] = magnitude / deviations[row];
  }
}

SIGNFLIP_CLONES
uint64_t signflip_centred_signs(const float *weights, const float *means, float *levels, uint16_t *flip_counts,
                                size_t columns, size_t begin, size_t end,
                                int64_t flip_histogram[signflip_flip_bins]) {
  uint64_t flips = 0;
  for (size_t row = begin; row < end; row++) {
    const float mean = means[row];
    for (size_t first = 0; first < columns; first += block) {
      const size_t count = columns - first < block ? columns - first : block;
      const float *const w = weights + row * columns + first;
      float *const q = levels + row * columns + first;
      float renewed[block];
      for (size_t j = 0; j < count; j++) renewed[j] = w[j] < mean ? -1 : 1;
      if (flip_counts) {
        uint8_t changed[block] = {0};
        for (size_t j = 0; j < count; j++) changed[j] = q[j] != renewed[j];
        const uint64_t mask = signflip_pack_bytes(changed);
        flips += (uint64_t)__builtin_popcountll(mask);
        signflip_count_flips(mask, flip_counts + row * columns + first, flip_histogram);
      }
      memcpy(q, renewed, count * sizeof(float));
    }
  }
  return flips;
}

// Replaces g by h = scale·g·1[|w - mean| <= limit], and adds Σ g·sign, Σ h·(w - mean) and Σ h.
SIGNFLIP_INLINE void add_gradients(const float *w, float *g, size_t count, float mean, float limit, float scale,
                                   double *of_scale, double *along, double *sum) {
  float signs[lanes] = {0}, products[lanes] = {0}, sums[lanes] = {0};
  for (size_t j = 0; j < count; j += lanes) {
    const size_t rest = count - j < lanes ? count - j : lanes;
    for (size_t k = 0; k < rest; k++) {
      const float centred = w[j + k] - mean, own = g[j + k];
      const float passed = __builtin_fabsf(centred) <= limit ? own * scale : 0;
      signs[k] += centred < 0 ? -own : own;
      products[k] += passed * centred;
      sums[k] += passed;
      g[j + k] = passed;
    }
  }
  *of_scale += sum_of(signs);
  *along += sum_of(products);
  *sum += sum_of(sums);
}

SIGNFLIP_CLONES
void signflip_standardized_gradient(const float *weights, const float *means, const float *deviations, float divisor,
                                    float bound, const float *scales, float *scales_gradient, float *gradient,
                                    size_t columns, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    const float *const w = weights + row * columns;
    float *const g = gradient + row * columns;
    const float mean = means[row], deviation = deviations[row], scale = scales[row];
    const float limit = bound * deviation;
    double of_scale = 0, along = 0, sum = 0;
    for (size_t first = 0; first < columns; first += part) {
      const size_t count = columns - first < part ? columns - first : part;
      add_gradients(w + first, g + first, count, mean, limit, scale, &of_scale, &along, &sum);
    }
    scales_gradient[row] = (float)of_scale;
    // The deviation is √(Σ centred²/(n - 1) + ε)/divisor.
    const double inverse = 1 / (double)deviation;
    const double others = (double)(columns > 1 ? columns - 1 : 1) * divisor * divisor;
    const float factor = (float)inverse, pull = (float)(along * inverse * inverse * inverse / others);
    const float shift = (float)(sum / (double)columns * inverse);
    for (size_t j = 0; j < columns; j++) g[j] = g[j] * factor - (w[j] - mean) * pull - shift;
  }
}
