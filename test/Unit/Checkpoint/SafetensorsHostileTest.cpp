//===- SafetensorsHostileTest.cpp - What safetensors files are refused ----===//
//
// The table of hostile files, each with a part of the message that it gets.
//
//===----------------------------------------------------------------------===//

#include "TestFiles.h"
#include "sparse-opt/Checkpoint/Safetensors.h"

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
static std::string nested(const std::string &open, size_t depth) {
  std::string json = "{\"w\":";
  for (size_t i = 0; i < depth; ++i)
    json += open;
  return safetensors(json);
}
static std::string withLength(uint64_t length, const std::string &rest) {
  return littleEndian(length) + rest;
}

class SafetensorsHostile : public testing::TestWithParam<HostileFile> {};

TEST_P(SafetensorsHostile, IsRefused) {
  EXPECT_TRUE(failsWith(parse(GetParam().bytes), GetParam().message));
}

static const char kEntry[] = "{\"dtype\":\"U8\",\"shape\":[1],"
                             "\"data_offsets\":[0,1]";

static const HostileFile kFraming[] = {
    {"EmptyFile", "", "a header length of 8 bytes, found a file of 0"},
    {"SevenBytes", "1234567", "found a file of 7"},
    {"LengthZero", withLength(0, "{}"), "from 2 to 2, found 0"},
    {"LengthHuge", withLength(uint64_t(1) << 63, "{}"), "from 2 to 2"},
    {"LengthMost", withLength(~uint64_t(0), "{}"), "from 2 to 2"},
    {"LengthAboveLimit", withLength(100'000'001, "{}"), "from 2 to 2"},
    {"LengthPastEnd", withLength(3, "{}"), "from 2 to 2, found 3"},
    {"LengthTooShort", withLength(2, one("U8", "[1]", "[0,1]", 1).substr(8)),
     "syntax error"},
    {"NotUtf8", safetensors("{\"\xff\":1}"), "syntax error"},
    {"NotJson", safetensors("hello"), "expected '{', found 'h'"},
    {"List", safetensors("[]"), "at byte 8: expected '{', found '['"},
    {"TrailingZeros", safetensors(std::string("{}\0\0", 4)),
     "at byte 10: expected JSON, found a zero byte"},
    {"LeadingBlank", safetensors(" {}"), "expected '{', found ' '"},
    {"ByteOrderMark", safetensors("\xef\xbb\xbf{}"), "expected '{'"},
    {"TwoObjects", safetensors("{}{}"), "syntax error"},
    {"Comment", safetensors("{/**/}"), "syntax error"},
    {"LoneSurrogate", safetensors("{\"\\ud800\":1}"), "syntax error"},
    {"DeepLists", nested("[", 100000), "an object, found a list"},
    {"DeepObjects", nested("{\"dtype\":", 100000),
     "in 'w'.'dtype': expected a string, found an object"},
    {"DeepMetadata", safetensors("{\"__metadata__\":{\"a\":{\"b\":1}}}"),
     "expected a string, found an object"},
};
INSTANTIATE_TEST_SUITE_P(Framing, SafetensorsHostile,
                         testing::ValuesIn(kFraming), hostileName);

