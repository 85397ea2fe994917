//===- ImportedImportance.cpp - Scores from elsewhere ---------------------===//
//
// The importance "imported": scores that training or another tool has found,
// from the safetensors file that option "file" names. Learned scores may be
// negative (movement pruning, Sanh et al., 2020).
//
//===----------------------------------------------------------------------===//

#include "ImportedTensors.h"

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

namespace {
class ImportedImportance : public ScoreImportance {
public:
  explicit ImportedImportance(ImportedTensors tensors)
      : tensors(std::move(tensors)) {}

private:
  Result<ScoreMatrix> scoreMatrix(const ScoredWeight &weight) const override {
    Result<MatrixView> found = tensors.find(weight);
    if (!found)
      return found.error();
    return ScoreMatrix::compute(*found, [&](int64_t row, int64_t col) {
      return toDouble(found->at(row, col), found->kind);
    });
  }

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
