//===- MagnitudeImportance.cpp - Large elements matter --------------------===//
//
// The importance "magnitude": the absolute value. Exact for every element type,
// so order and ties are those of the weight itself; Inf is the largest and -0.0
// scores 0. With "norm l2" it is the square, in f64 and in units of the largest
// element, so that nothing overflows: another order for blocks, whose elements'
// scores are added up, and the same for single elements of up to 24 significant
// bits that are not below 1e-150 of the largest (squares of f64 are rounded).
//
//===----------------------------------------------------------------------===//

#include "Importance.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

static double getMagnitude(const MatrixView &weight, int64_t row, int64_t col) {
  return std::fabs(toDouble(weight.at(row, col), weight.kind));
}

namespace {
class MagnitudeImportance : public ScoreImportance {
public:
  explicit MagnitudeImportance(bool squares) : squares(squares) {}

private:
  Result<ScoreMatrix> scoreMatrix(const ScoredWeight &weight) const override {
    double unit = squares ? getUnit(weight.matrix) : 1;
    return ScoreMatrix::compute(
        weight.matrix,
        [&](int64_t row, int64_t col) {
          double magnitude = getMagnitude(weight.matrix, row, col);
          return squares ? magnitude / unit * (magnitude / unit) : magnitude;
        },
        /*needsDouble=*/squares);
  }

  /// The largest finite magnitude, 1 where there is none but 0.
  static double getUnit(const MatrixView &weight) {
    double most = 0;
    for (int64_t row = 0; row < weight.rows; ++row)
      for (int64_t col = 0; col < weight.cols; ++col)
        if (double magnitude = getMagnitude(weight, row, col);
            std::isfinite(magnitude))
          most = std::max(most, magnitude);
    return most > 0 ? most : 1;
  }

  bool squares;
};
} // namespace

Result<std::unique_ptr<Importance>>
mlir::sparsity::createMagnitudeImportance(const ImportanceOptions &options) {
  if (Status known = options.checkKnown({"norm"}); !known)
    return known.error();
  Result<StringRef> norm = options.getOneOf("norm", {"l1", "l2"});
  if (!norm)
    return norm.error();
  return {std::make_unique<MagnitudeImportance>(*norm == "l2")};
}
