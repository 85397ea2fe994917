//===- PatternCountTest.cpp - How near a matrix is to a pattern -----------===//
//
// Every count against a plain loop, for every kind, stride and awkward shape.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/PatternCount.h"
#include "FormatTesting.h"

using namespace mlir::sparsity::format;

static int64_t nonzerosIn(OwnedMatrix &matrix, int64_t top, int64_t left,
                          int64_t height, int64_t width) {
  MatrixView view = matrix.view();
  int64_t nonzeros = 0;
  for (int64_t row = top; row < std::min(top + height, view.rows); ++row)
    for (int64_t col = left; col < std::min(left + width, view.cols); ++col)
      nonzeros += !matrix.zeroAt(row, col);
  return nonzeros;
}

/// Parts of height x width with more than `most` nonzeros.
static PartCount partsAbove(OwnedMatrix &matrix, int64_t height, int64_t width,
                            int64_t most) {
  PartCount result;
  for (int64_t row = 0; row < matrix.view().rows; row += height)
    for (int64_t col = 0; col < matrix.view().cols; col += width) {
      ++result.total;
      result.count += nonzerosIn(matrix, row, col, height, width) > most;
    }
  return result;
}

static void checkCounts(OwnedMatrix &matrix) {
  MatrixView view = matrix.view();
  const std::vector<NMPattern> groups = {{2, 4},     {1, 3}, {2, 4, 0},
                                         {3, 17, 0}, {8, 8}, {1, 1024, 0}};
  const std::vector<BlockPattern> blocks = {{1, 1}, {4, 4}, {16, 16},
                                            {3, 5}, {1, 8}, {100, 1}};
  PatternCounts counts = countPatterns(view, groups, blocks);

  PartCount rows = partsAbove(matrix, 1, std::max<int64_t>(view.cols, 1), 0);
  PartCount cols = partsAbove(matrix, std::max<int64_t>(view.rows, 1), 1, 0);
  EXPECT_EQ(counts.zeros.elements, view.rows * view.cols);
  EXPECT_EQ(counts.zeros.zeros,
            counts.zeros.elements -
                nonzerosIn(matrix, 0, 0, view.rows, view.cols));
  EXPECT_EQ(counts.zeros.zeroRows, view.rows - rows.count);
  EXPECT_EQ(counts.zeros.zeroCols, view.cols - cols.count);

  for (size_t i = 0; i < groups.size(); ++i) {
    bool alongRow = groups[i].axis() == 1;
    PartCount expected =
        partsAbove(matrix, alongRow ? 1 : groups[i].m(),
                   alongRow ? groups[i].m() : 1, groups[i].n());
    EXPECT_EQ(counts.overfullGroups[i].count, expected.count);
    EXPECT_EQ(counts.overfullGroups[i].total, expected.total);
    EXPECT_EQ(groups[i].firstViolation(view).has_value(), expected.count > 0);
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    PartCount nonzero =
        partsAbove(matrix, blocks[i].blockRows(), blocks[i].blockCols(), 0);
    EXPECT_EQ(counts.zeroBlocks[i].total, nonzero.total);
    EXPECT_EQ(counts.zeroBlocks[i].count, nonzero.total - nonzero.count);
  }
}

TEST(PatternCount, EqualsPlainLoops) {
  std::mt19937 random(23);
  for (ElementKind kind : kWeightKinds)
    for (Layout layout : kLayouts)
      for (double zeros : {0.0, 0.5, 0.95})
        for (auto [rows, cols] : {std::pair<int64_t, int64_t>{0, 0},
                                  {0, 7},
                                  {7, 0},
                                  {1, 1},
                                  {17, 3},
                                  {33, 129}}) {
          OwnedMatrix matrix(kind, rows, cols, layout);
          matrix.fillRandom(random, zeros);
          SCOPED_TRACE(testing::Message()
                       << elementName(kind) << " " << rows << "x" << cols);
          checkCounts(matrix);
        }
}

/// Kinds that no weight has can be counted too: masks and indices.
TEST(PatternCount, OtherKinds) {
  OwnedMatrix matrix(ElementKind::I64, 1, 4);
  matrix.setBits(0, 3, uint64_t(1) << 63);
  EXPECT_EQ(countZeros(matrix.view()).zeros, 3);
  OwnedMatrix flags(ElementKind::Bool, 1, 4);
  flags.setBits(0, 1, 1);
  EXPECT_EQ(countZeros(flags.view()).zeros, 3);
}
