#include "CBinaryKernels.h"
#include "../clones.h"

SIGNFLIP_CLONES
void signflip_dampen(const float *weights, const float *levels, const float *scales, float strength, float *gradient,
                     size_t columns, size_t begin, size_t end) {
  for (size_t row = begin; row < end; row++) {
    const float *const w = weights + row * columns;
    float *const g = gradient + row * columns;
    const float scale = scales ? scales[row] : 1;
    if (levels) {
      const float *const q = levels + row * columns;
      for (size_t j = 0; j < columns; j++) {
        g[j] += __builtin_fabsf(w[j]) <= scale ? strength * (w[j] - scale * q[j]) : 0;
      }
    } else {
      for (size_t j = 0; j < columns; j++) {
        g[j] += __builtin_fabsf(w[j]) <= scale ? strength * (w[j] < 0 ? w[j] + scale : w[j] - scale) : 0;
      }
    }
  }
}
