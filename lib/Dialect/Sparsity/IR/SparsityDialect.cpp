//===- SparsityDialect.cpp - Registration of the dialect ------------------===//
//
// Registers attributes, types and ops, and verifies the attributes that
// function arguments carry. The semantics of ops are in the files beside this
// one.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::sparsity;

#include "sparse-opt/Dialect/Sparsity/IR/SparsityAttrInterfaces.cpp.inc"
#include "sparse-opt/Dialect/Sparsity/IR/SparsityDialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "sparse-opt/Dialect/Sparsity/IR/SparsityAttrs.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "sparse-opt/Dialect/Sparsity/IR/SparsityTypes.cpp.inc"

#define GET_OP_CLASSES
#include "sparse-opt/Dialect/Sparsity/IR/SparsityOps.cpp.inc"

void SparsityDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "sparse-opt/Dialect/Sparsity/IR/SparsityAttrs.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "sparse-opt/Dialect/Sparsity/IR/SparsityTypes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "sparse-opt/Dialect/Sparsity/IR/SparsityOps.cpp.inc"
      >();
}

/// Attributes that arguments and results may have.
static LogicalResult verifyBoundary(Operation *op, NamedAttribute attr) {
  StringRef name = attr.getName();
  if (name == SparsityDialect::kNameAttrName &&
      !isa<StringAttr>(attr.getValue()))
    return op->emitOpError("expected a string as '")
           << name << "', got " << attr.getValue();
  if (name == SparsityDialect::kUnsignedAttrName &&
      !isa<UnitAttr>(attr.getValue()))
    return op->emitOpError("expected a unit attribute as '")
           << name << "', got " << attr.getValue();
  return success();
}

LogicalResult
SparsityDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                             NamedAttribute attr) {
  return verifyBoundary(op, attr);
}

LogicalResult SparsityDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                        unsigned,
                                                        NamedAttribute attr) {
  StringRef name = attr.getName();
  if (name == kPatternAttrName && !isa<PatternAttrInterface>(attr.getValue()))
    return op->emitOpError("expected a pattern as '")
           << name << "', got " << attr.getValue();
  if (name == kParameterAttrName && !isa<FlatSymbolRefAttr>(attr.getValue()))
    return op->emitOpError("expected a symbol as '")
           << name << "', got " << attr.getValue();
  if (name == kStatisticAttrName && !isa<StatisticAttr>(attr.getValue()))
    return op->emitOpError("expected a statistic as '")
           << name << "', got " << attr.getValue();
  auto index = dyn_cast<IntegerAttr>(attr.getValue());
  if (name == kBufferAttrName &&
      !(index && index.getType().isInteger(64) && index.getInt() >= 0))
    return op->emitOpError("expected an i64 >= 0 as '")
           << name << "', got " << attr.getValue();
  return verifyBoundary(op, attr);
}
