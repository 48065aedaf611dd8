#include <string.h>

#include "signflip_bits.h"

// Copies the window of output pixel (y, x) into a row, and tells in `kept` which places lie in the image.
static void gather_window(const signflip_convolution *s, const uint64_t *image, size_t y, size_t x, uint64_t *row,
                          uint64_t *kept) {
  const size_t words = signflip_words(s->channels);
  const uint64_t tail = s->channels % 64 ? ((uint64_t)1 << s->channels % 64) - 1 : ~(uint64_t)0;
  for (size_t ky = 0; ky < s->kernel_height; ky++) {
    // Places before the first row wrap round to huge numbers, and are outside as those after the last one.
    const size_t iy = y * s->stride_height + ky - s->pad_top;
    for (size_t kx = 0; kx < s->kernel_width; kx++) {
      const size_t ix = x * s->stride_width + kx - s->pad_left;
      const int inside = iy < s->height && ix < s->width;
      if (inside) {
        memcpy(row, image + (iy * s->width + ix) * words, words * sizeof(uint64_t));
      } else {
        memset(row, 0, words * sizeof(uint64_t));
      }
      row += words;
      if (!kept) continue;
      memset(kept, inside ? 0xFF : 0, words * sizeof(uint64_t));
      kept[words - 1] &= tail;
      kept += words;
    }
  }
}

void signflip_xnor_convolution(const signflip_bits *kernels, const signflip_convolution *shape, const uint64_t *image,
                               const uint64_t *panels, size_t columns, const signflip_xnor_result *result,
                               size_t begin, size_t end, uint64_t *scratch) {
  const size_t words = signflip_window_words(shape);
  const size_t depth = shape->kernel_height * shape->kernel_width * shape->channels;
  uint64_t *const rows = scratch;
  uint64_t *const kept = shape->padding == signflip_pad_zero ? scratch + signflip_convolution_block * words : NULL;
  for (size_t first = begin; first < end; first += signflip_convolution_block) {
    const size_t count = end - first < signflip_convolution_block ? end - first : signflip_convolution_block;
    for (size_t i = 0; i < count; i++) {
      gather_window(shape, image, (first + i) / shape->output_width, (first + i) % shape->output_width,
                    rows + i * words, kept ? kept + i * words : NULL);
    }
    const signflip_xnor_operands operands = {rows, kept, panels, words, depth, columns};
    signflip_xnor_result block = *result;
    block.dots = result->dots ? result->dots + first * result->stride : NULL;
    block.values = result->values ? result->values + first * result->stride : NULL;
    block.bits = result->bits ? result->bits + first * result->stride : NULL;
    kernels->xnor_product(&operands, &block, 0, count);
  }
}
