// Runs every pass of passes/*.c on random shapes, and writes the results to a file or compares them with one. A build without
// clones (SIGNFLIP_CLONES empty) writes the reference. The release build, whose clones the loader chooses for the processor,
// must compute the same results, except for rounding. Usage: pass_test --write|--check FILE [rounds] [seed]
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CBinaryKernels.h"
#include "random_numbers.h"

// MARK: Buffers

enum { most_buffers = 64 };
static void *buffers[most_buffers];
static size_t buffer_count;

static void *buffer(size_t bytes) {
  void *const memory = calloc(1, bytes ? bytes : 1);
  if (!memory || buffer_count == most_buffers) {
    fprintf(stderr, "no buffer of %zu bytes\n", bytes);
    exit(2);
  }
  return buffers[buffer_count++] = memory;
}

static void free_buffers(void) {
  while (buffer_count > 0) free(buffers[--buffer_count]);
}

static float uniform(float low, float high) { return low + (high - low) * (float)(next() >> 40) * 0x1p-24f; }

// Numbers from `low` to `high`, sometimes 0.
static float *floats(size_t count, float low, float high) {
  float *const values = buffer(count * sizeof(float));
  for (size_t i = 0; i < count; i++) values[i] = below(32) ? uniform(low, high) : 0;
  return values;
}

static uint64_t *bits(size_t rows, size_t columns) {
  const size_t words = signflip_words(columns);
  uint64_t *const values = buffer(rows * words * sizeof(uint64_t));
  const uint64_t tail = columns % 64 ? ((uint64_t)1 << columns % 64) - 1 : ~(uint64_t)0;
  for (size_t i = 0; i < rows * words; i++) values[i] = next() & (i % words == words - 1 ? tail : ~(uint64_t)0);
  return values;
}

static uint8_t *pixels(size_t count) {
  uint8_t *const values = buffer(count);
  const int alike = below(16) == 0;
  for (size_t i = 0; i < count; i++) values[i] = alike ? 7 : (uint8_t)next();
  return values;
}

// MARK: Results

static FILE *file;
static int writes;
static unsigned long results;

static void fail(const char *what, size_t place, double expected, double found) {
  fprintf(stderr, "FAILED %s at %zu: expected %.9g, found %.9g (result %lu)\n", what, place, expected, found, results);
  exit(1);
}

static void transfer(const char *what, const void *found, void *expected, size_t bytes) {
  results++;
  if (writes ? fwrite(found, 1, bytes, file) == bytes : fread(expected, 1, bytes, file) == bytes) return;
  fprintf(stderr, "%s: the file cannot be %s\n", what, writes ? "written" : "read");
  exit(2);
}

// Accepts differences due to fused multiplications and additions, relative to sums of magnitude `size`.
static void check_floats(const char *what, const float *found, size_t count, float size) {
  float *const expected = malloc(count * sizeof(float));
  transfer(what, found, expected, count * sizeof(float));
  for (size_t i = 0; i < count && !writes; i++) {
    const float limit = 2e-6f * (size + fabsf(expected[i]));
    const int same = found[i] == expected[i] || fabsf(found[i] - expected[i]) <= limit;
    if (!same) fail(what, i, expected[i], found[i]);
  }
  free(expected);
}

static void check_doubles(const char *what, const double *found, size_t count) {
  double *const expected = malloc(count * sizeof(double));
  transfer(what, found, expected, count * sizeof(double));
  for (size_t i = 0; i < count && !writes; i++) {
    if (!(fabs(found[i] - expected[i]) <= 1e-5 * (1 + fabs(expected[i])))) fail(what, i, expected[i], found[i]);
  }
  free(expected);
}

static void check_bytes(const char *what, const void *found, size_t count) {
  uint8_t *const expected = malloc(count);
  transfer(what, found, expected, count);
  for (size_t i = 0; i < count && !writes; i++) {
    if (((const uint8_t *)found)[i] != expected[i]) fail(what, i, expected[i], ((const uint8_t *)found)[i]);
  }
  free(expected);
}

static void check_number(const char *what, uint64_t found) { check_bytes(what, &found, sizeof found); }

// MARK: Weights

