// RUN: sparse-opt %s --sparsity-apply-pruning -split-input-file | FileCheck %s
// RUN: sparse-opt %s --sparsity-apply-pruning --sparsity-apply-pruning -split-input-file | FileCheck %s
// RUN: sparse-opt %s --sparsity-apply-pruning --sparsity-detect-patterns -split-input-file -o /dev/null

// Requests become patterns; running again changes nothing, and the new facts
// hold (the third line checks them).

// CHECK: @nm_2_4 : tensor<2x4xf32>
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, -3.000000e+00, 0.000000e+00, 2.000000e+00], [5.000000e+00, 0.000000e+00, 6.000000e+00, 0.000000e+00]]>
// CHECK-SAME: {pattern = #sparsity.nm<2:4>, sparsity.original = "xxh64:{{[0-9a-f]*}}"}
sparsity.parameter @nm_2_4 : tensor<2x4xf32>
    = dense<[[1.0, -3.0, 0.5, 2.0], [5.0, 0.0, 6.0, -0.0]]> : tensor<2x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// A short last group keeps up to n.
// CHECK: @nm_1_4_ragged
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 0.000000e+00, 0.000000e+00, 4.000000e+00, 0.000000e+00, 6.000000e+00]]>
sparsity.parameter @nm_1_4_ragged : tensor<1x6xf32>
    = dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]]> : tensor<1x6xf32>
    {request = #sparsity.request<#sparsity.nm<1:4>, importance = "magnitude">}

// CHECK: @nm_3_5
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 0.000000e+00, 3.000000e+00, 4.000000e+00, 5.000000e+00, 6.000000e+00, 7.000000e+00]]>
sparsity.parameter @nm_3_5 : tensor<1x7xf32>
    = dense<[[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]]> : tensor<1x7xf32>
    {request = #sparsity.request<#sparsity.nm<3:5>, importance = "magnitude">}

// CHECK: @axis_0
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 4.000000e+00], [3.000000e+00, 0.000000e+00], [5.000000e+00, 6.000000e+00]]>
// CHECK-SAME: #sparsity.nm<1:2, axis = 0>
sparsity.parameter @axis_0 : tensor<3x2xf32>
    = dense<[[1.0, 4.0], [3.0, 2.0], [5.0, 6.0]]> : tensor<3x2xf32>
    {request = #sparsity.request<#sparsity.nm<1:2, axis = 0>,
                                 importance = "magnitude">}

// -----

// Blocks are ranked by their sums, ragged ones as they are; 2 of 6 are kept.

// CHECK: @block
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 0.000000e+00, 9.000000e+00, 1.000000e+00, 0.000000e+00], [0.000000e+00, 0.000000e+00, 1.000000e+00, 1.000000e+00, 0.000000e+00], [0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 8.000000e+00]]>
// CHECK-SAME: {pattern = #sparsity.block<[2, 2], zeros = {{.*}}>, sparsity.original = "xxh64:{{[0-9a-f]*}}"}
sparsity.parameter @block : tensor<3x5xf32>
    = dense<[[1.0, 1.0, 9.0, 1.0, 7.0], [1.0, 1.0, 1.0, 1.0, 0.0],
             [1.0, 1.0, 1.0, 1.0, 8.0]]> : tensor<3x5xf32>
    {request = #sparsity.request<#sparsity.block<[2, 2]>,
        importance = "magnitude", target_sparsity = 0.6666>}

// A block larger than the weight is one block.
// CHECK: @one_block
// CHECK-SAME: dense<0.000000e+00>
// CHECK-SAME: zeros = 7.500000e-01
sparsity.parameter @one_block : tensor<3x3xf32> = dense<2.0> : tensor<3x3xf32>
    {request = #sparsity.request<#sparsity.block<[16, 16]>,
        importance = "magnitude", target_sparsity = 0.75>}

// CHECK: @unstructured
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00], [0.000000e+00, 0.000000e+00, 0.000000e+00, 9.000000e+00, -1.000000e+01]]>
// CHECK-SAME: {pattern = #sparsity.unstructured<8.000000e-01>, sparsity.original = "xxh64:{{[0-9a-f]*}}"}
sparsity.parameter @unstructured : tensor<2x5xf32>
    = dense<[[1.0, 2.0, 3.0, 4.0, 5.0], [6.0, 7.0, 8.0, 9.0, -10.0]]>
      : tensor<2x5xf32>
    {request = #sparsity.request<#sparsity.unstructured,
        importance = "magnitude", target_sparsity = 0.8>}

// All and nothing.
// CHECK: @keep_all
// CHECK-SAME{LITERAL}: dense<[[1.000000e+00, 2.000000e+00]]>
sparsity.parameter @keep_all : tensor<1x2xf32> = dense<[[1.0, 2.0]]>
    : tensor<1x2xf32>
    {request = #sparsity.request<#sparsity.unstructured,
        importance = "magnitude", target_sparsity = 0.0>}
// CHECK: @keep_none
// CHECK-SAME: dense<0.000000e+00>
sparsity.parameter @keep_none : tensor<1x2xf32> = dense<[[1.0, 2.0]]>
    : tensor<1x2xf32>
    {request = #sparsity.request<#sparsity.unstructured,
        importance = "magnitude", target_sparsity = 1.0>}

// -----

// Ties keep the lowest index, also when all are equal (a splat).

// CHECK: @ties
// CHECK-SAME{LITERAL}: dense<[[2.000000e+00, -2.000000e+00, 0.000000e+00, 0.000000e+00]]>
sparsity.parameter @ties : tensor<1x4xf32>
    = dense<[[2.0, -2.0, 2.0, 2.0]]> : tensor<1x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// CHECK: @equal
