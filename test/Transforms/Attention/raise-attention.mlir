// RUN: sparse-opt %s --sparsity-raise-attention --canonicalize --split-input-file | FileCheck %s
// Products around a softmax become one op; transposes become maps.

// Query, key, value and result lie as (batch, token, head, width).
// CHECK-DAG:   #[[Q:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d2, d1, d4)>
// CHECK-DAG:   #[[K:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d3, d1, d4)>
// CHECK-DAG:   #[[V:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d3, d1, d5)>
// CHECK-DAG:   #[[M:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d3)>
// CHECK-DAG:   #[[O:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d2, d1, d5)>
// CHECK-LABEL: @heads
// CHECK-SAME:    %[[QUERY:.*]]: tensor<?x?x12x32xf32>, %[[KEY:.*]]: tensor<?x?x12x32xf32>, %[[VALUE:.*]]: tensor<?x?x12x32xf32>, %[[MASK:.*]]: tensor<?x?xf32>,
// CHECK-NOT:     linalg.generic
// CHECK:         %[[Y:.*]] = sparsity.attention ins(%[[QUERY]], %[[KEY]], %[[VALUE]] :
// CHECK-SAME:      scores(%[[MASK]] : tensor<?x?xf32>)
// CHECK-SAME:      maps [#[[Q]], #[[K]], #[[V]], #[[M]], #[[O]]] {
// CHECK-NEXT:    ^bb0(%[[SUM:.*]]: f32, %[[A:.*]]: f32):
// CHECK-NEXT:      %[[SCALE:.*]] = arith.constant 2.5
// CHECK-NEXT:      %[[SCALED:.*]] = arith.mulf %[[SUM]], %[[SCALE]]
// CHECK-NEXT:      %[[SCORE:.*]] = arith.addf %[[SCALED]], %[[A]]
// CHECK-NEXT:      sparsity.yield %[[SCORE]]
// CHECK-NOT:     linalg.generic
// CHECK:         return %[[Y]]
#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#turn = affine_map<(b, h, i, d) -> (b, i, h, d)>
#row = affine_map<(b, h, i, j) -> (b, h, i)>
#rows = affine_map<(b, h, i) -> (b, h, i)>
#mask = affine_map<(b, h, i, j) -> (b, j)>
func.func @heads(%q: tensor<?x?x12x32xf32>, %k: tensor<?x?x12x32xf32>,
                 %v: tensor<?x?x12x32xf32>, %mask: tensor<?x?xf32>,
                 %wide: tensor<?x12x?x32xf32>, %scores: tensor<?x12x?x?xf32>,
                 %r: tensor<?x12x?xf32>, %out: tensor<?x?x12x32xf32>)
    -> tensor<?x?x12x32xf32> {
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
  %scale = arith.constant 2.5 : f32
  %qt = linalg.generic {indexing_maps = [#turn, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%q : tensor<?x?x12x32xf32>) outs(%wide : tensor<?x12x?x32xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  } -> tensor<?x12x?x32xf32>
  %kt = linalg.generic {indexing_maps = [#turn, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%k : tensor<?x?x12x32xf32>) outs(%wide : tensor<?x12x?x32xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  } -> tensor<?x12x?x32xf32>
  %vt = linalg.generic {indexing_maps = [#turn, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%v : tensor<?x?x12x32xf32>) outs(%wide : tensor<?x12x?x32xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  } -> tensor<?x12x?x32xf32>
  %s = sparsity.matmul ins(%qt, %kt : tensor<?x12x?x32xf32>, tensor<?x12x?x32xf32>)
      outs(%scores : tensor<?x12x?x?xf32>) transpose_rhs -> tensor<?x12x?x?xf32>
  %f = linalg.generic {indexing_maps = [#id, #mask, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%s, %mask : tensor<?x12x?x?xf32>, tensor<?x?xf32>) outs(%scores : tensor<?x12x?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %t = arith.mulf %a, %scale : f32
    %u = arith.addf %t, %b : f32
    linalg.yield %u : f32
  } -> tensor<?x12x?x?xf32>
  %l = linalg.generic {indexing_maps = [#rows], iterator_types = ["parallel", "parallel", "parallel"]}
      outs(%r : tensor<?x12x?xf32>) {
  ^bb0(%a: f32):
    linalg.yield %low : f32
  } -> tensor<?x12x?xf32>
  %m = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%f : tensor<?x12x?x?xf32>) outs(%l : tensor<?x12x?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.maximumf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<?x12x?xf32>
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%f, %m : tensor<?x12x?x?xf32>, tensor<?x12x?xf32>) outs(%scores : tensor<?x12x?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    %x = math.exp %d : f32
    linalg.yield %x : f32
  } -> tensor<?x12x?x?xf32>
  %z = linalg.fill ins(%zero : f32) outs(%r : tensor<?x12x?xf32>) -> tensor<?x12x?xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "parallel", "parallel", "reduction"]}
      ins(%p : tensor<?x12x?x?xf32>) outs(%z : tensor<?x12x?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %b, %a : f32
    linalg.yield %c : f32
  } -> tensor<?x12x?xf32>
  %w = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%p, %t : tensor<?x12x?x?xf32>, tensor<?x12x?xf32>) outs(%scores : tensor<?x12x?x?xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.divf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<?x12x?x?xf32>
  %y = sparsity.matmul ins(%w, %vt : tensor<?x12x?x?xf32>, tensor<?x12x?x32xf32>)
      outs(%wide : tensor<?x12x?x32xf32>) -> tensor<?x12x?x32xf32>
  %yt = linalg.generic {indexing_maps = [#id, #turn], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%y : tensor<?x12x?x32xf32>) outs(%out : tensor<?x?x12x32xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  } -> tensor<?x?x12x32xf32>
  return %yt : tensor<?x?x12x32xf32>
}

// -----

// What upstream writes for linalg.softmax.
// CHECK-LABEL: @upstream_softmax
// CHECK:         sparsity.attention
// CHECK-NOT:     linalg.generic
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @upstream_softmax(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x8xf32>, %e: tensor<5x7xf32>,
                            %r: tensor<5xf32>, %o: tensor<5x8xf32>) -> tensor<5x8xf32> {
  %low = arith.constant 0xFFC00000 : f32
  %zero = arith.constant 0.0 : f32
  %s = sparsity.matmul ins(%q, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%e : tensor<5x7xf32>) transpose_rhs -> tensor<5x7xf32>
  %l = linalg.fill ins(%low : f32) outs(%r : tensor<5xf32>) -> tensor<5xf32>
  %m = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%s : tensor<5x7xf32>) outs(%l : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.maxnumf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<5xf32>
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s, %m : tensor<5x7xf32>, tensor<5xf32>) outs(%e : tensor<5x7xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    %x = math.exp %d : f32
    linalg.yield %x : f32
  } -> tensor<5x7xf32>
  %z = linalg.fill ins(%zero : f32) outs(%r : tensor<5xf32>) -> tensor<5xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%p : tensor<5x7xf32>) outs(%z : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<5xf32>
  %w = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%p, %t : tensor<5x7xf32>, tensor<5xf32>) outs(%e : tensor<5x7xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.divf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<5x7xf32>
  %y = sparsity.matmul ins(%w, %v : tensor<5x7xf32>, tensor<7x8xf32>) outs(%o : tensor<5x8xf32>) -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}

// -----

// The sum starts at 1, so this is no softmax.
// CHECK-LABEL: @other_sum
// CHECK-NOT:     sparsity.attention
#id = affine_map<(i, j) -> (i, j)>
#row = affine_map<(i, j) -> (i)>
func.func @other_sum(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x8xf32>, %e: tensor<5x7xf32>,
                     %r: tensor<5xf32>, %o: tensor<5x8xf32>) -> tensor<5x8xf32> {
  %low = arith.constant 0xFF800000 : f32
  %one = arith.constant 1.0 : f32
  %s = sparsity.matmul ins(%q, %k : tensor<5x4xf32>, tensor<7x4xf32>) outs(%e : tensor<5x7xf32>) transpose_rhs -> tensor<5x7xf32>
  %l = linalg.fill ins(%low : f32) outs(%r : tensor<5xf32>) -> tensor<5xf32>
  %m = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%s : tensor<5x7xf32>) outs(%l : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.maximumf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<5xf32>
  %p = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%s, %m : tensor<5x7xf32>, tensor<5xf32>) outs(%e : tensor<5x7xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.subf %a, %b : f32
    %x = math.exp %d : f32
    linalg.yield %x : f32
  } -> tensor<5x7xf32>
  %z = linalg.fill ins(%one : f32) outs(%r : tensor<5xf32>) -> tensor<5xf32>
  %t = linalg.generic {indexing_maps = [#id, #row], iterator_types = ["parallel", "reduction"]}
      ins(%p : tensor<5x7xf32>) outs(%z : tensor<5xf32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<5xf32>
  %w = linalg.generic {indexing_maps = [#id, #row, #id], iterator_types = ["parallel", "parallel"]}
      ins(%p, %t : tensor<5x7xf32>, tensor<5xf32>) outs(%e : tensor<5x7xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.divf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<5x7xf32>
  %y = sparsity.matmul ins(%w, %v : tensor<5x7xf32>, tensor<7x8xf32>) outs(%o : tensor<5x8xf32>) -> tensor<5x8xf32>
  return %y : tensor<5x8xf32>
}