static void test_update(void) {
  const size_t channels = between(1, 5), columns = channels * between(1, 60), rows = between(1, 6);
  const size_t count = rows * columns;
  const signflip_update_rule rule = (signflip_update_rule)below(5);
  const int halves = below(2) == 0;
  const int latent = rule == signflip_bop || below(2), scaled = latent && rule != signflip_bop && below(2);
  signflip_update_buffers b = {
      .weights = floats(count, -1, 1),
      .gradient = floats(count, -1, 1),
      .first_moment = rule == signflip_sgd && below(2) ? NULL : floats(count, -0.1f, 0.1f),
      .second_moment = rule == signflip_sgd || rule == signflip_bop ? NULL : floats(count, 0.01f, 1),
      .signs = latent ? bits(rows, columns) : NULL,
      .flip_counts = latent ? buffer(count * sizeof(uint16_t)) : NULL,
      .bfloat16 = below(2) ? buffer(count * sizeof(uint16_t)) : NULL,
      .scales = scaled ? buffer(rows * sizeof(float)) : NULL,
      .channels = scaled && below(2) ? channels : 0,
  };
  const signflip_update_numbers n = {.rule = rule,
                                     .rate = 0.01f,
                                     .momentum = 0.9f,
                                     .threshold = 1e-3f,
                                     .beta1 = 0.9f,
                                     .beta2 = 0.999f,
                                     .epsilon = 1e-8f,
                                     .second_correction = 0.5f,
                                     .weight_decay = below(2) ? 1e-4f : 0,
                                     .clip = below(2) ? 1 : 0,
                                     .rounding = {next(), (uint32_t)next(), (uint32_t)next()}};
  if (halves) {
    if (b.first_moment) signflip_round_to_bfloat16(b.first_moment, b.first_half = buffer(count * sizeof(uint16_t)), count);
    if (b.second_moment) signflip_round_to_bfloat16(b.second_moment, b.second_half = buffer(count * sizeof(uint16_t)), count);
    b.first_moment = b.second_moment = NULL;
  }
  int64_t histogram[signflip_flip_bins] = {0};
  const size_t cut = below(rows + 1);
  const signflip_bits *const kernels = signflip_bits_for(signflip_isa_scalar);
  signflip_update_result sum = signflip_update(kernels, &b, &n, columns, 0, cut, histogram);
  const signflip_update_result rest = signflip_update(kernels, &b, &n, columns, cut, rows, histogram);
  sum.gradient_square_sum += rest.gradient_square_sum;
  // Without fused operations all builds agree bit for bit.
  if (b.first_half) {
    check_bytes("weights updated with halves", b.weights, count * sizeof(float));
    check_bytes("first moment in halves", b.first_half, count * sizeof(uint16_t));
    if (b.second_half) check_bytes("second moment in halves", b.second_half, count * sizeof(uint16_t));
  } else {
    check_floats("updated weights", b.weights, count, 1);
  }
  if (b.first_moment) check_floats("first moment", b.first_moment, count, 1);
  if (b.second_moment) check_floats("second moment", b.second_moment, count, 1);
  if (latent) {
    check_bytes("signs after an update", b.signs, rows * signflip_words(columns) * sizeof(uint64_t));
    check_bytes("flip counts", b.flip_counts, count * sizeof(uint16_t));
    check_bytes("flip histogram", histogram, sizeof histogram);
    check_number("flips", sum.flips + rest.flips);
  }
  if (scaled) check_floats("scales", b.scales, rows, 1);
  check_doubles("squares of the gradient", &sum.gradient_square_sum, 1);
}

static void test_scaled_signs(void) {
  const size_t channels = between(1, 9), columns = channels * between(1, 30), rows = between(1, 5);
  float *const weights = floats(rows * columns, -1.5f, 1.5f), *const scales = buffer(rows * sizeof(float));
  signflip_center_rows(weights, columns, channels, 1, 0, rows);
  check_floats("centred weights", weights, rows * columns, 1);
  signflip_mean_magnitudes(weights, columns, scales, 0, rows);
  check_floats("mean magnitudes", scales, rows, 1);
  float *const gradient = floats(rows * columns, -1, 1);
  signflip_scaled_sign_gradient(weights, scales, (signflip_scale_gradient)below(3), gradient, columns, 0, rows);
  check_floats("gradient of scaled signs", gradient, rows * columns, 2);
}

