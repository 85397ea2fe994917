//===- RowStreamFormat.h - The nonzeros of each row in a stream -----------===//
//
// The storage format "stream" (compressed rows with narrow columns): any mask,
// nothing but nonzeros stored.
//
//===----------------------------------------------------------------------===//
//
//   positions  u32, rows + 1: entries of row i are positions[i] ..
//                             positions[i + 1] - 1
//   columns    u16 when cols <= 65536, else u32: ascending in a row
//   values     kind of the matrix, one for each column
//
// Example, 3 x 5:
//
//        . a . . b          positions  0 2 2 3
//        . . . . .          columns    1 4 0
//        c . . . .          values     a b c
//
// Encode stores nonzeros only; a stored zero is legal in buffers from elsewhere
// and keeps its bits.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_ROWSTREAMFORMAT_H
#define SPARSE_OPT_FORMAT_ROWSTREAMFORMAT_H

#include "sparse-opt/Format/StorageFormat.h"

namespace mlir::sparsity::format {

class RowStreamFormat : public StorageFormat {
public:
  /// Kind of a column index in a matrix of `cols` columns: u16 or u32.
  static ElementKind columnKind(int64_t cols);

  std::string name() const override { return "stream"; }
  Result<std::vector<BufferSpec>> buffers(ElementKind kind, int64_t rows,
                                          int64_t cols) const override;
  int64_t countStored(const MatrixView &matrix) const override;
  Result<Storage> encode(const MatrixView &matrix) const override;
  void decode(const StorageView &storage,
              const MutableMatrixView &matrix) const override;
  Status validate(const StorageView &storage, ElementKind kind, int64_t rows,
                  int64_t cols) const override;
  Result<int64_t> bytes(ElementKind kind, int64_t rows, int64_t cols,
                        int64_t stored) const override;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_ROWSTREAMFORMAT_H
