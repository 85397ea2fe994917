//===- Passes.h - What in a program may be zero ---------------------------===//
//
// The passes of the pattern stage: weights become parameters, facts about their
// zeros are detected, wishes are annotated and carried out.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TRANSFORMS_PRUNE_PASSES_H
#define SPARSE_OPT_TRANSFORMS_PRUNE_PASSES_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Recipe/Recipe.h"

#include "mlir/Pass/Pass.h"

namespace mlir::sparsity {

#define GEN_PASS_DECL
#include "sparse-opt/Transforms/Prune/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "sparse-opt/Transforms/Prune/Passes.h.inc"

/// Discardable attribute of a parameter that was pruned: the hash that its
/// elements had before (Checkpoint/ContentHash.h), which profiles know it by.
inline constexpr llvm::StringLiteral kOriginalAttrName = "sparsity.original";

/// --sparsity-annotate with a recipe that was read elsewhere.
std::unique_ptr<Pass> createAnnotatePass(Recipe recipe);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_TRANSFORMS_PRUNE_PASSES_H
