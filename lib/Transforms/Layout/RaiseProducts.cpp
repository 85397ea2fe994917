//===- RaiseProducts.cpp - Products of linalg to sparsity.matmul ----------===//
//
// Finds matrix products however a frontend wrote them and writes each as one
// sparsity.matmul with its transposes, batch and bias. Storage is not chosen
// here.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Layout/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_RAISEPRODUCTSPASS
#include "sparse-opt/Transforms/Layout/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

//===----------------------------------------------------------------------===//
// Looking through what surrounds an operand
//===----------------------------------------------------------------------===//

namespace {
/// An operand of a product and whether its last two dimensions are exchanged.
struct Operand {
  Value value;
  bool transposed;
};
} // namespace

/// Looks through transposes that only exchange the last two dimensions, and
/// promises about what was transposed, which have been checked.
static Operand lookThroughTransposes(Operand operand) {
  while (Operation *op = operand.value.getDefiningOp()) {
    auto transpose = dyn_cast<linalg::TransposeOp>(op);
    if (auto assume = dyn_cast<AssumeOp>(op))
      transpose = assume.getSource().getDefiningOp<linalg::TransposeOp>();
    if (!transpose)
      return operand;
    ArrayRef<int64_t> permutation = transpose.getPermutation();
    int64_t rank = permutation.size();
    if (permutation[rank - 2] != rank - 1 || permutation[rank - 1] != rank - 2)
      return operand;
    for (int64_t dim = 0; dim < rank - 2; ++dim)
      if (permutation[dim] != dim)
        return operand;
    operand = {transpose.getInput(), !operand.transposed};
  }
  return operand;
}

/// Moves an exchange of the last two dimensions out of a transpose that also
/// moves others (heads, say), so that rows stay contiguous when it is computed.
static Operand splitTranspose(OpBuilder &builder, Operand operand) {
  auto transpose = operand.value.getDefiningOp<linalg::TransposeOp>();
  if (!transpose)
    return operand;
  SmallVector<int64_t> permutation(transpose.getPermutation());
  int64_t rank = permutation.size();
  if (rank < 3 || permutation[rank - 2] != rank - 1)
    return operand;
  std::swap(permutation[rank - 2], permutation[rank - 1]);
  Location loc = transpose.getLoc();
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, loc, transpose.getInit());
  std::swap(sizes[rank - 2], sizes[rank - 1]);
  Value empty = tensor::EmptyOp::create(
      builder, loc, sizes, getElementTypeOrSelf(transpose.getInit()));
  auto rows = linalg::TransposeOp::create(builder, loc, transpose.getInput(),
                                          empty, permutation);
  return {rows->getResult(0), !operand.transposed};
}

/// The half-precision source of a generic that only extends every element to
/// f32, the type in which such products are summed, or null.
static Value getExtendedSource(Value value) {
  auto generic = value.getDefiningOp<linalg::GenericOp>();
  if (!generic || generic.getNumDpsInputs() != 1 ||
      generic.getNumDpsInits() != 1 || !linalg::isElementwise(generic) ||
      !llvm::all_of(generic.getIndexingMapsArray(),
                    [](AffineMap map) { return map.isIdentity(); }))
    return {};
  Block *body = generic.getBody();
  auto extension = dyn_cast<arith::ExtFOp>(body->front());
  if (!extension || extension.getIn() != body->getArgument(0) ||
      body->getTerminator()->getOperand(0) != extension.getOut() ||
      !extension.getOut().getType().isF32() ||
      !isa<Float16Type, BFloat16Type>(extension.getIn().getType()))
    return {};
  return generic.getDpsInputs()[0];
}

/// True for a destination that holds zeros only.
static bool isZeroFill(Value init) {
  auto fill = init.getDefiningOp<linalg::FillOp>();
  if (!fill)
    return false;
  Value value = fill.getInputs()[0];
  return matchPattern(value, m_AnyZeroFloat()) || matchPattern(value, m_Zero());
}

