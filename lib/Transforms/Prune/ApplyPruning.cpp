//===- ApplyPruning.cpp - Requests are carried out ------------------------===//
//
// Clears the elements that matter least, parameter by parameter, so that the
// requested pattern becomes a fact. Which parameter is to be pruned how was
// decided before; how elements are scored is in the importances' files.
//
//===----------------------------------------------------------------------===//

#include "Importance.h"
#include "WeightData.h"
#include "sparse-opt/Recipe/Recipe.h"
#include "sparse-opt/Transforms/Prune/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Remarks.h"

#include <cmath>

namespace mlir::sparsity {
#define GEN_PASS_DEF_APPLYPRUNINGPASS
#include "sparse-opt/Transforms/Prune/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

static InFlightDiagnostic emitRefusal(ParameterOp parameter) {
  return emitError(parameter.getLoc())
         << "cannot prune parameter " << quoted(parameter.getUserName())
         << ": ";
}

/// NaN has no place in an order of importance.
static LogicalResult checkNoNaN(ParameterOp parameter,
                                const MatrixView &weight) {
  if (!isFloatKind(weight.kind))
    return success();
  for (int64_t row = 0; row < weight.rows; ++row)
    for (int64_t col = 0; col < weight.cols; ++col)
      if (std::isnan(toDouble(weight.at(row, col), weight.kind)))
        return emitRefusal(parameter) << "expected numbers, found NaN in row "
                                      << row << ", column " << col;
  return success();
}

/// The parameter's matrix, if it can be pruned at all:
/// 1. a tensor of rank >= 2 with elements of a weight,
/// 2. with data,
/// 3. without NaN.
static FailureOr<MatrixView> getPrunableMatrix(ParameterOp parameter) {
  if (!isWeightType(parameter.getType()))
    return emitRefusal(parameter)
           << "expected elements of a weight (float or 8-bit integer), got "
           << parameter.getType();
  Result<MatrixView> weight = getWeightMatrix(parameter);
  if (!weight)
    return emitRefusal(parameter) << weight.message();
  if (failed(checkNoNaN(parameter, *weight)))
    return failure();
  return *weight;
}

/// The fraction of zeros to make; 0 for patterns that do not ask.
static FailureOr<double> getTarget(ParameterOp parameter, RequestAttr request) {
  if (!request.getPattern().needsTarget())
    return 0.0;
  if (!request.getTargetSparsity())
    return emitRefusal(parameter)
           << "expected a target sparsity for " << request.getPattern();
  return request.getTargetSparsity().getValueAsDouble();
}

static FailureOr<ScoreMatrix> getScores(ParameterOp parameter,
                                        const Importance &importance,
                                        const MatrixView &weight) {
  auto type = cast<RankedTensorType>(Type(parameter.getType()));
  Result<ScoreMatrix> scores = importance.scoreMatrix(
      {parameter.getUserName(), type.getShape(), weight});
  if (!scores)
    return emitRefusal(parameter) << scores.message();
  return std::move(*scores);
}

/// The share of all scores that the kept elements have: 1 when there is
/// nothing to lose, NaN when infinities hide it.
static double getKeptShare(const ScoreMatrix &scores, const Mask &mask) {
  double kept = 0, all = 0;
  for (int64_t i = 0; i < scores.size(); ++i) {
    double score = scores.get(i);
    all += score;
    kept += mask.kept[i] ? score : 0.0;
  }
  return all == 0 ? 1.0 : kept / all;
}

static void remarkPruned(ParameterOp parameter, RequestAttr request,
                         const ScoreMatrix &scores, const Mask &mask) {
  // The counts cost a walk over the weight.
  if (!parameter.getContext()->getRemarkEngine())
    return;
  double elements = std::max<int64_t>(scores.size(), 1);
  remark::passed(parameter.getLoc(), remark::RemarkOpts::name("Pruned")
                                         .category("sparsity-apply-pruning")
                                         .function(parameter.getUserName()))
      << remark::metric("parameter", parameter.getUserName().str())
      << remark::metric("pattern",
                        request.getPattern().getZeroPattern()->name())
      << remark::metric("importance", request.getImportance().str())
      << remark::metric("kept_elements", mask.count() / elements)
      << remark::metric("kept_importance", getKeptShare(scores, mask));
}

/// Facts only get stronger by pruning: the old one stays if it says more.
static void setPattern(ParameterOp parameter, PatternAttrInterface pattern) {
  std::optional<PatternAttrInterface> old = parameter.getPattern();
  if (!old || !old->refines(pattern))
    parameter.setPatternAttr(pattern);
}

static LogicalResult prune(ParameterOp parameter, RequestAttr request,
                           const Importance &importance) {
  FailureOr<MatrixView> weight = getPrunableMatrix(parameter);
  if (failed(weight))
    return failure();
  FailureOr<double> target = getTarget(parameter, request);
  if (failed(target))
    return failure();
  FailureOr<ScoreMatrix> scores = getScores(parameter, importance, *weight);
  if (failed(scores))
    return failure();
  Result<Mask> mask =
      request.getPattern().getZeroPattern()->bestMask(scores->view(), *target);
  if (!mask)
    return emitRefusal(parameter) << mask.message();
  remarkPruned(parameter, request, *scores, *mask);
  parameter.setValueAttr(getMaskedValue(parameter, *weight, *mask));
  setPattern(parameter, cast<PatternAttrInterface>(
                            request.getPattern().withZeros(*target)));
  parameter.removeRequestAttr();
  return success();
}

namespace {
struct ApplyPruning
    : public sparsity::impl::ApplyPruningPassBase<ApplyPruning> {
  using ApplyPruningPassBase::ApplyPruningPassBase;

  void runOnOperation() override {
    // Each is made once: it may hold a file.
    llvm::StringMap<std::unique_ptr<Importance>> importances;
    for (auto parameter : getOperation().getOps<ParameterOp>()) {
      std::optional<RequestAttr> request = parameter.getRequest();
      if (!request)
        continue;
      auto &importance = importances[request->getImportance()];
      if (!importance) {
        auto created = createImportance(request->getImportance());
        if (!created) {
          emitRefusal(parameter) << created.message();
          return signalPassFailure();
        }
        importance = std::move(*created);
      }
      if (failed(prune(parameter, *request, *importance)))
        return signalPassFailure();
      ++numPruned;
    }
  }
};
} // namespace
