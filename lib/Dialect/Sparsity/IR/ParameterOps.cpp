//===- ParameterOps.cpp - parameter, load and assume ----------------------===//
//
// Verifiers and accessors of the ops that name weights.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

//===----------------------------------------------------------------------===//
// parameter
//===----------------------------------------------------------------------===//

ElementsAttr ParameterOp::getElements() {
  return dyn_cast_or_null<ElementsAttr>(getValueAttr());
}

SmallVector<ElementsAttr> ParameterOp::getBuffers() {
  SmallVector<ElementsAttr> buffers;
  if (auto array = dyn_cast_or_null<ArrayAttr>(getValueAttr()))
    for (Attribute buffer : array)
      buffers.push_back(cast<ElementsAttr>(buffer));
  return buffers;
}

/// The buffers of a packed parameter must have the format's types; a dynamic
/// extent of the format is whatever the buffer has.
static LogicalResult verifyBuffers(ParameterOp op, PackedType packed) {
  auto array = dyn_cast<ArrayAttr>(op.getValueAttr());
  SmallVector<RankedTensorType> types = packed.getStorageTypes();
  if (!array || array.size() != types.size())
    return op.emitOpError("expected an array of ")
           << types.size() << " storage buffers for " << packed;
  for (auto [index, attr, type] : llvm::enumerate(array, types)) {
    auto elements = dyn_cast<ElementsAttr>(attr);
    if (!elements)
      return op.emitOpError("expected an elements attribute for buffer ")
             << index;
    if (failed(verifyCompatibleShape(type, elements.getType())) ||
        elements.getElementType() != type.getElementType())
      return op.emitOpError("expected buffer ")
             << index << " of type " << type << ", got " << elements.getType();
  }
  return success();
}

LogicalResult ParameterOp::verify() {
  if (auto packed = dyn_cast<PackedType>(getType())) {
    if (getRequest())
      return emitOpError("expected no request on a packed parameter");
    return getValueAttr() ? verifyBuffers(*this, packed) : success();
  }
  auto type = cast<RankedTensorType>(getType());
  if (getTransposed())
    return emitOpError("expected 'transposed' on packed parameters only");
  if ((getPattern() || getRequest()) && type.getRank() < 2)
    return emitOpError(
               "expected a tensor of rank 2 or more for a pattern, got ")
           << type;
  if (!getValueAttr())
    return success();
  ElementsAttr elements = getElements();
  if (!elements || elements.getType() != type)
    return emitOpError("expected a value of type ") << type;
  return success();
}

//===----------------------------------------------------------------------===//
// load
//===----------------------------------------------------------------------===//

LogicalResult LoadOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto parameter =
      symbols.lookupNearestSymbolFrom<ParameterOp>(*this, getParameterAttr());
  if (!parameter)
    return emitOpError("expected the symbol of a 'sparsity.parameter', got ")
           << getParameterAttr();
  if (parameter.getType() != getType()) {
    InFlightDiagnostic diag = emitOpError("expected the parameter's type ")
                              << parameter.getType() << ", got " << getType();
    diag.attachNote(parameter.getLoc()) << "parameter is defined here";
    return diag;
  }
  return success();
}

//===----------------------------------------------------------------------===//
// assume
//===----------------------------------------------------------------------===//

LogicalResult AssumeOp::verify() {
  if (getSource().getType().getRank() < 2)
    return emitOpError("expected a tensor of rank 2 or more, got ")
           << getSource().getType();
  return success();
}

OpFoldResult AssumeOp::fold(FoldAdaptor) {
  // The same fact, or one that follows from an inner one, is said once.
  auto inner = getSource().getDefiningOp<AssumeOp>();
  if (inner && inner.getPattern().refines(getPattern()))
    return getSource();
  return {};
}
