//===- NMFormatTest.cpp - n stored elements in each group of m columns ----===//
//
// The canonical form for every mask of small groups, overfull groups, and every
// way in which untrusted codes and values can be wrong.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/NMFormat.h"
#include "FormatTesting.h"

#include <memory>

using namespace mlir::sparsity::format;

static constexpr ElementKind kF32 = ElementKind::F32;

static int64_t codeAt(Storage &storage, int64_t word, int64_t lane) {
  if (storage[1].kind() == ElementKind::U32)
    return storage[1].as<uint32_t>()[word] >> (2 * lane) & 3;
  return storage[1].as<uint64_t>()[word] >> (4 * lane) & 15;
}

static void setCode(Storage &storage, int64_t word, int64_t lane,
                    uint64_t code) {
  if (storage[1].kind() == ElementKind::U32) {
    uint32_t &bits = storage[1].as<uint32_t>()[word];
    bits = (bits & ~(3u << (2 * lane))) | uint32_t(code) << (2 * lane);
  } else {
    uint64_t &bits = storage[1].as<uint64_t>()[word];
    bits = (bits & ~(uint64_t(15) << (4 * lane))) | code << (4 * lane);
  }
}

TEST(NMFormat, Parameters) {
  EXPECT_EQ(NMFormat::get(2, 4)->n(), 2);
  EXPECT_EQ(NMFormat::get(2, 4)->m(), 4);
  EXPECT_TRUE(NMFormat::get(16, 16));
  EXPECT_EQ(messageOf(NMFormat::get(5, 4)), "expected 1 <= n <= m, got 5:4");
  EXPECT_EQ(messageOf(NMFormat::get(0, 4)), "expected 1 <= n <= m, got 0:4");
  EXPECT_EQ(messageOf(NMFormat::get(-1, -1)),
            "expected 1 <= n <= m, got -1:-1");
  EXPECT_EQ(messageOf(NMFormat::get(2, 17)), "expected m <= 16, got 2:17");
  EXPECT_EQ(NMFormat(4, 4).codeKind(), ElementKind::U32);
  EXPECT_EQ(NMFormat(1, 5).codeKind(), ElementKind::U64);
}

/// Encodes one row in lane `lane` and compares with the definition: nonzeros
/// and the lowest free positions, ascending, then surplus slots.
static void checkMask(int64_t n, int64_t m, int64_t cols, uint32_t mask,
                      int64_t lane) {
  OwnedMatrix matrix(kF32, lane + 1, cols);
  for (int64_t col = 0; col < cols; ++col)
    matrix.setBits(lane, col, mask >> col & 1 ? 0x3f800000 + col : 0x80000000);
  Result<Storage> storage = NMFormat(n, m).encode(matrix.view());
  if (__builtin_popcount(mask) > n) {
    EXPECT_EQ(messageOf(storage),
              "row " + std::to_string(lane) + ", columns 0.." +
                  std::to_string(cols - 1) + ": " +
                  std::to_string(__builtin_popcount(mask)) +
                  " nonzeros, expected at most " + std::to_string(n));
    return;
  }
  ASSERT_TRUE(storage) << storage.message();
  int64_t missing = std::min(n, cols) - __builtin_popcount(mask);
  int64_t slot = 0;
  const uint32_t *values = (*storage)[0].as<uint32_t>();
  for (int64_t col = 0; col < cols; ++col) {
    bool nonzero = mask >> col & 1;
    if (!nonzero && missing-- <= 0)
      continue;
    EXPECT_EQ(codeAt(*storage, slot, lane), col);
    EXPECT_EQ(values[slot * 16 + lane], nonzero ? 0x3f800000 + col : 0);
    ++slot;
  }
  for (; slot < n; ++slot) {
    EXPECT_EQ(codeAt(*storage, slot, lane), cols - 1);
    EXPECT_EQ(values[slot * 16 + lane], 0u);
  }
  EXPECT_EQ(messageOf(NMFormat(n, m).validate(viewsOf(*storage), kF32, lane + 1,
                                              cols)),
            "");
}

