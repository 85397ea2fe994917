// RUN: sparse-opt %s --sparsity-raise-products --split-input-file | FileCheck %s
// Products become sparsity.matmul with what frontends write around them.

// CHECK-LABEL: @torch_linear
// CHECK-SAME:    %[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<8x4xf32>, %[[B:.*]]: tensor<8xf32>
// CHECK-NOT:     linalg.matmul
// CHECK:         %[[Y:.*]] = sparsity.matmul ins(%[[X]], %[[W]] : tensor<?x4xf32>, tensor<8x4xf32>)
// CHECK-SAME:      bias(%[[B]] : tensor<8xf32>) outs(%{{.*}} : tensor<?x8xf32>) transpose_rhs
// CHECK-NEXT:    return %[[Y]]
func.func @torch_linear(%x: tensor<?x4xf32>, %w: tensor<8x4xf32>,
                        %b: tensor<8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x4xf32>
  %et = tensor.empty() : tensor<4x8xf32>
  %t = linalg.transpose ins(%w : tensor<8x4xf32>) outs(%et : tensor<4x8xf32>)
      permutation = [1, 0]
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.matmul ins(%x, %t : tensor<?x4xf32>, tensor<4x8xf32>)
      outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
  %s = linalg.generic {
      indexing_maps = [affine_map<(d0, d1) -> (d1)>,
                       affine_map<(d0, d1) -> (d0, d1)>,
                       affine_map<(d0, d1) -> (d0, d1)>],
      iterator_types = ["parallel", "parallel"]}
      ins(%b, %y : tensor<8xf32>, tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%v: f32, %p: f32, %out: f32):
    %a = arith.addf %p, %v : f32
    linalg.yield %a : f32
  } -> tensor<?x8xf32>
  return %s : tensor<?x8xf32>
}

// -----

// A destination with values in it is added afterwards; both sides transposed,
// one by an indexing map.
// CHECK-LABEL: @added_afterwards
// CHECK-SAME:    %[[X:.*]]: tensor<0x3xf64>, %[[W:.*]]: tensor<5x0xf64>, %[[C:.*]]: tensor<3x5xf64>
// CHECK:         %[[P:.*]] = sparsity.matmul ins(%[[X]], %[[W]] :
// CHECK-SAME:      transpose_lhs transpose_rhs
// CHECK:         linalg.add ins(%[[P]], %[[C]]
func.func @added_afterwards(%x: tensor<0x3xf64>, %w: tensor<5x0xf64>,
                            %c: tensor<3x5xf64>) -> tensor<3x5xf64> {
  %et = tensor.empty() : tensor<3x0xf64>
  %t = linalg.transpose ins(%x : tensor<0x3xf64>) outs(%et : tensor<3x0xf64>)
      permutation = [1, 0]
  %y = linalg.matmul indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>,
                                      affine_map<(d0, d1, d2) -> (d1, d2)>,
                                      affine_map<(d0, d1, d2) -> (d0, d1)>]
      ins(%t, %w : tensor<3x0xf64>, tensor<5x0xf64>)
      outs(%c : tensor<3x5xf64>) -> tensor<3x5xf64>
  return %y : tensor<3x5xf64>
}

// -----

// bf16 that was only extended is multiplied as it is.
// CHECK-LABEL: @extended_half
// CHECK-SAME:    %[[X:.*]]: tensor<3x4xbf16>, %[[W:.*]]: tensor<4x5xbf16>
// CHECK:         sparsity.matmul ins(%[[X]], %[[W]] : tensor<3x4xbf16>, tensor<4x5xbf16>)
// CHECK-SAME:      outs(%{{.*}} : tensor<3x5xf32>)
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @extended_half(%x: tensor<3x4xbf16>, %w: tensor<4x5xbf16>,
                         %ex: tensor<3x4xf32>, %ew: tensor<4x5xf32>,
                         %e: tensor<3x5xf32>) -> tensor<3x5xf32> {
  %zero = arith.constant 0.0 : f32
  %wide_x = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x4xbf16>) outs(%ex : tensor<3x4xf32>) {
  ^bb0(%a: bf16, %out: f32):
    %b = arith.extf %a : bf16 to f32
    linalg.yield %b : f32
  } -> tensor<3x4xf32>
  %wide_w = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%w : tensor<4x5xbf16>) outs(%ew : tensor<4x5xf32>) {
  ^bb0(%a: bf16, %out: f32):
    %b = arith.extf %a : bf16 to f32
    linalg.yield %b : f32
  } -> tensor<4x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<3x5xf32>) -> tensor<3x5xf32>
  %y = linalg.matmul ins(%wide_x, %wide_w : tensor<3x4xf32>, tensor<4x5xf32>)
      outs(%z : tensor<3x5xf32>) -> tensor<3x5xf32>
  return %y : tensor<3x5xf32>
}

// -----

