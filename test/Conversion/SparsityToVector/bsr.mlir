// RUN: sparse-opt %s --convert-sparsity-to-vector | FileCheck %s
//
// Blocks: any shape; a block's outputs are split into powers of two, and a
// ragged last block column reads only the inputs that exist.

// CHECK-LABEL: func.func private @sparsity_matmul_bsr_0(
// CHECK:         memref.load %{{.*}} : memref<3xi32
// CHECK:         scf.for
// CHECK:           memref.load %{{.*}} : memref<?xi32
// CHECK:           arith.minsi
// CHECK:           scf.for
// CHECK:             vector.load %{{.*}} : memref<?xf32, strided<[1], offset: ?>>, vector<2xf32>
// CHECK:             vector.load %{{.*}} : memref<?xf32, strided<[1], offset: ?>>, vector<1xf32>
func.func @blocks(%x: memref<?x7xf32>, %i: memref<3xi32>, %j: memref<?xi32>,
                  %w: memref<?xf32>, %y: memref<?x6xf32>) {
  %p = sparsity.assemble %i, %j, %w : memref<3xi32>, memref<?xi32>, memref<?xf32>
      -> !sparsity.packed<6x7xf32, #sparsity.bsr_format<[3, 5]>>
  sparsity.matmul ins(%x, %p : memref<?x7xf32>,
      !sparsity.packed<6x7xf32, #sparsity.bsr_format<[3, 5]>>)
      outs(%y : memref<?x6xf32>)
  return
}
