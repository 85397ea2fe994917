#!/bin/bash
# Configures the build folder (clang-22, lld, ccache, Ninja) and builds the
# given targets; without any, everything.
#   tools/dev/build.sh [TARGET...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# The cache holds paths relative to the checkout, so that clones share it.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1

llvm=/usr/lib/llvm-22
configure=(cmake -S . -B build -G Ninja
  -DCMAKE_BUILD_TYPE=Release
  -DCMAKE_C_COMPILER="$llvm/bin/clang" -DCMAKE_CXX_COMPILER="$llvm/bin/clang++"
  -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
  -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld
  -DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld
  -DCMAKE_MODULE_LINKER_FLAGS=-fuse-ld=lld
  -DMLIR_DIR="$llvm/lib/cmake/mlir"
  -DPython_EXECUTABLE="$PWD/.venv/bin/python")

echo "build: configuring"
mkdir -p build
if ! "${configure[@]}" >build/configure.log 2>&1; then
  tail -n 30 build/configure.log >&2
  exit 1
fi
echo "build: ${*:-everything}"
ninja -C build "$@"
