// RUN: sparse-opt %s --convert-sparsity-to-vector --split-input-file | FileCheck %s
//
// Products of the same x become one call where the last of them is; others stay
// apart.

#dense = #sparsity.dense_format<panel = 64>

// CHECK-LABEL: func.func @together(
// CHECK-SAME:    %[[X:[^:]+]]: memref<?x8xf32>, %[[V:[^:]+]]: memref<512xf32>, %[[W:[^:]+]]: memref<512xf32>,
// CHECK-SAME:    %[[B:[^:]+]]: memref<64xf32>, %[[C:[^:]+]]: memref<64xf32>
// CHECK:         %[[Y:.*]] = memref.alloc
// CHECK-NOT:     call
// CHECK:         %[[Z:.*]] = memref.alloc
// CHECK-DAG:     %[[V1:.*]] = memref.cast %[[V]]
// CHECK-DAG:     %[[B1:.*]] = memref.cast %[[B]]
// CHECK-DAG:     %[[W1:.*]] = memref.cast %[[W]]
// CHECK-DAG:     %[[C1:.*]] = memref.cast %[[C]]
// CHECK-DAG:     %[[Y1:.*]] = memref.cast %[[Y]]
// CHECK-DAG:     %[[Z1:.*]] = memref.cast %[[Z]]
// CHECK:         call @[[BOTH:.*]](%{{[^,]+}}, %[[V1]], %[[B1]], %[[W1]], %[[C1]], %[[Y1]], %[[Z1]])
// CHECK-NOT:     call
// CHECK:         return
// CHECK:       func.func private @[[BOTH]](
// CHECK:         scf.parallel
// CHECK:           scf.for
// CHECK-COUNT-3:   arith.select %{{.*}} : memref<
// CHECK-NOT:     scf.parallel
func.func @together(%x: memref<?x8xf32>, %v: memref<512xf32>, %w: memref<512xf32>,
                    %b: memref<64xf32>, %c: memref<64xf32>, %n: index)
    -> (memref<?x8x8xf32>, memref<?x64xf32>) {
  %p = sparsity.assemble %v : memref<512xf32> -> !sparsity.packed<64x8xf32, #dense>
  %q = sparsity.assemble %w : memref<512xf32> -> !sparsity.packed<64x8xf32, #dense>
  %y = memref.alloc(%n) : memref<?x64xf32>
  sparsity.matmul ins(%x, %p : memref<?x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      bias(%b : memref<64xf32>) outs(%y : memref<?x64xf32>)
  %e = memref.expand_shape %y [[0], [1, 2]] output_shape [%n, 8, 8]
      : memref<?x64xf32> into memref<?x8x8xf32>
  %z = memref.alloc(%n) : memref<?x64xf32>
  sparsity.matmul ins(%x, %q : memref<?x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      bias(%c : memref<64xf32>) outs(%z : memref<?x64xf32>)
  return %e, %z : memref<?x8x8xf32>, memref<?x64xf32>
}

// -----

#dense = #sparsity.dense_format<panel = 64>

// A product of another one's result, and one of another x.
// CHECK-LABEL: func.func @apart(
// CHECK-COUNT-3: call @sparsity_matmul_dense
func.func @apart(%x: memref<?x64xf32>, %v: memref<4096xf32>, %n: index)
    -> (memref<?x64xf32>, memref<?x64xf32>, memref<?x64xf32>) {
  %p = sparsity.assemble %v : memref<4096xf32> -> !sparsity.packed<64x64xf32, #dense>
  %y = memref.alloc(%n) : memref<?x64xf32>
  %z = memref.alloc(%n) : memref<?x64xf32>
  %u = memref.alloc(%n) : memref<?x64xf32>
  sparsity.matmul ins(%x, %p : memref<?x64xf32>, !sparsity.packed<64x64xf32, #dense>)
      outs(%y : memref<?x64xf32>)
  sparsity.matmul ins(%y, %p : memref<?x64xf32>, !sparsity.packed<64x64xf32, #dense>)
      outs(%z : memref<?x64xf32>)
  sparsity.matmul ins(%x, %p : memref<?x64xf32>, !sparsity.packed<64x64xf32, #dense>)
      outs(%u : memref<?x64xf32>)
  return %y, %z, %u : memref<?x64xf32>, memref<?x64xf32>, memref<?x64xf32>
}

// -----

#dense = #sparsity.dense_format<panel = 64>

// The result of the first is the bias of the second.
// CHECK-LABEL: func.func @as_bias(
// CHECK-COUNT-2: call @sparsity_matmul_dense
func.func @as_bias(%x: memref<1x8xf32>, %v: memref<512xf32>, %b: memref<64xf32>)
    -> (memref<1x64xf32>, memref<1x64xf32>) {
  %p = sparsity.assemble %v : memref<512xf32> -> !sparsity.packed<64x8xf32, #dense>
  %y = memref.alloc() : memref<1x64xf32>
  %z = memref.alloc() : memref<1x64xf32>
  %a = memref.collapse_shape %y [[0, 1]] : memref<1x64xf32> into memref<64xf32>
  sparsity.matmul ins(%x, %p : memref<1x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      bias(%b : memref<64xf32>) outs(%y : memref<1x64xf32>)
  sparsity.matmul ins(%x, %p : memref<1x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      bias(%a : memref<64xf32>) outs(%z : memref<1x64xf32>)
  return %y, %z : memref<1x64xf32>, memref<1x64xf32>
}

// -----

#dense = #sparsity.dense_format<panel = 64>

// Memory changes between them; results may overlap.
// CHECK-LABEL: func.func @not_moved(
// CHECK:         call @sparsity_matmul_dense
// CHECK:         memref.store
// CHECK-COUNT-2: call @sparsity_matmul_dense
func.func @not_moved(%x: memref<?x8xf32>, %v: memref<512xf32>, %w: memref<512xf32>,
                     %n: index, %f: f32, %u: memref<?x64xf32>)
    -> (memref<?x64xf32>, memref<?x64xf32>) {
  %c0 = arith.constant 0 : index
  %p = sparsity.assemble %v : memref<512xf32> -> !sparsity.packed<64x8xf32, #dense>
  %q = sparsity.assemble %w : memref<512xf32> -> !sparsity.packed<64x8xf32, #dense>
  %y = memref.alloc(%n) : memref<?x64xf32>
  %z = memref.alloc(%n) : memref<?x64xf32>
  sparsity.matmul ins(%x, %p : memref<?x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      outs(%y : memref<?x64xf32>)
  memref.store %f, %x[%c0, %c0] : memref<?x8xf32>
  sparsity.matmul ins(%x, %q : memref<?x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      outs(%z : memref<?x64xf32>)
  sparsity.matmul ins(%x, %p : memref<?x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      outs(%u : memref<?x64xf32>)
  return %y, %z : memref<?x64xf32>, memref<?x64xf32>
}

// -----

#dense = #sparsity.dense_format<panel = 16>

// Grouped queries: fewer keys than queries and no bias for them; each kind has
// code of its own, in one loop.
// CHECK-LABEL: func.func @grouped(
// CHECK-COUNT-1: call @[[ALL:sparsity_matmul_dense[^(]*]]
// CHECK-NOT:     call
// CHECK:         return
// CHECK:       func.func private @[[ALL]](
// CHECK:         scf.parallel
// CHECK:           scf.index_switch
// CHECK:             arith.select %{{.*}} : memref<512xf32
// CHECK:             case 1 {
// CHECK-NOT:     scf.parallel
func.func @grouped(%x: memref<?x8xf32>, %u: memref<512xf32>, %v: memref<128xf32>,
                   %w: memref<512xf32>, %b: memref<64xf32>, %n: index)
    -> (memref<?x64xf32>, memref<?x16xf32>, memref<?x64xf32>) {
  %p = sparsity.assemble %u : memref<512xf32> -> !sparsity.packed<64x8xf32, #dense>
  %q = sparsity.assemble %v : memref<128xf32> -> !sparsity.packed<16x8xf32, #dense>
  %r = sparsity.assemble %w : memref<512xf32> -> !sparsity.packed<64x8xf32, #dense>
  %y = memref.alloc(%n) : memref<?x64xf32>
  %z = memref.alloc(%n) : memref<?x16xf32>
  %t = memref.alloc(%n) : memref<?x64xf32>
  sparsity.matmul ins(%x, %p : memref<?x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      bias(%b : memref<64xf32>) outs(%y : memref<?x64xf32>)
  sparsity.matmul ins(%x, %q : memref<?x8xf32>, !sparsity.packed<16x8xf32, #dense>)
      outs(%z : memref<?x16xf32>)
  sparsity.matmul ins(%x, %r : memref<?x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      bias(%b : memref<64xf32>) outs(%t : memref<?x64xf32>)
  return %y, %z, %t : memref<?x64xf32>, memref<?x16xf32>, memref<?x64xf32>
}

// -----

#dense = #sparsity.dense_format<panel = 64>

// The bias of the second may be the result of the first.
// CHECK-LABEL: func.func @maybe_as_bias(
// CHECK-COUNT-2: call @sparsity_matmul_dense
func.func @maybe_as_bias(%x: memref<1x8xf32>, %v: memref<512xf32>, %b: memref<64xf32>, %p: i1)
    -> (memref<1x64xf32>, memref<1x64xf32>) {
  %w = sparsity.assemble %v : memref<512xf32> -> !sparsity.packed<64x8xf32, #dense>
  %y = memref.alloc() : memref<1x64xf32>
  %z = memref.alloc() : memref<1x64xf32>
  %a = memref.collapse_shape %y [[0, 1]] : memref<1x64xf32> into memref<64xf32>
  sparsity.matmul ins(%x, %w : memref<1x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      bias(%b : memref<64xf32>) outs(%y : memref<1x64xf32>)
  %c = arith.select %p, %a, %b : memref<64xf32>
  sparsity.matmul ins(%x, %w : memref<1x8xf32>, !sparsity.packed<64x8xf32, #dense>)
      bias(%c : memref<64xf32>) outs(%z : memref<1x64xf32>)
  return %y, %z : memref<1x64xf32>, memref<1x64xf32>
}
