//===- BlockPatternTest.cpp - Zeros in whole blocks, and anywhere ---------===//
//
// The block and the unstructured pattern: parameters, declared fractions, best
// masks against a reference that sorts; and masks themselves.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/BlockPattern.h"
#include "FormatTesting.h"
#include "sparse-opt/Format/NMPattern.h"
#include "sparse-opt/Format/UnstructuredPattern.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>

using namespace mlir::sparsity::format;

static constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(BlockPattern, Parameters) {
  EXPECT_EQ(BlockPattern::get(16, 8)->name(), "block 16x8");
  EXPECT_EQ(BlockPattern::get(16, 16, 0.8)->name(), "block 16x16 0.8");
  EXPECT_EQ(*BlockPattern::get(16, 16, 0.8)->zeros(), 0.8);
  EXPECT_EQ(messageOf(BlockPattern::get(0, 4)),
            "expected a block size of at least 1x1, got 0x4");
  EXPECT_EQ(messageOf(BlockPattern::get(3, 0)),
            "expected a block size of at least 1x1, got 3x0");
  EXPECT_EQ(messageOf(BlockPattern::get(INT64_MAX, 4)),
            "expected a block size of at most 1099511627776, got "
            "9223372036854775807x4");
  EXPECT_EQ(messageOf(BlockPattern::get(4, 4, 1.5)),
            "expected a fraction of zeros in [0, 1], got 1.5");
  EXPECT_EQ(messageOf(BlockPattern::get(4, 4, -0.25)),
            "expected a fraction of zeros in [0, 1], got -0.25");
  EXPECT_EQ(BlockPattern(4, 4).density(8, 8), 1.0);
  EXPECT_EQ(BlockPattern(4, 4, 0.75).density(8, 8), 0.25);
}

TEST(UnstructuredPattern, Parameters) {
  EXPECT_EQ(UnstructuredPattern::get()->name(), "unstructured");
  EXPECT_EQ(UnstructuredPattern::get(0.8)->name(), "unstructured 0.8");
  EXPECT_EQ(*UnstructuredPattern::get(0.8)->zeros(), 0.8);
  EXPECT_TRUE(UnstructuredPattern::get(0.0));
  EXPECT_TRUE(UnstructuredPattern::get(1.0));
  EXPECT_EQ(messageOf(UnstructuredPattern::get(1.5)),
            "expected a fraction of zeros in [0, 1], got 1.5");
  EXPECT_EQ(messageOf(UnstructuredPattern::get(
                std::numeric_limits<double>::quiet_NaN())),
            "expected a fraction of zeros in [0, 1], got nan");
  EXPECT_EQ(UnstructuredPattern().density(8, 8), 1.0);
  EXPECT_EQ(UnstructuredPattern(0.75).density(8, 8), 0.25);
}

/// The example of the header of BlockPattern.h.
TEST(BlockPattern, FirstViolation) {
  OwnedMatrix matrix(3, 5,
                     {0, 0, 1, 2, 0, //
                      0, 0, 3, 0, 0, //
                      4, 5, 0, 6, 0});
  EXPECT_FALSE(BlockPattern(2, 2).firstViolation(matrix.view()));
  EXPECT_FALSE(BlockPattern(2, 2, 0.5).firstViolation(matrix.view()));
  auto violation = BlockPattern(2, 2, 0.67).firstViolation(matrix.view());
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->row, 2);
  EXPECT_EQ(violation->col, 3);
  EXPECT_EQ(violation->what, "3 zero blocks of 6, expected at least 4");
  violation = BlockPattern(2, 2, 1.0).firstViolation(matrix.view());
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->row, 0);
  EXPECT_EQ(violation->col, 2);
  EXPECT_EQ(violation->what, "3 zero blocks of 6, expected at least 6");
}

TEST(UnstructuredPattern, FirstViolation) {
  OwnedMatrix matrix(2, 4, {0, 1, -0.0f, 2, 3, 0, 0, 4});
  EXPECT_FALSE(UnstructuredPattern().firstViolation(matrix.view()));
  EXPECT_FALSE(UnstructuredPattern(0.5).firstViolation(matrix.view()));
  auto violation = UnstructuredPattern(0.75).firstViolation(matrix.view());
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->row, 1);
  EXPECT_EQ(violation->col, 0);
  EXPECT_EQ(violation->what, "4 zeros in 8 elements, expected at least 6");
}

