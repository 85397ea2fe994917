//===- ApplyPruning.cpp - Requests are carried out ------------------------===//
//
// Clears the elements that matter least, parameter by parameter, so that the
// requested pattern becomes a fact. Which parameter is to be pruned how was
// decided before; how elements are scored is in the importances' files.
//
//===----------------------------------------------------------------------===//

#include "ImportedTensors.h"
#include "WeightData.h"
#include "sparse-opt/Checkpoint/ContentHash.h"
#include "sparse-opt/Recipe/Recipe.h"
#include "sparse-opt/Transforms/Prune/Passes.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Remarks.h"

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
  // NaN has no place in an order of importance.
  if (auto nan = findNaN(*weight))
    return emitRefusal(parameter) << "expected numbers, found " << *nan;
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

/// The share of all scores that the kept elements have: 1 when there is
/// nothing to lose, NaN when infinities hide it. Where there are negative
/// scores, they are counted from the least one on.
static double getKeptShare(const ScoreMatrix &scores, const Mask &mask) {
  double kept = 0, all = 0, least = 0;
  for (int64_t i = 0; i < scores.size(); ++i)
    least = std::min(least, scores.get(i));
  for (int64_t i = 0; i < scores.size(); ++i) {
    double score = scores.get(i) - least;
    all += score;
    kept += mask.kept[i] ? score : 0.0;
  }
  return all == 0 ? 1.0 : kept / all;
}

/// `scores` may be null: a mask has none.
static void remarkPruned(ParameterOp parameter, RequestAttr request,
                         const ScoreMatrix *scores, const Mask &mask) {
  // The counts cost a walk over the weight.
  if (!parameter.getContext()->getRemarkEngine())
    return;
  double elements = std::max<size_t>(mask.kept.size(), 1);
  auto remark = remark::passed(parameter.getLoc(),
                               remark::RemarkOpts::name("Pruned")
                                   .category("sparsity-apply-pruning")
                                   .function(parameter.getUserName()));
  remark << remark::metric("parameter", parameter.getUserName().str())
         << remark::metric("pattern",
                           request.getPattern().getZeroPattern()->name())
         << remark::metric("kept_elements", mask.count() / elements);
  if (scores)
    remark << remark::metric("importance",
                             request.getImportance().getValue().str())
           << remark::metric("kept_importance", getKeptShare(*scores, mask));
  else
    remark << remark::metric("mask", request.getMask().getValue().str());
}

/// The hash of the elements before anything was pruned.
static StringAttr getOriginal(ParameterOp parameter, const MatrixView &weight) {
  if (auto known = parameter->getAttrOfType<StringAttr>(kOriginalAttrName))
    return known;
  return StringAttr::get(parameter.getContext(),
                         checkpoint::hashElements(weight));
}

/// Facts only get stronger by pruning: the old one stays if it says more.
static void setPattern(ParameterOp parameter, PatternAttrInterface pattern) {
  std::optional<PatternAttrInterface> old = parameter.getPattern();
  if (!old || !old->refines(pattern))
    parameter.setPatternAttr(pattern);
}

//===----------------------------------------------------------------------===//
// What stays
//===----------------------------------------------------------------------===//

namespace {
/// Carries out requests. What they name is made once: it may hold a file.
class Pruner {
public:
  LogicalResult prune(ParameterOp parameter, RequestAttr request);

private:
  /// Lowers `target` where the mask makes fewer zeros: where parts of a weight
  /// are chosen from one by one, each rounds.
  FailureOr<PruningChoice> chooseByImportance(ParameterOp parameter,
                                              RequestAttr request,
                                              const ScoredWeight &weight,
                                              double &target);
  /// Sets `target` to the fraction of zeros that the mask makes.
  FailureOr<Mask> takeMask(ParameterOp parameter, RequestAttr request,
                           const ScoredWeight &weight, double &target);

  llvm::StringMap<std::unique_ptr<Importance>> importances;
  llvm::StringMap<std::unique_ptr<ImportedTensors>> masks;
};
} // namespace

/// The fraction of zeros that `mask` makes of what `pattern` counts.
static double countZeros(PatternAttrInterface pattern, const Mask &mask) {
  return pattern.getZeroPattern()->countedZeros(
      {mask.kept.data(), ElementKind::U8, mask.rows, mask.cols, mask.cols, 1});
}

