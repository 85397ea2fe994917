// RUN: sparse-opt %s --sparsity-detect-patterns -split-input-file | FileCheck %s
// RUN: sparse-opt %s --sparsity-detect-patterns --sparsity-detect-patterns -split-input-file | FileCheck %s

// The most useful fact about each weight becomes its pattern.

// CHECK: @nm_2_4 {{.*}} {pattern = #sparsity.nm<2:4>}
sparsity.parameter @nm_2_4 : tensor<2x4xf32>
    = dense<[[1.0, 0.0, -0.0, 2.0], [0.0, 3.0, 4.0, 0.0]]> : tensor<2x4xf32>

// The finest that holds.
// CHECK: @nm_1_8 {{.*}} {pattern = #sparsity.nm<1:8>}
sparsity.parameter @nm_1_8 : tensor<2x8xf32>
    = dense<[[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
             [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0]]> : tensor<2x8xf32>

// CHECK: @axis_0 {{.*}} {pattern = #sparsity.nm<1:4, axis = 0>}
sparsity.parameter @axis_0 : tensor<4x2xf32>
    = dense<[[1.0, 0.0], [0.0, 0.0], [0.0, 2.0], [0.0, 0.0]]> : tensor<4x2xf32>

// Blocks that are larger are found first, with the fraction that is zero.
// CHECK: @block {{.*}} {pattern = #sparsity.block<[4, 4], zeros = 7.500000e-01>}
sparsity.parameter @block : tensor<8x8xf32> = dense<[
    [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]]> : tensor<8x8xf32>

// Three of five zero, in no other order.
// CHECK: @unstructured {{.*}} {pattern = #sparsity.unstructured<6.000000e-01>}
sparsity.parameter @unstructured : tensor<4x5xf32>
    = dense<[[1.0, 2.0, 3.0, 0.0, 0.0], [4.0, 0.0, 0.0, 0.0, 0.0],
             [5.0, 0.0, 0.0, 0.0, 6.0], [0.0, 0.0, 0.0, 7.0, 8.0]]>
      : tensor<4x5xf32>

// CHECK: @zero {{.*}} {pattern = #sparsity.block<[4, 4], zeros = 1.000000e+00>}
sparsity.parameter @zero : tensor<5x3xf32> = dense<0.0> : tensor<5x3xf32>

// CHECK: @filters {{.*}} {pattern = #sparsity.nm<2:4>}
sparsity.parameter @filters : tensor<2x2x2xbf16>
    = dense<[[[1.0, 1.0], [0.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]]>
      : tensor<2x2x2xbf16>

// -----

// Left alone: what is dense, nearly dense, empty, no matrix of weights, without
// data, or given at run time.

// CHECK-NOT: pattern =
// CHECK-LABEL: func.func @dense
sparsity.parameter @full : tensor<2x4xf32> = dense<1.0> : tensor<2x4xf32>
sparsity.parameter @half : tensor<2x4xf32>
    = dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 0.0, 0.0, 0.0]]> : tensor<2x4xf32>
sparsity.parameter @one_by_one : tensor<1x1xf32> = dense<1.0> : tensor<1x1xf32>
sparsity.parameter @empty : tensor<0x4xf32> = dense<> : tensor<0x4xf32>
sparsity.parameter @bias : tensor<4xf32> = dense<0.0> : tensor<4xf32>
sparsity.parameter @ids : tensor<1x4xi64> = dense<0> : tensor<1x4xi64>
sparsity.parameter @missing : tensor<2x4xf32> = dense_resource<missing>
    : tensor<2x4xf32>
sparsity.parameter @later : tensor<2x4xf32>
sparsity.parameter @packed
    : !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
func.func @dense() {
  return
}

// -----

// Promises that hold stay, unless a finer fact covers them.

// CHECK: @kept {{.*}} {pattern = #sparsity.unstructured<5.000000e-01>}
sparsity.parameter @kept : tensor<1x4xf32> = dense<[[1.0, 2.0, 0.0, 0.0]]>
    : tensor<1x4xf32> {pattern = #sparsity.unstructured<0.5>}
// CHECK: @refined {{.*}} {pattern = #sparsity.nm<1:4>}
sparsity.parameter @refined : tensor<1x4xf32> = dense<[[1.0, 0.0, 0.0, 0.0]]>
    : tensor<1x4xf32> {pattern = #sparsity.nm<2:4>}
// Nearly the same is no news.
// CHECK: @nearly {{.*}} {pattern = #sparsity.unstructured<6.000000e-01>}
sparsity.parameter @nearly : tensor<4x5xf32>
    = dense<[[1.0, 2.0, 3.0, 0.0, 0.0], [4.0, 0.0, 0.0, 0.0, 0.0],
             [5.0, 0.0, 0.0, 0.0, 6.0], [0.0, 0.0, 0.0, 7.0, 8.0]]>
      : tensor<4x5xf32> {pattern = #sparsity.unstructured<0.6>}
// CHECK: @unchecked : tensor<2x4xf32> {pattern = #sparsity.nm<2:4>}
sparsity.parameter @unchecked : tensor<2x4xf32> {pattern = #sparsity.nm<2:4>}
func.func @assumed() -> tensor<1x4xf32> {
  %w = sparsity.load @kept : tensor<1x4xf32>
  %a = sparsity.assume %w : tensor<1x4xf32>, #sparsity.nm<2:4>
  %b = sparsity.assume %a : tensor<1x4xf32>, #sparsity.block<[1, 2], zeros = 0.5>
  return %b : tensor<1x4xf32>
}
