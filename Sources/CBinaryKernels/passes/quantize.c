#include <string.h>

#include "CBinaryKernels.h"
#include "flips.h"
#include "pack_bytes.h"

enum { block = 64 };

// Rounds to the nearest integer, ties to even, for |x| < 2^22, without a rounding instruction.
SIGNFLIP_INLINE float nearest(float x) {
  const float shift = 12582912.0f;
  return (x + shift) - shift;
}

// The hyperbolic tangent with an error of at most 1e-7, without branches: a polynomial around 0 (from Moshier's Cephes), else
// 1 - 2/(exp(2x) + 1).
SIGNFLIP_INLINE float tanh_of(float x) {
  const float size = __builtin_fabsf(x);
  const float square = x * x;
  const float inner =
      x + x * square *
              ((((-5.70498872745e-3f * square + 2.06390887954e-2f) * square - 5.37397155531e-2f) * square +
                1.33314422036e-1f) * square - 3.33332819422e-1f);
  const float bounded = size < 10 ? size : 10;
  const float power = nearest(2 * bounded * 1.44269504f);
  const float rest = (2 * bounded - power * 0.693359375f) + power * 2.12194440e-4f;
  const float exponential =
      1 + rest * (1 + rest * (1.0f / 2 + rest * (1.0f / 6 + rest * (1.0f / 24 + rest * (1.0f / 120 + rest / 720)))));
  const uint32_t bits = (uint32_t)((int32_t)power + 127) << 23;
  float scale;
  memcpy(&scale, &bits, sizeof scale);
  const float outer = 1 - 2 / (exponential * scale + 1);
  return size < 0.625f ? inner : x < 0 ? -outer : outer;
}

float signflip_tanh(float w) { return tanh_of(w); }

SIGNFLIP_INLINE float greatest_size(const float *w, size_t columns) {
  float greatest = 0;
  for (size_t j = 0; j < columns; j++) {
    const float size = __builtin_fabsf(w[j]);
    greatest = size > greatest ? size : greatest;
  }
  return greatest;
}

SIGNFLIP_CLONES
void signflip_greatest_magnitudes(const float *weights, size_t columns, double *sizes, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) sizes[row] = greatest_size(weights + row * columns, columns);
}

SIGNFLIP_CLONES
void signflip_magnitude_sums(const float *weights, size_t columns, double *sums, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    const float *const w = weights + row * columns;
    double sum = 0;
    for (size_t first = 0; first < columns; first += block) {
      const size_t count = columns - first < block ? columns - first : block;
      float part = 0;
      for (size_t j = 0; j < count; j++) part += __builtin_fabsf(w[first + j]);
      sum += part;
    }
    sums[row] = sum;
  }
}

// The levels of up to 64 weights.
SIGNFLIP_INLINE void levels_of(const float *restrict w, float *restrict levels, size_t count,
                               signflip_quantizer quantizer) {
  if (quantizer.kind == signflip_quantizer_ternary) {
    const float threshold = quantizer.threshold;
    for (size_t j = 0; j < count; j++) levels[j] = w[j] > threshold ? 1 : w[j] < -threshold ? -1 : 0;
  } else if (quantizer.kind == signflip_quantizer_signs) {
    for (size_t j = 0; j < count; j++) levels[j] = w[j] < 0 ? -1 : 1;
  } else if (quantizer.kind == signflip_quantizer_integers) {
    const float factor = quantizer.greatest > 0 ? quantizer.steps / quantizer.greatest : 0;
    for (size_t j = 0; j < count; j++) levels[j] = nearest(w[j] * factor);
  } else {
    const float steps = quantizer.steps;
    const float limit = tanh_of(quantizer.greatest), half = steps / 2, factor = limit > 0 ? half / limit : 0;
    for (size_t j = 0; j < count; j++) levels[j] = 2 * nearest(tanh_of(w[j]) * factor + half) - steps;
  }
}

