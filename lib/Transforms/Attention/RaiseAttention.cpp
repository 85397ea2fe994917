//===- RaiseAttention.cpp - Products around a softmax to one op -----------===//
//
// Walks back from a product over the softmax on its left to the product of
// scores. What only moves or scales its operands becomes maps and a factor.
//
//===----------------------------------------------------------------------===//

#include "Softmax.h"

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Attention/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/IR/Remarks.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_RAISEATTENTIONPASS
#include "sparse-opt/Transforms/Attention/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;
using linalg::GenericOp;

namespace {
/// An operand and how it lies along the dimensions of the attention.
struct MappedValue {
  Value value;
  AffineMap map;
};

/// What a raised op is made of.
class Raising {
public:
  explicit Raising(MatmulOp last) : last(last) {}

  /// Nothing when `last` is not the end of an attention, else what keeps it
  /// from being raised: empty when nothing does.
  std::optional<StringRef> match();
  void apply(RewriterBase &rewriter);

private:
  /// Numbered preconditions of `match`.
  StringRef findObstacle(Value scores);
  bool matchScores(Value scores);
  void findOperands();
  bool hasStaticWidths();
  /// The map of a product's operand, with its loops renamed.
  AffineMap getMap(OpOperand &operand, ArrayRef<unsigned> dims);
  void cloneBody(OpBuilder &builder, Block *target);

  MatmulOp last, first;
  GenericOp scoring;
  MappedValue query, key, value, out;
  SmallVector<MappedValue> more;
  /// What sums of products of `query` and `key` are multiplied by.
  double factor = 1.0;
  bool zeroRows = false;
  /// The generic that turns the result, if any.
  GenericOp turning;
};
} // namespace

/// True for a parallel generic with one input that all dimensions belong to.
static bool isPermutation(GenericOp generic) {
  return generic && generic.getNumDpsInputs() == 1 &&
         generic.getNumResults() == 1 &&
         generic.getNumParallelLoops() == generic.getNumLoops() &&
         llvm::all_of(generic.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isPermutation(); });
}

/// True for a generic that only moves elements.
static bool isTranspose(GenericOp generic) {
  return isPermutation(generic) && llvm::hasSingleElement(*generic.getBody()) &&
         generic.getBody()->getTerminator()->getOperand(0) ==
             generic.getBody()->getArgument(0);
}

/// The constant that a generic multiplies its elements by when it does nothing
/// else but move them.
static std::optional<double> getFactor(GenericOp generic) {
  if (!isPermutation(generic))
    return std::nullopt;
  auto product = generic.getBody()
                     ->getTerminator()
                     ->getOperand(0)
                     .getDefiningOp<arith::MulFOp>();
  if (!product || product.getLhs() != generic.getBody()->getArgument(0))
    return std::nullopt;
  Value scale = product.getRhs();
  // MLIR does not fold constants that lose digits.
  if (auto narrow = scale.getDefiningOp<arith::TruncFOp>())
    scale = narrow.getIn();
  FloatAttr factor;
  if (!matchPattern(scale, m_Constant(&factor)) ||
      !factor.getValue().isFinite())
    return std::nullopt;
  return factor.getValueAsDouble();
}

/// Reads through generics that only move elements, and multiply them where
/// `factor` is not null.
static void lookThrough(MappedValue &operand, double *factor) {
  while (auto generic = operand.value.getDefiningOp<GenericOp>()) {
    std::optional<double> scale = factor ? getFactor(generic) : std::nullopt;
    if (scale)
      *factor *= *scale;
    else if (!isTranspose(generic))
      return;
    SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
    // Loops by the result's dimensions, then the source's by loops.
    AffineMap toSource = maps[0].compose(inversePermutation(maps[1]));
    operand = {generic.getDpsInputs()[0], toSource.compose(operand.map)};
  }
}

AffineMap Raising::getMap(OpOperand &operand, ArrayRef<unsigned> dims) {
  AffineMap map = cast<MatmulOp>(operand.getOwner()).getIndexingMap(operand);
  SmallVector<unsigned> positions;
  for (AffineExpr expr : map.getResults())
    positions.push_back(dims[cast<AffineDimExpr>(expr).getPosition()]);
  return AffineMap::getMultiDimMapWithTargets(last.getRank() + 2, positions,
                                              last.getContext());
}

static bool isPlainProduct(MatmulOp op) {
  return op && !op.getPackedType() && !op.getBias() && !op.hasEpilogue() &&
         op->getNumResults() == 1 && op->hasOneUse();
}

