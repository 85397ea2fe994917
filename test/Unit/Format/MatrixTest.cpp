//===- MatrixTest.cpp - Element kinds, conversions, buffers ---------------===//
//
// Exact conversions of every kind, zero tests, strided addressing, and the
// owned buffers of a storage.
//
//===----------------------------------------------------------------------===//

#include "FormatTesting.h"

#include <cmath>
#include <limits>

using namespace mlir::sparsity::format;

/// A sanitizer would end the program where malloc fails.
extern "C" const char *__asan_default_options() {
  return "allocator_may_return_null=1";
}

template <typename T>
static double convert(T value, ElementKind kind) {
  return toDouble(reinterpret_cast<const std::byte *>(&value), kind);
}

template <typename T>
static bool zero(T value, ElementKind kind) {
  return isZero(reinterpret_cast<const std::byte *>(&value), kind);
}

TEST(Matrix, KindTable) {
  struct Row {
    ElementKind kind;
    const char *name;
    int64_t bytes;
    bool weight, isFloat;
  } rows[] = {{ElementKind::F64, "f64", 8, true, true},
              {ElementKind::F32, "f32", 4, true, true},
              {ElementKind::F16, "f16", 2, true, true},
              {ElementKind::BF16, "bf16", 2, true, true},
              {ElementKind::I64, "i64", 8, false, false},
              {ElementKind::I32, "i32", 4, false, false},
              {ElementKind::I16, "i16", 2, false, false},
              {ElementKind::I8, "i8", 1, true, false},
              {ElementKind::U64, "u64", 8, false, false},
              {ElementKind::U32, "u32", 4, false, false},
              {ElementKind::U16, "u16", 2, false, false},
              {ElementKind::U8, "u8", 1, true, false},
              {ElementKind::Bool, "bool", 1, false, false}};
  for (const Row &row : rows) {
    EXPECT_EQ(elementName(row.kind), row.name);
    EXPECT_EQ(elementBytes(row.kind), row.bytes) << row.name;
    EXPECT_EQ(isWeightKind(row.kind), row.weight) << row.name;
    EXPECT_EQ(isFloatKind(row.kind), row.isFloat) << row.name;
  }
}

TEST(Matrix, EveryHalf) {
  // Written out again, from the definition of binary16.
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    int exponent = bits >> 10 & 31, fraction = bits & 1023;
    double value = convert(uint16_t(bits), ElementKind::F16);
    EXPECT_EQ(std::signbit(value), bits >> 15 == 1) << bits;
    if (exponent == 31 && fraction != 0) {
      EXPECT_TRUE(std::isnan(value)) << bits;
      continue;
    }
    double expected = exponent == 31 ? std::numeric_limits<double>::infinity()
                      : exponent == 0
                          ? fraction / 1024.0 * std::exp2(-14)
                          : (1 + fraction / 1024.0) * std::exp2(exponent - 15);
    EXPECT_EQ(std::fabs(value), expected) << bits;
    EXPECT_EQ(zero(uint16_t(bits), ElementKind::F16), (bits & 0x7fff) == 0);
  }
}

TEST(Matrix, BFloat) {
  EXPECT_EQ(convert(uint16_t(0x3f80), ElementKind::BF16), 1.0);
  EXPECT_EQ(convert(uint16_t(0xc049), ElementKind::BF16), -3.140625);
  EXPECT_EQ(convert(uint16_t(0x0001), ElementKind::BF16), std::exp2(-133));
  EXPECT_EQ(convert(uint16_t(0xff80), ElementKind::BF16), -INFINITY);
  EXPECT_TRUE(std::isnan(convert(uint16_t(0x7f81), ElementKind::BF16)));
  EXPECT_TRUE(zero(uint16_t(0x8000), ElementKind::BF16));
  EXPECT_FALSE(zero(uint16_t(0x8001), ElementKind::BF16));
}

