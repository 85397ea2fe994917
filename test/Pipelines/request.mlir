// RUN: sparse-opt %s --sparsity-optimize | FileCheck %s
// Requests that are in a program already are carried out, with or without a
// recipe.

// CHECK:     sparsity.parameter "private" @w.packed
// CHECK-NOT: request
// CHECK-SAME: pattern = #sparsity.nm<2:4>
sparsity.parameter "private" @w : tensor<8x8xf32> = dense<1.0> : tensor<8x8xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
func.func @f(%x: tensor<?x8xf32>, %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %w = sparsity.load @w : tensor<8x8xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x8xf32>, tensor<8x8xf32>)
      outs(%e : tensor<?x8xf32>) transpose_rhs -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
