//===- Shape.cpp - Checked sizes of tensors -------------------------------===//
//
// Shapes from files and the bytes that they need.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Shape.h"

#include "sparse-opt/Format/CheckedMath.h"

#include <algorithm>
#include <limits>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

static constexpr uint64_t kLargest = std::numeric_limits<int64_t>::max();

Result<std::vector<int64_t>>
checkpoint::toShape(const std::vector<uint64_t> &dims) {
  if (dims.size() > kMaxRank)
    return makeError("expected rank <= ", kMaxRank, ", found ", dims.size());
  std::vector<int64_t> shape;
  for (uint64_t dim : dims) {
    if (dim > kLargest)
      return makeError("expected a dimension below 2^63, found ", dim);
    shape.push_back(static_cast<int64_t>(dim));
  }
  return shape;
}

Result<uint64_t> checkpoint::shapeBytes(ElementKind kind,
                                        const std::vector<int64_t> &shape) {
  if (shape.size() > kMaxRank)
    return makeError("expected rank <= ", kMaxRank, ", found ", shape.size());
  format::CheckedSize product = format::elementBytes(kind);
  bool isEmpty = false;
  for (int64_t dim : shape) {
    if (dim < 0)
      return makeError("expected dimensions >= 0, found ", shapeText(shape));
    isEmpty |= dim == 0;
    product = format::checkedMul(product, std::max<int64_t>(dim, 1));
  }
  if (!product)
    return makeError("expected a tensor below 2^63 bytes, found shape ",
                     shapeText(shape));
  return isEmpty ? 0 : static_cast<uint64_t>(*product);
}

std::string checkpoint::shapeText(const std::vector<int64_t> &shape) {
  std::string result = "[";
  for (int64_t dim : shape)
    result += (result.size() > 1 ? ", " : "") + std::to_string(dim);
  return result + "]";
}
