// RUN: sparse-opt %s --sparsity-hoist-asserts --split-input-file | FileCheck %s
// Checks of an op move to an op of their own over the dimensions they have.

// CHECK-DAG:   #[[D0:.*]] = affine_map<(d0) -> (d0)>
// CHECK-LABEL: @lookup
// CHECK-SAME:    %[[TABLE:.*]]: tensor<?x8xf32>, %[[IDS:.*]]: tensor<?xi64>
// CHECK:         linalg.generic {indexing_maps = [#[[D0]]], iterator_types = ["parallel"]}
// CHECK-SAME:      ins(%[[IDS]] : tensor<?xi64>)
// CHECK:           arith.cmpi slt
// CHECK:           cf.assert %{{.*}}, "too large"
// CHECK:           cf.assert %{{.*}}, "negative"
// CHECK:           linalg.yield
// CHECK-NEXT:    }
// CHECK:         linalg.generic
// CHECK-NOT:       cf.assert
// CHECK:           tensor.extract
func.func @lookup(%table: tensor<?x8xf32>, %ids: tensor<?xi64>,
                  %e: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %size = tensor.dim %table, %c0 : tensor<?x8xf32>
  %rows = arith.index_cast %size : index to i64
  %zero = arith.constant 0 : i64
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0)>,
                       affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xi64>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%id: i64, %out: f32):
    %small = arith.cmpi slt, %id, %rows : i64
    cf.assert %small, "too large"
    %big = arith.cmpi sge, %id, %zero : i64
    cf.assert %big, "negative"
    %i = arith.index_cast %id : i64 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %table[%i, %j] : tensor<?x8xf32>
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}

// -----

// An index of the loop is renumbered with the dimensions that stay.
// CHECK-LABEL: @index_of_second_dimension
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel"]
// CHECK:           linalg.index 0
// CHECK:           cf.assert
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel", "parallel"]
// CHECK-NOT:       cf.assert
func.func @index_of_second_dimension(%x: tensor<4x?xi64>, %limit: tensor<?xi64>)
    -> tensor<4x?xi64> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d1)>,
                       affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%limit : tensor<?xi64>) outs(%x : tensor<4x?xi64>) {
  ^bb0(%l: i64, %out: i64):
    %j = linalg.index 1 : index
    %jj = arith.index_cast %j : index to i64
    %ok = arith.cmpi slt, %jj, %l : i64
    cf.assert %ok, "beyond the limit"
    linalg.yield %l : i64
  } -> tensor<4x?xi64>
  return %r : tensor<4x?xi64>
}

// -----

// The check needs what the result held before: it stays.
// CHECK-LABEL: @old_value
// CHECK-COUNT-1: linalg.generic
// CHECK:           cf.assert
// CHECK-NOT:     linalg.generic
func.func @old_value(%x: tensor<?xi64>, %y: tensor<?xi64>) -> tensor<?xi64> {
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%x : tensor<?xi64>) outs(%y : tensor<?xi64>) {
  ^bb0(%a: i64, %out: i64):
    %ok = arith.cmpi slt, %a, %out : i64
    cf.assert %ok, "too large"
    linalg.yield %a : i64
  } -> tensor<?xi64>
  return %r : tensor<?xi64>
}

// -----

// What a region captures is not followed: it stays.
// CHECK-LABEL: @region
// CHECK-COUNT-1: linalg.generic
// CHECK:           scf.if
// CHECK:           cf.assert
// CHECK-NOT:     linalg.generic
func.func @region(%x: tensor<?xi64>, %e: tensor<?xi64>, %c: i1) -> tensor<?xi64> {
  %zero = arith.constant 0 : i64
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]}
      ins(%x : tensor<?xi64>) outs(%e : tensor<?xi64>) {
  ^bb0(%a: i64, %out: i64):
    %v = scf.if %c -> i64 {
      scf.yield %a : i64
    } else {
      scf.yield %zero : i64
    }
    %ok = arith.cmpi sge, %v, %zero : i64
    cf.assert %ok, "negative"
    linalg.yield %v : i64
  } -> tensor<?xi64>
  return %r : tensor<?xi64>
}

// -----

// No input knows the extent of the checked dimension: it stays.
// CHECK-LABEL: @unknown_extent
// CHECK-COUNT-1: linalg.generic
// CHECK:           cf.assert
// CHECK-NOT:     linalg.generic
func.func @unknown_extent(%x: tensor<?xindex>, %n: index) -> tensor<?xindex> {
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>],
      iterator_types = ["parallel"]} outs(%x : tensor<?xindex>) {
  ^bb0(%out: index):
    %i = linalg.index 0 : index
    %ok = arith.cmpi slt, %i, %n : index
    cf.assert %ok, "too many"
    linalg.yield %i : index
  } -> tensor<?xindex>
  return %r : tensor<?xindex>
}

// -----

// The loop that the check leaves out may never run: then nothing is checked.
// CHECK-LABEL: @empty_rows
// CHECK:         %[[NONE:.*]] = arith.cmpi eq, %{{.*}}, %{{.*}} : index
// CHECK:         linalg.generic {{.*}}iterator_types = ["parallel"]
// CHECK:           %[[OK:.*]] = arith.cmpi ult
// CHECK:           %[[FINE:.*]] = arith.ori %[[OK]], %[[NONE]]
// CHECK:           cf.assert %[[FINE]]
func.func @empty_rows(%table: tensor<9x?xf32>, %ids: tensor<?xindex>, %e: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %rows = arith.constant 9 : index
  %r = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d0)>, affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xindex>) outs(%e : tensor<?x?xf32>) {
  ^bb0(%id: index, %out: f32):
    %ok = arith.cmpi ult, %id, %rows : index
    cf.assert %ok, "id out of range"
    %j = linalg.index 1 : index
    %v = tensor.extract %table[%id, %j] : tensor<9x?xf32>
    linalg.yield %v : f32
  } -> tensor<?x?xf32>
  return %r : tensor<?x?xf32>
}
