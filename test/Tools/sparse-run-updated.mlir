// RUN: rm -rf %t && mkdir %t
// RUN: %python -c "import numpy as np; np.save('%t/x.npy', np.full((2, 3), 3, 'f4')); np.save('%t/t.npy', np.ones(3, 'f4'))"
// RUN: sparse-run %s --input=%t/x.npy --input=%t/t.npy --check --time=4 --output=%t/y.npy --output=%t/u.npy | FileCheck %s
// RUN: %python -c "import numpy as np; print(*(np.load(f'%t/{n}.npy').tolist() for n in 'tyu'))" | FileCheck %s --check-prefix=OUTPUT

// A memref is an input that is updated: it counts as a result, is compared with
// the oracle's, and other calls (the oracle's, timed ones) do not see it.

// CHECK: result 0: max abs error 0
// CHECK-NEXT: input 1: max abs error 0
// OUTPUT: [1.0, 1.0, 1.0] {{\[\[}}4.0, 4.0, 4.0], [4.0, 4.0, 4.0]] [7.0, 7.0, 7.0]

#all = affine_map<(i, j) -> (i, j)>
#col = affine_map<(i, j) -> (j)>
func.func @main(%x: tensor<?x3xf32>, %total: memref<3xf32>) -> tensor<?x3xf32> {
  %old = bufferization.to_tensor %total restrict writable : memref<3xf32> to tensor<3xf32>
  %y = linalg.generic {indexing_maps = [#col, #all], iterator_types = ["parallel", "parallel"]}
      ins(%old : tensor<3xf32>) outs(%x : tensor<?x3xf32>) {
  ^bb0(%o: f32, %v: f32):
    %s = arith.addf %o, %v : f32
    linalg.yield %s : f32
  } -> tensor<?x3xf32>
  %new = linalg.generic {indexing_maps = [#all, #col], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<?x3xf32>) outs(%old : tensor<3xf32>) {
  ^bb0(%v: f32, %o: f32):
    %s = arith.addf %o, %v : f32
    linalg.yield %s : f32
  } -> tensor<3xf32>
  bufferization.materialize_in_destination %new in restrict writable %total : (tensor<3xf32>, memref<3xf32>) -> ()
  return %y : tensor<?x3xf32>
}
