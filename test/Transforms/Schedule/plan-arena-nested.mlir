// RUN: sparse-opt %s --sparsity-plan-arena --split-input-file | FileCheck %s
// What loops, branches, chunks and callees need is part of the function's arena.

// Where the loop does not run, its buffer needs nothing.
// CHECK-LABEL: @loop
// CHECK-SAME:    %[[N:[a-z0-9]*]]: index, %{{.*}}: memref<?xf32>
// CHECK:         %[[RUNS:.*]] = arith.cmpi sgt, %[[N]], %{{.*}} : index
// CHECK:         %[[SIZE:.*]] = arith.select %[[RUNS]], %{{.*}}, %{{.*}} : index
// CHECK:         %[[ARENA:.*]] = memref.alloc(%[[SIZE]]) {alignment = 64 : i64} : memref<?xi8>
// CHECK:         scf.for
// CHECK:           memref.view %[[ARENA]]
func.func @loop(%n: index, %x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = arith.subi %n, %c1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = memref.alloc(%m) : memref<?xf32>
    memref.copy %a, %x : memref<?xf32> to memref<?xf32>
    memref.dealloc %a : memref<?xf32>
  }
  return
}

// -----

// A branch that is known at entry is like a loop; what a division by an
// argument or a condition in memory decides is known too late.
// CHECK-LABEL: @branches
// CHECK:         %[[ARENA:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64}
// CHECK:         scf.if
// CHECK:           memref.view %[[ARENA]]
// CHECK:         } else {
// CHECK:           memref.view %[[ARENA]]
// CHECK:           %[[D:.*]] = memref.alloc(%{{.*}}) : memref<?xf64>
// CHECK:           memref.dealloc %[[D]]
// CHECK:         scf.if
// CHECK:           %[[E:.*]] = memref.alloc(%{{.*}}) : memref<?xf64>
// CHECK:           memref.view %[[ARENA]]
// CHECK:           memref.dealloc %[[E]]
func.func @branches(%p: i1, %n: index, %m: index, %q: memref<i1>, %x: memref<?xf32>, %z: memref<?xf64>) {
  scf.if %p {
    %a = memref.alloc(%n) : memref<?xf32>
    memref.copy %a, %x : memref<?xf32> to memref<?xf32>
  } else {
    %a = memref.alloc(%m) : memref<?xf32>
    memref.copy %a, %x : memref<?xf32> to memref<?xf32>
    %s = arith.divui %n, %m : index
    %d = memref.alloc(%s) : memref<?xf64>
    memref.copy %d, %z : memref<?xf64> to memref<?xf64>
  }
  %r = memref.load %q[] : memref<i1>
  scf.if %r {
    %e = memref.alloc(%n) : memref<?xf64>
    memref.copy %e, %z : memref<?xf64> to memref<?xf64>
    %a = memref.alloc() : memref<8xf32>
    %c = memref.cast %a : memref<8xf32> to memref<?xf32>
    memref.copy %c, %x : memref<?xf32> to memref<?xf32>
  }
  return
}

// -----

// Chunks of a parallel loop run at the same time: each has its own frame.
// CHECK-LABEL: @chunks
// CHECK-SAME:    %{{.*}}: memref<16xf32>, %[[CHUNKS:[a-z0-9]*]]: index, %{{.*}}: index
// CHECK:         arith.muli %[[FRAME:.*]], %[[CHUNKS]]
// CHECK:         %[[ARENA:.*]] = memref.alloc
// CHECK:         scf.parallel (%[[C:.*]]) =
// CHECK:           %[[BEFORE:.*]] = arith.muli %[[C]], %[[FRAME]]
// CHECK:           %[[BASE:.*]] = arith.addi %{{.*}}, %[[BEFORE]]
// CHECK:           memref.view %[[ARENA]][%[[BASE]]][] : memref<?xi8> to memref<16xf32>
// CHECK:           scf.for
// CHECK:             %[[B:.*]] = arith.addi %[[BASE]]
// CHECK:             memref.view %[[ARENA]][%[[B]]][%{{.*}}] : memref<?xi8> to memref<?xf32>
func.func @chunks(%x: memref<16xf32>, %n: index, %m: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %a = memref.alloc() : memref<16xf32>
    memref.copy %x, %a : memref<16xf32> to memref<16xf32>
    scf.for %j = %i to %n step %c1 {
      %b = memref.alloc(%m) : memref<?xf32>
      %v = memref.load %b[%j] : memref<?xf32>
      memref.store %v, %a[%j] : memref<16xf32>
    }
    memref.copy %a, %x : memref<16xf32> to memref<16xf32>
  }
  return
}

