#pragma once

#include <png.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

// libpng reports errors by longjmp, which must not cross Swift code. All names start with signflip_.

/// A PNG image in memory, and its properties.
typedef struct {
  const uint8_t *data;
  size_t size, offset;
  uint32_t width, height;
  /// The number of samples per pixel after conversion: 1 grey, 2 grey and alpha, 3 colours, 4 colours and alpha.
  int channels;
  /// The number of bits per sample after conversion: 8 or 16.
  int depth;
  /// Whether a warning concerned the pixel data.
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
  // Warnings about other chunks start with the chunk's name and do not affect pixels.
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

/// Reads an image's header and, if `samples` is not null, its samples. Stored values are not colour-corrected: gAMA, sRGB, iCCP
/// and cHRM are ignored. Palettes are converted to colours, samples of fewer than 8 bits to 8 bits, and tRNS to alpha.
///
/// - samples: `width * height * channels` bytes, or 16-bit words in the machine's byte order.
/// Returns 0, or -1 if the image can't be read (see `message`).
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
