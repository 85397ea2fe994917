// RUN: mlir-opt %s --sparsification-and-bufferization | FileCheck %s

// What upstream does with a sparse result that is made dense in the function
// that computes it: 'empty, sparse' means zeros, the conversion is fused away,
// and what is left is an 'empty, dense' buffer that nobody fills before the sum
// is added to it. So the conversion asks for filled dense results only.

#V = #sparse_tensor.encoding<{map = (i) -> (i : compressed)}>

// CHECK-LABEL: func.func @sum
// CHECK: memref.alloc() {{.*}} : memref<3xf64>
// CHECK-NOT: linalg.fill
// CHECK: return
func.func @sum(%x: tensor<1x3xf64>) -> tensor<3xf64> {
  %e = tensor.empty() : tensor<3xf64, #V>
  %s = linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>,
                                        affine_map<(d0, d1) -> (d1)>],
                       iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<1x3xf64>) outs(%e : tensor<3xf64, #V>) {
  ^bb0(%a: f64, %b: f64):
    %c = arith.addf %a, %b : f64
    linalg.yield %c : f64
  } -> tensor<3xf64, #V>
  %d = sparse_tensor.convert %s : tensor<3xf64, #V> to tensor<3xf64>
  return %d : tensor<3xf64>
}
