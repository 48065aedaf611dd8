#include <string.h>

#include "signflip_bits.h"

// The position of the next bits of a row.
typedef struct {
  uint64_t *word;
  unsigned used;
} bit_writer;

// Appends the lowest `count` bits of a word, 1 to 64; those above are 0.
static inline void append(bit_writer *writer, uint64_t bits, size_t count) {
  if (writer->used == 0) {
    *writer->word = bits;
  } else {
    *writer->word |= bits << writer->used;
    if (writer->used + count > 64) writer->word[1] = bits >> (64 - writer->used);
  }
  writer->used += (unsigned)count;
  writer->word += writer->used / 64;
  writer->used %= 64;
}

// Appends the bits of a pixel, whose tail bits are 0.
static inline void append_pixel(bit_writer *writer, const uint64_t *pixel, size_t channels) {
  size_t c = 0;
  for (; c + 64 <= channels; c += 64) append(writer, *pixel++, 64);
  if (c < channels) append(writer, *pixel, channels - c);
}

static inline void append_constant(bit_writer *writer, uint64_t bit, size_t count) {
  for (; count > 64; count -= 64) append(writer, -bit, 64);
  append(writer, -bit & ~(uint64_t)0 >> (64 - count), count);
}

void signflip_unfold_bits(const signflip_convolution *s, const uint64_t *images, int outside, uint64_t *rows,
                          size_t begin, size_t end) {
  const size_t words = signflip_words(s->channels), row_words = signflip_window_words(s);
  const size_t pixels = s->output_height * s->output_width;
  // Whether each pixel is a whole number of words, which are copied unchanged.
  const int is_whole = s->channels % 64 == 0;
  for (size_t window = begin; window < end; window++) {
    const size_t y = window % pixels / s->output_width, x = window % s->output_width;
    const size_t first = window / pixels * s->height * s->width;
    bit_writer writer = {rows + (window - begin) * row_words, 0};
    for (size_t ky = 0; ky < s->kernel_height; ky++) {
      // Positions before the first row wrap around to huge numbers, so the comparison also finds them to be outside.
      const size_t iy = y * s->stride_height + ky - s->pad_top, left = x * s->stride_width - s->pad_left;
      if (images && iy < s->height && left < s->width && left + s->kernel_width <= s->width) {
        const uint64_t *pixel = images + (first + iy * s->width + left) * words;
        if (is_whole) {
          memcpy(writer.word, pixel, s->kernel_width * words * sizeof(uint64_t));
          writer.word += s->kernel_width * words;
        } else {
          for (size_t kx = 0; kx < s->kernel_width; kx++, pixel += words) append_pixel(&writer, pixel, s->channels);
        }
        continue;
      }
      for (size_t kx = 0; kx < s->kernel_width; kx++) {
        const size_t ix = left + kx;
        const int inside = iy < s->height && ix < s->width;
        if (inside && images) {
          append_pixel(&writer, images + (first + iy * s->width + ix) * words, s->channels);
        } else {
          append_constant(&writer, inside || outside, s->channels);
        }
      }
    }
  }
}

void signflip_xnor_convolution(const signflip_bits *kernels, const signflip_convolution *shape, const uint64_t *images,
                               const uint64_t *kept, const uint64_t *panels, size_t columns,
                               const signflip_xnor_result *result, size_t begin, size_t end, uint64_t *scratch) {
  const size_t words = signflip_window_words(shape);
  const size_t depth = shape->kernel_height * shape->kernel_width * shape->channels;
  const int pads_zero = shape->padding == signflip_pad_zero;
  uint64_t *const rows = scratch;
  uint64_t *const kept_rows = kept || pads_zero ? scratch + signflip_convolution_block * words : NULL;
  for (size_t first = begin; first < end; first += signflip_convolution_block) {
    const size_t count = end - first < signflip_convolution_block ? end - first : signflip_convolution_block;
    signflip_unfold_bits(shape, images, 0, rows, first, first + count);
    if (kept_rows) signflip_unfold_bits(shape, kept, !pads_zero, kept_rows, first, first + count);
    const signflip_xnor_operands operands = {rows, kept_rows, panels, words, depth, columns};
    signflip_xnor_result block = *result;
    block.dots = result->dots ? result->dots + first * result->stride : NULL;
    block.values = result->values ? result->values + first * result->stride : NULL;
    block.bits = result->bits ? result->bits + first * result->stride : NULL;
    kernels->xnor_product(&operands, &block, 0, count);
  }
}
