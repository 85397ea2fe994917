//===- ImportedTensors.cpp - Numbers about weights from a file ------------===//
//
// Finds and checks the tensor of a parameter.
//
//===----------------------------------------------------------------------===//

#include "ImportedTensors.h"

#include "WeightData.h"
#include "sparse-opt/Recipe/Recipe.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;
using checkpoint::TensorView;

Result<ImportedTensors> ImportedTensors::open(StringRef path) {
  auto file = checkpoint::Checkpoint::open(path.str());
  if (!file)
    return file.error();
  return ImportedTensors(path.str(), std::move(*file));
}

Result<ImportedTensors>
ImportedTensors::open(const ImportanceOptions &options) {
  if (Status known = options.checkKnown({"file"}); !known)
    return known.error();
  Result<StringRef> path = options.getRequired("file");
  return path ? open(*path) : Result<ImportedTensors>(path.error());
}

std::string ImportedTensors::describe(const TensorView &tensor) const {
  return "tensor " + quoted(tensor.name) + " of " + quoted(path);
}

Result<const TensorView *>
ImportedTensors::findTensor(const ScoredWeight &weight,
                            ArrayRef<std::string> names) const {
  const TensorView *tensor = nullptr;
  for (const std::string &name : names)
    if (!tensor)
      tensor = file.find(name);
  if (!tensor)
    return makeError("expected a tensor '", llvm::join(names, "' or '"),
                     "' in ", quoted(path), ", found none");
  if (!llvm::equal(tensor->shape, weight.shape))
    return makeError("expected ", describe(*tensor), " with shape ",
                     checkpoint::shapeText(weight.shape.vec()), ", found ",
                     checkpoint::shapeText(tensor->shape));
  return tensor;
}

/// The tensor as a matrix of the weight's shape.
static MatrixView viewTensor(const TensorView &tensor,
                             const ScoredWeight &weight) {
  return {tensor.data,        tensor.kind,        weight.matrix.rows,
          weight.matrix.cols, weight.matrix.cols, 1};
}

Result<MatrixView> ImportedTensors::find(const ScoredWeight &weight) const {
  Result<const TensorView *> found = findTensor(weight, {weight.name.str()});
  if (!found)
    return found.error();
  const TensorView &tensor = **found;
  if (!isFloatKind(tensor.kind))
    return makeError("expected ", describe(tensor),
                     " with floating-point elements, found ",
                     elementName(tensor.kind));
  MatrixView view = viewTensor(tensor, weight);
  if (auto nan = findNaN(view))
    return makeError("expected numbers in ", describe(tensor), ", found ",
                     *nan);
  for (int64_t row = 0; row < view.rows; ++row)
    for (int64_t col = 0; col < view.cols; ++col)
      if (toDouble(view.at(row, col), view.kind) == -HUGE_VAL)
        return makeError("expected numbers above -Inf in ", describe(tensor),
                         ", found -Inf in row ", row, ", column ", col);
  return view;
}

/// With all digits that tell doubles apart.
static std::string exactText(double value) {
  if (std::isnan(value))
    return "NaN";
  SmallString<32> text;
  llvm::raw_svector_ostream(text) << llvm::format("%.17g", value);
  return text.str().str();
}

Result<Mask> ImportedTensors::findMask(const ScoredWeight &weight) const {
  std::string name = weight.name.str();
  Result<const TensorView *> found = findTensor(weight, {name + "_mask", name});
  if (!found)
    return found.error();
  MatrixView view = viewTensor(**found, weight);
  Mask mask{view.rows, view.cols, {}};
  for (int64_t row = 0; row < view.rows; ++row)
    for (int64_t col = 0; col < view.cols; ++col) {
      double value = toDouble(view.at(row, col), view.kind);
      if (value != 0 && value != 1)
        return makeError("expected 0 or 1 in ", describe(**found), ", found ",
                         exactText(value), " in row ", row, ", column ", col);
      mask.kept.push_back(value == 1);
    }
  return mask;
}
