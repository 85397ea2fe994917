//===- MatmulToLinalg.h - The pieces of a product in linalg ---------------===//
//
// fill, contract, add the bias, round once: what `sparsity.matmul` means, for
// conversions that keep some of these pieces in linalg.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_MATMULTOLINALG_H
#define SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_MATMULTOLINALG_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// The element type that the products of `op` are summed in.
Type getSumType(MatmulOp op);

/// Maps of lhs, rhs and sum over the loops (batch.., i, j, k), for a packed
/// operand that arrives as a tensor.
SmallVector<AffineMap> getProductMaps(MatmulOp op);

/// The tensor `init` filled with zeros.
Value createZeros(OpBuilder &builder, Location loc, Value init);

/// The sum of products, added to `zeros`.
Value createContraction(OpBuilder &builder, MatmulOp op, Value lhs, Value rhs,
                        Value zeros);

/// True when `op` has a bias or an epilogue, or rounds its sum.
bool needsEpilogue(MatmulOp op);

/// The sum plus the bias (may be null), rounded, and what the epilogue makes of
/// it with its operands `more`.
Value createEpilogue(OpBuilder &builder, MatmulOp op, Value sum, Value bias,
                     ValueRange more, Value init);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_CONVERSION_SPARSITYTOLINALG_MATMULTOLINALG_H
