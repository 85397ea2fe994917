//===- ApproximateMath.cpp - Polynomials for vector functions -------------===//
//
// Applies polynomial approximations to math on vectors: our own for exp and
// erf, upstream's where they are as accurate as f32 asks for.
//
//===----------------------------------------------------------------------===//

#include "VectorFunctions.h"

#include "sparse-opt/Target/TargetDescription.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_APPROXIMATEMATHPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// Functions with a polynomial whose relative error is below 5e-7 for all
/// finite numbers. Those of sin, cos, atan, atan2 and cbrt are not: they lose
/// digits of large, of all or of subnormal numbers.
static bool isAccurate(StringRef name) {
  static const llvm::StringSet<> names = {
      "math.exp", "math.expm1", "math.erf",   "math.erfc", "math.tanh",
      "math.log", "math.log2",  "math.log1p", "math.asin", "math.acos"};
  return names.contains(name);
}

/// log(x) = log(x * 2^32) - log(2^32) for subnormal x, whose exponents the
/// polynomials do not see.
template <typename Op>
static void scaleSubnormals(Op op, double logOfScale) {
  OpBuilder b(op);
  Location loc = op.getLoc();
  Type type = op.getType();
  Value x = op.getOperand();
  auto constant = [&](double value) {
    return createScalarOrSplatConstant(b, loc, type,
                                       APFloat(static_cast<float>(value)));
  };
  Value isSmall = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, x,
                                        constant(0x1p-126));
  Value larger = arith::MulFOp::create(b, loc, x, constant(0x1p32));
  op.getOperandMutable().assign(
      arith::SelectOp::create(b, loc, isSmall, larger, x));
  b.setInsertionPointAfter(op);
  Value shift = arith::SelectOp::create(b, loc, isSmall, constant(logOfScale),
                                        constant(0.0));
  auto result = arith::SubFOp::create(b, loc, op.getResult(), shift);
  op.getResult().replaceAllUsesExcept(result, result);
}

static bool isSingleVector(Type type) {
  return isa<VectorType>(type) && getElementTypeOrSelf(type).isF32();
}

namespace {
struct ApproximateMathPass
    : public sparsity::impl::ApproximateMathPassBase<ApproximateMathPass> {
  void runOnOperation() override {
    getOperation().walk([](math::LogOp op) {
      if (isSingleVector(op.getType()))
        scaleSubnormals(op, 32 * llvm::numbers::ln2);
    });
    getOperation().walk([](math::Log2Op op) {
      if (isSingleVector(op.getType()))
        scaleSubnormals(op, 32);
    });
    RewritePatternSet patterns(&getContext());
    populateMathF32ExpansionPatterns(patterns, isAccurate);
    populateMathPolynomialApproximationPatterns(patterns, isAccurate);
    populateVectorFunctionPatterns(patterns,
                                   TargetDescription::of(getOperation()).fma);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
