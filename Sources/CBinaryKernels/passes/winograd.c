#include <string.h>

#include "../clones.h"
#include "CBinaryKernels.h"

// Winograd's F(2x2, 3x3): y = Aᵀ[(G g Gᵀ) · (Bᵀ d B)]A with
//   Bᵀ = 1 0 -1 0    G = 1    0   0    Aᵀ = 1 1  1  0
//        0 1  1 0        1/2  1/2 1/2       0 1 -1 -1
//        0 -1 1 0        1/2 -1/2 1/2
//        0 1  0 -1       0    0   1
// The transformations are linear, so the backward pass uses their transposes.

enum { lanes = 16, tile_side = 4, places = 16 };

typedef float block[lanes];

// A group of channels of a tile, in whole vectors.
typedef block tile[places];

SIGNFLIP_INLINE void load(const float *source, size_t count, block *target) { memcpy(target, source, count * sizeof(float)); }
SIGNFLIP_INLINE void store(const block *source, size_t count, float *target) { memcpy(target, source, count * sizeof(float)); }
SIGNFLIP_INLINE void set(block *target, float value) {
  for (size_t j = 0; j < lanes; j++) (*target)[j] = value;
}
SIGNFLIP_INLINE void sum(const block *a, const block *b, block *target) {
  for (size_t j = 0; j < lanes; j++) (*target)[j] = (*a)[j] + (*b)[j];
}
SIGNFLIP_INLINE void difference(const block *a, const block *b, block *target) {
  for (size_t j = 0; j < lanes; j++) (*target)[j] = (*a)[j] - (*b)[j];
}

// MARK: One dimension, on elements `step` apart

SIGNFLIP_INLINE void input_line(const block *in, size_t step, block *out) {
  difference(in, in + 2 * step, out);
  sum(in + step, in + 2 * step, out + step);
  difference(in + 2 * step, in + step, out + 2 * step);
  difference(in + step, in + 3 * step, out + 3 * step);
}

SIGNFLIP_INLINE void input_line_transposed(const block *in, size_t step, block *out) {
  block a, b;
  memcpy(out, in, sizeof(block));
  difference(in + step, in + 2 * step, &a);
  sum(&a, in + 3 * step, out + step);
  sum(in + step, in + 2 * step, &b);
  difference(&b, in, out + 2 * step);
  for (size_t j = 0; j < lanes; j++) out[3 * step][j] = -in[3 * step][j];
}

SIGNFLIP_INLINE void output_line(const block *in, size_t step, block *out, size_t out_step) {
  block a, b;
  sum(in + step, in + 2 * step, &a);
  sum(in, &a, out);
  difference(in + step, in + 2 * step, &b);
  difference(&b, in + 3 * step, out + out_step);
}

SIGNFLIP_INLINE void output_line_transposed(const block *in, size_t in_step, block *out, size_t step) {
  memcpy(out, in, sizeof(block));
  sum(in, in + in_step, out + step);
  difference(in, in + in_step, out + 2 * step);
  for (size_t j = 0; j < lanes; j++) out[3 * step][j] = -in[in_step][j];
}

SIGNFLIP_INLINE void filter_line(const block *in, size_t in_step, block *out, size_t step) {
  memcpy(out, in, sizeof(block));
  for (size_t j = 0; j < lanes; j++) {
    const float ends = (in[0][j] + in[2 * in_step][j]) / 2, middle = in[in_step][j] / 2;
    out[step][j] = ends + middle;
    out[2 * step][j] = ends - middle;
  }
  memcpy(out + 3 * step, in + 2 * in_step, sizeof(block));
}

SIGNFLIP_INLINE void filter_line_transposed(const block *in, size_t step, block *out, size_t out_step) {
  for (size_t j = 0; j < lanes; j++) {
    const float half_sum = (in[step][j] + in[2 * step][j]) / 2;
    out[0][j] = in[0][j] + half_sum;
    out[out_step][j] = (in[step][j] - in[2 * step][j]) / 2;
    out[2 * out_step][j] = half_sum + in[3 * step][j];
  }
}

// MARK: Tiles of images

static inline size_t tile_rows(const signflip_convolution *s) { return (s->output_height + 1) / 2; }
static inline size_t tile_columns(const signflip_convolution *s) { return (s->output_width + 1) / 2; }

SIGNFLIP_INLINE void store_planes(const tile t, size_t count, float *planes, size_t plane) {
  for (size_t p = 0; p < places; p++) store(&t[p], count, planes + p * plane);
}

SIGNFLIP_INLINE void load_planes(const float *planes, size_t plane, size_t count, tile t) {
  for (size_t p = 0; p < places; p++) load(planes + p * plane, count, &t[p]);
}

