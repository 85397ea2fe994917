//===- WeightUses.h - Which products use a parameter ----------------------===//
//
// Follows a parameter through views, casts and broadcasts to matmuls and
// convolutions. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_PRUNE_WEIGHTUSES_H
#define SPARSE_OPT_LIB_TRANSFORMS_PRUNE_WEIGHTUSES_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

struct WeightUses {
  /// True when a matmul or convolution takes the parameter.
  bool hasProduct = false;
  /// The axis of the parameter's matrix (rank 2, or dimension 0 by all others)
  /// along which its products sum: nothing when they disagree or it is not one
  /// axis.
  std::optional<int64_t> summedAxis;
};

/// The uses of a parameter that is loaded by `loads`.
WeightUses findWeightUses(ArrayRef<LoadOp> loads);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_PRUNE_WEIGHTUSES_H
