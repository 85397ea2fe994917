//===- AttentionToLinalg.cpp - Attention as linalg ------------------------===//
//
// What `sparsity.attention` means: scores, a softmax whose every step is an op
// of its own, and the product with the values.
//
//===----------------------------------------------------------------------===//

#include "SparsityToLinalg.h"

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

using namespace mlir;
using namespace mlir::sparsity;
using utils::IteratorType;

namespace {
/// Builds the ops of one attention. Scores have the dimensions (b.., i, j).
class Expansion {
public:
  Expansion(ImplicitLocOpBuilder &builder, AttentionOp op,
            AttentionOp::Adaptor operands)
      : b(builder), op(op), operands(operands), rank(op.getNumBatchDims() + 2),
        element(getElementTypeOrSelf(op.getInit())) {}

  Value build();

private:
  using Body = function_ref<Value(OpBuilder &, Location, ValueRange)>;

  /// The map of an operand over (b.., i, j, last), `last` being d or e.
  AffineMap getMap(unsigned operand);
  /// The first `count` dimensions of `dims`.
  AffineMap getLeading(unsigned dims, unsigned count) {
    return b.getMultiDimIdentityMap(dims).getMajorSubMap(count);
  }
  Value create(ValueRange inputs, Value init, ArrayRef<AffineMap> maps,
               ArrayRef<IteratorType> loops, Body body);
  Value createEmpty(ArrayRef<OpFoldResult> sizes) {
    return tensor::EmptyOp::create(b, sizes, element);
  }
  Value fill(Value init, double value) {
    Value number = arith::ConstantOp::create(b, b.getFloatAttr(element, value));
    return linalg::FillOp::create(b, number, init).getResult(0);
  }
  /// sum over dimension `summed` of (b.., i, j, last).
  Value multiply(Value lhs, AffineMap lhsMap, Value rhs, AffineMap rhsMap,
                 Value init, AffineMap map, unsigned summed);
  Value applyBody(Value sums);
  Value reduceRows(Value scores, double start, Body combine);
  Value mapRows(Value scores, Value perRow, Body body);
  SmallVector<OpFoldResult> getScoreSizes();

  ImplicitLocOpBuilder &b;
  AttentionOp op;
  AttentionOp::Adaptor operands;
  unsigned rank;
  Type element;
};
} // namespace

AffineMap Expansion::getMap(unsigned operand) {
  SmallVector<unsigned> dims;
  AffineMap map = op.getIndexingMap(op->getOpOperand(operand));
  for (AffineExpr expr : map.getResults())
    dims.push_back(std::min(cast<AffineDimExpr>(expr).getPosition(), rank));
  return AffineMap::getMultiDimMapWithTargets(rank + 1, dims, b.getContext());
}

Value Expansion::create(ValueRange inputs, Value init, ArrayRef<AffineMap> maps,
                        ArrayRef<IteratorType> loops, Body body) {
  auto withYield = [&](OpBuilder &nested, Location loc, ValueRange args) {
    linalg::YieldOp::create(nested, loc, body(nested, loc, args));
  };
  return linalg::GenericOp::create(b, init.getType(), inputs, init, maps, loops,
                                   withYield)
      .getResult(0);
}

SmallVector<OpFoldResult> Expansion::getScoreSizes() {
  SmallVector<OpFoldResult> sizes(rank);
  for (unsigned operand : {0u, 1u}) {
    Value value = operand == 0 ? operands.getQuery() : operands.getKey();
    AffineMap map = getMap(operand);
    for (unsigned index = 0; index < map.getNumResults(); ++index)
      if (unsigned dim = map.getDimPosition(index); dim < rank)
        sizes[dim] = tensor::getMixedSize(b, b.getLoc(), value, index);
  }
  return sizes;
}

Value Expansion::multiply(Value lhs, AffineMap lhsMap, Value rhs,
                          AffineMap rhsMap, Value init, AffineMap map,
                          unsigned summed) {
  SmallVector<IteratorType> loops(rank + 1, IteratorType::parallel);
  loops[summed] = IteratorType::reduction;
  return create({lhs, rhs}, fill(init, 0.0), {lhsMap, rhsMap, map}, loops,
                [](OpBuilder &nested, Location loc, ValueRange args) -> Value {
                  Value product =
                      arith::MulFOp::create(nested, loc, args[0], args[1]);
                  return arith::AddFOp::create(nested, loc, args[2], product);
                });
}

