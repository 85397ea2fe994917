// RUN: sparse-opt %s --convert-sparsity-to-sparse-tensor | FileCheck %s
// RUN: sparse-opt %s --convert-sparsity-to-sparse-tensor='layout=csc' \
// RUN:   | FileCheck %s --check-prefix=CSC
// RUN: sparse-opt %s --convert-sparsity-to-sparse-tensor='layout=coo' \
// RUN:   | FileCheck %s --check-prefix=COO

// Products of constant packed operands become calls of functions that hold one
// contraction each.

!stream = !sparsity.packed<2x4xf32, #sparsity.stream_format>
!nm = !sparsity.packed<1x6xf32, #sparsity.nm_format<2:4>>
!bsr = !sparsity.packed<3x5xf16, #sparsity.bsr_format<[2, 2]>>
!dense = !sparsity.packed<2x4xf32, #sparsity.dense_format<panel = 16>>

// CHECK-DAG: #[[CSR:.*]] = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 : compressed), posWidth = 32, crdWidth = 8 }>
// CHECK-DAG: #[[NM:.*]] = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : dense, d1 floordiv 4 : dense, d1 mod 4 : structured[2, 4]), crdWidth = 8 }>
// CHECK-DAG: #[[BSR:.*]] = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 floordiv 2 : dense, d1 floordiv 2 : compressed, d0 mod 2 : dense, d1 mod 2 : dense), posWidth = 32, crdWidth = 8 }>

// CSC-DAG: #[[E:.*]] = #sparse_tensor.encoding<{ map = (d0, d1) -> (d1 : dense, d0 : compressed), posWidth = 32, crdWidth = 8 }>
// CSC: func.func private @sparse_matmul(
// CSC-DAG: arith.constant dense<[0, 0, 1, 1, 2]> : tensor<5xi32>
// CSC-DAG: arith.constant dense<[0, 1]> : tensor<2xi8>

// COO-DAG: #[[E:.*]] = #sparse_tensor.encoding<{ map = (d0, d1) -> (d0 : compressed(nonunique), d1 : singleton), posWidth = 32, crdWidth = 8 }>
// COO: func.func private @sparse_matmul(
// COO-DAG: arith.constant dense<[0, 2]> : tensor<2xi32>
// COO-DAG: arith.constant dense<{{\[}}[0, 1], [1, 3]]> : tensor<2x2xi8>

// Parameters that nothing loads any more are gone.
// CHECK-NOT: sparsity.parameter @w_nm
sparsity.parameter @w : !stream = [dense<[0, 1, 2]> : tensor<3xi32>,
    dense<[1, 3]> : tensor<2xi16>, dense<[5.0, 6.0]> : tensor<2xf32>]

// CHECK-LABEL: func.func @stream
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32>, %[[E:.*]]: tensor<?x2xf32>
func.func @stream(%x: tensor<?x4xf32>, %e: tensor<?x2xf32>)
    -> tensor<?x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = call @sparse_matmul(%[[X]])
  // CHECK-NEXT: return %[[Y]]
  %w = sparsity.load @w : !stream
  %y = sparsity.matmul ins(%x, %w : tensor<?x4xf32>, !stream)
           outs(%e : tensor<?x2xf32>) -> tensor<?x2xf32>
  return %y : tensor<?x2xf32>
}

// One nonzero, at column 5: the first group is empty, the second short.
sparsity.parameter @w_nm : !nm = [
    dense<"0x00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000040000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"> : tensor<64xf32>,
    dense<[0, 0x55555555, 0, 0x55555555]> : tensor<4xi32>]

// Columns are padded to whole groups, in the operand as well.
// CHECK-LABEL: func.func @nm
func.func @nm(%x: tensor<2x6x?xf32>, %b: tensor<1xf32>, %e: tensor<2x1x?xf32>)
    -> tensor<2x1x?xf32> {
  // CHECK: %[[P:.*]] = tensor.pad %{{.*}} low[0, 0, 0] high[0, 2, 0]
  // CHECK: tensor<2x6x?xf32> to tensor<2x8x?xf32>
  // CHECK: %[[S:.*]] = call @sparse_matmul_0(%[[P]])
  // CHECK: linalg.generic {{.*}} ins(%[[S]], %{{.*}} :
  %w = sparsity.load @w_nm : !nm
  %y = sparsity.matmul ins(%w, %x : !nm, tensor<2x6x?xf32>)
           bias(%b : tensor<1xf32>) outs(%e : tensor<2x1x?xf32>)
           -> tensor<2x1x?xf32>
  return %y : tensor<2x1x?xf32>
}

// Blocks (0, 1) and (1, 2): both are ragged or pad a ragged row.
sparsity.parameter @w_bsr : !bsr = [dense<[0, 1, 2]> : tensor<3xi32>,
    dense<[1, 2]> : tensor<2xi32>,
    dense<[1.0, 2.0, 3.0, 4.0, 5.0, 0.0, 0.0, 0.0]> : tensor<8xf16>]

