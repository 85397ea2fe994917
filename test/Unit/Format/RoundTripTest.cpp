//===- RoundTripTest.cpp - What goes in comes out, for every format -------===//
//
// All small shapes and some awkward larger ones, in every kind and stride,
// through encode, validate and decode, compared bit by bit.
//
//===----------------------------------------------------------------------===//

#include "FormatTesting.h"
#include "sparse-opt/Format/BSRFormat.h"
#include "sparse-opt/Format/DensePackedFormat.h"
#include "sparse-opt/Format/NMFormat.h"
#include "sparse-opt/Format/RowStreamFormat.h"

using namespace mlir::sparsity::format;

namespace {
/// Runs a check on random matrices of many shapes, kinds, strides and
/// densities.
class RoundTrip : public testing::Test {
protected:
  using Check = std::function<void(OwnedMatrix &, Layout)>;

  void forSmallShapes(const Check &check) {
    for (int64_t rows = 0; rows < 10; ++rows)
      for (int64_t cols = 0; cols < 10; ++cols)
        for (Layout layout : kLayouts)
          run(rows, cols, layout, check);
  }

  void forAwkwardShapes(const Check &check) {
    for (int64_t rows : {1, 3, 17, 129})
      for (int64_t cols : {1, 3, 17, 129})
        for (Layout layout : kLayouts)
          run(rows, cols, layout, check);
  }

private:
  void run(int64_t rows, int64_t cols, Layout layout, const Check &check) {
    ElementKind kind = kWeightKinds[random() % 6];
    OwnedMatrix matrix(kind, rows, cols, layout);
    double densities[] = {0.0, 0.5, 0.9, 1.0};
    matrix.fillRandom(random, densities[random() % 4]);
    check(matrix, kLayouts[random() % 5]);
  }

  std::mt19937 random{20};
};
} // namespace

/// Stored elements are counted as their buffers hold them.
TEST_F(RoundTrip, CountStored) {
  auto check = [&](OwnedMatrix &matrix, Layout) {
    int64_t rows = matrix.view().rows, cols = matrix.view().cols;
    int64_t nonzeros = 0;
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t col = 0; col < cols; ++col)
        nonzeros += !isZero(matrix.view().at(row, col), matrix.view().kind);
    EXPECT_EQ(DensePackedFormat(16).countStored(matrix.view()), rows * cols);
    EXPECT_EQ(NMFormat(2, 4).countStored(matrix.view()),
              rows * (cols / 4 * 2 + std::min<int64_t>(cols % 4, 2)));
    EXPECT_EQ(RowStreamFormat().countStored(matrix.view()), nonzeros);
    EXPECT_EQ(BSRFormat(1, 1).countStored(matrix.view()), nonzeros);
    Result<Storage> blocks = BSRFormat(3, 2).encode(matrix.view());
    ASSERT_TRUE(blocks);
    EXPECT_EQ(BSRFormat(3, 2).countStored(matrix.view()),
              blocks->back().count());
  };
  forSmallShapes(check);
  forAwkwardShapes(check);
  EXPECT_EQ(RowStreamFormat().estimateStored(10, 10, 0.25), 25);
  EXPECT_EQ(NMFormat(1, 4).estimateStored(10, 9, 0.9), 30);
}

TEST_F(RoundTrip, Dense) {
  for (int64_t panel : {16, 32, 64}) {
    DensePackedFormat format(panel);
    auto check = [&](OwnedMatrix &matrix, Layout target) {
      checkRoundTrip(format, matrix, target,
                     [](int64_t, int64_t) { return true; });
    };
    forSmallShapes(check);
    forAwkwardShapes(check);
  }
}

TEST_F(RoundTrip, NM) {
  constexpr int64_t ratios[][2] = {{1, 1}, {1, 2}, {2, 4},  {4, 4},
                                   {1, 8}, {3, 5}, {2, 16}, {16, 16}};
  for (auto [n, m] : ratios) {
    NMFormat format(n, m);
    int64_t most = n, group = m;
    auto check = [&](OwnedMatrix &matrix, Layout target) {
      dropExcess(matrix, most, group);
      checkRoundTrip(format, matrix, target, [&](int64_t row, int64_t col) {
        return !matrix.zeroAt(row, col);
      });
    };
    forSmallShapes(check);
    forAwkwardShapes(check);
  }
}

TEST_F(RoundTrip, BSR) {
  constexpr int64_t sizes[][2] = {{1, 1}, {4, 4}, {16, 16}, {3, 5}, {1, 8}};
  for (auto [height, width] : sizes) {
    BSRFormat format(height, width);
    int64_t blockRows = height, blockCols = width;
    auto check = [&](OwnedMatrix &matrix, Layout target) {
      MatrixView view = matrix.view();
      auto inStoredBlock = [&](int64_t row, int64_t col) {
        int64_t top = row / blockRows * blockRows;
        int64_t left = col / blockCols * blockCols;
        for (int64_t i = top; i < std::min(top + blockRows, view.rows); ++i)
          for (int64_t j = left; j < std::min(left + blockCols, view.cols); ++j)
            if (!matrix.zeroAt(i, j))
              return true;
        return false;
      };
      checkRoundTrip(format, matrix, target, inStoredBlock);
    };
    forSmallShapes(check);
    forAwkwardShapes(check);
  }
}

TEST_F(RoundTrip, Stream) {
  RowStreamFormat format;
  auto check = [&](OwnedMatrix &matrix, Layout target) {
    checkRoundTrip(format, matrix, target, [&](int64_t row, int64_t col) {
      return !matrix.zeroAt(row, col);
    });
  };
  forSmallShapes(check);
  forAwkwardShapes(check);
}

/// A broadcast weight: every row is the same memory.
TEST_F(RoundTrip, ZeroStride) {
  OwnedMatrix row(1, 6, {1, 0, 0, 2, 0, 3});
  MatrixView view = row.view();
  view.rows = 20;
  view.rowStride = 0;
  OwnedMatrix decoded(ElementKind::F32, 20, 6);
  NMFormat format(2, 4);
  Result<Storage> storage = format.encode(view);
  ASSERT_TRUE(storage) << storage.message();
  format.decode(viewsOf(*storage), decoded.view());
  for (int64_t i = 0; i < 20; ++i)
    for (int64_t col = 0; col < 6; ++col)
      EXPECT_EQ(decoded.bits(i, col), row.bits(0, col));
}
