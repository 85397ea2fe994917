//===- PatternStage.h - The first stage of a compilation ------------------===//
//
// Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_PIPELINES_PATTERNSTAGE_H
#define SPARSE_OPT_LIB_PIPELINES_PATTERNSTAGE_H

#include "sparse-opt/Pipelines/Compile.h"

namespace mlir::sparsity {

/// Lifts weights, prunes them as the recipe says, if there is one, and finds
/// what is zero.
LogicalResult runPatternStage(ModuleOp module, const CompileOptions &options);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_PIPELINES_PATTERNSTAGE_H
