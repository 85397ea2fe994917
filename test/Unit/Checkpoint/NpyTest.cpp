//===- NpyTest.cpp - NumPy's .npy files -----------------------------------===//
//
// Round trips, Fortran order, versions, and hostile headers.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Npy.h"

#include "TestFiles.h"

#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static std::string npy(const std::string &literal, size_t dataSize = 0,
                       const std::string &version = std::string("\1\0", 2)) {
  std::string length =
      version[0] == 1
          ? littleEndian<uint16_t>(static_cast<uint16_t>(literal.size()))
          : littleEndian<uint32_t>(static_cast<uint32_t>(literal.size()));
  return "\x93NUMPY" + version + length + literal + std::string(dataSize, '\1');
}

static std::string literal(const std::string &descr, const std::string &shape,
                           const std::string &fortran = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + fortran +
         ", 'shape': " + shape + ", }     \n";
}

static Result<NpyArray> parse(const std::string &bytes) {
  return parseNpy(bytes.data(), bytes.size(), "x.npy");
}

TEST(Npy, RoundTripOfEveryKind) {
  TemporaryFolder folder;
  std::string path = folder.path("x.npy");
  const std::string data(2 * 3 * 8, '\1');
  for (ElementKind kind :
       {ElementKind::F64, ElementKind::F32, ElementKind::F16, ElementKind::I64,
        ElementKind::I32, ElementKind::I16, ElementKind::I8, ElementKind::U64,
        ElementKind::U32, ElementKind::U16, ElementKind::U8,
        ElementKind::Bool}) {
    Status status = writeNpy(path, kind, {2, 3}, data.data());
    ASSERT_TRUE(status) << status.message();
    Result<NpyArray> array = readNpy(path);
    ASSERT_TRUE(array) << array.message();
    EXPECT_EQ(array->elements.kind(), kind);
    EXPECT_EQ(array->shape, (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(array->elements.count(), 6);
  }
}

TEST(Npy, RoundTripOfShapes) {
  TemporaryFolder folder;
  std::string path = folder.path("x.npy");
  const float data[] = {1, 2, 3, 4, 5, 6};
  for (const std::vector<int64_t> &shape :
       std::vector<std::vector<int64_t>>{{},
                                         {6},
                                         {1},
                                         {2, 3},
                                         {3, 1, 2},
                                         {0},
                                         {4, 0},
                                         {1, 1, 1, 1, 1, 1, 1, 6}}) {
    ASSERT_TRUE(writeNpy(path, ElementKind::F32, shape, data));
    EXPECT_EQ(folder.read("x.npy").find('\n') % 64, 63u);
    Result<NpyArray> array = readNpy(path);
    ASSERT_TRUE(array) << array.message();
    EXPECT_EQ(array->shape, shape);
    EXPECT_EQ(std::memcmp(array->elements.data(), data,
                          static_cast<size_t>(array->elements.bytes())),
              0);
  }
}

TEST(Npy, WrittenHeaderIsNumPys) {
  TemporaryFolder folder;
  ASSERT_TRUE(writeNpy(folder.path("x"), ElementKind::F32, {3, 0}, nullptr));
  std::string expected =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 0), }";
  expected.append(117 - expected.size(), ' ');
  EXPECT_EQ(folder.read("x"), npy(expected + "\n"));
}

TEST(Npy, FortranOrderBecomesRowMajor) {
  // a[i][j][k] = 100 i + 10 j + k, with i fastest in the file.
  std::string data;
  for (int k = 0; k < 2; ++k)
    for (int j = 0; j < 3; ++j)
      for (int i = 0; i < 2; ++i)
        data +=
            littleEndian<uint16_t>(static_cast<uint16_t>(100 * i + 10 * j + k));
  Result<NpyArray> array =
      parse(npy(literal("<u2", "(2, 3, 2)", "True")) + data);
  ASSERT_TRUE(array) << array.message();
  const uint16_t *element = array->elements.as<uint16_t>();
  for (int i = 0; i < 2; ++i)
    for (int j = 0; j < 3; ++j)
      for (int k = 0; k < 2; ++k)
        EXPECT_EQ(*element++, 100 * i + 10 * j + k);
  EXPECT_TRUE(parse(npy(literal("<f4", "(0, 3)", "True"))));
  EXPECT_TRUE(parse(npy(literal("<f4", "()", "True"), 4)));
}

TEST(Npy, AcceptedVariants) {
  EXPECT_TRUE(parse(npy(literal("<f4", "(2,)"), 8, std::string("\2\0", 2))));
  EXPECT_TRUE(parse(npy(literal("<f4", "(2,)"), 8, std::string("\3\0", 2))));
  EXPECT_TRUE(parse(npy(literal("<f4", "(1, 2,)"), 8)));
  EXPECT_TRUE(parse(npy("{\"shape\":(),\"descr\":\"|u1\",\"fortran_order\":"
                        "False}\n",
                        1)));
}

TEST(Npy, TruncatedAnywhere) {
  std::string bytes = npy(literal("<f4", "(2,)"), 8);
  ASSERT_TRUE(parse(bytes));
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(parse(bytes.substr(0, size))) << size;
}

