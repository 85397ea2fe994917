//===- RowStreamFormatTest.cpp - The nonzeros of each row in a stream -----===//
//
// The example of the header, both widths of columns, limits, and every way in
// which untrusted buffers can be wrong.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/RowStreamFormat.h"
#include "FormatTesting.h"

using namespace mlir::sparsity::format;

static constexpr ElementKind kF32 = ElementKind::F32;

namespace {
/// The 3x5 matrix of the header.
class StreamExample : public testing::Test {
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

  RowStreamFormat format;
  OwnedMatrix matrix{3,
                     5,
                     {0, 1, 0, 0, 2, //
                      0, 0, 0, 0, 0, //
                      3, 0, 0, 0, 0}};
  Storage storage;
};
} // namespace

TEST_F(StreamExample, Layout) {
  EXPECT_EQ(contents<uint32_t>(0), (std::vector<uint32_t>{0, 2, 2, 3}));
  EXPECT_EQ(contents<uint16_t>(1), (std::vector<uint16_t>{1, 4, 0}));
  EXPECT_EQ(contents<float>(2), (std::vector<float>{1, 2, 3}));
  EXPECT_EQ(message(), "");
}

TEST_F(StreamExample, Positions) {
  uint32_t *positions = storage[0].as<uint32_t>();
  positions[0] = 1;
  EXPECT_EQ(message(), "buffer 'positions', index 0: expected 0, found 1");
  positions[0] = 0;
  positions[2] = 1;
  EXPECT_EQ(message(),
            "buffer 'positions', index 2: expected at least 2, found 1");
  positions[2] = 2;
  positions[3] = 0xffffffff;
  EXPECT_EQ(message(),
            "buffer 'positions', index 3: expected 3, found 4294967295");
}

TEST_F(StreamExample, Columns) {
  uint16_t *columns = storage[1].as<uint16_t>();
  columns[1] = 5;
  EXPECT_EQ(message(),
            "buffer 'columns', index 1: expected a column below 5, found 5");
  columns[1] = 1;
  EXPECT_EQ(message(), "buffer 'columns', index 1: expected an ascending "
                       "column, above 1, found 1");
  columns[1] = 0;
  EXPECT_EQ(message(), "buffer 'columns', index 1: expected an ascending "
                       "column, above 1, found 0");
}

TEST_F(StreamExample, Counts) {
  StorageView views = viewsOf(storage);
  views[2].count = 2;
  EXPECT_EQ(messageOf(format.validate(views, kF32, 3, 5)),
            "buffer 'values': expected 3 elements, found 2");
  views[1].count = 2;
  EXPECT_EQ(messageOf(format.validate(views, kF32, 3, 5)),
            "buffer 'positions', index 3: expected 2, found 3");
  views = viewsOf(storage);
  views[1].count = int64_t(1) << 32;
  EXPECT_EQ(messageOf(format.validate(views, kF32, 3, 5)),
            "expected at most 4294967295 nonzeros, found 4294967296");
}

TEST_F(StreamExample, StoredZerosAreLegal) {
  storage[2].as<uint32_t>()[1] = 0x80000000;
  EXPECT_EQ(message(), "");
  OwnedMatrix decoded(kF32, 3, 5);
  format.decode(viewsOf(storage), decoded.view());
  EXPECT_EQ(decoded.bits(0, 4), 0x80000000);
}

TEST(RowStreamFormat, WidthOfColumns) {
  std::mt19937 random(4);
  for (auto [cols, kind] :
       {std::pair<int64_t, ElementKind>{65536, ElementKind::U16},
        {65537, ElementKind::U32}}) {
    EXPECT_EQ(RowStreamFormat::columnKind(cols), kind);
    for (Layout layout : {Layout::RowMajor, Layout::ColMajor}) {
      OwnedMatrix matrix(kF32, 2, cols, layout);
      matrix.fillRandom(random, 0.9);
      matrix.setBits(1, cols - 1, 0x3f800000);
      checkRoundTrip(
          RowStreamFormat(), matrix, Layout::RowMajor,
          [&](int64_t row, int64_t col) { return !matrix.zeroAt(row, col); });
    }
  }
}

/// Wide columns are checked too.
TEST(RowStreamFormat, WideColumnsAreChecked) {
  OwnedMatrix matrix(kF32, 1, 65537);
  matrix.setBits(0, 65536, 0x3f800000);
  RowStreamFormat format;
  Result<Storage> storage = format.encode(matrix.view());
  ASSERT_TRUE(storage);
  EXPECT_EQ((*storage)[1].as<uint32_t>()[0], 65536u);
  (*storage)[1].as<uint32_t>()[0] = 65537;
  EXPECT_EQ(messageOf(format.validate(viewsOf(*storage), kF32, 1, 65537)),
            "buffer 'columns', index 0: expected a column below 65537, found "
            "65537");
}

TEST(RowStreamFormat, RefusesMoreThanIndicesCount) {
  RowStreamFormat format;
  int64_t limit = int64_t(1) << 32;
  EXPECT_TRUE(format.buffers(kF32, 1, limit - 1));
  EXPECT_EQ(messageOf(format.buffers(kF32, 1, limit)),
            "expected at most 4294967295 columns, got 4294967296");
  EXPECT_TRUE(format.bytes(kF32, 4, 4, limit - 1));
  EXPECT_EQ(messageOf(format.bytes(kF32, 4, 4, limit)),
            "expected at most 4294967295 nonzeros, found 4294967296");
}
