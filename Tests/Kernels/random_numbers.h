// Random numbers for the tests of kernels, equal on every machine: SplitMix64.
#pragma once

#include <stddef.h>
#include <stdint.h>

static uint64_t state = 1;

static inline uint64_t next(void) {
  uint64_t z = state += 0x9E3779B97F4A7C15u;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
  z = (z ^ z >> 27) * 0x94D049BB133111EBu;
  return z ^ z >> 31;
}

static inline size_t below(size_t count) { return (size_t)(next() % count); }
static inline size_t between(size_t low, size_t high) { return low + below(high - low + 1); }
