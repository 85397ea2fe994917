//===- CheckIndices.cpp - Indices that depend on data ---------------------===//
//
// Asserts that elements and slices taken from tensors are inside of them. What
// a failed check does is not decided here.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_CHECKINDICESPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// True when `value` is computed from elements of tensors that `op` reads, or
/// inside a region of its body.
static bool dependsOnElements(linalg::LinalgOp op, Value value) {
  llvm::SetVector<Value> values;
  values.insert(value);
  for (size_t next = 0; next < values.size(); ++next) {
    auto argument = dyn_cast<BlockArgument>(values[next]);
    if (argument && op->isAncestor(argument.getOwner()->getParentOp()))
      return true;
    Operation *def = values[next].getDefiningOp();
    if (!def || !op->isProperAncestor(def))
      continue;
    if (def->getNumRegions() != 0)
      return true;
    values.insert(def->operand_begin(), def->operand_end());
  }
  return false;
}

static void assertInside(OpBuilder &b, Location loc, Value isInside,
                         StringRef what) {
  cf::AssertOp::create(b, loc, isInside,
                       ("expected " + what + " inside of the tensor").str());
}

/// index < extent; negative indices are large without sign.
static Value isBelow(OpBuilder &b, Location loc, Value index, Value extent) {
  return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, index,
                               extent);
}

static void checkIndex(OpBuilder &b, Location loc, Value tensor, int64_t dim,
                       Value index) {
  Value extent = tensor::DimOp::create(b, loc, tensor, dim);
  assertInside(b, loc, isBelow(b, loc, index, extent), "an index");
}

/// Loops have been counted by whoever wrote them; bodies with asserts of their
/// own have said what they take.
static void checkBody(linalg::LinalgOp op) {
  if (!op.getBlock()->getOps<cf::AssertOp>().empty())
    return;
  SmallVector<tensor::ExtractOp> extracts;
  op.getBlock()->walk(
      [&](tensor::ExtractOp extract) { extracts.push_back(extract); });
  for (tensor::ExtractOp extract : extracts) {
    OpBuilder b(extract);
    for (auto [dim, index] : llvm::enumerate(extract.getIndices()))
      if (dependsOnElements(op, index))
        checkIndex(b, extract.getLoc(), extract.getTensor(), dim, index);
  }
}

static void checkElement(Operation *op, Value tensor, ValueRange indices) {
  OpBuilder b(op);
  for (auto [dim, index] : llvm::enumerate(indices))
    checkIndex(b, op->getLoc(), tensor, dim, index);
}

/// Checks 0 <= offset <= extent, 0 <= size <= extent, 0 <= stride < 2^31 and
/// offset + (size - 1) * stride < extent.
static void checkSlice(OffsetSizeAndStrideOpInterface slice, Value tensor) {
  OpBuilder b(slice);
  Location loc = slice.getLoc();
  for (auto [dim, offsetOr, sizeOr, strideOr] :
       llvm::enumerate(slice.getMixedOffsets(), slice.getMixedSizes(),
                       slice.getMixedStrides())) {
    Value one = arith::ConstantIndexOp::create(b, loc, 1);
    Value offset = getValueOrCreateConstantIndexOp(b, loc, offsetOr);
    Value size = getValueOrCreateConstantIndexOp(b, loc, sizeOr);
    Value stride = getValueOrCreateConstantIndexOp(b, loc, strideOr);
    Value extent = tensor::DimOp::create(b, loc, tensor, dim);
    Value beyond = arith::AddIOp::create(b, loc, extent, one);
    Value tooLong = arith::ConstantIndexOp::create(b, loc, int64_t(1) << 31);
    assertInside(b, loc, isBelow(b, loc, offset, beyond), "a slice");
    assertInside(b, loc, isBelow(b, loc, size, beyond), "a slice");
    assertInside(b, loc, isBelow(b, loc, stride, tooLong), "a slice");
    Value steps = arith::SubIOp::create(b, loc, size, one);
    Value length = arith::MulIOp::create(b, loc, steps, stride);
    Value last = arith::AddIOp::create(b, loc, offset, length);
    Value isInside =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::slt, last, extent);
    assertInside(b, loc, isInside, "a slice");
  }
}

namespace {
struct CheckIndicesPass
    : public sparsity::impl::CheckIndicesPassBase<CheckIndicesPass> {
  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
      ops.push_back(op);
      return isa<linalg::LinalgOp>(op) ? WalkResult::skip()
                                       : WalkResult::advance();
    });
    for (Operation *op : ops)
      check(op);
  }

private:
  static void check(Operation *op) {
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      checkBody(linalgOp);
    else if (auto extract = dyn_cast<tensor::ExtractOp>(op))
      checkElement(op, extract.getTensor(), extract.getIndices());
    else if (auto insert = dyn_cast<tensor::InsertOp>(op))
      checkElement(op, insert.getDest(), insert.getIndices());
    else if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op))
      checkSlice(slice, slice.getSource());
    else if (auto slice = dyn_cast<tensor::InsertSliceOp>(op))
      checkSlice(slice, slice.getDest());
  }
};
} // namespace
