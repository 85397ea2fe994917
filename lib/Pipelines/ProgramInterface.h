//===- ProgramInterface.h - What a program takes and gives ----------------===//
//
// Reads the boundary of a program off its IR: inputs, results and parameter
// buffers, before lowering makes them pointers; and emits the entry points that
// a runtime calls.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_PROGRAMINTERFACE_H
#define SPARSE_OPT_LIB_PIPELINES_PROGRAMINTERFACE_H

#include "sparse-opt/Pipelines/Compile.h"

namespace mlir::sparsity {

/// Fills functions and parameters of `program` from a module whose parameters
/// were exposed as arguments (on tensors or memrefs).
LogicalResult describeProgram(ModuleOp module, CompiledProgram &program);

/// Adds `void <symbol>(void **args)` for each function, to a module in the LLVM
/// dialect with C wrappers.
LogicalResult addEntryPoints(ModuleOp module, ArrayRef<FunctionInfo> functions,
                             StringRef suffix);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_PROGRAMINTERFACE_H
