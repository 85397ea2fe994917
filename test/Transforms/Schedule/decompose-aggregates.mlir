// RUN: sparse-opt %s --sparsity-decompose-aggregates | FileCheck %s
// A softmax becomes its steps.

// CHECK-LABEL: @softmax
// CHECK-NOT:     linalg.softmax
// CHECK:         arith.max
// CHECK:         arith.subf
// CHECK:         math.exp
// CHECK:         arith.addf
// CHECK:         arith.divf
func.func @softmax(%x: tensor<3x?xf32>, %e: tensor<3x?xf32>) -> tensor<3x?xf32> {
  %y = linalg.softmax dimension(1) ins(%x : tensor<3x?xf32>)
      outs(%e : tensor<3x?xf32>) -> tensor<3x?xf32>
  return %y : tensor<3x?xf32>
}

// On memrefs it stays.
// CHECK-LABEL: @memrefs
// CHECK:         linalg.softmax
func.func @memrefs(%x: memref<3x5xf32>, %y: memref<3x5xf32>) {
  linalg.softmax dimension(1) ins(%x : memref<3x5xf32>) outs(%y : memref<3x5xf32>)
  return
}