TEST(NMFormat, EveryMaskOfTwoFour) {
  for (uint32_t mask = 0; mask < 16; ++mask)
    for (int64_t lane = 0; lane < 16; ++lane)
      checkMask(2, 4, 4, mask, lane);
}

TEST(NMFormat, EveryMaskOfSmallGroups) {
  for (int64_t m = 1; m <= 7; ++m)
    for (int64_t n = 1; n <= m; ++n)
      for (int64_t cols = 1; cols <= m; ++cols)
        for (uint32_t mask = 0; mask < 1u << cols; ++mask)
          checkMask(n, m, cols, mask, mask % 16);
}

TEST(NMFormat, EveryMaskOfTwoSixteen) {
  for (uint32_t mask = 0; mask < 0x10000; ++mask)
    if (__builtin_popcount(mask) <= 3)
      checkMask(2, 16, 16, mask, mask % 16);
}

/// Word order is [panel][group][slot].
TEST(NMFormat, Layout) {
  OwnedMatrix matrix(ElementKind::U8, 18, 7);
  matrix.setBits(17, 5, 9);  // panel 1, lane 1, group 1, position 1
  matrix.setBits(17, 6, 11); // position 2
  Result<Storage> storage = NMFormat(2, 4).encode(matrix.view());
  ASSERT_TRUE(storage);
  EXPECT_EQ((*storage)[0].count(), 2 * 2 * 2 * 16);
  EXPECT_EQ((*storage)[1].count(), 2 * 2 * 2);
  const uint8_t *values = (*storage)[0].as<uint8_t>();
  EXPECT_EQ(values[6 * 16 + 1], 9);
  EXPECT_EQ(values[7 * 16 + 1], 11);
  EXPECT_EQ(codeAt(*storage, 6, 1), 1);
  EXPECT_EQ(codeAt(*storage, 7, 1), 2);
  // A lane without a row has the codes of a lane without nonzeros.
  EXPECT_EQ(codeAt(*storage, 6, 5), 0);
  EXPECT_EQ(codeAt(*storage, 7, 5), 1);
}

TEST(NMFormat, NamesTheFirstOverfullGroup) {
  OwnedMatrix matrix(kF32, 40, 11);
  auto set = [&](int64_t row, int64_t first, int64_t last) {
    for (int64_t col = first; col <= last; ++col)
      matrix.setBits(row, col, 0x7fc00001);
  };
  set(39, 0, 3);
  EXPECT_EQ(messageOf(NMFormat(2, 4).encode(matrix.view())),
            "row 39, columns 0..3: 4 nonzeros, expected at most 2");
  // Of two in a panel the upper one, although its columns come later.
  set(20, 8, 10);
  EXPECT_EQ(messageOf(NMFormat(2, 4).encode(matrix.view())),
            "row 20, columns 8..10: 3 nonzeros, expected at most 2");
  set(3, 5, 7);
  EXPECT_EQ(messageOf(NMFormat(2, 4).encode(matrix.view())),
            "row 3, columns 4..7: 3 nonzeros, expected at most 2");
}

namespace {
/// A valid 2:4 storage of two rows of 7 columns (the last group has 3) or of 5
/// (the last group has 1, and so a surplus slot).
class NMCorruption : public testing::Test {
protected:
  void encode(int64_t cols) {
    this->cols = cols;
    matrix = std::make_unique<OwnedMatrix>(kF32, 2, cols);
    matrix->setBits(1, 1, 0x3f800000);
    matrix->setBits(1, 3, 0x3f800000);
    Result<Storage> result = format.encode(matrix->view());
    ASSERT_TRUE(result) << result.message();
    storage = std::move(*result);
    EXPECT_EQ(message(), "");
  }
  std::string message() {
    return messageOf(format.validate(viewsOf(storage), kF32, 2, cols));
  }
  uint32_t &value(int64_t word, int64_t lane) {
    return storage[0].as<uint32_t>()[word * 16 + lane];
  }

