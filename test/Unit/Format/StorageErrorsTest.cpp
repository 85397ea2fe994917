//===- StorageErrorsTest.cpp - Errors that all formats share --------------===//
//
// Shapes, kinds and buffer lists that every format refuses in the same words.
//
//===----------------------------------------------------------------------===//

#include "FormatTesting.h"
#include "sparse-opt/Format/BSRFormat.h"
#include "sparse-opt/Format/DensePackedFormat.h"
#include "sparse-opt/Format/NMFormat.h"
#include "sparse-opt/Format/RowStreamFormat.h"

#include <memory>

using namespace mlir::sparsity::format;

static constexpr ElementKind kF32 = ElementKind::F32;

namespace {
class AllFormats : public testing::Test {
protected:
  DensePackedFormat dense{16};
  NMFormat nm{2, 4};
  BSRFormat bsr{4, 4};
  RowStreamFormat stream;
  const StorageFormat *formats[4] = {&dense, &nm, &bsr, &stream};

  /// Every entry point must refuse the shape with the message.
  void expectRefused(ElementKind kind, int64_t rows, int64_t cols,
                     const std::string &message) {
    MatrixView matrix{nullptr, kind, rows, cols, 1, 1};
    for (const StorageFormat *format : formats) {
      SCOPED_TRACE(format->name());
      EXPECT_EQ(messageOf(format->buffers(kind, rows, cols)), message);
      EXPECT_EQ(messageOf(format->encode(matrix)), message);
      EXPECT_EQ(messageOf(format->bytes(kind, rows, cols, 0)), message);
      EXPECT_EQ(messageOf(format->validate({}, kind, rows, cols)), message);
    }
  }
};
} // namespace

TEST_F(AllFormats, Names) {
  EXPECT_EQ(dense.name(), "dense");
  EXPECT_EQ(nm.name(), "nm");
  EXPECT_EQ(bsr.name(), "bsr");
  EXPECT_EQ(stream.name(), "stream");
}

TEST_F(AllFormats, RefuseKinds) {
  expectRefused(ElementKind::I32, 2, 2,
                "expected a weight of f64, f32, f16, bf16, i8 or u8, got i32");
  expectRefused(ElementKind::Bool, 2, 2,
                "expected a weight of f64, f32, f16, bf16, i8 or u8, got bool");
}

TEST_F(AllFormats, RefuseSizes) {
  expectRefused(kF32, -1, 4, "expected rows and columns >= 0, got -1x4");
  expectRefused(kF32, 4, -1, "expected rows and columns >= 0, got 4x-1");
  const std::string limit = "expected at most 1099511627776 elements, got ";
  expectRefused(kF32, int64_t(1) << 21, (int64_t(1) << 19) + 1,
                limit + "2097152x524289");
  expectRefused(kF32, int64_t(1) << 32, int64_t(1) << 32,
                limit + "4294967296x4294967296");
  expectRefused(kF32, INT64_MAX, INT64_MAX,
                limit + "9223372036854775807x9223372036854775807");
  expectRefused(kF32, 0, (int64_t(1) << 40) + 1, limit + "0x1099511627777");
}

TEST_F(AllFormats, AcceptTheLargestSize) {
  int64_t side = int64_t(1) << 20;
  for (const StorageFormat *format : formats) {
    EXPECT_TRUE(format->buffers(ElementKind::F64, side, side));
    EXPECT_TRUE(format->bytes(ElementKind::F64, side, side, 0));
  }
}

TEST_F(AllFormats, AcceptNullDataOfEmptyMatrices) {
  for (const StorageFormat *format : formats)
    for (auto [rows, cols] :
         {std::pair<int64_t, int64_t>{0, 0}, {0, 5}, {5, 0}}) {
      Result<Storage> storage =
          format->encode({nullptr, kF32, rows, cols, cols, 1});
      ASSERT_TRUE(storage) << storage.message();
      StorageView views = viewsOf(*storage);
      EXPECT_EQ(messageOf(format->validate(views, kF32, rows, cols)), "");
      format->decode(views, {nullptr, kF32, rows, cols, cols, 1});
    }
}

/// Elements that are all the same one: readable, but when packed larger than
/// the address space.
TEST_F(AllFormats, ReportMissingMemory) {
  double one = 1;
  MatrixView row{&one, ElementKind::F64, 1, int64_t(1) << 40, 0, 0};
  EXPECT_EQ(messageOf(dense.encode(row)),
            "expected memory for buffer 'values' (17592186044416 x f64), found "
            "too little");
  EXPECT_EQ(messageOf(NMFormat(4, 4).encode(row)),
            "expected memory for buffer 'values' (17592186044416 x f64), found "
            "too little");
  int64_t side = int64_t(1) << 20;
  row.cols = 16 * side;
  EXPECT_EQ(messageOf(BSRFormat(side, side).encode(row)),
            "expected memory for buffer 'values' (17592186044416 x f64), found "
            "too little");
}

