//===- CheckedMath.h - Size arithmetic that cannot wrap -------------------===//
//
// Sums, products and roundings of sizes (counts, bytes, extents) that yield
// nothing instead of a wrapped number. All size code goes through here; index
// arithmetic inside buffers whose sizes were checked does not need it.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_CHECKEDMATH_H
#define SPARSE_OPT_FORMAT_CHECKEDMATH_H

#include <cstdint>
#include <optional>

namespace mlir::sparsity::format {

/// A size >= 0, or nothing once a step overflowed or an operand was negative.
/// Nothing stays nothing, so steps nest: `checkedMul(cols, checkedRoundUp(rows,
/// 16))`.
using CheckedSize = std::optional<int64_t>;

inline bool areSizes(CheckedSize a, CheckedSize b) {
  return a && b && *a >= 0 && *b >= 0;
}

inline CheckedSize checkedAdd(CheckedSize a, CheckedSize b) {
  int64_t sum;
  if (!areSizes(a, b) || __builtin_add_overflow(*a, *b, &sum))
    return std::nullopt;
  return sum;
}

inline CheckedSize checkedMul(CheckedSize a, CheckedSize b) {
  int64_t product;
  if (!areSizes(a, b) || __builtin_mul_overflow(*a, *b, &product))
    return std::nullopt;
  return product;
}

/// a / b, rounded up; nothing when b is 0. Never overflows.
inline CheckedSize checkedCeilDiv(CheckedSize a, CheckedSize b) {
  if (!areSizes(a, b) || *b == 0)
    return std::nullopt;
  return *a / *b + (*a % *b != 0);
}

/// The smallest multiple of b that is not below a.
inline CheckedSize checkedRoundUp(CheckedSize a, CheckedSize b) {
  return checkedMul(checkedCeilDiv(a, b), b);
}

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_CHECKEDMATH_H
