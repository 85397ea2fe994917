//===- ZeroPattern.cpp - Masks --------------------------------------------===//
//
// Making and applying masks. The patterns are in their own files.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/ZeroPattern.h"

#include "Elements.h"
#include "sparse-opt/Format/StorageFormat.h"

namespace mlir::sparsity::format {

ZeroPattern::~ZeroPattern() = default;

int64_t Mask::count() const {
  int64_t sum = 0;
  for (uint8_t element : kept)
    sum += element;
  return sum;
}

Status applyMask(const MutableMatrixView &matrix, const Mask &mask) {
  if (mask.rows != matrix.rows || mask.cols != matrix.cols ||
      int64_t(mask.kept.size()) != matrix.rows * matrix.cols)
    return makeError("expected a mask of ", matrix.rows, "x", matrix.cols,
                     ", found ", mask.rows, "x", mask.cols, " with ",
                     mask.kept.size(), " elements");
  withWidth(matrix.kind, [&](auto word) {
    MatrixWriter<decltype(word)> writer(matrix);
    const uint8_t *kept = mask.kept.data();
    for (int64_t row = 0; row < matrix.rows; ++row)
      for (int64_t col = 0; col < matrix.cols; ++col)
        if (!*kept++)
          writer.set(row, col, 0);
  });
  return {};
}

} // namespace mlir::sparsity::format
