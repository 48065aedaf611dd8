// Compares every kernel of every supported instruction set with the scalar reference and with plain sums. All buffers end
// (or begin) at a protected page. Usage: kernel_test [random shapes] [seed]
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "random_numbers.h"
#include "signflip_bits.h"

// MARK: Buffers, failures

// Memory between two protected pages. Buffers are at its end or its beginning, so that an access out of bounds faults.
typedef struct {
  uint8_t *base;
  size_t size, page;
} arena;

enum { arenas = 12, arena_bytes = 1 << 20 };
static arena memory[arenas];

static void make_arenas(void) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < arenas; i++) {
    uint8_t *map = mmap(NULL, arena_bytes + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED || mprotect(map + page, arena_bytes, PROT_READ | PROT_WRITE)) {
      perror("mmap");
      exit(2);
    }
    memory[i] = (arena){map + page, arena_bytes, page};
  }
}

static int at_beginning;

static void *buffer(int number, size_t bytes) {
  if (bytes > arena_bytes) {
    fprintf(stderr, "a test wants %zu bytes\n", bytes);
    exit(2);
  }
  return at_beginning ? memory[number].base : memory[number].base + arena_bytes - bytes;
}

static char context[256];

static void fail(const char *what, size_t i, size_t j, double expected, double found) {
  fprintf(stderr, "FAILED %s at (%zu, %zu): expected %g, found %g\n  %s\n", what, i, j, expected, found, context);
  exit(1);
}

// Rows of 0 and columns of 1 in turn.
static int fills_extremes;

static void fill_bits(uint64_t *bits, size_t rows, size_t depth) {
  const size_t words = signflip_words(depth);
  const uint64_t tail = depth % 64 ? ((uint64_t)1 << depth % 64) - 1 : ~(uint64_t)0;
  // Sometimes all equal, for the largest counts.
  const size_t kind = fills_extremes ? (size_t)(fills_extremes = 3 - fills_extremes) - 1 : below(8);
  for (size_t i = 0; i < rows * words; i++) {
    bits[i] = kind == 0 ? 0 : kind == 1 ? ~(uint64_t)0 : next();
    if (i % words == words - 1) bits[i] &= tail;
  }
}

static int bit(const uint64_t *row, size_t k) { return (int)(row[k / 64] >> (k % 64) & 1); }
static int sign(const uint64_t *row, size_t k) { return bit(row, k) ? -1 : 1; }

// MARK: Products of signs

// The results [m, n] of a product in all three forms.
typedef struct {
  int32_t *dots;
  float *values;
  uint64_t *bits;
  int32_t *thresholds;
  uint64_t *inverted;
  size_t n, stride, bit_stride;
  signflip_xnor_result forms[3];
} xnor_results;

// Uses five buffers from number `first` on.
static xnor_results make_results(int first, size_t m, size_t n, size_t k) {
  const size_t words = signflip_words(n), stride = n + below(3), bit_stride = words + below(2);
  xnor_results r = {.dots = buffer(first, ((m - 1) * stride + n) * 4),
                    .values = buffer(first + 1, ((m - 1) * stride + n) * 4),
                    .bits = buffer(first + 2, ((m - 1) * bit_stride + words) * 8),
                    .thresholds = buffer(first + 3, n * 4),
                    .inverted = buffer(first + 4, words * 8),
                    .n = n,
                    .stride = stride,
                    .bit_stride = bit_stride};
  for (size_t j = 0; j < n; j++) r.thresholds[j] = (int32_t)below(2 * k + 3) - (int32_t)k - 1;
  fill_bits(r.inverted, 1, n);
  memset(r.bits, 0xA5, ((m - 1) * bit_stride + words) * 8);
  r.forms[0] = (signflip_xnor_result){.dots = r.dots, .stride = stride};
  r.forms[1] = (signflip_xnor_result){.values = r.values, .scale = 0.5f, .stride = stride};
  r.forms[2] = (signflip_xnor_result){
      .bits = r.bits, .thresholds = r.thresholds, .inverted = r.inverted, .stride = bit_stride};
  return r;
}