/// Keeps the blocks with the largest sums, of equal ones the lowest index.
/// Elements are blocks of 1x1.
static std::vector<uint8_t> sortedMask(const MatrixView &view, int64_t height,
                                       int64_t width, double sparsity) {
  int64_t blockColumns = (view.cols + width - 1) / width;
  int64_t blockRows = (view.rows + height - 1) / height;
  std::vector<double> sums(blockRows * blockColumns);
  auto blockOf = [&](int64_t row, int64_t col) {
    return row / height * blockColumns + col / width;
  };
  for (int64_t row = 0; row < view.rows; ++row)
    for (int64_t col = 0; col < view.cols; ++col)
      sums[blockOf(row, col)] += toDouble(view.at(row, col), view.kind);
  std::vector<int64_t> order(sums.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return std::pair(-sums[a], a) < std::pair(-sums[b], b);
  });
  order.resize(std::llround((1 - sparsity) * double(sums.size())));
  std::vector<uint8_t> kept(view.rows * view.cols);
  for (int64_t row = 0; row < view.rows; ++row)
    for (int64_t col = 0; col < view.cols; ++col)
      kept[row * view.cols + col] =
          std::count(order.begin(), order.end(), blockOf(row, col));
  return kept;
}

TEST(BlockPattern, BestMaskEqualsSorting) {
  std::mt19937 random(11);
  constexpr int64_t sizes[][2] = {{1, 1}, {4, 4}, {16, 16}, {3, 5}, {1, 8}};
  for (auto [height, width] : sizes)
    for (Layout layout : kLayouts)
      for (double sparsity : {0.0, 0.3, 0.5, 0.9, 1.0}) {
        OwnedMatrix scores(ElementKind::F32, 1 + random() % 20,
                           1 + random() % 30, layout);
        MutableMatrixView view = scores.view();
        for (int64_t row = 0; row < view.rows; ++row)
          for (int64_t col = 0; col < view.cols; ++col) {
            float score = random() % 30 == 0 ? kInf : random() % 3;
            std::memcpy(view.at(row, col), &score, sizeof(score));
          }
        Result<Mask> mask =
            BlockPattern(height, width).bestMask(view, sparsity);
        ASSERT_TRUE(mask) << mask.message();
        EXPECT_EQ(mask->kept, sortedMask(view, height, width, sparsity));
        mask = UnstructuredPattern().bestMask(view, sparsity);
        ASSERT_TRUE(mask) << mask.message();
        EXPECT_EQ(mask->kept, sortedMask(view, 1, 1, sparsity));
      }
}

TEST(BlockPattern, SumsBeyondTheRangeOfF64) {
  OwnedMatrix scores(ElementKind::F64, 4, 6);
  auto set = [&](int64_t row, int64_t col, double score) {
    std::memcpy(scores.view().at(row, col), &score, sizeof(score));
  };
  for (int64_t i = 0; i < 24; ++i)
    set(i / 6, i % 6, 1);
  set(2, 4, -1.7e308);
  EXPECT_TRUE(BlockPattern(2, 2).bestMask(scores.view(), 0.5));
  set(3, 4, -1.7e308);
  EXPECT_EQ(messageOf(BlockPattern(2, 2).bestMask(scores.view(), 0.5)),
            "expected the scores of a block to add up to more than -Inf, found "
            "-inf in the block that starts at row 2, column 4");
  set(3, 5, kInf);
  EXPECT_EQ(messageOf(BlockPattern(1, 6).bestMask(scores.view(), 0.5)), "");
}

/// Strips of `extent` rows or columns have the best masks of their own.
static void checkStrips(const ZeroPattern &pattern, const MatrixView &scores,
                        int64_t axis, int64_t extent) {
  Result<Mask> all = pattern.bestMaskByStrips(scores, 0.4, axis);
  ASSERT_TRUE(all) << all.message();
  MatrixView view = axis == 0 ? scores : scores.transposed();
  for (int64_t begin = 0; begin < view.rows; begin += extent) {
    MatrixView strip = view;
    strip.data = view.at(begin, 0);
    strip.rows = std::min(extent, view.rows - begin);
    Result<Mask> best =
        pattern.bestMask(axis == 0 ? strip : strip.transposed(), 0.4);
    ASSERT_TRUE(best) << best.message();
    for (int64_t i = 0; i < strip.rows; ++i)
      for (int64_t j = 0; j < strip.cols; ++j)
        EXPECT_EQ(axis == 0 ? all->kept[(begin + i) * all->cols + j]
                            : all->kept[j * all->cols + begin + i],
                  axis == 0 ? best->kept[i * best->cols + j]
                            : best->kept[j * best->cols + i]);
  }
}

