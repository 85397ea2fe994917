//===- Link.h - From a compiled program to a shared library ---------------===//
//
// Writes what a compiled program says about itself and links both. Loading the
// library is the Runtime room's work; the metadata is drawn in
// lib/Runtime/Metadata.h.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PIPELINES_LINK_H
#define SPARSE_OPT_PIPELINES_LINK_H

#include "sparse-opt/Pipelines/Compile.h"

#include "llvm/Support/Error.h"

namespace mlir::sparsity {

/// The metadata of a program as JSON text.
std::string writeMetadata(const CompiledProgram &program);

/// Links the program's object and metadata into the shared library `path`,
/// which takes its name only when it is complete. Nothing else is left behind.
///
/// The library exports its entries and `sparse_opt_metadata`, has no rpath, and
/// names the runtime by soname only, which is in the process when it loads
/// programs, wherever it lies.
llvm::Error linkSharedLibrary(const CompiledProgram &program, StringRef path);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_PIPELINES_LINK_H
