//===- TaylorImportance.cpp - What the loss would notice ------------------===//
//
// The importance "taylor": |w * g| with the gradient g of the loss, the change
// of the loss to first order when w is removed ("Importance Estimation for
// Neural Network Pruning", Molchanov et al., 2019, equation 8, whose square has
// the same order for single elements). Gradients are in the safetensors file
// that option "file" names.
//
//===----------------------------------------------------------------------===//

#include "ImportedTensors.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

namespace {
class TaylorImportance : public ScoreImportance {
public:
  explicit TaylorImportance(ImportedTensors gradients)
      : gradients(std::move(gradients)) {}

private:
  Result<ScoreMatrix> scoreMatrix(const ScoredWeight &weight) const override {
    Result<MatrixView> gradient = gradients.find(weight);
    if (!gradient)
      return gradient.error();
    const MatrixView &matrix = weight.matrix;
    return ScoreMatrix::compute(
        matrix,
        [&](int64_t row, int64_t col) {
          double value = toDouble(matrix.at(row, col), matrix.kind);
          double slope = toDouble(gradient->at(row, col), gradient->kind);
          // An element without influence, however large.
          return value == 0 || slope == 0 ? 0 : std::fabs(value * slope);
        },
        /*needsDouble=*/true);
  }

  ImportedTensors gradients;
};
} // namespace

Result<std::unique_ptr<Importance>>
mlir::sparsity::createTaylorImportance(const ImportanceOptions &options) {
  Result<ImportedTensors> gradients = ImportedTensors::open(options);
  if (!gradients)
    return gradients.error();
  return {std::make_unique<TaylorImportance>(std::move(*gradients))};
}
