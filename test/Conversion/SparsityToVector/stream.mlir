// RUN: sparse-opt %s --convert-sparsity-to-vector | FileCheck %s
//
// Streams: few tokens in scalars; more of them side by side in vectors, over x
// that each item transposes into scratch, and sums that it transposes back;
// 16-bit columns without sign.

// CHECK-LABEL: func.func private @sparsity_matmul_stream_0(
// CHECK:         scf.parallel
// CHECK:           scf.if
// CHECK:             memref.load %{{.*}} : memref<?xi16
// CHECK:             arith.index_castui %{{.*}} : i16 to index
// CHECK:           } else {
// CHECK:             scf.index_switch
// CHECK:             case 1 {
// CHECK:               memref.alloc() : memref<8x4xf32>
// CHECK:               memref.alloc(%{{.*}}) : memref<?x4xf32>
// CHECK:               vector.shuffle
// CHECK:               memref.load %{{.*}} : memref<?xi16
// CHECK:               vector.broadcast %{{.*}} : f32 to vector<4xf32>
// CHECK:               vector.store %{{.*}} : memref<?x4xf32>, vector<4xf32>
// CHECK:               vector.shuffle
// CHECK:             case 2 {
// CHECK:               memref.alloc() : memref<8x8xf32>
func.func @stream(%x: memref<?x7xf32>, %i: memref<7xi32>, %j: memref<?xi16>,
                  %w: memref<?xf32>, %y: memref<?x6xf32>) {
  %p = sparsity.assemble %i, %j, %w : memref<7xi32>, memref<?xi16>, memref<?xf32>
      -> !sparsity.packed<6x7xf32, #sparsity.stream_format>
  sparsity.matmul ins(%x, %p : memref<?x7xf32>,
      !sparsity.packed<6x7xf32, #sparsity.stream_format>)
      outs(%y : memref<?x6xf32>)
  return
}
