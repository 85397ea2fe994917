// RUN: sparse-opt %s --sparsity-raise-attention --canonicalize | FileCheck %s
// RUN: sparse-opt %s --sparsity-raise-attention --remarks-filter='sparsity-.*' 2>&1 | FileCheck %s --check-prefix=REMARK
// Products around a softmax that stay as they are.

// The region cannot read a number that is not constant.
// REMARK: NotFused{{.*}}the scores are not an elementwise function of one product
// CHECK-LABEL: @scale_from_outside
// CHECK-NOT:     sparsity.attention
// CHECK-COUNT-2: sparsity.matmul
#id = affine_map<(b, h, i, j) -> (b, h, i, j)>
#turn = affine_map<(b, h, i, d) -> (b, i, h, d)>
#row = affine_map<(b, h, i, j) -> (b, h, i)>
#rows = affine_map<(b, h, i) -> (b, h, i)>
#mask = affine_map<(b, h, i, j) -> (b, j)>
func.func @scale_from_outside(%scale: f32, %q: tensor<?x?x12x32xf32>, %k: tensor<?x?x12x32xf32>,
                 %v: tensor<?x?x12x32xf32>, %mask: tensor<?x?xf32>,
                 %wide: tensor<?x12x?x32xf32>, %scores: tensor<?x12x?x?xf32>,
                 %r: tensor<?x12x?xf32>, %out: tensor<?x?x12x32xf32>)
    -> tensor<?x?x12x32xf32> {
  %low = arith.constant 0xFF800000 : f32
  %zero = arith.constant 0.0 : f32
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
