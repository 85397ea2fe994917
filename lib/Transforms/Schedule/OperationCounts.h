//===- OperationCounts.h - What an operation computes and moves -*- C++ -*-===//
//
// Arithmetic and memory traffic of loop nests and kernel calls, as values that
// the program computes from its extents.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_OPERATIONCOUNTS_H
#define SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_OPERATIONCOUNTS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"

namespace mlir::sparsity {

/// Numbers of type i64; 0 where nothing is known.
struct OperationCounts {
  /// Floating-point operations; a multiply-add is two.
  Value flops;
  /// Bytes that must be read or written at least: every element once that the
  /// operation touches, where it lies outside of it.
  Value bytes;
};

/// Counts of a loop nest or copy.
OperationCounts countLoops(OpBuilder &builder, Operation *op);

/// Counts of a kernel that multiplies every row of its last argument with the
/// elements of packed weights, or, without them, two dense operands. Of each
/// weight come the buffers that may have its elements: the largest has them.
OperationCounts countProduct(OpBuilder &builder, func::CallOp call,
                             ArrayRef<SmallVector<Value>> weights);

/// Counts of a kernel for attention with these maps of its operands.
OperationCounts countAttention(OpBuilder &builder, func::CallOp call,
                               ArrayAttr maps);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_OPERATIONCOUNTS_H
