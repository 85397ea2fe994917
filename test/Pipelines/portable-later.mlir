// REQUIRES: torch-mlir
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64 format=dense' --sparsity-lower-to-loops=portable=true | %python %S/Inputs/parse_later.py
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v3 format=dense' --sparsity-lower-to-loops=portable=true | %python %S/Inputs/parse_later.py
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v4 format=dense' --sparsity-lower-to-loops=portable=true | %python %S/Inputs/parse_later.py
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64 format=nm' --sparsity-lower-to-loops=portable=true | %python %S/Inputs/parse_later.py
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v4 format=nm' --sparsity-lower-to-loops=portable=true | %python %S/Inputs/parse_later.py
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v4 format=stream' --sparsity-lower-to-loops=portable=true | %python %S/Inputs/parse_later.py
// RUN: sparse-opt %S/portable.mlir --sparsity-optimize='target=x86-64-v4 format=bsr' --sparsity-lower-to-loops=portable=true | %python %S/Inputs/parse_later.py
// RUN: sparse-opt %s --sparsity-optimize='target=x86-64-v4' --sparsity-lower-to-loops=portable=true | FileCheck %s

// The portable form as text is read by the parsers of later versions of LLVM:
// ids, a lookup, a sparse product, a softmax; checks stay cf.assert.

// CHECK:     cf.assert
// CHECK-NOT: {{llvm\.|sparsity\.|alignment}}
#ids = affine_map<(i, j) -> (i)>
#all = affine_map<(i, j) -> (i, j)>
sparsity.parameter "private" @w : tensor<8x8xf32> = dense<[
    [1.0, 0.0, 0.0, 0.0, 0.0, -2.0, 0.0, 0.0],
    [0.0, 2.0, 0.0, 0.0, -2.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 3.0, 0.0, 0.0, 0.0, 0.0, -2.0],
    [0.0, 0.0, 0.0, 4.0, 0.0, 0.0, -2.0, 0.0],
    [5.0, 0.0, 0.0, 0.0, 0.0, -2.0, 0.0, 0.0],
    [0.0, 6.0, 0.0, 0.0, -2.0, 0.0, 0.0, 0.0],
    [0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0, -2.0],
    [0.0, 0.0, 0.0, 8.0, 0.0, 0.0, -2.0, 0.0]]> : tensor<8x8xf32>
func.func @main(%ids: tensor<?xi64>, %table: tensor<9x8xf32>) -> tensor<?x8xf32> {
  %c0 = arith.constant 0 : index
  %zero = arith.constant 0.0 : f32
  %n = tensor.dim %ids, %c0 : tensor<?xi64>
  %e = tensor.empty(%n) : tensor<?x8xf32>
  %x = linalg.generic {indexing_maps = [#ids, #all], iterator_types = ["parallel", "parallel"]}
      ins(%ids : tensor<?xi64>) outs(%e : tensor<?x8xf32>) {
  ^bb0(%id: i64, %old: f32):
    %i = arith.index_cast %id : i64 to index
    %j = linalg.index 1 : index
    %v = tensor.extract %table[%i, %j] : tensor<9x8xf32>
    linalg.yield %v : f32
  } -> tensor<?x8xf32>
  %w = sparsity.load @w : tensor<8x8xf32>
  %init = linalg.fill ins(%zero : f32) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  %y = linalg.matmul indexing_maps = [affine_map<(i, j, k) -> (i, k)>, affine_map<(i, j, k) -> (j, k)>, affine_map<(i, j, k) -> (i, j)>]
      ins(%x, %w : tensor<?x8xf32>, tensor<8x8xf32>) outs(%init : tensor<?x8xf32>) -> tensor<?x8xf32>
  %r = linalg.softmax dimension(1) ins(%y : tensor<?x8xf32>) outs(%e : tensor<?x8xf32>) -> tensor<?x8xf32>
  return %r : tensor<?x8xf32>
}
