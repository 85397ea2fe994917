//===- ElementKinds.cpp - MLIR element types and Format's kinds -----------===//
//
// The one place where MLIR's element types and the Format room's element kinds
// meet, and where an elements attribute becomes a matrix over its raw bytes.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Format/CheckedMath.h"

#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::sparsity;
using format::ElementKind;

std::optional<ElementKind> mlir::sparsity::getElementKind(Type type) {
  if (type.isF64())
    return ElementKind::F64;
  if (type.isF32())
    return ElementKind::F32;
  if (type.isF16())
    return ElementKind::F16;
  if (type.isBF16())
    return ElementKind::BF16;
  if (type.isInteger(64))
    return type.isUnsignedInteger() ? ElementKind::U64 : ElementKind::I64;
  if (type.isInteger(32))
    return type.isUnsignedInteger() ? ElementKind::U32 : ElementKind::I32;
  if (type.isInteger(16))
    return type.isUnsignedInteger() ? ElementKind::U16 : ElementKind::I16;
  if (type.isInteger(8))
    return type.isUnsignedInteger() ? ElementKind::U8 : ElementKind::I8;
  if (type.isInteger(1))
    return ElementKind::Bool;
  return std::nullopt;
}

Type mlir::sparsity::getElementType(MLIRContext *context, ElementKind kind) {
  switch (kind) {
  case ElementKind::F64:
    return Float64Type::get(context);
  case ElementKind::F32:
    return Float32Type::get(context);
  case ElementKind::F16:
    return Float16Type::get(context);
  case ElementKind::BF16:
    return BFloat16Type::get(context);
  case ElementKind::I64:
  case ElementKind::U64:
    return IntegerType::get(context, 64);
  case ElementKind::I32:
  case ElementKind::U32:
    return IntegerType::get(context, 32);
  case ElementKind::I16:
  case ElementKind::U16:
    return IntegerType::get(context, 16);
  case ElementKind::I8:
  case ElementKind::U8:
    return IntegerType::get(context, 8);
  case ElementKind::Bool:
    return IntegerType::get(context, 1);
  }
  llvm_unreachable("every kind is listed");
}

/// The raw bytes of an elements attribute of a weight's element type, empty
/// when they are missing.
static ArrayRef<char> getRawBytes(ElementsAttr elements) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? blob->getData() : ArrayRef<char>();
  }
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return dense.getRawData();
  return {};
}

std::optional<format::MatrixView>
mlir::sparsity::getMatrixView(ElementsAttr elements) {
  auto type = dyn_cast<RankedTensorType>(elements.getType());
  if (!type || type.getRank() != 2)
    return std::nullopt;
  std::optional<ElementKind> kind = getElementKind(type.getElementType());
  if (!kind || !format::isWeightKind(*kind))
    return std::nullopt;
  ArrayRef<char> bytes = getRawBytes(elements);
  int64_t rows = type.getDimSize(0), cols = type.getDimSize(1);
  auto dense = dyn_cast<DenseElementsAttr>(elements);
  if (dense && dense.isSplat()) {
    if (type.getNumElements() > kMostEqual)
      return std::nullopt;
    return format::MatrixView{bytes.data(), *kind, rows, cols, 0, 0};
  }
  format::CheckedSize size = format::checkedMul(format::checkedMul(rows, cols),
                                                format::elementBytes(*kind));
  if (!size || static_cast<uint64_t>(*size) != bytes.size())
    return std::nullopt;
  return format::MatrixView{bytes.data(), *kind, rows, cols, cols, 1};
}
