//===- Selection.cpp - Checks of scores and fractions ---------------------===//
//
// The checks that stand before every choice of a mask.
//
//===----------------------------------------------------------------------===//

#include "Selection.h"

#include "StorageSupport.h"

#include <cmath>
#include <limits>

namespace mlir::sparsity::format {

Status checkFraction(double zeros) {
  if (!(zeros >= 0 && zeros <= 1))
    return makeError("expected a fraction of zeros in [0, 1], got ", zeros);
  return {};
}

int64_t keptCount(double zeros, int64_t total) {
  return std::llround((1 - zeros) * static_cast<double>(total));
}

template <typename T>
static Status checkStrip(const Strip<T> &strip, int64_t cols) {
  constexpr T least = -std::numeric_limits<T>::infinity();
  for (int64_t i = 0; i < strip.rows; ++i) {
    Reader<T> row = strip.row(i);
    bool good = true;
    for (int64_t col = 0; col < cols; ++col)
      good &= row[col] > least;
    for (int64_t col = 0; col < cols && !good; ++col)
      if (!(row[col] > least))
        return makeError("row ", strip.first + i, ", column ", col,
                         ": expected a score above -Inf, found ",
                         std::isnan(row[col]) ? "NaN" : "-Inf");
  }
  return {};
}

Status checkScores(const MatrixView &scores) {
  if (scores.kind != ElementKind::F32 && scores.kind != ElementKind::F64)
    return makeError("expected scores of f32 or f64, got ",
                     elementName(scores.kind));
  if (Status status = checkExtents(scores.rows, scores.cols); !status)
    return status;
  return withScore(scores.kind, [&](auto zero) {
    Status status;
    RowStrips<decltype(zero)>(scores, kLanes).forEach([&](const auto &strip) {
      if (status)
        status = checkStrip(strip, scores.cols);
    });
    return status;
  });
}

} // namespace mlir::sparsity::format
