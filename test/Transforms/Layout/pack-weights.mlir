// RUN: sparse-opt %s --sparsity-pack-weights --split-input-file | FileCheck %s
// Packs of parameters become packed parameters; each is stored once.

// CHECK:       sparsity.parameter "private" @w.packed : !sparsity.packed<2x8xf32, #sparsity.nm_format<2:4>>
// CHECK-SAME:    dense_resource<w.packed.0>
// CHECK-SAME:    dense_resource<w.packed.1>
// CHECK-NOT:   sparsity.parameter
// CHECK-LABEL: @twice
// CHECK-COUNT-2: sparsity.load @w.packed
// CHECK-NOT:     sparsity.pack %
!nm = !sparsity.packed<2x8xf32, #sparsity.nm_format<2:4>>
sparsity.parameter "private" @w : tensor<2x8xf32> = dense<[
    [1.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 0.0],
    [0.0, 0.0, 0.0, 4.0, 5.0, 0.0, 6.0, 0.0]]> : tensor<2x8xf32>
func.func @twice() -> (!nm, !nm) {
  %w = sparsity.load @w : tensor<2x8xf32>
  %p = sparsity.pack %w : tensor<2x8xf32> -> !nm
  %v = sparsity.load @w : tensor<2x8xf32>
  %q = sparsity.pack %v : tensor<2x8xf32> -> !nm
  return %p, %q : !nm, !nm
}

// -----

// Two formats are two parameters; one that is also used dense stays.
// CHECK-DAG:   sparsity.parameter "private" @w : tensor<4x4xf32>
// CHECK-DAG:   @w.packed : !sparsity.packed<4x4xf32, #sparsity.stream_format>
// CHECK-DAG:   @w.packed_0 : !sparsity.packed<4x4xf32, #sparsity.dense_format<panel = 64>>
// CHECK-LABEL: @also_dense
// CHECK:         sparsity.load @w :
sparsity.parameter "private" @w : tensor<4x4xf32> = dense<[
    [1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0],
    [5.0, 6.0, 7.0, 8.0], [0.0, 0.0, 0.0, 9.0]]> : tensor<4x4xf32>
func.func @also_dense() -> (tensor<4x4xf32>,
    !sparsity.packed<4x4xf32, #sparsity.stream_format>,
    !sparsity.packed<4x4xf32, #sparsity.dense_format<panel = 64>>) {
  %w = sparsity.load @w : tensor<4x4xf32>
  %p = sparsity.pack %w : tensor<4x4xf32>
      -> !sparsity.packed<4x4xf32, #sparsity.stream_format>
  %q = sparsity.pack %w : tensor<4x4xf32>
      -> !sparsity.packed<4x4xf32, #sparsity.dense_format<panel = 64>>
  return %w, %p, %q : tensor<4x4xf32>,
      !sparsity.packed<4x4xf32, #sparsity.stream_format>,
      !sparsity.packed<4x4xf32, #sparsity.dense_format<panel = 64>>
}

// -----

// A pack of something else is left alone.
// CHECK-LABEL: @argument
// CHECK:         sparsity.pack
func.func @argument(%x: tensor<4x4xf32>)
    -> !sparsity.packed<4x4xf32, #sparsity.stream_format> {
  %p = sparsity.pack %x : tensor<4x4xf32>
      -> !sparsity.packed<4x4xf32, #sparsity.stream_format>
  return %p : !sparsity.packed<4x4xf32, #sparsity.stream_format>
}
