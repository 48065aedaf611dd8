#pragma once

#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// libpng reports errors by long jumps, which must not come to Swift. Every name begins with signflip_.

/// A PNG image in memory, and what is known of it.
typedef struct {
  const uint8_t *data;
  size_t size, offset;
  uint32_t width, height;
  /// Samples of a pixel as they are read: grey, grey and alpha, three colours, colours and alpha.
  int channels;
  /// Bits of a sample as they are read: 8 or 16.
  int depth;
  /// Whether a warning was about the pixels' own data.
  int is_damaged;
  char message[200];
} signflip_png;

static inline void signflip_png_note(signflip_png *image, const char *message) {
  snprintf(image->message, sizeof image->message, "%s", message);
}

static inline void signflip_png_error(png_structp png, png_const_charp message) {
  signflip_png_note((signflip_png *)png_get_error_ptr(png), message);
  png_longjmp(png, 1);
}

static inline void signflip_png_warning(png_structp png, png_const_charp message) {
  signflip_png *image = (signflip_png *)png_get_error_ptr(png);
  // Warnings of other chunks begin with the chunk's name and change no pixel.
  static const char *const words[] = {"IDAT", "IHDR", "PLTE", "IEND", "CRC", "mage data"};
  for (size_t k = 0; k < sizeof words / sizeof words[0] && !image->is_damaged; k++)
    if (strstr(message, words[k])) {
      image->is_damaged = 1;
      signflip_png_note(image, message);
    }
}

static inline void signflip_png_bytes(png_structp png, png_bytep bytes, size_t count) {
  signflip_png *image = (signflip_png *)png_get_io_ptr(png);
  if (count > image->size - image->offset) png_error(png, "the end of the file comes too early");
  memcpy(bytes, image->data + image->offset, count);
  image->offset += count;
}

/// Reads an image's header and, where `samples` is not null, its samples: the stored ones, whatever gAMA, sRGB, iCCP and cHRM
/// say. Palettes become colours, less than 8 bits become 8, tRNS becomes alpha.
///
/// - samples: `width * height * channels` bytes, or as many 16-bit words of this machine.
/// Returns 0, or -1 where that cannot be read (`message`).
static inline int signflip_png_read(signflip_png *image, void *samples) {
  image->offset = 0;
  image->is_damaged = 0;
  image->message[0] = 0;
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, image, signflip_png_error, signflip_png_warning);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    signflip_png_note(image, "libpng has no memory");
    return -1;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return -1;
  }
  png_set_read_fn(png, image, signflip_png_bytes);
  png_read_info(png, info);
  png_set_expand(png);
  const uint16_t one = 1;
  if (*(const uint8_t *)&one) png_set_swap(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  image->width = png_get_image_width(png, info);
  image->height = png_get_image_height(png, info);
  image->channels = png_get_channels(png, info);
  image->depth = png_get_bit_depth(png, info);
  if (samples) {
    size_t stride = png_get_rowbytes(png, info);
    for (int pass = 0; pass < passes; pass++)
      for (uint32_t row = 0; row < image->height; row++)
        png_read_row(png, (png_bytep)samples + row * stride, NULL);
  }
  png_destroy_read_struct(&png, &info, NULL);
  return image->is_damaged ? -1 : 0;
}
