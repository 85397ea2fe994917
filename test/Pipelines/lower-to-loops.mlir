// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v3' --sparsity-lower-to-loops | FileCheck %s
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v4 format=dense' --sparsity-lower-to-llvm | FileCheck %s --check-prefix=LLVM
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64' --dump-pass-pipeline 2>&1 | FileCheck %s --check-prefix=DUMP
// From linalg with weights to loops and to the LLVM dialect.

// The private function is inlined, so that its weight can become an argument.
// CHECK:       sparsity.parameter "private" @fc.packed
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    sparsity.parameter = @fc.packed
// CHECK-NOT:     sparsity.matmul
// CHECK-NOT:     linalg.
// CHECK:         return
// CHECK-NOT:   @layer
// LLVM:        llvm.func @f(
// LLVM-NOT:      sparsity.matmul
// LLVM:        llvm.func @_mlir_ciface_f(
// DUMP:        sparsity-lift-parameters
// DUMP:        sparsity-detect-patterns
// DUMP:        sparsity-select-formats{{[{].*}}target=x86-64
// DUMP:        sparsity-pack-weights
func.func private @layer(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %w = arith.constant dense_resource<fc> : tensor<4x4xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x4xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x4xf32>) -> tensor<3x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<3x4xf32>, tensor<4x4xf32>)
      outs(%z : tensor<3x4xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
func.func @f(%x: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %y = call @layer(%x) : (tensor<3x4xf32>) -> tensor<3x4xf32>
  return %y : tensor<3x4xf32>
}
{-# dialect_resources: {builtin: {fc: "0x040000000000803f0000000000000000000000000000a0400000000000000000000000000000104100000000000000000000000000005041000000000000000000000000"}} #-}
