// RUN: sparse-opt %s --split-input-file --sparsity-tile-and-fuse --canonicalize --cse | FileCheck %s
// Ops that read each other row by row are computed in one loop over the rows.

#rows = affine_map<(d0, d1) -> (d0)>
#all = affine_map<(d0, d1) -> (d0, d1)>

// A softmax: values read by a sum and by the last op are computed once.
// CHECK-LABEL: @softmax
// CHECK:         scf.forall (%[[ROW:.*]]) in (%{{.*}})
// CHECK:           tensor.extract_slice %arg0[%[[ROW]], 0] [1, 129]
// CHECK:           arith.maximumf
// CHECK:           math.exp
// CHECK-NOT:       math.exp
// CHECK:           arith.divf
// CHECK:           tensor.parallel_insert_slice
// CHECK-NOT:     linalg.generic
// CHECK:         return
func.func @softmax(%x: tensor<?x129xf32>, %n: index) -> tensor<?x129xf32> {
  %low = arith.constant -1.0e+30 : f32
  %zero = arith.constant 0.0 : f32
  %column = tensor.empty(%n) : tensor<?xf32>
  %full = tensor.empty(%n) : tensor<?x129xf32>
  %lows = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%column : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %low : f32
  } -> tensor<?xf32>
  %max = linalg.generic {indexing_maps = [#all, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x129xf32>) outs(%lows : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.maximumf %a, %o : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %exp = linalg.generic {indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x, %max : tensor<?x129xf32>, tensor<?xf32>) outs(%full : tensor<?x129xf32>) {
  ^bb0(%a: f32, %m: f32, %o: f32):
    %d = arith.subf %a, %m : f32
    %r = math.exp %d : f32
    linalg.yield %r : f32
  } -> tensor<?x129xf32>
  %zeros = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]} outs(%column : tensor<?xf32>) {
  ^bb0(%o: f32):
    linalg.yield %zero : f32
  } -> tensor<?xf32>
  %sum = linalg.generic {indexing_maps = [#all, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%exp : tensor<?x129xf32>) outs(%zeros : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %a, %o : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel"]}
      ins(%exp, %sum : tensor<?x129xf32>, tensor<?xf32>) outs(%full : tensor<?x129xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %r = arith.divf %a, %s : f32
    linalg.yield %r : f32
  } -> tensor<?x129xf32>
  return %y : tensor<?x129xf32>
}

// A result that sums over the other one's rows.
// CHECK-LABEL: @columns
// CHECK-NOT:     scf.forall
func.func @columns(%x: tensor<64x32xf32>, %e: tensor<64xf32>, %f: tensor<64x32xf32>, %g: tensor<32xf32>) -> (tensor<64x32xf32>, tensor<32xf32>) {
  %sum = linalg.generic {indexing_maps = [#all, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<64x32xf32>) outs(%e : tensor<64xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %a, %o : f32
    linalg.yield %r : f32
  } -> tensor<64xf32>
  %y:2 = linalg.generic {indexing_maps = [#all, #rows, #all, affine_map<(d0, d1) -> (d1)>], iterator_types = ["reduction", "parallel"]}
      ins(%x, %sum : tensor<64x32xf32>, tensor<64xf32>) outs(%f, %g : tensor<64x32xf32>, tensor<32xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32, %p: f32):
    %q = arith.mulf %a, %s : f32
    %r = arith.addf %q, %p : f32
    linalg.yield %q, %r : f32, f32
  } -> (tensor<64x32xf32>, tensor<32xf32>)
  return %y#0, %y#1 : tensor<64x32xf32>, tensor<32xf32>
}

// Nothing to compute.
// CHECK-LABEL: @empty
// CHECK-NOT:     scf.forall
func.func @empty(%x: tensor<?x0xf32>, %e: tensor<?xf32>, %f: tensor<?x0xf32>) -> tensor<?x0xf32> {
  %sum = linalg.generic {indexing_maps = [#all, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%x : tensor<?x0xf32>) outs(%e : tensor<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %a, %o : f32
    linalg.yield %r : f32
  } -> tensor<?xf32>
  %y = linalg.generic {indexing_maps = [#all, #rows, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x, %sum : tensor<?x0xf32>, tensor<?xf32>) outs(%f : tensor<?x0xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %r = arith.divf %a, %s : f32
    linalg.yield %r : f32
  } -> tensor<?x0xf32>
  return %y : tensor<?x0xf32>
}

// -----

// Two products and what is between them: 128 rows at a time; the transposed copy
// of %k belongs to all rows and stays outside.
// CHECK-LABEL: @attention
// CHECK:         linalg.generic
// CHECK:         scf.forall (%[[HEAD:.*]], %[[ROW:.*]]) = (0, 0) to (12, %{{.*}}) step (1, 128)
// CHECK:           sparsity.matmul
// CHECK:           math.exp
// CHECK:           sparsity.matmul
// CHECK-NOT:     sparsity.matmul
#id = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
#swap = affine_map<(d0, d1, d2) -> (d0, d2, d1)>
func.func @attention(%q: tensor<12x?x32xf32>, %k: tensor<12x?x32xf32>, %n: index) -> tensor<12x?x32xf32> {
  %e0 = tensor.empty(%n) : tensor<12x32x?xf32>
  %kt = linalg.generic {indexing_maps = [#swap, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%k : tensor<12x?x32xf32>) outs(%e0 : tensor<12x32x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  } -> tensor<12x32x?xf32>
  %e1 = tensor.empty(%n, %n) : tensor<12x?x?xf32>
  %s = sparsity.matmul ins(%q, %kt : tensor<12x?x32xf32>, tensor<12x32x?xf32>) outs(%e1 : tensor<12x?x?xf32>) -> tensor<12x?x?xf32>
  %p = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%s : tensor<12x?x?xf32>) outs(%e1 : tensor<12x?x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = math.exp %a : f32
    linalg.yield %r : f32
  } -> tensor<12x?x?xf32>
  %e2 = tensor.empty(%n) : tensor<12x?x32xf32>
  %y = sparsity.matmul ins(%p, %k : tensor<12x?x?xf32>, tensor<12x?x32xf32>) outs(%e2 : tensor<12x?x32xf32>) -> tensor<12x?x32xf32>
  return %y : tensor<12x?x32xf32>
}

// -----

// Not row by row: a sum over rows; and what others read as well.
// CHECK-LABEL: @apart
// CHECK-NOT:     scf.forall
#rows = affine_map<(d0, d1) -> (d0)>
#cols = affine_map<(d0, d1) -> (d1)>
#all = affine_map<(d0, d1) -> (d0, d1)>
func.func @apart(%x: tensor<8x16xf32>, %init: tensor<16xf32>) -> (tensor<8x16xf32>, tensor<8x16xf32>) {
  %e = tensor.empty() : tensor<8x16xf32>
  %double = linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]}
      ins(%x : tensor<8x16xf32>) outs(%e : tensor<8x16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %a, %a : f32
    linalg.yield %r : f32
  } -> tensor<8x16xf32>
  %sum = linalg.generic {indexing_maps = [#all, #cols], iterator_types = ["reduction", "parallel"]}
      ins(%x : tensor<8x16xf32>) outs(%init : tensor<16xf32>) {
  ^bb0(%a: f32, %o: f32):
    %r = arith.addf %a, %o : f32
    linalg.yield %r : f32
  } -> tensor<16xf32>
  %y = linalg.generic {indexing_maps = [#all, #cols, #all], iterator_types = ["parallel", "parallel"]}
      ins(%double, %sum : tensor<8x16xf32>, tensor<16xf32>) outs(%e : tensor<8x16xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %t = arith.addf %a, %s : f32
    linalg.yield %t : f32
  } -> tensor<8x16xf32>
  return %y, %double : tensor<8x16xf32>, tensor<8x16xf32>
}
