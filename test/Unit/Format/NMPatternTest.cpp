//===- NMPatternTest.cpp - At most n nonzeros in each group of m ----------===//
//
// Parameters, violations on both axes, and best masks against a reference that
// sorts.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/NMPattern.h"
#include "FormatTesting.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

using namespace mlir::sparsity::format;

static constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(NMPattern, Parameters) {
  EXPECT_EQ(NMPattern::get(2, 4)->axis(), 1);
  EXPECT_EQ(NMPattern::get(2, 4)->name(), "2:4");
  EXPECT_EQ(NMPattern::get(1, 8, 0)->name(), "1:8 axis 0");
  EXPECT_TRUE(NMPattern::get(1024, 1024));
  EXPECT_EQ(messageOf(NMPattern::get(5, 4)), "expected 1 <= n <= m, got 5:4");
  EXPECT_EQ(messageOf(NMPattern::get(0, 4)), "expected 1 <= n <= m, got 0:4");
  EXPECT_EQ(messageOf(NMPattern::get(2, 1025)),
            "expected m <= 1024, got 2:1025");
  EXPECT_EQ(messageOf(NMPattern::get(2, 4, 2)), "expected axis 0 or 1, got 2");
  EXPECT_EQ(messageOf(NMPattern::get(2, 4, -1)),
            "expected axis 0 or 1, got -1");
}

TEST(NMPattern, DensityCountsShortGroups) {
  EXPECT_EQ(NMPattern(2, 4).density(3, 8), 0.5);
  EXPECT_EQ(NMPattern(2, 4).density(3, 5), 3.0 / 5);
  EXPECT_EQ(NMPattern(2, 4).density(3, 7), 4.0 / 7);
  EXPECT_EQ(NMPattern(2, 4, 0).density(3, 8), 2.0 / 3);
  EXPECT_EQ(NMPattern(2, 4).density(3, 0), 1.0);
}

TEST(NMPattern, FirstViolation) {
  OwnedMatrix matrix(3, 6,
                     {1, 0, 1, 0, 1, 1, //
                      0, 0, 0, 0, 0, 0, //
                      1, 0, 1, 1, 0, 0});
  auto violation = NMPattern(2, 4).firstViolation(matrix.view());
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->row, 2);
  EXPECT_EQ(violation->col, 3);
  EXPECT_EQ(violation->what, "3 nonzeros in columns 0..3, expected at most 2");

  violation = NMPattern(1, 4).firstViolation(matrix.view());
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->row, 0);
  EXPECT_EQ(violation->col, 2);
  EXPECT_EQ(violation->what, "2 nonzeros in columns 0..3, expected at most 1");

  // The short last group.
  violation = NMPattern(1, 4).firstViolation(
      OwnedMatrix(1, 6, {1, 0, 0, 0, 1, 1}).view());
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->col, 5);
  EXPECT_EQ(violation->what, "2 nonzeros in columns 4..5, expected at most 1");

  EXPECT_FALSE(NMPattern(3, 4).firstViolation(matrix.view()));
  EXPECT_FALSE(NMPattern(2, 4).firstViolation(OwnedMatrix(0, 6, {}).view()));
}

/// Groups down the columns, in row-major order of groups.
TEST(NMPattern, FirstViolationAlongRows) {
  OwnedMatrix matrix(5, 3,
                     {1, 0, 0, //
                      0, 0, 1, //
                      0, 1, 1, //
                      0, 1, 0, //
                      0, 1, 1});
  auto violation = NMPattern(1, 3, 0).firstViolation(matrix.view());
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->row, 2);
  EXPECT_EQ(violation->col, 2);
  EXPECT_EQ(violation->what, "2 nonzeros in rows 0..2, expected at most 1");
  matrix.setBits(2, 2, 0);
  violation = NMPattern(1, 3, 0).firstViolation(matrix.view());
  ASSERT_TRUE(violation);
  EXPECT_EQ(violation->row, 4);
  EXPECT_EQ(violation->col, 1);
  EXPECT_EQ(violation->what, "2 nonzeros in rows 3..4, expected at most 1");
  matrix.setBits(4, 1, 0x80000000); // -0.0 is a zero
  EXPECT_FALSE(NMPattern(1, 3, 0).firstViolation(matrix.view()));
  matrix.setBits(4, 1, 0x7fc00001); // NaN is not
  EXPECT_TRUE(NMPattern(1, 3, 0).firstViolation(matrix.view()));
}