/// An uninitialised tensor of the same shape as `like`.
static Value createEmptyLike(OpBuilder &builder, Location loc, Value like) {
  return tensor::EmptyOp::create(
      builder, loc, tensor::getMixedSizes(builder, loc, like),
      cast<ShapedType>(like.getType()).getElementType());
}

/// init + product, element by element.
static Value addInit(OpBuilder &builder, Location loc, Value product,
                     Value init) {
  Value empty = createEmptyLike(builder, loc, product);
  return linalg::AddOp::create(builder, loc, ValueRange{product, init},
                               ValueRange{empty})
      .getResult(0);
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// Both operands without their transposes and, where both were only extended
/// from one half-precision type, without that.
static std::pair<Operand, Operand> simplify(Operand lhs, Operand rhs) {
  lhs = lookThroughTransposes(lhs);
  rhs = lookThroughTransposes(rhs);
  Value lhsSource = getExtendedSource(lhs.value);
  Value rhsSource = getExtendedSource(rhs.value);
  if (!lhsSource || !rhsSource ||
      getElementTypeOrSelf(lhsSource) != getElementTypeOrSelf(rhsSource))
    return {lhs, rhs};
  return {lookThroughTransposes({lhsSource, lhs.transposed}),
          lookThroughTransposes({rhsSource, rhs.transposed})};
}

/// Replaces `op` by a sparsity.matmul of the operands.
static void replaceByProduct(PatternRewriter &rewriter, linalg::LinalgOp op,
                             Operand lhs, Operand rhs) {
  std::tie(lhs, rhs) = simplify(lhs, rhs);
  lhs = splitTranspose(rewriter, lhs);
  rhs = splitTranspose(rewriter, rhs);
  Location loc = op.getLoc();
  Value init = op.getDpsInits()[0];
  Value empty = createEmptyLike(rewriter, loc, init);
  Value product =
      MatmulOp::create(rewriter, loc, init.getType(), lhs.value, rhs.value,
                       /*bias=*/Value(), /*at=*/Value(), empty, lhs.transposed,
                       rhs.transposed, KernelAttr())
          .getResult();
  if (!isZeroFill(init))
    product = addInit(rewriter, loc, product, init);
  rewriter.replaceOp(op, product);
}

namespace {
/// The loops of a product.
struct ProductLoops {
  SmallVector<unsigned> batch;
  unsigned rows, columns, sum;
};
} // namespace

/// True when nothing but sums and products happens to elements, and extensions
/// of operands: what upstream calls a contraction may have any op of one
/// operand in between.
static bool hasPlainBody(linalg::LinalgOp op) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  if (!generic)
    return true;
  return llvm::all_of(generic.getBody()->without_terminator(),
                      [](Operation &inner) {
                        return isa<arith::MulFOp, arith::AddFOp>(inner) ||
                               (isa<arith::ExtFOp>(inner) &&
                                isa<BlockArgument>(inner.getOperand(0)));
                      });
}

/// The loops of a sum of products with one loop of each kind beside the batch,
/// in the order of its result: rows are those of the result, of whichever
/// operand they come.
static std::optional<ProductLoops> getProductLoops(linalg::LinalgOp op) {
  if (!linalg::isaContractionOpInterface(op) || !hasPlainBody(op))
    return std::nullopt;
  FailureOr<linalg::ContractionDimensions> dims =
      linalg::inferContractionDims(op);
  AffineMap result = op.getIndexingMapsArray().back();
  size_t rank = result.getNumResults();
  if (failed(dims) || dims->m.size() != 1 || dims->n.size() != 1 ||
      dims->k.size() != 1 || rank != dims->batch.size() + 2)
    return std::nullopt;
  ProductLoops loops;
  for (size_t dim = 0; dim < rank - 2; ++dim)
    loops.batch.push_back(result.getDimPosition(dim));
  loops.rows = result.getDimPosition(rank - 2);
  loops.columns = result.getDimPosition(rank - 1);
  loops.sum = dims->k.front();
  // A permutation has all of them; the last two must not be the batch's.
  if (llvm::is_contained(dims->batch, loops.rows) ||
      llvm::is_contained(dims->batch, loops.columns))
    return std::nullopt;
  return loops;
}

