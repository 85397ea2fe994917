//===- EmitObject.h - LLVM dialect to machine code ------------------------===//
//
// Translation, optimisation and code generation for a target.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_EMITOBJECT_H
#define SPARSE_OPT_LIB_PIPELINES_EMITOBJECT_H

#include "sparse-opt/Target/TargetDescription.h"

namespace mlir::sparsity {

/// The bytes of a relocatable object, position independent. Errors are
/// diagnostics on the module.
FailureOr<std::string> emitObject(ModuleOp module,
                                  const TargetDescription &target);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_EMITOBJECT_H
