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

enum { pool_block = 32 };

// The maxima of up to 32 channels so far, and their positions. Both have 32 bits, so that one mask serves both.
typedef struct {
  float value[pool_block];
  int32_t place[pool_block];
} greatest_block;

SIGNFLIP_INLINE void take_greater(const float *restrict values, int32_t place, greatest_block *restrict greatest,
                                  size_t count) {
  for (size_t j = 0; j < count; j++) {
    // NaN counts as the maximum, so that training detects it.
    const int takes = values[j] > greatest->value[j] || values[j] != values[j];
    greatest->value[j] = takes ? values[j] : greatest->value[j];
    greatest->place[j] = takes ? place : greatest->place[j];
  }
}

SIGNFLIP_INLINE void pool_channels(const signflip_convolution *s, const float *image, size_t window, size_t count,
                                   float *output, uint8_t *choices) {
  greatest_block greatest;
  for (size_t j = 0; j < count; j++) greatest.value[j] = -INFINITY;
  memset(greatest.place, 0, sizeof greatest.place);
  for (size_t place = 0; place < s->kernel_height * s->kernel_width; place++) {
    const long pixel = pooled_pixel(s, window, place);
    if (pixel >= 0) take_greater(image + (size_t)pixel * s->channels, (int32_t)place, &greatest, count);
  }
  memcpy(output, greatest.value, count * sizeof(float));
  for (size_t j = 0; j < count; j++) choices[j] = (uint8_t)greatest.place[j];
}

SIGNFLIP_CLONES
void signflip_max_pool(const signflip_convolution *s, const float *images, float *output, uint8_t *choices,
                       size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, c = s->channels;
  for (size_t i = begin; i < end; i++) {
    const float *const image = images + i / pixels * s->height * s->width * c;
    for (size_t first = 0; first < c; first += pool_block) {
      const size_t place = i * c + first;
      if (c - first >= pool_block) {
        pool_channels(s, image + first, i % pixels, pool_block, output + place, choices + place);
      } else {
        pool_channels(s, image + first, i % pixels, c - first, output + place, choices + place);
      }
    }
  }
}

SIGNFLIP_INLINE void add_chosen(float *restrict target, const float *restrict gradient, const uint8_t *restrict choices,
                                uint8_t place, size_t count) {
  for (size_t j = 0; j < count; j++) target[j] += choices[j] == place ? gradient[j] : 0;
}

SIGNFLIP_CLONES
void signflip_max_pool_gradient(const signflip_convolution *s, const float *gradient, const uint8_t *choices,
                                float *images, size_t begin, size_t end) {
  const size_t pixels = s->output_height * s->output_width, c = s->channels, size = s->height * s->width * c;
  const size_t places = s->kernel_height * s->kernel_width;
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