/// Which of the two orders of its last dimensions an operand's map has, or
/// nothing when the map is another one (a broadcast, say).
static std::optional<bool> isTransposedMap(AffineMap map,
                                           ArrayRef<unsigned> batch,
                                           unsigned first, unsigned second) {
  if (map.getNumResults() != batch.size() + 2)
    return std::nullopt;
  for (auto [result, dim] : llvm::enumerate(batch))
    if (map.getDimPosition(result) != dim)
      return std::nullopt;
  unsigned before = map.getDimPosition(batch.size());
  unsigned last = map.getDimPosition(batch.size() + 1);
  if (before == first && last == second)
    return false;
  if (before == second && last == first)
    return true;
  return std::nullopt;
}

namespace {
/// linalg.matmul, linalg.batch_matmul, linalg.contract or a generic of their
/// meaning -> sparsity.matmul.
/// Preconditions:
///  1. tensors;
///  2. floating-point operands of one type that formats hold;
///  3. a result of that type, or f32 from half precision;
///  4. one loop for rows, columns and sums each; indexing maps that are at most
///     transposed.
struct RaiseProduct : public OpInterfaceRewritePattern<linalg::LinalgOp> {
  using OpInterfaceRewritePattern::OpInterfaceRewritePattern;

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (!op.hasPureTensorSemantics())
      return rewriter.notifyMatchFailure(op, "expected tensors");
    std::optional<ProductLoops> loops = getProductLoops(op);
    if (!loops)
      return rewriter.notifyMatchFailure(op, "expected a product");
    Value lhs = op.getDpsInputs()[0], rhs = op.getDpsInputs()[1];
    Type type = getElementTypeOrSelf(lhs);
    Type sum = getElementTypeOrSelf(op.getDpsInits()[0]);
    if (type != getElementTypeOrSelf(rhs) || !isa<FloatType>(type) ||
        !getElementKind(type))
      return rewriter.notifyMatchFailure(
          op, "expected operands of one floating-point type");
    if (sum != type && (!isa<Float16Type, BFloat16Type>(type) || !sum.isF32()))
      return rewriter.notifyMatchFailure(
          op, "expected a result of the operands' type or, of half-precision "
              "operands, f32");
    SmallVector<AffineMap> maps = op.getIndexingMapsArray();
    if (!maps[0].isFunctionOfDim(loops->rows)) {
      std::swap(maps[0], maps[1]);
      std::swap(lhs, rhs);
    }
    std::optional<bool> lhsT =
        isTransposedMap(maps[0], loops->batch, loops->rows, loops->sum);
    std::optional<bool> rhsT =
        isTransposedMap(maps[1], loops->batch, loops->sum, loops->columns);
    if (!lhsT || !rhsT)
      return rewriter.notifyMatchFailure(
          op, "expected operands that are at most transposed");
    replaceByProduct(rewriter, op, {lhs, *lhsT}, {rhs, *rhsT});
    return success();
  }
};
} // namespace

/// True when `groups` keep the last two dimensions of a rank-`rank` tensor and
/// merge all others into one.
static bool mergesBatchOnly(ArrayRef<ReassociationIndices> groups,
                            int64_t rank) {
  return groups.size() == 3 && rank > 3 &&
         groups[0].size() == static_cast<size_t>(rank - 2);
}