bool Raising::matchScores(Value scores) {
  first = scores.getDefiningOp<MatmulOp>();
  if (first)
    return !first.getPackedType() && !first.getBias() && !first.hasEpilogue();
  scoring = scores.getDefiningOp<GenericOp>();
  if (!scoring || !linalg::isElementwise(scoring) ||
      scoring.getNumResults() != 1 ||
      !scoring.getMatchingIndexingMap(scoring.getDpsInitOperand(0))
           .isIdentity() ||
      !scoring.getRegionOutputArgs()[0].use_empty())
    return false;
  for (OpOperand *operand : scoring.getDpsInputOperands()) {
    AffineMap map = scoring.getMatchingIndexingMap(operand);
    auto matmul = operand->get().getDefiningOp<MatmulOp>();
    if (!first && map.isIdentity() && isPlainProduct(matmul))
      first = matmul;
    else if (isa<RankedTensorType>(operand->get().getType()) &&
             map.isProjectedPermutation())
      more.push_back({operand->get(), map});
    else
      return false;
  }
  return first && isElementwise(*scoring.getBody());
}

bool Raising::hasStaticWidths() {
  unsigned rank = last.getRank();
  for (auto [operand, dim] : {std::pair(&query, rank), {&value, rank + 1}})
    for (auto [index, expr] : llvm::enumerate(operand->map.getResults()))
      if (cast<AffineDimExpr>(expr).getPosition() == dim &&
          cast<ShapedType>(operand->value.getType()).isDynamicDim(index))
        return false;
  return true;
}

// 1. Nobody else reads the weights, which would have to be in memory anyway.
// 2. The scores are one elementwise op over a product of two dense tensors, and
//    constants or other tensors.
// 3. Products, scores and result have one type, f32 or f64.
// 4. Both products have the same batch dimensions.
StringRef Raising::findObstacle(Value scores) {
  Type element = getElementTypeOrSelf(last.getInit());
  if (!last.getLhs().hasOneUse())
    return "something else reads the weights";
  if (!matchScores(scores))
    return "the scores are not an elementwise function of one product";
  if (!(element.isF32() || element.isF64()) ||
      getElementTypeOrSelf(scores) != element ||
      getElementTypeOrSelf(first.getLhs()) != element)
    return "the elements are not all f32 or all f64";
  if (first.getRank() != last.getRank())
    return "the products have different batch dimensions";
  return "";
}

std::optional<StringRef> Raising::match() {
  if (last.getPackedType() || last.getBias() || last.hasEpilogue() ||
      last->getNumResults() != 1 || last.getTransposeLhs())
    return std::nullopt;
  std::optional<Softmax> softmax = matchSoftmax(last.getLhs());
  if (!softmax)
    return std::nullopt;
  StringRef obstacle = findObstacle(softmax->scores);
  if (!obstacle.empty())
    return obstacle;
  zeroRows = softmax->zeroRows;
  findOperands();
  return hasStaticWidths() ? "" : "the width of query or value is not static";
}

void Raising::findOperands() {
  // Dimensions b.., i, j, d, e: the first product sums over d, the last has e
  // in place of j and sums over j.
  unsigned rank = last.getRank(), i = rank - 2, j = rank - 1, d = rank,
           e = rank + 1;
  auto dims = llvm::to_vector(llvm::seq<unsigned>(0, i));
  SmallVector<unsigned> firstDims(dims), lastDims(dims);
  firstDims.append({i, j, d});
  lastDims.append({i, e, j});
  query = {first.getLhs(), getMap(first.getLhsMutable(), firstDims)};
  key = {first.getRhs(), getMap(first.getRhsMutable(), firstDims)};
  value = {last.getRhs(), getMap(last.getRhsMutable(), lastDims)};
  out = {last.getInit(), getMap(last.getInitMutable(), lastDims)};
  for (MappedValue &operand : more)
    operand.map = AffineMap::get(rank + 2, 0, operand.map.getResults(),
                                 last.getContext());
  if (last->hasOneUse())
    turning = dyn_cast<GenericOp>(*last->user_begin());
  if (!isTranspose(turning))
    turning = {};
  for (MappedValue *operand : {&query, &key})
    lookThrough(*operand, &factor);
  lookThrough(value, nullptr);
}

void Raising::cloneBody(OpBuilder &builder, Block *target) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(target);
  Location loc = last.getLoc();
  Value sum = target->getArgument(0);
  if (factor != 1.0) {
    auto scale = builder.getFloatAttr(sum.getType(), factor);
    sum = arith::MulFOp::create(builder, loc, sum,
                                arith::ConstantOp::create(builder, loc, scale));
  }
  if (!scoring) {
    YieldOp::create(builder, loc, sum);
    return;
  }
  IRMapping mapping;
  unsigned next = 1;
  for (OpOperand *operand : scoring.getDpsInputOperands()) {
    bool isSum = operand->get() == first.getResult();
    mapping.map(scoring.getMatchingBlockArgument(operand),
                isSum ? sum : target->getArgument(next++));
  }
  Value score = cloneElementwise(builder, *scoring.getBody(), mapping);
  YieldOp::create(builder, loc, score);
}

