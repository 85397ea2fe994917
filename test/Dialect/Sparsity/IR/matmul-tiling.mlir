// Tiling a product: a packed operand stays whole and the tile says where it
// starts; a dense one is sliced. The sum is never tiled.

// RUN: sparse-opt %s --transform-interpreter --canonicalize --cse -split-input-file | FileCheck %s

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>

// CHECK-LABEL: func @packed_rhs
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: !sparsity.packed<{{.*}}>, %[[B:.*]]: tensor<8xf32>
func.func @packed_rhs(%x: tensor<?x4xf32>, %w: !nm, %b: tensor<8xf32>,
                      %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
  // CHECK: scf.for %[[I:.*]] = %{{.*}} step %c2
  // CHECK: scf.for %[[J:.*]] = %{{.*}} step %c3
  // CHECK-DAG: %[[XT:.*]] = tensor.extract_slice %[[X]][%[[I]], 0] [%[[M:.*]], 4] [1, 1]
  // CHECK-DAG: %[[BT:.*]] = tensor.extract_slice %[[B]][%[[J]]] [%[[N:.*]]] [1]
  // CHECK-DAG: %[[ET:.*]] = tensor.extract_slice %{{.*}}[%[[I]], %[[J]]] [%[[M]], %[[N]]] [1, 1]
  // CHECK: sparsity.matmul ins(%[[XT]], %[[W]] : {{.*}}) bias(%[[BT]] : tensor<?xf32>) at(%[[J]]) outs(%[[ET]] : tensor<?x?xf32>)
  // CHECK-SAME: kernel = #sparsity.kernel
  %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, !nm) bias(%b : tensor<8xf32>)
           outs(%e : tensor<?x8xf32>)
           {kernel = #sparsity.kernel<#sparsity.nm_format<2:4>, tile = [5, 4]>} -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// CHECK-LABEL: func @packed_lhs
func.func @packed_lhs(%w: !nm, %x: tensor<3x4xf32>, %e: tensor<8x3xf32>) -> tensor<8x3xf32> {
  // CHECK: scf.for %[[I:.*]] = %{{.*}} step %c2
  // CHECK: sparsity.matmul {{.*}} at(%[[I]]) outs(%{{.*}} : tensor<2x3xf32>) transpose_rhs
  %y = sparsity.matmul ins(%w, %x : !nm, tensor<3x4xf32>) outs(%e : tensor<8x3xf32>)
           transpose_rhs -> tensor<8x3xf32>
  return %y : tensor<8x3xf32>
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %products = transform.structured.match ops{["sparsity.matmul"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %a, %b = transform.split_handle %products
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %t0, %l0:2 = transform.structured.tile_using_for %a tile_sizes [2, 3]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %t1, %l1 = transform.structured.tile_using_for %b tile_sizes [2, 0]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    transform.yield
  }
}

// -----

// Twice: the inner tile starts where the outer one does, plus its own offset.
!nm = !sparsity.packed<64x4xf32, #sparsity.nm_format<2:4>>

// CHECK-LABEL: func @twice
func.func @twice(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x64xf32>) -> tensor<2x64xf32> {
  // CHECK: scf.for %[[J:.*]] = %{{.*}} step %c32
  // CHECK: scf.for %[[JJ:.*]] = %{{.*}} step %c16
  // CHECK: %[[AT:.*]] = affine.apply
  // CHECK: at(%[[AT]]) outs(%{{.*}} : tensor<2x16xf32>)
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x64xf32>) -> tensor<2x64xf32>
  return %y : tensor<2x64xf32>
}

// Batch and rows of a product of two dense operands, transposed left.
// CHECK-LABEL: func @dense
func.func @dense(%x: tensor<6x4x8xf32>, %v: tensor<6x4x5xf32>, %e: tensor<6x8x5xf32>) -> tensor<6x8x5xf32> {
  // CHECK: scf.for %[[B:.*]] = %{{.*}} step %c1
  // CHECK: scf.for %[[I:.*]] = %{{.*}} step %c2
  // CHECK-DAG: tensor.extract_slice %{{.*}}[%[[B]], 0, %[[I]]] [1, 4, 2] [1, 1, 1]
  // CHECK-DAG: tensor.extract_slice %{{.*}}[%[[B]], 0, 0] [1, 4, 5] [1, 1, 1]
  // CHECK: sparsity.matmul ins({{.*}} : tensor<1x4x2xf32>, tensor<1x4x5xf32>) outs(%{{.*}} : tensor<1x2x5xf32>) transpose_lhs
  %y = sparsity.matmul ins(%x, %v : tensor<6x4x8xf32>, tensor<6x4x5xf32>)
           outs(%e : tensor<6x8x5xf32>) transpose_lhs -> tensor<6x8x5xf32>
  return %y : tensor<6x8x5xf32>
}

// After bufferization, too.
// CHECK-LABEL: func @memref
func.func @memref(%x: memref<?x4xf32>, %w: !nm, %y: memref<?x64xf32>) {
  // CHECK: scf.for %[[I:.*]] = %{{.*}} step %c2
  // CHECK: memref.subview %{{.*}}[%[[I]], 0] [%{{.*}}, 4] [1, 1]
  // CHECK: memref.subview %{{.*}}[%[[I]], %[[J:.*]]] [%{{.*}}, 16] [1, 1]
  // CHECK: sparsity.matmul {{.*}} at(%[[J]]) outs(%{{.*}} : memref<?x16xf32, strided<[64, 1], offset: ?>>)
  sparsity.matmul ins(%x, %w : memref<?x4xf32>, !nm) outs(%y : memref<?x64xf32>)
  return
}

module attributes {transform.with_named_sequence} {
  transform.named_sequence @__transform_main(%root: !transform.any_op) {
    %products = transform.structured.match ops{["sparsity.matmul"]} in %root
        : (!transform.any_op) -> !transform.any_op
    %a, %b, %c = transform.split_handle %products
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %t0, %l0 = transform.structured.tile_using_for %a tile_sizes [0, 32]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %t1, %l1 = transform.structured.tile_using_for %t0 tile_sizes [0, 16]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op)
    %t2, %l2:2 = transform.structured.tile_using_for %b tile_sizes [1, 2, 0]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    %t3, %l3:2 = transform.structured.tile_using_for %c tile_sizes [2, 16]
        : (!transform.any_op) -> (!transform.any_op, !transform.any_op, !transform.any_op)
    transform.yield
  }
}
