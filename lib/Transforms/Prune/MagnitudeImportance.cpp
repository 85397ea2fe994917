//===- MagnitudeImportance.cpp - Large elements matter --------------------===//
//
// The importance "magnitude": the absolute value. Exact for every element type,
// so order and ties are those of the weight itself; Inf is the largest and -0.0
// scores 0.
//
//===----------------------------------------------------------------------===//

#include "Importance.h"

#include <cmath>

using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

namespace {
class MagnitudeImportance : public Importance {
public:
  Result<ScoreMatrix> scoreMatrix(const MatrixView &weight) const override {
    ScoreMatrix scores(weight.kind, weight.rows, weight.cols);
    int64_t index = 0;
    for (int64_t row = 0; row < weight.rows; ++row)
      for (int64_t col = 0; col < weight.cols; ++col)
        scores.set(index++,
                   std::fabs(toDouble(weight.at(row, col), weight.kind)));
    return scores;
  }
};
} // namespace

std::unique_ptr<Importance> mlir::sparsity::createMagnitudeImportance() {
  return std::make_unique<MagnitudeImportance>();
}
