//===- ExpandBFloats.cpp - bf16 conversions without instructions ----------===//
//
// Rounds f32 to bf16 with integer arithmetic where the machine cannot: LLVM
// would call __truncsfbf2, which Debian 12's libgcc does not have.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Target/TargetDescription.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_EXPANDBFLOATSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Code generation takes a bf16 that enters a vector through f32 and back, the
/// way back being a call; bits enter as they are.
struct BroadcastBits : public OpRewritePattern<vector::BroadcastOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(vector::BroadcastOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.getSource().getType().isBF16())
      return failure();
    Location loc = op.getLoc();
    Type bits = rewriter.getI16Type();
    Value source =
        arith::BitcastOp::create(rewriter, loc, bits, op.getSource());
    Value vector = vector::BroadcastOp::create(
        rewriter, loc, op.getResultVectorType().clone(bits), source);
    rewriter.replaceOpWithNewOp<arith::BitcastOp>(op, op.getType(), vector);
    return success();
  }
};

struct ExpandBFloatsPass
    : public sparsity::impl::ExpandBFloatsPassBase<ExpandBFloatsPass> {
  void runOnOperation() override {
    if (TargetDescription::of(getOperation()).bf16)
      return;
    RewritePatternSet patterns(&getContext());
    arith::populateExpandBFloat16Patterns(patterns);
    patterns.add<BroadcastBits>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
