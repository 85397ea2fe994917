//===- DecomposeAttention.cpp - torch-mlir's attention as products --------===//
//
// Expands `tm_tensor.attention` into sparsity.matmul and a softmax in linalg.
// What keys may be skipped is not asked here.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Attention/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/PatternMatch.h"

#include <cmath>

namespace mlir::sparsity {
#define GEN_PASS_DEF_DECOMPOSEATTENTIONPASS
#include "sparse-opt/Transforms/Attention/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Builds the expansion of one op.
class Decomposer {
public:
  Decomposer(IRRewriter &rewriter, Operation *op)
      : b(rewriter), op(op), loc(op->getLoc()) {}

  LogicalResult run();

private:
  LogicalResult checkOperands();
  Value createScores();
  Value applyMask(Value scores);
  Value createSoftmax(Value scores);
  Value reduceRows(Value source, TypedAttr initial,
                   function_ref<Value(OpBuilder &, Value, Value)> combine);
  Value mapRows(Value source, Value perRow,
                function_ref<Value(OpBuilder &, Value, Value)> body);
  Value createEmpty(ArrayRef<OpFoldResult> sizes) {
    return tensor::EmptyOp::create(b, loc, sizes, element);
  }
  Value constant(OpBuilder &builder, double value) {
    return arith::ConstantOp::create(builder, loc,
                                     builder.getFloatAttr(element, value));
  }

  IRRewriter &b;
  Operation *op;
  Location loc;
  Value query, key, value, mask;
  /// Element type of the scores.
  Type element;
  SmallVector<OpFoldResult> scoreSizes;
};
} // namespace

/// [batch, tokens, width] each, and a mask [batch, queries, keys].
LogicalResult Decomposer::checkOperands() {
  unsigned operands = op->getNumOperands();
  if (operands < 4 || operands > 5 || op->getNumResults() != 1)
    return op->emitError("expected query, key, value, at most one mask and a "
                         "destination, got ")
           << operands << " operands";
  for (Type type : op->getOperandTypes()) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getRank() != 3)
      return op->emitError("expected tensors of rank 3, got ") << type;
  }
  query = op->getOperand(0);
  key = op->getOperand(1);
  value = op->getOperand(2);
  mask = operands == 5 ? op->getOperand(3) : Value();
  element = b.getF32Type();
  if (getElementTypeOrSelf(query).isF64())
    element = b.getF64Type();
  return success();
}

Value Decomposer::createScores() {
  OpFoldResult batch = tensor::getMixedSize(b, loc, query, 0);
  scoreSizes = {batch, tensor::getMixedSize(b, loc, query, 1),
                tensor::getMixedSize(b, loc, key, 1)};
  Value empty = createEmpty(scoreSizes);
  return MatmulOp::create(b, loc, empty.getType(), query, key, Value(), Value(),
                          empty, /*transpose_lhs=*/false,
                          /*transpose_rhs=*/true, KernelAttr())
      .getResult();
}

/// scores * scale, then the mask.
Value Decomposer::applyMask(Value scores) {
  auto type = cast<RankedTensorType>(query.getType());
  auto scaleAttr = op->getAttrOfType<FloatAttr>("scale");
  double scale = scaleAttr
                     ? scaleAttr.getValueAsDouble()
                     : 1.0 / std::sqrt(static_cast<double>(type.getDimSize(2)));
  AffineMap identity = b.getMultiDimIdentityMap(3);
  SmallVector<Value> inputs{scores};
  if (mask)
    inputs.push_back(mask);
  SmallVector<AffineMap> maps(inputs.size() + 1, identity);
  SmallVector<utils::IteratorType> parallel(3, utils::IteratorType::parallel);
  Value empty = createEmpty(scoreSizes);
  auto generic = linalg::GenericOp::create(
      b, loc, empty.getType(), inputs, empty, maps, parallel,
      [&](OpBuilder &inner, Location, ValueRange args) {
        Value score =
            arith::MulFOp::create(inner, loc, args[0], constant(inner, scale));
        if (mask && getElementTypeOrSelf(mask).isInteger(1)) {
          score = arith::SelectOp::create(inner, loc, args[1], score,
                                          constant(inner, -INFINITY));
        } else if (mask) {
          Value added = args[1];
          if (added.getType() != element)
            added = arith::ExtFOp::create(inner, loc, element, added);
          score = arith::AddFOp::create(inner, loc, score, added);
        }
        linalg::YieldOp::create(inner, loc, score);
      });
  return generic.getResult(0);
}

