//===- BlockPattern.cpp - Zeros come in whole blocks ----------------------===//
//
// Checks and best masks of blocks. Counting is in PatternCount.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/BlockPattern.h"

#include "Selection.h"
#include "sparse-opt/Format/CheckedMath.h"
#include "sparse-opt/Format/PatternCount.h"
#include "sparse-opt/Format/StorageFormat.h"

#include <limits>

namespace mlir::sparsity::format {

static Status checkParameters(int64_t blockRows, int64_t blockCols,
                              std::optional<double> zeros) {
  if (blockRows < 1 || blockCols < 1)
    return makeError("expected a block size of at least 1x1, got ", blockRows,
                     "x", blockCols);
  if (std::max(blockRows, blockCols) > kMaxElements)
    return makeError("expected a block size of at most ", kMaxElements,
                     ", got ", blockRows, "x", blockCols);
  return zeros ? checkFraction(*zeros) : Status();
}

BlockPattern::BlockPattern(int64_t blockRows, int64_t blockCols,
                           std::optional<double> zeros)
    : height(blockRows), width(blockCols), zeroFraction(zeros) {
  assert(checkParameters(blockRows, blockCols, zeros) &&
         "expected checked parameters");
}

Result<BlockPattern> BlockPattern::get(int64_t blockRows, int64_t blockCols,
                                       std::optional<double> zeros) {
  if (Status status = checkParameters(blockRows, blockCols, zeros); !status)
    return status.error();
  return BlockPattern(blockRows, blockCols, zeros);
}

std::string BlockPattern::name() const {
  Error name = makeError("block ", height, "x", width);
  return zeroFraction ? makeError(name.message, " ", *zeroFraction).message
                      : name.message;
}

double BlockPattern::countedZeros(const MatrixView &matrix) const {
  PartCount zeros = countZeroBlocks(matrix, *this);
  return zeros.total == 0 ? 0 : double(zeros.count) / double(zeros.total);
}

double BlockPattern::density(int64_t rows, int64_t cols) const {
  return zeroFraction ? 1.0 - *zeroFraction : 1.0;
}

/// The first nonzero of the block that starts at (firstRow, firstCol).
static std::optional<Violation> firstNonzero(const BlockPattern &pattern,
                                             const MatrixView &matrix,
                                             int64_t firstRow,
                                             int64_t firstCol) {
  int64_t rowEnd = std::min(firstRow + pattern.blockRows(), matrix.rows);
  int64_t colEnd = std::min(firstCol + pattern.blockCols(), matrix.cols);
  for (int64_t row = firstRow; row < rowEnd; ++row)
    for (int64_t col = firstCol; col < colEnd; ++col)
      if (!isZero(matrix.at(row, col), matrix.kind))
        return Violation{row, col, ""};
  return std::nullopt;
}

std::optional<Violation>
BlockPattern::firstViolation(const MatrixView &matrix) const {
  if (!zeroFraction)
    return std::nullopt;
  PartCount zeros = countZeroBlocks(matrix, *this);
  int64_t allowed = keptCount(*zeroFraction, zeros.total);
  if (zeros.total - zeros.count <= allowed)
    return std::nullopt;
  for (int64_t row = 0; row < matrix.rows; row += height)
    for (int64_t col = 0; col < matrix.cols; col += width)
      if (auto violation = firstNonzero(*this, matrix, row, col);
          violation && --allowed < 0) {
        violation->what =
            makeError(zeros.count, " zero blocks of ", zeros.total,
                      ", expected at least ",
                      zeros.total - keptCount(*zeroFraction, zeros.total))
                .message;
        return violation;
      }
  return std::nullopt;
}

/// Sums of the blocks in row-major order. Each sum is added up row by row
/// whatever the strides are, so that views of one matrix agree.
template <typename T>
static std::vector<double> sumBlocks(const BlockPattern &pattern,
                                     const MatrixView &scores) {
  int64_t blockColumns = *checkedCeilDiv(scores.cols, pattern.blockCols());
  std::vector<double> sums(*checkedCeilDiv(scores.rows, pattern.blockRows()) *
                           blockColumns);
  double *out = sums.data();
  RowStrips<T>(scores, pattern.blockRows()).forEach([&](const auto &strip) {
    for (int64_t i = 0; i < strip.rows; ++i) {
      Reader<T> row = strip.row(i);
      for (int64_t block = 0, col = 0; block < blockColumns; ++block) {
        int64_t end = std::min(scores.cols - col, pattern.blockCols()) + col;
        for (; col < end; ++col)
          out[block] += row[col];
      }
    }
    out += blockColumns;
  });
  return sums;
}

/// Scores above -Inf may have sums that are not: of f64, beyond its range.
static Status checkSums(const BlockPattern &pattern, const MatrixView &scores,
                        const std::vector<double> &sums) {
  auto bad = std::find_if_not(sums.begin(), sums.end(), [](double sum) {
    return sum > -std::numeric_limits<double>::infinity();
  });
  if (bad == sums.end())
    return {};
  int64_t blockColumns = *checkedCeilDiv(scores.cols, pattern.blockCols());
  int64_t block = bad - sums.begin();
  return makeError("expected the scores of a block to add up to more than "
                   "-Inf, found ",
                   *bad, " in the block that starts at row ",
                   block / blockColumns * pattern.blockRows(), ", column ",
                   block % blockColumns * pattern.blockCols());
}

Result<Mask> BlockPattern::bestMask(const MatrixView &scores,
                                    double sparsity) const {
  if (Status status = checkFraction(sparsity); !status)
    return status.error();
  if (Status status = checkScores(scores); !status)
    return status.error();
  std::vector<double> sums = withScore(scores.kind, [&](auto zero) {
    return sumBlocks<decltype(zero)>(*this, scores);
  });
  if (Status status = checkSums(*this, scores, sums); !status)
    return status.error();
  LargestFirst<double> chosen(sums, keptCount(sparsity, sums.size()));
  Mask mask{scores.rows, scores.cols,
            std::vector<uint8_t>(scores.rows * scores.cols)};
  const double *sum = sums.data();
  for (int64_t row = 0; row < scores.rows; row += height)
    for (int64_t col = 0; col < scores.cols; col += width) {
      if (!chosen.keeps(*sum++))
        continue;
      int64_t rowEnd = std::min(row + height, scores.rows);
      int64_t colEnd = std::min(col + width, scores.cols);
      for (int64_t i = row; i < rowEnd; ++i)
        std::fill(mask.kept.begin() + i * scores.cols + col,
                  mask.kept.begin() + i * scores.cols + colEnd, 1);
    }
  return mask;
}

} // namespace mlir::sparsity::format
