// RUN: sparse-opt %s --convert-sparsity-to-linalg | FileCheck %s
// RUN: sparse-opt %s --convert-sparsity-to-linalg | mlir-opt

// Packed values become the dense matrices they stand for.

// CHECK-NOT: sparsity.

!stream = !sparsity.packed<2x4xf32, #sparsity.stream_format>
!bsr = !sparsity.packed<2x4xf32, #sparsity.bsr_format<[2, 3]>>

// CHECK-DAG: #[[NK:.*]] = affine_map<(d0, d1, d2, d3) -> (d2, d3)>
// CHECK-DAG: #[[MK:.*]] = affine_map<(d0, d1, d2, d3) -> (d1, d3)>
// CHECK-DAG: #[[BMK:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[BKN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d3, d2)>
// CHECK-DAG: #[[BMN:.*]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2)>
// CHECK-DAG: #[[I:.*]] = affine_map<(d0, d1) -> (d0)>

// Splat buffers count as well.
sparsity.parameter @w : !stream = [dense<[0, 1, 2]> : tensor<3xi32>,
    dense<[1, 3]> : tensor<2xi16>, dense<5.0> : tensor<2xf32>]
sparsity.parameter @empty : !sparsity.packed<0x4xf32, #sparsity.stream_format>
    = [dense<0> : tensor<1xi32>, dense<> : tensor<0xi16>,
       dense<> : tensor<0xf32>]

