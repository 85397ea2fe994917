//===- UpdatedInputs.cpp - Memrefs that a program updates -----------------===//
//
// `restrict` says that nobody else reads a memref, which programs that read and
// write one say easily and wrongly: an update in place then reads elements that
// it has written. Here everything that is read is copied first, and `restrict`
// is taken away from writes. The statistics of --sparsity-instrument, which
// come later, are updated element by element and need no copy.
//
//===----------------------------------------------------------------------===//

#include "UpdatedInputs.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using bufferization::MaterializeInDestinationOp;
using bufferization::ToTensorOp;

/// Users of `read` get a copy.
static void copy(ToTensorOp read) {
  OpBuilder b(read.getContext());
  b.setInsertionPointAfter(read);
  auto type = cast<RankedTensorType>(read.getType());
  auto copied = bufferization::AllocTensorOp::create(
      b, read.getLoc(), type, /*dynamicSizes=*/ValueRange(),
      /*copy=*/read.getResult());
  read.getResult().replaceAllUsesExcept(copied.getResult(), copied);
}

/// What is written has the extents of the memref, or the call fails.
static void check(MaterializeInDestinationOp write) {
  auto from = cast<RankedTensorType>(write.getSource().getType());
  auto to = cast<MemRefType>(write.getDest().getType());
  OpBuilder b(write);
  Location loc = write.getLoc();
  for (int64_t dim = 0; dim < from.getRank(); ++dim) {
    if (!from.isDynamicDim(dim) && !to.isDynamicDim(dim))
      continue;
    Value equal = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::eq,
        tensor::DimOp::create(b, loc, write.getSource(), dim),
        memref::DimOp::create(b, loc, write.getDest(), dim));
    cf::AssertOp::create(b, loc, equal,
                         "expected a tensor of the extents of the memref that "
                         "it is written to");
  }
  write.setRestrict(false);
}

static LogicalResult prepare(BlockArgument memref) {
  for (Operation *user : llvm::make_early_inc_range(memref.getUsers())) {
    // Memrefs as results are refused where results are described.
    if (isa<memref::DimOp, func::ReturnOp>(user))
      continue;
    auto write = dyn_cast<MaterializeInDestinationOp>(user);
    if (auto read = dyn_cast<ToTensorOp>(user))
      copy(read);
    else if (write && write.getDest() == memref)
      check(write);
    else
      return user->emitError(
          "expected the memrefs of a program to be read by "
          "bufferization.to_tensor and written by "
          "bufferization.materialize_in_destination, got another use");
  }
  return success();
}

LogicalResult mlir::sparsity::prepareUpdatedInputs(ModuleOp module) {
  for (auto func : module.getOps<func::FuncOp>()) {
    if (!func.isPublic() || func.isDeclaration())
      continue;
    for (BlockArgument argument : func.getArguments())
      if (isa<MemRefType>(argument.getType()) && failed(prepare(argument)))
        return failure();
  }
  return success();
}
