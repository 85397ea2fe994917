//===- NamesTest.cpp - Names, shapes and hashes ---------------------------===//
//
// Hostile names in messages, sizes of shapes, and XXH64 against its published
// values.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Names.h"

#include "TestFiles.h"
#include "sparse-opt/Checkpoint/ContentHash.h"
#include "sparse-opt/Checkpoint/Shape.h"

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

TEST(Names, PlainTextStays) {
  EXPECT_EQ(escapeName("encoder.layer.0/fc-1.weight"),
            "encoder.layer.0/fc-1.weight");
  EXPECT_EQ(escapeName("größe 重み 🧮"), "größe 重み 🧮");
  EXPECT_EQ(quoteName(""), "''");
}

TEST(Names, ControlAndQuotesAreVisible) {
  EXPECT_EQ(escapeName(std::string_view("a\0b\n\t\r\x1b[2J\x7f", 11)),
            "a\\x00b\\n\\t\\r\\x1b[2J\\x7f");
  EXPECT_EQ(escapeName("'\"\\"), "\\'\\\"\\\\");
  EXPECT_EQ(escapeName("\u0085\u202e\u2028\ufeff\U000e0001"),
            "\\u0085\\u202e\\u2028\\ufeff\\U000e0001");
}

TEST(Names, BytesThatAreNoTextAreVisible) {
  EXPECT_EQ(escapeName("\xff\xc0\xaf"), "\\xff\\xc0\\xaf");
  EXPECT_EQ(escapeName("\xed\xa0\x80"), "\\xed\\xa0\\x80"); // a surrogate
  EXPECT_EQ(escapeName("\xe2\x82"), "\\xe2\\x82");          // cut off
  EXPECT_EQ(escapeName("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");
  EXPECT_EQ(escapeName("\xe2\x82x"), "\\xe2\\x82x");
  EXPECT_FALSE(isUtf8("a\xe2\x82"));
  EXPECT_TRUE(isUtf8("€"));
}

TEST(Names, LongNamesAreCut) {
  EXPECT_EQ(escapeName("abcdef", 4), "abcd... (6 bytes)");
  EXPECT_EQ(escapeName("a€€", 4), "a€... (7 bytes)");
  EXPECT_LT(escapeName(std::string(1 << 20, '\1')).size(), 600u);
}

TEST(Shape, Bytes) {
  EXPECT_EQ(*shapeBytes(ElementKind::F32, {}), 4u);
  EXPECT_EQ(*shapeBytes(ElementKind::F64, {2, 3}), 48u);
  EXPECT_EQ(*shapeBytes(ElementKind::F32, {2, 0, 3}), 0u);
  EXPECT_EQ(*shapeBytes(ElementKind::Bool, {INT64_MAX}), uint64_t(INT64_MAX));
}

TEST(Shape, OverflowInAnyOrder) {
  int64_t big = int64_t(1) << 40;
  for (const std::vector<int64_t> &shape :
       std::vector<std::vector<int64_t>>{{big, big, 0},
                                         {0, big, big},
                                         {big, 0, big},
                                         {INT64_MAX, 2},
                                         {int64_t(1) << 62, 4, 4}})
    EXPECT_TRUE(failsWith(shapeBytes(ElementKind::U8, shape),
                          "expected a tensor below 2^63 bytes"));
  EXPECT_TRUE(failsWith(shapeBytes(ElementKind::F16, {INT64_MAX}), "2^63"));
  EXPECT_TRUE(failsWith(shapeBytes(ElementKind::U8, {-1}), "found [-1]"));
  EXPECT_TRUE(failsWith(shapeBytes(ElementKind::U8, std::vector<int64_t>(9, 1)),
                        "rank <= 8"));
  EXPECT_TRUE(failsWith(toShape(std::vector<uint64_t>(9, 1)), "rank <= 8"));
  EXPECT_TRUE(failsWith(toShape({uint64_t(1) << 63}), "below 2^63"));
}

TEST(ContentHash, PublishedValues) {
  EXPECT_EQ(contentHash("", 0), 0xEF46DB3751D8E999u);
  EXPECT_EQ(contentHash("a", 1), 0xD24EC4F1A98C6E5Bu);
  EXPECT_EQ(contentHash("abc", 3), 0x44BC2CF5AD770999u);
  EXPECT_EQ(contentHash("Nobody inspects the spammish repetition", 39),
            0xFBCEA83C8A378BF1u);
  EXPECT_EQ(ContentHash().text(), "xxh64:ef46db3751d8e999");
}

TEST(ContentHash, PiecesMakeTheWhole) {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += static_cast<char>(i * 7);
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    ContentHash hash;
    for (size_t begin = 0; begin < text.size(); begin += piece)
      hash.update(text.data() + begin, std::min(piece, text.size() - begin));
    ASSERT_EQ(hash.digest(), contentHash(text.data(), text.size())) << piece;
  }
}