/// One value per row of `source`.
Value Decomposer::reduceRows(
    Value source, TypedAttr initial,
    function_ref<Value(OpBuilder &, Value, Value)> combine) {
  Value empty = createEmpty(ArrayRef(scoreSizes).drop_back());
  Value start = arith::ConstantOp::create(b, loc, initial);
  Value filled = linalg::FillOp::create(b, loc, start, empty).getResult(0);
  AffineMap identity = b.getMultiDimIdentityMap(3);
  AffineMap rows = identity.dropResult(2);
  SmallVector<utils::IteratorType> iterators(3, utils::IteratorType::parallel);
  iterators[2] = utils::IteratorType::reduction;
  return linalg::GenericOp::create(
             b, loc, filled.getType(), source, filled,
             ArrayRef<AffineMap>{identity, rows}, iterators,
             [&](OpBuilder &inner, Location, ValueRange args) {
               linalg::YieldOp::create(inner, loc,
                                       combine(inner, args[0], args[1]));
             })
      .getResult(0);
}

/// body(element, its row's value) for each element.
Value Decomposer::mapRows(Value source, Value perRow,
                          function_ref<Value(OpBuilder &, Value, Value)> body) {
  Value empty = createEmpty(scoreSizes);
  AffineMap identity = b.getMultiDimIdentityMap(3);
  SmallVector<utils::IteratorType> parallel(3, utils::IteratorType::parallel);
  return linalg::GenericOp::create(
             b, loc, empty.getType(), ValueRange{source, perRow}, empty,
             ArrayRef<AffineMap>{identity, identity.dropResult(2), identity},
             parallel,
             [&](OpBuilder &inner, Location, ValueRange args) {
               linalg::YieldOp::create(inner, loc,
                                       body(inner, args[0], args[1]));
             })
      .getResult(0);
}

/// Rows of -inf only have maximum 0 and sum 1 instead, so they become zeros.
Value Decomposer::createSoftmax(Value scores) {
  Value maxima =
      reduceRows(scores, b.getFloatAttr(element, -INFINITY),
                 [&](OpBuilder &inner, Value a, Value c) -> Value {
                   return arith::MaximumFOp::create(inner, loc, a, c);
                 });
  Value powers =
      mapRows(scores, maxima, [&](OpBuilder &inner, Value score, Value top) {
        top = replaceNumber(inner, loc, top, -INFINITY, 0.0);
        Value shifted = arith::SubFOp::create(inner, loc, score, top);
        return math::ExpOp::create(inner, loc, shifted).getResult();
      });
  Value sums = reduceRows(powers, b.getFloatAttr(element, 0.0),
                          [&](OpBuilder &inner, Value a, Value c) -> Value {
                            return arith::AddFOp::create(inner, loc, a, c);
                          });
  return mapRows(powers, sums, [&](OpBuilder &inner, Value power, Value sum) {
    sum = replaceNumber(inner, loc, sum, 0.0, 1.0);
    return arith::DivFOp::create(inner, loc, power, sum).getResult();
  });
}

/// A tensor with another float element type, element by element.
static Value convertElements(OpBuilder &b, Location loc, Value source,
                             Type element) {
  Type from = getElementTypeOrSelf(source);
  if (from == element)
    return source;
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, source);
  Value empty = tensor::EmptyOp::create(b, loc, sizes, element);
  AffineMap identity = b.getMultiDimIdentityMap(sizes.size());
  SmallVector<utils::IteratorType> parallel(sizes.size(),
                                            utils::IteratorType::parallel);
  bool widens = element.getIntOrFloatBitWidth() > from.getIntOrFloatBitWidth();
  return linalg::GenericOp::create(
             b, loc, empty.getType(), source, empty,
             ArrayRef<AffineMap>{identity, identity}, parallel,
             [&](OpBuilder &inner, Location, ValueRange args) {
               Value out =
                   widens
                       ? arith::ExtFOp::create(inner, loc, element, args[0])
                             .getResult()
                       : arith::TruncFOp::create(inner, loc, element, args[0])
                             .getResult();
               linalg::YieldOp::create(inner, loc, out);
             })
      .getResult(0);
}

LogicalResult Decomposer::run() {
  b.setInsertionPoint(op);
  if (failed(checkOperands()))
    return failure();
  Value weights = createSoftmax(applyMask(createScores()));
  Value values = convertElements(b, loc, value, element);
  SmallVector<OpFoldResult> sizes{scoreSizes[0], scoreSizes[1],
                                  tensor::getMixedSize(b, loc, value, 2)};
  Value empty = createEmpty(sizes);
  Value result =
      MatmulOp::create(b, loc, empty.getType(), weights, values, Value(),
                       Value(), empty, false, false, KernelAttr())
          .getResult();
  Type wanted = op->getResult(0).getType();
  result = convertElements(b, loc, result, getElementTypeOrSelf(wanted));
  if (result.getType() != wanted)
    result = tensor::CastOp::create(b, loc, wanted, result);
  b.replaceOp(op, result);
  return success();
}

namespace {
struct DecomposeAttentionPass
    : public sparsity::impl::DecomposeAttentionPassBase<
          DecomposeAttentionPass> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (op->getName().getStringRef() == "tm_tensor.attention")
        ops.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (Operation *op : ops)
      if (failed(Decomposer(rewriter, op).run()))
        return signalPassFailure();
  }
};
} // namespace
