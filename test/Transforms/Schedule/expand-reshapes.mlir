// RUN: sparse-opt %s --sparsity-expand-reshapes | FileCheck %s
// RUN: sparse-opt %s --sparsity-expand-reshapes --expand-strided-metadata | FileCheck %s --check-prefix=GONE

// Expansions become reinterpret_cast; extents come from output_shape.

// GONE-NOT: expand_shape

// CHECK-LABEL: func.func @several_unknown
// CHECK-SAME: %[[M:.*]]: memref<?x384xf32>, %[[B:.*]]: index, %[[T:.*]]: index
func.func @several_unknown(%m: memref<?x384xf32>, %b: index, %t: index)
    -> memref<?x?x12x32xf32> {
  // CHECK: %[[BASE:.*]], %{{.*}}, %{{.*}}:2, %{{.*}}:2 = memref.extract_strided_metadata %[[M]]
  // CHECK: %[[C384:.*]] = arith.constant 384 : index
  // CHECK: %[[S:.*]] = arith.muli %[[C384]], %[[T]]
  // CHECK: memref.reinterpret_cast %[[BASE]] to offset: [0], sizes: [%[[B]], %[[T]], 12, 32], strides: [%[[S]], 384, 32, 1]
  %r = memref.expand_shape %m [[0, 1], [2, 3]] output_shape [%b, %t, 12, 32]
      : memref<?x384xf32> into memref<?x?x12x32xf32>
  return %r : memref<?x?x12x32xf32>
}

// CHECK-LABEL: func.func @strided
func.func @strided(%m: memref<4x6xf32, strided<[10, 1], offset: ?>>)
    -> memref<4x2x3xf32, strided<[10, 3, 1], offset: ?>> {
  // CHECK: memref.reinterpret_cast {{.*}} sizes: [4, 2, 3], strides: [10, 3, 1]
  %r = memref.expand_shape %m [[0], [1, 2]] output_shape [4, 2, 3]
      : memref<4x6xf32, strided<[10, 1], offset: ?>>
      into memref<4x2x3xf32, strided<[10, 3, 1], offset: ?>>
  return %r : memref<4x2x3xf32, strided<[10, 3, 1], offset: ?>>
}

// CHECK-LABEL: func.func @nothing_to_do
func.func @nothing_to_do(%m: memref<4x6xf32>) -> memref<24xf32> {
  // CHECK-NEXT: memref.collapse_shape
  %r = memref.collapse_shape %m [[0, 1]] : memref<4x6xf32> into memref<24xf32>
  return %r : memref<24xf32>
}
