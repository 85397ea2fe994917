// RUN: sparse-opt %s --sparsity-chunk-parallel-loops --split-input-file | FileCheck %s
// Outermost parallel loops get one chunk per thread; inner ones are sequential.

// CHECK:       func.func private @omp_get_max_threads() -> i32
// CHECK-LABEL: @two_dimensions
// CHECK-SAME:    %[[X:.*]]: memref<?x?xf32>, %[[N:.*]]: index, %[[M:.*]]: index
// CHECK:         %[[T:.*]] = call @omp_get_max_threads()
// CHECK:         %[[THREADS:.*]] = arith.index_cast %[[T]] : i32 to index
// CHECK:         %[[CHUNKS:.*]] = arith.minsi %[[TOTAL:.*]], %[[THREADS]]
// CHECK:         scf.parallel (%[[C:.*]]) = (%{{.*}}) to (%[[CHUNKS]])
// CHECK:           arith.muli %[[C]], %[[TOTAL]]
// CHECK:           %[[BEGIN:.*]] = arith.divui %{{.*}}, %[[CHUNKS]]
// CHECK:           %[[END:.*]] = arith.divui %{{.*}}, %[[CHUNKS]]
// CHECK:           scf.for %[[I:.*]] = %[[BEGIN]] to %[[END]]
// CHECK:             arith.remui %[[I]]
// CHECK:             arith.divui %[[I]]
// CHECK:             memref.store
// CHECK-NOT:     scf.parallel
func.func @two_dimensions(%x: memref<?x?xf32>, %n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i, %j) = (%c0, %c0) to (%n, %m) step (%c1, %c1) {
    memref.store %z, %x[%i, %j] : memref<?x?xf32>
  }
  return
}

// -----

// CHECK-LABEL: @nested
// CHECK-COUNT-1: scf.parallel
// CHECK:           scf.for
// CHECK:             scf.for
// CHECK:               scf.for
// CHECK:                 memref.store
// CHECK-NOT:     scf.parallel
func.func @nested(%x: memref<4x4x4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    scf.parallel (%j) = (%c0) to (%c4) step (%c1) {
      scf.parallel (%k) = (%c0) to (%c4) step (%c1) {
        memref.store %z, %x[%i, %j, %k] : memref<4x4x4xf32>
      }
    }
  }
  return
}

// -----

// A reduction keeps its loop, and asks nobody for threads.
// CHECK-NOT:   omp_get_max_threads
// CHECK-LABEL: @reduction
// CHECK:         scf.parallel {{.*}} init
// CHECK-NOT:     scf.for
func.func @reduction(%x: memref<4xf32>) -> f32 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %z = arith.constant 0.0 : f32
  %s = scf.parallel (%i) = (%c0) to (%c4) step (%c1) init (%z) -> f32 {
    %v = memref.load %x[%i] : memref<4xf32>
    scf.reduce(%v : f32) {
    ^bb0(%a: f32, %b: f32):
      %t = arith.addf %a, %b : f32
      scf.reduce.return %t : f32
    }
  }
  return %s : f32
}

// -----

// CHECK-NOT:   omp_get_max_threads
// CHECK-LABEL: @sequential
func.func @sequential(%x: memref<4xf32>) {
  return
}
func.func private @declared()