static const HostileFile kFields[] = {
    {"DuplicateName",
     safetensors("{" + entry("w", "U8", "[2]", "[0,2]") + "," +
                     entry("w", "I8", "[2]", "[0,2]") + "}",
                 2),
     "expected each name once, found 'w' twice"},
    {"DuplicateEscapedName",
     safetensors("{" + entry("w", "U8", "[2]", "[0,2]") + "," +
                     entry("\\u0077", "U8", "[2]", "[2,4]") + "}",
                 4),
     "found 'w' twice"},
    {"DuplicateField",
     safetensors("{\"w\":" + std::string(kEntry) + ",\"dtype\":\"I8\"}}", 1),
     "found 'dtype' twice"},
    {"DuplicateMetadata",
     safetensors("{\"__metadata__\":{},\"__metadata__\":{}}"),
     "found '__metadata__' twice"},
    {"UnknownField",
     safetensors("{\"w\":" + std::string(kEntry) + ",\"extra\":1}}", 1),
     "one of the fields dtype, shape, data_offsets, found 'extra'"},
    {"MetadataNumber", safetensors("{\"__metadata__\":{\"a\":1}}"),
     "in '__metadata__'.'a': expected a string, found 1"},
    {"MetadataString", safetensors("{\"__metadata__\":\"a\"}"),
     "expected an object of strings, found the string 'a'"},
    {"TensorIsNumber", safetensors("{\"w\":1}"), "expected an object, found 1"},
    {"MissingOffsets", safetensors("{\"w\":{\"dtype\":\"U8\",\"shape\":[0]}}"),
     "expected a field 'data_offsets', found none"},
    {"MissingDtype",
     safetensors("{\"w\":{\"shape\":[0],\"data_offsets\":[0,0]}}"),
     "expected a field 'dtype'"},
    {"UnknownDtype", one("Q7", "[1]", "[0,1]", 1),
     "unknown or unsupported dtype: expected one of BOOL, U8"},
    {"Float8", one("F8_E4M3", "[1]", "[0,1]", 1), "found 'F8_E4M3'"},
    {"Float4Odd", one("F4", "[3]", "[0,1]", 1), "found 'F4'"},
    {"LowerCaseDtype", one("f32", "[1]", "[0,4]", 4), "found 'f32'"},
    {"DtypeNumber",
     safetensors("{\"w\":{\"dtype\":8,\"shape\":[],\"data_offsets\":[0,1]}}",
                 1),
     "in 'w'.'dtype': expected a string, found 8"},
    {"DimFraction", one("U8", "[1.0]", "[0,1]", 1),
     "in 'w'.'shape'[0]: expected an integer >= 0, found 1.0"},
    {"DimExponent", one("U8", "[1e0]", "[0,1]", 1), "found 1e0"},
    {"DimNegative", one("U8", "[-1]", "[0,1]", 1), "found -1"},
    {"DimMinusZero", one("U8", "[-0]", "[0,0]", 0), "found -0"},
    {"DimString", one("U8", "[\"1\"]", "[0,1]", 1), "found the string '1'"},
    {"DimNull", one("U8", "[null]", "[0,1]", 1), "found null"},
    {"DimTrue", one("U8", "[true]", "[0,1]", 1), "found true"},
    {"DimList", one("U8", "[[1]]", "[0,1]", 1), "found a list"},
    {"DimAbove64Bits", one("U8", "[18446744073709551616]", "[0,1]", 1),
     "found 18446744073709551616"},
    {"DimAbove63Bits", one("U8", "[9223372036854775808]", "[0,1]", 1),
     "expected a dimension below 2^63"},
    {"DimInfinite", one("U8", "[1e400]", "[0,1]", 1), "syntax error"},
    {"ShapeNumber", one("U8", "1", "[0,1]", 1), "expected a list"},
    {"RankNine", one("U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]", 1),
     "expected a list of at most 8 integers, found more"},
};
INSTANTIATE_TEST_SUITE_P(Fields, SafetensorsHostile, testing::ValuesIn(kFields),
                         hostileName);

static const HostileFile kRanges[] = {
    {"Overlap", two("[0,4]", "[2,6]", 6),
     "expected tensors that do not overlap, found 'a' and 'b'"},
    {"SameRange", two("[0,4]", "[0,4]", 4), "overlap, found 'a' and 'b'"},
    {"HoleBetween", two("[0,4]", "[6,10]", 10),
     "without holes, found 2 bytes before 'b' and after 'a'"},
    {"HoleAtStart", one("U8", "[4]", "[1,5]", 5), "found 1 bytes before 'w'"},
    {"Reversed", one("U8", "[4]", "[4,0]", 4),
     "expected 0 <= begin <= end <= 4 in data_offsets, found 4 and 0"},
    {"PastEnd", one("U8", "[5]", "[0,5]", 4), "found 0 and 5"},
    {"FarPastEnd",
     one("U8", "[1]",
         "[18446744073709551614,"
         "18446744073709551615]",
         4),
     "found 18446744073709551614"},
    {"TrailingBytes", one("U8", "[4]", "[0,4]", 5),
     "expected the end of the file, found 1 more bytes"},
    {"DataWithoutTensors", safetensors("{}", 3), "found 3 more bytes"},
    {"OffsetNegative", one("U8", "[1]", "[-1,0]", 4),
     "in 'w'.'data_offsets'[0]: expected an integer >= 0, found -1"},
    {"OffsetFraction", one("U8", "[1]", "[0,1.0]", 4), "found 1.0"},
    {"OneOffset", one("U8", "[1]", "[0]", 1), "a list of 2 integers, found 1"},
    {"ThreeOffsets", one("U8", "[1]", "[0,1,1]", 1), "2 integers, found more"},
    {"ShapeTooSmall", one("F32", "[3]", "[0,16]", 16),
     "expected 12 bytes for this dtype and shape, found 16"},
    {"ShapeTooLarge", one("F32", "[5]", "[0,16]", 16), "expected 20 bytes"},
    {"EmptyTensorWithBytes", one("U8", "[0]", "[0,1]", 1), "expected 0 bytes"},
    {"Product64", one("U8", "[4611686018427387904,4,4]", "[0,0]", 0),
     "expected a tensor below 2^63 bytes"},
    {"ProductWraps", one("U8", "[4294967296,4294967296]", "[0,0]", 0), "2^63"},
    {"BytesWrap", one("F32", "[4611686018427387904]", "[0,0]", 0), "2^63"},
    {"ZeroLast", one("U8", "[1099511627776,1099511627776,0]", "[0,0]", 0),
     "2^63"},
    {"ZeroFirst", one("U8", "[0,1099511627776,1099511627776]", "[0,0]", 0),
     "2^63"},
};
INSTANTIATE_TEST_SUITE_P(Ranges, SafetensorsHostile, testing::ValuesIn(kRanges),
                         hostileName);
