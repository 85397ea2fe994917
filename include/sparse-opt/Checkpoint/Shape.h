//===- Shape.h - Checked sizes of tensors ---------------------------------===//
//
// Shapes from files and the bytes that they need. The checked steps themselves
// are Format's CheckedMath.h.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_SHAPE_H
#define SPARSE_OPT_CHECKPOINT_SHAPE_H

#include "sparse-opt/Format/Matrix.h"
#include "sparse-opt/Format/Result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace mlir::sparsity::checkpoint {

using format::ElementKind;
using format::Error;
using format::makeError;
using format::Result;
using format::Status;

/// The most dimensions that a tensor may have.
inline constexpr size_t kMaxRank = 8;

/// What a tensor is, without its bytes.
struct TensorType {
  std::string name;
  ElementKind kind = ElementKind::F32;
  std::vector<int64_t> shape;
};

/// Dimensions from a file as a shape. Fails above kMaxRank dimensions and on a
/// dimension that 63 bits cannot hold.
Result<std::vector<int64_t>> toShape(const std::vector<uint64_t> &dims);

/// Bytes of a tensor, 0 when a dimension is 0. The product of all dimensions
/// that are not 0 must fit into 63 bits, so that the order of the dimensions
/// does not matter: [0, 2^40, 2^40] is refused as [2^40, 2^40, 0] is.
Result<uint64_t> shapeBytes(ElementKind kind,
                            const std::vector<int64_t> &shape);

/// "[2, 3]".
std::string shapeText(const std::vector<int64_t> &shape);

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_SHAPE_H
