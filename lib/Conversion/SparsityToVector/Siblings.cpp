//===- Siblings.cpp - Products of the same x ------------------------------===//
//
// Compares operands and looks at what lies between two products.
//
//===----------------------------------------------------------------------===//

#include "Siblings.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace mlir::sparsity;

static Value getBuffer(Value view) {
  while (auto op = view.getDefiningOp<ViewLikeOpInterface>())
    view = op.getViewSource();
  return view;
}

static Type getBiasType(MatmulOp op) {
  return op.getBias() ? op.getBias().getType() : Type();
}

/// A whole matrix times a packed one.
static bool isPlain(MatmulOp op) {
  return op.getPackedType() && !op.isLhsPacked() && op.getRank() == 2 &&
         !op.getTransposeLhs() && !op.getAt() && !op.hasEpilogue() &&
         op->getNumResults() == 0;
}

static bool agree(MatmulOp a, MatmulOp b) {
  return a.getLhs() == b.getLhs() && a.getPackedType() == b.getPackedType() &&
         a.getKernelAttr() == b.getKernelAttr() &&
         getBiasType(a) == getBiasType(b) &&
         a.getInit().getType() == b.getInit().getType();
}

/// True when nothing from `first` up to `last` reads or writes memory.
static bool isOnlyAllocation(Block::iterator first, Block::iterator last) {
  return std::all_of(first, last, [](Operation &op) {
    return isMemoryEffectFree(&op) ||
           hasSingleEffect<MemoryEffects::Allocate>(&op);
  });
}

static bool writesAllocated(MatmulOp op) {
  return bool(getBuffer(op.getInit()).getDefiningOp<memref::AllocOp>());
}

/// True when `op` reads or writes what `other` writes.
static bool touchesResult(MatmulOp op, MatmulOp other) {
  SmallVector<Value> operands(op->getOperands());
  if (auto assembly = op.getRhs().getDefiningOp<AssembleOp>())
    llvm::append_range(operands, assembly.getBuffers());
  Value result = getBuffer(other.getInit());
  return llvm::any_of(operands,
                      [&](Value value) { return getBuffer(value) == result; });
}

static bool joins(MatmulOp op, ArrayRef<MatmulOp> group) {
  MatmulOp last = group.back();
  if (!isPlain(op) || !isPlain(last) || !agree(op, last) ||
      op->getBlock() != last->getBlock() ||
      !isOnlyAllocation(std::next(last->getIterator()), op->getIterator()))
    return false;
  return writesAllocated(op) && llvm::all_of(group, [&](MatmulOp other) {
           return writesAllocated(other) && !touchesResult(op, other) &&
                  !touchesResult(other, op);
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
