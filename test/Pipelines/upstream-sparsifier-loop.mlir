// DEFINE: %{run} = mlir-runner -e main --entry-point-result=void --shared-libs=%llvm_lib_dir/libmlir_c_runner_utils.so
// DEFINE: %{lower} = --convert-scf-to-cf --expand-strided-metadata --lower-affine --convert-arith-to-llvm --finalize-memref-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts

// RUN: mlir-opt %s --sparsifier=enable-runtime-library=false | %{run} \
// RUN:   | FileCheck %s --check-prefix=UPSTREAM
// RUN: mlir-opt %s --one-shot-bufferize=bufferize-function-boundaries %{lower} \
// RUN:   | %{run} | FileCheck %s
// RUN: sparse-opt %s --sparsity-sparsify-kernels \
// RUN:     --one-shot-bufferize=bufferize-function-boundaries %{lower} \
// RUN:   | %{run} | FileCheck %s

// What upstream's sparsifier does to dense code: a tensor that is made in a loop
// and overwritten in it becomes one buffer, made before the loop. The result
// should be 3 * (7 + 1). When the first line of output changes, upstream has
// changed, and --sparsity-sparsify-kernels may not be needed any more.

// UPSTREAM: 12
// CHECK: 24

func.func private @printI64(i64)
func.func private @printNewline()

func.func @sum(%a: i64, %n: i64, %m: index) -> i64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %z = arith.constant 0 : i64
  %r = scf.for %k = %c0 to %c3 step %c1 iter_args(%acc = %z) -> (i64) {
    %p = arith.remui %k, %m : index
    %t = tensor.from_elements %a, %a, %a : tensor<3xi64>
    %e = tensor.extract %t[%p] : tensor<3xi64>
    %s = arith.addi %acc, %e : i64
    %w = tensor.insert %n into %t[%p] : tensor<3xi64>
    %f = tensor.extract %w[%p] : tensor<3xi64>
    %u = arith.addi %s, %f : i64
    scf.yield %u : i64
  }
  return %r : i64
}

func.func @main() {
  %a = arith.constant 7 : i64
  %n = arith.constant 1 : i64
  %m = arith.constant 1 : index
  %r = call @sum(%a, %n, %m) : (i64, i64, index) -> i64
  call @printI64(%r) : (i64) -> ()
  call @printNewline() : () -> ()
  return
}
