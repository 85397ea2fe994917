//===- RaiseAttention.cpp - Products around a softmax to one op -----------===//
//
// Walks back from a product over the softmax on its left to the product of
// scores. Elementwise chains must be one generic each, which upstream's fusion
// makes of them.
//
//===----------------------------------------------------------------------===//

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

namespace mlir::sparsity {
#define GEN_PASS_DEF_RAISEATTENTIONPASS
#include "sparse-opt/Transforms/Attention/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;
using linalg::GenericOp;

//===----------------------------------------------------------------------===//
// Pieces of a softmax
//===----------------------------------------------------------------------===//

/// The number that all of `value` is, or null.
static FloatAttr getFilling(Value value) {
  Value scalar;
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    scalar = fill.getInputs()[0];
  else if (auto generic = value.getDefiningOp<GenericOp>())
    if (generic.getNumDpsInputs() == 0 && generic.getNumResults() == 1)
      scalar = generic.getBody()->getTerminator()->getOperand(0);
  FloatAttr number;
  if (scalar)
    matchPattern(scalar, m_Constant(&number));
  return number;
}

/// True for dimensions 0 .. rank - 2, of rank `rank`.
static bool isRowMap(AffineMap map) {
  return map.getNumDims() > 0 &&
         map == AffineMap::getMultiDimIdentityMap(map.getNumDims(),
                                                  map.getContext())
                    .getMajorSubMap(map.getNumDims() - 1);
}

/// `value` as a generic with `inputs` inputs, all its loops parallel but a last
/// `reduction`, whose first input is read as it lies and whose second (if any)
/// is one number per row.
static GenericOp getRowGeneric(Value value, int64_t inputs, bool reduction) {
  auto generic = value.getDefiningOp<GenericOp>();
  if (!generic || generic.getNumDpsInputs() != inputs ||
      generic.getNumResults() != 1 || generic.getNumLoops() == 0)
    return {};
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  auto iterators = generic.getIteratorTypesArray();
  for (auto type : ArrayRef(iterators).drop_back())
    if (type != utils::IteratorType::parallel)
      return {};
  bool isReduction = iterators.back() == utils::IteratorType::reduction;
  if (isReduction != reduction || !maps.front().isIdentity() ||
      !(reduction ? isRowMap(maps.back()) : maps.back().isIdentity()) ||
      (inputs == 2 && !isRowMap(maps[1])))
    return {};
  return generic;
}

/// The op of the body's type `Op` if it is what the body yields.
template <typename Op>
static Op getYielded(GenericOp generic) {
  return generic.getBody()->getTerminator()->getOperand(0).getDefiningOp<Op>();
}

/// True when `op` combines the first two arguments of the body, in any order.
static bool combinesArguments(Operation *op, Block *body) {
  Value a = body->getArgument(0), b = body->getArgument(1);
  return op && ((op->getOperand(0) == a && op->getOperand(1) == b) ||
                (op->getOperand(0) == b && op->getOperand(1) == a));
}

/// What is reduced to one number per row by a `Op` that starts with `isStart`.
template <typename... Ops>
static Value getReduced(Value value,
                        function_ref<bool(const APFloat &)> isStart) {
  GenericOp generic = getRowGeneric(value, 1, /*reduction=*/true);
  if (!generic || llvm::range_size(generic.getBody()->getOperations()) != 2)
    return {};
  Operation *combiner = &generic.getBody()->front();
  FloatAttr start = getFilling(generic.getDpsInits()[0]);
  // NaN is what maxnumf leaves out, and what upstream starts it with.
  bool isNone =
      isa<arith::MaxNumFOp>(combiner) && start && start.getValue().isNaN();
  if (!isa<Ops...>(combiner) ||
      !combinesArguments(combiner, generic.getBody()) || !start ||
      !(isNone || isStart(start.getValue())))
    return {};
  return generic.getDpsInputs()[0];
}

/// The exponentials under a division by the sum of their row.
static Value getDividedByTotal(Value value) {
  GenericOp generic = getRowGeneric(value, 2, /*reduction=*/false);
  auto division = generic ? getYielded<arith::DivFOp>(generic) : nullptr;
  if (!division || division.getLhs() != generic.getBody()->getArgument(0) ||
      division.getRhs() != generic.getBody()->getArgument(1))
    return {};
  Value weights = generic.getDpsInputs()[0];
  Value summed = getReduced<arith::AddFOp>(
      generic.getDpsInputs()[1],
      [](const APFloat &start) { return start.isZero(); });
  return summed == weights ? weights : Value();
}

/// The scores under an exponential of their distance to the row's highest.
static Value getExponent(Value value) {
  GenericOp generic = getRowGeneric(value, 2, /*reduction=*/false);
  auto exp = generic ? getYielded<math::ExpOp>(generic) : nullptr;
  auto distance =
      exp ? exp.getOperand().getDefiningOp<arith::SubFOp>() : nullptr;
  if (!distance || distance.getLhs() != generic.getBody()->getArgument(0) ||
      distance.getRhs() != generic.getBody()->getArgument(1))
    return {};
  Value scores = generic.getDpsInputs()[0];
  Value reduced = getReduced<arith::MaximumFOp, arith::MaxNumFOp>(
      generic.getDpsInputs()[1], [](const APFloat &start) {
        return start.isNegative() && (start.isInfinity() || start.isLargest());
      });
  return reduced == scores ? scores : Value();
}

//===----------------------------------------------------------------------===//
// The whole
//===----------------------------------------------------------------------===//

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