static void check_result(const xnor_results *r, size_t i, size_t j, int32_t expected) {
  const int32_t dot = r->dots[i * r->stride + j];
  const float value = r->values[i * r->stride + j];
  if (dot != expected) fail("dots", i, j, expected, dot);
  if (value != 0.5f * (float)expected) fail("values", i, j, expected, value);
  const int negative = (expected < r->thresholds[j]) ^ bit(r->inverted, j);
  if (bit(r->bits + i * r->bit_stride, j) != negative) fail("bits", i, j, negative, !negative);
}

static void check_tail(const xnor_results *r, size_t i) {
  for (size_t j = r->n; j < signflip_words(r->n) * 64; j++) {
    if (bit(r->bits + i * r->bit_stride, j)) fail("tail bits", i, j, 0, 1);
  }
}

// Computes the rows before `cut` and those from it on, like two threads.
static void test_xnor_cut(const signflip_bits *kernels, size_t m, size_t n, size_t k, int masked, size_t cut) {
  const size_t words = signflip_words(k), panels = signflip_panels(n);
  snprintf(context, sizeof context, "%s xnor m %zu n %zu k %zu masked %d", kernels->name, m, n, k, masked);
  uint64_t *rows = buffer(0, m * words * 8), *columns = buffer(1, n * words * 8), *kept = buffer(2, m * words * 8);
  uint64_t *packed = buffer(3, panels * 16 * words * 8);
  fill_bits(rows, m, k);
  fill_bits(columns, n, k);
  fill_bits(kept, m, k);
  const size_t panel_cut = below(panels + 1);
  signflip_pack_panels(columns, n, words, packed, 0, panel_cut);
  signflip_pack_panels(columns, n, words, packed, panel_cut, panels);
  const signflip_xnor_operands operands = {rows, masked ? kept : NULL, packed, words, k, n};
  const xnor_results results = make_results(4, m, n, k);
  for (int r = 0; r < 3; r++) {
    kernels->xnor_product(&operands, &results.forms[r], 0, cut);
    kernels->xnor_product(&operands, &results.forms[r], cut, m);
  }
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      int32_t expected = 0;
      for (size_t p = 0; p < k; p++) {
        if (!masked || bit(kept + i * words, p)) expected += sign(rows + i * words, p) * sign(columns + j * words, p);
      }
      check_result(&results, i, j, expected);
    }
    check_tail(&results, i);
  }
}

static void test_xnor(const signflip_bits *kernels, size_t m, size_t n, size_t k, int masked) {
  // Sometimes in one part, for kernels of many rows.
  test_xnor_cut(kernels, m, n, k, masked, below(2) ? below(m + 1) : 0);
}

static void test_pack(const signflip_bits *kernels, size_t count) {
  snprintf(context, sizeof context, "%s pack_signs %zu", kernels->name, count);
  float *values = buffer(0, count * 4);
  uint64_t *bits = buffer(1, signflip_words(count) * 8);
  for (size_t i = 0; i < count; i++) {
    const float kinds[] = {0.0f, -0.0f, 1.5f, -1.5f, 1e-40f, -1e-40f, __builtin_nanf(""), -__builtin_inff()};
    values[i] = kinds[below(8)];
  }
  kernels->pack_signs(values, count, bits);
  for (size_t i = 0; i < signflip_words(count) * 64; i++) {
    const int expected = i < count && values[i] < 0;
    if (bit(bits, i) != expected) fail("signs", i, 0, expected, !expected);
  }
}

// MARK: Products of floats and of bytes with signs

