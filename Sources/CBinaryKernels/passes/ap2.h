#pragma once

#include <stdint.h>
#include <string.h>

#include "../clones.h"

/// The power of two nearest to x by logarithm, with its sign: sign(x)·2^round(log₂|x|), and 0 where |x| < 2⁻¹²⁶.
///
/// The exponent is increased if the mantissa is at least √2; 0x3504F4 is the smallest such float32 mantissa.
SIGNFLIP_INLINE float signflip_power(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  uint32_t power = (bits + (0x00800000 - 0x003504F4)) & 0xFF800000;
  power = (bits & 0x7F800000) == 0 ? 0 : power;
  // NaN: its mantissa would carry into the sign.
  power = (bits & 0x7FFFFFFF) > 0x7F800000 ? bits : power;
  float result;
  memcpy(&result, &power, sizeof result);
  return result;
}
