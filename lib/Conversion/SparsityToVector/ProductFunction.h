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

/// Fills the body of `function`, whose arguments are x (tokens x inputs), the
/// storage buffers, the bias if `op` has one, its first output `at` if it has
/// one, the operands of its epilogue if that is fused, and y (tokens x
/// outputs).
void emitProductFunction(func::FuncOp function, const Product &product,
                         FormatLoweringInterface lowering, MatmulOp op,
                         bool isParallel);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTFUNCTION_H
