//===- Weights.h - The values behind the resources of a program -----------===//
//
// Programs come as text with named resources in place of weights. Here the
// resources get their bytes, borrowed from whoever has them.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PIPELINES_WEIGHTS_H
#define SPARSE_OPT_PIPELINES_WEIGHTS_H

#include "sparse-opt/Checkpoint/Checkpoint.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Support/LLVM.h"

#include <map>
#include <string>

namespace mlir::sparsity {

/// Names are those of the resources; the memory must outlive the module.
using WeightMap = std::map<std::string, checkpoint::TensorView, std::less<>>;

/// Gives every resource without bytes those of the weight of its name. Element
/// type and shape must agree. A weight that is missing is an error on the
/// operation that uses it; weights that no resource asks for are ignored.
/// Memory that is not aligned for its elements is copied.
LogicalResult attachWeights(ModuleOp module, const WeightMap &weights);

/// All tensors of a checkpoint.
WeightMap weightsOf(const checkpoint::Checkpoint &checkpoint);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_PIPELINES_WEIGHTS_H
