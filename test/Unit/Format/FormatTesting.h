//===- FormatTesting.h - Matrices and buffers for the tests ---------------===//
//
// Owned matrices of any kind and stride, filled with awkward bits, and the
// round trip that every storage format must pass.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_TEST_UNIT_FORMAT_FORMATTESTING_H
#define SPARSE_OPT_TEST_UNIT_FORMAT_FORMATTESTING_H

#include "sparse-opt/Format/StorageFormat.h"

#include "gtest/gtest.h"

#include <cstring>
#include <functional>
#include <random>

namespace mlir::sparsity::format {

inline constexpr ElementKind kWeightKinds[] = {
    ElementKind::F64,  ElementKind::F32, ElementKind::F16,
    ElementKind::BF16, ElementKind::I8,  ElementKind::U8};

/// How a matrix lies in memory.
enum class Layout { RowMajor, ColMajor, Spread, Reversed, Unaligned };
inline constexpr Layout kLayouts[] = {Layout::RowMajor, Layout::ColMajor,
                                      Layout::Spread, Layout::Reversed,
                                      Layout::Unaligned};

class OwnedMatrix {
public:
  OwnedMatrix(ElementKind kind, int64_t rows, int64_t cols,
              Layout layout = Layout::RowMajor);
  /// f32 elements in row-major order.
  OwnedMatrix(int64_t rows, int64_t cols, const std::vector<float> &elements);
  OwnedMatrix(const OwnedMatrix &) = delete;

  MutableMatrixView view();
  uint64_t bits(int64_t row, int64_t col);
  void setBits(int64_t row, int64_t col, uint64_t bits);
  bool zeroAt(int64_t row, int64_t col) {
    return isZero(view().at(row, col), shape.kind);
  }
  /// Zeros of both signs for a fraction of the elements, else any bits: NaN
  /// with payload, infinities, denormals.
  void fillRandom(std::mt19937 &random, double zeros);

private:
  std::vector<std::byte> memory;
  /// Data is an offset into `memory`.
  MutableMatrixView shape;
  int64_t offset = 0;
};

/// Zeroes what exceeds n:m, from the right.
void dropExcess(OwnedMatrix &matrix, int64_t n, int64_t m);

StorageView viewsOf(Storage &storage);

/// Encodes, checks counts, bytes and validity, and decodes into `target`
/// layout. `isStored(row, col)` says which elements must keep their bits; the
/// others must become +0.0.
void checkRoundTrip(const StorageFormat &format, OwnedMatrix &matrix,
                    Layout target,
                    const std::function<bool(int64_t, int64_t)> &isStored);

/// The message of a failed status or result, "" on success.
template <typename T>
std::string messageOf(const T &result) {
  return result ? "" : result.message();
}

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_TEST_UNIT_FORMAT_FORMATTESTING_H
