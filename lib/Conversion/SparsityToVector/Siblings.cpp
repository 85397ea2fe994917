//===- Siblings.cpp - Products of the same x ------------------------------===//
//
// Compares operands and looks at what lies between two products.
//
//===----------------------------------------------------------------------===//

#include "Siblings.h"
#include "ProductView.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::sparsity;

/// The memory behind views, or null where it may be one or another.
static Value getBuffer(Value view) {
  while (auto op = view.getDefiningOp<ViewLikeOpInterface>())
    view = op.getViewSource();
  if (auto argument = dyn_cast<BlockArgument>(view))
    return isa<FunctionOpInterface>(argument.getOwner()->getParentOp())
               ? view
               : Value();
  Operation *op = view.getDefiningOp();
  return isa<memref::AllocOp, memref::GetGlobalOp>(op) ? view : Value();
}

/// A whole matrix times a packed one.
static bool isPlain(MatmulOp op) {
  return op.getPackedType() && !op.isLhsPacked() && op.getRank() == 2 &&
         !op.getTransposeLhs() && !op.getAt() && !op.hasEpilogue() &&
         op->getNumResults() == 0;
}

/// Biases, where both have one, in memory of the same kind.
static bool biasesAgree(MatmulOp a, MatmulOp b) {
  return !a.getBias() || !b.getBias() ||
         getCommonType(a.getBias(), -1) == getCommonType(b.getBias(), -1);
}

/// All but the number of outputs and whether there is a bias.
static bool agree(MatmulOp a, MatmulOp b) {
  PackedType one = a.getPackedType(), other = b.getPackedType();
  return a.getLhs() == b.getLhs() && one.getFormat() == other.getFormat() &&
         one.getElementType() == other.getElementType() &&
         a.getKernelAttr() == b.getKernelAttr() && biasesAgree(a, b) &&
         getCommonType(a.getInit(), -1) == getCommonType(b.getInit(), -1);
}

/// True when nothing from `first` up to `last` reads or writes memory.
static bool isOnlyAllocation(Block::iterator first, Block::iterator last) {
  return std::all_of(first, last, [](Operation &op) {
    return isMemoryEffectFree(&op) ||
           hasSingleEffect<MemoryEffects::Allocate>(&op);
  });
}

static bool writesAllocated(MatmulOp op) {
  Value buffer = getBuffer(op.getInit());
  return buffer && buffer.getDefiningOp<memref::AllocOp>();
}

/// True when `op` may read or write what `other` writes.
static bool touchesResult(MatmulOp op, MatmulOp other) {
  SmallVector<Value> operands(op->getOperands());
  if (auto assembly = op.getRhs().getDefiningOp<AssembleOp>())
    llvm::append_range(operands, assembly.getBuffers());
  Value result = getBuffer(other.getInit());
  return llvm::any_of(operands, [&](Value operand) {
    if (!isa<MemRefType>(operand.getType()))
      return false;
    Value buffer = getBuffer(operand);
    return !buffer || buffer == result;
  });
}

static bool joins(MatmulOp op, ArrayRef<MatmulOp> group) {
  MatmulOp last = group.back();
  if (!isPlain(op) || !isPlain(last) || op->getBlock() != last->getBlock() ||
      !isOnlyAllocation(std::next(last->getIterator()), op->getIterator()))
    return false;
  return writesAllocated(op) && llvm::all_of(group, [&](MatmulOp other) {
           return agree(op, other) && writesAllocated(other) &&
                  !touchesResult(op, other) && !touchesResult(other, op);
         });
}

SmallVector<SmallVector<MatmulOp>>
mlir::sparsity::groupSiblings(ArrayRef<MatmulOp> products) {
  SmallVector<SmallVector<MatmulOp>> groups;
  for (MatmulOp op : products) {
    if (groups.empty() || !joins(op, groups.back()))
      groups.emplace_back();
    groups.back().push_back(op);
  }
  return groups;
}
