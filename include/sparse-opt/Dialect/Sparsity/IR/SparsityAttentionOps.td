//===- SparsityAttentionOps.td - Fused attention -----------*- tablegen -*-===//
//
// `sparsity.attention` and the terminator of its region.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_ATTENTIONOPS
#define SPARSE_OPT_DIALECT_SPARSITY_IR_ATTENTIONOPS

include "sparse-opt/Dialect/Sparsity/IR/SparsityMatmulOps.td"

def Sparsity_AttentionOp : Sparsity_Op<"attention",
    [DestinationStyleOpInterface, IsolatedFromAbove, SingleBlock,
     DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
       ["reifyResultShapes"]>,
     DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "products of scores and values without the scores in memory";
  let description = [{
    Overwrites its destination:

        score[b.., i, j] = f(sum_d query[b.., i, d] * key[b.., j, d], more...)
        out[b.., i, e] = sum_j softmax_j(score[b.., i, j]) * value[b.., j, e]

    f is the region; its arguments are the sum and one element of each operand
    of `scores`, and it has elementwise ops only. The maps say how the operands
    (in order: query, key, value, those of `scores`, the destination) lie along
    the dimensions (b.., i, j, d, e). A row whose scores are all -infinity gives
    0 with `zero_rows`, else NaN; one of which is NaN or +infinity gives NaN.

    The softmax is computed block by block of keys with a running maximum (Dao
    et al., "FlashAttention", NeurIPS 2022; Milakov and Gimelshein, "Online
    normalizer calculation for softmax", 2018).

    ```mlir
    #q = affine_map<(b, i, j, d, e) -> (b, i, d)>
    #k = affine_map<(b, i, j, d, e) -> (b, j, d)>
    #v = affine_map<(b, i, j, d, e) -> (b, j, e)>
    #m = affine_map<(b, i, j, d, e) -> (i, j)>
    #o = affine_map<(b, i, j, d, e) -> (b, i, e)>
    func.func @f(%q: tensor<2x?x4xf32>, %k: tensor<2x?x4xf32>,
                 %v: tensor<2x?x8xf32>, %m: tensor<?x?xf32>,
                 %o: tensor<2x?x8xf32>) -> tensor<2x?x8xf32> {
      %y = sparsity.attention
          ins(%q, %k, %v : tensor<2x?x4xf32>, tensor<2x?x4xf32>,
              tensor<2x?x8xf32>)
          scores(%m : tensor<?x?xf32>) outs(%o : tensor<2x?x8xf32>)
          maps [#q, #k, #v, #m, #o] {
      ^bb0(%sum: f32, %mask: f32):
        %score = arith.addf %sum, %mask : f32
        sparsity.yield %score : f32
      } -> tensor<2x?x8xf32>
      return %y : tensor<2x?x8xf32>
    }
    ```
  }];
  let arguments = (ins
    Sparsity_MatmulDense:$query, Sparsity_MatmulDense:$key,
    Sparsity_MatmulDense:$value, Variadic<Sparsity_MatmulDense>:$scores,
    Sparsity_MatmulDense:$init, AffineMapArrayAttr:$indexing_maps,
    UnitAttr:$zero_rows);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    `ins` `(` $query `,` $key `,` $value `:` type($query) `,` type($key) `,`
    type($value) `)` (`scores` `(` $scores^ `:` type($scores) `)`)?
    `outs` `(` $init `:` type($init) `)` `maps` $indexing_maps
    (`zero_rows` $zero_rows^)? attr-dict-with-keyword $body (`->` type($result)^)?
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
    /// How `operand` lies along the dimensions.
    ::mlir::AffineMap getIndexingMap(::mlir::OpOperand &operand);
    /// Dimensions before i, j, d and e.
    int64_t getNumBatchDims();
  }];
}

def Sparsity_YieldOp : Sparsity_Op<"yield",
    [Pure, Terminator, ParentOneOf<["AttentionOp", "MatmulOp"]>]> {
  let summary = "the score of a query and a key, or the element of a product";
  let description = [{
    ```mlir
    func.func @f(%q: tensor<3x4xf32>, %k: tensor<5x4xf32>, %v: tensor<5x8xf32>,
                 %o: tensor<3x8xf32>) -> tensor<3x8xf32> {
      %y = sparsity.attention
          ins(%q, %k, %v : tensor<3x4xf32>, tensor<5x4xf32>, tensor<5x8xf32>)
          outs(%o : tensor<3x8xf32>)
          maps [affine_map<(i, j, d, e) -> (i, d)>,
                affine_map<(i, j, d, e) -> (j, d)>,
                affine_map<(i, j, d, e) -> (j, e)>,
                affine_map<(i, j, d, e) -> (i, e)>] {
      ^bb0(%sum: f32):
        sparsity.yield %sum : f32
      } -> tensor<3x8xf32>
      return %y : tensor<3x8xf32>
    }
    ```
  }];
  let arguments = (ins AnyTypeOf<[AnyFloat, AnySignlessInteger]>:$element);
  let assemblyFormat = "$element `:` type($element) attr-dict";
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_ATTENTIONOPS
