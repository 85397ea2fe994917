// DEFINE: %{run} = mlir-runner -e main --entry-point-result=void --shared-libs=%llvm_lib_dir/libmlir_runner_utils.so,%llvm_lib_dir/libmlir_c_runner_utils.so
// DEFINE: %{lower} = --one-shot-bufferize=bufferize-function-boundaries --convert-linalg-to-loops --convert-scf-to-cf --expand-strided-metadata --lower-affine --convert-arith-to-llvm --convert-index-to-llvm --finalize-memref-to-llvm --convert-func-to-llvm --convert-cf-to-llvm --reconcile-unrealized-casts

// RUN: sparse-opt %s --convert-sparsity-to-sparse-tensor \
// RUN:     --sparsity-sparsify-kernels --convert-sparsity-to-linalg %{lower} \
// RUN:   | %{run} | FileCheck %s

// A product that goes through upstream's sparsifier, beside the dense code that
// upstream's sparsifier breaks (Pipelines/upstream-sparsifier-loop.mlir).

!w = !sparsity.packed<3x4xf32, #sparsity.stream_format>

sparsity.parameter @w : !w = [dense<[0, 1, 1, 3]> : tensor<4xi32>,
    dense<[1, 0, 3]> : tensor<3xi16>,
    dense<[1.0, 10.0, 100.0]> : tensor<3xf32>]

func.func private @printI64(i64)
func.func private @printNewline()
func.func private @printMemrefF32(tensor<*xf32>)

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
  // CHECK: 24
  %a = arith.constant 7 : i64
  %n = arith.constant 1 : i64
  %m = arith.constant 1 : index
  %r = call @sum(%a, %n, %m) : (i64, i64, index) -> i64
  call @printI64(%r) : (i64) -> ()
  call @printNewline() : () -> ()

  // CHECK: [2, 0, 410]
  // CHECK-NEXT: [6, 0, 850]
  %x = arith.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]>
      : tensor<2x4xf32>
  %w = sparsity.load @w : !w
  %e = tensor.empty() : tensor<2x3xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !w)
           outs(%e : tensor<2x3xf32>) -> tensor<2x3xf32>
  %u = tensor.cast %y : tensor<2x3xf32> to tensor<*xf32>
  call @printMemrefF32(%u) : (tensor<*xf32>) -> ()
  return
}
