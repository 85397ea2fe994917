//===- UnstructuredPattern.cpp - Zeros anywhere ---------------------------===//
//
// Checks and best masks without structure.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/UnstructuredPattern.h"

#include "Selection.h"
#include "sparse-opt/Format/PatternCount.h"
#include "sparse-opt/Format/StorageFormat.h"

namespace mlir::sparsity::format {

UnstructuredPattern::UnstructuredPattern(std::optional<double> zeros)
    : zeroFraction(zeros) {
  assert((!zeros || checkFraction(*zeros)) && "expected checked parameters");
}

Result<UnstructuredPattern>
UnstructuredPattern::get(std::optional<double> zeros) {
  if (Status status = zeros ? checkFraction(*zeros) : Status(); !status)
    return status.error();
  return UnstructuredPattern(zeros);
}

std::string UnstructuredPattern::name() const {
  return zeroFraction ? makeError("unstructured ", *zeroFraction).message
                      : "unstructured";
}

double UnstructuredPattern::countedZeros(const MatrixView &matrix) const {
  ZeroCount found = countZeros(matrix);
  return found.elements == 0 ? 0 : double(found.zeros) / double(found.elements);
}

double UnstructuredPattern::density(int64_t rows, int64_t cols) const {
  return zeroFraction ? 1.0 - *zeroFraction : 1.0;
}

std::optional<Violation>
UnstructuredPattern::firstViolation(const MatrixView &matrix) const {
  if (!zeroFraction)
    return std::nullopt;
  ZeroCount found = countZeros(matrix);
  int64_t allowed = keptCount(*zeroFraction, found.elements);
  int64_t nonzeros = found.elements - found.zeros;
  if (nonzeros <= allowed)
    return std::nullopt;
  Error what =
      makeError(found.zeros, " zeros in ", found.elements,
                " elements, expected at least ", found.elements - allowed);
  for (int64_t row = 0; row < matrix.rows; ++row)
    for (int64_t col = 0; col < matrix.cols; ++col)
      if (!isZero(matrix.at(row, col), matrix.kind) && --allowed < 0)
        return Violation{row, col, std::move(what.message)};
  return std::nullopt;
}

template <typename T>
static void keepLargest(const MatrixView &scores, double sparsity, Mask &mask) {
  std::vector<T> all;
  all.reserve(mask.kept.size());
  auto forEachScore = [&](auto &&fn) {
    RowStrips<T>(scores, kLanes).forEach([&](const Strip<T> &strip) {
      for (int64_t i = 0; i < strip.rows; ++i) {
        Reader<T> row = strip.row(i);
        for (int64_t col = 0; col < scores.cols; ++col)
          fn(row[col]);
      }
    });
  };
  forEachScore([&](T score) { all.push_back(score); });
  int64_t keep = keptCount(sparsity, all.size());
  LargestFirst<T> chosen(std::move(all), keep);
  uint8_t *kept = mask.kept.data();
  forEachScore([&](T score) { *kept++ = chosen.keeps(score); });
}

Result<Mask> UnstructuredPattern::bestMask(const MatrixView &scores,
                                           double sparsity) const {
  if (Status status = checkFraction(sparsity); !status)
    return status.error();
  if (Status status = checkScores(scores); !status)
    return status.error();
  Mask mask{scores.rows, scores.cols,
            std::vector<uint8_t>(scores.rows * scores.cols)};
  withScore(scores.kind, [&](auto zero) {
    keepLargest<decltype(zero)>(scores, sparsity, mask);
  });
  return mask;
}

} // namespace mlir::sparsity::format