TEST_F(AllFormats, ValidateBufferLists) {
  OwnedMatrix matrix(3, 5, std::vector<float>(15));
  matrix.setBits(1, 2, 0x3f800000);
  for (const StorageFormat *format : formats) {
    SCOPED_TRACE(format->name());
    Result<Storage> storage = format->encode(matrix.view());
    ASSERT_TRUE(storage);
    const StorageView good = viewsOf(*storage);
    auto specs = *format->buffers(kF32, 3, 5);
    auto messageFor = [&](const StorageView &views) {
      return messageOf(format->validate(views, kF32, 3, 5));
    };
    EXPECT_EQ(messageFor(good), "");

    StorageView fewer(good.begin(), good.end() - 1);
    EXPECT_EQ(messageFor(fewer), "expected " + std::to_string(good.size()) +
                                     " buffers, found " +
                                     std::to_string(good.size() - 1));
    for (size_t i = 0; i < good.size(); ++i) {
      const std::string prefix = "buffer '" + specs[i].name + "': expected ";
      const std::string count = std::to_string(good[i].count);
      StorageView bad = good;
      bad[i].kind = ElementKind::I16;
      EXPECT_EQ(messageFor(bad), prefix +
                                     std::string(elementName(good[i].kind)) +
                                     ", found i16");
      bad = good;
      bad[i].data = nullptr;
      EXPECT_EQ(messageFor(bad),
                prefix + "memory for " + count + " elements, found none");
      bad = good;
      bad[i].count = -1;
      EXPECT_EQ(messageFor(bad),
                prefix + (specs[i].count >= 0
                              ? count + " elements, found -1"
                              : "a count >= 0 that fits memory, found -1"));
      if (specs[i].count >= 0) {
        bad[i].count = good[i].count + 1;
        EXPECT_EQ(messageFor(bad), prefix + count + " elements, found " +
                                       std::to_string(good[i].count + 1));
      }
    }
  }
}

TEST_F(AllFormats, BytesOfDeclaredCounts) {
  for (const StorageFormat *format :
       {(const StorageFormat *)&bsr, (const StorageFormat *)&stream}) {
    EXPECT_EQ(messageOf(format->bytes(kF32, 4, 4, -1)),
              "expected stored elements >= 0, got -1");
  }
  EXPECT_EQ(*dense.bytes(kF32, 17, 3, 0), 32 * 3 * 4);
  EXPECT_EQ(*nm.bytes(ElementKind::F16, 17, 6, 0), 2 * 2 * 2 * (16 * 2 + 4));
  // One block begun and one whole: two blocks.
  EXPECT_EQ(*bsr.bytes(kF32, 9, 9, 17), 4 * 4 + 2 * 4 + 32 * 4);
  EXPECT_EQ(*stream.bytes(ElementKind::I8, 9, 9, 17), 10 * 4 + 17 * 2 + 17);
  EXPECT_EQ(*stream.bytes(ElementKind::I8, 1, 65537, 2), 2 * 4 + 2 * 4 + 2);
}

TEST_F(AllFormats, ReadUnalignedBuffers) {
  OwnedMatrix matrix(3, 5, std::vector<float>(15, 0.0f));
  matrix.setBits(1, 2, 0x3f800000);
  matrix.setBits(2, 4, 0x40000000);
  for (const StorageFormat *format : formats) {
    Result<Storage> storage = format->encode(matrix.view());
    ASSERT_TRUE(storage);
    StorageView views = viewsOf(*storage);
    std::vector<std::vector<std::byte>> copies;
    for (size_t i = 0; i < views.size(); ++i) {
      copies.emplace_back((*storage)[i].bytes() + 1);
      std::memcpy(copies.back().data() + 1, views[i].data,
                  (*storage)[i].bytes());
      views[i].data = copies.back().data() + 1;
    }
    EXPECT_EQ(messageOf(format->validate(views, kF32, 3, 5)), "");
    OwnedMatrix decoded(kF32, 3, 5);
    format->decode(views, decoded.view());
    for (int64_t row = 0; row < 3; ++row)
      for (int64_t col = 0; col < 5; ++col)
        EXPECT_EQ(decoded.bits(row, col), matrix.bits(row, col));
  }
}
