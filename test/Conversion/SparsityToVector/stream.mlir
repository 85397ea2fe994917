// RUN: sparse-opt %s --convert-sparsity-to-vector | FileCheck %s
//
// Streams: few tokens in scalars; more of them side by side in vectors, over x
// that is transposed once where several items read it, else by the item, and
// sums that it transposes back; 16-bit columns without sign.

// CHECK-LABEL: func.func private @sparsity_matmul_stream_0(
// CHECK:         %[[SHARED:.*]] = memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK:         scf.if
// CHECK:           scf.parallel
// CHECK:             vector.shuffle
// CHECK:             vector.store %{{.*}}, %[[SHARED]]
// CHECK:         scf.parallel
// CHECK:           scf.if
// CHECK:             memref.load %{{.*}} : memref<?xi16
// CHECK:             arith.index_castui %{{.*}} : i16 to index
// CHECK:           } else {
// CHECK:             %[[OWN:.*]] = memref.alloc() : memref<{{[0-9]+}}xf32>
// CHECK:             vector.shuffle
// CHECK:             vector.store %{{.*}}, %[[OWN]]
// CHECK:             scf.index_switch
// CHECK:             case 1 {
// CHECK:               memref.load %{{.*}} : memref<?xi16
// CHECK:               vector.broadcast %{{.*}} : f32 to vector<4xf32>
// CHECK:               vector.store %{{.*}} : memref<?x4xf32, {{.*}}>, vector<4xf32>
// CHECK:             case 2 {
// CHECK:               vector.store %{{.*}} : memref<?x8xf32, {{.*}}>, vector<4xf32>
// CHECK:             vector.shuffle
func.func @stream(%x: memref<?x7xf32>, %i: memref<7xi32>, %j: memref<?xi16>,
                  %w: memref<?xf32>, %y: memref<?x6xf32>) {
  %p = sparsity.assemble %i, %j, %w : memref<7xi32>, memref<?xi16>, memref<?xf32>
      -> !sparsity.packed<6x7xf32, #sparsity.stream_format>
  sparsity.matmul ins(%x, %p : memref<?x7xf32>,
      !sparsity.packed<6x7xf32, #sparsity.stream_format>)
      outs(%y : memref<?x6xf32>)
  return
}

// From four vectors on, x is cut into tiles: an output goes on where the tile
// before ended, while its entries lie in this one.

// CHECK-LABEL: func.func private @sparsity_matmul_stream_1(
// CHECK:         %[[STEPS:.*]] = memref.alloc() : memref<384xi64>
// CHECK:         case 3 {
// CHECK-NOT:       scf.while
// CHECK:         case 4 {
// CHECK:           memref.load %[[STEPS]]
// CHECK:           scf.while
// CHECK:             %[[INSIDE:.*]] = arith.subi
// CHECK:             arith.cmpi slt, %[[INSIDE]], %{{.*}} : index
// CHECK:             scf.condition
// CHECK:             vector.load
// CHECK:             scf.yield
// CHECK:           memref.store %{{.*}}, %[[STEPS]]
// CHECK:         case 5 {
func.func @tiles(%x: memref<?x2000xf32>, %i: memref<7xi32>, %j: memref<?xi16>,
                 %w: memref<?xf32>, %y: memref<?x6xf32>) {
  %p = sparsity.assemble %i, %j, %w : memref<7xi32>, memref<?xi16>, memref<?xf32>
      -> !sparsity.packed<6x2000xf32, #sparsity.stream_format>
  sparsity.matmul ins(%x, %p : memref<?x2000xf32>,
      !sparsity.packed<6x2000xf32, #sparsity.stream_format>)
      outs(%y : memref<?x6xf32>)
  return
}
