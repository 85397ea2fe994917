//===- FoldUnitDims.cpp - Dimensions of extent 1 --------------------------===//
//
// Drops them from generics, except where an operand is read through a window,
// and from the batches of products.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
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
using namespace mlir::sparsity;

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

/// The batch dimensions that have extent 1 in all operands.
static llvm::SmallBitVector getUnitBatch(MatmulOp op) {
  llvm::SmallBitVector unit(op.getRank() - 2, true);
  for (Value operand : {op.getLhs(), op.getRhs(), op.getInit()})
    for (unsigned dim = 0; dim < unit.size(); ++dim)
      if (cast<ShapedType>(operand.getType()).getDimSize(dim) != 1)
        unit.reset(dim);
  return unit;
}

/// Puts each dropped dimension into one group with the next that is kept.
static SmallVector<ReassociationIndices>
getGroups(unsigned rank, const llvm::SmallBitVector &dropped) {
  SmallVector<ReassociationIndices> groups(1);
  for (unsigned dim = 0; dim < rank; ++dim) {
    groups.back().push_back(dim);
    bool isDropped = dim < dropped.size() && dropped.test(dim);
    if (!isDropped && dim + 1 < rank)
      groups.emplace_back();
  }
  return groups;
}

namespace {
/// Preconditions:
///   1. The product is of two dense tensors, without an epilogue.
///   2. A batch dimension has extent 1 in all operands.
struct DropUnitBatch : public OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getPackedType() || op.getNumResults() == 0 || op.hasEpilogue())
      return rewriter.notifyMatchFailure(op, "expected dense tensors only");
    llvm::SmallBitVector dropped = getUnitBatch(op);
    if (dropped.none())
      return rewriter.notifyMatchFailure(op, "expected a batch of extent 1");
    SmallVector<ReassociationIndices> groups = getGroups(op.getRank(), dropped);
    Location loc = op.getLoc();
    auto collapse = [&](Value value) -> Value {
      return tensor::CollapseShapeOp::create(rewriter, loc, value, groups);
    };
    Value init = collapse(op.getInit());
    Value product =
        MatmulOp::create(rewriter, loc, init.getType(), collapse(op.getLhs()),
                         collapse(op.getRhs()), op.getBias(), /*at=*/Value(),
                         init, op.getTransposeLhs(), op.getTransposeRhs(),
                         op.getKernelAttr())
            .getResult();
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, op.getInit());
    rewriter.replaceOpWithNewOp<tensor::ExpandShapeOp>(
        op, op.getResult().getType(), product, groups, sizes);
    return success();
  }
};

struct FoldUnitDimsPass
    : public sparsity::impl::FoldUnitDimsPassBase<FoldUnitDimsPass> {
  void runOnOperation() override {
    linalg::ControlDropUnitDims options;
    options.controlFn = getDroppableDims;
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    linalg::populateFoldUnitExtentDimsPatterns(patterns, options);
    patterns.add<DropUnitBatch>(context);
    walkAndApplyPatterns(getOperation(), std::move(patterns));

    RewritePatternSet cleanup(context);
    linalg::populateFoldUnitExtentDimsCanonicalizationPatterns(cleanup,
                                                               options);
    if (failed(applyPatternsGreedily(getOperation(), std::move(cleanup))))
      signalPassFailure();
  }
};
} // namespace
