//===- EntryValues.cpp - Values known where a function begins -------------===//
//
// Clones the operations that a value follows from. Extents of buffers come from
// what made the buffers.
//
//===----------------------------------------------------------------------===//

#include "EntryValues.h"

#include "ThreadCount.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace mlir::sparsity;

/// True when `value` is a number above 0, whatever it depends on.
static bool isPositive(Value value) {
  APInt number;
  if (matchPattern(value, m_ConstantInt(&number)))
    return number.isStrictlyPositive();
  Operation *op = value.getDefiningOp();
  auto isOperandPositive = [](Value operand) { return isPositive(operand); };
  if (isa_and_nonnull<arith::MaxSIOp>(op))
    return llvm::any_of(op->getOperands(), isOperandPositive);
  if (isa_and_nonnull<arith::MinSIOp>(op))
    return llvm::all_of(op->getOperands(), isOperandPositive);
  return false;
}

/// True when `op` computes the same, and does no harm, wherever its operands
/// are known.
static bool isMovable(Operation *op) {
  if (isThreadCount(op))
    return true;
  if (!isMemoryEffectFree(op) || op->getNumRegions() != 0)
    return false;
  if (isa<arith::DivUIOp, arith::DivSIOp, arith::RemUIOp, arith::RemSIOp,
          arith::CeilDivUIOp, arith::CeilDivSIOp, arith::FloorDivSIOp>(op))
    return isPositive(op->getOperand(1));
  return isSpeculatable(op);
}

EntryValues::EntryValues(func::FuncOp func) : func(func), b(func.getContext()) {
  Operation *place = &func.front().front();
  if (isThreadCount(place)) {
    threads = place->getResult(0);
    place = place->getNextNode();
  }
  b.setInsertionPoint(place);
}

Value EntryValues::constant(int64_t value) {
  return arith::ConstantIndexOp::create(b, func.getLoc(), value);
}

Value EntryValues::get(OpFoldResult value) {
  if (auto operand = dyn_cast<Value>(value))
    return get(operand);
  return constant(*getConstantIntValue(value));
}

Value EntryValues::get(Value value) {
  if (Value found = known.lookupOrNull(value))
    return found;
  Operation *op = value.getDefiningOp();
  if (!op)
    return value.getParentBlock() == &func.front() ? value : Value();
  if (auto dim = dyn_cast<memref::DimOp>(op)) {
    std::optional<int64_t> index = dim.getConstantIndex();
    Value extent = index ? getExtent(dim.getSource(), *index) : Value();
    if (extent)
      known.map(value, extent);
    return extent;
  }
  if (isThreadCount(op) && threads)
    return threads;
  Value atEntry = isMovable(op) ? clone(op, value) : Value();
  if (isThreadCount(op))
    threads = atEntry;
  return atEntry;
}

Value EntryValues::clone(Operation *op, Value value) {
  IRMapping mapping;
  for (Value operand : op->getOperands()) {
    Value atEntry = get(operand);
    if (!atEntry)
      return {};
    mapping.map(operand, atEntry);
  }
  Operation *copy = b.clone(*op, mapping);
  known.map(op->getResults(), copy->getResults());
  return known.lookup(value);
}

Value EntryValues::getProduct(Value memref, ArrayRef<int64_t> dims) {
  Value product = constant(1);
  for (int64_t dim : dims) {
    Value extent = getExtent(memref, dim);
    if (!extent)
      return {};
    product = b.createOrFold<arith::MulIOp>(func.getLoc(), product, extent);
  }
  return product;
}

Value EntryValues::getExtent(Value memref, int64_t dim) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type || dim < 0 || dim >= type.getRank())
    return {};
  if (!type.isDynamicDim(dim))
    return constant(type.getDimSize(dim));
  Operation *op = memref.getDefiningOp();
  if (!op) {
    if (memref.getParentBlock() != &func.front())
      return {};
    return memref::DimOp::create(b, func.getLoc(), memref, dim);
  }
  if (auto cast = dyn_cast<memref::CastOp>(op))
    return isa<MemRefType>(cast.getSource().getType())
               ? getExtent(cast.getSource(), dim)
               : Value();
  unsigned index = type.getDynamicDimIndex(dim);
  if (auto alloc = dyn_cast<memref::AllocOp>(op))
    return get(alloc.getDynamicSizes()[index]);
  if (auto view = dyn_cast<memref::ViewOp>(op))
    return get(view.getSizes()[index]);
  if (auto view = dyn_cast<memref::ReinterpretCastOp>(op))
    return get(view.getMixedSizes()[dim]);
  if (auto view = dyn_cast<memref::ExpandShapeOp>(op))
    return get(view.getMixedOutputShape()[dim]);
  if (auto view = dyn_cast<memref::CollapseShapeOp>(op))
    return getProduct(view.getSrc(), view.getReassociationIndices()[dim]);
  if (auto view = dyn_cast<memref::SubViewOp>(op)) {
    llvm::SmallBitVector dropped = view.getDroppedDims();
    for (auto [position, size] : llvm::enumerate(view.getMixedSizes()))
      if (!dropped.test(position) && dim-- == 0)
        return get(size);
  }
  return {};
}