namespace {
/// expand(matmul(collapse(a), collapse(b))) -> matmul(a, b) with several batch
/// dimensions, so that later stages see heads and batch apart.
/// Preconditions:
///  1. a dense product of rank 3 without bias that is only expanded;
///  2. both operands collapse the same batch dimensions and nothing else;
///  3. the expansion restores those batch dimensions; one of them at most is
///     dynamic, so that equal products mean equal extents.
struct SplitBatch : public OpRewritePattern<tensor::ExpandShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ExpandShapeOp expand,
                                PatternRewriter &rewriter) const override {
    auto matmul = expand.getSrc().getDefiningOp<MatmulOp>();
    if (!matmul || matmul.getPackedType() || matmul.getBias() ||
        matmul.hasEpilogue() || matmul.getRank() != 3 || !matmul->hasOneUse())
      return rewriter.notifyMatchFailure(expand, "expected a dense product");
    auto lhs = matmul.getLhs().getDefiningOp<tensor::CollapseShapeOp>();
    auto rhs = matmul.getRhs().getDefiningOp<tensor::CollapseShapeOp>();
    int64_t rank = expand.getResultType().getRank();
    if (!lhs || !rhs || lhs.getSrcType().getRank() != rank ||
        rhs.getSrcType().getRank() != rank ||
        !mergesBatchOnly(lhs.getReassociationIndices(), rank) ||
        !mergesBatchOnly(rhs.getReassociationIndices(), rank))
      return rewriter.notifyMatchFailure(
          expand, "expected operands with collapsed batch dimensions");
    ArrayRef<int64_t> shape = expand.getResultType().getShape();
    if (llvm::count_if(shape.drop_back(2), ShapedType::isDynamic) > 1 ||
        !mergesBatchOnly(expand.getReassociationIndices(), rank) ||
        lhs.getSrcType().getShape().drop_back(2) != shape.drop_back(2) ||
        rhs.getSrcType().getShape().drop_back(2) != shape.drop_back(2))
      return rewriter.notifyMatchFailure(
          expand, "expected an expansion to the operands' batch dimensions");
    Value empty = tensor::EmptyOp::create(
        rewriter, expand.getLoc(), expand.getMixedOutputShape(),
        expand.getResultType().getElementType());
    Operand a =
        splitTranspose(rewriter, {lhs.getSrc(), matmul.getTransposeLhs()});
    Operand b =
        splitTranspose(rewriter, {rhs.getSrc(), matmul.getTransposeRhs()});
    rewriter.replaceOpWithNewOp<MatmulOp>(
        expand, empty.getType(), a.value, b.value, Value(), Value(), empty,
        a.transposed, b.transposed, matmul.getKernelAttr());
    return success();
  }
};
} // namespace

/// The rank-1 tensor that `operand` of `generic` broadcasts along its last
/// dimension, directly or through a generic of its own, or null.
static Value getBroadcastVector(linalg::GenericOp generic, OpOperand *operand) {
  AffineMap map = generic.getMatchingIndexingMap(operand);
  unsigned last = map.getNumDims() - 1;
  auto isLastOnly = [&](AffineMap m) {
    return m.getNumResults() == 1 && isa<AffineDimExpr>(m.getResult(0)) &&
           m.getDimPosition(0) == m.getNumDims() - 1;
  };
  if (isLastOnly(map))
    return operand->get();
  if (!map.isIdentity())
    return {};
  if (auto broadcast = operand->get().getDefiningOp<linalg::BroadcastOp>()) {
    auto type = cast<RankedTensorType>(broadcast.getInput().getType());
    bool keepsLast =
        type.getRank() == 1 && !llvm::is_contained(broadcast.getDimensions(),
                                                   static_cast<int64_t>(last));
    return keepsLast ? broadcast.getInput() : Value();
  }
  auto source = operand->get().getDefiningOp<linalg::GenericOp>();
  if (!source || source.getNumDpsInputs() != 1 ||
      source.getNumDpsInits() != 1 ||
      source.getBody()->getOperations().size() != 1 ||
      source.getBody()->getTerminator()->getOperand(0) !=
          source.getBody()->getArgument(0) ||
      !source.getMatchingIndexingMap(source.getDpsInitOperand(0))
           .isIdentity() ||
      !isLastOnly(source.getMatchingIndexingMap(source.getDpsInputOperand(0))))
    return {};
  return source.getDpsInputs()[0];
}

/// The product under `value`, looking through reshapes that keep the last
/// dimension; `reshape` is that reshape or null.
static MatmulOp getProduct(Value value, Operation *&reshape) {
  reshape = nullptr;
  if (auto expand = value.getDefiningOp<tensor::ExpandShapeOp>()) {
    if (expand.getReassociationIndices().back().size() != 1)
      return {};
    reshape = expand;
    value = expand.getSrc();
  } else if (auto collapse = value.getDefiningOp<tensor::CollapseShapeOp>()) {
    if (collapse.getReassociationIndices().back().size() != 1)
      return {};
    reshape = collapse;
    value = collapse.getSrc();
  }
  return value.getDefiningOp<MatmulOp>();
}