static void test_sign(const signflip_bits *kernels, size_t m, size_t n, size_t k, int transposed, int too) {
  const size_t words = signflip_words(k);
  snprintf(context, sizeof context, "%s sign_product m %zu n %zu k %zu transposed %d too %d", kernels->name, m, n, k,
           transposed, too);
  float *a = buffer(0, m * k * 4);
  uint64_t *rows = buffer(1, n * words * 8), *signs = buffer(2, n * words * 8), *signs_too = buffer(3, n * words * 8);
  // Only some of the columns, like one of several threads.
  const size_t first = below(n), columns = between(1, n - first);
  uint64_t *rows_too = buffer(6, n * words * 8);
  // The scratch memory must be aligned, so its end is near the protected page, not at it.
  const size_t scratch_bytes = signflip_sign_scratch(n) * 4;
  float *scratch = (float *)(((uintptr_t)buffer(7, scratch_bytes + 63) + 63) & ~(uintptr_t)63);
  for (size_t i = 0; i < m * k; i++) a[i] = (float)((double)next() / 0x1p63 - 1);
  fill_bits(rows, n, k);
  fill_bits(rows_too, n, k);
  signflip_word_major(rows, n, words, signs, 0, n);
  signflip_word_major(rows_too, n, words, signs_too, 0, n);
  const signflip_sign_operands operands = {
      .a = a,
      .row_stride = transposed ? 1 : k,
      .depth_stride = transposed ? m : 1,
      .signs = signs + first,
      .signs_too = too ? signs_too + first : NULL,
      .stride = n,
      .depth = k,
      .columns = columns,
      .scale = too ? 0.5f : 1.0f,
  };
  const size_t stride = columns + below(3);
  float *c = buffer(4, ((m - 1) * stride + columns) * 4), *reference = buffer(5, m * n * 4);
  const size_t cut = below(m / 16 + 1) * 16;
  kernels->sign_product(&operands, c, stride, 0, cut, scratch);
  kernels->sign_product(&operands, c, stride, cut, m, scratch);
  // The reference computes all columns: a sum must not depend on the division.
  signflip_sign_operands all = operands;
  all.signs = signs;
  all.signs_too = too ? signs_too : NULL;
  all.columns = n;
  signflip_bits_for(signflip_isa_scalar)->sign_product(&all, reference, n, 0, m, scratch);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < columns; j++) {
      const float scalar = reference[i * n + first + j];
      if (memcmp(&c[i * stride + j], &scalar, 4)) {
        fail("the scalar sum", i, j, scalar, c[i * stride + j]);
      }
      const uint64_t *const row = rows + (first + j) * words, *const row_too = rows_too + (first + j) * words;
      double expected = 0, size = 0;
      for (size_t p = 0; p < k; p++) {
        const double x = transposed ? a[p * m + i] : a[i * k + p];
        expected += x * (sign(row, p) + (too ? sign(row_too, p) : 0)) * (too ? 0.5 : 1);
        size += x < 0 ? -x : x;
      }
      const double difference = c[i * stride + j] - expected;
      if (difference > 1e-6 * size || -difference > 1e-6 * size) fail("sum", i, j, expected, c[i * stride + j]);
    }
  }
}