TEST(Npy, RefusesToWrite) {
  TemporaryFolder folder;
  EXPECT_TRUE(failsWith(writeNpy(folder.path("x"), ElementKind::BF16, {1}, ""),
                        "x: expected a type that NumPy has, found bf16"));
  EXPECT_TRUE(failsWith(writeNpy(folder.path("x"), ElementKind::F32, {-1}, ""),
                        "expected dimensions >= 0"));
  EXPECT_TRUE(failsWith(writeNpy(folder.path(), ElementKind::F32, {0}, ""),
                        "found a directory"));
  EXPECT_TRUE(failsWith(writeNpy("/dev/full", ElementKind::F32, {0}, ""),
                        "found a device"));
  EXPECT_TRUE(failsWith(readNpy(folder.path("x")), "cannot open"));
  EXPECT_EQ(folder.count(), 0u);
}

class NpyHostile : public testing::TestWithParam<HostileFile> {};

TEST_P(NpyHostile, IsRefused) {
  EXPECT_TRUE(failsWith(parse(GetParam().bytes), GetParam().message));
}

static const HostileFile kFraming[] = {
    {"Empty", "", "expected the magic bytes of .npy, found ''"},
    {"Zip", "PK\3\4xxxxxxxx", "found 'PK\\x03\\x04xxxx'"},
    {"Version4", npy(literal("<f4", "(1,)"), 4, std::string("\4\0", 2)),
     "expected version 1.0, 2.0 or 3.0, found 4.0"},
    {"Version11", npy(literal("<f4", "(1,)"), 4, "\1\1"), "found 1.1"},
    {"NoLength", std::string("\x93NUMPY\1\0\1", 9), "a header length"},
    {"LongHeader", std::string("\x93NUMPY\2\0\xff\xff\xff\xff{", 13),
     "expected a header of at most 1 bytes, found 4294967295"},
    {"NoNewline", npy("{'descr':'|u1','fortran_order':False,'shape':()}", 1),
     "one newline"},
    {"Code", npy("__import__('os')\n"), "expected '{', found '__import__("},
    {"TextAfter", npy("{} x\n"), "at byte 13: expected blanks"},
    {"Tab", npy("{\t}\n"), "expected a string, found '\\t}\\n'"},
    {"Unclosed", npy("{'descr': '<f4"), "a string without escapes"},
    {"Escape", npy("{'de\\x73cr': 1}\n"), "a string without escapes"},
    {"NoColon", npy("{'descr' '<f4'}\n"), "expected ':'"},
    {"NoComma", npy("{'descr': '<f4' 'shape': ()}\n"), "expected ',' or '}'"},
};
INSTANTIATE_TEST_SUITE_P(Framing, NpyHostile, testing::ValuesIn(kFraming),
                         hostileName);

static const HostileFile kFields[] = {
    {"NoDescr", npy("{'fortran_order': False, 'shape': ()}\n"), "no 'descr'"},
    {"NoOrder", npy("{'descr': '<f4', 'shape': ()}\n"), "no 'fortran_order'"},
    {"NoShape", npy("{'descr': '<f4', 'fortran_order': True}\n"), "no 'shape'"},
    {"KeyTwice", npy("{'shape': (), 'shape': ()}\n"), "found 'shape' twice"},
    {"UnknownKey", npy("{'extra': 1}\n"), "found 'extra'"},
    {"Object", npy(literal("|O", "(1,)"), 8), "objects of Python"},
    {"Structured", npy("{'descr': [('a', '<f4')]}\n"), "structured type"},
    {"BigEndian", npy(literal(">f4", "(1,)"), 4), "little-endian"},
    {"BFloat", npy(literal("|V2", "(1,)"), 2), "NumPy has no bf16"},
    {"Complex", npy(literal("<c8", "(1,)"), 8), "found '<c8'"},
    {"Unicode", npy(literal("<U3", "(1,)"), 12), "found '<U3'"},
    {"DescrNumber", npy("{'descr': 4}\n"), "expected a string, found '4}"},
    {"OrderNumber", npy(literal("<f4", "(1,)", "0"), 4), "True or False"},
    {"ShapeNumber", npy(literal("<f4", "(1)"), 4), "needs ','"},
    {"ShapeList", npy(literal("<f4", "[1]"), 4), "a tuple of integers"},
    {"ShapeComma", npy(literal("<f4", "(,)"), 4), "expected an integer"},
    {"ShapeOpen", npy(literal("<f4", "(1 2)"), 4), "expected ',' or ')'"},
    {"DimNegative", npy(literal("<f4", "(-1,)"), 4), "found '-1,)"},
    {"DimFraction", npy(literal("<f4", "(1.0,)"), 4), "found '.0,)"},
    {"DimHuge", npy(literal("<f4", "(9223372036854775808,)"), 4), "2^63"},
    {"DimEndless", npy(literal("<f4", "(" + std::string(9000, '9') + ",)")),
     "an integer below 2^63"},
    {"RankNine", npy(literal("<f4", "(1,1,1,1,1,1,1,1,1)"), 4), "rank <= 8"},
    {"Product", npy(literal("<f4", "(0, 1099511627776, 1099511627776)")),
     "expected a tensor below 2^63 bytes"},
    {"TooShort", npy(literal("<f4", "(2,)"), 7),
     "expected 8 bytes of data for "
     "shape [2], found 7"},
    {"TooLong", npy(literal("<f4", "(2,)"), 9), "found 9"},
    {"BooleanTwo", npy(literal("|b1", "(2,)")) + "\1\2",
     "expected booleans 0 or 1, found 2 at byte 1"},
};
INSTANTIATE_TEST_SUITE_P(Fields, NpyHostile, testing::ValuesIn(kFields),
                         hostileName);
