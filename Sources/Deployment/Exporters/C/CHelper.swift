/// A function that several steps of an exported program call. The exporter writes only functions that are called.
enum CHelper: String, CaseIterable {
  case ones, differingBits, differingKeptBits, appendBits, windowShape, gatherBits, gatherBytes, gatherFloats
  case sumOfBytes, sumWhereSet, dotBytes8, dotBytes16, dotSigns8, dotSigns16
  case dotFloats, fourFloats, dotFloatsBits, dotFloatsTernary, dotFloats8, dotFloats16, roundFloats, level

  /// The helpers that it calls.
  var needs: [CHelper] {
    switch self {
    case .differingBits, .differingKeptBits: [.ones]
    case .gatherBits: [.windowShape, .appendBits]
    case .gatherBytes, .gatherFloats: [.windowShape]
    case .dotFloatsBits, .dotFloatsTernary: [.fourFloats]
    default: []
    }
  }

  var code: String {
    switch self {
    case .ones: Self.onesCode
    case .differingBits:
      """
      /* The number of bits in which two rows differ. */
      static int32_t differing_bits(const uint32_t *a, const uint32_t *b, size_t words) {
        uint32_t count = 0;
        size_t k;
        for (k = 0; k < words; k++) count += ones(a[k] ^ b[k]);
        return (int32_t)count;
      }
      """
    case .differingKeptBits:
      """
      /* The number of kept bits in which two rows differ. */
      static int32_t differing_kept_bits(const uint32_t *a, const uint32_t *kept, const uint32_t *b, size_t words) {
        uint32_t count = 0;
        size_t k;
        for (k = 0; k < words; k++) count += ones((a[k] ^ b[k]) & kept[k]);
        return (int32_t)count;
      }
      """
    case .appendBits:
      """
      /* Appends `count` bits to a row whose bits from `place` on are 0. If `bits` is NULL, appends ones. */
      static void append_bits(uint32_t *row, size_t place, const uint32_t *bits, size_t count) {
        size_t k;
        for (k = 0; count > 0; k++) {
          const size_t part = count < 32 ? count : 32, used = place % 32;
          uint32_t word = bits ? bits[k] : 0xFFFFFFFFu;
          if (part < 32) word &= ((uint32_t)1 << part) - 1u;
          row[place / 32] |= word << used;
          if (used + part > 32) row[place / 32 + 1] |= word >> (32 - used);
          place += part;
          count -= part;
        }
      }
      """
    case .windowShape:
      """
      /* Windows that move over an image. Coordinates before its first row or column wrap around to huge numbers, so that
         one comparison
       finds all coordinates outside. */
      typedef struct {
        size_t height, width, channels, kernel_height, kernel_width, stride_height, stride_width, pad_top, pad_left;
      } window_shape;
      """
    case .gatherBits, .gatherBytes, .gatherFloats: gatherCode
    default: productCode
    }
  }

  private static let onesCode = """
    /* The number of bits that are 1. Uses the built-in function only if the processor has an instruction for it. */
    static uint32_t ones(uint32_t word) {
    #if defined(__GNUC__) && (defined(__POPCNT__) || defined(__aarch64__) || defined(__s390x__) || defined(__riscv_zbb))
      return (uint32_t)__builtin_popcountl(word);
    #else
      word -= word >> 1 & 0x55555555u;
      word = (word & 0x33333333u) + (word >> 2 & 0x33333333u);
      word = (word + (word >> 4)) & 0x0F0F0F0Fu;
      return (uint32_t)(word * 0x01010101u) >> 24;
    #endif
    }
    """

  private var gatherCode: String {
    switch self {
    case .gatherBits:
      """
      /* Writes a window as one row of bits; bits outside of the image are 0, which is +1. Returns the number of bits in the
         image. If `kept` is given, sets its bits in the image to 1 and the others to 0. */
      static size_t gather_bits(const uint32_t *image, const window_shape *s, size_t row, size_t column, uint32_t *target,
                                uint32_t *kept) {
        const size_t words = (s->channels + 31) / 32;
        const size_t bytes = (s->kernel_height * s->kernel_width * s->channels + 31) / 32 * sizeof(uint32_t);
        size_t ky, kx, place = 0, inside = 0;
        memset(target, 0, bytes);
        if (kept) memset(kept, 0, bytes);
        for (ky = 0; ky < s->kernel_height; ky++) {
          const size_t y = row * s->stride_height + ky - s->pad_top;
          for (kx = 0; kx < s->kernel_width; kx++, place += s->channels) {
            const size_t x = column * s->stride_width + kx - s->pad_left;
            if (y >= s->height || x >= s->width) continue;
            append_bits(target, place, image + (y * s->width + x) * words, s->channels);
            if (kept) append_bits(kept, place, NULL, s->channels);
            inside += s->channels;
          }
        }
        return inside;
      }
      """
    case .gatherBytes:
      """
      /* Writes a window as one row of bytes, 0 outside of the image. */
      static void gather_bytes(const uint8_t *image, const window_shape *s, size_t row, size_t column, uint8_t *target) {
        size_t ky, kx, c;
        for (ky = 0; ky < s->kernel_height; ky++) {
          const size_t y = row * s->stride_height + ky - s->pad_top;
          for (kx = 0; kx < s->kernel_width; kx++) {
            const size_t x = column * s->stride_width + kx - s->pad_left;
            const int is_inside = y < s->height && x < s->width;
            for (c = 0; c < s->channels; c++) {
              *target++ = is_inside ? image[(y * s->width + x) * s->channels + c] : (uint8_t)0;
            }
          }
        }
      }
      """
    default:
      """
      /* Writes a window as one row of floats. */
      static void gather_floats(const float *image, const window_shape *s, size_t row, size_t column, float outside,
                                float *target) {
        size_t ky, kx, c;
        for (ky = 0; ky < s->kernel_height; ky++) {
          const size_t y = row * s->stride_height + ky - s->pad_top;
          for (kx = 0; kx < s->kernel_width; kx++) {
            const size_t x = column * s->stride_width + kx - s->pad_left;
            const int is_inside = y < s->height && x < s->width;
            for (c = 0; c < s->channels; c++) {
              *target++ = is_inside ? image[(y * s->width + x) * s->channels + c] : outside;
            }
          }
        }
      }
      """
    }
  }

