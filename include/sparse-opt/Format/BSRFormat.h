//===- BSRFormat.h - Blocks that have a nonzero, by rows of blocks --------===//
//
// The storage format "bsr" (block compressed rows): whole blocks are stored or
// left out. Which mask to choose is in BlockPattern.h.
//
//===----------------------------------------------------------------------===//
//
// The matrix is cut into blocks of blockRows x blockCols; at the right and
// bottom edges blocks are padded with zeros. A block with any nonzero is
// stored, every element of it with its bits. R rows of blocks, B stored blocks:
//
//   positions  u32, R + 1: blocks of block row i are positions[i] ..
//                          positions[i + 1] - 1
//   columns    u32, B: the block column, ascending in a block row
//   values     kind of the matrix, B * blockCols * blockRows,
//              [block][col in block][row in block]: the outputs that one input
//              feeds are contiguous
//
// Example, 3 x 5 with blocks of 2 x 2 (R = 2, the edges are ragged):
//
//        . .|a b|.          positions  0 2 3
//        . .|c .|d          columns    1 2 0
//        ---+---+---        values     a c b 0 | 0 d 0 0 | e 0 f 0
//        e f|. .|.
//
// Blocks and elements of +0.0 that are stored all the same are legal, as are
// empty block rows.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_BSRFORMAT_H
#define SPARSE_OPT_FORMAT_BSRFORMAT_H

#include "sparse-opt/Format/StorageFormat.h"

namespace mlir::sparsity::format {

class BSRFormat : public StorageFormat {
public:
  /// The parameters must be what `get` accepts: at least 1x1, at most
  /// kMaxElements elements.
  BSRFormat(int64_t blockRows, int64_t blockCols);
  static Result<BSRFormat> get(int64_t blockRows, int64_t blockCols);

  int64_t blockRows() const { return height; }
  int64_t blockCols() const { return width; }

  std::string name() const override { return "bsr"; }
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

private:
  int64_t height, width;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_BSRFORMAT_H
