//===- ImportedImportance.cpp - Scores from elsewhere ---------------------===//
//
// The importance "imported": scores that training or another tool has found,
// from the safetensors file that option "file" names. Learned scores may be
// negative (movement pruning, Sanh et al., 2020): the least one of a weight
// becomes 0 then, and all others move with it.
//
//===----------------------------------------------------------------------===//

#include "ImportedTensors.h"
#include "sparse-opt/Recipe/Recipe.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

namespace {
class ImportedImportance : public Importance {
public:
  explicit ImportedImportance(ImportedTensors tensors)
      : tensors(std::move(tensors)) {}

  Result<ScoreMatrix> scoreMatrix(const ScoredWeight &weight) const override {
    Result<MatrixView> found = tensors.find(weight);
    if (!found)
      return found.error();
    auto get = [&](int64_t row, int64_t col) {
      return toDouble(found->at(row, col), found->kind);
    };
    double least = 0;
    for (int64_t row = 0; row < found->rows; ++row)
      for (int64_t col = 0; col < found->cols; ++col)
        least = std::min(least, get(row, col));
    if (std::isinf(least))
      return makeError("expected scores above -Inf of ", quoted(weight.name));
    return ScoreMatrix::compute(*found, [&](int64_t row, int64_t col) {
      return get(row, col) - least;
    });
  }

private:
  ImportedTensors tensors;
};
} // namespace

Result<std::unique_ptr<Importance>>
mlir::sparsity::createImportedImportance(const ImportanceOptions &options) {
  Result<ImportedTensors> tensors = ImportedTensors::open(options);
  if (!tensors)
    return tensors.error();
  return {std::make_unique<ImportedImportance>(std::move(*tensors))};
}
