//===- VerifyProgram.h - What can be compiled ------------------*- C++ -*-===//
//
// Errors on the user's ops, before passes meet what they cannot handle.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_VERIFYPROGRAM_H
#define SPARSE_OPT_LIB_PIPELINES_VERIFYPROGRAM_H

#include "mlir/IR/BuiltinOps.h"

namespace mlir::sparsity {

/// Fails on the first tensor that no memory holds: more than 2^46 bytes, or a
/// constant of more than kMostEqual equal elements.
LogicalResult verifySizes(ModuleOp module);

/// Fails on the first op that has no way to LLVM, and on functions without a
/// body.
LogicalResult verifyOps(ModuleOp module);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_VERIFYPROGRAM_H
