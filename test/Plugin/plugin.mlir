// REQUIRES: no-sanitizer
// The plugin in stock mlir-opt: the dialect parses and prints, bufferization
// finds our external models.

// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s \
// RUN:   --pass-pipeline='builtin.module(canonicalize)' | FileCheck %s
// RUN: mlir-opt --load-dialect-plugin=%plugin %s --one-shot-bufferize="bufferize-function-boundaries" \
// RUN:   | FileCheck %s --check-prefix=BUFFER
// RUN: mlir-opt --load-dialect-plugin=%plugin --load-pass-plugin=%plugin %s \
// RUN:   --pass-pipeline='builtin.module(sparsity-lift-parameters{min-elements=4},sparsity-detect-patterns)' \
// RUN:   | FileCheck %s --check-prefix=DETECT

// CHECK: sparsity.parameter @w : tensor<8x4xf32> {pattern = #sparsity.nm<2:4>}
sparsity.parameter @w : tensor<8x4xf32> {pattern = #sparsity.nm<2:4>}

// CHECK-LABEL: func @product
// BUFFER-LABEL: func @product
func.func @product(%x: tensor<2x4xf32>,
                   %p: !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>,
                   %e: tensor<2x8xf32>) -> tensor<2x8xf32> {
  // CHECK: sparsity.matmul ins
  // BUFFER: sparsity.matmul ins({{.*}} : memref<2x4xf32
  %y = sparsity.matmul ins(%x, %p : tensor<2x4xf32>,
                           !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>)
           outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// DETECT: sparsity.parameter "private" @constant.0 {{.*}}pattern = #sparsity.nm<2:4, axis = 0>
func.func @weight(%x: tensor<2x4xf32>, %e: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = arith.constant dense<[[1.0, 0.0], [0.0, 2.0], [0.0, 3.0], [4.0, 0.0]]> : tensor<4x2xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x4xf32>, tensor<4x2xf32>)
      outs(%e : tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}
