// The meaning of an epilogue: the op behind the sum, its bias and rounding.

// RUN: sparse-opt %s --convert-sparsity-to-linalg | FileCheck %s

// CHECK-LABEL: func @scaled
// CHECK-SAME: %[[X:.*]]: tensor<2x4xbf16>, %[[V:.*]]: tensor<4x8xbf16>, %[[B:.*]]: tensor<8xbf16>, %[[C:.*]]: tensor<2xf32>
func.func @scaled(%x: tensor<2x4xbf16>, %v: tensor<4x8xbf16>, %b: tensor<8xbf16>, %c: tensor<2xf32>,
                  %e: tensor<2x8xf32>) -> tensor<2x8xf32> {
  // CHECK: %[[SUM:.*]] = linalg.matmul {{.*}} outs(%{{.*}} : tensor<2x8xf32>)
  // CHECK: linalg.generic {{.*}} ins(%[[SUM]], %[[B]], %[[C]] : tensor<2x8xf32>, tensor<8xbf16>, tensor<2xf32>)
  // CHECK: %[[BIAS:.*]] = arith.extf
  // CHECK-NEXT: %[[ALL:.*]] = arith.addf %{{.*}}, %[[BIAS]] : f32
  // CHECK-NEXT: %[[ROUNDED:.*]] = arith.truncf %[[ALL]] : f32 to bf16
  // CHECK-NEXT: %[[WIDE:.*]] = arith.extf %[[ROUNDED]] : bf16 to f32
  // CHECK-NEXT: %[[R:.*]] = arith.mulf %[[WIDE]], %{{.*}} : f32
  // CHECK-NEXT: linalg.yield %[[R]] : f32
  %y = sparsity.matmul ins(%x, %v : tensor<2x4xbf16>, tensor<4x8xbf16>) bias(%b : tensor<8xbf16>)
      outs(%e : tensor<2x8xf32>) epilogue(%c : tensor<2xf32>) maps [affine_map<(i, j) -> (i)>] {
  ^bb0(%sum: bf16, %scale: f32):
    %0 = arith.extf %sum : bf16 to f32
    %1 = arith.mulf %0, %scale : f32
    sparsity.yield %1 : f32
  } -> tensor<2x8xf32>
  return %y : tensor<2x8xf32>
}