void Raising::apply(RewriterBase &rewriter) {
  Location loc = last.getLoc();
  Operation *end = turning ? turning.getOperation() : last.getOperation();
  rewriter.setInsertionPoint(end);
  if (turning) {
    SmallVector<AffineMap> maps = turning.getIndexingMapsArray();
    AffineMap toResult = maps[1].compose(inversePermutation(maps[0]));
    out = {turning.getDpsInits()[0], toResult.compose(out.map)};
  }
  SmallVector<Value> scores;
  SmallVector<AffineMap> maps{query.map, key.map, value.map};
  SmallVector<Type> arguments{getElementTypeOrSelf(out.value)};
  for (const MappedValue &operand : more) {
    scores.push_back(operand.value);
    maps.push_back(operand.map);
    arguments.push_back(getElementTypeOrSelf(operand.value));
  }
  maps.push_back(out.map);
  auto attention = AttentionOp::create(
      rewriter, loc, out.value.getType(), query.value, key.value, value.value,
      scores, out.value, rewriter.getAffineMapArrayAttr(maps), zeroRows);
  Block *body =
      rewriter.createBlock(&attention.getBody(), {}, arguments,
                           SmallVector<Location>(arguments.size(), loc));
  cloneBody(rewriter, body);
  rewriter.replaceOp(end, attention.getResult());
}

/// `type` with the batch dimensions of `source`, whose `groups` make its own;
/// null where one is static in only one of them.
static RankedTensorType expandBatchType(Type type, Type source,
                                        ArrayRef<ReassociationIndices> groups) {
  auto collapsed = cast<RankedTensorType>(type);
  auto expanded = cast<RankedTensorType>(source);
  SmallVector<int64_t> shape;
  for (auto [index, group] : llvm::enumerate(groups.drop_back(2))) {
    bool isStatic = true;
    for (int64_t dim : group) {
      shape.push_back(expanded.getDimSize(dim));
      isStatic &= !expanded.isDynamicDim(dim);
    }
    if (isStatic == collapsed.isDynamicDim(index))
      return {};
  }
  llvm::append_range(shape, collapsed.getShape().take_back(2));
  return RankedTensorType::get(shape, collapsed.getElementType());
}

/// A product whose left operand is a softmax with collapsed batch dimensions
/// gets those of the softmax. Returns the product.
static MatmulOp expandBatch(RewriterBase &rewriter, MatmulOp op) {
  auto collapse = op.getLhs().getDefiningOp<tensor::CollapseShapeOp>();
  if (!collapse || !isPlainProduct(op) || op.getTransposeLhs() ||
      !matchSoftmax(collapse.getSrc()))
    return op;
  SmallVector<ReassociationIndices> groups = collapse.getReassociationIndices();
  Value source = collapse.getSrc();
  Type rhsType =
      expandBatchType(op.getRhs().getType(), source.getType(), groups);
  Type initType =
      expandBatchType(op.getInit().getType(), source.getType(), groups);
  bool keepsMatrices =
      llvm::all_of(ArrayRef(groups).take_back(2),
                   [](const auto &group) { return group.size() == 1; });
  if (!rhsType || !initType || !keepsMatrices)
    return op;
  Location loc = op.getLoc();
  rewriter.setInsertionPoint(op);
  auto expand = [&](Value value, Type type) -> Value {
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, source);
    sizes.truncate(sizes.size() - 2);
    llvm::append_range(
        sizes,
        ArrayRef(tensor::getMixedSizes(rewriter, loc, value)).take_back(2));
    return tensor::ExpandShapeOp::create(rewriter, loc, type, value, groups,
                                         sizes);
  };
  Value init = expand(op.getInit(), initType);
  auto product = MatmulOp::create(rewriter, loc, initType, source,
                                  expand(op.getRhs(), rhsType), Value(),
                                  Value(), init, /*transpose_lhs=*/false,
                                  op.getTransposeRhs(), op.getKernelAttr());
  rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
      op, op.getResult().getType(), product.getResult(), groups);
  if (collapse->use_empty())
    rewriter.eraseOp(collapse);
  return product;
}

namespace {
struct RaiseAttentionPass
    : public sparsity::impl::RaiseAttentionPassBase<RaiseAttentionPass> {
  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation().walk([&](MatmulOp op) { products.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (MatmulOp op : products) {
      MatmulOp product = expandBatch(rewriter, op);
      Raising raising(product);
      std::optional<StringRef> obstacle = raising.match();
      if (!obstacle)
        continue;
      if (!obstacle->empty()) {
        remark::missed(
            product.getLoc(),
            remark::RemarkOpts::name("NotFused").category("sparsity-attention"))
            << remark::reason("attention with its weights in memory: {0}",
                              *obstacle);
        continue;
      }
      raising.apply(rewriter);
      ++numRaised;
    }
  }
};
} // namespace