// Rows and columns are padded; the sum is f32 and rounded by the caller.
// CHECK-LABEL: func.func @bsr
func.func @bsr(%x: tensor<7x5xf16>, %e: tensor<7x3xf16>) -> tensor<7x3xf16> {
  // CHECK: %[[P:.*]] = tensor.pad {{.*}} high[0, 1]
  // CHECK: %[[S:.*]] = call @sparse_matmul_1(%[[P]]) : (tensor<7x6xf16>) -> tensor<7x4xf32>
  // CHECK: %[[C:.*]] = tensor.extract_slice %[[S]][0, 0] [7, 3] [1, 1]
  // CHECK: linalg.generic {{.*}} ins(%[[C]] :
  // CHECK: arith.truncf
  %w = sparsity.load @w_bsr : !bsr
  %y = sparsity.matmul ins(%x, %w : tensor<7x5xf16>, !bsr)
           outs(%e : tensor<7x3xf16>) -> tensor<7x3xf16>
  return %y : tensor<7x3xf16>
}

sparsity.parameter @w_later : !stream

// A result without elements needs no kernel.
// CHECK-LABEL: func.func @empty
// CHECK-SAME: %[[E:[^:]*]]: tensor<0x3xf16>) -> tensor<0x3xf16>
func.func @empty(%x: tensor<0x5xf16>, %e: tensor<0x3xf16>) -> tensor<0x3xf16> {
  // CHECK-NEXT: return %[[E]]
  %w = sparsity.load @w_bsr : !bsr
  %y = sparsity.matmul ins(%x, %w : tensor<0x5xf16>, !bsr)
           outs(%e : tensor<0x3xf16>) -> tensor<0x3xf16>
  return %y : tensor<0x3xf16>
}

// Left alone: dense panels, tiles, and values known at run time only.
// CHECK-LABEL: func.func @left
func.func @left(%x: tensor<3x4xf32>, %v: tensor<64xf32>, %at: index,
                %e: tensor<3x?xf32>, %f: tensor<3x2xf32>)
    -> (tensor<3x2xf32>, tensor<3x?xf32>, tensor<3x2xf32>) {
  // CHECK-COUNT-3: sparsity.matmul
  // CHECK-NOT: call
  %d = sparsity.assemble %v : tensor<64xf32> -> !dense
  %0 = sparsity.matmul ins(%x, %d : tensor<3x4xf32>, !dense)
           outs(%f : tensor<3x2xf32>) -> tensor<3x2xf32>
  %w = sparsity.load @w : !stream
  %1 = sparsity.matmul ins(%x, %w : tensor<3x4xf32>, !stream) at(%at)
           outs(%e : tensor<3x?xf32>) -> tensor<3x?xf32>
  %l = sparsity.load @w_later : !stream
  %2 = sparsity.matmul ins(%x, %l : tensor<3x4xf32>, !stream)
           outs(%f : tensor<3x2xf32>) -> tensor<3x2xf32>
  return %0, %1, %2 : tensor<3x2xf32>, tensor<3x?xf32>, tensor<3x2xf32>
}

// CHECK: func.func private @sparse_matmul(%[[X:.*]]: tensor<?x4xf32>) -> tensor<?x2xf32> attributes {no_inline}
// CHECK-DAG: %[[POS:.*]] = arith.constant dense<[0, 1, 2]> : tensor<3xi32>
// CHECK-DAG: %[[CRD:.*]] = arith.constant dense<[1, 3]> : tensor<2xi8>
// CHECK-DAG: %[[VAL:.*]] = arith.constant dense<[5.000000e+00, 6.000000e+00]> : tensor<2xf32>
// CHECK: %[[W:.*]] = sparse_tensor.assemble (%[[POS]], %[[CRD]]), %[[VAL]] : {{.*}} to tensor<2x4xf32, #[[CSR]]>
// CHECK: %[[EMPTY:.*]] = tensor.empty(%{{.*}}) : tensor<?x2xf32>
// CHECK: %[[FILL:.*]] = linalg.fill {{.*}} outs(%[[EMPTY]]
// CHECK: linalg.matmul {{.*}} ins(%[[X]], %[[W]] : {{.*}} outs(%[[FILL]]

// CHECK: func.func private @sparse_matmul_0(%[[X:.*]]: tensor<2x8x?xf32>) -> tensor<2x1x?xf32>
// CHECK-DAG: arith.constant dense<[0, 1, 0, 1]> : tensor<4xi8>
// CHECK-DAG: arith.constant dense<[0.000000e+00, 0.000000e+00, 0.000000e+00, 2.000000e+00]> : tensor<4xf32>
// CHECK: sparse_tensor.assemble {{.*}} to tensor<1x8xf32, #[[NM]]>
// CHECK: linalg.contract

// CHECK: func.func private @sparse_matmul_1(%[[X:.*]]: tensor<7x6xf16>) -> tensor<7x4xf32>
// CHECK-DAG: arith.constant dense<[1.000000e+00, 3.000000e+00, 2.000000e+00, 4.000000e+00, 5.000000e+00, 0.000000e+00, 0.000000e+00, 0.000000e+00]> : tensor<8xf16>
// CHECK: sparse_tensor.assemble {{.*}} to tensor<4x6xf16, #[[BSR]]>