  /// False when `last` is not the end of an attention.
  bool match();
  void apply(RewriterBase &rewriter);

private:
  bool matchScores(Value scores);
  bool hasStaticWidths();
  /// The map of a product's operand, with its loops renamed.
  AffineMap getMap(OpOperand &operand, ArrayRef<unsigned> dims);
  void cloneBody(OpBuilder &builder, Block *target);

  MatmulOp last, first;
  GenericOp scoring;
  MappedValue query, key, value, out;
  SmallVector<MappedValue> more;
  /// The generic that turns the result, if any.
  GenericOp turning;
};
} // namespace

/// True for a generic that only moves elements.
static bool isTranspose(GenericOp generic) {
  return generic && generic.getNumDpsInputs() == 1 &&
         generic.getNumResults() == 1 &&
         generic.getNumParallelLoops() == generic.getNumLoops() &&
         llvm::hasSingleElement(*generic.getBody()) &&
         generic.getBody()->getTerminator()->getOperand(0) ==
             generic.getBody()->getArgument(0) &&
         llvm::all_of(generic.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isPermutation(); });
}

/// Reads through generics that only move elements.
static void lookThroughTransposes(MappedValue &operand) {
  while (auto generic = operand.value.getDefiningOp<GenericOp>()) {
    if (!isTranspose(generic))
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

bool Raising::match() {
  Type element = getElementTypeOrSelf(last.getInit());
  if (last.getPackedType() || last.getBias() || last.hasEpilogue() ||
      last->getNumResults() != 1 || last.getTransposeLhs() ||
      !(element.isF32() || element.isF64()))
    return false;
  // Weights that somebody else reads have to be in memory anyway.
  if (!last.getLhs().hasOneUse())
    return false;
  Value weights = getDividedByTotal(last.getLhs());
  Value scores = weights ? getExponent(weights) : Value();
  if (!scores || !matchScores(scores) ||
      getElementTypeOrSelf(scores) != element ||
      getElementTypeOrSelf(first.getLhs()) != element ||
      first.getRank() != last.getRank())
    return false;
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
  for (MappedValue *operand : {&query, &key, &value})
    lookThroughTransposes(*operand);
  return hasStaticWidths();
}

void Raising::cloneBody(OpBuilder &builder, Block *target) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(target);
  Location loc = last.getLoc();
  if (!scoring) {
    YieldOp::create(builder, loc, target->getArgument(0));
    return;
  }
  IRMapping mapping;
  unsigned next = 1;
  for (OpOperand *operand : scoring.getDpsInputOperands())
    mapping.map(
        scoring.getMatchingBlockArgument(operand),
        target->getArgument(operand->get() == first.getResult() ? 0 : next++));
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
      scores, out.value, rewriter.getAffineMapArrayAttr(maps));
  Block *body =
      rewriter.createBlock(&attention.getBody(), {}, arguments,
                           SmallVector<Location>(arguments.size(), loc));
  cloneBody(rewriter, body);
  rewriter.replaceOp(end, attention.getResult());
}

namespace {
struct RaiseAttentionPass
    : public sparsity::impl::RaiseAttentionPassBase<RaiseAttentionPass> {
  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation().walk([&](MatmulOp op) { products.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (MatmulOp op : products) {
      Raising raising(op);
      if (!raising.match())
        continue;
      raising.apply(rewriter);
      ++numRaised;
    }
  }
};
} // namespace
