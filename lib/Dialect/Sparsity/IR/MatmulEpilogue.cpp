//===- MatmulEpilogue.cpp - What follows a product in place ---------------===//
//
// Checks that an epilogue computes one element of the destination from the sum
// and one element of each of its operands.
//
//===----------------------------------------------------------------------===//

#include "MatmulEpilogue.h"

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

/// True when a tensor or memref has the destination's extents along `map`.
static bool followsDestination(MatmulOp op, Value operand, AffineMap map) {
  auto type = cast<ShapedType>(operand.getType());
  auto init = cast<ShapedType>(op.getInit().getType());
  if (map.getNumDims() != op.getRank() || map.getNumSymbols() != 0 ||
      !map.isProjectedPermutation() || map.getNumResults() != type.getRank())
    return false;
  for (auto [dim, extent] : llvm::enumerate(type.getShape())) {
    int64_t expected = init.getDimSize(map.getDimPosition(dim));
    if (!ShapedType::isDynamic(extent) && !ShapedType::isDynamic(expected) &&
        extent != expected)
      return false;
  }
  return true;
}

static LogicalResult verifyBody(MatmulOp op) {
  Block &body = op.getEpilogue();
  SmallVector<Type> more;
  for (Value operand : op.getEpilogueOperands())
    more.push_back(getElementTypeOrSelf(operand));
  if (body.getNumArguments() == 0 ||
      TypeRange(body.getArgumentTypes()).drop_front() != TypeRange(more))
    return op.emitOpError("expected an epilogue whose arguments are a sum and "
                          "an element of each of its operands");
  if (failed(verifyElementwise(op, body)))
    return failure();
  Type element = getElementTypeOrSelf(op.getInit());
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getElement().getType() != element)
    return op.emitOpError("expected an epilogue that yields ") << element;
  return success();
}

LogicalResult mlir::sparsity::verifyEpilogue(MatmulOp op) {
  if (op->getNumRegions() > 1)
    return op.emitOpError("expected at most one epilogue, got ")
           << op->getNumRegions();
  size_t operands = op.getEpilogueOperands().size();
  if (op.getEpilogueMaps().size() != operands)
    return op.emitOpError("expected ")
           << operands << " maps of the epilogue's operands, got "
           << op.getEpilogueMaps().size();
  if (!op.hasEpilogue()) {
    if (operands > 0)
      return op.emitOpError("expected an epilogue that reads its operands");
    return success();
  }
  for (auto [operand, attr] :
       llvm::zip(op.getEpilogueOperands(), op.getEpilogueMaps()))
    if (!followsDestination(op, operand, cast<AffineMapAttr>(attr).getValue()))
      return op.emitOpError("expected an operand of the epilogue whose map "
                            "gives it extents of the destination, got ")
             << operand.getType() << " and " << attr;
  return verifyBody(op);
}
