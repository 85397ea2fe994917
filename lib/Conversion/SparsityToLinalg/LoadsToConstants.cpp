//===- LoadsToConstants.cpp - Parameters as constants ---------------------===//
//
// Replaces loads of parameters by constants with their elements. Packed
// parameters are untrusted bytes: they are checked completely, then decoded.
//
//===----------------------------------------------------------------------===//

#include "SparsityToLinalg.h"

using namespace mlir;
using namespace mlir::sparsity;

/// The dense elements that loads of `parameter` yield.
static FailureOr<ElementsAttr> getDenseElements(ParameterOp parameter) {
  auto packed = dyn_cast<PackedType>(parameter.getType());
  if (!packed)
    return parameter.getElements();
  FailureOr<std::vector<char>> bytes = decodeMatrix(parameter);
  if (failed(bytes))
    return failure();
  RankedTensorType type = packed.getDenseType();
  // A raw buffer of no elements is refused.
  if (bytes->empty())
    return ElementsAttr(DenseElementsAttr::get(type, ArrayRef<Attribute>()));
  return ElementsAttr(DenseElementsAttr::getFromRawBuffer(type, *bytes));
}

static void replaceLoad(LoadOp load, ElementsAttr elements) {
  OpBuilder builder(load);
  Value value = arith::ConstantOp::create(builder, load.getLoc(),
                                          cast<TypedAttr>(elements));
  if (isa<PackedType>(load.getType()))
    value = PackOp::create(builder, load.getLoc(), load.getType(), value,
                           /*transposed=*/false);
  load.replaceAllUsesWith(value);
  load.erase();
}

LogicalResult mlir::sparsity::replaceLoadsByConstants(ModuleOp module) {
  SymbolTableCollection symbols;
  DenseMap<ParameterOp, ElementsAttr> decoded;
  WalkResult walk = module.walk([&](LoadOp load) {
    auto parameter = symbols.lookupNearestSymbolFrom<ParameterOp>(
        load, load.getParameterAttr());
    if (!parameter.getValueAttr()) {
      InFlightDiagnostic diag = load.emitOpError("expected a value for '")
                                << parameter.getUserName()
                                << "', or --sparsity-expose-parameters before";
      diag.attachNote(parameter.getLoc()) << "parameter is defined here";
      return WalkResult::interrupt();
    }
    ElementsAttr &elements = decoded[parameter];
    if (!elements) {
      FailureOr<ElementsAttr> dense = getDenseElements(parameter);
      if (failed(dense))
        return WalkResult::interrupt();
      elements = *dense;
    }
    replaceLoad(load, elements);
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}