static void test_quantize(void) {
  const size_t columns = between(1, 200), rows = between(1, 5), count = rows * columns;
  float *const weights = floats(count, -1, 1), *const levels = buffer(count * sizeof(float));
  float *const scales = buffer(rows * sizeof(float));
  uint16_t *const flips = below(2) ? buffer(count * sizeof(uint16_t)) : NULL;
  const signflip_quantizer_kind kind = (signflip_quantizer_kind)below(4);
  const signflip_quantizer quantizer = {
      .kind = kind, .threshold = 0.3f, .steps = 7, .greatest = 1, .scale = 0.5f, .scales_rows = (int)below(2)};
  const signflip_quantized buffers = {weights, levels, scales, flips};
  int64_t histogram[signflip_flip_bins] = {0};
  const uint64_t changed = signflip_quantize(&quantizer, &buffers, columns, 0, rows, histogram);
  check_floats("levels", levels, count, 1);
  check_floats("scales of levels", scales, rows, 1);
  check_number("changed levels", changed);
  double *const sums = buffer(2 * rows * sizeof(double));
  signflip_magnitude_sums(weights, columns, sums, 0, rows);
  check_doubles("sums of magnitudes", sums, rows);
  signflip_greatest_magnitudes(weights, columns, sums, 0, rows);
  check_doubles("greatest magnitudes", sums, rows);
  float *const gradient = floats(count, -1, 1);
  signflip_tanh_gradient_sums(weights, fabsf(weights[0]), gradient, sums, sums + rows, columns, 0, rows);
  check_doubles("sums of the gradient of tanh", sums, 2 * rows);
  signflip_tanh_gradient(weights, 1, 0.1f, gradient, columns, 0, rows);
  check_floats("gradient of tanh", gradient, count, 2);
  const float value = signflip_tanh(weights[0]), power = signflip_ap2(weights[0]);
  check_floats("tanh", &value, 1, 1);
  check_floats("nearest power of two", &power, 1, 0);
  float *const unit = buffer(count * sizeof(float));
  signflip_quantize_unit(weights, 3, unit, 0, count);
  check_floats("quantized activations", unit, count, 1);
  signflip_unit_gradient(weights, gradient, 0, count);
  check_floats("gradient of quantized activations", gradient, count, 2);
  uint16_t *const half = buffer(count * sizeof(uint16_t));
  signflip_round_to_bfloat16(weights, half, count);
  check_bytes("bfloat16", half, count * sizeof(uint16_t));
}

static void test_standardize(void) {
  const size_t columns = between(2, 200), rows = between(1, 5), count = rows * columns;
  const float *const weights = floats(count, -1, 1), *const scales = floats(rows, 0.5f, 1);
  float *const means = buffer(rows * sizeof(float)), *const deviations = buffer(rows * sizeof(float));
  double *const magnitudes = buffer(rows * sizeof(double));
  signflip_row_moments(weights, 2, columns, means, deviations, magnitudes, 0, rows);
  check_floats("means of rows", means, rows, 1);
  check_floats("deviations of rows", deviations, rows, 1);
  check_doubles("magnitudes of standardized rows", magnitudes, rows);
  // Numbers that are exact in every build.
  for (size_t r = 0; r < rows; r++) means[r] = 0.0123f, deviations[r] = 0.6f;
  float *const levels = buffer(count * sizeof(float)), *const gradient = floats(count, -1, 1);
  uint16_t *const flips = below(2) ? buffer(count * sizeof(uint16_t)) : NULL;
  int64_t histogram[signflip_flip_bins] = {0};
  check_number("centred signs that changed",
               signflip_centred_signs(weights, means, levels, flips, columns, 0, rows, histogram));
  check_floats("centred signs", levels, count, 0);
  check_bytes("flip histogram of centred signs", histogram, sizeof histogram);
  float *const of_scales = buffer(rows * sizeof(float));
  signflip_standardized_gradient(weights, means, deviations, 2, 1.5f, scales, of_scales, gradient, columns, 0, rows);
  check_floats("gradient of standardized weights", gradient, count, 10);
  check_floats("gradient of their scales", of_scales, rows, 10);
  signflip_dampen(weights, below(2) ? levels : NULL, below(2) ? scales : NULL, 0.3f, gradient, columns, 0, rows);
  check_floats("dampened gradient", gradient, count, 10);
}

