//===- ProductView.h - A product as tokens times packed outputs -----------===//
//
// Turns the operands of a `sparsity.matmul` with one packed operand, whatever
// its side, transpositions and batch dimensions, into plain matrices.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTVIEW_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTVIEW_H

#include "sparse-opt/Conversion/SparsityToVector/Emitter.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// Calls `body(x, y)` with x as tokens x inputs and y as tokens x outputs, as
/// often as batch dimensions demand: once where they are contiguous, else
/// inside loops.
void forEachMatrix(Emitter &e, MatmulOp op,
                   function_ref<void(Value x, Value y)> body);

/// Element [indices.., :, :] of a batch, as a matrix.
Value sliceMatrix(Emitter &e, Value memref, ValueRange indices);

/// The operands of a product of two dense matrices with transpositions
/// resolved: lhs as batch.., i, k and rhs as batch.., k, j.
std::pair<Value, Value> getDensePair(Emitter &e, MatmulOp op);

/// The type that views of a kind are cast to, so that they share functions:
/// dynamic extents except a last one of `last` (if not negative), and strides
/// that are 1 or dynamic.
MemRefType getCommonType(Value memref, int64_t last);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_PRODUCTVIEW_H
