//===- Matrix.cpp - Element kinds, zero tests and exact conversions -------===//
//
// The table of element kinds and what one element of each kind means. Views
// only address memory; nothing here walks a matrix.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Format/Matrix.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace mlir::sparsity::format {

namespace {
struct KindInfo {
  std::string_view name;
  int64_t bytes;
  bool isFloat, isWeight;
};
} // namespace

/// In the order of ElementKind.
static constexpr KindInfo kKinds[] = {
    {"f64", 8, true, true},   {"f32", 4, true, true},
    {"f16", 2, true, true},   {"bf16", 2, true, true},
    {"i64", 8, false, false}, {"i32", 4, false, false},
    {"i16", 2, false, false}, {"i8", 1, false, true},
    {"u64", 8, false, false}, {"u32", 4, false, false},
    {"u16", 2, false, false}, {"u8", 1, false, true},
    {"bool", 1, false, false}};

static const KindInfo &info(ElementKind kind) {
  return kKinds[static_cast<unsigned>(kind)];
}

int64_t elementBytes(ElementKind kind) { return info(kind).bytes; }
std::string_view elementName(ElementKind kind) { return info(kind).name; }
bool isWeightKind(ElementKind kind) { return info(kind).isWeight; }
bool isFloatKind(ElementKind kind) { return info(kind).isFloat; }

template <typename T>
static T load(const std::byte *element) {
  T value;
  std::memcpy(&value, element, sizeof(T));
  return value;
}

/// IEEE binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
static double halfToDouble(uint16_t bits) {
  int exponent = bits >> 10 & 0x1f;
  int fraction = bits & 0x3ff;
  double magnitude;
  if (exponent == 0x1f)
    magnitude = fraction ? std::numeric_limits<double>::quiet_NaN()
                         : std::numeric_limits<double>::infinity();
  else if (exponent == 0)
    magnitude = std::ldexp(fraction, -24);
  else
    magnitude = std::ldexp(fraction + 0x400, exponent - 25);
  return std::copysign(magnitude, bits & 0x8000 ? -1.0 : 1.0);
}

/// bfloat16 is the upper half of an f32.
static double bfloatToDouble(uint16_t bits) {
  uint32_t word = uint32_t(bits) << 16;
  float value;
  std::memcpy(&value, &word, sizeof(value));
  return value;
}

double toDouble(const std::byte *element, ElementKind kind) {
  switch (kind) {
  case ElementKind::F64:
    return load<double>(element);
  case ElementKind::F32:
    return load<float>(element);
  case ElementKind::F16:
    return halfToDouble(load<uint16_t>(element));
  case ElementKind::BF16:
    return bfloatToDouble(load<uint16_t>(element));
  case ElementKind::I64:
    return static_cast<double>(load<int64_t>(element));
  case ElementKind::I32:
    return load<int32_t>(element);
  case ElementKind::I16:
    return load<int16_t>(element);
  case ElementKind::I8:
    return load<int8_t>(element);
  case ElementKind::U64:
    return static_cast<double>(load<uint64_t>(element));
  case ElementKind::U32:
    return load<uint32_t>(element);
  case ElementKind::U16:
    return load<uint16_t>(element);
  case ElementKind::U8:
  case ElementKind::Bool:
    return load<uint8_t>(element);
  }
  return 0;
}

bool isZero(const std::byte *element, ElementKind kind) {
  return toDouble(element, kind) == 0.0;
}

} // namespace mlir::sparsity::format
