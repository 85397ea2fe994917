// parameter, load and assume: round trips and folds.

// RUN: sparse-opt %s --verify-roundtrip | FileCheck %s
// RUN: sparse-opt %s --mlir-print-op-generic | sparse-opt | FileCheck %s
// RUN: sparse-opt %s --canonicalize --cse --verify-roundtrip | FileCheck %s --check-prefix=FOLD

// CHECK: sparsity.parameter @bias : tensor<4xf32> = dense<1.000000e+00> : tensor<4xf32>
sparsity.parameter @bias : tensor<4xf32> = dense<1.0> : tensor<4xf32>
// CHECK: sparsity.parameter @fc1.weight : tensor<8x4xf32> {pattern = #sparsity.nm<2:4>}
sparsity.parameter @fc1.weight : tensor<8x4xf32> {pattern = #sparsity.nm<2:4>}
// CHECK: sparsity.parameter "private" @resource : tensor<1x2xf32> = dense_resource<blob> : tensor<1x2xf32>
sparsity.parameter "private" @resource : tensor<1x2xf32> = dense_resource<blob> : tensor<1x2xf32>
// CHECK: sparsity.parameter @wish : tensor<8x4xf32>
// CHECK-SAME: request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">
sparsity.parameter @wish : tensor<8x4xf32>
  {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
// CHECK: sparsity.parameter @packed : !sparsity.packed<8x4xf32, #sparsity.nm_format<4:4>>
// CHECK-SAME: {origin = "fc1.weight", transposed}
sparsity.parameter @packed : !sparsity.packed<8x4xf32, #sparsity.nm_format<4:4>>
  {origin = "fc1.weight", transposed}
// CHECK: sparsity.parameter @given : !sparsity.packed<1x4xf32, #sparsity.dense_format<panel = 16>>
// CHECK-SAME: = [dense<0.000000e+00> : tensor<64xf32>]
sparsity.parameter @given : !sparsity.packed<1x4xf32, #sparsity.dense_format<panel = 16>>
  = [dense<0.0> : tensor<64xf32>]

// CHECK-LABEL: func @load
// FOLD-LABEL: func @load
func.func @load() -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  // CHECK: sparsity.load @fc1.weight : tensor<8x4xf32>
  // FOLD: %[[W:.*]] = sparsity.load @fc1.weight
  // FOLD-NEXT: return %[[W]], %[[W]]
  %w = sparsity.load @fc1.weight : tensor<8x4xf32>
  %v = sparsity.load @fc1.weight : tensor<8x4xf32>
  return %w, %v : tensor<8x4xf32>, tensor<8x4xf32>
}

// Equal types do not make equal parameters.
// FOLD-LABEL: func @load_two
func.func @load_two() -> (tensor<8x4xf32>, tensor<8x4xf32>) {
  // FOLD-DAG: %[[A:.*]] = sparsity.load @fc1.weight
  // FOLD-DAG: %[[B:.*]] = sparsity.load @wish
  // FOLD: return %[[A]], %[[B]]
  %a = sparsity.load @fc1.weight : tensor<8x4xf32>
  %b = sparsity.load @wish : tensor<8x4xf32>
  return %a, %b : tensor<8x4xf32>, tensor<8x4xf32>
}

// CHECK-LABEL: func @load_packed
func.func @load_packed() -> !sparsity.packed<8x4xf32, #sparsity.nm_format<4:4>> {
  // CHECK: sparsity.load @packed : !sparsity.packed<8x4xf32, #sparsity.nm_format<4:4>>
  %w = sparsity.load @packed : !sparsity.packed<8x4xf32, #sparsity.nm_format<4:4>>
  return %w : !sparsity.packed<8x4xf32, #sparsity.nm_format<4:4>>
}

// A weaker fact about the same value is dropped.
// CHECK-LABEL: func @assume
// FOLD-LABEL: func @assume
func.func @assume(%0: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // CHECK: sparsity.assume %{{.*}} : tensor<8x4xf32>, #sparsity.nm<2:4>
  // FOLD: %[[A:.*]] = sparsity.assume %{{.*}} : tensor<8x4xf32>, #sparsity.nm<2:4>
  // FOLD-NEXT: return %[[A]]
  %1 = sparsity.assume %0 : tensor<8x4xf32>, #sparsity.nm<2:4>
  %2 = sparsity.assume %1 : tensor<8x4xf32>, #sparsity.nm<4:8>
  return %2 : tensor<8x4xf32>
}

// A stronger or an unrelated one stays.
// FOLD-LABEL: func @assume_stronger
func.func @assume_stronger(%0: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // FOLD: sparsity.assume %{{.*}} : tensor<8x4xf32>, #sparsity.nm<2:4>
  // FOLD: sparsity.assume %{{.*}} : tensor<8x4xf32>, #sparsity.nm<1:4>
  // FOLD: sparsity.assume %{{.*}} : tensor<8x4xf32>, #sparsity.nm<2:4, axis = 0>
  %1 = sparsity.assume %0 : tensor<8x4xf32>, #sparsity.nm<2:4>
  %2 = sparsity.assume %1 : tensor<8x4xf32>, #sparsity.nm<1:4>
  %3 = sparsity.assume %2 : tensor<8x4xf32>, #sparsity.nm<2:4, axis = 0>
  return %3 : tensor<8x4xf32>
}

{-#
  dialect_resources: {
    builtin: {
      blob: "0x040000000000803F00000040"
    }
  }
#-}
