#!/usr/bin/env bash
# Tests the kernels and passes: on this processor, with the address and undefined-behaviour sanitizers and as in a release
# build;
# and those of NEON, cross-compiled and emulated. Usage: test.sh [random shapes] [rounds of passes] [seed]
set -euo pipefail
cd "$(dirname "$0")/../.."
shapes=${1:-20000} rounds=${2:-200} seed=${3:-1}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
bits=(Sources/CBinaryKernels/bits/*.c)
passes=(Tests/Kernels/pass_test.c "${bits[@]}" Sources/CBinaryKernels/passes/*.c -lm)
flags=(-std=c11 -Wall -Wextra -Werror -ISources/CBinaryKernels/include)
checks=(-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fuse-ld=lld)

clang "${flags[@]}" "${checks[@]}" Tests/Kernels/kernel_test.c "${bits[@]}" -o "$build/checked"
"$build/checked" "$((shapes / 10))" "$seed"

clang "${flags[@]}" -O2 Tests/Kernels/kernel_test.c "${bits[@]}" -o "$build/native"
"$build/native" "$shapes" "$seed"

aarch64-linux-gnu-gcc "${flags[@]}" -O2 -static Tests/Kernels/kernel_test.c "${bits[@]}" -o "$build/neon"
qemu-aarch64 "$build/neon" "$((shapes / 10))" "$seed"

# The passes without clones write the reference.
clang "${flags[@]}" -O2 -DSIGNFLIP_CLONES= "${passes[@]}" -o "$build/plain"
"$build/plain" --write "$build/results" "$rounds" "$seed"

clang "${flags[@]}" "${checks[@]}" "${passes[@]}" -o "$build/checked"
"$build/checked" --check "$build/results" "$rounds" "$seed"

if [ "$(uname -m)" = x86_64 ]; then
  # The loader chooses the best clones for this processor; the level below is tested too.
  clang "${flags[@]}" -O2 "${passes[@]}" -o "$build/native"
  "$build/native" --check "$build/results" "$rounds" "$seed"
  if grep -qw avx2 /proc/cpuinfo; then
    clang "${flags[@]}" -O2 '-DSIGNFLIP_CLONES=__attribute__((target("arch=x86-64-v3")))' "${passes[@]}" -o "$build/v3"
    "$build/v3" --check "$build/results" "$rounds" "$seed"
  fi
fi

# With clang, like the program, as gcc in Debian 12 lacks some built-in functions.
clang --target=aarch64-linux-gnu "${flags[@]}" -O2 -static "${passes[@]}" -o "$build/arm"
qemu-aarch64 "$build/arm" --check "$build/results" "$rounds" "$seed"
