//===- ZeroPattern.cpp - Masks --------------------------------------------===//
//
// Making and applying masks. The patterns are in their own files.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/ZeroPattern.h"

#include "Selection.h"
#include "sparse-opt/Format/StorageFormat.h"

namespace mlir::sparsity::format {

ZeroPattern::~ZeroPattern() = default;

int64_t Mask::count() const {
  int64_t sum = 0;
  for (uint8_t element : kept)
    sum += element;
  return sum;
}

/// Elements [begin, begin + count) along `axis`.
static MatrixView stripOf(const MatrixView &matrix, int64_t axis, int64_t begin,
                          int64_t count) {
  MatrixView strip = matrix;
  strip.data = axis == 0 ? matrix.at(begin, 0) : matrix.at(0, begin);
  (axis == 0 ? strip.rows : strip.cols) = count;
  return strip;
}

Result<Mask> ZeroPattern::bestMaskByStrips(const MatrixView &scores,
                                           double sparsity,
                                           int64_t axis) const {
  int64_t height = axis == 0 ? unit().rows : unit().cols;
  int64_t extent = axis == 0 ? scores.rows : scores.cols;
  if (isChosenByUnit() || extent <= height)
    return bestMask(scores, sparsity);
  if (Status status = checkScores(scores); !status)
    return status.error();
  Mask all{scores.rows, scores.cols,
           std::vector<uint8_t>(scores.rows * scores.cols)};
  for (int64_t begin = 0; begin < extent; begin += height) {
    int64_t count = std::min(height, extent - begin);
    MatrixView strip = stripOf(scores, axis, begin, count);
    Result<Mask> mask = bestMask(strip, sparsity);
    if (!mask)
      return mask.error();
    uint8_t *to = all.kept.data() + (axis == 0 ? begin * all.cols : begin);
    for (int64_t row = 0; row < strip.rows; ++row, to += all.cols)
      std::copy_n(mask->kept.begin() + row * strip.cols, strip.cols, to);
  }
  return all;
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
