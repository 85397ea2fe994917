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

template <typename T>
static void markNonzeros(const MatrixView &matrix, Mask &mask) {
  T magnitude = magnitudeBits<T>(matrix.kind);
  RowStrips<T>(matrix, kLanes).forEach([&](const Strip<T> &strip) {
    uint8_t *kept = mask.kept.data() + strip.first * matrix.cols;
    for (int64_t i = 0; i < strip.rows; ++i) {
      Reader<T> row = strip.row(i);
      for (int64_t col = 0; col < matrix.cols; ++col)
        *kept++ = (row[col] & magnitude) != 0;
    }
  });
}

Mask maskOfNonzeros(const MatrixView &matrix) {
  Mask mask{matrix.rows, matrix.cols,
            std::vector<uint8_t>(matrix.rows * matrix.cols)};
  withWidth(matrix.kind,
            [&](auto word) { markNonzeros<decltype(word)>(matrix, mask); });
  return mask;
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
