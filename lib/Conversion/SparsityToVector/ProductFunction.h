//===- ProductFunction.h - The function around a kernel -------------------===//
//
// Makes the private functions that products with a packed operand call.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTFUNCTION_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTFUNCTION_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sparsity {

/// Fills the body of `function`, whose arguments are x (tokens x inputs), the
/// storage buffers, the bias when `hasBias`, the first output `at` when
/// `hasStart`, and y (tokens x outputs).
void emitProductFunction(func::FuncOp function, const Product &product,
                         FormatLoweringInterface lowering, bool hasBias,
                         bool hasStart, bool isParallel);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTFUNCTION_H
