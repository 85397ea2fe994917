//===- OnlineSoftmax.cpp - The online softmax of rows of scores -----------===//
//
// Two passes: scores and their maxima, then exponentials and their sums. NaN is
// left out of the maximum; it comes back in the exponentials.
//
//===----------------------------------------------------------------------===//

#include "OnlineSoftmax.h"
#include "CopyMatrix.h"

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

static Value constant(Emitter &e, Type type, double value) {
  TypedAttr attr = e.getFloatAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    attr = DenseElementsAttr::get(vector, attr);
  return arith::ConstantOp::create(e, attr);
}

static Value minusInfinity(Emitter &e, Type type) {
  return constant(e, type, -std::numeric_limits<double>::infinity());
}

/// One instruction; b where a is NaN.
static Value larger(Emitter &e, Value a, Value b) {
  Value isLarger = arith::CmpFOp::create(e, arith::CmpFPredicate::OGT, a, b);
  return arith::SelectOp::create(e, isLarger, a, b);
}

/// exp(value - highest) with lanes of `value`; a highest score of -infinity
/// (nothing seen) makes 0 of -infinity.
static Value expOfDifference(Emitter &e, Value value, Value highest) {
  constexpr double kLowest = -std::numeric_limits<double>::infinity();
  Value base = replaceNumber(e, e.getLoc(), highest, kLowest, 0.0);
  if (auto type = dyn_cast<VectorType>(value.getType()))
    base = e.splat(base, type.getDimSize(0));
  return math::ExpOp::create(e, arith::SubFOp::create(e, value, base));
}

/// All lanes as one, by halves.
static Value combineLanes(Emitter &e, Value vector,
                          function_ref<Value(Value, Value)> combine) {
  int64_t lanes = cast<VectorType>(vector.getType()).getDimSize(0);
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    auto lower = llvm::to_vector(llvm::seq<int64_t>(0, half));
    auto upper = llvm::to_vector(llvm::seq<int64_t>(half, 2 * half));
    Value low = vector::ShuffleOp::create(e, vector, vector, lower);
    Value high = vector::ShuffleOp::create(e, vector, vector, upper);
    vector = combine(low, high);
  }
  return vector::ExtractOp::create(e, vector, 0);
}

Value OnlineSoftmax::forKeys(const SoftmaxPlace &place, Value carried,
                             Step step) {
  Value rest = e.rem(place.keys, e.index(lanes));
  Value whole = e.sub(place.keys, rest);
  SmallVector<Value> after =
      e.loop(e.index(0), whole, lanes, carried, [&](Value key, ValueRange v) {
        return SmallVector<Value>{step(key, Value(), v.front())};
      });
  auto last = [&] {
    return SmallVector<Value>{
        step(whole, e.firstLanes(rest, lanes), after.front())};
  };
  auto none = [&] { return after; };
  return e.choose(e.equal(rest, 0), none, last).front();
}

Value OnlineSoftmax::loadMore(OpOperand &operand, const SoftmaxPlace &place,
                              Value row, Value key, Value mask) {
  AffineMap map = op.getIndexingMap(operand);
  Value memref = operands[operand.getOperandNumber()];
  unsigned batch = indices.size(), keyDim = batch + 1;
  bool isAlong = map.isFunctionOfDim(keyDim);
  auto at = [&](Value offset) {
    SmallVector<Value> result;
    for (AffineExpr expr : map.getResults()) {
      unsigned dim = cast<AffineDimExpr>(expr).getPosition();
      result.push_back(
          dim < batch    ? indices[dim]
          : dim == batch ? e.add(place.firstRow, e.add(place.firstInItem, row))
                         : e.add(place.firstKey, offset));
    }
    return result;
  };
  if (!isAlong)
    return e.splat(e.loadScalar(memref, at({})), lanes);
  unsigned last = map.getNumResults() - 1;
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  // In memory a bit has a byte, in a vector it has not.
  if (map.getDimPosition(last) == keyDim && hasUnitStride(memref, last) &&
      element.getIntOrFloatBitWidth() >= 8)
    return e.load(memref, at(key), lanes, mask);
  Value gathered = e.zero(VectorType::get({lanes}, element));
  Value end = e.sub(place.keys, e.index(1));
  for (int64_t lane = 0; lane < lanes; ++lane) {
    Value one = e.loadScalar(memref, at(e.min(e.add(key, lane), end)));
    gathered = vector::InsertOp::create(e, one, gathered, lane);
  }
  return gathered;
}

Value OnlineSoftmax::applyBody(Value sum, const SoftmaxPlace &place, Value row,
                               Value key, Value mask) {
  Block &body = op.getBody().front();
  IRMapping mapping;
  mapping.map(body.getArgument(0), sum);
  for (auto [argument, operand] :
       llvm::zip(body.getArguments().drop_front(),
                 op->getOpOperands().drop_front(3).drop_back()))
    if (!argument.use_empty())
      mapping.map(argument, loadMore(operand, place, row, key, mask));
  auto toVector = [&](Value value) {
    Value known = mapping.lookup(value);
    return isa<VectorType>(known.getType()) ? known : e.splat(known, lanes);
  };
  for (Operation &inner : body.without_terminator()) {
    if (inner.hasTrait<OpTrait::ConstantLike>()) {
      e.clone(inner, mapping);
      continue;
    }
    OperationState state(inner.getLoc(), inner.getName());
    for (Value operand : inner.getOperands())
      state.operands.push_back(toVector(operand));
    for (Type type : inner.getResultTypes())
      state.types.push_back(VectorType::get({lanes}, type));
    state.attributes = inner.getAttrs();
    Operation *vectorOp = e.create(state);
    mapping.map(inner.getResults(), vectorOp->getResults());
  }
  return toVector(body.getTerminator()->getOperand(0));
}

