//===- PatternCount.cpp - How near a matrix is to a pattern ---------------===//
//
// The counting loops. A matrix whose columns are the nearer neighbours in
// memory is read as it is, any other as its transpose.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/PatternCount.h"

#include "BlockScan.h"
#include "sparse-opt/Format/CheckedMath.h"
#include "sparse-opt/Format/StorageFormat.h"

#include <cstdlib>

namespace mlir::sparsity::format {

/// True when walking down a column is the shorter step in memory.
static bool isColumnMajor(const MatrixView &matrix) {
  return matrix.colStride != 1 &&
         std::abs(matrix.rowStride) < std::abs(matrix.colStride);
}

template <typename T>
static ZeroCount countZerosOf(const MatrixView &matrix) {
  T magnitude = magnitudeBits<T>(matrix.kind);
  ZeroCount result;
  std::vector<uint8_t> columnHasNonzero(matrix.cols, 0);
  uint8_t *marks = columnHasNonzero.data();
  int64_t nonzeros = 0, nonzeroRows = 0;
  RowStrips<T>(matrix, kLanes).forEach([&](const Strip<T> &strip) {
    for (int64_t i = 0; i < strip.rows; ++i) {
      Reader<T> row = strip.row(i);
      int64_t before = nonzeros;
      for (int64_t col = 0; col < matrix.cols; ++col) {
        bool nonzero = (row[col] & magnitude) != 0;
        nonzeros += nonzero;
        marks[col] |= nonzero;
      }
      nonzeroRows += nonzeros != before;
    }
  });
  result.elements = matrix.rows * matrix.cols;
  result.zeros = result.elements - nonzeros;
  result.zeroRows = matrix.rows - nonzeroRows;
  result.zeroCols =
      std::count(columnHasNonzero.begin(), columnHasNonzero.end(), 0);
  return result;
}

ZeroCount countZeros(const MatrixView &matrix) {
  bool swapped = isColumnMajor(matrix);
  MatrixView view = swapped ? matrix.transposed() : matrix;
  ZeroCount result = withWidth(
      view.kind, [&](auto word) { return countZerosOf<decltype(word)>(view); });
  if (swapped)
    std::swap(result.zeroRows, result.zeroCols);
  return result;
}

/// Groups lie along the rows of the view.
template <typename T>
static int64_t countAlongRows(const MatrixView &matrix, int64_t n, int64_t m) {
  T magnitude = magnitudeBits<T>(matrix.kind);
  int64_t overfull = 0;
  RowStrips<T>(matrix, kLanes).forEach([&](const Strip<T> &strip) {
    for (int64_t i = 0; i < strip.rows; ++i) {
      Reader<T> row = strip.row(i);
      for (int64_t col = 0; col < matrix.cols;) {
        int64_t end = std::min(col + m, matrix.cols);
        int64_t nonzeros = 0;
        for (; col < end; ++col)
          nonzeros += (row[col] & magnitude) != 0;
        overfull += nonzeros > n;
      }
    }
  });
  return overfull;
}

/// Groups lie along the columns of the view: one strip is one row of groups.
template <typename T>
static int64_t countAlongCols(const MatrixView &matrix, int64_t n, int64_t m) {
  T magnitude = magnitudeBits<T>(matrix.kind);
  int64_t overfull = 0;
  std::vector<uint16_t> nonzeros(matrix.cols);
  RowStrips<T>(matrix, m).forEach([&](const Strip<T> &strip) {
    std::fill(nonzeros.begin(), nonzeros.end(), 0);
    for (int64_t i = 0; i < strip.rows; ++i) {
      Reader<T> row = strip.row(i);
      for (int64_t col = 0; col < matrix.cols; ++col)
        nonzeros[col] += (row[col] & magnitude) != 0;
    }
    for (uint16_t count : nonzeros)
      overfull += count > n;
  });
  return overfull;
}

PartCount countOverfullGroups(const MatrixView &matrix,
                              const NMPattern &pattern) {
  bool alongRows = pattern.axis() == 1;
  int64_t length = alongRows ? matrix.cols : matrix.rows;
  int64_t lines = alongRows ? matrix.rows : matrix.cols;
  PartCount result;
  result.total = lines * *checkedCeilDiv(length, pattern.m());
  bool swapped = isColumnMajor(matrix);
  MatrixView view = swapped ? matrix.transposed() : matrix;
  result.count = withWidth(view.kind, [&](auto word) {
    using T = decltype(word);
    return alongRows != swapped
               ? countAlongRows<T>(view, pattern.n(), pattern.m())
               : countAlongCols<T>(view, pattern.n(), pattern.m());
  });
  return result;
}

template <typename T>
static int64_t countNonzeroBlocks(const MatrixView &matrix, int64_t height,
                                  int64_t width) {
  T magnitude = magnitudeBits<T>(matrix.kind);
  std::vector<uint8_t> flags(*checkedCeilDiv(matrix.cols, width));
  int64_t blocks = 0;
  RowStrips<T>(matrix, height).forEach([&](const Strip<T> &strip) {
    blocks += markNonzeroBlocks(strip, matrix.cols, width, magnitude, flags);
  });
  return blocks;
}

PartCount countZeroBlocks(const MatrixView &matrix,
                          const BlockPattern &pattern) {
  int64_t height = pattern.blockRows(), width = pattern.blockCols();
  PartCount result;
  result.total = *checkedCeilDiv(matrix.rows, height) *
                 *checkedCeilDiv(matrix.cols, width);
  bool swapped = isColumnMajor(matrix);
  MatrixView view = swapped ? matrix.transposed() : matrix;
  if (swapped)
    std::swap(height, width);
  int64_t nonzero = withWidth(view.kind, [&](auto word) {
    return countNonzeroBlocks<decltype(word)>(view, height, width);
  });
  result.count = result.total - nonzero;
  return result;
}

PatternCounts countPatterns(const MatrixView &matrix,
                            const std::vector<NMPattern> &groups,
                            const std::vector<BlockPattern> &blocks) {
  PatternCounts counts{countZeros(matrix), {}, {}};
  for (const NMPattern &pattern : groups)
    counts.overfullGroups.push_back(countOverfullGroups(matrix, pattern));
  for (const BlockPattern &pattern : blocks)
    counts.zeroBlocks.push_back(countZeroBlocks(matrix, pattern));
  return counts;
}

} // namespace mlir::sparsity::format
