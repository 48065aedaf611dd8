#!/usr/bin/env bash
# Tests the kernels of bits: of this processor, under the address and undefined-behaviour sanitizers and as they ship; and
# NEON's, cross-compiled and emulated. Usage: test.sh [random shapes]
set -euo pipefail
cd "$(dirname "$0")/../.."
shapes=${1:-20000}
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
sources=(Tests/Kernels/kernel_test.c Sources/CBinaryKernels/bits/*.c)
flags=(-std=c11 -Wall -Wextra -Werror -ISources/CBinaryKernels/include)

clang "${flags[@]}" -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fuse-ld=lld "${sources[@]}" -o "$build/checked"
"$build/checked" "$((shapes / 10))"

clang "${flags[@]}" -O2 "${sources[@]}" -o "$build/native"
"$build/native" "$shapes"

aarch64-linux-gnu-gcc "${flags[@]}" -O2 -static "${sources[@]}" -o "$build/neon"
qemu-aarch64 "$build/neon" "$((shapes / 10))"
