// RUN: sparse-opt %s --sparsity-convert-chunks-to-openmp --split-input-file | FileCheck %s
// Threads take iterations by their numbers, without a worksharing loop.

// CHECK-DAG:   func.func private @__kmpc_bound_thread_num(!llvm.ptr) -> i32
// CHECK-DAG:   func.func private @__kmpc_bound_num_threads(!llvm.ptr) -> i32
// CHECK-LABEL: @clear
// CHECK-SAME:    %[[X:.*]]: memref<?xf32>, %[[L:.*]]: index, %[[U:.*]]: index, %[[S:.*]]: index
// CHECK:         omp.parallel {
// CHECK:           %[[T:.*]] = func.call @__kmpc_bound_thread_num
// CHECK:           %[[NUMBER:.*]] = arith.index_cast %[[T]]
// CHECK:           %[[OWN:.*]] = arith.muli %[[NUMBER]], %[[S]]
// CHECK:           %[[FIRST:.*]] = arith.addi %[[L]], %[[OWN]]
// CHECK:           %[[C:.*]] = func.call @__kmpc_bound_num_threads
// CHECK:           %[[COUNT:.*]] = arith.index_cast %[[C]]
// CHECK:           %[[STEP:.*]] = arith.muli %[[COUNT]], %[[S]]
// CHECK:           scf.for %[[I:.*]] = %[[FIRST]] to %[[U]] step %[[STEP]]
// CHECK-NEXT:        memref.store %{{.*}}, %[[X]][%[[I]]]
// CHECK:           omp.terminator
// CHECK-NOT:     scf.parallel
func.func @clear(%x: memref<?xf32>, %l: index, %u: index, %s: index) {
  %z = arith.constant 0.0 : f32
  scf.parallel (%i) = (%l) to (%u) step (%s) {
    memref.store %z, %x[%i] : memref<?xf32>
  }
  return
}

// -----

// CHECK-LABEL: @reduction
// CHECK:         scf.parallel
// CHECK-NOT:     omp.parallel
func.func @reduction(%x: memref<?xf32>, %n: index) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  %sum = scf.parallel (%i) = (%c0) to (%n) step (%c1) init (%z) -> f32 {
    %v = memref.load %x[%i] : memref<?xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %s = arith.addf %a, %b : f32
      scf.reduce.return %s : f32
    }
  }
  return %sum : f32
}
