//===- Passes.h - The Schedule family -------------------------------------===//
//
// Declares and registers the passes of Passes.td.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES_H
#define SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES_H

#include "mlir/Pass/Pass.h"

namespace mlir::func {
class FuncOp;
} // namespace mlir::func
namespace mlir::LLVM {
class LLVMFuncOp;
} // namespace mlir::LLVM

namespace mlir::sparsity {

#define GEN_PASS_DECL
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TRANSFORMS_SCHEDULE_PASSES_H