static void test_bytes(const signflip_bits *kernels, size_t m, size_t n, size_t k) {
  const size_t words = signflip_words(k);
  snprintf(context, sizeof context, "%s byte_product m %zu n %zu k %zu", kernels->name, m, n, k);
  // The rows may be longer than the columns; the additional bytes are 0.
  const size_t depth = k + below(2) * (3 - (k + 3) % 4);
  uint8_t *bytes = buffer(0, m * depth);
  uint64_t *columns = buffer(1, n * words * 8);
  int8_t *panels = buffer(2, signflip_panels(n) * signflip_byte_panel(k));
  const int bright = below(4) == 0;
  for (size_t i = 0; i < m * depth; i++) bytes[i] = i % depth >= k ? 0 : bright ? 255 : (uint8_t)next();
  fill_bits(columns, n, k);
  signflip_pack_byte_panels(columns, n, k, panels);
  const size_t stride = n + below(3);
  int32_t *dots = buffer(3, ((m - 1) * stride + n) * 4);
  const signflip_byte_operands operands = {bytes, panels, depth, n};
  const size_t cut = below(m + 1);
  const signflip_byte_result sums = {.dots = dots, .stride = stride};
  kernels->byte_product(&operands, &sums, 0, cut);
  kernels->byte_product(&operands, &sums, cut, m);
  // Signs by thresholds, of one or several border classes.
  const size_t kinds = between(1, 3), pixels = between(1, 5), bit_words = signflip_words(n) + below(2);
  uint8_t *classes = buffer(4, pixels);
  for (size_t i = 0; i < pixels; i++) classes[i] = (uint8_t)below(kinds);
  const int has_classes = below(2) == 1;
  int32_t *thresholds = buffer(5, kinds * n * 4);
  for (size_t i = 0; i < kinds * n; i++) thresholds[i] = below(2) ? dots[below(m) * stride + i % n] : (int32_t)below(999) - 500;
  uint64_t *inverted = buffer(6, signflip_words(n) * 8);
  fill_bits(inverted, 1, n);
  uint64_t *bits = buffer(7, ((m - 1) * bit_words + signflip_words(n)) * 8);
  const signflip_byte_result signs = {.bits = bits,
                                      .thresholds = thresholds,
                                      .inverted = inverted,
                                      .classes = {has_classes ? classes : NULL, pixels},
                                      .stride = bit_words};
  memset(bits, 0xFF, ((m - 1) * bit_words + signflip_words(n)) * 8);
  kernels->byte_product(&operands, &signs, 0, cut);
  kernels->byte_product(&operands, &signs, cut, m);
  for (size_t i = 0; i < m; i++) {
    for (size_t j = 0; j < n; j++) {
      int32_t expected = 0;
      for (size_t p = 0; p < k; p++) expected += bytes[i * depth + p] * sign(columns + j * words, p);
      if (dots[i * stride + j] != expected) fail("dots", i, j, expected, dots[i * stride + j]);
      const int32_t limit = thresholds[(has_classes ? classes[i % pixels] * n : 0) + j];
      const uint64_t bit = (uint64_t)(expected < limit) ^ (inverted[j / 64] >> (j % 64) & 1);
      const uint64_t found = bits[i * bit_words + j / 64] >> (j % 64) & 1;
      if (found != bit) fail("bit", i, j, (double)bit, (double)found);
    }
    if (n % 64 && bits[i * bit_words + n / 64] >> (n % 64)) fail("tail bits", i, n, 0, 1);
  }
}

// MARK: Convolution and layouts

