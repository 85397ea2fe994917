// RUN: sparse-opt %s | sparse-opt | FileCheck %s
// RUN: sparse-opt %s --one-shot-bufferize='bufferize-function-boundaries' | FileCheck %s --check-prefix=BUFFERS

#q = affine_map<(b, i, j, d, e) -> (b, i, d)>
#k = affine_map<(b, i, j, d, e) -> (b, j, d)>
#v = affine_map<(b, i, j, d, e) -> (b, j, e)>
#m = affine_map<(b, i, j, d, e) -> (i, j)>
#o = affine_map<(b, i, j, d, e) -> (b, i, e)>

// CHECK-LABEL: @attention
// CHECK:         sparsity.attention
// CHECK-SAME:      ins(%{{.*}}, %{{.*}}, %{{.*}} : tensor<2x?x4xf32>, tensor<2x?x4xf32>, tensor<2x?x8xf32>)
// CHECK-SAME:      scores(%{{.*}} : tensor<?x?xf64>) outs(%{{.*}} : tensor<2x?x8xf32>)
// CHECK-SAME:      maps [#{{.*}}, #{{.*}}, #{{.*}}, #{{.*}}, #{{.*}}] zero_rows {
// CHECK-NEXT:    ^bb0(%[[SUM:.*]]: f32, %[[MASK:.*]]: f64):
// CHECK:           sparsity.yield %{{.*}} : f32
// CHECK-NEXT:    } -> tensor<2x?x8xf32>
// The operands are read, and the destination is written in place.
// BUFFERS-LABEL: @attention
// BUFFERS-SAME:    %[[Q:.*]]: memref<2x?x4xf32, {{.*}}>, %[[K:.*]]: memref<2x?x4xf32, {{.*}}>, %[[V:.*]]: memref<2x?x8xf32, {{.*}}>, %[[M:.*]]: memref<?x?xf64, {{.*}}>, %[[O:.*]]: memref<2x?x8xf32
// BUFFERS-NOT:     memref.alloc
// BUFFERS:         sparsity.attention ins(%[[Q]], %[[K]], %[[V]] : {{.*}}) scores(%[[M]] : {{.*}}) outs(%[[O]] :
// BUFFERS:         return %[[O]]
func.func @attention(%q: tensor<2x?x4xf32>, %k: tensor<2x?x4xf32>,
                     %v: tensor<2x?x8xf32>, %m: tensor<?x?xf64>,
                     %o: tensor<2x?x8xf32>) -> tensor<2x?x8xf32> {
  %y = sparsity.attention
      ins(%q, %k, %v : tensor<2x?x4xf32>, tensor<2x?x4xf32>, tensor<2x?x8xf32>)
      scores(%m : tensor<?x?xf64>) outs(%o : tensor<2x?x8xf32>)
      maps [#q, #k, #v, #m, #o] zero_rows {
  ^bb0(%sum: f32, %mask: f64):
    %narrow = arith.truncf %mask : f64 to f32
    %score = arith.addf %sum, %narrow : f32
    sparsity.yield %score : f32
  } -> tensor<2x?x8xf32>
  return %y : tensor<2x?x8xf32>
}