void OnlineSoftmax::scaleRow(const SoftmaxState &state, Value out, Value row,
                             Value itemRow) {
  Value before = e.loadScalar(state.before, itemRow);
  Value now = e.loadScalar(state.highest, itemRow);
  // A vector of one number: functions of vectors need no library.
  Value factors = expOfDifference(e, e.splat(before, lanes), now);
  e.loop(e.index(0), e.dim(out, 1), lanes, [&](Value column) {
    Value old = e.load(out, {row, column}, lanes);
    Value scaled = arith::MulFOp::create(e, old, factors);
    e.store(scaled, out, {row, column});
  });
  Value factor = vector::ExtractOp::create(e, factors, 0);
  Value total = e.loadScalar(state.total, itemRow);
  e.storeScalar(arith::MulFOp::create(e, total, factor), state.total, itemRow);
}

Value OnlineSoftmax::emitScores(Value scores, Value row,
                                const SoftmaxPlace &place) {
  Type element = cast<MemRefType>(scores.getType()).getElementType();
  Value low = minusInfinity(e, VectorType::get({lanes}, element));
  Value highest =
      forKeys(place, low, [&](Value key, Value mask, Value carried) -> Value {
        Value sum = e.load(scores, {row, key}, lanes, mask);
        Value score = applyBody(sum, place, row, key, mask);
        e.store(score, scores, {row, key}, mask);
        if (mask)
          score = arith::SelectOp::create(e, mask, score, low);
        return larger(e, score, carried);
      });
  return combineLanes(e, highest,
                      [&](Value a, Value b) { return larger(e, a, b); });
}

Value OnlineSoftmax::emitWeights(Value scores, Value row, Value highest,
                                 const SoftmaxPlace &place) {
  Type element = cast<MemRefType>(scores.getType()).getElementType();
  Value none = e.zero(VectorType::get({lanes}, element));
  Value total =
      forKeys(place, none, [&](Value key, Value mask, Value carried) -> Value {
        Value score = e.load(scores, {row, key}, lanes, mask);
        Value weight = expOfDifference(e, score, highest);
        e.store(weight, scores, {row, key}, mask);
        if (mask)
          weight = arith::SelectOp::create(e, mask, weight, none);
        return e.plus(weight, carried);
      });
  return combineLanes(e, total, [&](Value a, Value b) { return e.plus(a, b); });
}

/// A loop for each step, so that rows overlap: the steps of one row wait for
/// each other.
void OnlineSoftmax::emit(const SoftmaxState &state, Value scores, Value out,
                         const SoftmaxPlace &place) {
  auto forRows = [&](function_ref<void(Value row, Value itemRow)> body) {
    e.loop(e.index(0), place.rows, 1,
           [&](Value row) { body(row, e.add(place.firstInItem, row)); });
  };
  forRows([&](Value row, Value itemRow) {
    Value highest = emitScores(scores, row, place);
    Value before = e.loadScalar(state.highest, itemRow);
    e.storeScalar(before, state.before, itemRow);
    e.storeScalar(larger(e, highest, before), state.highest, itemRow);
  });
  e.when(e.less(e.index(0), place.firstKey), [&] {
    forRows(
        [&](Value row, Value itemRow) { scaleRow(state, out, row, itemRow); });
  });
  forRows([&](Value row, Value itemRow) {
    Value highest = e.loadScalar(state.highest, itemRow);
    Value sum = emitWeights(scores, row, highest, place);
    Value total = e.loadScalar(state.total, itemRow);
    e.storeScalar(e.plus(total, sum), state.total, itemRow);
  });
}

void mlir::sparsity::emitStartOfSoftmax(Emitter &e, const SoftmaxState &state,
                                        Value sums, Value rows, Value keys) {
  Type type = cast<MemRefType>(state.total.getType()).getElementType();
  Value isEmpty = e.equal(keys, 0);
  Value total = e.select(isEmpty, constant(e, type, 1.0), e.zero(type));
  e.loop(e.index(0), rows, 1, [&](Value row) {
    e.storeScalar(minusInfinity(e, type), state.highest, row);
    e.storeScalar(total, state.total, row);
  });
  e.when(isEmpty, [&] {
    e.loop(e.index(0), rows, 1, [&](Value row) {
      e.loop(e.index(0), e.dim(sums, 1), 1, [&](Value column) {
        e.storeScalar(e.zero(type), sums, {row, column});
      });
    });
  });
}

void mlir::sparsity::emitEndOfSoftmax(Emitter &e, const SoftmaxState &state,
                                      Value sums, Value out, Value rows,
                                      int64_t lanes, bool zeroRows) {
  e.loop(e.index(0), rows, 1, [&](Value row) {
    Value sum = e.loadScalar(state.total, row);
    // The highest score alone adds 1: without any, all are -infinity.
    if (zeroRows)
      sum = replaceNumber(e, e.getLoc(), sum, 0.0, 1.0);
    Value total = e.splat(sum, lanes);
    e.loop(e.index(0), e.dim(sums, 1), lanes, [&](Value column) {
      Value sum = e.load(sums, {row, column}, lanes);
      Value quotient = arith::DivFOp::create(e, sum, total);
      e.store(quotient, out, {row, column});
    });
  });
}