// CHECK-SAME{LITERAL}: dense<[[1.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 1.000000e+00], [1.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00, 1.000000e+00]]>
sparsity.parameter @equal : tensor<2x5xf32> = dense<1.0> : tensor<2x5xf32>
    {request = #sparsity.request<#sparsity.nm<1:4>, importance = "magnitude">}

// CHECK: @zero
// CHECK-SAME: dense<0.000000e+00>
// CHECK-SAME: {pattern = #sparsity.nm<2:4>, sparsity.original = "xxh64:{{[0-9a-f]*}}"}
sparsity.parameter @zero : tensor<4x4xf32> = dense<0.0> : tensor<4x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// CHECK: @one_by_one
// CHECK-SAME: dense<3.000000e+00>
sparsity.parameter @one_by_one : tensor<1x1xf32> = dense<3.0> : tensor<1x1xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// CHECK: @empty
// CHECK-SAME: {pattern = #sparsity.nm<2:4>, sparsity.original = "xxh64:{{[0-9a-f]*}}"}
sparsity.parameter @empty : tensor<0x4xf32> = dense<> : tensor<0x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// Inf is the largest; kept elements keep their bits, pruned -0.0 becomes 0.0.
// CHECK: @inf
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 0xFF800000, 0.000000e+00, 3.000000e+38], [-0.000000e+00, 0.000000e+00, 1.000000e+00, 0.000000e+00]]>
sparsity.parameter @inf : tensor<2x4xf32>
    = dense<[[1.0, 0xFF800000, 2.0, 3.0e38], [-0.0, -0.0, 1.0, -0.0]]>
      : tensor<2x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// -----

// Other element types; f64 is compared as f64.

// CHECK: @bf16
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 3.000000e+00, 0.000000e+00, -4.000000e+00]]> : tensor<1x4xbf16>
sparsity.parameter @bf16 : tensor<1x4xbf16>
    = dense<[[1.0, 3.0, 2.0, -4.0]]> : tensor<1x4xbf16>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
// CHECK: @f16
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 3.000000e+00, 0.000000e+00, -4.000000e+00]]> : tensor<1x4xf16>
sparsity.parameter @f16 : tensor<1x4xf16>
    = dense<[[1.0, 3.0, 2.0, -4.0]]> : tensor<1x4xf16>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
// CHECK: @f64
// CHECK-SAME{LITERAL}: dense<[[0.000000e+00, 1.0000000000000002]]> : tensor<1x2xf64>
sparsity.parameter @f64 : tensor<1x2xf64>
    = dense<[[1.0, 1.0000000000000002]]> : tensor<1x2xf64>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}
// CHECK: @i8
// CHECK-SAME{LITERAL}: dense<[[-128, 0]]> : tensor<1x2xi8>
sparsity.parameter @i8 : tensor<1x2xi8> = dense<[[-128, 127]]> : tensor<1x2xi8>
    {request = #sparsity.request<#sparsity.nm<1:2>, importance = "magnitude">}

// Filters are rows: 2 x (2*1*2).
// CHECK: @filters
// CHECK-SAME{LITERAL}: dense<[[[[0.000000e+00, 0.000000e+00]], [[0.000000e+00, 4.000000e+00]]], [[[8.000000e+00, 0.000000e+00]], [[0.000000e+00, 0.000000e+00]]]]>
sparsity.parameter @filters : tensor<2x2x1x2xf32>
    = dense<[[[[1.0, 2.0]], [[3.0, 4.0]]], [[[8.0, 7.0]], [[6.0, 5.0]]]]>
      : tensor<2x2x1x2xf32>
    {request = #sparsity.request<#sparsity.nm<1:4>, importance = "magnitude">}

// -----

// A fact that says more than the request stays.

// CHECK: @finer
// CHECK-SAME: {pattern = #sparsity.nm<1:4>, sparsity.original = "xxh64:{{[0-9a-f]*}}"}
sparsity.parameter @finer : tensor<1x4xf32> = dense<[[0.0, 1.0, 0.0, 0.0]]>
    : tensor<1x4xf32>
    {pattern = #sparsity.nm<1:4>,
     request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}

// No request: untouched, even with NaN.
// CHECK: @untouched : tensor<1x2xf32> = dense<[{{\[}}0x7FC00000, 1.000000e+00]]> : tensor<1x2xf32>
sparsity.parameter @untouched : tensor<1x2xf32> = dense<[[0x7FC00000, 1.0]]>
    : tensor<1x2xf32>

// -----

// A resource gets a new blob; the old one is not written to. Tied uses see the
// one parameter.

// CHECK: @w : tensor<1x4xf32> = dense_resource<w.pruned> : tensor<1x4xf32> {pattern = #sparsity.nm<2:4>, sparsity.original = "xxh64:{{[0-9a-f]*}}"}
// CHECK: @dense : tensor<1x4xf32> = dense_resource<w> : tensor<1x4xf32>
// CHECK-DAG: w: "0x040000000000803F000040C00000003F00000040"
// CHECK-DAG: w.pruned: "0x4000000000000000000040C00000000000000040"
sparsity.parameter @w : tensor<1x4xf32> = dense_resource<w> : tensor<1x4xf32>
    {request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
sparsity.parameter @dense : tensor<1x4xf32> = dense_resource<w>
    : tensor<1x4xf32>
func.func @tied() -> (tensor<1x4xf32>, tensor<1x4xf32>) {
  %a = sparsity.load @w : tensor<1x4xf32>
  %b = sparsity.load @w : tensor<1x4xf32>
  return %a, %b : tensor<1x4xf32>, tensor<1x4xf32>
}
{-#
  dialect_resources: {
    builtin: {
      w: "0x040000000000803F000040C00000003F00000040"
    }
  }
#-}