// MARK: Random draws

static void test_draws(void) {
  const size_t columns = between(1, 300), rows = between(1, 5), count = rows * columns;
  const size_t bytes = rows * signflip_words(columns) * sizeof(uint64_t);
  const signflip_random_stream random = {next(), (uint32_t)next(), (uint32_t)next()};
  uint32_t *const words = buffer(count * sizeof(uint32_t));
  signflip_random_words(words, random, 0, count);
  check_bytes("random words", words, count * sizeof(uint32_t));
  float *const values = floats(count, -1.2f, 1.2f), *const output = buffer(count * sizeof(float));
  uint64_t *const drawn = buffer(bytes);
  signflip_stochastic_signs(values, 1, drawn, random, columns, 0, rows);
  check_bytes("stochastic signs", drawn, bytes);
  signflip_kept_bits(0.3f, drawn, random, columns, 0, rows);
  check_bytes("kept bits", drawn, bytes);
  uint8_t *const kept = buffer(count);
  signflip_dropout(values, output, kept, 0.2f, random, 0, count);
  check_floats("dropout", output, count, 0);
  check_bytes("kept units", kept, count);
  signflip_dropout_gradient(kept, values, 0.2f, 0, count);
  check_floats("gradient of dropout", values, count, 0);
}

// MARK: Batch normalization

static void test_normalization(void) {
  const size_t columns = between(1, 200), rows = between(1, 20), count = rows * columns;
  const size_t bytes = rows * signflip_words(columns) * sizeof(uint64_t), line = columns * sizeof(float);
  float *const input = floats(count, -2, 2);
  // Numbers far from a boundary between two powers of two, which rounding might cross.
  for (size_t i = 0; i < count; i++) input[i] = roundf(input[i] * 8) / 8;
  const signflip_normalization n = {.input = input,
                                    .rows = rows,
                                    .columns = columns,
                                    .mean = buffer(line),
                                    .inverse_deviation = buffer(line),
                                    .scale = floats(columns, 0.5f, 2),
                                    .shift = floats(columns, -1, 1),
                                    .shifts = (int)below(2)};
  float *const sums = buffer(2 * line), *const variance = buffer(line);
  signflip_normalization_sums(&n, 0, sums, 0, columns, 0, rows);
  signflip_add_slices(sums, 2, columns, (double)rows, n.mean);
  check_floats("means", n.mean, columns, 2);
  for (size_t c = 0; c < columns && n.shifts; c++) n.mean[c] = 0.01f;
  signflip_normalization_sums(&n, 1, sums, 0, columns, 0, rows);
  signflip_add_slices(sums, 1, columns, (double)rows, variance);
  check_floats("variances", variance, columns, 4);
  for (size_t c = 0; c < columns && n.shifts; c++) variance[c] = 1.1f;
  float *const running = floats(2 * columns, 0.5f, 1);
  signflip_finish_statistics(&n, variance, 1e-2f, 0.9f, running, running + columns);
  check_floats("inverse deviations", n.inverse_deviation, columns, 10);
  check_floats("running statistics", running, 2 * columns, 4);
  float *const output = buffer(count * sizeof(float));
  const size_t cut = below(rows + 1);
  signflip_normalize(&n, output, (int)below(2), 0, columns, 0, cut);
  signflip_normalize(&n, output, (int)below(2), 0, columns, cut, rows);
  check_floats("normalized", output, count, 40);
  uint64_t *const signs = buffer(bytes), *const passes = buffer(bytes);
  signflip_normalize_to_signs(&n, 1.01f, signs, passes, 0, columns, 0, rows);
  check_bytes("normalized signs", signs, bytes);
  check_bytes("passes", passes, bytes);
  const signflip_random_stream random = {next(), 1, 2};
  signflip_normalize_to_drawn_signs(&n, 1.01f, random, signs, passes, 0, columns, 0, rows);
  check_bytes("drawn signs", signs, bytes);
  float *const gradient = floats(count, -1, 1);
  const signflip_gradient_gate gate = {.passes = below(2) ? bits(rows, columns) : NULL,
                                       .kept = below(2) ? bits(rows, columns) : NULL,
                                       .rectified = below(2) ? output : NULL,
                                       .scale = 1.25f,
                                       .estimator = (signflip_estimator)below(4),
                                       .temperature = 0.7f,
                                       .input = input};
  signflip_normalization_gradient_sums(&n, &gate, gradient, sums, sums + columns, 0, columns, 0, rows);
  check_floats("gated gradient", gradient, count, 10);
  check_floats("gradients of scale and shift", sums, 2 * columns, 400);
  signflip_normalization_gradient(&n, sums, sums + columns, gradient, 0, columns, 0, rows);
  check_floats("gradient of a normalization", gradient, count, 400);
  float *const other = floats(count, -1, 1);
  signflip_gate_gradient(&gate, other, columns, 0, rows);
  check_floats("gradient through a gate", other, count, 10);
  signflip_signs_and_window(input, 0.9f, signs, passes, columns, 0, rows);
  check_bytes("signs of an input", signs, bytes);
  check_bytes("window of an input", passes, bytes);
  signflip_unpack_signs(signs, below(2) ? passes : NULL, 0.5f, output, columns, 0, rows);
  check_floats("unpacked signs", output, count, 0);
}