Value Expansion::applyBody(Value sums) {
  SmallVector<Value> inputs{sums};
  SmallVector<AffineMap> maps{getLeading(rank, rank)};
  for (auto [index, value] : llvm::enumerate(operands.getScores())) {
    inputs.push_back(value);
    AffineMap map = op.getIndexingMap(op->getOpOperand(3 + index));
    maps.push_back(AffineMap::get(rank, 0, map.getResults(), b.getContext()));
  }
  maps.push_back(getLeading(rank, rank));
  SmallVector<IteratorType> loops(rank, IteratorType::parallel);
  Block &body = op.getBody().front();
  return create(inputs, createEmpty(getScoreSizes()), maps, loops,
                [&](OpBuilder &nested, Location, ValueRange args) {
                  IRMapping mapping;
                  mapping.map(body.getArguments(), args.drop_back());
                  return cloneElementwise(nested, body, mapping);
                });
}

Value Expansion::reduceRows(Value scores, double start, Body combine) {
  SmallVector<IteratorType> loops(rank, IteratorType::parallel);
  loops.back() = IteratorType::reduction;
  SmallVector<OpFoldResult> sizes = getScoreSizes();
  sizes.pop_back();
  return create(scores, fill(createEmpty(sizes), start),
                {getLeading(rank, rank), getLeading(rank, rank - 1)}, loops,
                combine);
}

Value Expansion::mapRows(Value scores, Value perRow, Body body) {
  SmallVector<IteratorType> loops(rank, IteratorType::parallel);
  AffineMap all = getLeading(rank, rank);
  return create({scores, perRow}, createEmpty(getScoreSizes()),
                {all, getLeading(rank, rank - 1), all}, loops, body);
}

Value Expansion::build() {
  auto combine = [](auto op) {
    return [](OpBuilder &nested, Location loc, ValueRange args) -> Value {
      return decltype(op)::create(nested, loc, args[0], args[1]);
    };
  };
  AffineMap all = getLeading(rank + 1, rank);
  Value scores = applyBody(
      multiply(operands.getQuery(), getMap(0), operands.getKey(), getMap(1),
               createEmpty(getScoreSizes()), all, /*summed=*/rank));
  constexpr double kLowest = -std::numeric_limits<double>::infinity();
  Value highest = reduceRows(scores, kLowest, combine(arith::MaximumFOp()));
  bool zeroRows = op.getZeroRows();
  Value weights = mapRows(
      scores, highest,
      [&](OpBuilder &nested, Location loc, ValueRange args) -> Value {
        Value base = zeroRows ? replaceNumber(nested, loc, args[1], kLowest, 0)
                              : args[1];
        Value distance = arith::SubFOp::create(nested, loc, args[0], base);
        return math::ExpOp::create(nested, loc, distance);
      });
  Value total = reduceRows(weights, 0.0, combine(arith::AddFOp()));
  weights =
      mapRows(weights, total,
              [&](OpBuilder &nested, Location loc, ValueRange args) -> Value {
                Value sum = zeroRows ? replaceNumber(nested, loc, args[1], 0, 1)
                                     : args[1];
                return arith::DivFOp::create(nested, loc, args[0], sum);
              });
  return multiply(weights, all, operands.getValue(), getMap(2),
                  operands.getInit(), getMap(op->getNumOperands() - 1),
                  /*summed=*/rank - 1);
}

namespace {
/// Preconditions:
///   1. The destination is a tensor.
struct ConvertAttention : public OpConversionPattern<AttentionOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(AttentionOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (op.getNumResults() == 0)
      return rewriter.notifyMatchFailure(op, "expected tensors, got memrefs");
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, Expansion(builder, op, adaptor).build());
    return success();
  }
};
} // namespace

void mlir::sparsity::populateAttentionToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<ConvertAttention>(converter, patterns.getContext());
}
