//===- FoldUnitDims.cpp - Dimensions of extent 1 --------------------------===//
//
// Drops them from generics, except where an operand is read through a window.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_FOLDUNITDIMSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// The dimensions of `op` that may be dropped. Upstream's patterns infer wrong
/// extents for strided windows, so those ops keep theirs.
static SmallVector<unsigned> getDroppableDims(Operation *op) {
  auto generic = dyn_cast_or_null<linalg::GenericOp>(op);
  if (!generic)
    return {};
  bool hasWindow =
      llvm::any_of(generic.getIndexingMapsArray(), [](AffineMap map) {
        return llvm::any_of(map.getResults(), [](AffineExpr expr) {
          return !isa<AffineDimExpr, AffineConstantExpr>(expr);
        });
      });
  if (hasWindow)
    return {};
  return llvm::to_vector(llvm::seq<unsigned>(0, generic.getNumLoops()));
}

namespace {
struct FoldUnitDimsPass
    : public sparsity::impl::FoldUnitDimsPassBase<FoldUnitDimsPass> {
  void runOnOperation() override {
    linalg::ControlDropUnitDims options;
    options.controlFn = getDroppableDims;
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    linalg::populateFoldUnitExtentDimsPatterns(patterns, options);
    walkAndApplyPatterns(getOperation(), std::move(patterns));

    RewritePatternSet cleanup(context);
    linalg::populateFoldUnitExtentDimsCanonicalizationPatterns(cleanup,
                                                               options);
    if (failed(applyPatternsGreedily(getOperation(), std::move(cleanup))))
      signalPassFailure();
  }
};
} // namespace
