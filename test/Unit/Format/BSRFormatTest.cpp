//===- BSRFormatTest.cpp - Blocks that have a nonzero ---------------------===//
//
// The example of the header, limits of 32-bit indices, and every way in which
// untrusted buffers can be wrong.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/BSRFormat.h"
#include "FormatTesting.h"

using namespace mlir::sparsity::format;

static constexpr ElementKind kF32 = ElementKind::F32;

TEST(BSRFormat, Parameters) {
  EXPECT_EQ(BSRFormat::get(3, 5)->blockRows(), 3);
  EXPECT_EQ(BSRFormat::get(3, 5)->blockCols(), 5);
  EXPECT_EQ(messageOf(BSRFormat::get(0, 4)),
            "expected a block size of at least 1x1, got 0x4");
  EXPECT_EQ(messageOf(BSRFormat::get(4, -1)),
            "expected a block size of at least 1x1, got 4x-1");
  EXPECT_TRUE(BSRFormat::get(int64_t(1) << 20, int64_t(1) << 20));
  EXPECT_EQ(messageOf(BSRFormat::get(int64_t(1) << 21, int64_t(1) << 20)),
            "expected a block of at most 1099511627776 elements, got "
            "2097152x1048576");
  EXPECT_EQ(messageOf(BSRFormat::get(int64_t(1) << 32, int64_t(1) << 32)),
            "expected a block of at most 1099511627776 elements, got "
            "4294967296x4294967296");
}

namespace {
/// The 3x5 matrix of the header in blocks of 2x2.
class BSRExample : public testing::Test {
protected:
  void SetUp() override {
    Result<Storage> result = format.encode(matrix.view());
    ASSERT_TRUE(result) << result.message();
    storage = std::move(*result);
  }
  template <typename T>
  std::vector<T> contents(int64_t buffer) {
    T *data = storage[buffer].as<T>();
    return std::vector<T>(data, data + storage[buffer].count());
  }
  std::string message() {
    return messageOf(format.validate(viewsOf(storage), kF32, 3, 5));
  }

  BSRFormat format{2, 2};
  OwnedMatrix matrix{3,
                     5,
                     {0, 0, 1, 2, 0, //
                      0, 0, 3, 0, 4, //
                      5, 6, 0, 0, 0}};
  Storage storage;
};
} // namespace

TEST_F(BSRExample, Layout) {
  EXPECT_EQ(contents<uint32_t>(0), (std::vector<uint32_t>{0, 2, 3}));
  EXPECT_EQ(contents<uint32_t>(1), (std::vector<uint32_t>{1, 2, 0}));
  EXPECT_EQ(contents<float>(2), (std::vector<float>{1, 3, 2, 0, //
                                                    0, 4, 0, 0, //
                                                    5, 0, 6, 0}));
  EXPECT_EQ(message(), "");
}

TEST_F(BSRExample, Positions) {
  uint32_t *positions = storage[0].as<uint32_t>();
  positions[0] = 1;
  EXPECT_EQ(message(), "buffer 'positions', index 0: expected 0, found 1");
  positions[0] = 0;
  positions[1] = 4;
  EXPECT_EQ(message(),
            "buffer 'positions', index 2: expected at least 4, found 3");
  positions[2] = 4;
  EXPECT_EQ(message(), "buffer 'positions', index 2: expected 3, found 4");
  positions[1] = 2;
  positions[2] = 2;
  EXPECT_EQ(message(), "buffer 'positions', index 2: expected 3, found 2");
}

TEST_F(BSRExample, Columns) {
  uint32_t *columns = storage[1].as<uint32_t>();
  columns[2] = 3;
  EXPECT_EQ(message(),
            "buffer 'columns', index 2: expected a column below 3, found 3");
  columns[2] = 0xffffffff;
  EXPECT_EQ(message(), "buffer 'columns', index 2: expected a column below 3, "
                       "found 4294967295");
  columns[2] = 2; // legal, but its padding is not zero
  EXPECT_EQ(message(), "buffer 'values', index 10: expected +0 past the edge, "
                       "found other bits");
  columns[2] = 0;
  columns[1] = 1;
  EXPECT_EQ(message(), "buffer 'columns', index 1: expected an ascending "
                       "column, above 1, found 1");
  columns[1] = 0;
  EXPECT_EQ(message(), "buffer 'columns', index 1: expected an ascending "
                       "column, above 1, found 0");
}

TEST_F(BSRExample, Padding) {
  uint32_t *values = storage[2].as<uint32_t>();
  // The right edge of block 1 and the bottom edge of block 2.
  for (int64_t index : {6, 7, 9, 11}) {
    values[index] = 0x80000000;
    EXPECT_EQ(message(), "buffer 'values', index " + std::to_string(index) +
                             ": expected +0 past the edge, found other bits");
    values[index] = 0;
  }
}

TEST_F(BSRExample, Counts) {
  StorageView views = viewsOf(storage);
  views[2].count = 11;
  EXPECT_EQ(messageOf(format.validate(views, kF32, 3, 5)),
            "buffer 'values': expected 12 elements, found 11");
  views[2].count = 8;
  views[1].count = 2;
  EXPECT_EQ(messageOf(format.validate(views, kF32, 3, 5)),
            "buffer 'positions', index 2: expected 2, found 3");
}

TEST_F(BSRExample, StoredZerosAreLegal) {
  std::fill_n(storage[2].as<uint32_t>(), 4, 0x80000000);
  EXPECT_EQ(message(), "");
  OwnedMatrix decoded(kF32, 3, 5);
  format.decode(viewsOf(storage), decoded.view());
  EXPECT_EQ(decoded.bits(0, 2), 0x80000000);
  EXPECT_EQ(decoded.bits(0, 1), 0u);
}

TEST(BSRFormat, BlocksLargerThanTheMatrix) {
  OwnedMatrix matrix(2, 3, {1, 2, 3, 4, 5, 6});
  checkRoundTrip(BSRFormat(7, 9), matrix, Layout::ColMajor,
                 [](int64_t, int64_t) { return true; });
}

TEST(BSRFormat, RefusesMoreBlocksThanIndicesCount) {
  BSRFormat format(1, 1);
  int64_t limit = int64_t(1) << 32;
  EXPECT_TRUE(format.buffers(kF32, 1, limit - 1));
  EXPECT_EQ(messageOf(format.buffers(kF32, 1, limit)),
            "expected at most 4294967295 columns of blocks, got 4294967296");
  EXPECT_TRUE(format.bytes(kF32, 1, 5, limit - 1));
  EXPECT_EQ(messageOf(format.bytes(kF32, 1, 5, limit)),
            "expected at most 4294967295 blocks, found 4294967296");
  BSRFormat large(int64_t(1) << 20, int64_t(1) << 20);
  EXPECT_EQ(messageOf(large.bytes(kF32, 1, 5, INT64_MAX)),
            "expected a size of buffer 'values' that fits 63 bits, got more");
}

/// One row of memory, 65537 times: 2^32 + 65536 nonzero blocks.
TEST(BSRFormat, RefusesTooManyNonzeroBlocks) {
  std::vector<uint8_t> row(65536, 1);
  MatrixView matrix{row.data(), ElementKind::U8, 65537, 65536, 0, 1};
  EXPECT_EQ(messageOf(BSRFormat(1, 1).encode(matrix)),
            "expected at most 4294967295 blocks, found 4295032832");
}
