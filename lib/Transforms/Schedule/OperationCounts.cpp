//===- OperationCounts.cpp - What an operation computes and moves ---------===//
//
// Multiplies what one step of a nest does by the extents of the loops around
// it. Memory counts once: no more than the size of what is touched.
//
//===----------------------------------------------------------------------===//

#include "OperationCounts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Arithmetic on i64 values.
class Counter {
public:
  Counter(OpBuilder &builder, Location loc) : b(loc, builder) {}

  Value number(int64_t value) {
    return arith::ConstantIntOp::create(b, value, 64);
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, value);
  }
  Value toNumber(Value index) {
    return arith::IndexCastOp::create(b, b.getI64Type(), index);
  }
  Value plus(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value times(Value x, Value y) { return arith::MulIOp::create(b, x, y); }
  Value times(Value x, int64_t y) { return times(x, number(y)); }
  Value max(Value x, Value y) { return arith::MaxSIOp::create(b, x, y); }
  Value min(Value x, Value y) { return arith::MinSIOp::create(b, x, y); }
  Value extent(Value memref, int64_t dim) {
    return toNumber(memref::DimOp::create(b, memref, dim));
  }
  Value elements(Value memref) {
    Value count = number(1);
    int64_t rank = cast<MemRefType>(memref.getType()).getRank();
    for (int64_t dim = 0; dim < rank; ++dim)
      count = times(count, extent(memref, dim));
    return count;
  }
  Value bytes(Value memref) {
    return times(elements(memref), elementBytes(memref.getType()));
  }
  /// Iterations of a loop whose bounds are known outside of it.
  Value trips(Value lower, Value upper, Value step) {
    Value length = arith::SubIOp::create(b, upper, lower);
    length = arith::MaxSIOp::create(b, length, index(0));
    return toNumber(arith::CeilDivUIOp::create(b, length, step));
  }

  static int64_t elementBytes(Type type) {
    Type element = getElementTypeOrSelf(type);
    return element.isIntOrFloat()
               ? llvm::divideCeil(element.getIntOrFloatBitWidth(), 8)
               : 8;
  }
  /// What a call reads and writes: its operands, once, whatever their types are
  /// cast to.
  Value operandBytes(Operation *op) {
    Value sum = number(0);
    llvm::SmallDenseSet<Value> counted;
    for (Value operand : op->getOperands()) {
      Value source = operand;
      while (auto cast = source.getDefiningOp<memref::CastOp>())
        source = cast.getSource();
      if (isa<MemRefType>(operand.getType()) && counted.insert(source).second)
        sum = plus(sum, bytes(operand));
    }
    return sum;
  }

private:
  ImplicitLocOpBuilder b;
};

/// A walk over one nest.
class LoopCounter {
public:
  LoopCounter(OpBuilder &builder, Operation *top)
      : counter(builder, top->getLoc()), top(top) {}

  OperationCounts count();

private:
  /// Visits `op`, which runs `runs` times; false where that is not known.
  bool visit(Operation *op, Value runs);
  bool visitLoop(LoopLikeOpInterface loop, Value runs);
  /// `elements` of `memref` are read or written in each run.
  void touch(Value memref, Value runs, int64_t elements);
  bool isOutside(Value value) const {
    return !top->isAncestor(value.getParentBlock()->getParentOp());
  }

  Counter counter;
  Operation *top;
  Value flops;
  /// Accesses to memory that lies outside of the nest, in elements.
  llvm::MapVector<Value, Value> accesses;
};
} // namespace

static int64_t getLanes(Type type) {
  auto vector = dyn_cast<VectorType>(type);
  return vector ? vector.getNumElements() : 1;
}

/// Floating-point operations of one run of `op`, per lane.
static int64_t getFlops(Operation *op) {
  if (op->getNumResults() != 1 ||
      !isa<FloatType>(getElementTypeOrSelf(op->getResult(0))))
    return 0;
  if (isa<vector::FMAOp, math::FmaOp>(op))
    return 2;
  if (isa<math::MathDialect>(op->getDialect()))
    return 1;
  return isa<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::DivFOp,
             arith::RemFOp, arith::NegFOp, arith::MaximumFOp, arith::MinimumFOp,
             arith::MaxNumFOp, arith::MinNumFOp>(op);
}

void LoopCounter::touch(Value memref, Value runs, int64_t elements) {
  while (Operation *op = memref.getDefiningOp()) {
    if (isOutside(memref) || !isa<ViewLikeOpInterface>(op))
      break;
    memref = op->getOperand(0);
  }
  if (!isOutside(memref))
    return;
  Value count = counter.times(runs, elements);
  auto [known, isNew] = accesses.insert({memref, count});
  if (!isNew)
    known->second = counter.plus(known->second, count);
}

