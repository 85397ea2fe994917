//===- Layout.h - What the layouts of all formats share -------------------===//
//
// Collects the arrays of one matrix for upstream, and one attach function per
// format. Each layout is a file of its own.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOSPARSETENSOR_LAYOUT_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOSPARSETENSOR_LAYOUT_H

#include "sparse-opt/Conversion/SparsityToSparseTensor/SparseTensorLayout.h"

namespace mlir::sparsity {

/// Writes positions, coordinates and values in the order that upstream reads.
class LayoutWriter {
public:
  LayoutWriter(const format::MatrixView &matrix, Type elementType)
      : matrix(matrix), elementType(elementType) {}

  int64_t getRows() const { return matrix.rows; }
  int64_t getCols() const { return matrix.cols; }
  /// True inside the matrix where its element is not zero.
  bool isNonzero(int64_t row, int64_t col) const;
  /// Stores an element; +0.0 outside the matrix.
  void addValue(int64_t row, int64_t col);
  int64_t getNumValues() const {
    return values.size() / format::elementBytes(matrix.kind);
  }

  /// Adds an array of 32-bit positions.
  void addPositions(ArrayRef<uint32_t> positions) {
    addLevel(positions, 32, static_cast<int64_t>(positions.size()));
  }

  /// Adds an array of coordinates, and what upstream needs beside nothing: it
  /// refuses to look into an array that is known to be empty.
  void addCoordinates(std::vector<uint32_t> coordinates, int64_t bits,
                      int64_t perEntry = 1);

  /// The result: a rows x cols matrix with the `encoding` written out as in
  /// `#sparse_tensor.encoding<{...}>`.
  SparseTensorStorage finish(int64_t rows, int64_t cols,
                             const Twine &encoding) const;

private:
  void addLevel(ArrayRef<uint32_t> array, int64_t bits,
                ArrayRef<int64_t> shape);

  format::MatrixView matrix;
  Type elementType;
  std::vector<char> values;
  SmallVector<DenseElementsAttr> levels;
};

/// CSR, or CSC with `byColumn`: a compressed array of the other dimension for
/// each row (column).
SparseTensorStorage getCompressed(LayoutWriter writer, bool byColumn);

/// `extent` in whole pieces of `size`, as upstream needs it: at least two of
/// them, because it crashes where `floordiv` folds to 0.
int64_t getPaddedExtent(int64_t extent, int64_t size);

/// Narrowest width that holds coordinates below `extent`.
int64_t getCoordinateBits(int64_t extent);

void attachStreamLayout(MLIRContext *context);
void attachBSRLayout(MLIRContext *context);
void attachNMLayout(MLIRContext *context);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOSPARSETENSOR_LAYOUT_H
