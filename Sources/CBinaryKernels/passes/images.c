#include <math.h>
#include <string.h>

#include "CBinaryKernels.h"
#include "../clones.h"

// The part of a window's row in the image: `count` pixels, from pixel `first` of the window and pixel `image` of the image.
typedef struct {
  size_t first, count;
  const float *image;
} span;

// Row `ky` of the window of output pixel (y, x).
SIGNFLIP_INLINE span inside_span(const signflip_convolution *s, const float *image, size_t y, size_t x, size_t ky) {
  const long iy = (long)(y * s->stride_height + ky) - (long)s->pad_top;
  const long left = (long)(x * s->stride_width) - (long)s->pad_left;
  const long begin = left < 0 ? -left : 0;
  const long room = (long)s->width - left;
  const long end = room < (long)s->kernel_width ? room : (long)s->kernel_width;
  if (iy < 0 || iy >= (long)s->height || end <= begin) return (span){0, 0, image};
  return (span){(size_t)begin, (size_t)(end - begin), image + ((size_t)iy * s->width + (size_t)(left + begin)) * s->channels};
}

void signflip_unfold(const signflip_convolution *s, const float *images, float *rows, size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, c = s->channels;
  const float outside = s->padding == signflip_pad_one ? 1 : 0;
  float *row = rows;
  for (size_t window = begin; window < end; window++) {
    const size_t y = window % pixels / s->output_width, x = window % s->output_width;
    const float *const image = images + window / pixels * s->height * s->width * c;
    for (size_t ky = 0; ky < s->kernel_height; ky++, row += s->kernel_width * c) {
      const span part = inside_span(s, image, y, x, ky);
      for (size_t i = 0; i < part.first * c; i++) row[i] = outside;
      if (part.count) memcpy(row + part.first * c, part.image, part.count * c * sizeof(float));
      for (size_t i = (part.first + part.count) * c; i < s->kernel_width * c; i++) row[i] = outside;
    }
  }
}

SIGNFLIP_INLINE void add(float *restrict target, const float *restrict source, size_t count) {
  for (size_t i = 0; i < count; i++) target[i] += source[i];
}

SIGNFLIP_CLONES
void signflip_fold(const signflip_convolution *s, const float *rows, float *images, size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, c = s->channels, size = s->height * s->width * c;
  const float *row = rows;
  for (size_t window = begin; window < end; window++) {
    float *const target = images + window / pixels * size;
    if (window % pixels == 0) memset(target, 0, size * sizeof(float));
    const size_t y = window % pixels / s->output_width, x = window % s->output_width;
    for (size_t ky = 0; ky < s->kernel_height; ky++, row += s->kernel_width * c) {
      const span part = inside_span(s, target, y, x, ky);
      add(target + (part.image - target), row + part.first * c, part.count * c);
    }
  }
}

// MARK: Pooling

// The index in the image of position (ky, kx) of a window; -1 if it is outside.
SIGNFLIP_INLINE long pooled_pixel(const signflip_convolution *s, size_t window, size_t place) {
  const long y = (long)(window / s->output_width * s->stride_height + place / s->kernel_width) - (long)s->pad_top;
  const long x = (long)(window % s->output_width * s->stride_width + place % s->kernel_width) - (long)s->pad_left;
  if (y < 0 || y >= (long)s->height || x < 0 || x >= (long)s->width) return -1;
  return y * (long)s->width + x;
}

// Sixteen channels. The last ones of a pixel overlap the ones before, which are computed twice.
enum { pool_channels = 16 };
typedef float pooled_floats __attribute__((vector_size(4 * pool_channels)));
typedef int32_t pooled_ints __attribute__((vector_size(4 * pool_channels)));
typedef uint8_t pooled_bytes __attribute__((vector_size(pool_channels)));

// `image` and `output` are those of the first channel.
SIGNFLIP_INLINE void pool_some(const signflip_convolution *s, const float *image, size_t y, size_t x, size_t count,
                               float *output, uint8_t *choices) {
  pooled_floats greatest = (pooled_floats){0} - INFINITY;
  pooled_ints chosen = {0};
  for (size_t ky = 0; ky < s->kernel_height; ky++) {
    // Positions before the first row wrap around to huge numbers, so the comparison also finds them to be outside.
    const size_t iy = y * s->stride_height + ky - s->pad_top;
    for (size_t kx = 0; iy < s->height && kx < s->kernel_width; kx++) {
      const size_t ix = x * s->stride_width + kx - s->pad_left;
      if (ix >= s->width) continue;
      pooled_floats values = {0};
      memcpy(&values, image + (iy * s->width + ix) * s->channels, count * sizeof(float));
      // NaN counts as the maximum, so that training detects it.
      const pooled_ints takes = (values > greatest) | (values != values);
      greatest = (pooled_floats)(((pooled_ints)values & takes) | ((pooled_ints)greatest & ~takes));
      chosen = (((int32_t)(ky * s->kernel_width + kx)) & takes) | (chosen & ~takes);
    }
  }
  const pooled_bytes bytes = __builtin_convertvector(chosen, pooled_bytes);
  memcpy(output, &greatest, count * sizeof(float));
  memcpy(choices, &bytes, count);
}

