//===- SparsityMatmulOps.td - Products with packed operands -*- tablegen -*-===//
//
// `sparsity.matmul`.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_MATMULOPS
#define SPARSE_OPT_DIALECT_SPARSITY_IR_MATMULOPS

include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/TilingInterface.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityPackOps.td"

def Sparsity_MatmulOperand
    : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef, Sparsity_PackedType]>;
def Sparsity_MatmulDense : AnyTypeOf<[AnyRankedTensor, AnyStridedMemRef]>;

def Sparsity_MatmulOp : Sparsity_Op<"matmul",
    [AttrSizedOperandSegments, DestinationStyleOpInterface,
     DeclareOpInterfaceMethods<TilingInterface,
       ["getLoopIteratorTypes", "getIterationDomain", "getTiledImplementation",
        "getResultTilePosition", "generateResultTileValue"]>,
     DeclareOpInterfaceMethods<ReifyRankedShapedTypeOpInterface,
       ["reifyResultShapes"]>,
     DeclareOpInterfaceMethods<MemoryEffectsOpInterface>,
     IsolatedFromAbove]> {
  let summary = "matrix product, one operand of which may be packed";
  let description = [{
    Overwrites its destination (what `outs` held is never read):

        out[b.., i, j] = sum_k lhs[b.., i, k] * rhs[b.., k, j] + bias[j]

    A packed operand is a matrix of outputs by inputs, so a packed `rhs` is read
    as rhs[j, k] and a packed `lhs` as lhs[i, k]; it is shared by all leading
    (batch) dimensions of the other operand. `transpose_lhs` and
    `transpose_rhs` exchange the last two dimensions of a dense operand. With a
    packed `lhs` the bias belongs to i. Sums run over k in a fixed order that
    depends on shapes only; half-precision operands are summed in f32.

    A tiled op keeps the whole packed operand; `at` is the first of its rows
    that the tile computes.

    With an `epilogue` the destination holds what the region yields: its first
    argument is the sum (with bias, rounded to that argument's type), the others
    are elements of its operands, which the maps lay along the dimensions
    (b.., i, j). It has elementwise ops only.

    ```mlir
    #nm = #sparsity.nm_format<2:4>
    func.func @linear(%x: tensor<?x4xf32>, %w: !sparsity.packed<8x4xf32, #nm>,
                      %b: tensor<8xf32>, %e: tensor<?x8xf32>)
        -> tensor<?x8xf32> {
      %y = sparsity.matmul
               ins(%x, %w : tensor<?x4xf32>, !sparsity.packed<8x4xf32, #nm>)
               bias(%b : tensor<8xf32>) outs(%e : tensor<?x8xf32>)
               {kernel = #sparsity.kernel<#nm, tile = [5, 4]>}
               -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    func.func @residual(%x: tensor<?x4xf32>,
                        %w: !sparsity.packed<8x4xf32, #nm>,
                        %r: tensor<?x8xf32>, %e: tensor<?x8xf32>)
        -> tensor<?x8xf32> {
      %y = sparsity.matmul
               ins(%x, %w : tensor<?x4xf32>, !sparsity.packed<8x4xf32, #nm>)
               outs(%e : tensor<?x8xf32>)
               epilogue(%r : tensor<?x8xf32>)
               maps [affine_map<(i, j) -> (i, j)>] {
      ^bb0(%sum: f32, %old: f32):
        %new = arith.addf %sum, %old : f32
        sparsity.yield %new : f32
      } -> tensor<?x8xf32>
      return %y : tensor<?x8xf32>
    }
    ```
  }];
  let arguments = (ins
    Sparsity_MatmulOperand:$lhs, Sparsity_MatmulOperand:$rhs,
    Optional<Sparsity_MatmulDense>:$bias,
    Optional<Index>:$at,
    Variadic<Sparsity_MatmulDense>:$epilogue_operands,
    Sparsity_MatmulDense:$init,
    UnitAttr:$transpose_lhs, UnitAttr:$transpose_rhs,
    OptionalAttr<Sparsity_KernelAttr>:$kernel,
    DefaultValuedOptionalAttr<AffineMapArrayAttr, "{}">:$epilogue_maps);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region VariadicRegion<SizedRegion<1>>:$epilogues);
  let assemblyFormat = [{
    `ins` `(` $lhs `,` $rhs `:` type($lhs) `,` type($rhs) `)`
    (`bias` `(` $bias^ `:` type($bias) `)`)?
    (`at` `(` $at^ `)`)?
    `outs` `(` $init `:` type($init) `)`
    (`transpose_lhs` $transpose_lhs^)? (`transpose_rhs` $transpose_rhs^)?
    attr-dict
    (`epilogue` (`(` $epilogue_operands^ `:` type($epilogue_operands) `)`)?
      (`maps` $epilogue_maps^)? $epilogues^)?
    (`->` type($result)^)?
  }];
  let hasVerifier = 1;
  let builders = [
    // Without an epilogue.
    OpBuilder<(ins "::mlir::TypeRange":$results, "::mlir::Value":$lhs,
                   "::mlir::Value":$rhs, "::mlir::Value":$bias,
                   "::mlir::Value":$at, "::mlir::Value":$init,
                   "bool":$transposeLhs, "bool":$transposeRhs,
                   "::mlir::sparsity::KernelAttr":$kernel)>];
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() {
      return getInitMutable();
    }
    /// The packed operand's type, or null when both operands are dense.
    ::mlir::sparsity::PackedType getPackedType();
    /// True when the packed operand is the left one.
    bool isLhsPacked();
    /// Rank of the destination: 2 plus batch dimensions.
    int64_t getRank();
    bool hasEpilogue() { return getOperation()->getNumRegions() > 0; }
    /// The only block of the epilogue.
    ::mlir::Block &getEpilogue() {
      return getOperation()->getRegion(0).front();
    }
    /// The element type that sums with bias are rounded to: the destination's,
    /// or that of the epilogue's first argument.
    ::mlir::Type getProductType();
    /// How `operand` (not `at`) is indexed by the dimensions of the destination
    /// and, after them, the sum's.
    ::mlir::AffineMap getIndexingMap(::mlir::OpOperand &operand);
  }];
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_MATMULOPS
