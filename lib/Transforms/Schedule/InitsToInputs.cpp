//===- InitsToInputs.cpp - Parallel ops that read their initial values ----===//
//
// Upstream's fusion computes a producer again for every iteration of its
// consumer, which goes wrong where the producer updates what it read.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_INITSTOINPUTSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

namespace {
struct InitsToInputsPass
    : public sparsity::impl::InitsToInputsPassBase<InitsToInputsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    linalg::populateMoveInitOperandsToInputPattern(patterns);
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
