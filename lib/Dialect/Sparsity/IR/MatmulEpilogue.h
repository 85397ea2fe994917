//===- MatmulEpilogue.h - What follows a product in place -------*- C++ -*-===//
//
// The verifier of the epilogue of `sparsity.matmul`.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_DIALECT_SPARSITY_IR_MATMULEPILOGUE_H
#define SPARSE_OPT_LIB_DIALECT_SPARSITY_IR_MATMULEPILOGUE_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// Succeeds for an op without an epilogue.
LogicalResult verifyEpilogue(MatmulOp op);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_DIALECT_SPARSITY_IR_MATMULEPILOGUE_H