// MARK: Images

static void test_pixels(void) {
  const size_t height = between(1, 12), width = between(1, 70), channels = between(1, 5);
  const size_t count = height * width * channels;
  const uint8_t *const image = pixels(count);
  const float *const lower = floats(channels, -1, 0), *const scale = floats(channels, 0.001f, 0.01f);
  float *const output = buffer(count * sizeof(float)), *const placed = buffer(count * sizeof(float));
  signflip_placement p = {.row = (int32_t)below(7) - 3,
                          .column = (int32_t)below(7) - 3,
                          .flips = (int32_t)below(2),
                          .hole = (int32_t)below(4),
                          .hole_row = (int32_t)below(height),
                          .hole_column = (int32_t)below(width)};
  signflip_pixels(image, height, width, channels, lower, scale, p, output);
  check_floats("pixels", output, count, 2);
  p.turns = (int32_t)below(2);
  p.angle = uniform(-20, 20), p.down = uniform(-2, 2), p.right = uniform(-2, 2);
  signflip_place(output, height, width, channels, lower, p, placed);
  // If rounding moves a position by an ulp of the image's size, its weights change by as much.
  check_floats("placed image", placed, count, 100);
  float contrast[2];
  signflip_contrast(image, count, 55, 1e-8, contrast, contrast + 1);
  check_floats("contrast", contrast, 2, 1);
  check_number("constant", (uint64_t)signflip_is_constant(image, count));
}

static void test_rows(void) {
  const size_t columns = between(1, 150), rows = between(1, 9), count = rows * columns;
  float *const values = floats(count, -1, 1);
  double *const sums = buffer(columns * sizeof(double));
  signflip_add_rows(values, rows, columns, sums);
  check_doubles("sums of rows", sums, columns);
  const size_t begin = below(columns), width = between(1, columns - begin);
  float *const panel = buffer(rows * width * sizeof(float)), *const row = floats(columns, -1, 1);
  signflip_centred_panel(values, rows, columns, row, begin, width, panel);
  check_floats("centred panel", panel, rows * width, 1);
  signflip_subtract_row(values, rows, columns, row);
  check_floats("rows less a row", values, count, 1);
}

