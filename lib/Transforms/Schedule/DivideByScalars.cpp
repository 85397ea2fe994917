//===- DivideByScalars.cpp - Divisions of vectors by one number -----------===//
//
// One division and three multiplications in place of a vector of divisions,
// which take ten times as long. The result is the same: with the correctly
// rounded reciprocal r of s, q = x r and the exact remainder x - q s, q + r
// (x - q s) is x / s correctly rounded (Markstein, "Computation of elementary
// functions on the IBM RISC System/6000 processor", IBM J. R&D 34, 1990), as
// long as nothing overflows or underflows. So that r does not, very small and
// very large s are scaled by a power of 2, and x with them. Where the result is
// not a number, q is the quotient: infinity, NaN, divisions by infinity. Zeros
// take their sign from q.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Target/TargetDescription.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

#include <cmath>

namespace mlir::sparsity {
#define GEN_PASS_DEF_DIVIDEBYSCALARSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// The number that all elements of `vector` are, or null.
static Value getScalar(OpBuilder &b, Location loc, Value vector) {
  if (auto broadcast = vector.getDefiningOp<vector::BroadcastOp>())
    return isa<FloatType>(broadcast.getSourceType()) ? broadcast.getSource()
                                                     : Value();
  SplatElementsAttr splat;
  if (!matchPattern(vector, m_Constant(&splat)))
    return {};
  return arith::ConstantOp::create(b, loc, splat.getSplatValue<FloatAttr>());
}

/// The power of 2 that brings `s` to where its reciprocal is exact enough, or
/// null where a constant is there already.
static Value getScale(OpBuilder &b, Location loc, Value s) {
  // Numbers beyond these bounds times the scale are as far from overflow and
  // underflow as those within.
  constexpr float kSmall = 0x1p-100f, kLarge = 0x1p100f, kScale = 0x1p60f;
  FloatAttr known;
  if (matchPattern(s, m_Constant(&known))) {
    float size = std::abs(known.getValue().convertToFloat());
    if (size >= kSmall && size <= kLarge)
      return {};
  }
  auto constant = [&](float value) {
    return arith::ConstantOp::create(b, loc, b.getF32FloatAttr(value));
  };
  Value size = math::AbsFOp::create(b, loc, s);
  Value isSmall = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, size,
                                        constant(kSmall));
  Value isLarge = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT, size,
                                        constant(kLarge));
  Value down = arith::SelectOp::create(b, loc, isLarge, constant(1 / kScale),
                                       constant(1));
  return arith::SelectOp::create(b, loc, isSmall, constant(kScale), down);
}

namespace {
/// Preconditions:
///  1. a division of vectors of f32;
///  2. by one number, broadcast or constant.
struct DivideByScalar : public OpRewritePattern<arith::DivFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::DivFOp op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || !type.getElementType().isF32())
      return rewriter.notifyMatchFailure(op, "expected vectors of f32");
    Location loc = op.getLoc();
    Value scalar = getScalar(rewriter, loc, op.getRhs());
    if (!scalar)
      return rewriter.notifyMatchFailure(op, "expected one divisor");
    auto splat = [&](Value value) {
      return vector::BroadcastOp::create(rewriter, loc, type, value)
          .getResult();
    };
    Value x = op.getLhs(), s = op.getRhs();
    if (Value scale = getScale(rewriter, loc, scalar)) {
      scalar = arith::MulFOp::create(rewriter, loc, scalar, scale);
      s = splat(scalar);
      x = arith::MulFOp::create(rewriter, loc, x, splat(scale));
    }
    Value one = arith::ConstantOp::create(rewriter, loc,
                                          rewriter.getF32FloatAttr(1.0f));
    Value r = splat(rewriter.createOrFold<arith::DivFOp>(loc, one, scalar));
    Value q = arith::MulFOp::create(rewriter, loc, x, r);
    Value minusQ = arith::NegFOp::create(rewriter, loc, q);
    Value rest = math::FmaOp::create(rewriter, loc, minusQ, s, x);
    Value corrected = math::FmaOp::create(rewriter, loc, rest, r, q);
    Value isNumber = arith::CmpFOp::create(
        rewriter, loc, arith::CmpFPredicate::ORD, corrected, corrected);
    Value withSign = math::CopySignOp::create(rewriter, loc, corrected, q);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isNumber, withSign, q);
    return success();
  }
};

struct DivideByScalarsPass
    : public sparsity::impl::DivideByScalarsPassBase<DivideByScalarsPass> {
  void runOnOperation() override {
    if (!TargetDescription::of(getOperation()).fma)
      return;
    RewritePatternSet patterns(&getContext());
    patterns.add<DivideByScalar>(&getContext());
    walkAndApplyPatterns(getOperation(), std::move(patterns));
  }
};
} // namespace
