//===- Matrix.h - Element kinds and strided matrix views ------------------===//
//
// What a weight looks like before it is packed: a two-dimensional strided view
// on somebody else's memory. Nothing here owns elements.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_MATRIX_H
#define SPARSE_OPT_FORMAT_MATRIX_H

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mlir::sparsity::format {

/// Element types that storage buffers and tensors have.
enum class ElementKind : uint8_t {
  F64,
  F32,
  F16,
  BF16,
  I64,
  I32,
  I16,
  I8,
  U64,
  U32,
  U16,
  U8,
  Bool
};

/// Size of one element in bytes.
int64_t elementBytes(ElementKind kind);
/// "f32", "bf16", "u16", ...
std::string_view elementName(ElementKind kind);
/// True for the kinds a weight may have (f64, f32, f16, bf16, i8, u8).
bool isWeightKind(ElementKind kind);
/// True for f64, f32, f16 and bf16.
bool isFloatKind(ElementKind kind);

/// A matrix of outputs (rows) by inputs of a sum (columns); strides are in
/// elements, so a transposed weight is the same memory with the strides
/// exchanged.
struct MatrixView {
  const void *data = nullptr;
  ElementKind kind = ElementKind::F32;
  int64_t rows = 0, cols = 0;
  int64_t rowStride = 0, colStride = 0;

  const std::byte *at(int64_t row, int64_t col) const {
    return static_cast<const std::byte *>(data) +
           (row * rowStride + col * colStride) * elementBytes(kind);
  }
  MatrixView transposed() const {
    return {data, kind, cols, rows, colStride, rowStride};
  }
};

struct MutableMatrixView {
  void *data = nullptr;
  ElementKind kind = ElementKind::F32;
  int64_t rows = 0, cols = 0;
  int64_t rowStride = 0, colStride = 0;

  operator MatrixView() const {
    return {data, kind, rows, cols, rowStride, colStride};
  }
  std::byte *at(int64_t row, int64_t col) const {
    return static_cast<std::byte *>(data) +
           (row * rowStride + col * colStride) * elementBytes(kind);
  }
};

/// True when the element's value is zero: +0.0, -0.0 or integer 0. NaN is not.
bool isZero(const std::byte *element, ElementKind kind);
/// The element as a double (exact for all kinds but i64/u64 above 2^53).
double toDouble(const std::byte *element, ElementKind kind);

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_MATRIX_H
