// Epilogues: item by item in the function of a product of matrices, in place
// where sums are stored; behind other products.

// RUN: sparse-opt %s --convert-sparsity-to-vector -split-input-file | FileCheck %s

!dense = !sparsity.packed<64x4xf32, #sparsity.dense_format<panel = 64>>

// CHECK-LABEL: func @residual
// CHECK: call @sparsity_matmul_dense_0({{.*}}, %{{.*}}, %{{.*}}, %{{.*}})
// CHECK-NOT: linalg.generic
// CHECK: return
func.func @residual(%x: memref<?x4xf32>, %w: memref<256xf32>, %r: memref<?x64xf32>, %y: memref<?x64xf32>) {
  %p = sparsity.assemble %w : memref<256xf32> -> !dense
  sparsity.matmul ins(%x, %p : memref<?x4xf32>, !dense) outs(%y : memref<?x64xf32>)
      epilogue(%r : memref<?x64xf32>) maps [affine_map<(i, j) -> (i, j)>] {
  ^bb0(%sum: f32, %old: f32):
    %new = arith.addf %sum, %old : f32
    sparsity.yield %new : f32
  }
  return
}

// CHECK-LABEL: func private @sparsity_matmul_dense_0
// CHECK-SAME: %[[R:[a-z0-9]+]]: memref<?x?xf32, strided<[?, 1], offset: ?>>, %[[Y:[a-z0-9]+]]: memref<?x?xf32, strided<[?, 1], offset: ?>>)
// CHECK: scf.parallel
// CHECK: %[[YV:.*]] = memref.subview %[[Y]]
// CHECK: %[[RV:.*]] = memref.subview %[[R]]
// CHECK: linalg.generic {{.*}} ins(%[[YV]], %[[RV]] : {{.*}}) outs(%[[YV]] :
// CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[OLD:.*]]: f32, %{{.*}}: f32):
// CHECK-NEXT: arith.addf %[[SUM]], %[[OLD]]

// -----

!dense = !sparsity.packed<64x4xf32, #sparsity.dense_format<panel = 64>>

// Sums of another type than the destination's are in scratch.
// CHECK-LABEL: func private @sparsity_matmul_dense_0
// CHECK: %[[SUMS:.*]] = memref.alloc
// CHECK: %[[ITEM:.*]] = memref.subview %[[SUMS]]
// CHECK: %[[PART:.*]] = memref.subview %[[ITEM]]
// CHECK: linalg.generic {{.*}} ins(%[[PART]] : memref<{{.*}}xf32, {{.*}}) outs(%{{.*}} : memref<{{.*}}xf16, {{.*}})
func.func @convert(%x: memref<?x4xf32>, %w: memref<256xf32>, %y: memref<?x64xf16>) {
  %p = sparsity.assemble %w : memref<256xf32> -> !dense
  sparsity.matmul ins(%x, %p : memref<?x4xf32>, !dense) outs(%y : memref<?x64xf16>) epilogue {
  ^bb0(%sum: f32):
    %new = arith.truncf %sum : f32 to f16
    sparsity.yield %new : f16
  }
  return
}

// -----

// A product of two dense operands.
// CHECK-LABEL: func @pair
// CHECK: call @sparsity_matmul_pair_0
// CHECK: linalg.generic {{.*}} ins(%[[Y:.*]] : memref<3x5xf32>) outs(%[[Y]] : memref<3x5xf32>)
func.func @pair(%a: memref<3x4xf32>, %b: memref<4x5xf32>, %y: memref<3x5xf32>) {
  sparsity.matmul ins(%a, %b : memref<3x4xf32>, memref<4x5xf32>) outs(%y : memref<3x5xf32>) epilogue {
  ^bb0(%sum: f32):
    %new = arith.addf %sum, %sum : f32
    sparsity.yield %new : f32
  }
  return
}
