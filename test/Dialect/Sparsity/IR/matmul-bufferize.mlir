// Bufferization with the product still present: it writes its destination.

// RUN: sparse-opt %s --one-shot-bufferize="bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --cse --canonicalize --verify-roundtrip | FileCheck %s

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>

// What the destination held is not read, so an empty one needs no copy.
// CHECK-LABEL: func @fresh
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<?x4xf32>, %[[W:.*]]: !sparsity.packed<{{.*}}>, %[[B:[a-z0-9]+]]: memref<8xf32>
func.func @fresh(%x: tensor<?x4xf32>, %w: !nm, %b: tensor<8xf32>) -> tensor<?x8xf32> {
  // CHECK: %[[Y:.*]] = memref.alloc(%{{.*}}) {{.*}} : memref<?x8xf32>
  // CHECK-NOT: memref.copy
  // CHECK: sparsity.matmul ins(%[[X]], %[[W]] : memref<?x4xf32>, {{.*}}) bias(%[[B]] : memref<8xf32>) outs(%[[Y]] : memref<?x8xf32>)
  // CHECK-SAME: kernel = #sparsity.kernel<#sparsity.nm_format<2:4>, tile = [5, 4]>
  // CHECK-SAME: note = "kept"
  // CHECK: return %[[Y]]
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%m) : tensor<?x8xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, !nm) bias(%b : tensor<8xf32>)
           outs(%e : tensor<?x8xf32>)
           {kernel = #sparsity.kernel<#sparsity.nm_format<2:4>, tile = [5, 4]>, note = "kept"}
           -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}

// The destination is an operand, too: a buffer of its own.
// CHECK-LABEL: func @square
// CHECK-SAME: %[[X:[a-z0-9]+]]: memref<4x4xf32>
func.func @square(%x: tensor<4x4xf32>, %v: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // CHECK: %[[Y:.*]] = memref.alloc()
  // CHECK-NOT: memref.copy
  // CHECK: sparsity.matmul ins(%[[X]], %{{.*}}) outs(%[[Y]] : memref<4x4xf32>) transpose_lhs
  %y = sparsity.matmul ins(%x, %v : tensor<4x4xf32>, tensor<4x4xf32>)
           outs(%x : tensor<4x4xf32>) transpose_lhs -> tensor<4x4xf32>
  return %y : tensor<4x4xf32>
}

// A destination that is read later keeps its value.
// CHECK-LABEL: func @kept
func.func @kept(%x: tensor<2x4xf32>, %w: !nm, %e: tensor<2x8xf32>)
    -> (tensor<2x8xf32>, tensor<2x8xf32>) {
  // CHECK: %[[Y:.*]] = memref.alloc()
  // CHECK: outs(%[[Y]] : memref<2x8xf32>)
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %y, %e : tensor<2x8xf32>, tensor<2x8xf32>
}

// A tile writes into its part of the whole.
// CHECK-LABEL: func @tile
func.func @tile(%x: tensor<2x4xf32>, %w: !nm, %at: index) -> tensor<2x8xf32> {
  // CHECK: %[[Y:.*]] = memref.alloc()
  // CHECK: %[[T:.*]] = memref.subview %[[Y]]
  // CHECK: at(%{{.*}}) outs(%[[T]] : memref<2x4xf32, strided<[8, 1], offset: ?>>)
  // CHECK-NOT: memref.copy
  // CHECK: return %[[Y]]
  %e = tensor.empty() : tensor<2x8xf32>
  %t = tensor.extract_slice %e[0, %at] [2, 4] [1, 1] : tensor<2x8xf32> to tensor<2x4xf32>
  %p = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) at(%at) outs(%t : tensor<2x4xf32>) -> tensor<2x4xf32>
  %y = tensor.insert_slice %p into %e[0, %at] [2, 4] [1, 1] : tensor<2x4xf32> into tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}

// CHECK-LABEL: func @assemble
// CHECK-SAME: %[[V:[a-z0-9]+]]: memref<32xf32>, %[[C:[a-z0-9]+]]: memref<2xi32>
func.func @assemble(%values: tensor<32xf32>, %codes: tensor<2xi32>, %x: tensor<2x4xf32>) -> tensor<2x8xf32> {
  // CHECK: %[[W:.*]] = sparsity.assemble %[[V]], %[[C]] : memref<32xf32>, memref<2xi32>
  // CHECK: sparsity.matmul ins(%{{.*}}, %[[W]] :
  %w = sparsity.assemble %values, %codes : tensor<32xf32>, tensor<2xi32> -> !nm
  %e = tensor.empty() : tensor<2x8xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<2x4xf32>, !nm) outs(%e : tensor<2x8xf32>) -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}