// `image` is the tile's image, from channel `first` on. (top, left) may be outside of it.
SIGNFLIP_INLINE void input_tile(const signflip_convolution *s, const float *image, long top, long left, float outside,
                                size_t count, float *planes, size_t plane) {
  tile d, rows, result;
  memset(d, 0, sizeof d);
  for (size_t p = 0; p < places; p++) {
    const long y = top + (long)(p / tile_side), x = left + (long)(p % tile_side);
    if (y < 0 || x < 0 || y >= (long)s->height || x >= (long)s->width) {
      set(&d[p], outside);
    } else {
      load(image + ((size_t)y * s->width + (size_t)x) * s->channels, count, &d[p]);
    }
  }
  for (size_t i = 0; i < tile_side; i++) input_line(d + i, tile_side, rows + i);
  for (size_t i = 0; i < tile_side; i++) input_line(rows + tile_side * i, 1, result + tile_side * i);
  store_planes(result, count, planes, plane);
}

SIGNFLIP_CLONES
void signflip_winograd_input(const signflip_convolution *s, const float *images, float *planes, size_t plane,
                             size_t begin, size_t end) {
  const size_t columns = tile_columns(s), tiles = tile_rows(s) * columns, c = s->channels;
  const float outside = s->padding == signflip_pad_one ? 1 : 0;
  for (size_t t = begin; t < end; t++) {
    const float *const image = images + t / tiles * s->height * s->width * c;
    const long top = (long)(2 * (t % tiles / columns)) - (long)s->pad_top;
    const long left = (long)(2 * (t % columns)) - (long)s->pad_left;
    for (size_t first = 0; first < c; first += lanes) {
      float *const target = planes + t * c + first;
      if (c - first >= lanes) {
        input_tile(s, image + first, top, left, outside, lanes, target, plane);
      } else {
        input_tile(s, image + first, top, left, outside, c - first, target, plane);
      }
    }
  }
}

SIGNFLIP_INLINE void input_gradient_tile(const signflip_convolution *s, const float *planes, size_t plane, long top,
                                         long left, size_t count, float *image) {
  tile gradient, rows, result;
  memset(gradient, 0, sizeof gradient);
  load_planes(planes, plane, count, gradient);
  for (size_t i = 0; i < tile_side; i++) input_line_transposed(gradient + i, tile_side, rows + i);
  for (size_t i = 0; i < tile_side; i++) input_line_transposed(rows + tile_side * i, 1, result + tile_side * i);
  for (size_t p = 0; p < places; p++) {
    const long y = top + (long)(p / tile_side), x = left + (long)(p % tile_side);
    if (y < 0 || x < 0 || y >= (long)s->height || x >= (long)s->width) continue;
    float *const target = image + ((size_t)y * s->width + (size_t)x) * s->channels;
    block before;
    load(target, count, &before);
    sum(&before, &result[p], &before);
    store(&before, count, target);
  }
}

SIGNFLIP_CLONES
void signflip_winograd_input_gradient(const signflip_convolution *s, const float *planes, size_t plane, float *images,
                                      size_t begin, size_t end) {
  const size_t columns = tile_columns(s), tiles = tile_rows(s) * columns, c = s->channels;
  for (size_t n = begin; n < end; n++) {
    float *const image = images + n * s->height * s->width * c;
    memset(image, 0, s->height * s->width * c * sizeof(float));
    for (size_t t = 0; t < tiles; t++) {
      const long top = (long)(2 * (t / columns)) - (long)s->pad_top;
      const long left = (long)(2 * (t % columns)) - (long)s->pad_left;
      for (size_t first = 0; first < c; first += lanes) {
        const float *const source = planes + (n * tiles + t) * c + first;
        if (c - first >= lanes) {
          input_gradient_tile(s, source, plane, top, left, lanes, image + first);
        } else {
          input_gradient_tile(s, source, plane, top, left, c - first, image + first);
        }
      }
    }
  }
}

// The index in the image of output (p / 2, p % 2) of a tile; -1 if it is outside.
SIGNFLIP_INLINE long output_pixel(const signflip_convolution *s, size_t top, size_t left, size_t p) {
  const size_t y = top + p / 2, x = left + p % 2;
  return y < s->output_height && x < s->output_width ? (long)(y * s->output_width + x) : -1;
}

SIGNFLIP_INLINE void output_tile(const signflip_convolution *s, const float *planes, size_t plane, size_t top,
                                 size_t left, size_t filters, size_t count, float *output) {
  tile products;
  block rows[8], result[4];
  memset(products, 0, sizeof products);
  load_planes(planes, plane, count, products);
  for (size_t i = 0; i < tile_side; i++) output_line(products + i, tile_side, rows + i, tile_side);
  for (size_t i = 0; i < 2; i++) output_line(rows + tile_side * i, 1, result + 2 * i, 1);
  for (size_t p = 0; p < 4; p++) {
    const long pixel = output_pixel(s, top, left, p);
    if (pixel >= 0) store(&result[p], count, output + (size_t)pixel * filters);
  }
}

