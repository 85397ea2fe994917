//===- ProductFunction.h - The function around a kernel -------------------===//
//
// Makes the private functions that products with a packed operand call.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTFUNCTION_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTFUNCTION_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sparsity {

/// A product on memrefs and what is known of it.
struct DescribedProduct {
  MatmulOp op;
  Product product;
};

/// Fills the body of `function`, which computes `products` of the same x whose
/// weights have the same format. Its arguments are x (tokens x inputs), for
/// each product the storage buffers and the bias if it has one, the first
/// output `at` if there is one, the operands of the epilogue if that is fused,
/// and for each product y (tokens x outputs). Only a single product may have
/// `at` or an epilogue.
void emitProductFunction(func::FuncOp function,
                         ArrayRef<DescribedProduct> products, bool isParallel);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTFUNCTION_H
