// Elementwise ops that read a product become its epilogue.

// RUN: sparse-opt %s --sparsity-fuse-epilogues --canonicalize --cse | FileCheck %s

!nm = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
#id = affine_map<(i, j) -> (i, j)>
#id3 = affine_map<(b, i, j) -> (b, i, j)>

// A residual, read through an expansion; constants come along.
// CHECK-LABEL: func @expanded
// CHECK-SAME: %[[X:.*]]: tensor<6x4xf32>, %[[W:.*]]: !sparsity.packed<{{.*}}>, %[[R:.*]]: tensor<2x3x8xf32>
func.func @expanded(%x: tensor<6x4xf32>, %w: !nm, %r: tensor<2x3x8xf32>) -> tensor<2x3x8xf32> {
  // CHECK: %[[OLD:.*]] = tensor.collapse_shape %[[R]] {{\[\[}}0, 1], [2]]
  // CHECK: %[[Y:.*]] = sparsity.matmul ins(%[[X]], %[[W]] : {{.*}}) outs({{.*}}) {name = "kept"}
  // CHECK-SAME: epilogue(%[[OLD]] : tensor<6x8xf32>) maps [#{{.*}}] {
  // CHECK-NEXT: ^bb0(%[[SUM:.*]]: f32, %[[A:.*]]: f32):
  // CHECK-NEXT: %[[C:.*]] = arith.constant 2.0
  // CHECK-NEXT: %[[M:.*]] = arith.mulf %[[SUM]], %[[C]]
  // CHECK-NEXT: %[[S:.*]] = arith.addf %[[M]], %[[A]]
  // CHECK-NEXT: sparsity.yield %[[S]] : f32
  // CHECK: tensor.expand_shape %[[Y]]
  // CHECK-NOT: linalg.generic
  %c = arith.constant 2.0 : f32
  %e = tensor.empty() : tensor<6x8xf32>
  %p = sparsity.matmul ins(%x, %w : tensor<6x4xf32>, !nm) outs(%e : tensor<6x8xf32>) {name = "kept"} -> tensor<6x8xf32>
  %q = tensor.expand_shape %p [[0, 1], [2]] output_shape [2, 3, 8] : tensor<6x8xf32> into tensor<2x3x8xf32>
  %o = tensor.empty() : tensor<2x3x8xf32>
  %y = linalg.generic {indexing_maps = [#id3, #id3, #id3], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%r, %q : tensor<2x3x8xf32>, tensor<2x3x8xf32>) outs(%o : tensor<2x3x8xf32>) {
  ^bb0(%a: f32, %s: f32, %out: f32):
    %0 = arith.mulf %s, %c : f32
    %1 = arith.addf %0, %a : f32
    linalg.yield %1 : f32
  } -> tensor<2x3x8xf32>
  return %y : tensor<2x3x8xf32>
}

// Of a gate's two products, the second; a bias stays.
// CHECK-LABEL: func @gate
func.func @gate(%x: tensor<?x4xf32>, %w: !nm, %v: !nm, %b: tensor<8xf32>, %e: tensor<?x8xf32>) -> tensor<?x8xf16> {
  // CHECK: %[[GATE:.*]] = sparsity.matmul {{.*}} bias({{.*}}) outs({{.*}}) -> tensor<?x8xf32>
  // CHECK: %[[Y:.*]] = sparsity.matmul {{.*}} outs({{.*}} : tensor<?x8xf16>) epilogue(%[[GATE]] :
  // CHECK: arith.truncf
  // CHECK: return %[[Y]]
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %p = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, !nm) bias(%b : tensor<8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %q = sparsity.matmul ins(%x, %v : tensor<?x4xf32>, !nm) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %o = tensor.empty(%n) : tensor<?x8xf16>
  %y = linalg.generic {indexing_maps = [#id, #id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%q, %p : tensor<?x8xf32>, tensor<?x8xf32>) outs(%o : tensor<?x8xf16>) {
  ^bb0(%a: f32, %s: f32, %out: f16):
    %0 = arith.mulf %s, %a : f32
    %1 = arith.truncf %0 : f32 to f16
    linalg.yield %1 : f16
  } -> tensor<?x8xf16>
  return %y : tensor<?x8xf16>
}

// Left alone: a product with another reader, two dense operands, a reduction, a
// transposed result, numbers from outside, what an op reads by its place.
// CHECK-LABEL: func @left
// CHECK-NOT: epilogue
// CHECK: return
func.func @left(%x: tensor<8x4xf32>, %w: !nm, %e: tensor<8x8xf32>, %v: tensor<4x8xf32>, %f: f32)
    -> (tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>) {
  %a = sparsity.matmul ins(%x, %w : tensor<8x4xf32>, !nm) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %a1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%a : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%s: f32, %out: f32):
    %0 = arith.addf %s, %s : f32
    linalg.yield %0 : f32
  } -> tensor<8x8xf32>
  %b = sparsity.matmul ins(%x, %v : tensor<8x4xf32>, tensor<4x8xf32>) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %b1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%b : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%s: f32, %out: f32):
    %0 = arith.addf %s, %s : f32
    linalg.yield %0 : f32
  } -> tensor<8x8xf32>
  %c = sparsity.matmul ins(%x, %w : tensor<8x4xf32>, !nm) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %z = arith.constant dense<0.0> : tensor<8xf32>
  %c1 = linalg.generic {indexing_maps = [#id, affine_map<(i, j) -> (i)>], iterator_types = ["parallel", "reduction"]}
      ins(%c : tensor<8x8xf32>) outs(%z : tensor<8xf32>) {
  ^bb0(%s: f32, %out: f32):
    %0 = arith.addf %s, %out : f32
    linalg.yield %0 : f32
  } -> tensor<8xf32>
  %d = sparsity.matmul ins(%x, %w : tensor<8x4xf32>, !nm) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %d1 = linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, #id], iterator_types = ["parallel", "parallel"]}
      ins(%d : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%s: f32, %out: f32):
    %0 = arith.addf %s, %s : f32
    linalg.yield %0 : f32
  } -> tensor<8x8xf32>
  %g = sparsity.matmul ins(%x, %w : tensor<8x4xf32>, !nm) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %g1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%g : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%s: f32, %out: f32):
    %0 = arith.addf %s, %f : f32
    linalg.yield %0 : f32
  } -> tensor<8x8xf32>
  %h = sparsity.matmul ins(%x, %w : tensor<8x4xf32>, !nm) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %h1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%h : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%s: f32, %out: f32):
    %i = linalg.index 0 : index
    %k = arith.index_cast %i : index to i32
    %l = arith.sitofp %k : i32 to f32
    %0 = arith.addf %s, %l : f32
    linalg.yield %0 : f32
  } -> tensor<8x8xf32>
  %o = sparsity.matmul ins(%x, %w : tensor<8x4xf32>, !nm) outs(%e : tensor<8x8xf32>) -> tensor<8x8xf32>
  %o1 = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]}
      ins(%o : tensor<8x8xf32>) outs(%e : tensor<8x8xf32>) {
  ^bb0(%s: f32, %out: f32):
    linalg.yield %f : f32
  } -> tensor<8x8xf32>
  return %a, %a1, %b1, %c1, %d1, %g1, %h1, %o1
      : tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>, tensor<8x8xf32>
}
