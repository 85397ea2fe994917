// Copies that memcpy cannot do become loops over elements.
// RUN: sparse-opt %s --sparsity-copies-to-generics | FileCheck %s
// RUN: sparse-opt %s --sparsity-copies-to-generics --sparsity-vectorize-generics | FileCheck %s --check-prefix=LOOPS

// CHECK-LABEL: @strided
// CHECK-SAME:    %[[X:.*]]: memref<4x?xf32, strided<[?, 1]>>, %[[Y:.*]]: memref<4x?xf32>
// CHECK-NOT:     memref.copy
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]
// CHECK-SAME:      ins(%[[X]]
// CHECK-SAME:      outs(%[[Y]]
func.func @strided(%x: memref<4x?xf32, strided<[?, 1]>>, %y: memref<4x?xf32>) {
  memref.copy %x, %y : memref<4x?xf32, strided<[?, 1]>> to memref<4x?xf32>
  return
}

// CHECK-LABEL: @inside
// CHECK:         scf.if
// CHECK:           linalg.generic {{.*}}iterator_types = []
func.func @inside(%c: i1, %x: memref<f32>, %y: memref<f32>) {
  scf.if %c {
    memref.copy %x, %y : memref<f32> to memref<f32>
  }
  return
}

// A copy of nothing leaves no loop.
// LOOPS-LABEL: @empty
// LOOPS-NOT:     scf
// LOOPS-NOT:     memref.copy
// LOOPS:         return
func.func @empty(%x: memref<0xf32>, %y: memref<0xf32>) {
  memref.copy %x, %y : memref<0xf32> to memref<0xf32>
  return
}
