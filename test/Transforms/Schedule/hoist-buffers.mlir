// RUN: sparse-opt %s --sparsity-hoist-buffers | FileCheck %s
// Buffers leave sequential loops, not parallel ones.

// CHECK-LABEL: @rows
// CHECK:         scf.parallel
// CHECK-NEXT:      %[[A:.*]] = memref.alloc() : memref<8xf32>
// CHECK-NEXT:      scf.for
// CHECK-NEXT:        scf.for
// CHECK-NEXT:          memref.copy %{{.*}}, %[[A]]
// CHECK:           }
// CHECK:           }
// CHECK-NEXT:      memref.dealloc %[[A]]
func.func @rows(%x: memref<8xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%p) = (%c0) to (%n) step (%c1) {
    scf.for %i = %c0 to %n step %c1 {
      scf.for %j = %c0 to %n step %c1 {
        %a = memref.alloc() : memref<8xf32>
        memref.copy %x, %a : memref<8xf32> to memref<8xf32>
        memref.copy %a, %x : memref<8xf32> to memref<8xf32>
        memref.dealloc %a : memref<8xf32>
      }
    }
    scf.reduce
  }
  return
}

// A size that the outer loop changes, and one that the inner loop changes.
// CHECK-LABEL: @sizes
// CHECK:         scf.for %[[I:.*]] =
// CHECK-NEXT:      %[[A:.*]] = memref.alloc(%[[I]])
// CHECK-NEXT:      scf.for %[[J:.*]] =
// CHECK-NEXT:        %[[B:.*]] = memref.alloc(%[[J]])
// CHECK:             memref.dealloc %[[B]]
// CHECK-NEXT:      }
// CHECK-NEXT:      memref.dealloc %[[A]]
func.func @sizes(%x: f32, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c1 to %n step %c1 {
    scf.for %j = %c1 to %n step %c1 {
      %a = memref.alloc(%i) : memref<?xf32>
      %b = memref.alloc(%j) : memref<?xf32>
      memref.store %x, %a[%c0] : memref<?xf32>
      memref.store %x, %b[%c0] : memref<?xf32>
      memref.dealloc %a : memref<?xf32>
      memref.dealloc %b : memref<?xf32>
    }
  }
  return
}

// What a branch frees, or the iteration hands on, stays.
// CHECK-LABEL: @stays
// CHECK:         scf.for
// CHECK-NEXT:      memref.alloc()
// CHECK-NEXT:      scf.if
func.func @stays(%c: i1, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = memref.alloc() : memref<8xf32>
    scf.if %c {
      memref.dealloc %a : memref<8xf32>
    }
  }
  return
}
