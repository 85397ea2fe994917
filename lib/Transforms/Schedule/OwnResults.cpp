//===- OwnResults.cpp - Returned buffers belong to the caller -------------===//
//
// Copies results that are not fresh allocations of their own.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_OWNRESULTSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// The allocation that `value` covers whole, or null.
static memref::AllocOp getWholeAllocation(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      return alloc;
    if (!isa<memref::CastOp, memref::ExpandShapeOp, memref::CollapseShapeOp>(
            op))
      return {};
    value = op->getOperand(0);
  }
  return {};
}

/// A fresh, contiguous copy of `value`.
static Value copy(OpBuilder &builder, Location loc, Value value) {
  auto type = cast<MemRefType>(value.getType());
  auto plain = MemRefType::get(type.getShape(), type.getElementType());
  SmallVector<Value> extents;
  for (int64_t dim = 0; dim < type.getRank(); ++dim)
    if (type.isDynamicDim(dim))
      extents.push_back(memref::DimOp::create(builder, loc, value, dim));
  Value fresh = memref::AllocOp::create(builder, loc, plain, extents);
  memref::CopyOp::create(builder, loc, value, fresh);
  if (plain != type)
    fresh = memref::CastOp::create(builder, loc, type, fresh);
  return fresh;
}

namespace {
struct OwnResultsPass
    : public sparsity::impl::OwnResultsPassBase<OwnResultsPass> {
  void runOnOperation() override {
    getOperation().walk([&](func::ReturnOp returnOp) {
      OpBuilder builder(returnOp);
      DenseSet<Operation *> returned;
      for (OpOperand &operand : returnOp->getOpOperands()) {
        if (!isa<MemRefType>(operand.get().getType()))
          continue;
        memref::AllocOp alloc = getWholeAllocation(operand.get());
        if (!alloc || !returned.insert(alloc).second)
          operand.set(copy(builder, returnOp.getLoc(), operand.get()));
      }
    });
  }
};
} // namespace