SIGNFLIP_CLONES
void signflip_winograd_output(const signflip_convolution *s, const float *planes, size_t plane, size_t filters,
                              float *output, size_t begin, size_t end) {
  const size_t columns = tile_columns(s), tiles = tile_rows(s) * columns;
  for (size_t t = begin; t < end; t++) {
    float *const image = output + t / tiles * s->output_height * s->output_width * filters;
    const size_t top = 2 * (t % tiles / columns), left = 2 * (t % columns);
    for (size_t first = 0; first < filters; first += lanes) {
      const float *const source = planes + t * filters + first;
      if (filters - first >= lanes) {
        output_tile(s, source, plane, top, left, filters, lanes, image + first);
      } else {
        output_tile(s, source, plane, top, left, filters, filters - first, image + first);
      }
    }
  }
}

SIGNFLIP_INLINE void output_gradient_tile(const signflip_convolution *s, const float *gradient, size_t top, size_t left,
                                          size_t filters, size_t count, float *planes, size_t plane) {
  block g[4], rows[8];
  tile result;
  memset(g, 0, sizeof g);
  for (size_t p = 0; p < 4; p++) {
    const long pixel = output_pixel(s, top, left, p);
    if (pixel >= 0) load(gradient + (size_t)pixel * filters, count, &g[p]);
  }
  for (size_t i = 0; i < 2; i++) output_line_transposed(g + 2 * i, 1, rows + tile_side * i, 1);
  for (size_t i = 0; i < tile_side; i++) output_line_transposed(rows + i, tile_side, result + i, tile_side);
  store_planes(result, count, planes, plane);
}

SIGNFLIP_CLONES
void signflip_winograd_output_gradient(const signflip_convolution *s, const float *gradient, size_t filters,
                                       float *planes, size_t plane, size_t begin, size_t end) {
  const size_t columns = tile_columns(s), tiles = tile_rows(s) * columns;
  for (size_t t = begin; t < end; t++) {
    const float *const image = gradient + t / tiles * s->output_height * s->output_width * filters;
    const size_t top = 2 * (t % tiles / columns), left = 2 * (t % columns);
    for (size_t first = 0; first < filters; first += lanes) {
      float *const target = planes + t * filters + first;
      if (filters - first >= lanes) {
        output_gradient_tile(s, image + first, top, left, filters, lanes, target, plane);
      } else {
        output_gradient_tile(s, image + first, top, left, filters, filters - first, target, plane);
      }
    }
  }
}

// MARK: Filters

SIGNFLIP_INLINE void filter_tile(const float *weights, size_t channels, size_t count, float *planes, size_t plane) {
  block g[9], rows[12];
  tile result;
  memset(g, 0, sizeof g);
  for (size_t p = 0; p < 9; p++) load(weights + p * channels, count, &g[p]);
  for (size_t i = 0; i < 3; i++) filter_line(g + i, 3, rows + i, 3);
  for (size_t i = 0; i < tile_side; i++) filter_line(rows + 3 * i, 1, result + tile_side * i, 1);
  store_planes(result, count, planes, plane);
}

SIGNFLIP_CLONES
void signflip_winograd_filters(const float *weights, size_t channels, float *planes, size_t plane, size_t begin,
                               size_t end) {
  for (size_t f = begin; f < end; f++) {
    for (size_t first = 0; first < channels; first += lanes) {
      const float *const source = weights + f * 9 * channels + first;
      float *const target = planes + f * channels + first;
      if (channels - first >= lanes) {
        filter_tile(source, channels, lanes, target, plane);
      } else {
        filter_tile(source, channels, channels - first, target, plane);
      }
    }
  }
}

SIGNFLIP_INLINE void filter_gradient_tile(const float *planes, size_t plane, size_t channels, size_t count,
                                          float *gradient) {
  tile u;
  block rows[12], result[9];
  memset(u, 0, sizeof u);
  load_planes(planes, plane, count, u);
  for (size_t i = 0; i < tile_side; i++) filter_line_transposed(u + i, tile_side, rows + i, tile_side);
  for (size_t i = 0; i < 3; i++) filter_line_transposed(rows + tile_side * i, 1, result + 3 * i, 1);
  for (size_t p = 0; p < 9; p++) store(&result[p], count, gradient + p * channels);
}

SIGNFLIP_CLONES
void signflip_winograd_filters_gradient(const float *planes, size_t plane, size_t channels, float *gradient,
                                        size_t begin, size_t end) {
  for (size_t f = begin; f < end; f++) {
    for (size_t first = 0; first < channels; first += lanes) {
      const float *const source = planes + f * channels + first;
      float *const target = gradient + f * 9 * channels + first;
      if (channels - first >= lanes) {
        filter_gradient_tile(source, plane, channels, lanes, target);
      } else {
        filter_gradient_tile(source, plane, channels, channels - first, target);
      }
    }
  }
}