bool LoopCounter::visitLoop(LoopLikeOpInterface loop, Value runs) {
  std::optional<SmallVector<OpFoldResult>> lower = loop.getLoopLowerBounds();
  std::optional<SmallVector<OpFoldResult>> upper = loop.getLoopUpperBounds();
  std::optional<SmallVector<OpFoldResult>> steps = loop.getLoopSteps();
  if (!lower || !upper || !steps)
    return false;
  for (auto [low, high, step] : llvm::zip_equal(*lower, *upper, *steps)) {
    SmallVector<Value> bounds;
    for (OpFoldResult bound : {low, high, step}) {
      Value value = dyn_cast<Value>(bound);
      if (std::optional<int64_t> constant = getConstantIntValue(bound))
        value = counter.index(*constant);
      else if (!isOutside(value))
        return false;
      bounds.push_back(value);
    }
    runs = counter.times(runs, counter.trips(bounds[0], bounds[1], bounds[2]));
  }
  for (Region *region : loop.getLoopRegions())
    for (Operation &inner : region->getOps())
      if (!visit(&inner, runs))
        return false;
  return true;
}

bool LoopCounter::visit(Operation *op, Value runs) {
  if (auto loop = dyn_cast<LoopLikeOpInterface>(op))
    return visitLoop(loop, runs);
  if (auto load = dyn_cast<memref::LoadOp>(op))
    touch(load.getMemRef(), runs, 1);
  else if (auto store = dyn_cast<memref::StoreOp>(op))
    touch(store.getMemRef(), runs, 1);
  else if (auto load = dyn_cast<vector::LoadOp>(op))
    touch(load.getBase(), runs, getLanes(load.getType()));
  else if (auto store = dyn_cast<vector::StoreOp>(op))
    touch(store.getBase(), runs, getLanes(store.getVectorType()));
  else if (auto load = dyn_cast<vector::MaskedLoadOp>(op))
    touch(load.getBase(), runs, getLanes(load.getType()));
  else if (auto store = dyn_cast<vector::MaskedStoreOp>(op))
    touch(store.getBase(), runs, getLanes(store.getVectorType()));
  else if (isa<func::CallOp>(op))
    return false;
  else if (int64_t each = getFlops(op))
    flops = counter.plus(
        flops,
        counter.times(runs, each * getLanes(op->getResult(0).getType())));
  for (Region &region : op->getRegions())
    for (Operation &inner : region.getOps())
      if (!visit(&inner, runs))
        return false;
  return true;
}

OperationCounts LoopCounter::count() {
  flops = counter.number(0);
  if (isa<memref::CopyOp, linalg::LinalgOp>(top))
    return {flops, counter.operandBytes(top)};
  if (!visit(top, counter.number(1)))
    return {counter.number(0), counter.number(0)};
  Value bytes = counter.number(0);
  for (auto [memref, count] : accesses) {
    Value touched = counter.min(count, counter.elements(memref));
    bytes = counter.plus(
        bytes, counter.times(touched, Counter::elementBytes(memref.getType())));
  }
  return {flops, bytes};
}

OperationCounts mlir::sparsity::countLoops(OpBuilder &builder, Operation *op) {
  return LoopCounter(builder, op).count();
}

OperationCounts
mlir::sparsity::countProduct(OpBuilder &builder, func::CallOp call,
                             ArrayRef<SmallVector<Value>> weights) {
  Counter counter(builder, call.getLoc());
  Value x = call.getOperands().front(), y = call.getOperands().back();
  int64_t last = cast<MemRefType>(x.getType()).getRank() - 1;
  Value stored = counter.number(0);
  for (ArrayRef<Value> buffers : weights) {
    Value most = counter.number(0);
    for (Value buffer : buffers)
      most = counter.max(most, counter.elements(buffer));
    stored = counter.plus(stored, most);
  }
  Value steps = weights.empty() ? counter.times(counter.elements(y),
                                                counter.extent(x, last))
                                : counter.times(counter.extent(y, 0), stored);
  return {counter.times(steps, 2), counter.operandBytes(call)};
}

OperationCounts mlir::sparsity::countAttention(OpBuilder &builder,
                                               func::CallOp call,
                                               ArrayAttr maps) {
  Counter counter(builder, call.getLoc());
  unsigned dims = cast<AffineMapAttr>(maps[0]).getValue().getNumDims();
  SmallVector<Value> extents(dims);
  for (auto [operand, attr] : llvm::zip_equal(call.getOperands(), maps)) {
    AffineMap map = cast<AffineMapAttr>(attr).getValue();
    for (unsigned dim = 0; dim < map.getNumResults(); ++dim)
      if (Value &known = extents[map.getDimPosition(dim)]; !known)
        known = counter.extent(operand, dim);
  }
  // A multiply-add per feature for each score, and per value for each weight.
  Value steps = counter.plus(extents[dims - 2], extents[dims - 1]);
  for (Value extent : ArrayRef(extents).drop_back(2))
    steps = counter.times(steps, extent);
  return {counter.times(steps, 2), counter.operandBytes(call)};
}
