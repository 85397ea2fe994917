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

def RaiseAttentionPass
    : Pass<"sparsity-raise-attention", "::mlir::func::FuncOp"> {
  let summary = "fuse two products and the softmax between them";
  let description = [{
    Finds softmax(f(q k^T)) v, where the softmax is written as a maximum, an
    exponential, a sum and a division of rows and f as one elementwise op, and
    writes it as `sparsity.attention`. Transposes of query, key, value and
    result become maps, a query or key times a constant a factor of the sums.
    Spellings in which rows of -infinity give 0 (torch's, torch-mlir's) are
    known. For f32 and f64, and a static width of query and value; a softmax
    that stays is a missed remark.

    ```mlir
    #row = affine_map<(i, j) -> (i)>
    #all = affine_map<(i, j) -> (i, j)>
    func.func @f(%q: tensor<5x4xf32>, %k: tensor<7x4xf32>, %v: tensor<7x8xf32>)
        -> tensor<5x8xf32> {
      %low = arith.constant 0xFF800000 : f32
      %zero = arith.constant 0.0 : f32
      %e = tensor.empty() : tensor<5x7xf32>
      %r = tensor.empty() : tensor<5xf32>
      %o = tensor.empty() : tensor<5x8xf32>
      %s = sparsity.matmul ins(%q, %k : tensor<5x4xf32>, tensor<7x4xf32>)
          outs(%e : tensor<5x7xf32>) transpose_rhs -> tensor<5x7xf32>
      %l = linalg.fill ins(%low : f32) outs(%r : tensor<5xf32>) -> tensor<5xf32>
      %m = linalg.generic {indexing_maps = [#all, #row],
          iterator_types = ["parallel", "reduction"]}
          ins(%s : tensor<5x7xf32>) outs(%l : tensor<5xf32>) {
      ^bb0(%a: f32, %b: f32):
        %c = arith.maximumf %a, %b : f32
        linalg.yield %c : f32
      } -> tensor<5xf32>
      %p = linalg.generic {indexing_maps = [#all, #row, #all],
          iterator_types = ["parallel", "parallel"]}
          ins(%s, %m : tensor<5x7xf32>, tensor<5xf32>)
          outs(%e : tensor<5x7xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %d = arith.subf %a, %b : f32
        %x = math.exp %d : f32
        linalg.yield %x : f32
      } -> tensor<5x7xf32>
      %z = linalg.fill ins(%zero : f32) outs(%r : tensor<5xf32>)
          -> tensor<5xf32>
      %t = linalg.generic {indexing_maps = [#all, #row],
          iterator_types = ["parallel", "reduction"]}
          ins(%p : tensor<5x7xf32>) outs(%z : tensor<5xf32>) {
      ^bb0(%a: f32, %b: f32):
        %c = arith.addf %a, %b : f32
        linalg.yield %c : f32
      } -> tensor<5xf32>
      %w = linalg.generic {indexing_maps = [#all, #row, #all],
          iterator_types = ["parallel", "parallel"]}
          ins(%p, %t : tensor<5x7xf32>, tensor<5xf32>)
          outs(%e : tensor<5x7xf32>) {
      ^bb0(%a: f32, %b: f32, %c: f32):
        %d = arith.divf %a, %b : f32
        linalg.yield %d : f32
      } -> tensor<5x7xf32>
      %y = sparsity.matmul ins(%w, %v : tensor<5x7xf32>, tensor<7x8xf32>)
          outs(%o : tensor<5x8xf32>) -> tensor<5x8xf32>
      return %y : tensor<5x8xf32>
    }
    ```
    becomes one `sparsity.attention` whose region yields its first argument.
  }];
  let dependentDialects = ["::mlir::sparsity::SparsityDialect"];
  let statistics = [
    Statistic<"numRaised", "num-raised", "Attentions that became one op">];
}

#endif // SPARSE_OPT_TRANSFORMS_ATTENTION_PASSES
