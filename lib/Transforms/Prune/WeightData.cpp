//===- WeightData.cpp - The numbers of a parameter ------------------------===//
//
// From parameters to matrices over their bytes, and back for pruned ones.
//
//===----------------------------------------------------------------------===//

#include "WeightData.h"

#include "sparse-opt/Format/CheckedMath.h"
#include "sparse-opt/Recipe/Recipe.h"

#include "mlir/IR/DialectResourceBlobManager.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

static constexpr size_t kBlobAlignment = 64;

bool mlir::sparsity::isWeightType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || tensor.getRank() < 2)
    return false;
  std::optional<ElementKind> kind = getElementKind(tensor.getElementType());
  return kind && isWeightKind(*kind);
}

/// The matrix's type; nothing when its size overflows.
static std::optional<RankedTensorType> getMatrixType(RankedTensorType type) {
  CheckedSize columns = 1;
  for (int64_t extent : type.getShape().drop_front())
    columns = checkedMul(columns, extent);
  CheckedSize bytes = checkedMul(checkedMul(type.getDimSize(0), columns), 8);
  if (!bytes)
    return std::nullopt;
  return RankedTensorType::get({type.getDimSize(0), *columns},
                               type.getElementType());
}

static Result<MatrixView> viewResource(DenseResourceElementsAttr resource,
                                       RankedTensorType type) {
  std::string key = quoted(resource.getRawHandle().getKey());
  if (!resource.getRawHandle().getBlob())
    return makeError("has no data: the resource ", key, " is missing");
  auto matrix = DenseResourceElementsAttr::get(type, resource.getRawHandle());
  if (auto view = getMatrixView(matrix))
    return *view;
  int64_t expected = type.getNumElements() *
                     elementBytes(*getElementKind(type.getElementType()));
  return makeError("expected ", expected, " bytes in the resource ", key,
                   ", found ",
                   resource.getRawHandle().getBlob()->getData().size());
}

static Result<MatrixView> viewInline(DenseElementsAttr elements,
                                     RankedTensorType type) {
  if (auto view = getMatrixView(elements.reshape(type)))
    return *view;
  return makeError("expected at most ", kMostEqual, " equal elements, got ",
                   type.getNumElements());
}

Result<MatrixView> mlir::sparsity::getWeightMatrix(ParameterOp parameter) {
  assert(isWeightType(parameter.getType()) && "expected a weight");
  if (!parameter.getValueAttr())
    return makeError("has no data: it is given at run time");
  auto type = getMatrixType(cast<RankedTensorType>(Type(parameter.getType())));
  if (!type)
    return makeError("expected a size that fits 63 bits");
  ElementsAttr elements = parameter.getElements();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return viewResource(resource, *type);
  if (auto dense = dyn_cast<DenseElementsAttr>(elements))
    return viewInline(dense, *type);
  return makeError("expected a dense value");
}

/// Copies the elements of `weight`, row major, and clears the pruned ones.
static void writeMasked(const MatrixView &weight, const Mask &mask,
                        MutableArrayRef<char> bytes) {
  int64_t size = elementBytes(weight.kind);
  if (bytes.empty())
    return;
  if (weight.colStride == 1) {
    std::memcpy(bytes.data(), weight.data, bytes.size());
  } else {
    for (size_t at = 0; at < bytes.size(); at += size)
      std::memcpy(bytes.data() + at, weight.data, size);
  }
  MutableMatrixView copy{bytes.data(), weight.kind, weight.rows,
                         weight.cols,  weight.cols, 1};
  Status status = applyMask(copy, mask);
  assert(status && "the mask was made for this weight");
  (void)status;
}

std::optional<std::string> mlir::sparsity::findNaN(const MatrixView &matrix) {
  if (!isFloatKind(matrix.kind))
    return std::nullopt;
  for (int64_t row = 0; row < matrix.rows; ++row)
    for (int64_t col = 0; col < matrix.cols; ++col)
      if (std::isnan(toDouble(matrix.at(row, col), matrix.kind)))
        return "NaN in row " + std::to_string(row) + ", column " +
               std::to_string(col);
  return std::nullopt;
}

/// The bits of `value` rounded to a floating-point type, half to even.
static APInt roundTo(double value, const llvm::fltSemantics &semantics) {
  bool isInexact;
  APFloat rounded(value);
  rounded.convert(semantics, APFloat::rmNearestTiesToEven, &isInexact);
  return rounded.bitcastToAPInt();
}

/// Rounds `values` over the kept elements of `matrix`. The index of one that is
/// beyond the range, if there is one.
static std::optional<size_t> writeValues(const MutableMatrixView &matrix,
                                         const Mask &mask,
                                         ArrayRef<double> values,
                                         const llvm::fltSemantics &semantics) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!mask.kept[i])
      continue;
    std::byte *element = matrix.at(i / matrix.cols, i % matrix.cols);
    uint64_t bits = roundTo(values[i], semantics).getZExtValue();
    std::memcpy(element, &bits, elementBytes(matrix.kind));
    if (!std::isfinite(toDouble(element, matrix.kind)))
      return i;
  }
  return std::nullopt;
}

FailureOr<ElementsAttr>
mlir::sparsity::getPrunedValue(ParameterOp parameter, const MatrixView &weight,
                               const Mask &mask, ArrayRef<double> values) {
  auto type = cast<RankedTensorType>(Type(parameter.getType()));
  size_t bytes = weight.rows * weight.cols * elementBytes(weight.kind);
  AsmResourceBlob blob = HeapAsmResourceBlob::allocate(bytes, kBlobAlignment);
  MutableArrayRef<char> data = blob.getMutableData();
  writeMasked(weight, mask, data);
  if (!values.empty()) {
    auto element = cast<FloatType>(type.getElementType());
    MutableMatrixView matrix{data.data(), weight.kind, weight.rows,
                             weight.cols, weight.cols, 1};
    if (auto bad =
            writeValues(matrix, mask, values, element.getFloatSemantics()))
      return parameter.emitError("cannot prune parameter ")
             << quoted(parameter.getUserName()) << ": its new value "
             << values[*bad] << " in row " << *bad / weight.cols << ", column "
             << *bad % weight.cols << " is beyond the range of " << element;
  }
  if (isa<DenseElementsAttr>(parameter.getElements()))
    return ElementsAttr(DenseElementsAttr::getFromRawBuffer(type, data));
  return ElementsAttr(DenseResourceElementsAttr::get(
      type, (parameter.getUserName() + ".pruned").str(), std::move(blob)));
}
