#pragma once

// Compiles a function for each x86-64 level. The loader chooses the best level that the processor and the system support,
// while it relocates the library. So the headers hide these functions: of a visible one, the address stands in a table that is not
// filled in yet.
#if defined(SIGNFLIP_CLONES)
// A test compiles the passes without clones.
#elif defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define SIGNFLIP_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SIGNFLIP_CLONES
#endif

#define SIGNFLIP_INLINE static inline __attribute__((always_inline))
