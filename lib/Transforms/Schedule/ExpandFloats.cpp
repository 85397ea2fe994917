//===- ExpandFloats.cpp - What LLVM or the machine does not have ----------===//
//
// Clamping by comparisons, expm1 by exp and log, bf16 through f32, and that by
// integer arithmetic where the machine has no instructions for it: LLVM would
// call __truncsfbf2 or __truncdfbf2, which Debian 12's libgcc does not have.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Target/TargetDescription.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

#include <limits>

namespace mlir::sparsity {
#define GEN_PASS_DEF_EXPANDFLOATSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// `type` with another element type: scalar or vector.
static Type withElement(Type type, Type element) {
  if (auto vector = dyn_cast<VectorType>(type))
    return vector.clone(element);
  return element;
}

/// f64 -> f32 so that a second rounding to bf16 gives what one would: of the
/// two neighbours of an inexact value, the one with the odd last bit (Boldo and
/// Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
static Value roundToOdd(OpBuilder &b, Location loc, Value value) {
  Type wide = value.getType();
  Type type = withElement(wide, b.getF32Type());
  Type bitsType = withElement(wide, b.getI32Type());
  Value near = arith::TruncFOp::create(b, loc, type, value);
  Value back = arith::ExtFOp::create(b, loc, wide, near);
  Value isExact =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UEQ, back, value);
  Value bits = arith::BitcastOp::create(b, loc, bitsType, near);
  Value one = createScalarOrSplatConstant(b, loc, bitsType, int64_t(1));
  Value zero = createScalarOrSplatConstant(b, loc, bitsType, int64_t(0));
  Value last = arith::AndIOp::create(b, loc, bits, one);
  Value isOdd =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, last, zero);
  Value isFar = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGT,
                                      math::AbsFOp::create(b, loc, back),
                                      math::AbsFOp::create(b, loc, value));
  Value inward = arith::SubIOp::create(b, loc, bits, one);
  Value outward = arith::AddIOp::create(b, loc, bits, one);
  Value other = arith::SelectOp::create(b, loc, isFar, inward, outward);
  Value isDone = arith::OrIOp::create(b, loc, isExact, isOdd);
  Value odd = arith::SelectOp::create(b, loc, isDone, bits, other);
  return arith::BitcastOp::create(b, loc, type, odd);
}

namespace {
/// min(max(value, low), high). Upstream's expansion takes the bounds in the
/// wrong order.
struct ExpandClamp : public OpRewritePattern<math::ClampFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ClampFOp op,
                                PatternRewriter &rewriter) const override {
    Value raised = arith::MaximumFOp::create(
        rewriter, op.getLoc(), op.getValue(), op.getMin(), op.getFastmath());
    rewriter.replaceOpWithNewOp<arith::MinimumFOp>(op, raised, op.getMax(),
                                                   op.getFastmath());
    return success();
  }
};

/// (u - 1) * x / log(u) with u = exp(x), which keeps the digits of small x that
/// upstream's u - 1 loses (Higham, "Accuracy and Stability of Numerical
/// Algorithms", 1.14.1).
struct ExpandExpM1 : public OpRewritePattern<math::ExpM1Op> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::ExpM1Op op,
                                PatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value x = op.getOperand();
    Type type = x.getType();
    auto constant = [&](double value) {
      FloatAttr number =
          rewriter.getFloatAttr(getElementTypeOrSelf(type), value);
      return createScalarOrSplatConstant(rewriter, loc, type,
                                         number.getValue());
    };
    auto isEqual = [&](Value a, Value b) -> Value {
      return arith::CmpFOp::create(rewriter, loc, arith::CmpFPredicate::OEQ, a,
                                   b);
    };
    Value one = constant(1.0);
    Value power = math::ExpOp::create(rewriter, loc, x);
    Value less = arith::SubFOp::create(rewriter, loc, power, one);
    Value product = arith::MulFOp::create(
        rewriter, loc, less,
        arith::DivFOp::create(rewriter, loc, x,
                              math::LogOp::create(rewriter, loc, power)));
    // Where exp(x) is 0 or infinite, so is its logarithm.
    Value isEnd = arith::OrIOp::create(
        rewriter, loc, isEqual(less, constant(-1.0)),
        isEqual(power, constant(std::numeric_limits<double>::infinity())));
    Value result = arith::SelectOp::create(rewriter, loc, isEnd, less, product);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, isEqual(power, one), x,
                                                 result);
    return success();
  }
};

/// bf16 -> f64 and f64 -> bf16 through f32.
struct ExtendThroughSingle : public OpRewritePattern<arith::ExtFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getIn().getType()).isBF16() ||
        !getElementTypeOrSelf(op.getType()).isF64())
      return rewriter.notifyMatchFailure(op, "expected bf16 to f64");
    Type single = withElement(op.getType(), rewriter.getF32Type());
    Value middle =
        arith::ExtFOp::create(rewriter, op.getLoc(), single, op.getIn());
    rewriter.replaceOpWithNewOp<arith::ExtFOp>(op, op.getType(), middle);
    return success();
  }
};

struct TruncateThroughSingle : public OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getIn().getType()).isF64() ||
        !getElementTypeOrSelf(op.getType()).isBF16())
      return rewriter.notifyMatchFailure(op, "expected f64 to bf16");
    Value middle = roundToOdd(rewriter, op.getLoc(), op.getIn());
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), middle);
    return success();
  }
};

/// In f32, rounded once more.
struct FuseInSingle : public OpRewritePattern<math::FmaOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(math::FmaOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isBF16())
      return rewriter.notifyMatchFailure(op, "expected bf16");
    Type single = withElement(op.getType(), rewriter.getF32Type());
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(
          arith::ExtFOp::create(rewriter, op.getLoc(), single, operand));
    Value sum = math::FmaOp::create(rewriter, op.getLoc(), operands[0],
                                    operands[1], operands[2]);
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), sum);
    return success();
  }
};

struct ExpandFloatsPass
    : public sparsity::impl::ExpandFloatsPassBase<ExpandFloatsPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<ExpandClamp, ExpandExpM1, ExtendThroughSingle,
                 TruncateThroughSingle, FuseInSingle>(&getContext());
    if (!TargetDescription::of(getOperation()).bf16)
      arith::populateExpandBFloat16Patterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