/// Sorts each group by falling score, then by index.
static std::vector<uint8_t> sortedMask(OwnedMatrix &scores, int64_t n,
                                       int64_t m, int64_t axis) {
  MatrixView view = scores.view();
  std::vector<uint8_t> kept(view.rows * view.cols, 0);
  int64_t lines = axis == 1 ? view.rows : view.cols;
  int64_t length = axis == 1 ? view.cols : view.rows;
  auto score = [&](int64_t line, int64_t i) {
    return toDouble(axis == 1 ? view.at(line, i) : view.at(i, line), view.kind);
  };
  for (int64_t line = 0; line < lines; ++line)
    for (int64_t first = 0; first < length; first += m) {
      std::vector<int64_t> order(std::min(m, length - first));
      std::iota(order.begin(), order.end(), first);
      std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
        return std::pair(-score(line, a), a) < std::pair(-score(line, b), b);
      });
      for (int64_t i = 0; i < std::min<int64_t>(n, order.size()); ++i)
        kept[axis == 1 ? line * view.cols + order[i]
                       : order[i] * view.cols + line] = 1;
    }
  return kept;
}

TEST(NMPattern, BestMaskEqualsSorting) {
  std::mt19937 random(7);
  constexpr int64_t ratios[][2] = {{1, 1}, {1, 2},  {2, 4},   {4, 4},
                                   {3, 5}, {2, 16}, {7, 100}, {600, 1024}};
  for (int64_t axis : {0, 1})
    for (auto [n, m] : ratios)
      for (Layout layout : kLayouts)
        for (ElementKind kind : {ElementKind::F32, ElementKind::F64}) {
          OwnedMatrix scores(kind, 1 + random() % 40, 1 + random() % 300,
                             layout);
          MutableMatrixView view = scores.view();
          // Few distinct values make many ties; some are infinite.
          for (int64_t row = 0; row < view.rows; ++row)
            for (int64_t col = 0; col < view.cols; ++col) {
              double score = random() % 5 == 4 ? kInf : random() % 4;
              float narrow = score;
              std::memcpy(view.at(row, col),
                          kind == ElementKind::F32 ? (void *)&narrow : &score,
                          elementBytes(kind));
            }
          Result<Mask> mask = NMPattern(n, m, axis).bestMask(view, 0.123);
          ASSERT_TRUE(mask) << mask.message();
          EXPECT_EQ(mask->kept, sortedMask(scores, n, m, axis))
              << n << ":" << m << " axis " << axis;
        }
}

TEST(NMPattern, BestMaskSatisfiesThePattern) {
  OwnedMatrix scores(2, 6, {1, 2, 3, 4, 5, 6, 0, 0, -0.0f, 0, 0, 0});
  Result<Mask> mask = NMPattern(2, 4).bestMask(scores.view(), 0);
  ASSERT_TRUE(mask);
  EXPECT_EQ(mask->kept, (std::vector<uint8_t>{0, 0, 1, 1, 1, 1, //
                                              1, 1, 0, 0, 1, 1}));
  EXPECT_EQ(mask->count(), 8);
  ASSERT_TRUE(applyMask(scores.view(), *mask));
  EXPECT_FALSE(NMPattern(2, 4).firstViolation(scores.view()));
}

TEST(NMPattern, BestMaskRefusesScores) {
  NMPattern pattern(2, 4);
  OwnedMatrix scores(20, 3, std::vector<float>(60, 1.0f));
  scores.setBits(18, 2, 0x7fc00001);
  EXPECT_EQ(messageOf(pattern.bestMask(scores.view(), 0)),
            "row 18, column 2: expected a score above -Inf, found NaN");
  scores.setBits(17, 1, 0xff800000);
  EXPECT_EQ(messageOf(pattern.bestMask(scores.view(), 0)),
            "row 17, column 1: expected a score above -Inf, found -Inf");
  EXPECT_EQ(messageOf(pattern.bestMask(
                OwnedMatrix(ElementKind::F16, 2, 2).view(), 0)),
            "expected scores of f32 or f64, got f16");
  EXPECT_EQ(messageOf(pattern.bestMask(
                {nullptr, ElementKind::F32, int64_t(1) << 40, 2, 0, 0}, 0)),
            "expected at most 1099511627776 elements, got 1099511627776x2");
}
