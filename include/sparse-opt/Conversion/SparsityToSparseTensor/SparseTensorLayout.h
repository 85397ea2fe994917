//===- SparseTensorLayout.h - Formats that upstream has -------------------===//
//
// SparseTensorLayoutInterface and the registration of its models for our
// formats. Dense panels have none: upstream has nothing to skip there.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_SPARSITYTOSPARSETENSOR_SPARSETENSORLAYOUT_H
#define SPARSE_OPT_CONVERSION_SPARSITYTOSPARSETENSOR_SPARSETENSORLAYOUT_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// How unstructured matrices are handed over.
enum class SparseTensorLayout { CSR, CSC, COO };

/// A constant matrix as operands of `sparse_tensor.assemble`.
struct SparseTensorStorage {
  /// The matrix's type with its encoding; the shape may be padded.
  RankedTensorType type;
  /// Position and coordinate arrays in upstream's order.
  SmallVector<DenseElementsAttr> levels;
  DenseElementsAttr values;
};

/// Registers SparseTensorLayoutInterface for the format attributes.
void registerSparseTensorLayoutModels(DialectRegistry &registry);

} // namespace mlir::sparsity

#include "sparse-opt/Conversion/SparsityToSparseTensor/LayoutInterface.h.inc"

#endif // SPARSE_OPT_CONVERSION_SPARSITYTOSPARSETENSOR_SPARSETENSORLAYOUT_H
