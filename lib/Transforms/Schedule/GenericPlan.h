//===- GenericPlan.h - How one linalg.generic becomes vector loops --------===//
//
// The decision, without code generation: which dimension is the vector loop,
// how each operand is read along it, and which values of the body are vectors.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_GENERICPLAN_H
#define SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_GENERICPLAN_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::sparsity {

/// How a body value varies along the vector dimension.
enum class Variation { Uniform, Vector };

struct GenericPlan {
  /// The dimension that becomes the vector loop.
  unsigned vectorDim;
  bool vectorDimIsReduction;
  /// For a reduction: the op that combines into the result, and its kind.
  Operation *combiner = nullptr;
  vector::CombiningKind kind = vector::CombiningKind::ADD;
  /// Body values (arguments and results) that are vectors; others are scalars.
  llvm::DenseSet<Value> vectors;
};

/// A plan for `op` (on memrefs), or nothing and a reason when it has no vector
/// form.
std::optional<GenericPlan> planGeneric(linalg::GenericOp op,
                                       std::string &reason);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_GENERICPLAN_H
