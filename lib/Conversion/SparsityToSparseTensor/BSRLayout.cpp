//===- BSRLayout.cpp - Block matrices for upstream ------------------------===//
//
// Upstream's loops over blocks run past ragged edges, so the matrix is padded
// to whole blocks. Blocks of one column are given as CSR: upstream crashes
// where only the rows of a matrix have blocks.
//
//===----------------------------------------------------------------------===//

#include "Layout.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
struct BSRLayout
    : public SparseTensorLayoutInterface::ExternalModel<BSRLayout,
                                                        BSRFormatAttr> {
  SparseTensorStorage getSparseTensorStorage(Attribute format,
                                             const format::MatrixView &matrix,
                                             Type elementType,
                                             SparseTensorLayout) const {
    int64_t height = cast<BSRFormatAttr>(format).getRows();
    int64_t width = cast<BSRFormatAttr>(format).getCols();
    int64_t rows = getPaddedExtent(matrix.rows, height);
    int64_t cols = getPaddedExtent(matrix.cols, width);
    LayoutWriter writer(matrix, elementType);
    if (width == 1)
      return getCompressed(std::move(writer), /*byColumn=*/false);
    std::vector<uint32_t> positions = {0}, columns;
    for (int64_t row = 0; row < rows; row += height) {
      for (int64_t col = 0; col < cols; col += width)
        if (addBlock(writer, row, col, height, width))
          columns.push_back(col / width);
      positions.push_back(columns.size());
    }
    int64_t bits = getCoordinateBits(cols / width);
    writer.addPositions(positions);
    writer.addCoordinates(std::move(columns), bits);
    auto [outerRow, innerRow] = getLevels("i", height);
    auto [outerCol, innerCol] = getLevels("j", width);
    return writer.finish(
        rows, cols,
        "map = (i, j) -> (" + outerRow + " : dense, " + outerCol +
            " : compressed" + innerRow + innerCol +
            "), posWidth = 32, crdWidth = " + std::to_string(bits));
  }

private:
  /// The levels of one dimension: blocks, and what is in them. Upstream crashes
  /// where `mod` folds to 0, so blocks of one row have no inner level.
  static std::pair<std::string, std::string> getLevels(std::string dim,
                                                       int64_t size) {
    if (size == 1)
      return {dim, ""};
    std::string text = std::to_string(size);
    return {dim + " floordiv " + text,
            ", " + dim + " mod " + text + " : dense"};
  }

  /// Stores the block row by row if it has a nonzero.
  static bool addBlock(LayoutWriter &writer, int64_t row, int64_t col,
                       int64_t height, int64_t width) {
    bool any = false;
    for (int64_t p = 0; p < height; ++p)
      for (int64_t q = 0; q < width; ++q)
        any |= writer.isNonzero(row + p, col + q);
    for (int64_t p = 0; any && p < height; ++p)
      for (int64_t q = 0; q < width; ++q)
        writer.addValue(row + p, col + q);
    return any;
  }
};
} // namespace

void mlir::sparsity::attachBSRLayout(MLIRContext *context) {
  BSRFormatAttr::attachInterface<BSRLayout>(*context);
}
