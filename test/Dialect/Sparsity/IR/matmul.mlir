// matmul in all its forms: who is packed, transposes, batch, bias, memrefs.

// RUN: sparse-opt %s --verify-roundtrip | FileCheck %s
// RUN: sparse-opt %s --mlir-print-op-generic | sparse-opt | FileCheck %s
// RUN: sparse-opt %s --canonicalize --cse | FileCheck %s --check-prefix=CANON

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>

// CHECK-LABEL: func @packed_rhs
func.func @packed_rhs(%x: tensor<?x4xf32>, %w: !nm, %b: tensor<8xf32>,
                      %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: sparsity.matmul ins(%{{.*}}, %{{.*}} : tensor<?x4xf32>, !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>)
  // CHECK-SAME: bias(%{{.*}} : tensor<8xf32>) outs(%{{.*}} : tensor<?x8xf32>)
  // CHECK-SAME: {kernel = #sparsity.kernel<#sparsity.nm_format<2:4>, tile = [5, 4]>} -> tensor<?x8xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>,
                           !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>)
           bias(%b : tensor<8xf32>) outs(%e : tensor<?x8xf32>)
           {kernel = #sparsity.kernel<#sparsity.nm_format<2:4>, tile = [5, 4]>}
           -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @packed_lhs
func.func @packed_lhs(%w: !nm, %x: tensor<4x3xf32>, %b: tensor<8xf32>,
                      %e: tensor<8x3xf32>) -> tensor<8x3xf32> {
  // CHECK: sparsity.matmul ins({{.*}}) bias(%{{.*}} : tensor<8xf32>) outs(%{{.*}} : tensor<8x3xf32>) -> tensor<8x3xf32>
  %y = sparsity.matmul ins(%w, %x : !nm, tensor<4x3xf32>) bias(%b : tensor<8xf32>)
           outs(%e : tensor<8x3xf32>) -> tensor<8x3xf32>
  return %y : tensor<8x3xf32>
}

// CHECK-LABEL: func @transposes
func.func @transposes(%x: tensor<4x3xf32>, %w: !nm, %v: tensor<5x4xf32>,
                      %e: tensor<3x8xf32>, %f: tensor<3x5xf32>)
    -> (tensor<3x8xf32>, tensor<3x5xf32>) {
  // CHECK: outs(%{{.*}} : tensor<3x8xf32>) transpose_lhs -> tensor<3x8xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<4x3xf32>, !nm)
           outs(%e : tensor<3x8xf32>) transpose_lhs -> tensor<3x8xf32>
  // CHECK: outs(%{{.*}} : tensor<3x5xf32>) transpose_lhs transpose_rhs -> tensor<3x5xf32>
  %z = sparsity.matmul ins(%x, %v : tensor<4x3xf32>, tensor<5x4xf32>)
           outs(%f : tensor<3x5xf32>) transpose_lhs transpose_rhs -> tensor<3x5xf32>
  return %y, %z : tensor<3x8xf32>, tensor<3x5xf32>
}

// CHECK-LABEL: func @batch
func.func @batch(%x: tensor<2x?x7x4xf32>, %w: !nm, %v: tensor<2x?x4x5xf32>,
                 %e: tensor<2x?x7x8xf32>, %f: tensor<2x?x7x5xf32>)
    -> (tensor<2x?x7x8xf32>, tensor<2x?x7x5xf32>) {
  // CHECK: -> tensor<2x?x7x8xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<2x?x7x4xf32>, !nm)
           outs(%e : tensor<2x?x7x8xf32>) -> tensor<2x?x7x8xf32>
  // CHECK: -> tensor<2x?x7x5xf32>
  %z = sparsity.matmul ins(%x, %v : tensor<2x?x7x4xf32>, tensor<2x?x4x5xf32>)
           outs(%f : tensor<2x?x7x5xf32>) -> tensor<2x?x7x5xf32>
  return %y, %z : tensor<2x?x7x8xf32>, tensor<2x?x7x5xf32>
}

// Half-precision operands into a wider destination; empty operands.
// CHECK-LABEL: func @widening
func.func @widening(%x: tensor<0x4xbf16>, %i: tensor<2x4xi8>,
                    %w: !sparsity.packed<8x4xbf16, #sparsity.stream_format>,
                    %v: !sparsity.packed<8x4xi8, #sparsity.bsr_format<[4, 4]>>,
                    %e: tensor<0x8xf32>, %f: tensor<2x8xi32>)
    -> (tensor<0x8xf32>, tensor<2x8xi32>) {
  // CHECK: -> tensor<0x8xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<0x4xbf16>, !sparsity.packed<8x4xbf16, #sparsity.stream_format>)
           outs(%e : tensor<0x8xf32>) -> tensor<0x8xf32>
  // CHECK: -> tensor<2x8xi32>
  %z = sparsity.matmul ins(%i, %v : tensor<2x4xi8>, !sparsity.packed<8x4xi8, #sparsity.bsr_format<[4, 4]>>)
           outs(%f : tensor<2x8xi32>) -> tensor<2x8xi32>
  return %y, %z : tensor<0x8xf32>, tensor<2x8xi32>
}

// A memref destination has no result, and the store is not dead.
// CHECK-LABEL: func @memref
// CANON-LABEL: func @memref
func.func @memref(%x: memref<2x4xf32>, %w: !nm, %at: index, %b: memref<3xf32, strided<[1], offset: ?>>,
                  %y: memref<2x3xf32, strided<[8, 1], offset: ?>>) {
  // CHECK: bias({{.*}}) at(%{{.*}}) outs(%{{.*}} : memref<2x3xf32, strided<[8, 1], offset: ?>>){{$}}
  // CANON: sparsity.matmul
  sparsity.matmul ins(%x, %w : memref<2x4xf32>, !nm)
      bias(%b : memref<3xf32, strided<[1], offset: ?>>) at(%at)
      outs(%y : memref<2x3xf32, strided<[8, 1], offset: ?>>)
  return
}

// Casts that lose shapes are absorbed; a product that nobody uses goes.
// CANON-LABEL: func @casts
func.func @casts(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf32>) -> tensor<?x?xf32> {
  %c = tensor.cast %x : tensor<2x4xf32> to tensor<?x?xf32>
  %d = tensor.cast %e : tensor<2x8xf32> to tensor<?x?xf32>
  // CANON: sparsity.matmul ins({{.*}} : tensor<2x4xf32>, {{.*}}) outs({{.*}} : tensor<2x8xf32>)
  // CANON-NOT: sparsity.matmul
  %y = sparsity.matmul ins(%c, %w : tensor<?x?xf32>, !nm) outs(%d : tensor<?x?xf32>) -> tensor<?x?xf32>
  %z = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %y : tensor<?x?xf32>
}
