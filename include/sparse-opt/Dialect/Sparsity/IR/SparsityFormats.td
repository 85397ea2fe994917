//===- SparsityFormats.td - Storage formats and packed types -*- tablegen -*-=//
//
// Format attributes, the packed type and the kernel decision. The bytes are
// drawn in include/sparse-opt/Format, one header per format.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_DIALECT_SPARSITY_IR_FORMATS
#define SPARSE_OPT_DIALECT_SPARSITY_IR_FORMATS

include "mlir/IR/AttrTypeBase.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityBase.td"
include "sparse-opt/Dialect/Sparsity/IR/SparsityInterfaces.td"

class Sparsity_Format<string name, string mnemonic_>
    : AttrDef<Sparsity_Dialect, name,
              [DeclareAttrInterfaceMethods<Sparsity_FormatAttrInterface>]> {
  let mnemonic = mnemonic_;
}

def Sparsity_DenseFormatAttr
    : Sparsity_Format<"DenseFormat", "dense_format"> {
  let summary = "everything stored, in panels of rows";
  let description = [{
    The format with nothing left out. `panel` rows (outputs) lie side by side
    for each column, so that one vector load fetches neighbouring outputs.

    ```mlir
    sparsity.parameter @w : !sparsity.packed<100x7xf32,
        #sparsity.dense_format<panel = 64>>
    ```
  }];
  let parameters = (ins "int64_t":$panel);
  let assemblyFormat = "`<` `panel` `=` $panel `>`";
  let genVerifyDecl = 1;
}

def Sparsity_NMFormatAttr : Sparsity_Format<"NMFormat", "nm_format"> {
  let summary = "n values and positions per group of m columns";
  let description = [{
    Panels of 16 rows; per group of m columns n slots of 16 values and 16
    positions. Any 1 <= n <= m <= 16.

    ```mlir
    sparsity.parameter @w : !sparsity.packed<100x7xf32,
        #sparsity.nm_format<2:4>>
    ```
  }];
  let parameters = (ins "int64_t":$n, "int64_t":$m);
  let assemblyFormat = "`<` $n `` `:` `` $m `>`";
  let genVerifyDecl = 1;
}

def Sparsity_BSRFormatAttr : Sparsity_Format<"BSRFormat", "bsr_format"> {
  let summary = "compressed rows of dense blocks";
  let description = [{
    Any block shape; edges are padded with zeros inside the block.

    ```mlir
    sparsity.parameter @w : !sparsity.packed<100x7xf32,
        #sparsity.bsr_format<[16, 16]>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols);
  let assemblyFormat = "`<` `[` $rows `,` $cols `]` `>`";
  let genVerifyDecl = 1;
}

def Sparsity_StreamFormatAttr
    : Sparsity_Format<"StreamFormat", "stream_format"> {
  let summary = "a stream of (value, column) pairs per row";
  let description = [{
    Compressed rows with 16-bit columns where they fit; for unstructured zeros.

    ```mlir
    sparsity.parameter @w : !sparsity.packed<100x7xf32,
        #sparsity.stream_format>
    ```
  }];
}

def Sparsity_KernelAttr : AttrDef<Sparsity_Dialect, "Kernel"> {
  let mnemonic = "kernel";
  let summary = "the decision for one product: format and register tile";
  let description = [{
    Recorded by `--sparsity-select-formats` on `sparsity.matmul`, obeyed by the
    lowerings. `tile` is [rows of the dense operand, vectors of outputs] that
    one micro-kernel call keeps in registers where rows are few.

    ```mlir
    #decision = #sparsity.kernel<#sparsity.nm_format<2:4>, tile = [5, 4]>
    ```
  }];
  let parameters = (ins "::mlir::sparsity::FormatAttrInterface":$format,
                        "int64_t":$tile_rows, "int64_t":$tile_vectors);
  let assemblyFormat = [{
    `<` $format `,` `tile` `=` `[` $tile_rows `,` $tile_vectors `]` `>`
  }];
  let genVerifyDecl = 1;
}

def Sparsity_PackedType : TypeDef<Sparsity_Dialect, "Packed"> {
  let mnemonic = "packed";
  let summary = "a matrix in a storage format, as one value";
  let description = [{
    Rows are the outputs of a product and columns the inputs of its sum, as in
    the weight of a torch `Linear`. Not a tensor: only `sparsity` ops take it,
    and its storage buffers appear when `sparsity.assemble` is opened.

    ```mlir
    !weight = !sparsity.packed<1536x384xf32, #sparsity.nm_format<2:4>>
    sparsity.parameter @fc1.weight : !weight
    ```
  }];
  let parameters = (ins "int64_t":$rows, "int64_t":$cols,
                        "::mlir::Type":$elementType,
                        "::mlir::sparsity::FormatAttrInterface":$format);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Types of the storage buffers in ABI order, as 1-D tensors; dynamic where
    /// the count depends on the stored values.
    ::llvm::SmallVector<::mlir::RankedTensorType> getStorageTypes() const;
    /// The packed matrix as a tensor type, rows x cols.
    ::mlir::RankedTensorType getDenseType() const;
  }];
}

#endif // SPARSE_OPT_DIALECT_SPARSITY_IR_FORMATS
