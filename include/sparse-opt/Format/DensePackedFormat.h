//===- DensePackedFormat.h - Dense rows interleaved in panels -------------===//
//
// The storage format "dense": nothing is left out, elements are only reordered,
// so that the outputs of a vector are contiguous. Kernels are not here.
//
//===----------------------------------------------------------------------===//
//
// Rows are cut into panels of `panel` rows. Inside a panel all rows of column 0
// come first, then all rows of column 1, ... The last panel is as wide as it
// must be: its rows, rounded up to kLanes. Lanes past the last row hold zeros.
//
//   one buffer: values, kind of the matrix, cols * roundUp(rows, kLanes)
//
//   element (row, k), p = row / panel, w = width of panel p:
//     values[p * panel * cols + k * w + (row - p * panel)]
//
// Example, drawn with 4 lanes instead of 16: 6 x 3, panel = 4
//
//          k 0 1 2
//   row 0    a b c        panel 0 (w = 4)             panel 1 (w = 4)
//       1    d e f        +-------+-------+-------+   +-------+-------+-------+
//       2    g h i   ->   |a d g j|b e h k|c f i l|   |m p 0 0|n q 0 0|o r 0 0|
//       3    j k l        +-------+-------+-------+   +-------+-------+-------+
//       4    m n o          k = 0   k = 1   k = 2       k = 0   k = 1   k = 2
//       5    p q r
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_DENSEPACKEDFORMAT_H
#define SPARSE_OPT_FORMAT_DENSEPACKEDFORMAT_H

#include "sparse-opt/Format/StorageFormat.h"

namespace mlir::sparsity::format {

class DensePackedFormat : public StorageFormat {
public:
  /// `panel` must be what `get` accepts: a positive multiple of kLanes.
  explicit DensePackedFormat(int64_t panel);
  static Result<DensePackedFormat> get(int64_t panel);

  int64_t panel() const { return panelRows; }

  std::string name() const override { return "dense"; }
  Result<std::vector<BufferSpec>> buffers(ElementKind kind, int64_t rows,
                                          int64_t cols) const override;
  int64_t countStored(const MatrixView &matrix) const override;
  int64_t estimateStored(int64_t rows, int64_t cols,
                         double density) const override;
  Result<Storage> encode(const MatrixView &matrix) const override;
  void decode(const StorageView &storage,
              const MutableMatrixView &matrix) const override;
  Status validate(const StorageView &storage, ElementKind kind, int64_t rows,
                  int64_t cols) const override;
  Result<int64_t> bytes(ElementKind kind, int64_t rows, int64_t cols,
                        int64_t stored) const override;

private:
  int64_t panelRows;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_DENSEPACKEDFORMAT_H
