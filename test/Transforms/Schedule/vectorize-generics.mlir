// RUN: sparse-opt %s --sparsity-vectorize-generics --split-input-file | FileCheck %s
// Generics on memrefs become parallel vector loops (4 lanes: baseline x86-64).

#id = affine_map<(d0, d1) -> (d0, d1)>
#last = affine_map<(d0, d1) -> (d1)>
// The remainder is masked; the uniform operand stays a scalar.
// CHECK-LABEL: @elementwise
// CHECK:         scf.parallel (%[[I:.*]]) =
// CHECK:           scf.for %[[J:.*]] = %{{.*}} to %{{.*}} step %c4
// CHECK:             vector.load %{{.*}}[%[[I]], %[[J]]] : memref<?x?xf32>, vector<4xf32>
// CHECK:             vector.load %{{.*}}[%[[J]]] : memref<?xf32>, vector<4xf32>
// CHECK:             arith.addf %{{.*}} : vector<4xf32>
// CHECK:             vector.store
// CHECK:           scf.if
// CHECK:             %[[MASK:.*]] = vector.create_mask
// CHECK:             vector.maskedload %{{.*}}, %[[MASK]]
// CHECK:             vector.maskedstore %{{.*}}, %[[MASK]]
// CHECK-NOT:     linalg
func.func @elementwise(%x: memref<?x?xf32>, %b: memref<?xf32>, %y: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [#id, #last, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%x, %b : memref<?x?xf32>, memref<?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%a: f32, %v: f32, %out: f32):
    %s = arith.addf %a, %v : f32
    linalg.yield %s : f32
  }
  return
}

// -----

// A sum along contiguous inputs: partial sums in a vector, then what was there.
// CHECK-LABEL: @sum_of_rows
// CHECK:         scf.parallel
// CHECK:           scf.for {{.*}} iter_args(%{{.*}} = %cst
// CHECK:           vector.create_mask
// CHECK:           arith.select
// The lanes are added by halves.
// CHECK:           vector.shuffle {{.*}} [0, 1] : vector<4xf32>
// CHECK:           vector.shuffle {{.*}} [2, 3] : vector<4xf32>
// CHECK:           arith.addf {{.*}} : vector<2xf32>
// CHECK:           %[[SUM:.*]] = vector.extract %{{.*}}[0] : f32 from vector<1xf32>
// CHECK:           %[[OLD:.*]] = memref.load
// CHECK:           arith.addf %[[SUM]], %[[OLD]]
// CHECK:           memref.store
func.func @sum_of_rows(%x: memref<3x17xf32>, %y: memref<3xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>,
                                   affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<3x17xf32>) outs(%y : memref<3xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %s = arith.addf %a, %sum : f32
    linalg.yield %s : f32
  }
  return
}

// -----

// A sum across rows: a vector of results; the reduction is the inner loop.
// CHECK-LABEL: @maximum_of_columns
// CHECK-NOT:     scf.parallel
// CHECK:         scf.for %{{.*}} step %c4
// CHECK:           vector.load %{{.*}} : memref<8xf32>
// CHECK:           scf.for {{.*}} iter_args
// CHECK:             arith.maximumf {{.*}} : vector<4xf32>
// CHECK:           vector.store
func.func @maximum_of_columns(%x: memref<?x8xf32>, %y: memref<8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d1, d0)>,
                                   affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]}
      ins(%x : memref<?x8xf32>) outs(%y : memref<8xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %s = arith.maximumf %a, %sum : f32
    linalg.yield %s : f32
  }
  return
}

// -----

// The index of the vector dimension counts up in the vector.
// CHECK-LABEL: @iota
// CHECK:         vector.step : vector<4xindex>
// CHECK:         arith.index_cast %{{.*}} : vector<4xindex> to vector<4xi64>
func.func @iota(%y: memref<8xi64>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} outs(%y : memref<8xi64>) {
  ^bb0(%out: i64):
    %i = linalg.index 0 : index
    %v = arith.index_cast %i : index to i64
    linalg.yield %v : i64
  }
  return
}

