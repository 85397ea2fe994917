// RUN: sparse-opt %s --sparsity-time-operations | FileCheck %s
// Every loop, product and copy of a public function has a number and a row.

// CHECK:       module attributes {sparsity.operations = [
// CHECK-SAME:    {location = "{{.*}}time-operations.mlir:[[#@LINE+17]]:3", op = "matmul", parameters = [@w], ranking = {tokens = array<i64: 1>}},
// CHECK-SAME:    {location = "{{.*}}:[[#@LINE+17]]:3", op = "attention"},
// CHECK-SAME:    {location = "{{.*}}:[[#@LINE+20]]:3", op = "parallel loop"},
// CHECK-SAME:    {location = "{{.*}}:[[#@LINE+24]]:3", op = "copy"}]}
// CHECK:         func.func private @sparse_opt_operation_done(i64, i64, i64)
sparsity.parameter "private" @w : tensor<4xf32> = dense<1.0> : tensor<4xf32> {origin = "layer.weight"}

// CHECK-LABEL: func.func @main
// CHECK:         call @product
// CHECK:         call @sparse_opt_operation_done(
// CHECK:         scf.parallel
// CHECK:         call @sparse_opt_operation_done(
// CHECK:         memref.copy
// CHECK:         call @sparse_opt_operation_done(
func.func @main(%x: memref<4xf32>, %w: memref<4xf32> {sparsity.parameter = @w, sparsity.buffer = 0}) -> memref<4xf32> {
  %y = memref.alloc() : memref<4xf32>
  %v = memref.cast %w : memref<4xf32> to memref<?xf32>
  call @product(%x, %v, %y) {sparsity.ranking = {tokens = array<i64: 1>}} : (memref<4xf32>, memref<?xf32>, memref<4xf32>) -> ()
  call @sparsity_attention_0(%x, %y) : (memref<4xf32>, memref<4xf32>) -> ()
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  %c1 = arith.constant 1 : index
  scf.parallel (%i) = (%c0) to (%c4) step (%c1) {
    %a = memref.load %y[%i] : memref<4xf32>
    memref.store %a, %x[%i] : memref<4xf32>
    scf.reduce
  }
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return %y : memref<4xf32>
}

// What a product does inside is not the caller's business.
// CHECK-LABEL: func.func private @product
// CHECK-NOT:     call
func.func private @product(%x: memref<4xf32>, %w: memref<?xf32>, %y: memref<4xf32>) {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
func.func private @sparsity_attention_0(%x: memref<4xf32>, %y: memref<4xf32>) {
  memref.copy %x, %y : memref<4xf32> to memref<4xf32>
  return
}
