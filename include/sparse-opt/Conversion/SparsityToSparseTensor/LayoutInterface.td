//===- LayoutInterface.td - Formats upstream has -*- tablegen -*-=//
//
// What a storage format implements so that `--convert-sparsity-to-sparse-tensor`
// can hand its matrices to upstream's sparsifier.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_SPARSITYTOSPARSETENSOR_LAYOUTINTERFACE
#define SPARSE_OPT_CONVERSION_SPARSITYTOSPARSETENSOR_LAYOUTINTERFACE

include "mlir/IR/OpBase.td"

def SparseTensorLayoutInterface : AttrInterface<"SparseTensorLayoutInterface"> {
  let cppNamespace = "::mlir::sparsity";
  let description = [{
    Implemented by an external model per format attribute. Upstream checks
    nothing of what it is handed (indices, counts, divisible shapes), so a model
    writes exactly what upstream's loops assume.
  }];
  let methods = [
    InterfaceMethod<[{
        The matrix in upstream's terms, padded to what upstream needs. `layout`
        chooses among the layouts of formats that allow a choice.
      }],
      "::mlir::sparsity::SparseTensorStorage", "getSparseTensorStorage",
      (ins "const ::mlir::sparsity::format::MatrixView &":$matrix,
           "::mlir::Type":$elementType,
           "::mlir::sparsity::SparseTensorLayout":$layout)>,
  ];
}

#endif // SPARSE_OPT_CONVERSION_SPARSITYTOSPARSETENSOR_LAYOUTINTERFACE
