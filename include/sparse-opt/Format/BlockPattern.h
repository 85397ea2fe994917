//===- BlockPattern.h - Zeros come in whole blocks ------------------------===//
//
// The zero pattern of blocks, with or without a declared fraction of zero
// blocks. How such a matrix is stored is in BSRFormat.h.
//
//===----------------------------------------------------------------------===//
//
// Blocks of blockRows x blockCols tile the matrix from its first element; the
// parts at the right and bottom edges count as blocks. Without a declared
// fraction the pattern forbids nothing: it says how to count and how to prune.
//
//   block 2x2 on 3 x 5:  6 blocks        . .|a b|.
//   zeros = 0.5: 3 zero blocks           . .|c .|.
//                are declared and        ---+---+---
//                3 are found             e f|. g|.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_BLOCKPATTERN_H
#define SPARSE_OPT_FORMAT_BLOCKPATTERN_H

#include "sparse-opt/Format/ZeroPattern.h"

namespace mlir::sparsity::format {

class BlockPattern : public ZeroPattern {
public:
  /// The parameters must be what `get` accepts: a block of at least 1x1, and
  /// zeros in [0, 1].
  BlockPattern(int64_t blockRows, int64_t blockCols,
               std::optional<double> zeros = std::nullopt);
  static Result<BlockPattern> get(int64_t blockRows, int64_t blockCols,
                                  std::optional<double> zeros = std::nullopt);

  int64_t blockRows() const { return height; }
  int64_t blockCols() const { return width; }
  /// The declared fraction of zero blocks.
  std::optional<double> zeros() const { return zeroFraction; }

  /// "block 16x16", "block 16x16 0.8".
  std::string name() const override;
  std::optional<Violation>
  firstViolation(const MatrixView &matrix) const override;
  /// Blocks are ranked by the sum of their scores; round((1 - sparsity) *
  /// blocks), half away from zero, are kept.
  Result<Mask> bestMask(const MatrixView &scores,
                        double sparsity) const override;
  Unit unit() const override { return {height, width}; }
  double countedZeros(const MatrixView &matrix) const override;
  double density(int64_t rows, int64_t cols) const override;

private:
  int64_t height, width;
  std::optional<double> zeroFraction;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_BLOCKPATTERN_H
