// RUN: sparse-opt %s --sparsity-raise-products | FileCheck %s
// Products as generics and contractions, whatever the order of their loops.

#mk = affine_map<(d0, d1, d2) -> (d0, d2)>
#nk = affine_map<(d0, d1, d2) -> (d1, d2)>
#km = affine_map<(d0, d1, d2) -> (d2, d0)>
#mn = affine_map<(d0, d1, d2) -> (d0, d1)>
#nm = affine_map<(d0, d1, d2) -> (d1, d0)>

// CHECK-LABEL: func @transposed_right
// CHECK: sparsity.matmul ins(%arg0, %arg1 : {{.*}}) outs({{.*}}) transpose_rhs -> tensor<3x5xf32>
// CHECK-NOT: linalg
func.func @transposed_right(%x: tensor<3x4xf32>, %w: tensor<5x4xf32>) -> tensor<3x5xf32> {
  %zero = arith.constant 0.0 : f32
  %e = tensor.empty() : tensor<3x5xf32>
  %f = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %y = linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %b, %a : f32
    %s = arith.addf %c, %m : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>
}

// The result's rows are those of the second operand.
// CHECK-LABEL: func @transposed_result
// CHECK: sparsity.matmul ins(%arg1, %arg0 : {{.*}}) outs({{.*}}) transpose_rhs -> tensor<5x3xf32>
// CHECK-NOT: linalg.contract
func.func @transposed_result(%x: tensor<3x4xf32>, %w: tensor<5x4xf32>, %f: tensor<5x3xf32>) -> tensor<5x3xf32> {
  %y = linalg.contract indexing_maps = [#mk, #nk, #nm]
      ins(%x, %w : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f : tensor<5x3xf32>) -> tensor<5x3xf32>
  return %y : tensor<5x3xf32>
}

// CHECK-LABEL: func @half_precision
// CHECK: sparsity.matmul ins(%arg0, %arg1 : {{.*}}) outs({{.*}}) transpose_lhs transpose_rhs -> tensor<3x5xf32>
func.func @half_precision(%x: tensor<4x3xf16>, %w: tensor<5x4xf16>, %f: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %y = linalg.generic {indexing_maps = [#km, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<4x3xf16>, tensor<5x4xf16>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%a: f16, %b: f16, %c: f32):
    %p = arith.extf %a : f16 to f32
    %q = arith.extf %b : f16 to f32
    %m = arith.mulf %p, %q : f32
    %s = arith.addf %c, %m : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>
}

// CHECK-LABEL: func @batches
// CHECK: sparsity.matmul ins(%arg0, %arg1 : {{.*}}) outs({{.*}}) transpose_rhs -> tensor<2x7x3x5xf32>
func.func @batches(%x: tensor<2x7x3x4xf32>, %w: tensor<2x7x5x4xf32>, %f: tensor<2x7x3x5xf32>) -> tensor<2x7x3x5xf32> {
  %y = linalg.generic {indexing_maps = [affine_map<(k, n, b, m, a) -> (a, b, m, k)>, affine_map<(k, n, b, m, a) -> (a, b, n, k)>,
                                        affine_map<(k, n, b, m, a) -> (a, b, m, n)>],
                       iterator_types = ["reduction", "parallel", "parallel", "parallel", "parallel"]}
      ins(%x, %w : tensor<2x7x3x4xf32>, tensor<2x7x5x4xf32>) outs(%f : tensor<2x7x3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %s = arith.addf %c, %m : f32
    linalg.yield %s : f32
  } -> tensor<2x7x3x5xf32>
  return %y : tensor<2x7x3x5xf32>
}

// Differences, exchanged batches, sums over two loops and products of a vector stay.
// CHECK-LABEL: func @left_alone
// CHECK-COUNT-4: linalg.
// CHECK-NOT: sparsity.matmul
func.func @left_alone(%x: tensor<3x4xf32>, %w: tensor<5x4xf32>, %f: tensor<3x5xf32>, %b: tensor<2x7x4xf32>,
                      %c: tensor<2x7x5x4xf32>, %g: tensor<7x2x5xf32>, %v: tensor<4xf32>, %u: tensor<3xf32>, %d: tensor<2x5xf32>)
    -> (tensor<3x5xf32>, tensor<7x2x5xf32>, tensor<2x5xf32>, tensor<3xf32>) {
  %0 = linalg.generic {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
      ins(%x, %w : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%p: f32, %q: f32, %r: f32):
    %m = arith.mulf %p, %q : f32
    %s = arith.subf %r, %m : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  %1 = linalg.contract indexing_maps = [affine_map<(a, b, n, k) -> (a, b, k)>, affine_map<(a, b, n, k) -> (a, b, n, k)>,
                                        affine_map<(a, b, n, k) -> (b, a, n)>]
      ins(%b, %c : tensor<2x7x4xf32>, tensor<2x7x5x4xf32>) outs(%g : tensor<7x2x5xf32>) -> tensor<7x2x5xf32>
  %2 = linalg.contract indexing_maps = [affine_map<(a, b, n, k) -> (a, b, k)>, affine_map<(a, b, n, k) -> (a, b, n, k)>,
                                        affine_map<(a, b, n, k) -> (a, n)>]
      ins(%b, %c : tensor<2x7x4xf32>, tensor<2x7x5x4xf32>) outs(%d : tensor<2x5xf32>) -> tensor<2x5xf32>
  %3 = linalg.matvec ins(%x, %v : tensor<3x4xf32>, tensor<4xf32>) outs(%u : tensor<3xf32>) -> tensor<3xf32>
  return %0, %1, %2, %3 : tensor<3x5xf32>, tensor<7x2x5xf32>, tensor<2x5xf32>, tensor<3xf32>
}

// What else happens in a body, upstream takes for part of a contraction.
// CHECK-LABEL: func @other_ops
// CHECK-COUNT-5: linalg.generic
// CHECK-NOT: sparsity.matmul
#product = {indexing_maps = [#mk, #nk, #mn], iterator_types = ["parallel", "parallel", "reduction"]}
func.func @other_ops(%x: tensor<3x4xf32>, %w: tensor<5x4xf32>, %f: tensor<3x5xf32>, %h: tensor<3x4xf16>, %g: tensor<5x4xf16>)
    -> (tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>) {
  %0 = linalg.generic #product ins(%x, %w : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %n = arith.negf %a : f32
    %m = arith.mulf %n, %b : f32
    %s = arith.addf %c, %m : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  %1 = linalg.generic #product ins(%x, %w : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %e = math.exp %m : f32
    %s = arith.addf %c, %e : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  %2 = linalg.generic #product ins(%x, %w : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %m = arith.mulf %a, %b : f32
    %s = arith.addf %c, %m : f32
    %t = math.tanh %s : f32
    linalg.yield %t : f32
  } -> tensor<3x5xf32>
  %3 = linalg.generic #product ins(%h, %g : tensor<3x4xf16>, tensor<5x4xf16>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%a: f16, %b: f16, %c: f32):
    %m = arith.mulf %a, %b : f16
    %e = arith.extf %m : f16 to f32
    %s = arith.addf %c, %e : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  %4 = linalg.generic #product ins(%x, %w : tensor<3x4xf32>, tensor<5x4xf32>) outs(%f : tensor<3x5xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %h0 = arith.truncf %a : f32 to f16
    %e = arith.extf %h0 : f16 to f32
    %m = arith.mulf %e, %b : f32
    %s = arith.addf %c, %m : f32
    linalg.yield %s : f32
  } -> tensor<3x5xf32>
  return %0, %1, %2, %3, %4 : tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>, tensor<3x5xf32>
}
