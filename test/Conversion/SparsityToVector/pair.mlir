// RUN: sparse-opt %s --convert-sparsity-to-vector | FileCheck %s
//
// Two dense operands: panels of the right one are packed in every work item.

// CHECK-LABEL: func.func @attention_scores(
// CHECK:         memref.transpose
// CHECK:         call @sparsity_matmul_pair_0(
// CHECK-LABEL: func.func private @sparsity_matmul_pair_0(
// CHECK:         scf.parallel
// CHECK:           memref.subview
// CHECK:           memref.alloc
// CHECK:           vector.shuffle
// CHECK:           memref.dealloc
func.func @attention_scores(%q: memref<8x12x?x64xf32>, %k: memref<8x12x?x64xf32>,
                            %s: memref<8x12x?x?xf32>) {
  sparsity.matmul ins(%q, %k : memref<8x12x?x64xf32>, memref<8x12x?x64xf32>)
      outs(%s : memref<8x12x?x?xf32>) transpose_rhs
  return
}