  NMFormat format{2, 4};
  int64_t cols = 0;
  std::unique_ptr<OwnedMatrix> matrix;
  Storage storage;
};
} // namespace

TEST_F(NMCorruption, PositionPastAShortGroup) {
  encode(7);
  setCode(storage, 3, 1, 3);
  EXPECT_EQ(message(), "buffer 'codes', index 3, lane 1: expected a position "
                       "below 3, found 3");
}

TEST_F(NMCorruption, EqualAndDescendingPositions) {
  encode(7);
  setCode(storage, 1, 1, 1);
  EXPECT_EQ(message(), "buffer 'codes', index 1, lane 1: expected an ascending "
                       "position, above 1, found 1");
  setCode(storage, 1, 1, 0);
  EXPECT_EQ(message(), "buffer 'codes', index 1, lane 1: expected an ascending "
                       "position, above 1, found 0");
}

TEST_F(NMCorruption, ZerosAtOtherPositions) {
  encode(7);
  setCode(storage, 1, 0, 3);
  EXPECT_EQ(message(), "buffer 'codes', index 0, lane 0: expected zeros at the "
                       "lowest free positions, found others");
  encode(7);
  value(0, 1) = 0; // 1@3 remains, but the zero is at 1 and not at 0
  EXPECT_EQ(message(), "buffer 'codes', index 0, lane 1: expected zeros at the "
                       "lowest free positions, found others");
}

TEST_F(NMCorruption, NegativeZeroInAnUnusedSlot) {
  encode(7);
  value(2, 1) = 0x80000000;
  EXPECT_EQ(message(), "buffer 'values', index 33: expected +0 in a slot "
                       "without a nonzero, found other bits");
}

TEST_F(NMCorruption, ValueInALanePastTheLastRow) {
  encode(7);
  value(0, 2) = 1;
  EXPECT_EQ(message(), "buffer 'values', index 2: expected +0 in a lane past "
                       "the last row, found other bits");
  encode(7);
  setCode(storage, 1, 15, 3);
  EXPECT_EQ(message(), "buffer 'codes', index 0, lane 15: expected zeros at "
                       "the lowest free positions, found others");
}

TEST_F(NMCorruption, SurplusSlots) {
  encode(5);
  setCode(storage, 3, 1, 1);
  EXPECT_EQ(message(), "buffer 'codes', index 3, lane 1: expected the position "
                       "of a surplus slot, 0, found 1");
  encode(5);
  value(3, 0) = 1;
  EXPECT_EQ(message(), "buffer 'values', index 48: expected +0 in a slot "
                       "without a nonzero, found other bits");
}

TEST_F(NMCorruption, ManyPanelsAndWideCodes) {
  NMFormat wide(2, 16);
  OwnedMatrix big(kF32, 33, 20);
  Result<Storage> result = wide.encode(big.view());
  ASSERT_TRUE(result);
  setCode(*result, 11, 3, 4);
  EXPECT_EQ(messageOf(wide.validate(viewsOf(*result), kF32, 33, 20)),
            "buffer 'codes', index 11, lane 3: expected a position below 4, "
            "found 4");
}

/// Any change of any code must be found: one mask has one form.
TEST_F(NMCorruption, EveryCodeIsChecked) {
  encode(6);
  for (int64_t word = 0; word < storage[1].count(); ++word)
    for (int64_t lane = 0; lane < 16; ++lane) {
      int64_t good = codeAt(storage, word, lane);
      for (int64_t code = 0; code < 4; ++code) {
        // Row 1 has nonzeros at 1 and 3 of group 0: those may move.
        bool moves = lane == 1 && word < 2;
        setCode(storage, word, lane, code);
        if (!moves) {
          EXPECT_EQ(message() == "", code == good)
              << "word " << word << ", lane " << lane << ", code " << code;
        }
      }
      setCode(storage, word, lane, good);
    }
}
