//===- StreamLayout.cpp - Unstructured matrices for upstream --------------===//
//
// CSR, CSC or COO with 32-bit positions and the narrowest coordinates.
//
//===----------------------------------------------------------------------===//

#include "Layout.h"

using namespace mlir;
using namespace mlir::sparsity;

SparseTensorStorage mlir::sparsity::getCompressed(LayoutWriter writer,
                                                  bool byColumn) {
  int64_t rows = writer.getRows(), cols = writer.getCols();
  int64_t outer = byColumn ? cols : rows, inner = byColumn ? rows : cols;
  std::vector<uint32_t> positions = {0}, coordinates;
  for (int64_t i = 0; i < outer; ++i) {
    for (int64_t j = 0; j < inner; ++j) {
      int64_t row = byColumn ? j : i, col = byColumn ? i : j;
      if (!writer.isNonzero(row, col))
        continue;
      coordinates.push_back(j);
      writer.addValue(row, col);
    }
    positions.push_back(coordinates.size());
  }
  int64_t bits = getCoordinateBits(inner);
  writer.addPositions(positions);
  writer.addCoordinates(std::move(coordinates), bits);
  return writer.finish(rows, cols,
                       Twine("map = (i, j) -> ") +
                           (byColumn ? "(j : dense, i : compressed)"
                                     : "(i : dense, j : compressed)") +
                           ", posWidth = 32, crdWidth = " + Twine(bits));
}

/// Sorted pairs of coordinates, interleaved.
static SparseTensorStorage getCoordinates(LayoutWriter writer) {
  int64_t rows = writer.getRows(), cols = writer.getCols();
  std::vector<uint32_t> coordinates;
  for (uint32_t row = 0; row < rows; ++row)
    for (uint32_t col = 0; col < cols; ++col)
      if (writer.isNonzero(row, col)) {
        coordinates.insert(coordinates.end(), {row, col});
        writer.addValue(row, col);
      }
  int64_t bits = getCoordinateBits(std::max(rows, cols));
  auto count = static_cast<uint32_t>(writer.getNumValues());
  writer.addPositions({0, count});
  writer.addCoordinates(std::move(coordinates), bits, /*perEntry=*/2);
  return writer.finish(rows, cols,
                       "map = (i, j) -> (i : compressed(nonunique), "
                       "j : singleton), posWidth = 32, crdWidth = " +
                           Twine(bits));
}

namespace {
struct StreamLayout
    : public SparseTensorLayoutInterface::ExternalModel<StreamLayout,
                                                        StreamFormatAttr> {
  SparseTensorStorage getSparseTensorStorage(Attribute,
                                             const format::MatrixView &matrix,
                                             Type elementType,
                                             SparseTensorLayout layout) const {
    LayoutWriter writer(matrix, elementType);
    if (layout == SparseTensorLayout::COO)
      return getCoordinates(writer);
    return getCompressed(writer, layout == SparseTensorLayout::CSC);
  }
};
} // namespace

void mlir::sparsity::attachStreamLayout(MLIRContext *context) {
  StreamFormatAttr::attachInterface<StreamLayout>(*context);
}
