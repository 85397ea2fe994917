//===- ExpandReshapes.cpp - memref.expand_shape with several unknowns -----===//
//
// Writes expansions as reinterpret_cast with sizes from `output_shape` and
// strides computed inside each group.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_EXPANDRESHAPESPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// a * b, folded where both are known.
static OpFoldResult multiply(OpBuilder &b, Location loc, OpFoldResult a,
                             OpFoldResult c) {
  std::optional<int64_t> left = getConstantIntValue(a);
  std::optional<int64_t> right = getConstantIntValue(c);
  if (left && right)
    return b.getIndexAttr(*left * *right);
  return arith::MulIOp::create(b, loc,
                               getValueOrCreateConstantIndexOp(b, loc, a),
                               getValueOrCreateConstantIndexOp(b, loc, c))
      .getResult();
}

/// Where the result type knows an extent or stride, that constant; the op's
/// verifier compares them.
static SmallVector<OpFoldResult> preferStatic(OpBuilder &b,
                                              ArrayRef<OpFoldResult> values,
                                              ArrayRef<int64_t> known) {
  SmallVector<OpFoldResult> mixed;
  for (auto [value, constant] : llvm::zip(values, known))
    mixed.push_back(ShapedType::isDynamic(constant)
                        ? value
                        : OpFoldResult(b.getIndexAttr(constant)));
  return mixed;
}

static void expand(IRRewriter &b, memref::ExpandShapeOp op) {
  b.setInsertionPoint(op);
  Location loc = op.getLoc();
  auto source = memref::ExtractStridedMetadataOp::create(b, loc, op.getSrc());
  SmallVector<OpFoldResult> sourceStrides = source.getConstifiedMixedStrides();
  SmallVector<OpFoldResult> sizes = op.getMixedOutputShape();
  SmallVector<OpFoldResult> strides(sizes.size());
  for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices())) {
    OpFoldResult stride = sourceStrides[dim];
    for (int64_t inner : llvm::reverse(group)) {
      strides[inner] = stride;
      stride = multiply(b, loc, stride, sizes[inner]);
    }
  }
  auto type = cast<MemRefType>(op.getResult().getType());
  SmallVector<int64_t> knownStrides;
  int64_t knownOffset;
  if (failed(type.getStridesAndOffset(knownStrides, knownOffset)))
    return;
  OpFoldResult offset = source.getConstifiedMixedOffset();
  SmallVector<OpFoldResult> offsets =
      preferStatic(b, offset, ArrayRef(knownOffset));
  b.replaceOpWithNewOp<memref::ReinterpretCastOp>(
      op, type, source.getBaseBuffer(), offsets.front(),
      preferStatic(b, sizes, type.getShape()),
      preferStatic(b, strides, knownStrides));
}

namespace {
struct ExpandReshapesPass
    : public sparsity::impl::ExpandReshapesPassBase<ExpandReshapesPass> {
  void runOnOperation() override {
    SmallVector<memref::ExpandShapeOp> ops;
    getOperation().walk([&](memref::ExpandShapeOp op) { ops.push_back(op); });
    IRRewriter rewriter(&getContext());
    for (memref::ExpandShapeOp op : ops)
      expand(rewriter, op);
  }
};
} // namespace
