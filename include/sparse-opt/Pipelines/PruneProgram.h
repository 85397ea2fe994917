//===- PruneProgram.h - Pruned weights to give back -----------------------===//
//
// Prunes without compiling: what a recipe makes of a program's weights, for
// those who go on training them.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PIPELINES_PRUNEPROGRAM_H
#define SPARSE_OPT_PIPELINES_PRUNEPROGRAM_H

#include "sparse-opt/Format/Matrix.h"
#include "sparse-opt/Pipelines/Compile.h"

namespace mlir::sparsity {

/// A parameter with its new elements, row major, borrowed from the module.
struct PrunedParameter {
  std::string name;
  format::ElementKind kind;
  std::vector<int64_t> shape;
  const void *data;
  size_t bytes;
  /// Of the zero pattern that it has, "2:4"; and the hash of the elements that
  /// it had before.
  std::string pattern, original;
};

/// Prunes the weights of `module`, which must have data, in place; the pruned
/// ones in the program's order. Of the options only the recipe and the profile
/// count. Errors are diagnostics.
FailureOr<std::vector<PrunedParameter>>
pruneProgram(ModuleOp module, const CompileOptions &options);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_PIPELINES_PRUNEPROGRAM_H