// -----

// Private functions get their memory from callers, who compute how much.
// CHECK-LABEL: func private @callee
// CHECK-SAME:    (%[[X:.*]]: memref<?xf32>, %[[ARENA:.*]]: memref<?xi8>)
// CHECK:         memref.view %[[ARENA]]
// CHECK-NOT:     memref.alloc
// CHECK:         return
func.func private @callee(%x: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %x, %c0 : memref<?xf32>
  %a = memref.alloc(%n) : memref<?xf32>
  memref.copy %x, %a : memref<?xf32> to memref<?xf32>
  memref.copy %a, %x : memref<?xf32> to memref<?xf32>
  return
}
// CHECK-LABEL: @caller
// CHECK-SAME:    %[[X:.*]]: memref<?xf32>
// CHECK:         memref.dim %[[X]]
// CHECK:         %[[ARENA:.*]] = memref.alloc
// CHECK:         %[[LENT:.*]] = memref.view %[[ARENA]]
// CHECK:         call @callee(%{{.*}}, %[[LENT]])
// CHECK:         %[[OWN:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<?xi8>
// CHECK-NEXT:    call @callee(%{{.*}}, %[[OWN]])
// CHECK-NEXT:    memref.dealloc %[[OWN]]
// CHECK:         memref.dealloc %[[ARENA]]
func.func @caller(%x: memref<?xf32>, %q: memref<index>) {
  call @callee(%x) : (memref<?xf32>) -> ()
  %n = memref.load %q[] : memref<index>
  %v = memref.subview %x[0] [%n] [1] : memref<?xf32> to memref<?xf32, strided<[1]>>
  %w = memref.cast %v : memref<?xf32, strided<[1]>> to memref<?xf32>
  call @callee(%w) : (memref<?xf32>) -> ()
  return
}

// -----

// In a loop of which it is not known how many chunks it has, every call has its
// own memory.
// CHECK-LABEL: func private @inner
// CHECK-SAME:    (%{{.*}}: memref<8xf32>, %{{.*}}: memref<?xi8>)
func.func private @inner(%x: memref<8xf32>) {
  %a = memref.alloc() : memref<8xf32>
  memref.copy %x, %a : memref<8xf32> to memref<8xf32>
  memref.copy %a, %x : memref<8xf32> to memref<8xf32>
  return
}
// CHECK-LABEL: @many_chunks
// CHECK:         scf.parallel
// CHECK:           %[[OWN:.*]] = memref.alloc(%{{.*}}) {alignment = 64 : i64} : memref<?xi8>
// CHECK-NEXT:      func.call @inner(%{{.*}}, %[[OWN]])
// CHECK-NEXT:      memref.dealloc %[[OWN]]
func.func @many_chunks(%x: memref<8xf32>, %q: memref<index>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = memref.load %q[] : memref<index>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    func.call @inner(%x) : (memref<8xf32>) -> ()
  }
  return
}

// -----

// A function that calls itself has an arena for each call.
// CHECK-LABEL: func private @again
// CHECK-SAME:    (%{{[a-z0-9]*}}: memref<8xf32>, %{{[a-z0-9]*}}: i1)
// CHECK:         memref.alloc(%{{.*}}) {alignment = 64 : i64}
// CHECK:         call @again(%{{[a-z0-9]*}}, %{{[a-z0-9]*}}) :
func.func private @again(%x: memref<8xf32>, %p: i1) {
  %a = memref.alloc() : memref<8xf32>
  memref.copy %x, %a : memref<8xf32> to memref<8xf32>
  scf.if %p {
    %no = arith.constant false
    func.call @again(%a, %no) : (memref<8xf32>, i1) -> ()
  }
  memref.copy %a, %x : memref<8xf32> to memref<8xf32>
  return
}
func.func @start(%x: memref<8xf32>, %p: i1) {
  call @again(%x, %p) : (memref<8xf32>, i1) -> ()
  return
}