static void test_convolution(const signflip_bits *kernels) {
  signflip_convolution s = {.height = between(1, 9),
                            .width = between(1, 9),
                            .channels = below(4) ? between(1, 130) : 64 * between(1, 3),
                            .kernel_height = between(1, 4),
                            .kernel_width = between(1, 4),
                            .stride_height = between(1, 3),
                            .stride_width = between(1, 3),
                            .pad_top = between(0, 2),
                            .pad_left = between(0, 2),
                            .padding = below(2) ? signflip_pad_one : signflip_pad_zero};
  // Sometimes more windows than are multiplied at once.
  const size_t greatest = below(8) ? 6 : 12;
  s.output_height = between(1, greatest);
  s.output_width = between(1, greatest);
  const size_t n = between(1, 70), words = signflip_words(s.channels), places = s.kernel_height * s.kernel_width;
  const size_t batch = between(1, 3), pixels = batch * s.output_height * s.output_width;
  const size_t depth = places * s.channels, row_words = signflip_words(depth);
  const int masked = (int)below(2);
  snprintf(context, sizeof context, "%s convolution %zux%zux%zu kernel %zux%zu to %zu, padding %d", kernels->name,
           s.height, s.width, s.channels, s.kernel_height, s.kernel_width, n, s.padding);
  const size_t area = s.height * s.width;
  uint64_t *images = buffer(0, batch * area * words * 8), *filters = buffer(1, n * row_words * 8);
  uint64_t *panels = buffer(2, signflip_panels(n) * 16 * row_words * 8);
  uint64_t *scratch = buffer(3, signflip_convolution_scratch(&s) * 8);
  uint64_t *kept = masked ? buffer(4, batch * area * words * 8) : NULL;
  const xnor_results results = make_results(5, pixels, n, depth);
  fill_bits(images, batch * area, s.channels);
  if (masked) fill_bits(kept, batch * area, s.channels);
  fill_bits(filters, n, depth);
  signflip_pack_panels(filters, n, row_words, panels, 0, signflip_panels(n));
  const size_t cut = below(pixels + 1);
  for (int r = 0; r < 3; r++) {
    signflip_xnor_convolution(kernels, &s, images, kept, panels, n, &results.forms[r], 0, cut, scratch);
    signflip_xnor_convolution(kernels, &s, images, kept, panels, n, &results.forms[r], cut, pixels, scratch);
  }
  const size_t windows = s.output_height * s.output_width;
  for (size_t pixel = 0; pixel < pixels; pixel++) {
    const size_t image = pixel / windows * area;
    for (size_t j = 0; j < n; j++) {
      int32_t expected = 0;
      for (size_t place = 0; place < places; place++) {
        const long y = (long)(pixel % windows / s.output_width * s.stride_height + place / s.kernel_width) - (long)s.pad_top;
        const long x = (long)(pixel % s.output_width * s.stride_width + place % s.kernel_width) - (long)s.pad_left;
        const int inside = y >= 0 && y < (long)s.height && x >= 0 && x < (long)s.width;
        const size_t source = (image + (size_t)(y * (long)s.width + x)) * words;
        for (size_t c = 0; c < s.channels; c++) {
          const int w = sign(filters + j * row_words, place * s.channels + c);
          if (inside) {
            expected += masked && !bit(kept + source, c) ? 0 : w * sign(images + source, c);
          } else if (s.padding == signflip_pad_one) {
            expected += w;
          }
        }
      }
      check_result(&results, pixel, j, expected);
    }
    check_tail(&results, pixel);
  }
}

static void test_layouts(size_t rows, size_t columns) {
  const size_t words = signflip_words(columns), slabs = signflip_words(rows);
  snprintf(context, sizeof context, "layouts of %zu x %zu", rows, columns);
  uint64_t *bits = buffer(0, rows * words * 8), *major = buffer(1, rows * words * 8);
  uint64_t *transposed = buffer(2, slabs * columns * 8);
  fill_bits(bits, rows, columns);
  const size_t cut = below(rows / 8 + 1) * 8, slab_cut = below(slabs + 1);
  signflip_word_major(bits, rows, words, major, 0, cut);
  signflip_word_major(bits, rows, words, major, cut, rows);
  signflip_transpose(bits, rows, columns, transposed, 0, slab_cut);
  signflip_transpose(bits, rows, columns, transposed, slab_cut, slabs);
  for (size_t r = 0; r < slabs * 64; r++) {
    for (size_t c = 0; c < columns; c++) {
      const int expected = r < rows && bit(bits + r * words, c);
      const int found = (int)(transposed[r / 64 * columns + c] >> (r % 64) & 1);
      if (found != expected) fail("transposed", r, c, expected, found);
      if (r < rows && (int)(major[c / 64 * rows + r] >> (c % 64) & 1) != expected) fail("major", r, c, expected, !expected);
    }
  }
}

// MARK: Main

// A number of columns around the one from which on a product of floats with signs adds in another order.
static size_t near_wide(void) { return signflip_wide_columns - 9 + below(20); }

static void test_random_shape(const signflip_bits *kernels) {
  at_beginning = (int)below(2);
  // Sometimes so many rows and columns that a kernel uses another method.
  const int large = below(8) == 0;
  const size_t m = large ? between(1, 220) : between(1, 20), n = large ? between(1, 300) : between(1, 40);
  const size_t k = below(16) ? between(1, 200) : between(1, 1500);
  switch (below(6)) {
    case 0: test_xnor(kernels, m, n, k, 0); break;
    case 1: test_xnor(kernels, m, n, k, 1); break;
    case 2: {
      const size_t columns = large ? near_wide() : between(1, 20);
      test_sign(kernels, between(1, 40), columns, between(1, 200), (int)below(2), (int)below(2));
      break;
    }
    case 3: test_bytes(kernels, between(1, 10), n, k); break;
    case 4: test_convolution(kernels); break;
    default: test_pack(kernels, between(1, 400)); break;
  }
}

