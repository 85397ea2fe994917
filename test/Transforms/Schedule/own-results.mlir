// RUN: sparse-opt %s --sparsity-own-results | FileCheck %s
// Every returned buffer is an allocation of its own; others are copied.

// CHECK-LABEL: @identity
// CHECK-SAME:    %[[X:.*]]: memref<?x3xf32>
// CHECK:         %[[DIM:.*]] = memref.dim %[[X]], %c0
// CHECK:         %[[OWN:.*]] = memref.alloc(%[[DIM]]) : memref<?x3xf32>
// CHECK:         memref.copy %[[X]], %[[OWN]]
// CHECK:         return %[[OWN]]
func.func @identity(%x: memref<?x3xf32>) -> memref<?x3xf32> {
  return %x : memref<?x3xf32>
}

// The first of two equal results keeps the allocation.
// CHECK-LABEL: @twice
// CHECK:         %[[A:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         %[[B:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         memref.copy %[[A]], %[[B]]
// CHECK:         return %[[A]], %[[B]]
func.func @twice() -> (memref<4xf32>, memref<4xf32>) {
  %a = memref.alloc() : memref<4xf32>
  return %a, %a : memref<4xf32>, memref<4xf32>
}

// So it does when the other is a reshaped view of it.
// CHECK-LABEL: @reshaped_twice
// CHECK:         %[[A:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         %[[V:.*]] = memref.expand_shape %[[A]]
// CHECK:         %[[B:.*]] = memref.alloc() : memref<2x2xf32>
// CHECK:         memref.copy %[[V]], %[[B]]
// CHECK:         return %[[A]], %[[B]]
func.func @reshaped_twice() -> (memref<4xf32>, memref<2x2xf32>) {
  %a = memref.alloc() : memref<4xf32>
  %v = memref.expand_shape %a [[0, 1]] output_shape [2, 2]
      : memref<4xf32> into memref<2x2xf32>
  return %a, %v : memref<4xf32>, memref<2x2xf32>
}

// The copy of a slice is contiguous, whatever the type says.
// CHECK-LABEL: @slice
// CHECK:         memref.subview
// CHECK:         %[[OWN:.*]] = memref.alloc() : memref<2xf32>
// CHECK:         memref.copy %{{.*}}, %[[OWN]]
// CHECK:         %[[CAST:.*]] = memref.cast %[[OWN]]
// CHECK:         return %[[CAST]]
func.func @slice() -> memref<2xf32, strided<[?], offset: ?>> {
  %a = memref.alloc() : memref<8xf32>
  %s = memref.subview %a[1] [2] [3]
      : memref<8xf32> to memref<2xf32, strided<[3], offset: 1>>
  %c = memref.cast %s : memref<2xf32, strided<[3], offset: 1>>
      to memref<2xf32, strided<[?], offset: ?>>
  return %c : memref<2xf32, strided<[?], offset: ?>>
}

// CHECK-LABEL: @constant
// CHECK:         %[[OWN:.*]] = memref.alloc() : memref<0xf32>
// CHECK:         return %[[OWN]]
memref.global "private" constant @nothing : memref<0xf32> = dense<[]>
func.func @constant() -> memref<0xf32> {
  %g = memref.get_global @nothing : memref<0xf32>
  return %g : memref<0xf32>
}

// Own allocations and values that are no buffers stay.
// CHECK-LABEL: @own_already
// CHECK-COUNT-1: memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         return
func.func @own_already(%i: index) -> (memref<1x4xf32>, index) {
  %a = memref.alloc() : memref<4xf32>
  %v = memref.expand_shape %a [[0, 1]] output_shape [1, 4]
      : memref<4xf32> into memref<1x4xf32>
  return %v, %i : memref<1x4xf32>, index
}
