//===- WandaImportance.cpp - Magnitudes by what meets them ----------------===//
//
// The importance "wanda": |w_ij| ||x_j||, the magnitude of a weight times the
// norm of its input over the calibration data ("A Simple and Effective Pruning
// Approach for Large Language Models", Sun et al., 2023, equation 1). Scores
// are compared within the weights of one output, as in the paper; with
// "group layer" within the whole weight.
//
//===----------------------------------------------------------------------===//

#include "InputStatistics.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

namespace {
class WandaImportance : public Importance {
public:
  WandaImportance(InputStatistics statistics, bool isByOutput)
      : statistics(std::move(statistics)), isByOutput(isByOutput) {}

  Result<PruningChoice> choose(const ScoredWeight &weight,
                               const ZeroPattern &pattern,
                               double sparsity) const override {
    Result<ObservedInputs> inputs = statistics.find(weight);
    if (!inputs)
      return inputs.error();
    ScoreMatrix scores = score(weight.matrix, *inputs);
    Result<Mask> mask = isByOutput
                            ? pattern.bestMaskByStrips(scores.view(), sparsity,
                                                       1 - inputs->axis)
                            : pattern.bestMask(scores.view(), sparsity);
    if (!mask)
      return mask.error();
    return PruningChoice{std::move(*mask), std::move(scores)};
  }

private:
  static ScoreMatrix score(const MatrixView &weight,
                           const ObservedInputs &inputs) {
    std::vector<double> norms;
    for (double squares : inputs.squares)
      norms.push_back(std::sqrt(squares));
    return ScoreMatrix::compute(
        weight,
        [&](int64_t row, int64_t col) {
          double norm = norms[inputs.axis == 1 ? col : row];
          double value = toDouble(weight.at(row, col), weight.kind);
          // An element without influence, however large.
          return value == 0 || norm == 0 ? 0 : std::fabs(value) * norm;
        },
        /*needsDouble=*/true);
  }

  InputStatistics statistics;
  bool isByOutput;
};
} // namespace

Result<std::unique_ptr<Importance>>
mlir::sparsity::createWandaImportance(const ImportanceOptions &options) {
  if (Status known = options.checkKnown({"group", "profile"}); !known)
    return known.error();
  Result<StringRef> group = options.getOneOf("group", {"output", "layer"});
  if (!group)
    return group.error();
  Result<InputStatistics> statistics = InputStatistics::open(options);
  if (!statistics)
    return statistics.error();
  return {std::make_unique<WandaImportance>(std::move(*statistics),
                                            *group == "output")};
}