  private var productCode: String {
    switch self {
    case .sumOfBytes:
      """
      static int32_t sum_of_bytes(const uint8_t *x, size_t count) {
        int32_t sum = 0;
        size_t k;
        for (k = 0; k < count; k++) sum += x[k];
        return sum;
      }
      """
    case .sumWhereSet:
      """
      /* The sum of the bytes whose bit is 1. */
      static int32_t sum_where_set(const uint8_t *x, const uint32_t *bits, size_t count) {
        uint32_t sum = 0;
        while (count > 0) {
          const size_t part = count < 32 ? count : 32;
          const uint8_t *const end = x + part;
          uint32_t word = *bits++;
          for (; x < end; x++, word >>= 1) sum += *x & (0u - (word & 1u));
          count -= part;
        }
        return (int32_t)sum;
      }
      """
    case .dotBytes8, .dotBytes16:
      """
      static int32_t dot_bytes_\(bits)(const uint8_t *x, const int\(bits)_t *w, size_t count) {
        int32_t sum = 0;
        size_t k;
        for (k = 0; k < count; k++) sum += (int32_t)x[k] * (int32_t)w[k];
        return sum;
      }
      """
    case .dotSigns8, .dotSigns16:
      """
      /* The sum of the weights whose bit is 1. */
      static int32_t dot_signs_\(bits)(const uint32_t *x, const int\(bits)_t *w, size_t count) {
        int32_t sum = 0;
        size_t k;
        for (k = 0; k < count; k++) sum += x[k / 32] >> (k % 32) & 1u ? (int32_t)w[k] : 0;
        return sum;
      }
      """
    case .level:
      """
      /* round(steps * clip(x, 0, 1)), ties to even. */
      static uint8_t level(float x, float steps) {
        const float scaled = (x > 0.0f ? (x > 1.0f ? 1.0f : x) : 0.0f) * steps;
        const uint8_t low = (uint8_t)scaled;
        const float rest = scaled - (float)low;
        return (uint8_t)(rest > 0.5f || (rest >= 0.5f && (low & 1u)) ? low + 1u : low);
      }
      """
    default: floatCode
    }
  }

  // Floats are added in the order of the runtime's kernels: products with floats one by one, products with signs in
  // groups of four.
  private var floatCode: String {
    switch self {
    case .dotFloats:
      """
      static float dot_floats(const float *x, const float *w, size_t count) {
        float sum = x[0] * w[0];
        size_t k;
        for (k = 1; k < count; k++) {
          const float product = x[k] * w[k];
          sum += product;
        }
        return sum;
      }
      """
    case .fourFloats:
      """
      /* The sum of up to four floats, each negated where its bit is 1. */
      static float four_floats(const float *x, uint32_t bits, size_t count) {
        float low = bits & 1u ? -x[0] : x[0], high = 0.0f;
        if (count > 1) low += bits & 2u ? -x[1] : x[1];
        if (count > 2) high += bits & 4u ? -x[2] : x[2];
        if (count > 3) high += bits & 8u ? -x[3] : x[3];
        low += high;
        return low;
      }
      """
    case .dotFloatsBits:
      """
      static float dot_floats_bits(const float *x, const uint32_t *w, size_t count) {
        float sum = 0.0f;
        size_t k;
        for (k = 0; k < count; k += 4) sum += four_floats(x + k, w[k / 32] >> (k % 32), count - k);
        return sum;
      }
      """
    case .dotFloatsTernary:
      """
      /* A weight is -1 if both of its bits are 1, +1 if both are 0, and 0 if they differ. */
      static float dot_floats_ternary(const float *x, const uint32_t *a, const uint32_t *b, size_t count) {
        float sum = 0.0f;
        size_t k;
        for (k = 0; k < count; k += 4) {
          sum += four_floats(x + k, a[k / 32] >> (k % 32), count - k);
          sum += four_floats(x + k, b[k / 32] >> (k % 32), count - k);
        }
        return 0.5f * sum;
      }
      """
    case .dotFloats8, .dotFloats16:
      """
      static float dot_floats_\(bits)(const float *x, const int\(bits)_t *w, size_t count) {
        float sum = x[0] * (float)w[0];
        size_t k;
        for (k = 1; k < count; k++) {
          const float product = x[k] * (float)w[k];
          sum += product;
        }
        return sum;
      }
      """
    default:
      """
      /* Rounds floats to bfloat16, as in training. */
      static void round_floats(const float *x, float *y, size_t count) {
        size_t k;
        for (k = 0; k < count; k++) {
          uint32_t bits;
          memcpy(&bits, x + k, sizeof bits);
          bits = (bits + 0x7FFFu + (bits >> 16 & 1u)) & 0xFFFF0000u;
          memcpy(y + k, &bits, sizeof bits);
        }
      }
      """
    }
  }

  private var bits: Int {
    switch self {
    case .dotBytes16, .dotSigns16, .dotFloats16: 16
    default: 8
    }
  }
}