static void test_windows(void) {
  signflip_convolution s = {.height = between(1, 9),
                            .width = between(1, 9),
                            .channels = between(1, 40),
                            .kernel_height = between(1, 3),
                            .kernel_width = between(1, 3),
                            .stride_height = between(1, 2),
                            .stride_width = between(1, 2),
                            .pad_top = below(2),
                            .pad_left = below(2),
                            .padding = below(2) ? signflip_pad_one : signflip_pad_zero};
  s.output_height = (s.height + s.stride_height - 1) / s.stride_height;
  s.output_width = (s.width + s.stride_width - 1) / s.stride_width;
  const size_t batch = between(1, 3), inputs = batch * s.height * s.width * s.channels;
  const size_t windows = batch * s.output_height * s.output_width, pooled = windows * s.channels;
  const size_t places = s.kernel_height * s.kernel_width;
  const float *const images = floats(inputs, -1, 1), *const gradient = floats(pooled, -1, 1);
  float *const rows = buffer(places * pooled * sizeof(float)), *const back = buffer(inputs * sizeof(float));
  signflip_unfold(&s, images, rows, 0, windows);
  check_floats("unfolded images", rows, places * pooled, 0);
  const size_t cut = below(windows + 1);
  signflip_fold(&s, rows, back, 0, cut);
  signflip_fold(&s, rows + cut * places * s.channels, back, cut, windows);
  check_floats("folded images", back, inputs, 10);
  float *const output = buffer(pooled * sizeof(float));
  uint8_t *const choices = buffer(pooled);
  signflip_max_pool(&s, images, output, choices, 0, windows);
  check_floats("max pooling", output, pooled, 0);
  check_bytes("choices", choices, pooled);
  signflip_max_pool_gradient(&s, gradient, choices, back, 0, batch);
  check_floats("gradient of max pooling", back, inputs, 10);
  signflip_average_pool(&s, images, output, 0, windows);
  check_floats("average pooling", output, pooled, 1);
  signflip_average_pool_gradient(&s, gradient, back, 0, batch);
  check_floats("gradient of average pooling", back, inputs, 10);
}

static void test_winograd(void) {
  signflip_convolution s = {.height = between(1, 9),
                            .width = between(1, 9),
                            .channels = between(1, 40),
                            .kernel_height = 3,
                            .kernel_width = 3,
                            .stride_height = 1,
                            .stride_width = 1,
                            .pad_top = 1,
                            .pad_left = 1,
                            .padding = below(2) ? signflip_pad_one : signflip_pad_zero};
  s.output_height = s.height;
  s.output_width = s.width;
  const size_t batch = between(1, 3), filters = between(1, 20);
  const size_t tiles = batch * ((s.height + 1) / 2) * ((s.width + 1) / 2);
  const size_t inputs = batch * s.height * s.width * s.channels, outputs = batch * s.height * s.width * filters;
  const size_t plane = tiles * s.channels, output_plane = tiles * filters, filter_plane = filters * s.channels;
  const float *const images = floats(inputs, -1, 1);
  float *const planes = buffer(16 * plane * sizeof(float)), *const back = buffer(inputs * sizeof(float));
  signflip_winograd_input(&s, images, planes, plane, 0, tiles);
  check_floats("tiles", planes, 16 * plane, 4);
  signflip_winograd_input_gradient(&s, planes, plane, back, 0, batch);
  check_floats("gradient of tiles", back, inputs, 100);
  const float *const products = floats(16 * output_plane, -1, 1);
  float *const output = buffer(outputs * sizeof(float));
  signflip_winograd_output(&s, products, output_plane, filters, output, 0, tiles);
  check_floats("outputs of tiles", output, outputs, 10);
  float *const product_gradient = buffer(16 * output_plane * sizeof(float));
  signflip_winograd_output_gradient(&s, output, filters, product_gradient, output_plane, 0, tiles);
  check_floats("gradient of the outputs of tiles", product_gradient, 16 * output_plane, 40);
  float *const weights = floats(9 * filter_plane, -1, 1), *const tiled = buffer(16 * filter_plane * sizeof(float));
  signflip_winograd_filters(weights, s.channels, tiled, filter_plane, 0, filters);
  check_floats("tiles of filters", tiled, 16 * filter_plane, 4);
  signflip_winograd_filters_gradient(tiled, filter_plane, s.channels, weights, 0, filters);
  check_floats("gradient of the tiles of filters", weights, 9 * filter_plane, 10);
}

// MARK: Activations with learned parameters, shortcuts

