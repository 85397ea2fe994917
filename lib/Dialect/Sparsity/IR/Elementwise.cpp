//===- Elementwise.cpp - Bodies of elementwise ops ------------------------===//
//
// See Elementwise.h.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

bool mlir::sparsity::isElementwise(Operation *op) {
  return OpTrait::hasElementwiseMappableTraits(op) ||
         op->hasTrait<OpTrait::ConstantLike>();
}

bool mlir::sparsity::isElementwise(Block &body) {
  return llvm::all_of(body, [&](Operation &op) {
    return (op.hasTrait<OpTrait::IsTerminator>() || isElementwise(&op)) &&
           llvm::all_of(op.getOperands(), [&](Value operand) {
             return operand.getParentBlock() == &body ||
                    matchPattern(operand, m_Constant());
           });
  });
}

LogicalResult mlir::sparsity::verifyElementwise(Operation *parent,
                                                Block &body) {
  for (Operation &inner : body.without_terminator())
    if (!isElementwise(&inner))
      return inner.emitOpError("expected elementwise ops in '")
             << parent->getName() << "'";
  return success();
}

Value mlir::sparsity::cloneElementwise(OpBuilder &builder, Block &body,
                                       IRMapping &mapping) {
  for (Operation &inner : body)
    for (Value operand : inner.getOperands())
      if (Operation *source = operand.getDefiningOp();
          source && source->getBlock() != &body &&
          source->hasTrait<OpTrait::ConstantLike>() &&
          !mapping.contains(operand))
        builder.clone(*source, mapping);
  for (Operation &inner : body.without_terminator())
    builder.clone(inner, mapping);
  return mapping.lookupOrDefault(body.getTerminator()->getOperand(0));
}

Value mlir::sparsity::replaceNumber(OpBuilder &builder, Location loc,
                                    Value value, double special,
                                    double chosen) {
  auto constant = [&](double number) -> Value {
    return arith::ConstantOp::create(
        builder, loc, builder.getFloatAttr(value.getType(), number));
  };
  Value isSpecial = arith::CmpFOp::create(
      builder, loc, arith::CmpFPredicate::OEQ, value, constant(special));
  return arith::SelectOp::create(builder, loc, isSpecial, constant(chosen),
                                 value);
}
