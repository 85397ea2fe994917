//===- BSRLayout.cpp - Block matrices for upstream ------------------------===//
//
// Upstream's loops over blocks run past ragged edges, so the matrix is padded
// to whole blocks.
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
    LayoutWriter writer(matrix, elementType);
    std::vector<uint32_t> positions = {0}, columns;
    for (int64_t row = 0; row < matrix.rows; row += height) {
      for (int64_t col = 0; col < matrix.cols; col += width)
        if (addBlock(writer, row, col, height, width))
          columns.push_back(col / width);
      positions.push_back(columns.size());
    }
    int64_t bits = getCoordinateBits(llvm::divideCeil(matrix.cols, width));
    writer.addLevel(positions, 32);
    writer.addLevel(columns, bits);
    std::string h = std::to_string(height), w = std::to_string(width);
    return writer.finish(
        llvm::alignTo(matrix.rows, height), llvm::alignTo(matrix.cols, width),
        "map = (i, j) -> (i floordiv " + h + " : dense, j floordiv " + w +
            " : compressed, i mod " + h + " : dense, j mod " + w +
            " : dense), posWidth = 32, crdWidth = " + std::to_string(bits));
  }

private:
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