static void test_learned(void) {
  const size_t columns = between(1, 200), rows = between(1, 9), count = rows * columns;
  const size_t bytes = rows * signflip_words(columns) * sizeof(uint64_t);
  const float *const input = floats(count, -1, 1), *const threshold = floats(columns, -0.5f, 0.5f);
  uint64_t *const signs = buffer(bytes), *const passes = buffer(bytes);
  signflip_shifted_signs(input, threshold, 0.8f, signs, passes, columns, 0, rows);
  check_bytes("shifted signs", signs, bytes);
  check_bytes("window of shifted signs", passes, bytes);
  float *const output = buffer(count * sizeof(float)), *const sums = buffer(3 * columns * sizeof(float));
  signflip_subtract_threshold(input, threshold, output, columns, 0, rows);
  check_floats("input less threshold", output, count, 1);
  signflip_negative_sums(input, sums, columns, 0, columns, 0, rows);
  check_floats("negative sums", sums, columns, 10);
  const signflip_rprelu r = {threshold, floats(columns, 0, 0.5f), floats(columns, -1, 1), columns};
  signflip_rprelu_forward(&r, input, output, 0, rows);
  check_floats("RPReLU", output, count, 2);
  float *const gradient = floats(count, -1, 1);
  signflip_rprelu_gradient(&r, input, gradient, sums, sums + columns, sums + 2 * columns, 0, columns, 0, rows);
  check_floats("gradient of RPReLU", gradient, count, 1);
  check_floats("gradients of RPReLU's numbers", sums, 3 * columns, 10);
  signflip_add(input, output, 0, count);
  check_floats("sum", output, count, 2);

  const size_t height = between(1, 9), width = between(1, 9), channels = between(1, 20), stride = between(1, 3);
  const signflip_subsampling s = {height,
                                  width,
                                  channels,
                                  stride,
                                  (height + stride - 1) / stride,
                                  (width + stride - 1) / stride,
                                  channels + below(9)};
  const size_t kept = s.output_height * s.output_width;
  float *const images = floats(2 * height * width * channels, -1, 1);
  float *const small = floats(2 * kept * s.output_channels, -1, 1);
  signflip_add_subsampled(&s, images, small, 0, 2 * kept);
  check_floats("subsampled images", small, 2 * kept * s.output_channels, 2);
  signflip_add_to_subsampled(&s, small, images, 0, 2 * kept);
  check_floats("gradient of subsampled images", images, 2 * height * width * channels, 3);
}

// MARK: Packed networks

static int32_t *sums_of(size_t count) {
  int32_t *const values = buffer(count * sizeof(int32_t));
  for (size_t i = 0; i < count; i++) values[i] = (int32_t)below(2001) - 1000;
  return values;
}

// Float operations are rounded separately, so all builds must write the same bytes.
static void test_packed(void) {
  const size_t columns = between(1, 150), depth = between(1, 150), kinds = between(1, 4), count = between(1, 5);
  const size_t rows = between(1, 9), words = signflip_words(columns);
  uint8_t *const classes = buffer(count);
  for (size_t i = 0; i < count; i++) classes[i] = (uint8_t)below(kinds);
  const signflip_pixel_classes by_pixel = {classes, count};
  const int32_t *const sums = sums_of(rows * columns), *const thresholds = sums_of(kinds * columns);
  uint64_t *const signs = buffer(rows * words * sizeof(uint64_t));
  signflip_threshold_sums(sums, thresholds, bits(1, columns), by_pixel, signs, columns, 0, rows);
  check_bytes("signs of sums", signs, rows * words * sizeof(uint64_t));
  float *const real = buffer(rows * columns * sizeof(float));
  double *const offsets = buffer(kinds * columns * sizeof(double));
  for (size_t i = 0; i < kinds * columns; i++) offsets[i] = uniform(-9, 9);
  signflip_sums_to_real(sums, 0.0078431373, below(2) ? offsets : NULL, by_pixel, real, columns, 0, rows);
  check_bytes("floats of sums", real, rows * columns * sizeof(float));

  const float steps = (float)(below(2) ? 255 : between(1, 15));
  uint8_t *const levels = buffer(rows * columns);
  signflip_real_to_levels(floats(rows * columns, -0.2f, 1.2f), steps, levels, 0, rows * columns);
  check_bytes("levels", levels, rows * columns);
  signflip_levels_to_real(levels, steps, real, 0, rows * columns);
  check_bytes("floats of levels", real, rows * columns * sizeof(float));
  signflip_round_operands(floats(rows * columns, -9, 9), real, 0, rows * columns);
  check_bytes("rounded operands", real, rows * columns * sizeof(float));

  int16_t *const whole = buffer(columns * depth * sizeof(int16_t));
  for (size_t i = 0; i < columns * depth; i++) whole[i] = (int16_t)((int)below(511) - 255);
  int32_t *const dots = buffer(rows * columns * sizeof(int32_t));
  signflip_integer_product(pixels(rows * depth), whole, dots, depth, columns, 0, rows);
  check_bytes("product of whole numbers", dots, rows * columns * sizeof(int32_t));
  signflip_sign_bytes(signs, levels, columns, 0, rows);
  check_bytes("signs as bytes", levels, rows * columns);

  float *const panels = buffer(signflip_float_panels(columns, depth) * sizeof(float));
  signflip_pack_float_panels(floats(columns * depth, -1, 1), columns, depth, panels);
  signflip_float_product(floats(rows * depth, -1, 1), panels, real, depth, columns, 0, rows);
  check_bytes("product of floats in order", real, rows * columns * sizeof(float));

  uint64_t *const planes = buffer(8 * signflip_words(depth) * sizeof(uint64_t));
  signflip_byte_planes(pixels(depth), depth, planes);
  check_bytes("planes of bytes", planes, 8 * signflip_words(depth) * sizeof(uint64_t));
  signflip_join_planes(sums_of(8 * columns), dots, columns);
  check_bytes("joined planes", dots, columns * sizeof(int32_t));
}

