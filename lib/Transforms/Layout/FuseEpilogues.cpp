//===- FuseEpilogues.cpp - Elementwise ops join products ------------------===//
//
// Moves the elementwise op that reads a product into its epilogue: activations,
// residuals, gates, scales, conversions.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Layout/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_FUSEEPILOGUESPASS
#include "sparse-opt/Transforms/Layout/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// The product behind `operand`, directly or expanded, if it can have an
/// epilogue and nobody else reads it.
static MatmulOp getProduct(OpOperand &operand) {
  Value value = operand.get();
  if (auto expand = value.getDefiningOp<tensor::ExpandShapeOp>();
      expand && expand->hasOneUse())
    value = expand.getSrc();
  auto product = value.getDefiningOp<MatmulOp>();
  // Kernels cut products of matrices into items; others gain nothing.
  if (!product || !product->hasOneUse() || product.hasEpilogue() ||
      !product.getPackedType() || product.getRank() != 2 || product.getAt() ||
      !operand.get().hasOneUse())
    return {};
  return product;
}

/// The operand of `generic` that is the product to fuse it with, or null. Of
/// several, the last that is computed.
static OpOperand *findProduct(linalg::GenericOp generic) {
  if (!generic.hasPureTensorSemantics() || generic.getNumResults() != 1 ||
      generic.getNumParallelLoops() != generic.getNumLoops() ||
      !generic.getRegionOutputArgs()[0].use_empty() ||
      !generic.getMatchingIndexingMap(generic.getDpsInitOperand(0))
           .isIdentity() ||
      !getElementTypeOrSelf(generic.getResult(0)).isIntOrFloat() ||
      !isElementwise(*generic.getBody()))
    return nullptr;
  OpOperand *found = nullptr;
  MatmulOp last;
  for (OpOperand *operand : generic.getDpsInputOperands()) {
    AffineMap map = generic.getMatchingIndexingMap(operand);
    // Scalars would have to be read from outside, slices would be copied.
    if (!isa<RankedTensorType>(operand->get().getType()) ||
        !map.isProjectedPermutation() ||
        operand->get().getDefiningOp<tensor::ExtractSliceOp>())
      return nullptr;
    MatmulOp product = map.isIdentity() ? getProduct(*operand) : MatmulOp();
    if (!product || product->getBlock() != generic->getBlock() ||
        (last && product->isBeforeInBlock(last)))
      continue;
    found = operand;
    last = product;
  }
  return found;
}

namespace {
/// Preconditions:
///   1. An elementwise op with one result, of the shape of a product's;
///   2. the product has a packed operand, rank 2 and no other reader.
struct FuseEpilogue : public OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp generic,
                                PatternRewriter &rewriter) const override {
    OpOperand *sum = findProduct(generic);
    auto product = sum ? sum->get().getDefiningOp<MatmulOp>() : MatmulOp();
    if (!product)
      return rewriter.notifyMatchFailure(
          generic, "expected an elementwise op that reads a product");
    SmallVector<Value> more;
    SmallVector<AffineMap> maps;
    for (OpOperand *operand : generic.getDpsInputOperands())
      if (operand != sum) {
        more.push_back(operand->get());
        maps.push_back(generic.getMatchingIndexingMap(operand));
      }
    auto fused = MatmulOp::create(
        rewriter, product.getLoc(), generic.getResultTypes(), product.getLhs(),
        product.getRhs(), product.getBias(), product.getAt(), more,
        generic.getDpsInits()[0], product.getTransposeLhs(),
        product.getTransposeRhs(), product.getKernelAttr(),
        rewriter.getAffineMapArrayAttr(maps), /*epiloguesCount=*/1);
    fused->setDiscardableAttrs(product->getDiscardableAttrDictionary());
    fillRegion(rewriter, generic, sum, fused);
    rewriter.replaceOp(generic, fused.getResult());
    return success();
  }

private:
  static void fillRegion(PatternRewriter &rewriter, linalg::GenericOp generic,
                         OpOperand *sum, MatmulOp fused) {
    OpBuilder::InsertionGuard guard(rewriter);
    Block *body = rewriter.createBlock(&fused->getRegion(0));
    IRMapping mapping;
    auto add = [&](OpOperand *operand) {
      BlockArgument old = generic.getMatchingBlockArgument(operand);
      mapping.map(old, body->addArgument(old.getType(), old.getLoc()));
    };
    add(sum);
    for (OpOperand *operand : generic.getDpsInputOperands())
      if (operand != sum)
        add(operand);
    Value result = cloneElementwise(rewriter, *generic.getBody(), mapping);
    YieldOp::create(rewriter, generic.getLoc(), result);
  }
};

struct FuseEpiloguesPass
    : public sparsity::impl::FuseEpiloguesPassBase<FuseEpiloguesPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FuseEpilogue>(&getContext());
    // Matrices are often expanded to batches before the op that reads them.
    linalg::populateFoldReshapeOpsByCollapsingPatterns(
        patterns, [](OpOperand *operand) {
          auto generic = dyn_cast<linalg::GenericOp>(operand->getOwner());
          return generic && findProduct(generic) == operand;
        });
    // Collapsed ops ask what they read for its extents.
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    getOperation().walk([&](MatmulOp op) { numFused += op.hasEpilogue(); });
  }
};
} // namespace
