//===- CheckedMathTest.cpp - Size arithmetic that cannot wrap -------------===//
//
// Every way in which size arithmetic can fail, and the largest sizes that do
// not.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/CheckedMath.h"

#include "gtest/gtest.h"

using namespace mlir::sparsity::format;

static constexpr int64_t kMax = INT64_MAX;

TEST(CheckedMath, Add) {
  EXPECT_EQ(checkedAdd(2, 3), 5);
  EXPECT_EQ(checkedAdd(kMax, 0), kMax);
  EXPECT_EQ(checkedAdd(kMax - 1, 1), kMax);
  EXPECT_EQ(checkedAdd(kMax, 1), std::nullopt);
  EXPECT_EQ(checkedAdd(-1, 3), std::nullopt);
  EXPECT_EQ(checkedAdd(3, -1), std::nullopt);
  EXPECT_EQ(checkedAdd(std::nullopt, 3), std::nullopt);
  EXPECT_EQ(checkedAdd(3, std::nullopt), std::nullopt);
}

TEST(CheckedMath, Mul) {
  EXPECT_EQ(checkedMul(6, 7), 42);
  EXPECT_EQ(checkedMul(0, kMax), 0);
  EXPECT_EQ(checkedMul(kMax, 1), kMax);
  EXPECT_EQ(checkedMul(int64_t(1) << 31, int64_t(1) << 31), int64_t(1) << 62);
  // Zero modulo 2^64, as in hostile headers.
  EXPECT_EQ(checkedMul(int64_t(1) << 32, int64_t(1) << 32), std::nullopt);
  EXPECT_EQ(checkedMul(checkedMul(int64_t(1) << 62, 4), 0), std::nullopt);
  EXPECT_EQ(checkedMul(-2, -3), std::nullopt);
  EXPECT_EQ(checkedMul(0, -1), std::nullopt);
}

TEST(CheckedMath, CeilDiv) {
  EXPECT_EQ(checkedCeilDiv(0, 16), 0);
  EXPECT_EQ(checkedCeilDiv(1, 16), 1);
  EXPECT_EQ(checkedCeilDiv(16, 16), 1);
  EXPECT_EQ(checkedCeilDiv(17, 16), 2);
  EXPECT_EQ(checkedCeilDiv(kMax, 1), kMax);
  EXPECT_EQ(checkedCeilDiv(kMax, 2), kMax / 2 + 1);
  EXPECT_EQ(checkedCeilDiv(1, kMax), 1);
  EXPECT_EQ(checkedCeilDiv(1, 0), std::nullopt);
  EXPECT_EQ(checkedCeilDiv(-1, 2), std::nullopt);
  EXPECT_EQ(checkedCeilDiv(1, -2), std::nullopt);
}

TEST(CheckedMath, RoundUp) {
  EXPECT_EQ(checkedRoundUp(0, 16), 0);
  EXPECT_EQ(checkedRoundUp(17, 16), 32);
  EXPECT_EQ(checkedRoundUp(kMax - 15, 16), kMax - 15);
  EXPECT_EQ(checkedRoundUp(kMax, 16), std::nullopt);
  EXPECT_EQ(checkedRoundUp(5, 0), std::nullopt);
}