static void test_packed_windows(void) {
  signflip_convolution s = {.height = between(1, 9),
                            .width = between(1, 9),
                            .channels = below(2) ? between(1, 5) : between(1, 140),
                            .kernel_height = between(1, 4),
                            .kernel_width = between(1, 4),
                            .stride_height = between(1, 2),
                            .stride_width = between(1, 2)};
  s.pad_top = below(s.kernel_height);
  s.pad_left = below(s.kernel_width);
  s.output_height = (s.height + s.stride_height - 1) / s.stride_height;
  s.output_width = (s.width + s.stride_width - 1) / s.stride_width;
  const size_t batch = between(1, 3), windows = batch * s.output_height * s.output_width;
  const size_t features = s.kernel_height * s.kernel_width * s.channels, words = signflip_words(s.channels);
  const size_t stride = features + below(4);
  uint8_t *const rows = buffer(windows * stride);
  const uint8_t *const images = pixels(batch * s.height * s.width * s.channels);
  const size_t cut = below(windows + 1);
  signflip_unfold_bytes(&s, images, rows, stride, 0, cut);
  signflip_unfold_bytes(&s, images, rows + cut * stride, stride, cut, windows);
  check_bytes("unfolded bytes", rows, windows * stride);
  uint64_t *const pooled = buffer(windows * words * sizeof(uint64_t));
  signflip_pool_bits(&s, bits(batch * s.height * s.width, s.channels), bits(1, s.channels), pooled, 0, windows);
  check_bytes("pooled signs", pooled, windows * words * sizeof(uint64_t));
}

// MARK: Main

// The level of the clones that the loader chose.
static const char *level(void) {
#if defined(SIGNFLIP_CLONES)
  return "one level";
#elif defined(__x86_64__)
  return __builtin_cpu_supports("x86-64-v4") ? "x86-64-v4" : __builtin_cpu_supports("x86-64-v3") ? "x86-64-v3" : "x86-64";
#else
  return "plain";
#endif
}

int main(int count, char **arguments) {
  if (count < 3 || (strcmp(arguments[1], "--write") && strcmp(arguments[1], "--check"))) {
    fprintf(stderr, "usage: pass_test --write|--check FILE [rounds] [seed]\n");
    return 64;
  }
  writes = strcmp(arguments[1], "--write") == 0;
  file = fopen(arguments[2], writes ? "wb" : "rb");
  if (!file) {
    perror(arguments[2]);
    return 2;
  }
  const long rounds = count > 3 ? atol(arguments[3]) : 200;
  state = count > 4 ? strtoull(arguments[4], NULL, 10) : 1;
  static void (*const tests[])(void) = {test_update, test_scaled_signs, test_quantize, test_standardize,
                                        test_draws,  test_normalization, test_pixels,  test_rows,
                                        test_windows, test_winograd,     test_learned, test_packed,
                                        test_packed_windows};
  for (long round = 0; round < rounds; round++) {
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
      tests[i]();
      free_buffers();
    }
  }
  if (!writes && fgetc(file) != EOF) fail("length of the file", 0, 0, 1);
  if (fclose(file)) {
    perror(arguments[2]);
    return 2;
  }
  printf("%s: %lu results of passes %s\n", level(), results, writes ? "written" : "agree with the plain build's");
  return 0;
}