FailureOr<PruningChoice> Pruner::chooseByImportance(ParameterOp parameter,
                                                    RequestAttr request,
                                                    const ScoredWeight &weight,
                                                    double &target) {
  StringRef text = request.getImportance();
  auto &importance = importances[text];
  if (!importance) {
    auto created = createImportance(text);
    if (!created)
      return emitRefusal(parameter) << created.message();
    importance = std::move(*created);
  }
  PatternAttrInterface pattern = request.getPattern();
  Result<PruningChoice> choice =
      importance->choose(weight, *pattern.getZeroPattern(), target);
  if (!choice)
    return emitRefusal(parameter) << choice.message();
  if (pattern.needsTarget())
    target = std::min(target, countZeros(pattern, choice->mask));
  remarkPruned(parameter, request, &choice->scores, choice->mask);
  return std::move(*choice);
}

/// Where `mask` breaks `pattern`: too many are kept, or a part that is kept or
/// pruned as a whole is neither.
static std::optional<Violation> findMisfit(PatternAttrInterface pattern,
                                           const Mask &mask,
                                           const MatrixView &view) {
  auto zeroPattern = pattern.getZeroPattern();
  auto violation = zeroPattern->firstViolation(view);
  if (violation || !pattern.needsTarget())
    return violation;
  std::vector<float> scores(mask.kept.begin(), mask.kept.end());
  Result<Mask> whole = zeroPattern->bestMask(
      {scores.data(), ElementKind::F32, mask.rows, mask.cols, mask.cols, 1},
      zeroPattern->countedZeros(view));
  assert(whole && "expected a mask for scores of 0 and 1");
  for (size_t i = 0; i < mask.kept.size(); ++i)
    if (mask.kept[i] != whole->kept[i])
      return Violation{int64_t(i) / mask.cols, int64_t(i) % mask.cols,
                       "pruned in a block with kept elements"};
  return std::nullopt;
}

FailureOr<Mask> Pruner::takeMask(ParameterOp parameter, RequestAttr request,
                                 const ScoredWeight &weight, double &target) {
  StringRef path = request.getMask();
  auto &file = masks[path];
  if (!file) {
    auto opened = ImportedTensors::open(path);
    if (!opened)
      return emitRefusal(parameter) << opened.message();
    file = std::make_unique<ImportedTensors>(std::move(*opened));
  }
  Result<Mask> mask = file->findMask(weight);
  if (!mask)
    return emitRefusal(parameter) << mask.message();
  PatternAttrInterface pattern = request.getPattern();
  MatrixView view{mask->kept.data(), ElementKind::U8, mask->rows,
                  mask->cols,        mask->cols,      1};
  if (auto misfit = findMisfit(pattern, *mask, view))
    return emitRefusal(parameter)
           << "its mask in " << quoted(path) << " breaks " << pattern
           << " in row " << misfit->row << ", column " << misfit->col << ": "
           << misfit->what;
  target = countZeros(pattern, *mask);
  remarkPruned(parameter, request, /*scores=*/nullptr, *mask);
  return std::move(*mask);
}

LogicalResult Pruner::prune(ParameterOp parameter, RequestAttr request) {
  FailureOr<MatrixView> matrix = getPrunableMatrix(parameter);
  if (failed(matrix))
    return failure();
  auto type = cast<RankedTensorType>(Type(parameter.getType()));
  StringAttr original = getOriginal(parameter, *matrix);
  ScoredWeight weight{parameter.getUserName(), original, type.getShape(),
                      *matrix};
  FailureOr<double> target = 0.0;
  FailureOr<ElementsAttr> value = failure();
  if (request.getMask()) {
    FailureOr<Mask> mask = takeMask(parameter, request, weight, *target);
    if (succeeded(mask))
      value = getPrunedValue(parameter, *matrix, *mask);
  } else {
    target = getTarget(parameter, request);
    if (failed(target))
      return failure();
    FailureOr<PruningChoice> choice =
        chooseByImportance(parameter, request, weight, *target);
    if (succeeded(choice))
      value = getPrunedValue(parameter, *matrix, choice->mask, choice->values);
  }
  if (failed(value))
    return failure();
  parameter.setValueAttr(*value);
  parameter->setAttr(kOriginalAttrName, original);
  Attribute pattern = request.getPattern().withZeros(*target);
  setPattern(parameter, cast<PatternAttrInterface>(pattern));
  parameter.removeRequestAttr();
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct ApplyPruning
    : public sparsity::impl::ApplyPruningPassBase<ApplyPruning> {
  using ApplyPruningPassBase::ApplyPruningPassBase;

  void runOnOperation() override {
    Pruner pruner;
    for (auto parameter : getOperation().getOps<ParameterOp>()) {
      std::optional<RequestAttr> request = parameter.getRequest();
      if (!request)
        continue;
      if (failed(pruner.prune(parameter, *request)))
        return signalPassFailure();
      ++numPruned;
    }
  }
};
} // namespace