SIGNFLIP_CLONES
void signflip_max_pool(const signflip_convolution *s, const float *images, float *output, uint8_t *choices,
                       size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, c = s->channels;
  for (size_t i = begin; i < end; i++) {
    const float *const image = images + i / pixels * s->height * s->width * c;
    const size_t y = i % pixels / s->output_width, x = i % s->output_width;
    if (c < pool_channels) pool_some(s, image, y, x, c, output + i * c, choices + i * c);
    for (size_t next = pool_channels; next < c + pool_channels && c >= pool_channels; next += pool_channels) {
      const size_t first = (next < c ? next : c) - pool_channels, place = i * c + first;
      pool_some(s, image + first, y, x, pool_channels, output + place, choices + place);
    }
  }
}

SIGNFLIP_INLINE void add_chosen(float *restrict target, const float *restrict gradient, const uint8_t *restrict choices,
                                uint8_t place, size_t count) {
  for (size_t j = 0; j < count; j++) target[j] += choices[j] == place ? gradient[j] : 0;
}

// Whether each pixel is in exactly one window.
static int covers_once(const signflip_convolution *s) {
  return s->pad_top == 0 && s->pad_left == 0 && s->stride_height == s->kernel_height &&
         s->stride_width == s->kernel_width && s->output_height * s->stride_height == s->height &&
         s->output_width * s->stride_width == s->width;
}

// Writes the gradient of some channels of a window to all of its pixels, the first of which is `image`.
SIGNFLIP_INLINE void write_chosen(const signflip_convolution *s, const float *gradient, const uint8_t *choices,
                                  size_t count, float *image) {
  pooled_floats values = {0};
  pooled_bytes bytes = {0};
  memcpy(&values, gradient, count * sizeof(float));
  memcpy(&bytes, choices, count);
  const pooled_ints chosen = __builtin_convertvector(bytes, pooled_ints);
  int32_t place = 0;
  for (size_t ky = 0; ky < s->kernel_height; ky++) {
    for (size_t kx = 0; kx < s->kernel_width; kx++, place++) {
      // The sum with 0 is never -0.
      const pooled_floats written = (pooled_floats)((pooled_ints)values & (chosen == place)) + 0.0f;
      memcpy(image + (ky * s->width + kx) * s->channels, &written, count * sizeof(float));
    }
  }
}

SIGNFLIP_CLONES
void signflip_max_pool_gradient(const signflip_convolution *s, const float *gradient, const uint8_t *choices,
                                float *images, size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, c = s->channels, size = s->height * s->width * c;
  const size_t places = s->kernel_height * s->kernel_width;
  if (covers_once(s)) {
    for (size_t i = begin * pixels; i < end * pixels; i++) {
      const size_t y = i % pixels / s->output_width, x = i % s->output_width;
      float *const image = images + i / pixels * size + (y * s->stride_height * s->width + x * s->stride_width) * c;
      if (c < pool_channels) write_chosen(s, gradient + i * c, choices + i * c, c, image);
      for (size_t next = pool_channels; next < c + pool_channels && c >= pool_channels; next += pool_channels) {
        const size_t first = (next < c ? next : c) - pool_channels, place = i * c + first;
        write_chosen(s, gradient + place, choices + place, pool_channels, image + first);
      }
    }
    return;
  }
  for (size_t image = begin; image < end; image++) {
    memset(images + image * size, 0, size * sizeof(float));
    for (size_t window = 0; window < pixels; window++) {
      const size_t row = (image * pixels + window) * c;
      for (size_t place = 0; place < places; place++) {
        const long pixel = pooled_pixel(s, window, place);
        if (pixel < 0) continue;
        add_chosen(images + image * size + (size_t)pixel * c, gradient + row, choices + row, (uint8_t)place, c);
      }
    }
  }
}

// 1 divided by the number of positions of a window that are in the image.
SIGNFLIP_INLINE float share(const signflip_convolution *s, size_t window, size_t places) {
  size_t count = 0;
  for (size_t place = 0; place < places; place++) count += pooled_pixel(s, window, place) >= 0;
  return count ? 1 / (float)count : 0;
}

SIGNFLIP_INLINE void add_scaled(float *restrict target, const float *restrict source, float factor, size_t count) {
  for (size_t j = 0; j < count; j++) target[j] += factor * source[j];
}

SIGNFLIP_CLONES
void signflip_average_pool(const signflip_convolution *s, const float *images, float *output, size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, c = s->channels;
  const size_t places = s->kernel_height * s->kernel_width;
  for (size_t i = begin; i < end; i++) {
    const float *const image = images + i / pixels * s->height * s->width * c;
    const float factor = share(s, i % pixels, places);
    memset(output + i * c, 0, c * sizeof(float));
    for (size_t place = 0; place < places; place++) {
      const long pixel = pooled_pixel(s, i % pixels, place);
      if (pixel >= 0) add_scaled(output + i * c, image + (size_t)pixel * c, factor, c);
    }
  }
}

SIGNFLIP_CLONES
void signflip_average_pool_gradient(const signflip_convolution *s, const float *gradient, float *images, size_t begin,
                                    size_t end) {
  const size_t pixels = s->output_height * s->output_width, c = s->channels, size = s->height * s->width * c;
  const size_t places = s->kernel_height * s->kernel_width;
  for (size_t image = begin; image < end; image++) {
    memset(images + image * size, 0, size * sizeof(float));
    for (size_t window = 0; window < pixels; window++) {
      const float factor = share(s, window, places);
      for (size_t place = 0; place < places; place++) {
        const long pixel = pooled_pixel(s, window, place);
        if (pixel < 0) continue;
        add_scaled(images + image * size + (size_t)pixel * c, gradient + (image * pixels + window) * c, factor, c);
      }
    }
  }
}
