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

/// "name", or ["name", index] with an index >= 0.
static bool isParameterReference(Attribute value) {
  auto buffer = dyn_cast<ArrayAttr>(value);
  if (!buffer)
    return isa<StringAttr>(value);
  if (buffer.size() != 2 || !isa<StringAttr>(buffer[0]))
    return false;
  auto index = dyn_cast<IntegerAttr>(buffer[1]);
  return index && index.getType().isInteger(64) && index.getInt() >= 0;
}

LogicalResult SparsityDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                        unsigned,
                                                        NamedAttribute attr) {
  if (attr.getName() == kPatternAttrName &&
      !isa<PatternAttrInterface>(attr.getValue()))
    return op->emitOpError("expected a pattern as '")
           << kPatternAttrName << "', got " << attr.getValue();
  if (attr.getName() == kParameterAttrName &&
      !isParameterReference(attr.getValue()))
    return op->emitOpError("expected \"name\" or [\"name\", index] as '")
           << kParameterAttrName << "', got " << attr.getValue();
  return success();
}
