// The update of a block of weights. update.c includes this file once for each form of the moments, and defines before:
// UPDATE_BLOCK, the function's name; MOMENT, the type of a stored moment; LOAD_MOMENT(m), its value; STORE_MOMENT(x, draw), what
// is stored of x; DRAWS(key, place), two random numbers of 16 bits; CONTRACTION, whether multiplications and additions may be fused.

// The flags are constants in each call, so that each loop has no branches. `restrict` is on the parameters, since the
// compiler keeps it for inlined functions only there.
SIGNFLIP_INLINE void UPDATE_BLOCK(float *restrict w, const float *restrict gradient, MOMENT *restrict first,
                                  MOMENT *restrict second, float *restrict squares, size_t count,
                                  const signflip_update_numbers n, float limit, float inverse_correction,
                                  signflip_update_rule rule, int has_velocity, rounding_key key, uint32_t place) {
  CONTRACTION
  for (size_t j = 0; j < count; j++) {
    const float raw = gradient[j];
    squares[j] += raw * raw;
    const float old = w[j];
    const float g = raw + n.weight_decay * old;
    const uint32_t draws = DRAWS(key, place + (uint32_t)j);
    if (rule == signflip_bop) {
      const float m = (1 - n.momentum) * LOAD_MOMENT(first[j]) + n.momentum * raw;
      first[j] = STORE_MOMENT(m, draws & 0xFFFF);
      // A flip needs m beyond the threshold and with the sign of the weight: then a step against m would pass through zero.
      const float along = old < 0 ? -m : m;
      w[j] = along > n.threshold ? -old : old;
      continue;
    }
    float step = g;
    if (rule == signflip_adam) {
      float m = n.beta1 * LOAD_MOMENT(first[j]) + (1 - n.beta1) * g;
      float v = n.beta2 * LOAD_MOMENT(second[j]) + (1 - n.beta2) * g * g;
      // Without a gradient, moments would stay denormal forever, which is several times slower.
      m = __builtin_fabsf(m) < 1e-30f ? 0 : m;
      v = v < 1e-30f ? 0 : v;
      first[j] = STORE_MOMENT(m, draws & 0xFFFF);
      second[j] = STORE_MOMENT(v, draws >> 16);
      // sqrtf could set errno, and would keep the loop scalar.
      step = m / (__builtin_elementwise_sqrt(v) * inverse_correction + n.epsilon);
    } else if (rule == signflip_adamax) {
      float m = n.beta1 * LOAD_MOMENT(first[j]) + (1 - n.beta1) * g;
      m = __builtin_fabsf(m) < 1e-30f ? 0 : m;
      const float faded = n.beta2 * LOAD_MOMENT(second[j]), size = __builtin_fabsf(g) + n.epsilon;
      // Written so that NaN stays NaN.
      const float u = faded > size ? faded : size;
      first[j] = STORE_MOMENT(m, draws & 0xFFFF);
      second[j] = STORE_MOMENT(u, draws >> 16);
      step = m / u;
    } else if (rule == signflip_shift_adamax) {
      float m = n.beta1 * LOAD_MOMENT(first[j]) + (1 - n.beta1) * g;
      m = __builtin_fabsf(m) < 1e-30f ? 0 : m;
      const float faded = n.beta2 * LOAD_MOMENT(second[j]), size = __builtin_fabsf(g);
      float v = faded > size ? faded : size;
      v = v < 1e-30f ? 0 : v;
      first[j] = STORE_MOMENT(m, draws & 0xFFFF);
      second[j] = STORE_MOMENT(v, draws >> 16);
      step = m / (signflip_power(v) + n.epsilon);
    } else if (has_velocity) {
      step = n.momentum * LOAD_MOMENT(first[j]) + g;
      first[j] = STORE_MOMENT(step, draws & 0xFFFF);
    }
    float updated = old - n.rate * step;
    updated = updated > limit ? limit : updated;
    updated = updated < -limit ? -limit : updated;
    w[j] = updated;
  }
}

#undef UPDATE_BLOCK
#undef MOMENT
#undef LOAD_MOMENT
#undef STORE_MOMENT
#undef DRAWS
#undef CONTRACTION
