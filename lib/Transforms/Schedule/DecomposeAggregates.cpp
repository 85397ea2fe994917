//===- DecomposeAggregates.cpp - Ops of several steps, step by step -------===//
//
// linalg.softmax and its kin become the ops that upstream says they stand for,
// which are checked, fused and vectorised as all others are.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_DECOMPOSEAGGREGATESPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

namespace {
struct DecomposeAggregatesPass
    : public sparsity::impl::DecomposeAggregatesPassBase<
          DecomposeAggregatesPass> {
  void runOnOperation() override {
    SmallVector<linalg::AggregatedOpInterface> ops;
    // Those on memrefs have no form in several steps.
    getOperation().walk([&](linalg::AggregatedOpInterface op) {
      if (op->getNumResults() > 0)
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::AggregatedOpInterface op : ops) {
      rewriter.setInsertionPoint(op);
      FailureOr<SmallVector<Value>> results = op.decomposeOperation(rewriter);
      if (succeeded(results))
        rewriter.replaceOp(op, *results);
    }
  }
};
} // namespace
