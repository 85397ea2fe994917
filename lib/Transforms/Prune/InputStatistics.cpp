//===- InputStatistics.cpp - What met a weight in calibration -------------===//
//
// Finds and checks the statistics of a parameter.
//
//===----------------------------------------------------------------------===//

#include "InputStatistics.h"

#include "sparse-opt/Checkpoint/Shape.h"
#include "sparse-opt/Recipe/Recipe.h"

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;
using checkpoint::ObservedParameter;
using checkpoint::ProfileStatistic;
using checkpoint::shapeText;

Result<InputStatistics>
InputStatistics::open(const ImportanceOptions &options) {
  Result<StringRef> path = options.getRequired("profile");
  if (!path)
    return path.error();
  auto profile = checkpoint::Profile::open(path->str());
  if (!profile)
    return profile.error();
  return InputStatistics(path->str(), std::move(*profile));
}

Status InputStatistics::checkIdentity(const ScoredWeight &weight) const {
  const ObservedParameter *observed = profile.findParameter(weight.name.str());
  if (!observed)
    return makeError("expected statistics of its inputs in ", quoted(path),
                     ", found none");
  if (!llvm::equal(observed->shape, weight.shape) ||
      observed->kind != weight.matrix.kind)
    return makeError("expected statistics of a weight with ",
                     elementName(weight.matrix.kind), " ",
                     shapeText(weight.shape.vec()), " in ", quoted(path),
                     ", found ", elementName(observed->kind), " ",
                     shapeText(observed->shape));
  if (weight.original != observed->hash)
    return makeError("expected statistics of these elements (",
                     weight.original.str(), ") in ", quoted(path),
                     ", found those of others (", quoted(observed->hash),
                     "): calibrate this model before it is pruned");
  return {};
}

static MatrixView viewSquare(const checkpoint::TensorView &tensor) {
  int64_t extent = tensor.shape[0];
  return {tensor.data, tensor.kind, extent, extent, extent, 1};
}

Result<ObservedInputs> InputStatistics::find(const ScoredWeight &weight) const {
  if (Status status = checkIdentity(weight); !status)
    return status.error();
  std::string name = weight.name.str();
  const ProfileStatistic *squares = profile.find(name, "squares");
  const ProfileStatistic *gram = profile.find(name, "gram");
  if (!squares && !gram)
    return makeError("expected the statistic 'squares' or 'gram' of its inputs "
                     "in ",
                     quoted(path), ", found neither");
  ObservedInputs inputs{profile.findParameter(name)->axis, {}, std::nullopt};
  if (gram)
    inputs.gram = viewSquare(gram->tensor);
  // The diagonal of a Gram matrix is the same, in its type.
  int64_t count = weight.shape[inputs.axis];
  for (int64_t i = 0; i < count; ++i)
    inputs.squares.push_back(
        squares ? toDouble(squares->tensor.data + i * sizeof(double),
                           ElementKind::F64)
                : toDouble(inputs.gram->at(i, i), inputs.gram->kind));
  for (int64_t i = 0; i < count; ++i)
    if (inputs.squares[i] < 0)
      return makeError("expected sums of squares in ", quoted(path), ", found ",
                       inputs.squares[i], " of input ", i);
  return inputs;
}

Result<ObservedInputs>
InputStatistics::findGram(const ScoredWeight &weight) const {
  Result<ObservedInputs> inputs = find(weight);
  if (inputs && !inputs->gram)
    return makeError("expected the statistic 'gram' of its inputs in ",
                     quoted(path), ", found none");
  return inputs;
}
