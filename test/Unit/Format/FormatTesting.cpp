//===- FormatTesting.cpp - Matrices and buffers for the tests -------------===//
//
// Owned matrices, and the round trip that every storage format must pass.
//
//===----------------------------------------------------------------------===//

#include "FormatTesting.h"

namespace mlir::sparsity::format {

OwnedMatrix::OwnedMatrix(ElementKind kind, int64_t rows, int64_t cols,
                         Layout layout) {
  shape = {nullptr, kind, rows, cols, cols, 1};
  int64_t elements = rows * cols;
  if (layout == Layout::ColMajor) {
    shape.rowStride = 1;
    shape.colStride = rows;
  } else if (layout == Layout::Spread) {
    shape.rowStride = 2 * cols + 3;
    shape.colStride = 2;
    elements = rows * shape.rowStride;
  } else if (layout == Layout::Reversed && elements > 0) {
    shape.rowStride = -cols;
    shape.colStride = -1;
    offset = (elements - 1) * elementBytes(kind);
  } else if (layout == Layout::Unaligned) {
    offset = 1;
  }
  memory.resize(elements * elementBytes(kind) + 1);
}

OwnedMatrix::OwnedMatrix(int64_t rows, int64_t cols,
                         const std::vector<float> &elements)
    : OwnedMatrix(ElementKind::F32, rows, cols) {
  if (!elements.empty()) // whose data may be null
    std::memcpy(memory.data(), elements.data(),
                elements.size() * sizeof(float));
}

MutableMatrixView OwnedMatrix::view() {
  MutableMatrixView result = shape;
  result.data = memory.data() + offset;
  return result;
}

uint64_t OwnedMatrix::bits(int64_t row, int64_t col) {
  uint64_t bits = 0;
  std::memcpy(&bits, view().at(row, col), elementBytes(shape.kind));
  return bits;
}

void OwnedMatrix::setBits(int64_t row, int64_t col, uint64_t bits) {
  std::memcpy(view().at(row, col), &bits, elementBytes(shape.kind));
}

void OwnedMatrix::fillRandom(std::mt19937 &random, double zeros) {
  auto draw = [&] { return uint64_t(random()) << 32 | random(); };
  int64_t width = elementBytes(shape.kind) * 8;
  bool isFloat = isFloatKind(shape.kind);
  uint64_t sign = isFloat ? uint64_t(1) << (width - 1) : 0;
  // With all exponent bits set: an infinity or a NaN with a payload.
  uint64_t special = shape.kind == ElementKind::F64    ? 0x7ff0000000000000
                     : shape.kind == ElementKind::F32  ? 0x7f800000
                     : shape.kind == ElementKind::BF16 ? 0x7f80
                     : shape.kind == ElementKind::F16  ? 0x7c00
                                                       : 0x40;
  for (int64_t row = 0; row < shape.rows; ++row)
    for (int64_t col = 0; col < shape.cols; ++col) {
      uint64_t bits = draw();
      if (double(random() % 1000) < zeros * 1000)
        bits &= sign;
      else if (bits % 4 == 0)
        bits = (draw() & sign) | special | draw() % 2;
      else if (bits % 4 == 1)
        bits = (draw() & sign) | 1;
      setBits(row, col, bits);
    }
}

void dropExcess(OwnedMatrix &matrix, int64_t n, int64_t m) {
  MutableMatrixView view = matrix.view();
  for (int64_t row = 0; row < view.rows; ++row) {
    int64_t nonzeros = 0;
    for (int64_t col = 0; col < view.cols; ++col) {
      nonzeros = col % m == 0 ? 0 : nonzeros;
      if (!matrix.zeroAt(row, col) && ++nonzeros > n)
        matrix.setBits(row, col, 0);
    }
  }
}

StorageView viewsOf(Storage &storage) {
  return StorageView(storage.begin(), storage.end());
}

static void checkBuffers(const StorageFormat &format, Storage &storage,
                         const MatrixView &matrix) {
  auto specs = format.buffers(matrix.kind, matrix.rows, matrix.cols);
  ASSERT_TRUE(specs) << specs.message();
  ASSERT_EQ(specs->size(), storage.size());
  int64_t bytes = 0, stored = 0;
  for (size_t i = 0; i < storage.size(); ++i) {
    EXPECT_EQ((*specs)[i].kind, storage[i].kind());
    if ((*specs)[i].count >= 0) {
      EXPECT_EQ((*specs)[i].count, storage[i].count());
    }
    EXPECT_EQ(reinterpret_cast<uintptr_t>(storage[i].data()) % 64, 0u);
    bytes += storage[i].bytes();
    if ((*specs)[i].name == "values")
      stored = storage[i].count();
  }
  auto total = format.bytes(matrix.kind, matrix.rows, matrix.cols, stored);
  ASSERT_TRUE(total) << total.message();
  EXPECT_EQ(*total, bytes);
}

void checkRoundTrip(const StorageFormat &format, OwnedMatrix &matrix,
                    Layout target,
                    const std::function<bool(int64_t, int64_t)> &isStored) {
  MatrixView view = matrix.view();
  SCOPED_TRACE(testing::Message()
               << format.name() << " " << elementName(view.kind) << " "
               << view.rows << "x" << view.cols << " strides " << view.rowStride
               << "," << view.colStride);
  Result<Storage> storage = format.encode(view);
  ASSERT_TRUE(storage) << storage.message();
  checkBuffers(format, *storage, view);
  StorageView views = viewsOf(*storage);
  Status valid = format.validate(views, view.kind, view.rows, view.cols);
  ASSERT_TRUE(valid) << valid.message();

  OwnedMatrix decoded(view.kind, view.rows, view.cols, target);
  for (int64_t row = 0; row < view.rows; ++row)
    for (int64_t col = 0; col < view.cols; ++col)
      decoded.setBits(row, col, ~uint64_t(0));
  format.decode(views, decoded.view());
  for (int64_t row = 0; row < view.rows; ++row)
    for (int64_t col = 0; col < view.cols; ++col)
      ASSERT_EQ(decoded.bits(row, col),
                isStored(row, col) ? matrix.bits(row, col) : 0)
          << "row " << row << ", column " << col;
}

} // namespace mlir::sparsity::format
