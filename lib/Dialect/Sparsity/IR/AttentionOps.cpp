//===- AttentionOps.cpp - sparsity.attention ------------------------------===//
//
// Verifier, effects and shape reification of fused attention.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "Effects.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

AffineMap AttentionOp::getIndexingMap(OpOperand &operand) {
  return cast<AffineMapAttr>(getIndexingMaps()[operand.getOperandNumber()])
      .getValue();
}

int64_t AttentionOp::getNumBatchDims() {
  return cast<AffineMapAttr>(getIndexingMaps()[0]).getValue().getNumDims() - 4;
}

namespace {
/// The checks of one op.
class Verifier {
public:
  explicit Verifier(AttentionOp op) : op(op) {}
  LogicalResult verify();

private:
  LogicalResult verifyKinds();
  LogicalResult verifyMaps();
  LogicalResult verifyMap(OpOperand &operand);
  LogicalResult verifyExtents();
  LogicalResult verifyBody();
  /// True for an operand of `scores`.
  bool isMore(OpOperand &operand) {
    unsigned number = operand.getOperandNumber();
    return number >= 3 && number + 1 < op->getNumOperands();
  }

  AttentionOp op;
};
} // namespace

LogicalResult Verifier::verifyKinds() {
  bool isTensor = isa<RankedTensorType>(op.getInit().getType());
  Type element = getElementTypeOrSelf(op.getInit());
  if (!isa<FloatType>(element))
    return op.emitOpError("expected floating-point elements, got ") << element;
  for (OpOperand &operand : op->getOpOperands()) {
    Type type = operand.get().getType();
    if (isa<RankedTensorType>(type) != isTensor)
      return op.emitOpError("expected tensors only or memrefs only, got ")
             << type << " and " << op.getInit().getType();
    if (!isMore(operand) && getElementTypeOrSelf(type) != element)
      return op.emitOpError("expected query, key and value of the "
                            "destination's element type ")
             << element << ", got " << getElementTypeOrSelf(type);
  }
  if (isTensor != (op->getNumResults() == 1))
    return op.emitOpError("expected a result exactly for a tensor destination");
  if (isTensor && op.getResult().getType() != op.getInit().getType())
    return op.emitOpError("expected a result of type ")
           << op.getInit().getType() << ", got " << op.getResult().getType();
  return success();
}

LogicalResult Verifier::verifyMaps() {
  if (op.getIndexingMaps().size() != op->getNumOperands())
    return op.emitOpError("expected ")
           << op->getNumOperands() << " indexing maps, got "
           << op.getIndexingMaps().size();
  for (OpOperand &operand : op->getOpOperands())
    if (failed(verifyMap(operand)))
      return failure();
  return success();
}

LogicalResult Verifier::verifyMap(OpOperand &operand) {
  AffineMap map = op.getIndexingMap(operand);
  unsigned numDims = op.getNumBatchDims() + 4;
  auto rank = cast<ShapedType>(operand.get().getType()).getRank();
  if (numDims < 4 || map.getNumDims() != numDims || map.getNumSymbols() != 0 ||
      !map.isProjectedPermutation() || map.getNumResults() != rank)
    return op.emitOpError("expected a map of the dimensions (b.., i, j, d, e) "
                          "to those of operand ")
           << operand.getOperandNumber() << ", each once, got "
           << AffineMapAttr::get(map);
  // Which of i, j, d and e an operand has.
  static constexpr bool kDims[4][4] = {
      {true, false, true, false},  // query
      {false, true, true, false},  // key
      {false, true, false, true},  // value
      {true, false, false, true}}; // destination
  unsigned number = operand.getOperandNumber();
  const bool *dims = kDims[std::min(number, 3u)];
  for (unsigned dim = 0; dim < numDims; ++dim) {
    bool isBatch = dim + 4 < numDims;
    unsigned inner = isBatch ? 0 : dim + 4 - numDims;
    bool isWanted = isBatch || dims[inner];
    bool isGiven = map.isFunctionOfDim(dim);
    if (isMore(operand) ? isGiven && !isBatch && inner > 1
                        : isGiven != isWanted)
      return op.emitOpError("expected operand ")
             << number << " to have the dimensions of its role, got "
             << AffineMapAttr::get(map);
  }
  return success();
}

LogicalResult Verifier::verifyExtents() {
  SmallVector<int64_t> extents(op.getNumBatchDims() + 4, ShapedType::kDynamic);
  for (OpOperand &operand : op->getOpOperands()) {
    auto type = cast<ShapedType>(operand.get().getType());
    AffineMap map = op.getIndexingMap(operand);
    for (auto [index, extent] : llvm::enumerate(type.getShape())) {
      int64_t &known = extents[map.getDimPosition(index)];
      if (!ShapedType::isDynamic(extent) && !ShapedType::isDynamic(known) &&
          extent != known)
        return op.emitOpError("expected an extent of ")
               << known << " of operand " << operand.getOperandNumber()
               << " along its dimension " << index << ", got " << extent;
      if (!ShapedType::isDynamic(extent))
        known = extent;
    }
  }
  return success();
}

LogicalResult Verifier::verifyBody() {
  Block &body = op.getBody().front();
  SmallVector<Type> expected{getElementTypeOrSelf(op.getInit())};
  for (Value more : op.getScores())
    expected.push_back(getElementTypeOrSelf(more));
  if (!llvm::equal(body.getArgumentTypes(), expected))
    return op.emitOpError("expected a region whose arguments are a sum and an "
                          "element of each operand of 'scores'");
  if (failed(verifyElementwise(op, body)))
    return failure();
  auto yield = dyn_cast<YieldOp>(body.back());
  if (!yield || yield.getElement().getType() != expected.front())
    return op.emitOpError("expected a region that yields ") << expected.front();
  return success();
}

LogicalResult Verifier::verify() {
  if (failed(verifyKinds()) || failed(verifyMaps()) || failed(verifyExtents()))
    return failure();
  return verifyBody();
}

LogicalResult AttentionOp::verify() { return Verifier(*this).verify(); }

LogicalResult
AttentionOp::reifyResultShapes(OpBuilder &builder,
                               ReifiedRankedShapedTypeDims &reified) {
  if (getNumResults() == 0)
    return failure();
  reified.emplace_back(tensor::getMixedSizes(builder, getLoc(), getInit()));
  return success();
}

void AttentionOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addDestinationEffects(*this, effects);
}
