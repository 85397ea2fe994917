// RUN: sparse-opt %s --convert-sparsity-to-vector | FileCheck %s
//
// What becomes of a product: one call, of a function shared by all products of
// one kind, parallel outside parallel loops only; other code stays.

// CHECK-LABEL: func.func @two_products_one_kernel(
// CHECK-SAME:      %[[X:.*]]: memref<?x32xf32>, %[[W:.*]]: memref<512xf32>
// CHECK:         %[[X0:.*]] = memref.cast %[[X]] : memref<?x32xf32> to memref<?x32xf32, strided<[?, 1], offset: ?>>
// CHECK:         %[[W0:.*]] = memref.cast %[[W]] : memref<512xf32> to memref<512xf32, strided<[1], offset: ?>>
// CHECK:         call @sparsity_matmul_dense_0(%[[X0]], %[[W0]]
// CHECK:         call @sparsity_matmul_dense_0(
// CHECK-NOT:     sparsity.
// CHECK:         return
func.func @two_products_one_kernel(%x: memref<?x32xf32>, %w: memref<512xf32>,
                                   %u: memref<5x32xf32>,
                                   %y: memref<?x16xf32>, %z: memref<5x16xf32>) {
  %p = sparsity.assemble %w : memref<512xf32>
      -> !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>
  sparsity.matmul ins(%x, %p : memref<?x32xf32>,
      !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>)
      outs(%y : memref<?x16xf32>)
  sparsity.matmul ins(%u, %p : memref<5x32xf32>,
      !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>)
      outs(%z : memref<5x16xf32>)
  return
}

// CHECK-LABEL: func.func @inside_parallel(
// CHECK:         scf.parallel
// CHECK:           func.call @sparsity_matmul_dense_1(
func.func @inside_parallel(%x: memref<?x32xf32>, %w: memref<512xf32>,
                           %y: memref<?x16xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %p = sparsity.assemble %w : memref<512xf32>
      -> !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>
  scf.parallel (%i) = (%c0) to (%c1) step (%c1) {
    sparsity.matmul ins(%x, %p : memref<?x32xf32>,
        !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>)
        outs(%y : memref<?x16xf32>)
  }
  return
}

// Contiguous batch dimensions become rows of x.
// CHECK-LABEL: func.func @batch(
// CHECK-DAG:     memref.collapse_shape %{{.*}} {{\[}}[0, 1], [2]] : memref<2x?x32xf32> into memref<?x32xf32>
// CHECK-DAG:     memref.collapse_shape %{{.*}} {{\[}}[0, 1], [2]] : memref<2x?x16xf32> into memref<?x16xf32>
// CHECK:         call @sparsity_matmul_dense_0(
func.func @batch(%x: memref<2x?x32xf32>, %w: memref<512xf32>,
                 %y: memref<2x?x16xf32>) {
  %p = sparsity.assemble %w : memref<512xf32>
      -> !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>
  sparsity.matmul ins(%x, %p : memref<2x?x32xf32>,
      !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>)
      outs(%y : memref<2x?x16xf32>)
  return
}

// A packed lhs is the transposed product: views, and copies in the function.
// CHECK-LABEL: func.func @packed_lhs(
// CHECK-DAG:     memref.transpose %{{.*}} : memref<32x?xf32> to
// CHECK-DAG:     memref.transpose %{{.*}} : memref<16x?xf32> to
// CHECK:         call @sparsity_matmul_dense_2({{.*}} : (memref<?x32xf32, strided<[1, ?], offset: ?>>
func.func @packed_lhs(%x: memref<32x?xf32>, %w: memref<512xf32>,
                      %y: memref<16x?xf32>) {
  %p = sparsity.assemble %w : memref<512xf32>
      -> !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>
  sparsity.matmul ins(%p, %x :
      !sparsity.packed<16x32xf32, #sparsity.dense_format<panel = 16>>,
      memref<32x?xf32>) outs(%y : memref<16x?xf32>)
  return
}

// CHECK-LABEL: func.func @nothing_to_do(
// CHECK-NEXT:    arith.addf
// CHECK-NEXT:    return
func.func @nothing_to_do(%a: f32) -> f32 {
  %b = arith.addf %a, %a : f32
  return %b : f32
}

// CHECK-LABEL: func.func private @sparsity_matmul_dense_0(
// CHECK:         scf.parallel
// CHECK-NOT:     scf.parallel
// CHECK-LABEL: func.func private @sparsity_matmul_dense_1(
// CHECK-NOT:     scf.parallel
// CHECK-LABEL: func.func private @sparsity_matmul_dense_2(
// CHECK:         memref.alloc
// CHECK:         scf.parallel
// CHECK:         vector.shuffle
// CHECK:         memref.dealloc
