//===- Tensors.cpp - Tensors of the runtime itself ------------------------===//
//
// .npy files in and out, and the distance of two tensors.
//
//===----------------------------------------------------------------------===//

#include "Tensors.h"

#include "Allocation.h"
#include "Inputs.h"

#include "sparse-opt/Checkpoint/Npy.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using format::elementBytes;

namespace {
struct FreeBlock {
  void operator()(void *block) const { freeBlock(block); }
};
using Block = std::unique_ptr<void, FreeBlock>;
} // namespace

static ElementKind kindOf(const SparseOptTensor &tensor) {
  return static_cast<ElementKind>(tensor.type);
}

Outcome mlir::sparsity::runtime::readTensor(const std::string &path,
                                            SparseOptTensor &tensor) {
  Result<checkpoint::NpyArray> array = checkpoint::readNpy(path);
  if (!array)
    return {SPARSE_OPT_FILE_ERROR, array.error()};
  tensor = {};
  tensor.owner = tensor.data = allocateBlock(array->elements.bytes());
  if (!tensor.data)
    return {SPARSE_OPT_MEMORY_ERROR,
            makeError("out of memory for ", array->elements.bytes(), " bytes")};
  std::memcpy(tensor.data, array->elements.data(), array->elements.bytes());
  tensor.type = static_cast<int32_t>(array->elements.kind());
  tensor.rank = static_cast<int32_t>(array->shape.size());
  std::copy(array->shape.begin(), array->shape.end(), tensor.shape);
  setRowMajor(tensor);
  return {};
}

/// The elements in row-major order: a copy only where they are not.
static const void *rowMajor(const SparseOptTensor &tensor, Block &copy) {
  if (isRowMajor(tensor))
    return tensor.data;
  copy.reset(
      allocateBlock(elementCount(tensor) * elementBytes(kindOf(tensor))));
  if (copy)
    copyRowMajor(tensor, copy.get());
  return copy.get();
}

Outcome mlir::sparsity::runtime::writeTensor(const std::string &path,
                                             const SparseOptTensor &tensor) {
  if (Outcome outcome = checkTensor(tensor, {"tensor", ""}); !outcome)
    return outcome;
  Block copy;
  const void *data = rowMajor(tensor, copy);
  if (!data && elementCount(tensor) > 0)
    return {SPARSE_OPT_MEMORY_ERROR, "out of memory for a copy"};
  format::Status status = checkpoint::writeNpy(
      path, kindOf(tensor), {tensor.shape, tensor.shape + tensor.rank}, data);
  if (!status)
    return {SPARSE_OPT_FILE_ERROR, status.error()};
  return {};
}

/// Absolute difference in the sense of sparse_opt_compare.
static double distance(double actual, double expected) {
  if (actual == expected || (std::isnan(actual) && std::isnan(expected)))
    return 0.0;
  double difference = std::fabs(actual - expected);
  return std::isnan(difference) ? std::numeric_limits<double>::infinity()
                                : difference;
}

Outcome
mlir::sparsity::runtime::compareTensors(const SparseOptTensor &actual,
                                        const SparseOptTensor &expected,
                                        SparseOptDifference &difference) {
  for (const SparseOptTensor *tensor : {&actual, &expected})
    if (Outcome outcome = checkTensor(*tensor, {"tensor", ""}); !outcome)
      return outcome;
  if (actual.type != expected.type)
    return {SPARSE_OPT_TYPE_ERROR,
            makeError("expected element type ",
                      format::elementName(kindOf(expected)), ", got ",
                      format::elementName(kindOf(actual)))};
  if (actual.rank != expected.rank ||
      !std::equal(actual.shape, actual.shape + actual.rank, expected.shape))
    return {
        SPARSE_OPT_VALUE_ERROR,
        makeError("expected shape ",
                  shapeText({expected.shape, expected.shape + expected.rank}),
                  ", got ",
                  shapeText({actual.shape, actual.shape + actual.rank}))};
  Block copies[2];
  const void *first = rowMajor(actual, copies[0]);
  const void *second = rowMajor(expected, copies[1]);
  ElementKind kind = kindOf(actual);
  double largest = 0.0, furthest = 0.0;
  for (int64_t i = 0, e = elementCount(actual); i < e; ++i) {
    int64_t offset = i * elementBytes(kind);
    double a =
        format::toDouble(static_cast<const std::byte *>(first) + offset, kind);
    double b =
        format::toDouble(static_cast<const std::byte *>(second) + offset, kind);
    furthest = std::max(furthest, distance(a, b));
    if (std::isfinite(b))
      largest = std::max(largest, std::fabs(b));
  }
  difference.max_abs = furthest;
  difference.max_rel = furthest == 0.0 ? 0.0 : furthest / largest;
  return {};
}
