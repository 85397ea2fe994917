//===- Passes.td - The Attention family --------------------*- tablegen -*-===//
//
// Passes on attention. Products alone are the Layout family's.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_ATTENTION_PASSES
#define SPARSE_OPT_TRANSFORMS_ATTENTION_PASSES

include "mlir/Pass/PassBase.td"

def DecomposeAttentionPass
    : Pass<"sparsity-decompose-attention", "::mlir::func::FuncOp"> {
  let summary = "write torch-mlir's attention op as products and a softmax";
  let description = [{
    `tm_tensor.attention` (an op of torch-mlir, here in the generic form of an
    unregistered dialect) on tensors [batch x heads, tokens, width]:

        softmax(q k^T scale + mask) v

    `scale` is 1/sqrt(width) unless the op has one. A mask of i1 says which keys
    a query sees, one of floats is added to the scores. A query that sees no key
    gives zeros.

    ```mlir
    // sparse-opt --allow-unregistered-dialect --sparsity-decompose-attention
    func.func @f(%q: tensor<2x5x4xf32>, %k: tensor<2x7x4xf32>,
                 %v: tensor<2x7x4xf32>, %o: tensor<2x5x4xf32>)
        -> tensor<2x5x4xf32> {
      %r = "tm_tensor.attention"(%q, %k, %v, %o)
          {operandSegmentSizes = array<i32: 3, 1>}
          : (tensor<2x5x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>,
             tensor<2x5x4xf32>) -> tensor<2x5x4xf32>
      return %r : tensor<2x5x4xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect"];
}

#endif // SPARSE_OPT_TRANSFORMS_ATTENTION_PASSES
