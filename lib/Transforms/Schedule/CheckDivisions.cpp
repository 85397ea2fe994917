//===- CheckDivisions.cpp - Integer divisions that would trap -------------===//
//
// Asserts that divisors are not 0 and quotients fit. What a failed check does
// is not decided here, so the division gets a divisor it can take in any case.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_CHECKDIVISIONSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

static Value isEqual(OpBuilder &b, Location loc, Value value,
                     const APInt &constant) {
  return arith::CmpIOp::create(
      b, loc, arith::CmpIPredicate::eq, value,
      createScalarOrSplatConstant(b, loc, value.getType(), constant));
}

/// True for a division of scalars that constants do not make safe.
static bool mayTrap(Operation *op) {
  if (!isa<arith::DivSIOp, arith::DivUIOp, arith::RemSIOp, arith::RemUIOp,
           arith::FloorDivSIOp, arith::CeilDivSIOp, arith::CeilDivUIOp>(op) ||
      !op->getResult(0).getType().isIntOrIndex())
    return false;
  APInt divisor;
  return !matchPattern(op->getOperand(1), m_ConstantInt(&divisor)) ||
         divisor.isZero() || divisor.isAllOnes();
}

static void check(Operation *op) {
  OpBuilder b(op);
  Location loc = op->getLoc();
  Value dividend = op->getOperand(0), divisor = op->getOperand(1);
  Type type = divisor.getType();
  unsigned width = type.isIndex() ? 64 : type.getIntOrFloatBitWidth();
  Value traps = isEqual(b, loc, divisor, APInt::getZero(width));
  if (isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp,
          arith::CeilDivSIOp>(op)) {
    // The quotient of the lowest number and -1 does not fit.
    Value overflows = arith::AndIOp::create(
        b, loc, isEqual(b, loc, dividend, APInt::getSignedMinValue(width)),
        isEqual(b, loc, divisor, APInt::getAllOnes(width)));
    traps = arith::OrIOp::create(b, loc, traps, overflows);
  }
  Value yes = arith::ConstantIntOp::create(b, loc, 1, 1);
  cf::AssertOp::create(b, loc, arith::XOrIOp::create(b, loc, traps, yes),
                       "expected a divisor other than 0 and a quotient that "
                       "fits its type");
  Value one = createScalarOrSplatConstant(b, loc, type, int64_t(1));
  op->setOperand(1, arith::SelectOp::create(b, loc, traps, one, divisor));
}

namespace {
struct CheckDivisionsPass
    : public sparsity::impl::CheckDivisionsPassBase<CheckDivisionsPass> {
  void runOnOperation() override {
    SmallVector<Operation *> divisions;
    getOperation().walk([&](Operation *op) {
      if (mayTrap(op))
        divisions.push_back(op);
    });
    for (Operation *op : divisions)
      check(op);
  }
};
} // namespace
