//===- SparsityPatterns.td - Facts about zeros --------------*- tablegen -*-===//
//
// Pattern attributes and the request that asks for one. How the values are
// stored is not here (SparsityFormats.td).
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_PATTERNS
#define SPARSE_OPT_DIALECT_SPARSITY_IR_PATTERNS

include "mlir/IR/AttrTypeBase.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityBase.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityInterfaces.td"

class Sparsity_Pattern<string name, string mnemonic_>
    : AttrDef<Sparsity_Dialect, name,
              [DeclareAttrInterfaceMethods<Sparsity_PatternAttrInterface>]> {
  let mnemonic = mnemonic_;
  let genVerifyDecl = 1;
}

def Sparsity_NMAttr : Sparsity_Pattern<"NM", "nm"> {
  let summary = "at most n nonzeros in each group of m along an axis";
  let description = [{
    Groups start at index 0 of the axis; the last one may be short. n counts
    NONZEROS (SparseGPT's and Wanda's `prunen` counts zeros). Axis 1 runs along
    the columns of a matrix (the inputs of a `Linear` weight), axis 0 along the
    rows.

    ```mlir
    sparsity.parameter @a : tensor<8x8xf32> {pattern = #sparsity.nm<2:4>}
    sparsity.parameter @b : tensor<8x8xf32>
        {pattern = #sparsity.nm<1:8, axis = 0>}
    ```
  }];
  let parameters = (ins "int64_t":$n, "int64_t":$m,
                        DefaultValuedParameter<"int64_t", "1">:$axis);
  let hasCustomAssemblyFormat = 1;
}

def Sparsity_BlockAttr : Sparsity_Pattern<"Block", "block"> {
  let summary = "zeros come in whole blocks";
  let description = [{
    Blocks tile the matrix from its origin; blocks at the far edges may be
    ragged. `zeros`, when given, is the fraction of blocks that are zero.

    ```mlir
    sparsity.parameter @a : tensor<100x64xf32>
        {pattern = #sparsity.block<[16, 16]>}
    sparsity.parameter @b : tensor<100x64xf32>
        {pattern = #sparsity.block<[4, 1], zeros = 0.75>}
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols,
                        OptionalParameter<"::mlir::FloatAttr">:$zeros);
  let hasCustomAssemblyFormat = 1;
}

def Sparsity_UnstructuredAttr
    : Sparsity_Pattern<"Unstructured", "unstructured"> {
  let summary = "any element may be zero";
  let description = [{
    `zeros`, when given, is the fraction of elements that are zero.

    ```mlir
    sparsity.parameter @a : tensor<8x8xf32>
        {pattern = #sparsity.unstructured}
    func.func private @f(tensor<8x8xf32>
        {sparsity.pattern = #sparsity.unstructured<0.8>})
    ```
  }];
  let parameters = (ins OptionalParameter<"::mlir::FloatAttr">:$zeros);
  let hasCustomAssemblyFormat = 1;
}

def Sparsity_RequestAttr : AttrDef<Sparsity_Dialect, "Request"> {
  let mnemonic = "request";
  let summary = "a wish: give this parameter that pattern";
  let description = [{
    Written by `--sparsity-annotate`, carried out and removed by
    `--sparsity-apply-pruning`. Either `importance` names how elements are
    scored, and `target_sparsity` is the wanted fraction of zeros (patterns that
    imply it ignore it), or `mask` names the file that says which elements stay.

    ```mlir
    sparsity.parameter @a : tensor<64x64xf32> {request =
        #sparsity.request<#sparsity.nm<2:4>, importance = "magnitude">}
    sparsity.parameter @b : tensor<64x64xf32> {request =
        #sparsity.request<#sparsity.block<[16, 16]>, importance = "magnitude",
                          target_sparsity = 0.75>}
    sparsity.parameter @c : tensor<64x64xf32> {request =
        #sparsity.request<#sparsity.nm<2:4>, mask = "masks.safetensors">}
    ```
  }];
  let parameters = (ins "::mlir::sparsity::PatternAttrInterface":$pattern,
                        OptionalParameter<"::mlir::StringAttr">:$importance,
                        OptionalParameter<"::mlir::FloatAttr">:$target_sparsity,
                        OptionalParameter<"::mlir::StringAttr">:$mask);
  let assemblyFormat = [{
    `<` $pattern `,` struct($importance, $target_sparsity, $mask) `>`
  }];
  let genVerifyDecl = 1;
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_PATTERNS
