// RUN: sparse-opt %s --convert-sparsity-to-linalg | FileCheck %s
// RUN: sparse-opt %s --convert-sparsity-to-linalg | mlir-opt

// Buffers known at run time are decoded by code, per format. That the code is
// right is tested in Integration/CPU.

// CHECK-NOT: sparsity.

!dense = !sparsity.packed<20x4xf32, #sparsity.dense_format<panel = 16>>
!nm = !sparsity.packed<2x5xf32, #sparsity.nm_format<2:4>>
!bsr = !sparsity.packed<2x4xf32, #sparsity.bsr_format<[2, 3]>>
!stream = !sparsity.packed<2x4xf32, #sparsity.stream_format>

// CHECK-LABEL: func.func @dense
// CHECK-SAME: %[[V:.*]]: tensor<128xf32>) -> tensor<20x4xf32>
func.func @dense(%v: tensor<128xf32>) -> tensor<20x4xf32> {
  // CHECK: tensor.generate
  // CHECK: ^bb0(%[[ROW:.*]]: index, %[[COL:.*]]: index):
  // CHECK: %[[WIDTH:.*]] = arith.minui
  // CHECK: arith.muli %[[COL]], %[[WIDTH]]
  // CHECK: tensor.extract %[[V]]
  %p = sparsity.assemble %v : tensor<128xf32> -> !dense
  %u = sparsity.unpack %p : !dense -> tensor<20x4xf32>
  return %u : tensor<20x4xf32>
}

// CHECK-LABEL: func.func @nm
// CHECK-SAME: %[[V:.*]]: tensor<64xf32>, %[[CODES:.*]]: tensor<4xi32>
func.func @nm(%v: tensor<64xf32>, %c: tensor<4xi32>) -> tensor<2x5xf32> {
  // CHECK: tensor.generate
  // CHECK: scf.for {{.*}} iter_args(%[[FOUND:.*]] = %{{.*}}) -> (f32)
  // CHECK: %[[VALUE:.*]] = tensor.extract %[[V]]
  // CHECK: %[[CODE:.*]] = tensor.extract %[[CODES]]
  // CHECK: arith.shrui %[[CODE]]
  // CHECK: arith.select %{{.*}}, %[[VALUE]], %[[FOUND]]
  %p = sparsity.assemble %v, %c : tensor<64xf32>, tensor<4xi32> -> !nm
  %u = sparsity.unpack %p : !nm -> tensor<2x5xf32>
  return %u : tensor<2x5xf32>
}

// CHECK-LABEL: func.func @bsr
// CHECK-SAME: %[[POS:.*]]: tensor<2xi32>, %[[CRD:.*]]: tensor<?xi32>, %[[V:.*]]: tensor<?xf32>
func.func @bsr(%0: tensor<2xi32>, %1: tensor<?xi32>, %2: tensor<?xf32>)
    -> tensor<2x4xf32> {
  // CHECK: linalg.fill
  // CHECK: scf.for
  // CHECK-COUNT-2: tensor.extract %[[POS]]
  // CHECK: scf.for
  // CHECK: tensor.extract %[[CRD]]
  // CHECK: scf.for
  // CHECK: scf.for
  // CHECK: tensor.extract %[[V]]
  // CHECK: tensor.insert
  %p = sparsity.assemble %0, %1, %2
      : tensor<2xi32>, tensor<?xi32>, tensor<?xf32> -> !bsr
  %u = sparsity.unpack %p : !bsr -> tensor<2x4xf32>
  return %u : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @stream
// CHECK-SAME: %[[POS:.*]]: tensor<3xi32>, %[[CRD:.*]]: tensor<?xi16>, %[[V:.*]]: tensor<?xf32>
func.func @stream(%0: tensor<3xi32>, %1: tensor<?xi16>, %2: tensor<?xf32>)
    -> tensor<2x4xf32> {
  // CHECK: scf.for
  // CHECK-COUNT-2: tensor.extract %[[POS]]
  // CHECK: scf.for
  // CHECK: tensor.extract %[[V]]
  // CHECK: %[[C:.*]] = tensor.extract %[[CRD]]
  // CHECK: arith.index_castui %[[C]] : i16 to index
  // CHECK: tensor.insert
  %p = sparsity.assemble %0, %1, %2
      : tensor<3xi32>, tensor<?xi16>, tensor<?xf32> -> !stream
  %u = sparsity.unpack %p : !stream -> tensor<2x4xf32>
  return %u : tensor<2x4xf32>
}