// The mean magnitude of those weights of a row that are beyond the threshold; 0 if there are none.
SIGNFLIP_INLINE float mean_beyond(const float *w, size_t columns, float threshold) {
  double sum = 0;
  size_t beyond = 0;
  for (size_t j = 0; j < columns; j++) {
    const float size = __builtin_fabsf(w[j]);
    sum += size > threshold ? size : 0;
    beyond += size > threshold;
  }
  return beyond ? (float)(sum / (double)beyond) : 0;
}

SIGNFLIP_CLONES
uint64_t signflip_quantize(const signflip_quantizer *numbers, const signflip_quantized *buffers, size_t columns,
                           size_t begin, size_t end, int64_t flip_histogram[signflip_flip_bins]) {
  signflip_quantizer quantizer = *numbers;
  uint64_t flips = 0;
  for (size_t row = begin; row < end; row++) {
    const float *const w = buffers->weights + row * columns;
    if (quantizer.kind == signflip_quantizer_integers) {
      const float greatest = greatest_size(w, columns);
      // The inverse of smaller numbers is infinite.
      quantizer.greatest = greatest < 1e-30f ? 0 : greatest;
      quantizer.scale = quantizer.greatest / quantizer.steps;
    }
    for (size_t first = 0; first < columns; first += block) {
      const size_t count = columns - first < block ? columns - first : block;
      float *const levels = buffers->levels + row * columns + first;
      float renewed[block];
      levels_of(w + first, renewed, count, quantizer);
      if (buffers->flip_counts) {
        uint8_t changed[block] = {0};
        for (size_t j = 0; j < count; j++) changed[j] = levels[j] != renewed[j];
        const uint64_t mask = signflip_pack_bytes(changed);
        flips += (uint64_t)__builtin_popcountll(mask);
        signflip_count_flips(mask, buffers->flip_counts + row * columns + first, flip_histogram);
      }
      memcpy(levels, renewed, count * sizeof(float));
    }
    buffers->scales[row] = quantizer.scales_rows ? mean_beyond(w, columns, quantizer.threshold) : quantizer.scale;
  }
  return flips;
}

SIGNFLIP_CLONES
void signflip_tanh_gradient_sums(const float *weights, float greatest, const float *gradient, double *sums,
                                 double *places, size_t columns, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    const float *const w = weights + row * columns, *const g = gradient + row * columns;
    double sum = 0;
    size_t greatest_ones = 0;
    for (size_t first = 0; first < columns; first += block) {
      const size_t count = columns - first < block ? columns - first : block;
      float part = 0;
      for (size_t j = 0; j < count; j++) {
        part += g[first + j] * tanh_of(w[first + j]);
        greatest_ones += __builtin_fabsf(w[first + j]) == greatest;
      }
      sum += part;
    }
    sums[row] = sum;
    places[row] = (double)greatest_ones;
  }
}

SIGNFLIP_CLONES
void signflip_tanh_gradient(const float *weights, float greatest, float share, float *gradient, size_t columns,
                            size_t begin, size_t end) {
  const float limit = tanh_of(greatest);
  const float inverse = limit > 0 ? 1 / limit : 0;
  for (size_t place = begin * columns; place < end * columns; place++) {
    const float w = weights[place];
    const float t = tanh_of(w);
    const float own = __builtin_fabsf(w) == greatest ? (w < 0 ? -share : share) : 0;
    gradient[place] = (gradient[place] * inverse - own) * (1 - t * t);
  }
}

SIGNFLIP_CLONES
void signflip_quantize_unit(const float *input, float steps, float *output, size_t begin, size_t end) {
  const float step = 1 / steps;
  for (size_t i = begin; i < end; i++) {
    const float x = input[i];
    // NaN stays NaN, so that training detects it.
    const float clipped = x < 0 ? 0 : x > 1 ? 1 : x;
    output[i] = nearest(clipped * steps) * step;
  }
}

SIGNFLIP_CLONES
void signflip_unit_gradient(const float *input, float *gradient, size_t begin, size_t end) {
  for (size_t i = begin; i < end; i++) gradient[i] = input[i] >= 0 && input[i] <= 1 ? gradient[i] : 0;
}
