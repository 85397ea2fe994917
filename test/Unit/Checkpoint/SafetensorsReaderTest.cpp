//===- SafetensorsReaderTest.cpp - What safetensors files are read --------===//
//
// The files that must be accepted. Those that must not are in
// SafetensorsHostileTest.cpp.
//
//===----------------------------------------------------------------------===//

#include "TestFiles.h"
#include "sparse-opt/Checkpoint/Safetensors.h"

#include <limits>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static Result<SafetensorsHeader> parse(const std::string &bytes) {
  return parseSafetensors(bytes.data(), bytes.size(), "file");
}

/// A header with one entry "w", or with the text of one.
static std::string one(const std::string &dtype, const std::string &shape,
                       const std::string &offsets, size_t dataSize) {
  return safetensors("{" + entry("w", dtype, shape, offsets) + "}", dataSize);
}
static std::string two(const std::string &first, const std::string &second,
                       size_t dataSize = 8) {
  return safetensors("{" + entry("a", "U8", "[4]", first) + "," +
                         entry("b", "U8", "[4]", second) + "}",
                     dataSize);
}
TEST(SafetensorsReader, TensorsInTheOrderOfTheirBytes) {
  std::string bytes =
      safetensors("{\"__metadata__\":{\"format\":\"pt\"}," +
                      entry("b", "F32", "[2,3]", "[8,32]") + "," +
                      entry("a", "I64", "[1]", "[0,8]") + "}",
                  32);
  Result<SafetensorsHeader> header = parse(bytes);
  ASSERT_TRUE(header) << header.message();
  EXPECT_EQ(header->metadata, (Metadata{{"format", "pt"}}));
  ASSERT_EQ(header->tensors.size(), 2u);
  const TensorEntry &first = header->tensors[0], &second = header->tensors[1];
  EXPECT_EQ(first.name, "a");
  EXPECT_EQ(first.kind, ElementKind::I64);
  EXPECT_EQ(first.offset, bytes.size() - 32);
  EXPECT_EQ(second.name, "b");
  EXPECT_EQ(second.shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(second.offset, bytes.size() - 24);
  EXPECT_EQ(second.bytes, 24u);
}

TEST(SafetensorsReader, EveryKnownType) {
  const std::pair<const char *, int> types[] = {
      {"BOOL", 1}, {"U8", 1},  {"I8", 1},  {"U16", 2}, {"I16", 2},
      {"U32", 4},  {"I32", 4}, {"U64", 8}, {"I64", 8}, {"F16", 2},
      {"BF16", 2}, {"F32", 4}, {"F64", 8}};
  for (const auto &[dtype, size] : types) {
    Result<SafetensorsHeader> header =
        parse(one(dtype, "[3]", "[0," + std::to_string(3 * size) + "]",
                  static_cast<size_t>(3 * size)));
    EXPECT_TRUE(header) << dtype << ": " << header.message();
  }
}

TEST(SafetensorsReader, BlanksScalarsAndEmptyTensors) {
  EXPECT_TRUE(parse(safetensors("{}")));
  EXPECT_TRUE(parse(safetensors("{}  \n\t  ")));
  EXPECT_TRUE(parse(safetensors("{ }")));
  EXPECT_TRUE(parse(one("F32", "[]", "[0,4]", 4)));
  EXPECT_TRUE(parse(one("F32", "[3,0]", "[0,0]", 0)));
  EXPECT_TRUE(parse(one("F32", "[1,1,1,1,1,1,1,1]", "[0,4]", 4)));
  // Several empty tensors at one place, also in the middle of the data.
  EXPECT_TRUE(parse(safetensors("{" + entry("a", "U8", "[4]", "[0,4]") + "," +
                                    entry("e", "U8", "[0]", "[4,4]") + "," +
                                    entry("f", "U8", "[0]", "[4,4]") + "," +
                                    entry("b", "U8", "[4]", "[4,8]") + "}",
                                8)));
}

TEST(SafetensorsReader, NamesAreData) {
  for (const char *name : {"", "\\u0000", "a\\n\\u001b[2J", "../../etc/passwd",
                           "\\\"'", "größe", "\\ud83e\\uddee"}) {
    Result<SafetensorsHeader> header =
        parse(safetensors("{" + entry(name, "U8", "[1]", "[0,1]") + "}", 1));
    EXPECT_TRUE(header) << header.message();
  }
  Result<SafetensorsHeader> bad = parse(
      safetensors("{" + entry("a\\n\\u001b", "U8", "[2]", "[0,1]") + "}", 1));
  EXPECT_TRUE(failsWith(bad, "in 'a\\n\\x1b': expected 2 bytes"));
}

TEST(SafetensorsReader, DataNeedsNoAlignment) {
  std::string bytes = safetensors("{" + entry("a", "U8", "[1]", "[0,1]") + "," +
                                      entry("b", "F64", "[1]", "[1,9]") + "}",
                                  9);
  Result<SafetensorsHeader> header = parse(bytes);
  ASSERT_TRUE(header) << header.message();
  EXPECT_EQ(header->tensors[1].offset, bytes.size() - 8);
}

TEST(SafetensorsReader, TruncatedAnywhere) {
  std::string bytes = two("[0,4]", "[4,8]");
  ASSERT_TRUE(parse(bytes));
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parse(bytes.substr(0, size))) << size;
}
