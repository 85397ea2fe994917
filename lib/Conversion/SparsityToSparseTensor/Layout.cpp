//===- Layout.cpp - What the layouts of all formats share -----------------===//
//
// Collects the arrays of one matrix for upstream, and registers the layouts.
//
//===----------------------------------------------------------------------===//

#include "Layout.h"

#include "mlir/AsmParser/AsmParser.h"

#include "sparse-opt/Conversion/SparsityToSparseTensor/LayoutInterface.cpp.inc"

using namespace mlir;
using namespace mlir::sparsity;

bool LayoutWriter::isNonzero(int64_t row, int64_t col) const {
  return row < matrix.rows && col < matrix.cols &&
         !format::isZero(matrix.at(row, col), matrix.kind);
}

void LayoutWriter::addValue(int64_t row, int64_t col) {
  int64_t width = format::elementBytes(matrix.kind);
  if (row >= matrix.rows || col >= matrix.cols) {
    values.insert(values.end(), width, 0);
    return;
  }
  auto *element = reinterpret_cast<const char *>(matrix.at(row, col));
  values.insert(values.end(), element, element + width);
}

/// Elements from their bytes; a raw buffer must not be empty.
static DenseElementsAttr getElements(RankedTensorType type,
                                     ArrayRef<char> bytes) {
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  return DenseElementsAttr::getFromRawBuffer(type, bytes);
}

void LayoutWriter::addLevel(ArrayRef<uint32_t> array, int64_t bits,
                            ArrayRef<int64_t> shape) {
  std::vector<char> bytes;
  for (uint32_t value : array)
    for (int64_t shift = 0; shift < bits; shift += 8)
      bytes.push_back(static_cast<char>(value >> shift));
  auto type = RankedTensorType::get(
      shape, IntegerType::get(elementType.getContext(), bits));
  levels.push_back(getElements(type, bytes));
}

void LayoutWriter::addCoordinates(std::vector<uint32_t> coordinates,
                                  int64_t bits, int64_t perEntry) {
  if (coordinates.empty()) {
    coordinates.resize(perEntry);
    values.resize(format::elementBytes(matrix.kind));
  }
  int64_t count = coordinates.size() / perEntry;
  if (perEntry == 1)
    return addLevel(coordinates, bits, count);
  addLevel(coordinates, bits, {count, perEntry});
}

SparseTensorStorage LayoutWriter::finish(int64_t rows, int64_t cols,
                                         const Twine &encoding) const {
  Attribute attr =
      parseAttribute(("#sparse_tensor.encoding<{" + encoding + "}>").str(),
                     elementType.getContext());
  assert(attr && "layouts write valid encodings");
  auto flat = RankedTensorType::get(getNumValues(), elementType);
  return {RankedTensorType::get({rows, cols}, elementType, attr), levels,
          getElements(flat, values)};
}

int64_t mlir::sparsity::getPaddedExtent(int64_t extent, int64_t size) {
  if (size == 1)
    return extent;
  return std::max<int64_t>(2 * size, llvm::alignTo(extent, size));
}

int64_t mlir::sparsity::getCoordinateBits(int64_t extent) {
  return extent <= 1 << 8 ? 8 : extent <= 1 << 16 ? 16 : 32;
}

void mlir::sparsity::registerSparseTensorLayoutModels(
    DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, SparsityDialect *) {
    attachStreamLayout(context);
    attachBSRLayout(context);
    attachNMLayout(context);
  });
}