// f32 that was extended to f64 is multiplied in f64.
// CHECK-LABEL: @extended_single
// CHECK:         sparsity.matmul ins(%{{.*}} : tensor<3x3xf64>, tensor<3x3xf64>)
#id = affine_map<(d0, d1) -> (d0, d1)>
func.func @extended_single(%x: tensor<3x3xf32>, %e: tensor<3x3xf64>)
    -> tensor<3x3xf64> {
  %zero = arith.constant 0.0 : f64
  %wide = linalg.generic {indexing_maps = [#id, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<3x3xf32>) outs(%e : tensor<3x3xf64>) {
  ^bb0(%a: f32, %out: f64):
    %b = arith.extf %a : f32 to f64
    linalg.yield %b : f64
  } -> tensor<3x3xf64>
  %z = linalg.fill ins(%zero : f64) outs(%e : tensor<3x3xf64>) -> tensor<3x3xf64>
  %y = linalg.matmul ins(%wide, %wide : tensor<3x3xf64>, tensor<3x3xf64>)
      outs(%z : tensor<3x3xf64>) -> tensor<3x3xf64>
  return %y : tensor<3x3xf64>
}

// -----

// Heads and batch come apart again, unless two of them are dynamic: equal
// products of two factors say nothing about the factors.
// CHECK-LABEL: @heads
// CHECK:         sparsity.matmul {{.*}} -> tensor<?x2x3x5xf32>
// CHECK-NOT:     tensor.expand_shape
// CHECK:         return
func.func @heads(%q: tensor<?x2x3x4xf32>, %k: tensor<?x2x4x5xf32>,
                 %e: tensor<?x3x5xf32>, %n: index) -> tensor<?x2x3x5xf32> {
  %zero = arith.constant 0.0 : f32
  %a = tensor.collapse_shape %q [[0, 1], [2], [3]]
      : tensor<?x2x3x4xf32> into tensor<?x3x4xf32>
  %b = tensor.collapse_shape %k [[0, 1], [2], [3]]
      : tensor<?x2x4x5xf32> into tensor<?x4x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
  %y = linalg.batch_matmul ins(%a, %b : tensor<?x3x4xf32>, tensor<?x4x5xf32>)
      outs(%z : tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
  %r = tensor.expand_shape %y [[0, 1], [2], [3]] output_shape [%n, 2, 3, 5]
      : tensor<?x3x5xf32> into tensor<?x2x3x5xf32>
  return %r : tensor<?x2x3x5xf32>
}

// CHECK-LABEL: @two_dynamic_factors
// CHECK:         sparsity.matmul {{.*}} -> tensor<?x3x5xf32>
// CHECK:         tensor.expand_shape
func.func @two_dynamic_factors(%q: tensor<?x?x3x4xf32>, %k: tensor<?x?x4x5xf32>,
                               %e: tensor<?x3x5xf32>, %n: index, %m: index)
    -> tensor<?x?x3x5xf32> {
  %zero = arith.constant 0.0 : f32
  %a = tensor.collapse_shape %q [[0, 1], [2], [3]]
      : tensor<?x?x3x4xf32> into tensor<?x3x4xf32>
  %b = tensor.collapse_shape %k [[0, 1], [2], [3]]
      : tensor<?x?x4x5xf32> into tensor<?x4x5xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
  %y = linalg.batch_matmul ins(%a, %b : tensor<?x3x4xf32>, tensor<?x4x5xf32>)
      outs(%z : tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
  %r = tensor.expand_shape %y [[0, 1], [2], [3]] output_shape [%n, %m, 3, 5]
      : tensor<?x3x5xf32> into tensor<?x?x3x5xf32>
  return %r : tensor<?x?x3x5xf32>
}

// -----

// The extents of a reshaped product are asked for where its bias is added, as
// torch-mlir writes linear layers of dynamic batches.
// CHECK-LABEL: @bias_beside_extents
// CHECK-SAME:    %[[X:.*]]: tensor<?x4xf32>, %[[W:.*]]: tensor<4x8xf32>, %[[B:.*]]: tensor<8xf32>
// CHECK-NOT:     linalg.generic
// CHECK:         sparsity.matmul ins(%[[X]], %[[W]] : {{.*}}) bias(%[[B]] : tensor<8xf32>)
// CHECK-NOT:     linalg.generic
func.func @bias_beside_extents(%x: tensor<?x4xf32>, %w: tensor<4x8xf32>,
                               %b: tensor<8xf32>, %n: index, %m: index)
    -> tensor<?x?x8xf32> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = arith.constant 0.0 : f32
  %rows = tensor.dim %x, %c0 : tensor<?x4xf32>
  %e = tensor.empty(%rows) : tensor<?x8xf32>
  %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.matmul ins(%x, %w : tensor<?x4xf32>, tensor<4x8xf32>)
      outs(%z : tensor<?x8xf32>) -> tensor<?x8xf32>
  %r = tensor.expand_shape %y [[0, 1], [2]] output_shape [%n, %m, 8]
      : tensor<?x8xf32> into tensor<?x?x8xf32>
  %n2 = tensor.dim %r, %c0 : tensor<?x?x8xf32>
  %m2 = tensor.dim %r, %c1 : tensor<?x?x8xf32>
  %er = tensor.empty(%n2, %m2) : tensor<?x?x8xf32>
  %s = linalg.generic {
      indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d1, d2)>,
                       affine_map<(d0, d1, d2) -> (d2)>,
                       affine_map<(d0, d1, d2) -> (d0, d1, d2)>],
      iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%r, %b : tensor<?x?x8xf32>, tensor<8xf32>) outs(%er : tensor<?x?x8xf32>) {
  ^bb0(%p: f32, %v: f32, %out: f32):
    %a = arith.addf %p, %v : f32
    linalg.yield %a : f32
  } -> tensor<?x?x8xf32>
  return %s : tensor<?x?x8xf32>
}
