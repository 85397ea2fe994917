// RUN: sparse-opt %s --convert-sparsity-to-vector --split-input-file | FileCheck %s
// Attention becomes a call: keys block by block, with the scores of 30 queries
// in a buffer.

#q = affine_map<(b, i, j, d, e) -> (b, i, d)>
#k = affine_map<(b, i, j, d, e) -> (b, j, d)>
#v = affine_map<(b, i, j, d, e) -> (b, j, e)>
#o = affine_map<(b, i, j, d, e) -> (b, i, e)>

// CHECK-LABEL: func.func @twice
// CHECK-NOT:     sparsity.attention
// CHECK-COUNT-2: call @sparsity_attention_0(
// CHECK-LABEL: func.func private @sparsity_attention_0
// CHECK:         scf.parallel
// CHECK-DAG:       %[[SCORES:.*]] = memref.alloc() : memref<30x128xf32>
// CHECK:           scf.for
// CHECK:             vector.store %{{.*}}, %[[SCORES]]
// The maximum, and exponentials of distances to it.
// CHECK:             arith.cmpf ogt
// CHECK:             math.exp
// CHECK:           arith.divf
// CHECK-NOT:   func.func private @sparsity_attention_1
func.func @twice(%q: memref<2x?x4xf32>, %k: memref<2x?x4xf32>,
                 %v: memref<2x?x8xf32>, %o: memref<2x?x8xf32>,
                 %p: memref<2x?x8xf32>) {
  sparsity.attention ins(%q, %k, %v : memref<2x?x4xf32>, memref<2x?x4xf32>, memref<2x?x8xf32>)
      outs(%o : memref<2x?x8xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  }
  sparsity.attention ins(%q, %k, %v : memref<2x?x4xf32>, memref<2x?x4xf32>, memref<2x?x8xf32>)
      outs(%p : memref<2x?x8xf32>) maps [#q, #k, #v, #o] {
  ^bb0(%s: f32):
    sparsity.yield %s : f32
  }
  return
}
