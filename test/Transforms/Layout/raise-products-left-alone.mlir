// RUN: sparse-opt %s --sparsity-raise-products --split-input-file | FileCheck %s
// Products and sums that are something else than they look like.

// Integers, and types that no format holds, stay linalg's.
// CHECK-LABEL: @other_types
// CHECK-COUNT-2: linalg.matmul
// CHECK-NOT:     sparsity.matmul
func.func @other_types(%a: tensor<2x2xi32>, %b: tensor<2x2xf128>,
                       %c: tensor<2x2xf32>, %h: tensor<2x2xf16>)
    -> (tensor<2x2xi32>, tensor<2x2xf128>) {
  %x = linalg.matmul ins(%a, %a : tensor<2x2xi32>, tensor<2x2xi32>)
      outs(%a : tensor<2x2xi32>) -> tensor<2x2xi32>
  %y = linalg.matmul ins(%b, %b : tensor<2x2xf128>, tensor<2x2xf128>)
      outs(%b : tensor<2x2xf128>) -> tensor<2x2xf128>
  return %x, %y : tensor<2x2xi32>, tensor<2x2xf128>
}

// -----

// Operands are rounded before they are multiplied: not the same product.
// CHECK-LABEL: @narrower_result
// CHECK:         linalg.matmul
func.func @narrower_result(%a: tensor<2x2xf32>, %b: tensor<2x2xf16>)
    -> tensor<2x2xf16> {
  %x = linalg.matmul ins(%a, %a : tensor<2x2xf32>, tensor<2x2xf32>)
      outs(%b : tensor<2x2xf16>) -> tensor<2x2xf16>
  return %x : tensor<2x2xf16>
}

// -----

// Sums that do not add a product and a vector, or not those alone.
#id = affine_map<(d0, d1) -> (d0, d1)>
#last = affine_map<(d0, d1) -> (d1)>
#first = affine_map<(d0, d1) -> (d0)>
// CHECK-LABEL: @twice_the_bias
// CHECK:         sparsity.matmul
// CHECK-NOT:     bias
// CHECK:         arith.addf
func.func @twice_the_bias(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>,
                          %b: tensor<4xf32>, %z: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = linalg.fill ins(%zero : f32) outs(%z : tensor<2x4xf32>) -> tensor<2x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x4xf32>)
      outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #last, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<2x4xf32>, tensor<4xf32>) outs(%z : tensor<2x4xf32>) {
  ^bb0(%p: f32, %v: f32, %out: f32):
    %a = arith.addf %v, %v : f32
    linalg.yield %a : f32
  } -> tensor<2x4xf32>
  return %s : tensor<2x4xf32>
}

// CHECK-LABEL: @bias_and_old_value
// CHECK:         sparsity.matmul
// CHECK-NOT:     bias
// CHECK:         arith.addf
func.func @bias_and_old_value(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>,
                              %b: tensor<4xf32>, %z: tensor<2x4xf32>)
    -> tensor<2x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = linalg.fill ins(%zero : f32) outs(%z : tensor<2x4xf32>) -> tensor<2x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x4xf32>)
      outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #last, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<2x4xf32>, tensor<4xf32>) outs(%z : tensor<2x4xf32>) {
  ^bb0(%p: f32, %v: f32, %out: f32):
    %a = arith.addf %v, %out : f32
    linalg.yield %a : f32
  } -> tensor<2x4xf32>
  return %s : tensor<2x4xf32>
}

// CHECK-LABEL: @bias_along_rows
// CHECK:         sparsity.matmul
// CHECK-NOT:     bias
// CHECK:         arith.addf
func.func @bias_along_rows(%x: tensor<4x3xf32>, %w: tensor<3x4xf32>,
                           %b: tensor<4xf32>, %z: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %zero = arith.constant 0.0 : f32
  %e = linalg.fill ins(%zero : f32) outs(%z : tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<4x3xf32>, tensor<3x4xf32>)
      outs(%e : tensor<4x4xf32>) -> tensor<4x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #first, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<4x4xf32>, tensor<4xf32>) outs(%z : tensor<4x4xf32>) {
  ^bb0(%p: f32, %v: f32, %out: f32):
    %a = arith.addf %p, %v : f32
    linalg.yield %a : f32
  } -> tensor<4x4xf32>
  return %s : tensor<4x4xf32>
}

// The product is needed without the bias, too.
// CHECK-LABEL: @product_used_twice
// CHECK:         sparsity.matmul
// CHECK-NOT:     bias
// CHECK:         arith.addf
func.func @product_used_twice(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>,
                              %b: tensor<4xf32>, %z: tensor<2x4xf32>)
    -> (tensor<2x4xf32>, tensor<2x4xf32>) {
  %zero = arith.constant 0.0 : f32
  %e = linalg.fill ins(%zero : f32) outs(%z : tensor<2x4xf32>) -> tensor<2x4xf32>
  %y = linalg.matmul ins(%x, %w : tensor<2x3xf32>, tensor<3x4xf32>)
      outs(%e : tensor<2x4xf32>) -> tensor<2x4xf32>
  %s = linalg.generic {indexing_maps = [#id, #last, #id],
      iterator_types = ["parallel", "parallel"]}
      ins(%y, %b : tensor<2x4xf32>, tensor<4xf32>) outs(%z : tensor<2x4xf32>) {
  ^bb0(%p: f32, %v: f32, %out: f32):
    %a = arith.addf %p, %v : f32
    linalg.yield %a : f32
  } -> tensor<2x4xf32>
  return %s, %y : tensor<2x4xf32>, tensor<2x4xf32>
}
