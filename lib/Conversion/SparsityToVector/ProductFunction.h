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

/// Fills the body of `function`, which computes `count` products that agree
/// with `op` in all but the values of weights, bias and result. Its arguments
/// are x (tokens x inputs), for each product the storage buffers and the bias
/// if `op` has one, the first output `at` if `op` has one, the operands of its
/// epilogue if that is fused, and for each product y (tokens x outputs). Only a
/// single product may have `at` or an epilogue.
void emitProductFunction(func::FuncOp function, const Product &product,
                         FormatLoweringInterface lowering, MatmulOp op,
                         size_t count, bool isParallel);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTFUNCTION_H
