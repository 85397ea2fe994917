// RUN: sparse-opt %s --convert-sparsity-to-linalg | FileCheck %s
// RUN: sparse-opt %s --convert-sparsity-to-linalg | mlir-opt

// Parameters and products of dense operands become upstream ops on tensors.

// CHECK-NOT: sparsity.

// CHECK-DAG: #[[IK:.*]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[KI:.*]] = affine_map<(d0, d1, d2) -> (d2, d0)>
// CHECK-DAG: #[[JK:.*]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[KJ:.*]] = affine_map<(d0, d1, d2) -> (d2, d1)>
// CHECK-DAG: #[[IJ:.*]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[ID:.*]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[J:.*]] = affine_map<(d0, d1) -> (d1)>

sparsity.parameter @w : tensor<2x3xf32> =
    dense<[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]> : tensor<2x3xf32>
    {pattern = #sparsity.nm<3:4>,
     request = #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
sparsity.parameter @unused : tensor<7xf32>

// CHECK-LABEL: func.func @plain
// CHECK-SAME: %[[X:.*]]: tensor<4x3xf32>, %[[W:.*]]: tensor<3x2xf32>, %[[E:.*]]: tensor<4x2xf32>
func.func @plain(%x: tensor<4x3xf32>,
                 %w: tensor<3x2xf32> {sparsity.pattern = #sparsity.nm<1:2>},
                 %e: tensor<4x2xf32>) -> tensor<4x2xf32> {
  // CHECK: %[[ZERO:.*]] = arith.constant 0.000000e+00 : f32
  // CHECK: %[[FILL:.*]] = linalg.fill ins(%[[ZERO]] : f32) outs(%[[E]] : tensor<4x2xf32>)
  // CHECK: %[[Y:.*]] = linalg.matmul ins(%[[X]], %[[W]] : tensor<4x3xf32>, tensor<3x2xf32>) outs(%[[FILL]] : tensor<4x2xf32>)
  // CHECK: return %[[Y]]
  %y = sparsity.matmul ins(%x, %w : tensor<4x3xf32>, tensor<3x2xf32>)
           outs(%e : tensor<4x2xf32>) -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// CHECK-LABEL: func.func @load
func.func @load(%x: tensor<?x3xf32>, %e: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK: %[[W:.*]] = arith.constant dense<{{.*}}1.000000e+00, 2.000000e+00, 3.000000e+00
  // CHECK: linalg.matmul indexing_maps = [#[[IK]], #[[JK]], #[[IJ]]] ins(%{{.*}}, %[[W]] :
  %w = sparsity.load @w : tensor<2x3xf32>
  %a = sparsity.assume %w : tensor<2x3xf32>, #sparsity.nm<3:4>
  %y = sparsity.matmul ins(%x, %a : tensor<?x3xf32>, tensor<2x3xf32>)
           outs(%e : tensor<?x2xf32>) transpose_rhs -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// CHECK-LABEL: func.func @transpose_lhs
func.func @transpose_lhs(%x: tensor<3x4xf32>, %w: tensor<3x2xf32>,
                         %e: tensor<4x2xf32>) -> tensor<4x2xf32> {
  // CHECK: linalg.matmul indexing_maps = [#[[KI]], #[[KJ]], #[[IJ]]]
  %y = sparsity.matmul ins(%x, %w : tensor<3x4xf32>, tensor<3x2xf32>)
           outs(%e : tensor<4x2xf32>) transpose_lhs -> tensor<4x2xf32>
  return %y : tensor<4x2xf32>
}

// CHECK-LABEL: func.func @bias
// CHECK-SAME: %[[B:[^:]*]]: tensor<2xf32>, %[[E:[^:]*]]: tensor<?x2xf32>
func.func @bias(%x: tensor<?x3xf32>, %w: tensor<3x2xf32>, %b: tensor<2xf32>,
                %e: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK: %[[SUM:.*]] = linalg.matmul
  // CHECK: linalg.generic {indexing_maps = [#[[ID]], #[[J]], #[[ID]]], iterator_types = ["parallel", "parallel"]} ins(%[[SUM]], %[[B]] : tensor<?x2xf32>, tensor<2xf32>) outs(%[[E]] : tensor<?x2xf32>)
  // CHECK: ^bb0(%[[S:.*]]: f32, %[[A:.*]]: f32, %{{.*}}: f32):
  // CHECK: %[[R:.*]] = arith.addf %[[S]], %[[A]]
  // CHECK: linalg.yield %[[R]]
  %y = sparsity.matmul ins(%x, %w : tensor<?x3xf32>, tensor<3x2xf32>)
           bias(%b : tensor<2xf32>) outs(%e : tensor<?x2xf32>)
           -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// CHECK-LABEL: func.func @half
func.func @half(%x: tensor<?x3xbf16>, %w: tensor<3x2xbf16>, %b: tensor<2xbf16>,
                %e: tensor<?x2xbf16>) -> tensor<?x2xbf16> {
  // CHECK: %[[SUMS:.*]] = tensor.empty(%{{.*}}) : tensor<?x2xf32>
  // CHECK: %[[FILL:.*]] = linalg.fill {{.*}} outs(%[[SUMS]] :
  // CHECK: linalg.matmul {{.*}} outs(%[[FILL]] : tensor<?x2xf32>)
  // CHECK: linalg.generic
  // CHECK: ^bb0(%[[S:.*]]: f32, %[[B:.*]]: bf16, %{{.*}}: bf16):
  // CHECK: %[[BX:.*]] = arith.extf %[[B]] : bf16 to f32
  // CHECK: %[[A:.*]] = arith.addf %[[S]], %[[BX]] : f32
  // CHECK: arith.truncf %[[A]] : f32 to bf16
  %y = sparsity.matmul ins(%x, %w : tensor<?x3xbf16>, tensor<3x2xbf16>)
           bias(%b : tensor<2xbf16>) outs(%e : tensor<?x2xbf16>)
           -> tensor<?x2xbf16>
  return %y : tensor<?x2xbf16>
}

// CHECK-LABEL: func.func @batch
func.func @batch(%x: tensor<?x4x3xi8>, %w: tensor<?x2x3xi8>,
                 %e: tensor<?x4x2xi32>) -> tensor<?x4x2xi32> {
  // CHECK: linalg.batch_matmul indexing_maps = {{.*}} -> tensor<?x4x2xi32>
  %y = sparsity.matmul ins(%x, %w : tensor<?x4x3xi8>, tensor<?x2x3xi8>)
           outs(%e : tensor<?x4x2xi32>) transpose_rhs -> tensor<?x4x2xi32>
  return %y : tensor<?x4x2xi32>
}

// CHECK-LABEL: func.func @batches
func.func @batches(%x: tensor<5x?x4x3xf32>, %w: tensor<5x?x3x2xf32>,
                   %e: tensor<5x?x4x2xf32>) -> tensor<5x?x4x2xf32> {
  // CHECK: linalg.contract indexing_maps = {{.*}} -> tensor<5x?x4x2xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<5x?x4x3xf32>, tensor<5x?x3x2xf32>)
           outs(%e : tensor<5x?x4x2xf32>) -> tensor<5x?x4x2xf32>
  return %y : tensor<5x?x4x2xf32>
}

// Leaves everything else alone.
// CHECK-LABEL: func.func @untouched
func.func @untouched(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: return %{{.*}} : tensor<4xf32>
  return %x : tensor<4xf32>
}

// Every step of attention is an op: two products, the highest score of a row,
// exponentials, their sum, a division.
// CHECK-LABEL: @attention
// CHECK-NOT:     sparsity.
// CHECK:         %[[SUMS:.*]] = linalg.generic {{.*}}"reduction"]} ins(%arg0, %arg1 :
// CHECK:         linalg.generic {{.*}} ins(%[[SUMS]], %arg3 :
// CHECK:           arith.addf
// CHECK:           arith.maximumf
// CHECK:           math.exp
// CHECK:           arith.addf
// CHECK:         %[[WEIGHTS:.*]] = linalg.generic
// CHECK:           arith.divf
// CHECK:         linalg.generic {{.*}} ins(%[[WEIGHTS]], %arg2 :
#q = affine_map<(i, j, d, e) -> (i, d)>
#k = affine_map<(i, j, d, e) -> (j, d)>
#v = affine_map<(i, j, d, e) -> (j, e)>
#m = affine_map<(i, j, d, e) -> (j)>
#o = affine_map<(i, j, d, e) -> (i, e)>
func.func @attention(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf32>, %m: tensor<5xf32>, %o: tensor<3x8xf32>) -> tensor<3x8xf32> {
  %y = sparsity.attention ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf32>) scores(%m : tensor<5xf32>) outs(%o : tensor<3x8xf32>) maps [#q, #k, #v, #m, #o] {
  ^bb0(%s: f32, %a: f32):
    %t = arith.addf %s, %a : f32
    sparsity.yield %t : f32
  } -> tensor<3x8xf32>
  return %y : tensor<3x8xf32>
}
