//===- SparsityPackOps.td - Making and opening packed values -*- tablegen -*-=//
//
// `sparsity.pack`, `sparsity.unpack` and `sparsity.assemble`.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_PACKOPS
#define SPARSE_OPT_DIALECT_SPARSITY_IR_PACKOPS

include "sparse-opt/Dialect/Sparsity/IR/SparsityParameterOps.td"

def Sparsity_PackOp : Sparsity_Op<"pack", [Pure]> {
  let summary = "stores a matrix in a format";
  let description = [{
    An element that the format cannot hold is an error, at compile time for
    parameters (`--sparsity-pack-weights`, naming row and column). With
    `transposed` the source is cols x rows.

    ```mlir
    !packed = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
    func.func @pack(%w: tensor<8x4xf32>, %t: tensor<4x8xf32>)
        -> (!packed, !packed) {
      %p = sparsity.pack %w : tensor<8x4xf32> -> !packed
      %q = sparsity.pack %t transposed : tensor<4x8xf32> -> !packed
      return %p, %q : !packed, !packed
    }
    ```
  }];
  let arguments = (ins 2DTensorOf<[AnyType]>:$source, UnitAttr:$transposed);
  let results = (outs Sparsity_PackedType:$result);
  let assemblyFormat = [{
    $source (`transposed` $transposed^)? `:` type($source) `->` type($result)
    attr-dict
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Sparsity_UnpackOp : Sparsity_Op<"unpack", [Pure]> {
  let summary = "the dense matrix of a packed value";
  let description = [{
    What is not stored becomes +0.0.

    ```mlir
    !packed = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
    func.func @unpack(%p: !packed) -> tensor<8x4xf32> {
      %w = sparsity.unpack %p : !packed -> tensor<8x4xf32>
      return %w : tensor<8x4xf32>
    }
    ```
  }];
  let arguments = (ins Sparsity_PackedType:$source);
  let results = (outs 2DTensorOf<[AnyType]>:$result);
  let assemblyFormat = "$source `:` type($source) `->` type($result) attr-dict";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Sparsity_AssembleOp : Sparsity_Op<"assemble", [Pure]> {
  let summary = "a packed value from its storage buffers";
  let description = [{
    The buffers come in the format's ABI order. Their content must be valid,
    and nothing checks it here: the pipelines make this op from parameters,
    whose buffers the runtime checks, and refuse it in programs of users.

    ```mlir
    !packed = !sparsity.packed<8x4xf32, #sparsity.nm_format<2:4>>
    func.func @assemble(%values: tensor<32xf32>, %codes: tensor<2xi32>)
        -> !packed {
      %p = sparsity.assemble %values, %codes : tensor<32xf32>, tensor<2xi32>
          -> !packed
      return %p : !packed
    }
    ```
  }];
  let arguments = (ins
    Variadic<AnyTypeOf<[1DTensorOf<[AnyType]>, AnyStridedMemRefOfRank<1>]>>:$buffers);
  let results = (outs Sparsity_PackedType:$result);
  let assemblyFormat = [{
    $buffers `:` type($buffers) `->` type($result) attr-dict
  }];
  let hasVerifier = 1;
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_PACKOPS
