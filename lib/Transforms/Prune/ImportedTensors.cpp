//===- ImportedTensors.cpp - Numbers about weights from a file ------------===//
//
// Finds and checks the tensor of a parameter.
//
//===----------------------------------------------------------------------===//

#include "ImportedTensors.h"

#include "sparse-opt/Recipe/Recipe.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

Result<ImportedTensors>
ImportedTensors::open(const ImportanceOptions &options) {
  if (Status known = options.checkKnown({"file"}); !known)
    return known.error();
  Result<StringRef> path = options.getRequired("file");
  if (!path)
    return path.error();
  auto file = checkpoint::Checkpoint::open(path->str());
  if (!file)
    return file.error();
  return ImportedTensors(path->str(), std::move(*file));
}

/// Row and column of the first NaN.
static Status checkNumbers(const MatrixView &matrix) {
  for (int64_t row = 0; row < matrix.rows; ++row)
    for (int64_t col = 0; col < matrix.cols; ++col)
      if (std::isnan(toDouble(matrix.at(row, col), matrix.kind)))
        return makeError("expected numbers, found NaN in row ", row,
                         ", column ", col);
  return {};
}

Result<MatrixView> ImportedTensors::find(const ScoredWeight &weight) const {
  std::string name = quoted(weight.name), place = quoted(path);
  const checkpoint::TensorView *tensor = file.find(weight.name.str());
  if (!tensor)
    return makeError("expected a tensor ", name, " in ", place, ", found none");
  if (!llvm::equal(tensor->shape, weight.shape))
    return makeError("expected tensor ", name, " of ", place, " with shape ",
                     checkpoint::shapeText(weight.shape.vec()), ", found ",
                     checkpoint::shapeText(tensor->shape));
  if (!isFloatKind(tensor->kind))
    return makeError("expected tensor ", name, " of ", place,
                     " with floating-point elements, found ",
                     elementName(tensor->kind));
  const MatrixView &shape = weight.matrix;
  MatrixView view{tensor->data, tensor->kind, shape.rows,
                  shape.cols,   shape.cols,   1};
  if (Status numbers = checkNumbers(view); !numbers)
    return makeError("tensor ", name, " of ", place, ": ", numbers.message());
  return view;
}
