// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v3' --sparsity-lower-to-loops='portable=true' | FileCheck %s
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v3' --sparsity-lower-to-loops='portable=true' | mlir-opt
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v4' --sparsity-lower-to-llvm | FileCheck %s --check-prefix=LLVM
// From linalg with weights to loops and to the LLVM dialect.

// The private function is inlined, so its weight can become an argument; only
// upstream's dialects are left besides the weights.
// CHECK:       sparsity.parameter "private" @fc.packed
// CHECK-LABEL: func.func @f(
// CHECK-SAME:    sparsity.parameter = @fc.packed
// CHECK-NOT:     sparsity.matmul
// CHECK-NOT:     linalg.
// CHECK-NOT:     x86vector
// CHECK:         vector.
// CHECK-NOT:   @layer
// LLVM:        llvm.func @f(
// LLVM-NOT:      sparsity.matmul
// LLVM:          llvm.intr.vector
// LLVM:        llvm.func @_mlir_ciface_f(
func.func private @layer(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %w = arith.constant dense_resource<fc> : tensor<8x8xf32>
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x8xf32>) -> tensor<3x8xf32>
  %y = linalg.matmul ins(%x, %w : tensor<3x8xf32>, tensor<8x8xf32>)
      outs(%z : tensor<3x8xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}
func.func @f(%x: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %y = call @layer(%x) : (tensor<3x8xf32>) -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}
