// RUN: sparse-opt %s --sparsity-inits-to-inputs | FileCheck %s
// RUN: sparse-opt %s --sparsity-inits-to-inputs --linalg-fuse-elementwise-ops | FileCheck %s --check-prefix=FUSED
// What a parallel op reads of its result becomes an input, so that fusion with a
// longer loop does not add it up twice.

#scalar = affine_map<(d0) -> ()>
#vector = affine_map<(d0) -> (d0)>

// CHECK-LABEL: @accumulate
// CHECK:         %[[EMPTY:.*]] = tensor.empty() : tensor<f32>
// CHECK:         linalg.generic {{.*}} ins(%arg0, %arg1 : tensor<f32>, tensor<f32>) outs(%[[EMPTY]] : tensor<f32>)
// FUSED-LABEL: @accumulate
// FUSED:         linalg.generic {{.*}} ins(%arg0, %arg1, %arg2 : tensor<f32>, tensor<f32>, tensor<2xf32>) outs(%{{[^,]*}} : tensor<2xf32>)
func.func @accumulate(%x: tensor<f32>, %sum: tensor<f32>, %v: tensor<2xf32>) -> tensor<2xf32> {
  %s = linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []}
      ins(%x : tensor<f32>) outs(%sum : tensor<f32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<f32>
  %e = tensor.empty() : tensor<2xf32>
  %r = linalg.generic {indexing_maps = [#scalar, #vector, #vector], iterator_types = ["parallel"]}
      ins(%s, %v : tensor<f32>, tensor<2xf32>) outs(%e : tensor<2xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32):
    %d = arith.mulf %a, %b : f32
    linalg.yield %d : f32
  } -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// A reduction keeps its result.
// CHECK-LABEL: @reduce
// CHECK:         linalg.generic {{.*}} ins(%arg0 : tensor<2xf32>) outs(%arg1 : tensor<f32>)
func.func @reduce(%v: tensor<2xf32>, %sum: tensor<f32>) -> tensor<f32> {
  %s = linalg.generic {indexing_maps = [#vector, #scalar], iterator_types = ["reduction"]}
      ins(%v : tensor<2xf32>) outs(%sum : tensor<f32>) {
  ^bb0(%a: f32, %b: f32):
    %c = arith.addf %a, %b : f32
    linalg.yield %c : f32
  } -> tensor<f32>
  return %s : tensor<f32>
}
