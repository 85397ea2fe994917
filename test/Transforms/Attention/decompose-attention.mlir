// RUN: sparse-opt %s --allow-unregistered-dialect --sparsity-decompose-attention | FileCheck %s

// torch-mlir's attention op becomes two products around a softmax.

// CHECK-LABEL: func.func @plain
// CHECK-SAME: %[[Q:.*]]: tensor<2x5x4xf32>, %[[K:.*]]: tensor<2x7x4xf32>, %[[V:.*]]: tensor<2x7x4xf32>
func.func @plain(%q: tensor<2x5x4xf32>, %k: tensor<2x7x4xf32>,
                 %v: tensor<2x7x4xf32>, %o: tensor<2x5x4xf32>)
    -> tensor<2x5x4xf32> {
  // CHECK: %[[S:.*]] = sparsity.matmul ins(%[[Q]], %[[K]] : {{.*}}) outs({{.*}} : tensor<2x5x7xf32>) transpose_rhs
  // CHECK: arith.constant 5.000000e-01 : f32
  // CHECK: arith.maximumf
  // CHECK: math.exp
  // CHECK: arith.addf
  // CHECK: %[[P:.*]] = linalg.generic
  // CHECK: arith.divf
  // CHECK: sparsity.matmul ins(%[[P]], %[[V]] : {{.*}}) outs({{.*}} : tensor<2x5x4xf32>)
  %r = "tm_tensor.attention"(%q, %k, %v, %o)
      {operandSegmentSizes = array<i32: 3, 1>}
      : (tensor<2x5x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>,
         tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %r : tensor<2x5x4xf32>
}

// CHECK-LABEL: func.func @boolean_mask
func.func @boolean_mask(%q: tensor<?x?x4xf32>, %k: tensor<?x?x4xf32>,
                        %v: tensor<?x?x4xf32>, %m: tensor<?x?x?xi1>,
                        %o: tensor<?x?x4xf32>) -> tensor<?x?x4xf32> {
  // CHECK: arith.constant 2.500000e-01 : f32
  // CHECK: arith.constant 0xFF800000 : f32
  // CHECK: arith.select
  %r = "tm_tensor.attention"(%q, %k, %v, %m, %o)
      {operandSegmentSizes = array<i32: 4, 1>, scale = 0.25 : f64}
      : (tensor<?x?x4xf32>, tensor<?x?x4xf32>, tensor<?x?x4xf32>,
         tensor<?x?x?xi1>, tensor<?x?x4xf32>) -> tensor<?x?x4xf32>
  return %r : tensor<?x?x4xf32>
}

// Half precision: scores and weights in f32, the result as it was.
// CHECK-LABEL: func.func @half
func.func @half(%q: tensor<1x3x4xf16>, %k: tensor<1x3x4xf16>,
                %v: tensor<1x3x4xf16>, %m: tensor<1x3x3xf16>,
                %o: tensor<1x3x4xf16>) -> tensor<1x3x4xf16> {
  // CHECK: sparsity.matmul {{.*}} outs({{.*}} : tensor<1x3x3xf32>)
  // CHECK: arith.extf
  // CHECK: arith.truncf {{.*}} : f32 to f16
  %r = "tm_tensor.attention"(%q, %k, %v, %m, %o)
      {operandSegmentSizes = array<i32: 4, 1>}
      : (tensor<1x3x4xf16>, tensor<1x3x4xf16>, tensor<1x3x4xf16>,
         tensor<1x3x3xf16>, tensor<1x3x4xf16>) -> tensor<1x3x4xf16>
  return %r : tensor<1x3x4xf16>
}

// Other unknown ops stay.
// CHECK-LABEL: func.func @other
func.func @other(%q: tensor<2x5x4xf32>) -> tensor<2x5x4xf32> {
  // CHECK-NEXT: "tm_tensor.sort"
  %r = "tm_tensor.sort"(%q) : (tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
  return %r : tensor<2x5x4xf32>
}
