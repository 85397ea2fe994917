// pack, unpack and assemble: round trips and folds.

// RUN: sparse-opt %s --verify-roundtrip | FileCheck %s
// RUN: sparse-opt %s --mlir-print-op-generic | sparse-opt | FileCheck %s
// RUN: sparse-opt %s --canonicalize | FileCheck %s --check-prefix=FOLD

!packed = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
!dense = !sparsity.packed<8x4xf32, #sparsity.dense_format<panel = 16>>

// CHECK-LABEL: func @pack
func.func @pack(%w: tensor<8x4xf32>, %t: tensor<4x8xf32>,
                %d: tensor<?x4xf32>) -> (!packed, !packed, !packed) {
  // CHECK: sparsity.pack %{{.*}} : tensor<8x4xf32> -> <8x4xf32, #sparsity.nm_format<2:4>>
  %p = sparsity.pack %w : tensor<8x4xf32>
      -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  // CHECK: sparsity.pack %{{.*}} transposed : tensor<4x8xf32> ->
  %q = sparsity.pack %t transposed : tensor<4x8xf32>
      -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  // CHECK: sparsity.pack %{{.*}} : tensor<?x4xf32> ->
  %r = sparsity.pack %d : tensor<?x4xf32>
      -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return %p, %q, %r : !packed, !packed, !packed
}

// CHECK-LABEL: func @unpack
func.func @unpack(%p: !packed) -> tensor<8x4xf32> {
  // CHECK: sparsity.unpack %{{.*}} -> tensor<8x4xf32>
  %w = sparsity.unpack %p
      : !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>> -> tensor<8x4xf32>
  return %w : tensor<8x4xf32>
}

// CHECK-LABEL: func @assemble
func.func @assemble(%values: tensor<32xf32>, %codes: tensor<2xi32>) -> !packed {
  // CHECK: sparsity.assemble %{{.*}}, %{{.*}} : tensor<32xf32>, tensor<2xi32> ->
  %p = sparsity.assemble %values, %codes : tensor<32xf32>, tensor<2xi32>
      -> !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
  return %p : !packed
}

// CHECK-LABEL: func @assemble_memref
func.func @assemble_memref(%values: memref<32xf32, strided<[1], offset: ?>>,
                           %codes: memref<?xi32>) -> !packed {
  // CHECK: sparsity.assemble %{{.*}} : memref<32xf32, strided<[1], offset: ?>>, memref<?xi32>
  %p = sparsity.assemble %values, %codes
      : memref<32xf32, strided<[1], offset: ?>>, memref<?xi32> -> !packed
  return %p : !packed
}

// Dense panels keep every bit.
// FOLD-LABEL: func @unpack_of_pack
// FOLD-SAME: %[[W:.*]]: tensor<8x4xf32>
// FOLD-NEXT: return %[[W]]
func.func @unpack_of_pack(%w: tensor<8x4xf32>) -> tensor<8x4xf32> {
  %p = sparsity.pack %w : tensor<8x4xf32> -> !dense
  %u = sparsity.unpack %p : !dense -> tensor<8x4xf32>
  return %u : tensor<8x4xf32>
}

// A sparse format may refuse a matrix, and forgets the sign of zeros.
// FOLD-LABEL: func @unpack_of_sparse_pack
func.func @unpack_of_sparse_pack(%w: tensor<8x4xf32>) -> tensor<8x4xf32> {
  // FOLD: sparsity.pack
  // FOLD: sparsity.unpack
  %p = sparsity.pack %w : tensor<8x4xf32> -> !packed
  %u = sparsity.unpack %p : !packed -> tensor<8x4xf32>
  return %u : tensor<8x4xf32>
}

// A transposition is not the identity, even of a square matrix.
// FOLD-LABEL: func @unpack_of_transposed
func.func @unpack_of_transposed(%w: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // FOLD: sparsity.pack
  // FOLD: sparsity.unpack
  %p = sparsity.pack %w transposed : tensor<4x4xf32>
      -> !sparsity.packed<4x4xf32, #sparsity.dense_format<panel = 16>>
  %u = sparsity.unpack %p
      : !sparsity.packed<4x4xf32, #sparsity.dense_format<panel = 16>>
      -> tensor<4x4xf32>
  return %u : tensor<4x4xf32>
}

// FOLD-LABEL: func @pack_of_unpack
// FOLD-SAME: %[[P:.*]]: !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
// FOLD-NEXT: return %[[P]]
func.func @pack_of_unpack(%p: !packed) -> !packed {
  %w = sparsity.unpack %p : !packed -> tensor<8x4xf32>
  %q = sparsity.pack %w : tensor<8x4xf32> -> !packed
  return %q : !packed
}

// Another format is another value.
// FOLD-LABEL: func @pack_to_other_format
func.func @pack_to_other_format(%p: !packed) -> !dense {
  // FOLD: sparsity.unpack
  // FOLD: sparsity.pack
  %w = sparsity.unpack %p : !packed -> tensor<8x4xf32>
  %q = sparsity.pack %w : tensor<8x4xf32> -> !dense
  return %q : !dense
}

// So is the transpose, which may not even fit.
// FOLD-LABEL: func @pack_of_transpose
func.func @pack_of_transpose(
    %p: !sparsity.packed<4x4xf32, #sparsity.nm_format<2:4>>)
    -> !sparsity.packed<4x4xf32, #sparsity.nm_format<2:4>> {
  // FOLD: sparsity.unpack
  // FOLD: sparsity.pack %{{.*}} transposed
  %w = sparsity.unpack %p
      : !sparsity.packed<4x4xf32, #sparsity.nm_format<2:4>> -> tensor<4x4xf32>
  %q = sparsity.pack %w transposed : tensor<4x4xf32>
      -> !sparsity.packed<4x4xf32, #sparsity.nm_format<2:4>>
  return %q : !sparsity.packed<4x4xf32, #sparsity.nm_format<2:4>>
}