// CHECK-LABEL: func.func @rhs
func.func @rhs(%x: tensor<3x4xf32>, %e: tensor<3x2xf32>) -> tensor<3x2xf32> {
  // CHECK: %[[W:.*]] = arith.constant dense<{{\[}}[0.000000e+00, 5.000000e+00, 0.000000e+00, 0.000000e+00], [0.000000e+00, 0.000000e+00, 0.000000e+00, 5.000000e+00]]> : tensor<2x4xf32>
  // CHECK: linalg.matmul indexing_maps = {{.*}} ins(%{{.*}}, %[[W]]
  %w = sparsity.load @w : !stream
  %y = sparsity.matmul ins(%x, %w : tensor<3x4xf32>, !stream)
           outs(%e : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %y : tensor<3x2xf32>
}

// CHECK-LABEL: func.func @no_rows
func.func @no_rows(%x: tensor<3x4xf32>, %e: tensor<3x0xf32>)
    -> tensor<3x0xf32> {
  // CHECK: arith.constant dense<> : tensor<0x4xf32>
  %w = sparsity.load @empty : !sparsity.packed<0x4xf32, #sparsity.stream_format>
  %y = sparsity.matmul ins(%x, %w : tensor<3x4xf32>,
                           !sparsity.packed<0x4xf32, #sparsity.stream_format>)
           outs(%e : tensor<3x0xf32>) -> tensor<3x0xf32>
  return %y : tensor<3x0xf32>
}

// A packed operand is shared by the batch.
// CHECK-LABEL: func.func @batch
// CHECK-SAME: %[[W:[^:]*]]: tensor<2x4xf32>
func.func @batch(%x: tensor<?x3x4xf32>, %w: !stream, %e: tensor<?x3x2xf32>)
    -> tensor<?x3x2xf32> {
  // CHECK: linalg.contract indexing_maps = [#[[BMK]], #[[NK]], #[[BMN]]] ins(%{{.*}}, %[[W]]
  %y = sparsity.matmul ins(%x, %w : tensor<?x3x4xf32>, !stream)
           outs(%e : tensor<?x3x2xf32>) -> tensor<?x3x2xf32>
  return %y : tensor<?x3x2xf32>
}

// With a packed lhs the bias belongs to the rows.
// CHECK-LABEL: func.func @lhs
func.func @lhs(%x: tensor<4x3xf32>, %w: !stream, %b: tensor<2xf32>,
               %e: tensor<2x3xf32>) -> tensor<2x3xf32> {
  // CHECK: linalg.matmul ins(%{{.*}}, %{{.*}} : tensor<2x4xf32>, tensor<4x3xf32>)
  // CHECK: linalg.generic {indexing_maps = [#{{.*}}, #[[I]], #{{.*}}]
  %y = sparsity.matmul ins(%w, %x : !stream, tensor<4x3xf32>)
           bias(%b : tensor<2xf32>) outs(%e : tensor<2x3xf32>)
           -> tensor<2x3xf32>
  return %y : tensor<2x3xf32>
}

// CHECK-LABEL: func.func @lhs_batch
func.func @lhs_batch(%x: tensor<5x4x3xf32>, %w: !stream, %e: tensor<5x2x3xf32>)
    -> tensor<5x2x3xf32> {
  // CHECK: linalg.contract indexing_maps = [#[[MK]], #[[BKN]], #[[BMN]]]
  %y = sparsity.matmul ins(%w, %x : !stream, tensor<5x4x3xf32>)
           outs(%e : tensor<5x2x3xf32>) -> tensor<5x2x3xf32>
  return %y : tensor<5x2x3xf32>
}

// A tile reads its own rows of the packed operand.
// CHECK-LABEL: func.func @tile
// CHECK-SAME: %[[W:[^:]*]]: tensor<2x4xf32>, %[[AT:[^:]*]]: index, %[[E:[^:]*]]: tensor<3x?xf32>
func.func @tile(%x: tensor<3x4xf32>, %w: !stream, %at: index,
                %e: tensor<3x?xf32>) -> tensor<3x?xf32> {
  // CHECK: %[[N:.*]] = tensor.dim %[[E]]
  // CHECK: tensor.extract_slice %[[W]][%[[AT]], 0] [%[[N]], 4] [1, 1]
  %y = sparsity.matmul ins(%x, %w : tensor<3x4xf32>, !stream) at(%at)
           outs(%e : tensor<3x?xf32>) -> tensor<3x?xf32>
  return %y : tensor<3x?xf32>
}

// CHECK-LABEL: func.func @tile_of_nothing
func.func @tile_of_nothing(
    %x: tensor<3x0xf32>, %at: index, %e: tensor<3x?xf32>,
    %w: !sparsity.packed<2x0xf32, #sparsity.stream_format>) -> tensor<3x?xf32> {
  // CHECK: tensor.empty(%{{.*}}) : tensor<?x0xf32>
  %y = sparsity.matmul ins(%x, %w : tensor<3x0xf32>,
                           !sparsity.packed<2x0xf32, #sparsity.stream_format>)
           at(%at) outs(%e : tensor<3x?xf32>) -> tensor<3x?xf32>
  return %y : tensor<3x?xf32>
}

// CHECK-LABEL: func.func @pack
// CHECK-SAME: %[[X:.*]]: tensor<2x4xf32>) -> tensor<2x4xf32>
func.func @pack(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  // CHECK-NEXT: return %[[X]]
  %p = sparsity.pack %x : tensor<2x4xf32> -> !bsr
  %u = sparsity.unpack %p : !bsr -> tensor<2x4xf32>
  return %u : tensor<2x4xf32>
}

// Packed values pass through functions and structured control flow.
// CHECK-LABEL: func.func @pack_transposed
// CHECK-SAME: %[[X:.*]]: tensor<?x2xf32>, {{.*}} -> tensor<2x4xf32>
func.func @pack_transposed(%x: tensor<?x2xf32>, %c: i1) -> !bsr {
  // CHECK: %[[C:.*]] = tensor.cast %[[X]] : tensor<?x2xf32> to tensor<4x2xf32>
  // CHECK: linalg.transpose ins(%[[C]] : tensor<4x2xf32>) {{.*}} permutation = [1, 0]
  // CHECK: scf.if %{{.*}} -> (tensor<2x4xf32>)
  %p = sparsity.pack %x transposed : tensor<?x2xf32> -> !bsr
  %q = scf.if %c -> !bsr {
    scf.yield %p : !bsr
  } else {
    %r = func.call @pack_transposed(%x, %c) : (tensor<?x2xf32>, i1) -> !bsr
    scf.yield %r : !bsr
  }
  return %q : !bsr
}