// -----

// Scalar loops: bytes and bits that a vector would pack, divisors that are
// zero beyond the end, results that a reduction overwrites, transposed reads.
#id = affine_map<(d0) -> (d0)>
// CHECK-LABEL: @booleans
// CHECK-NOT:     vector
// CHECK:         memref.load %{{.*}} : memref<?xi1>
func.func @booleans(%x: memref<?xi1>, %y: memref<?xi1>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<?xi1>) outs(%y : memref<?xi1>) {
  ^bb0(%a: i1, %out: i1):
    linalg.yield %a : i1
  }
  return
}

// CHECK-LABEL: @small_integers
// CHECK-NOT:     vector
// CHECK:         memref.load %{{.*}} : memref<?xi4>
func.func @small_integers(%x: memref<?xi4>, %y: memref<?xi4>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<?xi4>) outs(%y : memref<?xi4>) {
  ^bb0(%a: i4, %out: i4):
    linalg.yield %a : i4
  }
  return
}

// CHECK-LABEL: @division
// CHECK-NOT:     vector
// CHECK:         arith.divsi %{{.*}} : i32
func.func @division(%x: memref<?xi32>, %y: memref<?xi32>, %z: memref<?xi32>) {
  linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel"]}
      ins(%x, %y : memref<?xi32>, memref<?xi32>) outs(%z : memref<?xi32>) {
  ^bb0(%a: i32, %b: i32, %out: i32):
    %q = arith.divsi %a, %b : i32
    linalg.yield %q : i32
  }
  return
}

// CHECK-LABEL: @division_by_scalar
// CHECK:         arith.divsi %{{.*}} : vector<4xi32>
func.func @division_by_scalar(%x: memref<?xi32>, %y: memref<i32>, %z: memref<?xi32>) {
  linalg.generic {indexing_maps = [#id, affine_map<(d0) -> ()>, #id],
      iterator_types = ["parallel"]}
      ins(%x, %y : memref<?xi32>, memref<i32>) outs(%z : memref<?xi32>) {
  ^bb0(%a: i32, %b: i32, %out: i32):
    %q = arith.divsi %a, %b : i32
    linalg.yield %q : i32
  }
  return
}

// CHECK-LABEL: @overwritten
// CHECK-NOT:     vector
// CHECK:         scf.for
func.func @overwritten(%x: memref<?xf32>, %z: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["reduction"]}
      ins(%x : memref<?xf32>) outs(%z : memref<?xf32>) {
  ^bb0(%a: f32, %sum: f32):
    %s = arith.addf %a, %sum : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: @two_results_of_a_reduction
// CHECK-NOT:     vector
// CHECK:         scf.for
func.func @two_results_of_a_reduction(%x: memref<?xf32>, %y: memref<f32>,
                                      %z: memref<f32>) {
  linalg.generic {indexing_maps = [#id, affine_map<(d0) -> ()>, affine_map<(d0) -> ()>],
      iterator_types = ["reduction"]}
      ins(%x : memref<?xf32>) outs(%y, %z : memref<f32>, memref<f32>) {
  ^bb0(%a: f32, %sum: f32, %top: f32):
    %s = arith.addf %a, %sum : f32
    %t = arith.maximumf %a, %top : f32
    linalg.yield %s, %t : f32, f32
  }
  return
}

// -----

// Ops on tensors are left alone.
// CHECK-LABEL: @tensors
// CHECK:         linalg.generic
func.func @tensors(%x: tensor<4xf32>) -> tensor<4xf32> {
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} outs(%x : tensor<4xf32>) {
  ^bb0(%out: f32):
    linalg.yield %out : f32
  } -> tensor<4xf32>
  return %r : tensor<4xf32>
}