TEST(ZeroPattern, BestMaskByStrips) {
  std::mt19937 random(3);
  for (Layout layout : kLayouts)
    for (auto [rows, cols] : {std::pair(1, 1), {3, 17}, {17, 3}, {13, 129}}) {
      OwnedMatrix scores(ElementKind::F32, rows, cols, layout);
      MutableMatrixView view = scores.view();
      for (int64_t i = 0; i < rows * cols; ++i) {
        float score = random() % 9;
        std::memcpy(view.at(i / cols, i % cols), &score, sizeof(score));
      }
      for (int64_t axis : {0, 1}) {
        checkStrips(UnstructuredPattern(), view, axis, 1);
        checkStrips(BlockPattern(4, 2), view, axis, axis == 0 ? 4 : 2);
        checkStrips(NMPattern(2, 4), view, axis, 4);
        checkStrips(NMPattern(2, 4, 0), view, axis, 4);
      }
    }
}

TEST(ZeroPattern, StripsOfBadScores) {
  OwnedMatrix scores(2, 3, {2, 2, 7, 2, -kInf, 1});
  EXPECT_EQ(
      messageOf(UnstructuredPattern().bestMaskByStrips(scores.view(), 0.5, 0)),
      messageOf(UnstructuredPattern().bestMask(scores.view(), 0.5)));
  EXPECT_NE(
      messageOf(UnstructuredPattern().bestMaskByStrips(scores.view(), 2, 0)),
      "");
}

TEST(UnstructuredPattern, TiesKeepTheLowestIndex) {
  OwnedMatrix scores(2, 3, {2, 2, 7, 2, 2, kInf});
  Result<Mask> mask = UnstructuredPattern().bestMask(scores.view(), 0.5);
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->kept, (std::vector<uint8_t>{1, 0, 1, 0, 0, 1}));
  // Half away from zero: 6 * 0.25 = 1.5 keeps two.
  EXPECT_EQ(UnstructuredPattern().bestMask(scores.view(), 0.75)->count(), 2);
}

TEST(UnstructuredPattern, BestMaskSatisfiesTheDeclaredFraction) {
  std::mt19937 random(13);
  for (double zeros : {0.0, 0.1, 0.25, 0.5, 0.8, 0.95, 1.0})
    for (int64_t cols = 0; cols < 23; ++cols) {
      OwnedMatrix scores(ElementKind::F32, 3, cols);
      for (int64_t i = 0; i < 3 * cols; ++i)
        scores.setBits(i / cols, i % cols, 0x3f800000 + random() % 8);
      for (const ZeroPattern *pattern :
           {(const ZeroPattern *)new UnstructuredPattern(zeros),
            (const ZeroPattern *)new BlockPattern(2, 3, zeros)}) {
        std::unique_ptr<const ZeroPattern> owner(pattern);
        Result<Mask> mask = pattern->bestMask(scores.view(), zeros);
        ASSERT_TRUE(mask);
        OwnedMatrix pruned(3, cols, std::vector<float>(3 * cols, 1.0f));
        ASSERT_TRUE(applyMask(pruned.view(), *mask));
        EXPECT_FALSE(pattern->firstViolation(pruned.view()));
      }
    }
}

TEST(BlockPattern, BestMaskRefuses) {
  OwnedMatrix scores(1, 2, {1, std::numeric_limits<float>::quiet_NaN()});
  for (const ZeroPattern *pattern :
       {(const ZeroPattern *)new UnstructuredPattern(),
        (const ZeroPattern *)new BlockPattern(2, 2)}) {
    std::unique_ptr<const ZeroPattern> owner(pattern);
    EXPECT_EQ(messageOf(pattern->bestMask(scores.view(), 1.5)),
              "expected a fraction of zeros in [0, 1], got 1.5");
    EXPECT_EQ(messageOf(pattern->bestMask(scores.view(), 0.5)),
              "row 0, column 1: expected a score above -Inf, found NaN");
  }
}

TEST(Mask, Apply) {
  for (Layout layout : kLayouts) {
    OwnedMatrix matrix(ElementKind::F16, 2, 3, layout);
    for (int64_t i = 0; i < 6; ++i)
      matrix.setBits(i / 3, i % 3, 0xfc01 + i); // NaN
    Mask mask{2, 3, {1, 0, 1, 0, 0, 1}};
    ASSERT_TRUE(applyMask(matrix.view(), mask));
    for (int64_t i = 0; i < 6; ++i)
      EXPECT_EQ(matrix.bits(i / 3, i % 3), mask.kept[i] ? 0xfc01u + i : 0);
  }
}

TEST(Mask, ApplyRefusesOtherShapes) {
  OwnedMatrix matrix(2, 3, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(messageOf(applyMask(matrix.view(), Mask{3, 2, {1, 1, 1, 1, 1, 1}})),
            "expected a mask of 2x3, found 3x2 with 6 elements");
  EXPECT_EQ(messageOf(applyMask(matrix.view(), Mask{2, 3, {1, 1}})),
            "expected a mask of 2x3, found 2x3 with 2 elements");
}
