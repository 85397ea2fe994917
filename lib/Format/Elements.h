//===- Elements.h - Elements as bits of a width ---------------------------===//
//
// How the inner loops of this room see elements: as unsigned words of 1, 2, 4
// or 8 bytes, chosen once per matrix, and contiguous rows of them. Words keep
// NaN payloads and need no code per element kind.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_FORMAT_ELEMENTS_H
#define SPARSE_OPT_LIB_FORMAT_ELEMENTS_H

#include "sparse-opt/Format/Matrix.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace mlir::sparsity::format {

/// Calls `fn` with a zero of the unsigned type as wide as `kind`.
template <typename Fn>
auto withWidth(ElementKind kind, Fn &&fn) {
  switch (elementBytes(kind)) {
  case 1:
    return fn(uint8_t());
  case 2:
    return fn(uint16_t());
  case 4:
    return fn(uint32_t());
  default:
    return fn(uint64_t());
  }
}

/// The bits that make an element a nonzero: all but the sign of a float.
template <typename T>
T magnitudeBits(ElementKind kind) {
  T all = static_cast<T>(~T(0));
  return isFloatKind(kind) ? static_cast<T>(all >> 1) : all;
}

/// Elements to read; memory of any type and alignment.
template <typename T>
struct Reader {
  const std::byte *base;

  explicit Reader(const void *memory)
      : base(static_cast<const std::byte *>(memory)) {}
  T operator[](int64_t index) const {
    T value;
    std::memcpy(&value, base + index * int64_t(sizeof(T)), sizeof(T));
    return value;
  }
};

/// Elements to write; memory of any type and alignment.
template <typename T>
struct Writer {
  std::byte *base;

  explicit Writer(void *memory) : base(static_cast<std::byte *>(memory)) {}
  void set(int64_t index, T value) const {
    std::memcpy(base + index * int64_t(sizeof(T)), &value, sizeof(T));
  }
};

/// Writes elements of a strided matrix.
template <typename T>
struct MatrixWriter {
  Writer<T> elements;
  int64_t rows, cols, rowStride, colStride;

  explicit MatrixWriter(const MutableMatrixView &matrix)
      : elements(matrix.data), rows(matrix.rows), cols(matrix.cols),
        rowStride(matrix.rowStride), colStride(matrix.colStride) {}
  void set(int64_t row, int64_t col, T value) const {
    elements.set(row * rowStride + col * colStride, value);
  }
  /// In the order of memory.
  void fillZero() const {
    bool byRows = std::abs(colStride) <= std::abs(rowStride);
    int64_t outer = byRows ? rows : cols, inner = byRows ? cols : rows;
    int64_t outerStride = byRows ? rowStride : colStride;
    int64_t innerStride = byRows ? colStride : rowStride;
    for (int64_t i = 0; i < outer; ++i)
      for (int64_t j = 0; j < inner; ++j)
        elements.set(i * outerStride + j * innerStride, 0);
  }
};

/// A few rows of a matrix, each contiguous.
template <typename T>
struct Strip {
  const std::byte *base;
  int64_t pitch;
  /// The matrix row that is row 0 here, and how many there are.
  int64_t first, rows;

  Reader<T> row(int64_t index) const {
    return Reader<T>(base + index * pitch * int64_t(sizeof(T)));
  }
};

/// Cuts a matrix into strips of `height` rows. Where columns are adjacent in
/// memory a strip is that memory; otherwise it is a part of a copy of some
/// rows, made along the columns of the source, so that a transposed weight
/// costs one walk in its own order.
template <typename T>
class RowStrips {
public:
  RowStrips(const MatrixView &matrix, int64_t height)
      : matrix(matrix), height(std::min(height, matrix.rows)) {
    if (matrix.colStride == 1 || matrix.cols <= 1)
      return;
    // Half a kilobyte more than a row: rows a power of two apart would share
    // the sets of the first cache.
    pitch = matrix.cols + 512 / int64_t(sizeof(T));
    while (copyRows < std::min<int64_t>(16, matrix.rows))
      copyRows += this->height;
    copy.resize(copyRows * pitch * sizeof(T));
  }

  /// Calls `fn` with each strip, top to bottom. No strips without elements.
  template <typename Fn>
  void forEach(Fn &&fn) {
    if (matrix.cols == 0)
      return;
    for (int64_t first = 0; first < matrix.rows; first += height) {
      int64_t rows = std::min(height, matrix.rows - first);
      fn(Strip<T>{copy.empty() ? matrix.at(first, 0) : copied(first),
                  copy.empty() ? matrix.rowStride : pitch, first, rows});
    }
  }

private:
  /// A whole number of strips is copied when its first row is asked for.
  const std::byte *copied(int64_t row) {
    int64_t start = row / copyRows * copyRows;
    if (row == start)
      copyFrom(start, std::min(copyRows, matrix.rows - start));
    return copy.data() + (row - start) * pitch * int64_t(sizeof(T));
  }

  /// Sixteen columns at a time: whole cache lines are written, and as many
  /// loads are under way.
  void copyFrom(int64_t start, int64_t rows) {
    // Locals, because a byte that is written might be a member.
    const int64_t cols = matrix.cols, pitch = this->pitch;
    const int64_t rowStride = matrix.rowStride, colStride = matrix.colStride;
    const Reader<T> source(matrix.at(start, 0));
    const Writer<T> target(copy.data());
    for (int64_t tile = 0; tile < cols; tile += 16) {
      const int64_t end = std::min(tile + 16, cols);
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t col = tile; col < end; ++col)
          target.set(row * pitch + col,
                     source[row * rowStride + col * colStride]);
    }
  }

  const MatrixView matrix;
  const int64_t height;
  int64_t pitch = 0, copyRows = 0;
  std::vector<std::byte> copy;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_LIB_FORMAT_ELEMENTS_H
