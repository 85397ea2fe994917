// RUN: sparse-opt %s --sparsity-free-in-loops | FileCheck %s

// A loop frees what it has handed on; its initial value belongs to somebody
// else. Functions whose loops carry no buffers stay as they are.

// CHECK-LABEL: @carried
// CHECK:         scf.for {{.*}} iter_args(%[[A:.*]] = %{{.*}}, %[[OWNED:.*]] = %false)
// CHECK:           memref.alloc()
// CHECK:           %[[BASE:[a-z0-9_]+]], {{.*}} = memref.extract_strided_metadata %[[A]]
// CHECK:           scf.if %[[OWNED]] {
// CHECK-NEXT:        memref.dealloc %[[BASE]]
// CHECK:           scf.yield %{{.*}}, %true
func.func @carried(%x: memref<4xf32>, %n: index) -> memref<4xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %y = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> memref<4xf32> {
    %b = memref.alloc() : memref<4xf32>
    linalg.exp ins(%a : memref<4xf32>) outs(%b : memref<4xf32>)
    scf.yield %b : memref<4xf32>
  }
  %own = memref.alloc() : memref<4xf32>
  memref.copy %y, %own : memref<4xf32> to memref<4xf32>
  return %own : memref<4xf32>
}

// What a call gives belongs to the caller.
// CHECK-LABEL: @called
// CHECK:         scf.for
// CHECK:           %[[B:.*]] = func.call @carried
// CHECK:           memref.dealloc
func.func @called(%x: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %b = func.call @carried(%x, %i) : (memref<4xf32>, index) -> memref<4xf32>
    memref.copy %b, %x : memref<4xf32> to memref<4xf32>
  }
  return
}

// CHECK-LABEL: @local
// CHECK:         memref.alloc()
// CHECK-NOT:     dealloc
func.func @local(%x: memref<4xf32>, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %b = memref.alloc() : memref<4xf32>
    linalg.exp ins(%x : memref<4xf32>) outs(%b : memref<4xf32>)
    memref.copy %b, %x : memref<4xf32> to memref<4xf32>
  }
  return
}

// Only structured control flow is tracked.
// CHECK-LABEL: @unstructured
// CHECK:         cf.br
// CHECK-NOT:     dealloc
func.func @unstructured(%x: memref<4xf32>, %n: index) {
  cf.br ^loop(%x : memref<4xf32>)
^loop(%a: memref<4xf32>):
  %b = memref.alloc() : memref<4xf32>
  linalg.exp ins(%a : memref<4xf32>) outs(%b : memref<4xf32>)
  cf.br ^loop(%b : memref<4xf32>)
}
