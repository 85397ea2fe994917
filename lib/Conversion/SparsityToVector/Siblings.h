//===- Siblings.h - Products of the same x --------------------------------===//
//
// Which products may become one: the queries, keys and values of attention, the
// gate and the values of a gated layer.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_SIBLINGS_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_SIBLINGS_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// Cuts bufferized products, in the order of the program, into groups. All of a
/// group may be computed where the last of them is, in any order: they have one
/// x (tokens x inputs), weights of one format and a result of their own each;
/// outputs may be more or fewer, as with grouped queries, and biases missing.
SmallVector<SmallVector<MatmulOp>> groupSiblings(ArrayRef<MatmulOp> products);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_SIBLINGS_H
