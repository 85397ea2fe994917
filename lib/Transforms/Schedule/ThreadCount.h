//===- ThreadCount.h - The function that tells the number of threads ------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_THREADCOUNT_H
#define SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_THREADCOUNT_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sparsity {

/// The OpenMP runtime's; asked once, where a function begins.
inline constexpr llvm::StringLiteral kThreadCount = "omp_get_max_threads";

inline bool isThreadCount(Operation *op) {
  auto call = dyn_cast_or_null<func::CallOp>(op);
  return call && call.getCallee() == kThreadCount;
}

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_SCHEDULE_THREADCOUNT_H
