//===- DensePackedFormatTest.cpp - Dense rows interleaved in panels -------===//
//
// The layout element by element, parameters, and corrupted padding.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/DensePackedFormat.h"
#include "FormatTesting.h"

using namespace mlir::sparsity::format;

TEST(DensePackedFormat, Parameters) {
  EXPECT_EQ(DensePackedFormat::get(48)->panel(), 48);
  for (int64_t panel : {-16, 0, 1, 15, 20})
    EXPECT_EQ(messageOf(DensePackedFormat::get(panel)),
              "expected a panel that is a positive multiple of 16, got " +
                  std::to_string(panel));
}

/// The formula of the header, for a ragged last panel.
TEST(DensePackedFormat, Layout) {
  for (int64_t panel : {16, 32, 48})
    for (int64_t rows : {1, 16, 31, 32, 33, 50, 100}) {
      constexpr int64_t cols = 3;
      OwnedMatrix matrix(ElementKind::U8, rows, cols);
      for (int64_t i = 0; i < rows * cols; ++i)
        matrix.setBits(i / cols, i % cols, i % 251 + 1);
      Result<Storage> storage = DensePackedFormat(panel).encode(matrix.view());
      ASSERT_TRUE(storage) << storage.message();
      const uint8_t *values = storage->front().as<uint8_t>();
      int64_t nonzeros = 0;
      for (int64_t i = 0; i < storage->front().count(); ++i)
        nonzeros += values[i] != 0;
      EXPECT_EQ(nonzeros, rows * cols);
      for (int64_t row = 0; row < rows; ++row)
        for (int64_t k = 0; k < cols; ++k) {
          int64_t p = row / panel;
          int64_t left = rows - p * panel;
          int64_t width = left >= panel ? panel : (left + 15) / 16 * 16;
          EXPECT_EQ(values[p * panel * cols + k * width + (row - p * panel)],
                    matrix.bits(row, k));
        }
    }
}

TEST(DensePackedFormat, ValidateFindsDirtyPadding) {
  DensePackedFormat format(32);
  OwnedMatrix matrix(ElementKind::F32, 33, 2);
  Result<Storage> storage = format.encode(matrix.view());
  ASSERT_TRUE(storage);
  uint32_t *values = storage->front().as<uint32_t>();
  // Panel 1 starts at 64 and is 16 wide; row 32 is its lane 0.
  for (int64_t index : {64 + 1, 64 + 15, 80 + 1, 80 + 15}) {
    values[index] = 0x80000000; // -0.0
    EXPECT_EQ(
        messageOf(format.validate(viewsOf(*storage), ElementKind::F32, 33, 2)),
        "buffer 'values', index " + std::to_string(index) +
            ": expected +0 past the last row, found other bits");
    values[index] = 0;
  }
  values[64] = values[80] = 1;
  EXPECT_TRUE(format.validate(viewsOf(*storage), ElementKind::F32, 33, 2));
}