TEST(Matrix, OtherKinds) {
  EXPECT_EQ(convert(0.1, ElementKind::F64), 0.1);
  EXPECT_EQ(convert(0.1f, ElementKind::F32), double(0.1f));
  EXPECT_EQ(convert(int64_t(-5), ElementKind::I64), -5.0);
  EXPECT_EQ(convert(int32_t(-5), ElementKind::I32), -5.0);
  EXPECT_EQ(convert(int16_t(-5), ElementKind::I16), -5.0);
  EXPECT_EQ(convert(int8_t(-128), ElementKind::I8), -128.0);
  EXPECT_EQ(convert(UINT64_MAX, ElementKind::U64), std::exp2(64));
  EXPECT_EQ(convert(UINT32_MAX, ElementKind::U32), 4294967295.0);
  EXPECT_EQ(convert(uint16_t(65535), ElementKind::U16), 65535.0);
  EXPECT_EQ(convert(uint8_t(255), ElementKind::U8), 255.0);
  EXPECT_EQ(convert(true, ElementKind::Bool), 1.0);
}

TEST(Matrix, Zeros) {
  EXPECT_TRUE(zero(0.0, ElementKind::F64));
  EXPECT_TRUE(zero(-0.0, ElementKind::F64));
  EXPECT_TRUE(zero(-0.0f, ElementKind::F32));
  EXPECT_FALSE(zero(std::nan(""), ElementKind::F64));
  EXPECT_FALSE(
      zero(std::numeric_limits<float>::denorm_min(), ElementKind::F32));
  EXPECT_FALSE(zero(int8_t(-128), ElementKind::I8));
  EXPECT_FALSE(zero(int64_t(1) << 63, ElementKind::I64));
}

TEST(Matrix, ViewsAddressByStride) {
  float data[] = {0, 1, 2, 3, 4, 5};
  MutableMatrixView matrix{data, ElementKind::F32, 2, 3, 3, 1};
  MatrixView turned = MatrixView(matrix).transposed();
  EXPECT_EQ(turned.rows, 3);
  EXPECT_EQ(turned.cols, 2);
  for (int64_t row = 0; row < 2; ++row)
    for (int64_t col = 0; col < 3; ++col) {
      EXPECT_EQ(toDouble(matrix.at(row, col), matrix.kind), row * 3 + col);
      EXPECT_EQ(turned.at(col, row), matrix.at(row, col));
    }
}

TEST(Buffer, IsAlignedAndZero) {
  for (int64_t count : {0, 1, 15, 16, 17, 1000}) {
    Buffer buffer(ElementKind::F32, count);
    ASSERT_NE(buffer.data(), nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer.data()) % 64, 0u);
    EXPECT_EQ(buffer.count(), count);
    EXPECT_EQ(buffer.bytes(), 4 * count);
    for (int64_t i = 0; i < count; ++i)
      EXPECT_EQ(buffer.as<uint32_t>()[i], 0u);
    BufferView view = buffer;
    EXPECT_EQ(view.data, buffer.data());
    EXPECT_EQ(view.count, count);
  }
}

TEST(Buffer, FailsWithoutMemory) {
  EXPECT_EQ(Buffer(ElementKind::F64, -1).data(), nullptr);
  EXPECT_EQ(Buffer(ElementKind::F64, INT64_MAX).data(), nullptr);
  EXPECT_EQ(Buffer(ElementKind::F64, int64_t(1) << 58).data(), nullptr);
}

TEST(Buffer, Moves) {
  Buffer first(ElementKind::U8, 3);
  first.as<uint8_t>()[2] = 7;
  Buffer second(std::move(first));
  EXPECT_EQ(second.as<uint8_t>()[2], 7);
  EXPECT_EQ(second.count(), 3);
  Buffer third(ElementKind::F32, 1);
  third = std::move(second);
  EXPECT_EQ(third.kind(), ElementKind::U8);
  EXPECT_EQ(third.as<uint8_t>()[2], 7);
}

TEST(Result, Messages) {
  EXPECT_EQ(
      makeError("row ", int64_t(-3), ": ", 0.5, " of '", std::string("x"), "'")
          .message,
      "row -3: 0.5 of 'x'");
  Result<int> value = 3, failed = Error{"expected 1, found 2"};
  EXPECT_TRUE(value && *value == 3);
  EXPECT_EQ(messageOf(failed), "expected 1, found 2");
  Status status = failed.error();
  EXPECT_EQ(messageOf(status), "expected 1, found 2");
  EXPECT_EQ(status.error().message, "expected 1, found 2");
}
