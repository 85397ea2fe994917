// RUN: sparse-opt %s --sparsity-raise-attention --canonicalize --split-input-file | FileCheck %s
//
// The attention of torch: query and key are scaled, rows of -infinity are 0.

#id = affine_map<(h, i, j) -> (h, i, j)>
#turn = affine_map<(h, i, j) -> (h, j, i)>
#row = affine_map<(h, i, j) -> (h, i)>
#rows = affine_map<(h, i) -> (h, i)>

// CHECK-DAG:   #[[Q:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3)>
// CHECK-DAG:   #[[K:.*]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d3)>
// CHECK-LABEL: @torch
// CHECK-SAME:    %[[QUERY:[^:]+]]: tensor<4x?x16xf32>, %[[KEY:[^:]+]]: tensor<4x?x16xf32>, %[[VALUE:[^:]+]]: tensor<4x?x16xf32>
// CHECK-NOT:     linalg.generic
// CHECK:         sparsity.attention ins(%[[QUERY]], %[[KEY]], %[[VALUE]] :
// CHECK-SAME:      maps [#[[Q]], #[[K]], #{{.*}}, #{{.*}}] zero_rows {
// CHECK-NEXT:    ^bb0(%[[SUM:.*]]: f32):
// CHECK-NEXT:      %[[SCALE:.*]] = arith.constant 2.500000e-01 : f32
// CHECK-NEXT:      %[[SCORE:.*]] = arith.mulf %[[SUM]], %[[SCALE]]
// CHECK-NEXT:      sparsity.yield %[[SCORE]]
// CHECK-NOT:     linalg.generic
func.func @torch(%q: tensor<4x?x16xf32>, %k: tensor<4x?x16xf32>, %v: tensor<4x?x16xf32>,
                 %wide: tensor<4x?x16xf32>, %turned: tensor<4x16x?xf32>, %scores: tensor<4x?x?xf32>,
                 %r: tensor<4x?xf32>, %bits: tensor<4x?xi1>) -> tensor<4x?x16xf32> {
  %half = arith.constant 0.5 : f32
  %low = arith.constant 0xFF800000 : f32
  %low64 = arith.constant 0xFFF0000000000000 : f64
  %zero = arith.constant 0.0 : f32
  %true = arith.constant true
  %qs = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%q : tensor<4x?x16xf32>) outs(%wide : tensor<4x?x16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %half : f32
    linalg.yield %b : f32
  } -> tensor<4x?x16xf32>
  %ks = linalg.generic {indexing_maps = [#turn, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%k : tensor<4x?x16xf32>) outs(%turned : tensor<4x16x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.mulf %a, %half : f32
    linalg.yield %b : f32
  } -> tensor<4x16x?xf32>
  %s = sparsity.matmul ins(%qs, %ks : tensor<4x?x16xf32>, tensor<4x16x?xf32>)
      outs(%scores : tensor<4x?x?xf32>) -> tensor<4x?x?xf32>
  %l = linalg.fill ins(%low : f32) outs(%r : tensor<4x?xf32>) -> tensor<4x?xf32>
  %m = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%s : tensor<4x?x?xf32>) outs(%l : tensor<4x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.maximumf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<4x?xf32>
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s, %m : tensor<4x?x?xf32>, tensor<4x?xf32>) outs(%scores : tensor<4x?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %c = arith.subf %a, %b : f32
    %d = math.exp %c : f32
    linalg.yield %d : f32
  } -> tensor<4x?x?xf32>
  %z = linalg.fill ins(%zero : f32) outs(%r : tensor<4x?xf32>) -> tensor<4x?xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%p : tensor<4x?x?xf32>) outs(%z : tensor<4x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %b = arith.addf %a, %o : f32
    linalg.yield %b : f32
  } -> tensor<4x?xf32>
  %y = linalg.fill ins(%true : i1) outs(%bits : tensor<4x?xi1>) -> tensor<4x?xi1>
  %n = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%s : tensor<4x?x?xf32>) outs(%y : tensor<4x?xi1>) {
  ^bb0(%a: f32, %o: i1):
    %b = arith.extf %a : f32 to f64
    %c = arith.cmpf oeq, %b, %low64 : f64
    %d = arith.andi %c, %o : i1
    linalg.yield %d : i1
  } -> tensor<4x?xi1>
  %w = linalg.generic {indexing_maps = [#row, #id, #row, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%n, %p, %t : tensor<4x?xi1>, tensor<4x?x?xf32>, tensor<4x?xf32>) outs(%scores : tensor<4x?x?xf32>) {
  ^bb0(%a: i1, %b: f32, %c: f32, %o: f32):
    %d = arith.divf %b, %c : f32
    %e = arith.select %a, %zero, %d : f32
    linalg.yield %e : f32
  } -> tensor<4x?x?xf32>
  %out = sparsity.matmul ins(%w, %v : tensor<4x?x?xf32>, tensor<4x?x16xf32>)
      outs(%wide : tensor<4x?x16xf32>) -> tensor<4x?x16xf32>
  return %out : tensor<4x?x16xf32>
}

// -----

#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>

// tm_tensor.attention: a highest score of -infinity counts as 0, a sum of 0 as
// 1. Without either, such rows are NaN.
// CHECK-LABEL: @replaced
// CHECK:         sparsity.attention
// CHECK-SAME:      zero_rows
func.func @replaced(%s0: tensor<?x?xf32>, %k: tensor<?x8xf32>, %v: tensor<?x8xf32>, %q: tensor<?x8xf32>,
                    %scores: tensor<?x?xf32>, %r: tensor<?xf32>, %o: tensor<?x8xf32>) -> tensor<?x8xf32> {
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %one = arith.constant 1.0 : f32
  %s = sparsity.matmul ins(%q, %k : tensor<?x8xf32>, tensor<?x8xf32>)
      outs(%scores : tensor<?x?xf32>) transpose_rhs -> tensor<?x?xf32>
  %l = linalg.fill ins(%low : f32) outs(%r : tensor<?xf32>) -> tensor<?xf32>
  %m = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%s : tensor<?x?xf32>) outs(%l : tensor<?xf32>) {
  ^bb0(%a: f32, %c: f32):
    %b = arith.maximumf %a, %c : f32
    linalg.yield %b : f32
  } -> tensor<?xf32>
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s, %m : tensor<?x?xf32>, tensor<?xf32>) outs(%scores : tensor<?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %e = arith.cmpf oeq, %b, %low : f32
    %h = arith.select %e, %zero, %b : f32
    %d = arith.subf %a, %h : f32
    %x = math.exp %d : f32
    linalg.yield %x : f32
  } -> tensor<?x?xf32>
  %z = linalg.fill ins(%zero : f32) outs(%r : tensor<?xf32>) -> tensor<?xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%p : tensor<?x?xf32>) outs(%z : tensor<?xf32>) {
  ^bb0(%a: f32, %c: f32):
    %b = arith.addf %a, %c : f32
    linalg.yield %b : f32
  } -> tensor<?xf32>
  %w = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%p, %t : tensor<?x?xf32>, tensor<?xf32>) outs(%scores : tensor<?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %e = arith.cmpf oeq, %b, %zero : f32
    %h = arith.select %e, %one, %b : f32
    %d = arith.divf %a, %h : f32
    linalg.yield %d : f32
  } -> tensor<?x?xf32>
  %y = sparsity.matmul ins(%w, %v : tensor<?x?xf32>, tensor<?x8xf32>)
      outs(%o : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %y : tensor<?x8xf32>
}
