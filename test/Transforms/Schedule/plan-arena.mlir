// RUN: sparse-opt %s --sparsity-plan-arena --split-input-file | FileCheck %s
// Buffers become views of one arena; lifetimes that overlap get other slots.

// CHECK-LABEL: @two_slots
// CHECK:         %[[ARENA:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<?xi8>
// CHECK:         %[[A:.*]] = memref.view %[[ARENA]][%[[FIRST:.*]]][] : memref<?xi8> to memref<16xf32>
// CHECK:         %[[B:.*]] = memref.view %[[ARENA]][%[[SECOND:.*]]][]
// CHECK:         memref.copy %[[A]], %[[B]]
// CHECK:         memref.view %[[ARENA]][%[[FIRST]]][]
// CHECK:         memref.dealloc %[[ARENA]]
// CHECK-NEXT:    return
func.func @two_slots(%x: memref<16xf32>, %y: memref<16xf32>) {
  %a = memref.alloc() : memref<16xf32>
  memref.copy %x, %a : memref<16xf32> to memref<16xf32>
  %b = memref.alloc() : memref<16xf32>
  memref.copy %a, %b : memref<16xf32> to memref<16xf32>
  %c = memref.alloc() : memref<16xf32>
  memref.copy %b, %c : memref<16xf32> to memref<16xf32>
  memref.copy %c, %y : memref<16xf32> to memref<16xf32>
  return
}

// -----

// A view keeps its buffer alive, also when it is made in a loop.
// CHECK-LABEL: @alive_through_views
// CHECK:         memref.view %[[ARENA:.*]][%[[FIRST:.*]]][]
// CHECK-NOT:     memref.view %[[ARENA]][%[[FIRST]]][]
// CHECK:         return
func.func @alive_through_views(%x: memref<8xf32>, %y: memref<4x2xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %a = memref.alloc() : memref<8xf32>
  %v = memref.expand_shape %a [[0, 1]] output_shape [4, 2]
      : memref<8xf32> into memref<4x2xf32>
  memref.copy %x, %a : memref<8xf32> to memref<8xf32>
  %b = memref.alloc() : memref<8xf32>
  memref.copy %x, %b : memref<8xf32> to memref<8xf32>
  scf.for %i = %c0 to %c2 step %c1 {
    memref.copy %v, %y : memref<4x2xf32> to memref<4x2xf32>
  }
  return
}

// -----

// So does a transposition.
// CHECK-LABEL: @alive_through_transpositions
// CHECK:         memref.view %[[ARENA:.*]][%[[FIRST:.*]]][]
// CHECK-NOT:     memref.view %[[ARENA]][%[[FIRST]]][]
// CHECK:         return
func.func @alive_through_transpositions(%x: memref<8x2xf32>, %y: memref<2x8xf32, strided<[1, 2]>>) {
  %a = memref.alloc() : memref<8x2xf32>
  memref.copy %x, %a : memref<8x2xf32> to memref<8x2xf32>
  %t = memref.transpose %a (i, j) -> (j, i) : memref<8x2xf32> to memref<2x8xf32, strided<[1, 2]>>
  %b = memref.alloc() : memref<8x2xf32>
  memref.copy %x, %b : memref<8x2xf32> to memref<8x2xf32>
  memref.copy %t, %y : memref<2x8xf32, strided<[1, 2]>> to memref<2x8xf32, strided<[1, 2]>>
  memref.copy %b, %x : memref<8x2xf32> to memref<8x2xf32>
  return
}

// -----

// Which of two buffers is meant is decided at run time: both stay alive.
// CHECK-LABEL: @conditional
// CHECK-DAG:     %[[A:.*]] = memref.view %[[ARENA:.*]][%[[S0:.*]]][]
// CHECK-DAG:     %[[B:.*]] = memref.view %[[ARENA]][%[[S1:.*]]][]
// CHECK:         %[[C:.*]] = memref.view %[[ARENA]][%[[S2:.*]]][]
// CHECK:         memref.copy %{{.*}}, %[[C]]
func.func @conditional(%p: i1, %x: memref<8xf32>, %y: memref<8xf32>) {
  %a = memref.alloc() : memref<8xf32>
  %b = memref.alloc() : memref<8xf32>
  memref.copy %x, %a : memref<8xf32> to memref<8xf32>
  memref.copy %x, %b : memref<8xf32> to memref<8xf32>
  %s = scf.if %p -> memref<8xf32> {
    scf.yield %a : memref<8xf32>
  } else {
    scf.yield %b : memref<8xf32>
  }
  %c = memref.alloc() : memref<8xf32>
  memref.copy %s, %c : memref<8xf32> to memref<8xf32>
  memref.copy %c, %y : memref<8xf32> to memref<8xf32>
  return
}

