//===- VectorFunctions.cpp - exp and erf of f32 vectors -------------------===//
//
// Coefficients are minimax fits of the relative error, in the monomials that
// are evaluated, rounded to f32.
//
//===----------------------------------------------------------------------===//

#include "VectorFunctions.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Emits arithmetic on vectors of one shape.
class VectorMath {
public:
  VectorMath(OpBuilder &b, Location loc, VectorType type, bool fma)
      : b(b), loc(loc), type(type), fma(fma) {}

  Value constant(float value) {
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(type, value));
  }
  Value bits(int32_t value) {
    return arith::ConstantOp::create(b, loc,
                                     DenseElementsAttr::get(integers(), value));
  }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, loc, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, loc, x, y); }
  Value multiplyAdd(Value x, Value y, Value z) {
    if (fma)
      return math::FmaOp::create(b, loc, x, y, z);
    return arith::AddFOp::create(b, loc, mul(x, y), z);
  }
  Value compare(arith::CmpFPredicate predicate, Value x, float bound) {
    return arith::CmpFOp::create(b, loc, predicate, x, constant(bound));
  }
  Value less(Value x, float bound) {
    return compare(arith::CmpFPredicate::OLT, x, bound);
  }
  Value select(Value condition, Value yes, Value no) {
    return arith::SelectOp::create(b, loc, condition, yes, no);
  }
  /// One min or max instruction each; NaN stays.
  Value atMost(Value x, float bound) {
    return select(compare(arith::CmpFPredicate::OGT, x, bound), constant(bound),
                  x);
  }
  Value atLeast(Value x, float bound) {
    return select(less(x, bound), constant(bound), x);
  }
  /// c[0] + c[1] x + ... by Horner's rule.
  Value polynomial(Value x, ArrayRef<float> coefficients) {
    Value sum = constant(coefficients.back());
    for (float coefficient : llvm::reverse(coefficients.drop_back()))
      sum = multiplyAdd(sum, x, constant(coefficient));
    return sum;
  }
  Value toBits(Value x) {
    return arith::BitcastOp::create(b, loc, integers(), x);
  }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, loc, type, x); }
  Value addBits(Value x, Value y) {
    return arith::AddIOp::create(b, loc, x, y);
  }
  Value shiftLeft(Value x, int32_t count) {
    return arith::ShLIOp::create(b, loc, x, bits(count));
  }

private:
  VectorType integers() {
    return VectorType::get(type.getShape(), b.getI32Type());
  }

  OpBuilder &b;
  Location loc;
  VectorType type;
  bool fma;
};
} // namespace

/// exp(x) = 2^n p(r), n = round(x / ln 2), r = x - n ln 2.
static Value emitExp(VectorMath &m, Value argument) {
  // Adding 1.5 * 2^23 rounds to an integer, which the low bits then hold.
  constexpr float kRounder = 0x1.8p23f;
  // ln 2 in two parts, the first with zeros for the bits of n.
  constexpr float kHigh = 0.693145752f, kLow = 1.42860677e-06f;
  constexpr float kLowest = -104.0f, kHighest = 88.7228394f;
  // Below, results are subnormal: computed 2^64 times as large.
  constexpr float kSubnormal = -87.0f;
  constexpr int32_t kMantissa = 23, kScale = 64;
  Value x = m.atLeast(argument, kLowest);
  Value shifted =
      m.multiplyAdd(x, m.constant(1.44269504f), m.constant(kRounder));
  Value n = m.sub(shifted, m.constant(kRounder));
  Value r = m.multiplyAdd(n, m.constant(-kHigh), x);
  r = m.multiplyAdd(n, m.constant(-kLow), r);
  Value p = m.polynomial(r, {1.0f, 1.0f, 0.499992311f, 0.166671142f,
                             0.0418901555f, 0.00831252057f});
  Value isSmall = m.less(x, kSubnormal);
  Value exponent = m.shiftLeft(m.toBits(shifted), kMantissa);
  exponent = m.addBits(
      exponent, m.select(isSmall, m.bits(kScale << kMantissa), m.bits(0)));
  Value y = m.fromBits(m.addBits(m.toBits(p), exponent));
  y = m.mul(y, m.select(isSmall, m.constant(0x1p-64f), m.constant(1.0f)));
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  // NaN went through integer arithmetic: it is made again.
  Value isHighOrNaN = m.compare(arith::CmpFPredicate::UGT, x, kHighest);
  return m.select(isHighOrNaN, m.mul(x, m.constant(kInfinity)), y);
}

/// erf(x) = x p(s) with s from -1 to 1 where erf is not yet 1.
static Value emitErf(VectorMath &m, Value argument) {
  // erf rounds to 1 from here on; s = 2 (x / kOne)^2 - 1.
  constexpr float kOne = 3.91920590f, kSquare = 0.130206853f;
  Value x = m.atLeast(m.atMost(argument, kOne), -kOne);
  Value s = m.multiplyAdd(m.mul(x, x), m.constant(kSquare), m.constant(-1.0f));
  Value p = m.polynomial(
      s, {0.360809803f, -0.180144310f, 0.134108603f, -0.109193385f,
          0.0906001404f, -0.0740113035f, 0.0583768338f, -0.0434125587f,
          0.0296754520f, -0.0199727677f, 0.0141845085f, -0.00764540908f,
          0.00191960612f, -0.00139224750f, 0.00209148275f, -0.000840735855f});
  // 1 + erf(x) must vanish: the last number before 1 counts as 1.
  constexpr float kAlmost = 0x1.fffffep-1f;
  Value y = m.mul(x, p);
  y = m.select(m.compare(arith::CmpFPredicate::OGE, y, kAlmost),
               m.constant(1.0f), y);
  return m.select(m.compare(arith::CmpFPredicate::OLE, y, -kAlmost),
                  m.constant(-1.0f), y);
}

namespace {
template <typename Op, Value (*emit)(VectorMath &, Value)>
struct ExpandFunction : public OpRewritePattern<Op> {
  ExpandFunction(MLIRContext *context, bool fma)
      // Before upstream's patterns for the same ops.
      : OpRewritePattern<Op>(context, /*benefit=*/2), fma(fma) {}

  LogicalResult matchAndRewrite(Op op,
                                PatternRewriter &rewriter) const override {
    auto type = dyn_cast<VectorType>(op.getType());
    if (!type || !type.getElementType().isF32() || type.isScalable())
      return rewriter.notifyMatchFailure(op, "expected a vector of f32");
    VectorMath math(rewriter, op.getLoc(), type, fma);
    rewriter.replaceOp(op, emit(math, op.getOperand()));
    return success();
  }

private:
  bool fma;
};
} // namespace

void mlir::sparsity::populateVectorFunctionPatterns(RewritePatternSet &patterns,
                                                    bool fma) {
  patterns.add<ExpandFunction<math::ExpOp, emitExp>,
               ExpandFunction<math::ErfOp, emitErf>>(patterns.getContext(),
                                                     fma);
}
