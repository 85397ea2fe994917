// RUN: sparse-opt %s --sparsity-lower-to-loops='portable=true' | FileCheck %s
// RUN: sparse-opt %s --sparsity-lower-to-loops='portable=true' | mlir-opt
// RUN: sparse-opt %s --sparsity-optimize --sparsity-lower-to-loops='portable=true' | FileCheck %s --check-prefix=WEIGHT
// RUN: sparse-opt %s --sparsity-optimize --sparsity-lower-to-loops='portable=true' | mlir-opt
// The portable form has upstream's operations only, which stock mlir-opt reads.
// Weights are arguments; nothing names our dialect or the target.

// WEIGHT-NOT:   {{sparsity\.|dlti}}
// WEIGHT:       func.func @product(%{{[^:]*}}: memref<?x64xf32>, %{{[^:]*}}: memref<{{.*}}>) -> memref<?x32xf32>
// WEIGHT-NOT:   {{sparsity\.|dlti}}
sparsity.parameter "private" @w : tensor<64x32xf32> = dense<0.0> : tensor<64x32xf32>
func.func @product(%x: tensor<?x64xf32>) -> tensor<?x32xf32> {
  %w = sparsity.load @w : tensor<64x32xf32>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x64xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty(%n) : tensor<?x32xf32>
  %i = linalg.fill ins(%zero : f32) outs(%e : tensor<?x32xf32>) -> tensor<?x32xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x64xf32>, tensor<64x32xf32>) outs(%i : tensor<?x32xf32>) -> tensor<?x32xf32>
  return %y : tensor<?x32xf32>
}

// CHECK-LABEL: func.func @f(
// CHECK-NOT:     sparsity.
// CHECK-NOT:     x86vector
// CHECK-NOT:     linalg.
// CHECK:         scf.parallel
// CHECK:         return
func.func @f(%x: tensor<?x17xf32>, %b: tensor<17xf32>) -> tensor<?x17xf32> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x17xf32>
  %e = tensor.empty(%n) : tensor<?x17xf32>
  %y = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>,
                       affine_map<(d0, d1) -> (d1)>,
                       affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : tensor<?x17xf32>, tensor<17xf32>) outs(%e : tensor<?x17xf32>) {
  ^bb0(%v: f32, %w: f32, %out: f32):
    %s = arith.addf %v, %w : f32
    %t = math.exp %s : f32
    linalg.yield %t : f32
  } -> tensor<?x17xf32>
  return %y : tensor<?x17xf32>
}
