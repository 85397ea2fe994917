// RUN: sparse-opt %s --sparsity-select-formats='target=x86-64-v4' --split-input-file | FileCheck %s
// RUN: sparse-opt %s --sparsity-select-formats='target=x86-64-v4 format=dense' --split-input-file | FileCheck %s --check-prefix=DENSE
// RUN: sparse-opt %s --sparsity-select-formats='target=x86-64-v4' --split-input-file --remarks-filter='sparsity-.*' 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: sparse-opt %s --sparsity-select-formats='target=x86-64-v4' --split-input-file | sparse-opt --split-input-file --verify-roundtrip > /dev/null
// A format and a kernel for each product with a weight; the dense one may win.

// One token and 90 % zeros: reading less is everything.
// CHECK-LABEL: @decode
// CHECK:         %[[W:.*]] = sparsity.load @w
// CHECK:         %[[P:.*]] = sparsity.pack %[[W]]
// CHECK-SAME:      <512x512xf32, #sparsity.nm_format<1:8>>
// CHECK:         sparsity.matmul ins(%{{.*}}, %[[P]] :
// CHECK-NOT:       transpose_rhs
// CHECK-SAME:      kernel = #sparsity.kernel<#sparsity.nm_format<1:8>, tile = [
// DENSE-LABEL: @decode
// DENSE:         sparsity.pack
// DENSE-SAME:      #sparsity.dense_format<panel = 64>
// REMARK:      w: nm, {{.*}} us predicted; {{.*}}dense
sparsity.parameter "private" @w : tensor<512x512xf32>
    {pattern = #sparsity.nm<1:8>}
func.func @decode(%x: tensor<1x512xf32>, %e: tensor<1x512xf32>) -> tensor<1x512xf32> {
  %w = sparsity.load @w : tensor<512x512xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<1x512xf32>, tensor<512x512xf32>)
      outs(%e : tensor<1x512xf32>) transpose_rhs -> tensor<1x512xf32>
  return %y : tensor<1x512xf32>
}

// -----

// A weight without zeros is packed dense; stored as inputs x outputs, it is
// packed transposed.
// CHECK-LABEL: @no_pattern
// CHECK:         sparsity.pack %{{.*}} transposed
// CHECK-SAME:      #sparsity.dense_format<panel = 64>
sparsity.parameter "private" @w : tensor<3x17xf32>
func.func @no_pattern(%x: tensor<?x3xf32>, %e: tensor<?x17xf32>) -> tensor<?x17xf32> {
  %w = sparsity.load @w : tensor<3x17xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x17xf32>)
      outs(%e : tensor<?x17xf32>) -> tensor<?x17xf32>
  return %y : tensor<?x17xf32>
}

// -----

// A weight on the left.
// CHECK-LABEL: @left
// CHECK:         %[[P:.*]] = sparsity.pack
// CHECK-SAME:      <17x3xf32
// CHECK:         sparsity.matmul ins(%[[P]], %{{.*}} :
sparsity.parameter "private" @w : tensor<17x3xf32>
func.func @left(%x: tensor<3x?xf32>, %e: tensor<17x?xf32>) -> tensor<17x?xf32> {
  %w = sparsity.load @w : tensor<17x3xf32>
  %y = sparsity.matmul ins(%w, %x : tensor<17x3xf32>, tensor<3x?xf32>)
      outs(%e : tensor<17x?xf32>) -> tensor<17x?xf32>
  return %y : tensor<17x?xf32>
}

// -----

// Products without weights, or whose weight is packed already, are left alone.
// CHECK-LABEL: @left_alone
// CHECK-NOT:     sparsity.pack %
// CHECK-NOT:     sparsity.kernel
// CHECK:         return
sparsity.parameter "private" @p : !sparsity.packed<4x4xf32, #sparsity.nm_format<2:4>>
func.func @left_alone(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %p = sparsity.load @p : !sparsity.packed<4x4xf32, #sparsity.nm_format<2:4>>
  %y = sparsity.matmul ins(%x, %x : tensor<4x4xf32>, tensor<4x4xf32>)
      outs(%x : tensor<4x4xf32>) -> tensor<4x4xf32>
  %z = sparsity.matmul ins(%x, %p : tensor<4x4xf32>,
                           !sparsity.packed<4x4xf32, #sparsity.nm_format<2:4>>)
      outs(%x : tensor<4x4xf32>) -> tensor<4x4xf32>
  return %y, %z : tensor<4x4xf32>, tensor<4x4xf32>
}

// -----

// No elements at all: entries of a row one after the other.
// CHECK-LABEL: @zeros
// CHECK:         kernel = #sparsity.kernel<#sparsity.stream_format, tile = [1, 1]>
sparsity.parameter "private" @w : tensor<256x256xf32> = dense<0.0>
    : tensor<256x256xf32> {pattern = #sparsity.unstructured}
func.func @zeros(%x: tensor<1024x256xf32>, %e: tensor<1024x256xf32>) -> tensor<1024x256xf32> {
  %w = sparsity.load @w : tensor<256x256xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<1024x256xf32>, tensor<256x256xf32>)
      outs(%e : tensor<1024x256xf32>) transpose_rhs -> tensor<1024x256xf32>
  return %y : tensor<1024x256xf32>
}
