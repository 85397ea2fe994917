//===- NMLayout.cpp - N:M matrices for upstream ---------------------------===//
//
// Upstream's loops read exactly n entries per group, present or not, so columns
// are padded to whole groups and underfull groups get explicit zeros.
//
//===----------------------------------------------------------------------===//

#include "Layout.h"

using namespace mlir;
using namespace mlir::sparsity;

/// The n columns of a group that are stored: its nonzeros, and zeros from the
/// left as far as they are needed.
static SmallVector<int64_t> getStored(const LayoutWriter &writer, int64_t row,
                                      int64_t first, int64_t n, int64_t m) {
  SmallVector<int64_t> stored;
  for (int64_t col = first; col < first + m; ++col)
    if (writer.isNonzero(row, col))
      stored.push_back(col);
  for (int64_t col = first; static_cast<int64_t>(stored.size()) < n; ++col)
    if (!writer.isNonzero(row, col))
      stored.push_back(col);
  llvm::sort(stored);
  return stored;
}

namespace {
struct NMLayout
    : public SparseTensorLayoutInterface::ExternalModel<NMLayout,
                                                        NMFormatAttr> {
  SparseTensorStorage getSparseTensorStorage(Attribute format,
                                             const format::MatrixView &matrix,
                                             Type elementType,
                                             SparseTensorLayout) const {
    int64_t n = cast<NMFormatAttr>(format).getN();
    int64_t m = cast<NMFormatAttr>(format).getM();
    int64_t cols = getPaddedExtent(matrix.cols, m);
    LayoutWriter writer(matrix, elementType);
    std::vector<uint32_t> coordinates;
    for (int64_t row = 0; row < matrix.rows; ++row)
      for (int64_t first = 0; first < cols; first += m)
        for (int64_t col : getStored(writer, row, first, n, m)) {
          coordinates.push_back(col - first);
          writer.addValue(row, col);
        }
    if (n == m) // Everything is stored, and upstream has no structured[1, 1].
      return writer.finish(matrix.rows, cols,
                           "map = (i, j) -> (i : dense, j : dense)");
    std::string size = std::to_string(m);
    std::string groups = "map = (i, j) -> (i : dense, j floordiv " + size +
                         " : dense, j mod " + size;
    writer.addCoordinates(std::move(coordinates), 8);
    return writer.finish(matrix.rows, cols,
                         groups + " : structured[" + std::to_string(n) + ", " +
                             size + "]), crdWidth = 8");
  }
};
} // namespace

void mlir::sparsity::attachNMLayout(MLIRContext *context) {
  NMFormatAttr::attachInterface<NMLayout>(*context);
}