// -----

// Sizes are computed at entry, also through extents of other buffers.
// CHECK-LABEL: @dynamic
// CHECK-SAME:    %[[X:.*]]: memref<?xf32>
// CHECK:         %[[N:.*]] = memref.dim %[[X]]
// CHECK:         arith.divui
// CHECK:         %[[ARENA:.*]] = memref.alloc
// CHECK:         memref.view %[[ARENA]][%{{.*}}][%{{.*}}] : memref<?xi8> to memref<?xf32>
// CHECK:         memref.view %[[ARENA]][%{{.*}}][%{{.*}}] : memref<?xi8> to memref<?x3xf64>
// CHECK-NOT:     memref.alloc
func.func @dynamic(%x: memref<?xf32>, %y: memref<?x3xf64>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?xf32>
  memref.copy %x, %a : memref<?xf32> to memref<?xf32>
  %m = memref.dim %a, %c0 : memref<?xf32>
  %b = memref.alloc(%m) : memref<?x3xf64>
  memref.copy %y, %b : memref<?x3xf64> to memref<?x3xf64>
  memref.copy %a, %x : memref<?xf32> to memref<?xf32>
  return
}

// -----

// What was freed before is freed with the arena; the buffer that is freed
// under a condition stays as it is.
// CHECK-LABEL: @freed
// CHECK:         memref.view
// CHECK:         %[[B:.*]] = memref.alloc() : memref<4xf32>
// CHECK:         scf.if
// CHECK-NEXT:      memref.dealloc %[[B]]
// CHECK:         memref.dealloc
// CHECK-NOT:     memref.dealloc
func.func @freed(%x: memref<4xf32>, %p: i1) {
  %a = memref.alloc() : memref<4xf32>
  memref.copy %x, %a : memref<4xf32> to memref<4xf32>
  memref.dealloc %a : memref<4xf32>
  %b = memref.alloc() : memref<4xf32>
  scf.if %p {
    memref.dealloc %b : memref<4xf32>
  }
  return
}

// -----

// Iterations share a buffer, but not one that they hand on.
// CHECK-LABEL: @in_a_loop
// CHECK:         %[[ARENA:.*]] = memref.alloc
// CHECK:         scf.for
// CHECK:           memref.view %[[ARENA]]
// CHECK:           %[[B:.*]] = memref.alloc() : memref<4xf32>
// CHECK-NOT:       memref.dealloc
// CHECK:           scf.yield %[[B]]
func.func @in_a_loop(%x: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> memref<4xf32> {
    %a = memref.alloc() : memref<4xf32>
    memref.copy %y, %a : memref<4xf32> to memref<4xf32>
    %b = memref.alloc() : memref<4xf32>
    memref.copy %a, %b : memref<4xf32> to memref<4xf32>
    scf.yield %b : memref<4xf32>
  }
  return
}

// -----

// A size that depends on data is known too late.
// CHECK-LABEL: @size_from_data
// CHECK:         memref.load
// CHECK:         %[[A:.*]] = memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK:         memref.dealloc %[[A]]
func.func @size_from_data(%x: memref<index>, %y: memref<?xf32>) {
  %n = memref.load %x[] : memref<index>
  %a = memref.alloc(%n) : memref<?xf32>
  memref.copy %y, %a : memref<?xf32> to memref<?xf32>
  return
}

// -----

// Results, elements that are no numbers, other memory: left alone.
// CHECK-LABEL: @left_alone
// CHECK-NOT:     memref.view
// CHECK-NOT:     memref<?xi8>
func.func @left_alone(%x: memref<4xf32>) -> memref<2x2xf32> {
  %a = memref.alloc() : memref<4xf32>
  memref.copy %x, %a : memref<4xf32> to memref<4xf32>
  %v = memref.expand_shape %a [[0, 1]] output_shape [2, 2]
      : memref<4xf32> into memref<2x2xf32>
  %c = memref.alloc() : memref<4xcomplex<f32>>
  %s = memref.alloc() : memref<4xf32, 1>
  %w = memref.alloc() {alignment = 128 : i64} : memref<4xf32>
  return %v : memref<2x2xf32>
}
// CHECK-LABEL: @declared
func.func private @declared(memref<4xf32>)