int main(int count, char **arguments) {
  const long shapes = count > 1 ? atol(arguments[1]) : 20000;
  const uint64_t seed = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
  make_arenas();
  int sets = 0;
  const signflip_bits *last = NULL;
  // The kernels for a small and for a large first cache; of most sets they are the same.
  for (int form = 0; form < 2 * signflip_isa_count; form++) {
    const size_t cache = (form % 2 ? 48 : 32) << 10;
    const signflip_bits *kernels = signflip_bits_for_cache((signflip_isa)(form / 2), cache);
    if (!kernels || kernels == last) continue;
    last = kernels;
    state = seed;
    for (size_t k = 1; k <= 129; k++) {
      at_beginning = (int)(k & 1);
      for (int masked = 0; masked < 2; masked++) {
        test_xnor(kernels, between(1, 14), between(1, 35), k, masked);
        test_xnor(kernels, between(30, 45), between(1, 70), k, masked);
        test_sign(kernels, between(1, 34), between(1, 19), k, (int)below(2), masked);
        if (k <= 70) test_sign(kernels, between(1, 50), near_wide(), k, (int)below(2), masked);
      }
      test_bytes(kernels, between(1, 10), between(1, 35), k);
      test_pack(kernels, k);
    }
    // Rows longer than the kernels' chunks, and sums near their limits.
    test_xnor(kernels, 5, 17, 64 * 31, 0);
    test_xnor(kernels, 5, 17, 64 * 32 + 1, 1);
    test_xnor(kernels, 4, 9, 64 * 520 + 7, 0);
    test_xnor(kernels, 7, 3, 64 * 249, 1);
    test_xnor(kernels, 13, 33, 64 * 7 * 6 + 1, 0);
    test_xnor(kernels, 200, 32, 64 * 7 * 7, 0);
    // Many rows in one part: odd and even numbers of words, several blocks, the longest rows with prefixes.
    for (size_t words = 2; words <= 9; words++) test_xnor_cut(kernels, 31, 41 + words, 64 * words - 3, 0, 0);
    test_xnor_cut(kernels, 201, 61, 64 * 49, 0, 0);
    test_xnor_cut(kernels, 200, 48, 64 * 50 - 63, 0, 100);
    test_xnor_cut(kernels, 33, 50, 64 * 256, 0, 0);
    test_xnor_cut(kernels, 24, 48, 64 * 257, 0, 0);
    for (int masked = 0; masked < 2; masked++) {
      test_xnor(kernels, 5, 240, 64 * 48, masked);
      test_xnor(kernels, 9, 130, 64 * 49 + 5, masked);
      test_xnor(kernels, 7, 97, 64 * 97, masked);
      test_xnor(kernels, 99, 113, 200, masked);
    }
    // The largest counts of different bits.
    for (size_t words = 1023; words <= 1025; words++) {
      for (int i = 0; i < 4; i++) {
        fills_extremes = 2;
        test_xnor(kernels, 13, 17, 64 * words, 0);
      }
    }
    fills_extremes = 0;
    test_bytes(kernels, 5, 18, 5000);
    for (long i = 0; i < shapes; i++) test_random_shape(kernels);
    printf("%s: K = 1...129 and %ld random shapes agree with the reference, with a first cache of %zu KB\n", kernels->name,
           shapes, cache >> 10);
    fflush(stdout);
    sets++;
  }
  for (int i = 0; i < 2000; i++) test_layouts(between(1, 200), between(1, 200));
  printf("%d passed, 0 failed\n", sets);
  return 0;
}
