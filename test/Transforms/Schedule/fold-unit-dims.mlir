// RUN: sparse-opt %s --sparsity-fold-unit-dims --split-input-file | FileCheck %s
// Dimensions of extent 1 leave generics, but not those of windows.

// CHECK-LABEL: @middle
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]
// CHECK-SAME:      ins(%{{.*}} : tensor<?x8xf32>) outs(%{{.*}} : tensor<?x8xf32>)
func.func @middle(%x: tensor<?x1x8xf32>, %e: tensor<?x1x8xf32>)
    -> tensor<?x1x8xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>,
                       affine_map<(d0, d1, d2) -> (d0, d1, d2)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<?x1x8xf32>) outs(%e : tensor<?x1x8xf32>) {
  ^bb0(%a: f32, %out: f32):
    %b = arith.negf %a : f32
    linalg.yield %b : f32
  } -> tensor<?x1x8xf32>
  return %r : tensor<?x1x8xf32>
}

// -----

// CHECK-LABEL: @sum_over_one
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel"]
func.func @sum_over_one(%x: tensor<5x1xf32>, %z: tensor<5xf32>) -> tensor<5xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>,
                       affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<5x1xf32>) outs(%z : tensor<5xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %b = arith.addf %a, %sum : f32
    linalg.yield %b : f32
  } -> tensor<5xf32>
  return %r : tensor<5xf32>
}

// -----

// A window of extent 1 with stride 2 reads every second element: it stays.
// CHECK-LABEL: @window
// CHECK:         linalg.generic
// CHECK-SAME:      iterator_types = ["parallel", "reduction"]
// CHECK-SAME:      ins(%{{.*}} : tensor<9xf32>, tensor<1xf32>) outs(%{{.*}} : tensor<5xf32>)
func.func @window(%x: tensor<9xf32>, %w: tensor<1xf32>, %z: tensor<5xf32>)
    -> tensor<5xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0 * 2 + d1)>,
                       affine_map<(d0, d1) -> (d1)>,
                       affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x, %w : tensor<9xf32>, tensor<1xf32>) outs(%z : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32, %sum: f32):
    %p = arith.mulf %a, %b : f32
    %s = arith.addf %p, %sum : f32
    linalg.yield %s : f32
  } -> tensor<5xf32>
  return %r : tensor<5xf32>
}

// -----

// CHECK-LABEL: @no_unit
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]
// CHECK-SAME:      ins(%{{.*}} : tensor<0x3xf32>)
func.func @no_unit(%x: tensor<0x3xf32>, %e: tensor<0x3xf32>) -> tensor<0x3xf32> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>,
                       affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<0x3xf32>) outs(%e : tensor<0x3xf32>) {
  ^bb0(%a: f32, %out: f32):
    linalg.yield %a : f32
  } -> tensor<0x3xf32>
  return %r : tensor<0x3xf32>
}

// -----

// Batches of extent 1, the first of two here.
// CHECK-LABEL: @batch
// CHECK-DAG:     %[[X:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] : tensor<1x4x?x8xf32>
// CHECK-DAG:     %[[Y:.*]] = tensor.collapse_shape %{{.*}} {{\[\[}}0, 1], [2], [3]] : tensor<1x4x8x5xf32>
// CHECK:         %[[Z:.*]] = sparsity.matmul ins(%[[X]], %[[Y]] : tensor<4x?x8xf32>, tensor<4x8x5xf32>)
// CHECK:         tensor.expand_shape %[[Z]] {{\[\[}}0, 1], [2], [3]]
// CHECK-LABEL: @no_batch
// CHECK-NOT:     collapse_shape
func.func @batch(%x: tensor<1x4x?x8xf32>, %y: tensor<1x4x8x5xf32>, %o: tensor<1x4x?x5xf32>) -> tensor<1x4x?x5xf32> {
  %z = sparsity.matmul ins(%x, %y : tensor<1x4x?x8xf32>, tensor<1x4x8x5xf32>)
      outs(%o : tensor<1x4x?x5xf32>) -> tensor<1x4x?x5xf32>
  return %z : tensor<1x4x?x5xf32>
}
func.func @no_batch(%x: tensor<1x8xf32>, %y: tensor<8x1xf32>, %o: tensor<1x1xf32>) -> tensor<1x1xf32> {
  %z = sparsity.matmul ins(%x, %y : tensor<1x8xf32>, tensor<8x1xf32>) outs(%o : tensor<1x1xf32>) -> tensor<1x1xf32>
  return %z : tensor<1x1xf32>
}
