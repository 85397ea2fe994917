// RUN: not sparse-opt %s --sparsity-instrument='statistics=grams' 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not sparse-opt %s --sparsity-instrument='parameters=[w' 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not sparse-opt %s --sparsity-instrument='parameters=a*' 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not sparse-opt %s --sparsity-instrument='parameters=called' 2>&1 | FileCheck %s --check-prefix=CALLED
// RUN: not sparse-opt %s --sparsity-instrument='parameters=empty' 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: not sparse-opt %s --sparsity-instrument='parameters=both' --remark-format=emitRemark --remarks-filter='sparsity-.*' 2>&1 | FileCheck %s --check-prefix=BOTH

// KIND: error: expected the statistics 'gram', 'magnitudes', 'squares', 'zeros', got 'grams'
// GLOB: error: expected a glob on names of parameters: {{.*}}
// NONE: error: expected products with parameters whose names match 'a*', found none
// CALLED: [[#@LINE + 13]]:{{.*}}: error: expected products with parameters only in functions that are not called; inline them first
// EMPTY: error: expected a value for parameter 'empty', which statistics are tied to by its hash, found none
// BOTH: remark: [Missed] NotObserved{{.*}} Function=both | Reason="products sum along both axes of the parameter"
// BOTH: error: expected products with parameters whose names match 'both', found none
// BOTH: note: left out 'both': products sum along both axes of the parameter
sparsity.parameter @called : tensor<4x2xf32> = dense<1.0> : tensor<4x2xf32>
sparsity.parameter @empty : tensor<4x2xf32>
sparsity.parameter @both : tensor<4x4xf32> = dense<1.0> : tensor<4x4xf32>
func.func @without(%x: tensor<2x4xf32>, %e: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = sparsity.load @empty : tensor<4x2xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
func.func @callee(%x: tensor<2x4xf32>, %e: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = sparsity.load @called : tensor<4x2xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x2xf32>) outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
func.func @caller(%x: tensor<2x4xf32>, %e: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %y = call @callee(%x, %e) : (tensor<2x4xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
func.func @axes(%x: tensor<2x4xf32>, %e: tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %w = sparsity.load @both : tensor<4x4xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x4xf32>) outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %z = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x4xf32>) outs(%e : tensor<2x4xf32>) transpose_rhs -> tensor<2x4xf32>
  return %y, %z : tensor<2x4xf32>, tensor<2x4xf32>
}