/// True when `add` adds the first two arguments of `body`, in either order.
static bool addsInputs(arith::AddFOp add, Block *body) {
  Value first = body->getArgument(0), second = body->getArgument(1);
  return (add.getLhs() == first && add.getRhs() == second) ||
         (add.getLhs() == second && add.getRhs() == first);
}

namespace {
/// product + broadcast bias -> product with bias.
/// Preconditions:
///  1. a generic that adds two operands and nothing else;
///  2. one is a product without bias, with no other use, maybe reshaped;
///  3. the other is a vector broadcast along all but the last dimension, and
///     the product's rows are its dense operand's (a packed lhs has its bias
///     along rows).
struct FoldBias : public OpRewritePattern<linalg::GenericOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::GenericOp generic,
                                PatternRewriter &rewriter) const override {
    Block *body = generic.getBody();
    auto add = dyn_cast<arith::AddFOp>(body->front());
    if (generic.getNumDpsInputs() != 2 || generic.getNumResults() != 1 ||
        !add || body->getTerminator()->getOperand(0) != add.getResult() ||
        !addsInputs(add, body) || !linalg::isElementwise(generic) ||
        !generic.getMatchingIndexingMap(generic.getDpsInitOperand(0))
             .isIdentity())
      return rewriter.notifyMatchFailure(generic, "expected an addition");
    for (int64_t side : {0, 1})
      if (succeeded(tryFold(rewriter, generic, side)))
        return success();
    return failure(); // tryFold said why
  }

private:
  static LogicalResult tryFold(PatternRewriter &rewriter,
                               linalg::GenericOp generic, int64_t side) {
    OpOperand *sum = generic.getDpsInputOperand(side);
    Value bias =
        getBroadcastVector(generic, generic.getDpsInputOperand(1 - side));
    Operation *reshape;
    MatmulOp matmul = getProduct(sum->get(), reshape);
    if (!bias)
      return rewriter.notifyMatchFailure(generic, "expected a vector");
    if (!matmul || matmul.getBias() || matmul.hasEpilogue() ||
        matmul.isLhsPacked() || !matmul->hasOneUse() || !sum->get().hasOneUse())
      return rewriter.notifyMatchFailure(
          generic, "expected a product without bias or another use");
    if (!generic.getMatchingIndexingMap(sum).isIdentity() ||
        sum->get().getType() != generic.getResult(0).getType() ||
        getElementTypeOrSelf(bias) != getElementTypeOrSelf(matmul.getInit()))
      return rewriter.notifyMatchFailure(
          generic, "expected a sum of the product's shape and type");
    // The bias must dominate the product: rebuild it where the sum is.
    rewriter.setInsertionPoint(generic);
    auto folded = MatmulOp::create(
        rewriter, matmul.getLoc(), matmul.getResult().getType(),
        matmul.getLhs(), matmul.getRhs(), bias, matmul.getAt(),
        matmul.getInit(), matmul.getTransposeLhs(), matmul.getTransposeRhs(),
        matmul.getKernelAttr());
    if (!reshape) {
      rewriter.replaceOp(generic, folded.getResult());
      return success();
    }
    IRMapping mapping;
    mapping.map(reshape->getOperand(0), folded.getResult());
    Operation *clone = rewriter.clone(*reshape, mapping);
    rewriter.replaceOp(generic, clone->getResults());
    return success();
  }
};

struct RaiseProductsPass
    : public sparsity::impl::RaiseProductsPassBase<RaiseProductsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseProduct, SplitBatch, FoldBias>(&getContext());
    // Frontends ask results for their extents: products with other uses than
    // the one that is matched would stay as they are.
    memref::populateResolveRankedShapedTypeResultDimsPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    getOperation().walk([&](MatmulOp op) {
      ++numProducts;
      if (op.getBias())
        ++numBiases;
    });
  }
};
} // namespace
