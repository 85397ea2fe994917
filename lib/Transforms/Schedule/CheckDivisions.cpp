//===- CheckDivisions.cpp - Integer divisions that would trap -------------===//
//
// Asserts that divisors are not 0 and quotients fit. What a failed check does
// is not decided here, so the division gets a divisor it can take in any case.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_CHECKDIVISIONSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// `value` in every lane of `type`, which may be index (upstream's helper
/// crashes there).
static Value createConstant(OpBuilder &b, Location loc, Type type,
                            const APInt &value) {
  TypedAttr number = b.getIntegerAttr(getElementTypeOrSelf(type), value);
  if (auto vector = dyn_cast<VectorType>(type))
    number = DenseElementsAttr::get(vector, Attribute(number));
  return arith::ConstantOp::create(b, loc, number);
}

static Value isEqual(OpBuilder &b, Location loc, Value value,
                     const APInt &constant) {
  return arith::CmpIOp::create(
      b, loc, arith::CmpIPredicate::eq, value,
      createConstant(b, loc, value.getType(), constant));
}

/// True for divisions whose quotient may not fit.
static bool isSigned(Operation *op) {
  return isa<arith::DivSIOp, arith::RemSIOp, arith::FloorDivSIOp,
             arith::CeilDivSIOp, index::DivSOp, index::RemSOp,
             index::FloorDivSOp, index::CeilDivSOp>(op);
}

/// True for a division that constants do not make safe.
static bool mayTrap(Operation *op) {
  if (!isSigned(op) &&
      !isa<arith::DivUIOp, arith::RemUIOp, arith::CeilDivUIOp, index::DivUOp,
           index::RemUOp, index::CeilDivUOp>(op))
    return false;
  Type type = op->getResult(0).getType();
  if (!type.isIntOrIndex() && !isa<VectorType>(type))
    return false;
  APInt divisor;
  return !matchPattern(op->getOperand(1), m_ConstantInt(&divisor)) ||
         divisor.isZero() || divisor.isAllOnes();
}

/// The truth of all lanes.
static Value inAllLanes(OpBuilder &b, Location loc, Value condition) {
  auto type = dyn_cast<VectorType>(condition.getType());
  if (!type)
    return condition;
  auto flat = VectorType::get({type.getNumElements()}, type.getElementType());
  condition = vector::ShapeCastOp::create(b, loc, flat, condition);
  return vector::ReductionOp::create(b, loc, vector::CombiningKind::AND,
                                     condition);
}

static void check(Operation *op) {
  OpBuilder b(op);
  Location loc = op->getLoc();
  Value dividend = op->getOperand(0), divisor = op->getOperand(1);
  Type type = divisor.getType(), element = getElementTypeOrSelf(type);
  unsigned width = element.isIndex() ? 64 : element.getIntOrFloatBitWidth();
  Value traps = isEqual(b, loc, divisor, APInt::getZero(width));
  if (isSigned(op)) {
    // The quotient of the lowest number and -1 does not fit.
    Value overflows = arith::AndIOp::create(
        b, loc, isEqual(b, loc, dividend, APInt::getSignedMinValue(width)),
        isEqual(b, loc, divisor, APInt::getAllOnes(width)));
    traps = arith::OrIOp::create(b, loc, traps, overflows);
  }
  Value yes = createConstant(b, loc, traps.getType(), APInt(1, 1));
  Value fits = arith::XOrIOp::create(b, loc, traps, yes);
  cf::AssertOp::create(b, loc, inAllLanes(b, loc, fits),
                       "expected a divisor other than 0 and a quotient that "
                       "fits its type");
  Value one = createConstant(b, loc, type, APInt(width, 1));
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
