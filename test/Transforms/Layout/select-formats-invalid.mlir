// RUN: sparse-opt %s --sparsity-select-formats='format=bsr' -verify-diagnostics
// RUN: not sparse-opt %s --sparsity-select-formats='format=csr' 2>&1 | FileCheck %s --check-prefix=FORMAT
// RUN: not sparse-opt %s --sparsity-select-formats='target=x86-64-v5' 2>&1 | FileCheck %s --check-prefix=TARGET
// Formats that do not exist or do not hold a weight, and unknown targets.

// FORMAT: error: unknown format 'csr'; expected one of dense, nm, bsr, stream
// TARGET: error: expected 'host', {{.*}}, got 'x86-64-v5'; did you mean 'x86-64-v{{.}}'?

sparsity.parameter "private" @w : tensor<8x8xf32> {pattern = #sparsity.nm<2:4>}

func.func @f(%x: tensor<4x8xf32>, %e: tensor<4x8xf32>) -> tensor<4x8xf32> {
  %w = sparsity.load @w : tensor<8x8xf32>
  // expected-error @below {{expected parameter 'w' to have a pattern that 'bsr' holds, found #sparsity.nm<2:4>}}
  %y = sparsity.matmul ins(%x, %w : tensor<4x8xf32>, tensor<8x8xf32>)
      outs(%e : tensor<4x8xf32>) transpose_rhs -> tensor<4x8xf32>
  return %y : tensor<4x8xf32>
}
