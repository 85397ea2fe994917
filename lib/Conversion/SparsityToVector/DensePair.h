//===- DensePair.h - Products of two dense operands -----------------------===//
//
// The function that products without a packed operand call.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_DENSEPAIR_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_DENSEPAIR_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sparsity {

/// Fills the body of `function`, whose arguments are lhs (batch.., i, k), rhs
/// (batch.., k, j), the bias when `hasBias`, and y (batch.., i, j). Extents are
/// taken from the arguments.
void emitDensePairFunction(func::FuncOp function, const Product &product,
                           bool hasBias, bool isParallel);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_DENSEPAIR_H
