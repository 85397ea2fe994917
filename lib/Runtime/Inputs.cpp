//===- Inputs.cpp - Checks of the tensors that a caller hands over --------===//
//
// See Inputs.h. The checks of one call must stay far below a microsecond, so
// no text is made before something is wrong.
//
//===----------------------------------------------------------------------===//

#include "Inputs.h"

#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Format/CheckedMath.h"

#include <cstring>

using namespace mlir::sparsity;
using namespace mlir::sparsity::runtime;
using format::CheckedSize;
using format::elementBytes;

static ElementKind kindOf(const SparseOptTensor &tensor) {
  return static_cast<ElementKind>(tensor.type);
}

static std::string shapeOf(const SparseOptTensor &tensor) {
  return shapeText({tensor.shape, tensor.shape + tensor.rank});
}

int64_t mlir::sparsity::runtime::elementCount(const SparseOptTensor &tensor) {
  int64_t count = 1;
  for (int32_t i = 0; i < tensor.rank; ++i)
    count *= tensor.shape[i];
  return count;
}

bool mlir::sparsity::runtime::isRowMajor(const SparseOptTensor &tensor) {
  int64_t step = 1;
  bool isDense = true;
  for (int32_t i = tensor.rank; i-- > 0;) {
    if (tensor.shape[i] == 0)
      return true;
    isDense &= tensor.shape[i] == 1 || tensor.strides[i] == step;
    step *= tensor.shape[i];
  }
  return isDense;
}

void mlir::sparsity::runtime::setRowMajor(SparseOptTensor &tensor) {
  int64_t step = 1;
  for (int32_t i = tensor.rank; i-- > 0;) {
    tensor.strides[i] = step;
    step *= tensor.shape[i];
  }
}

/// The distance in bytes of the farthest element from the first must fit.
static bool hasValidStrides(const SparseOptTensor &tensor) {
  CheckedSize reach = elementBytes(kindOf(tensor));
  for (int32_t i = 0; i < tensor.rank; ++i) {
    if (tensor.strides[i] == INT64_MIN)
      return false;
    int64_t stride = std::abs(tensor.strides[i]);
    CheckedSize bytes =
        format::checkedMul(format::checkedMul(tensor.shape[i] - 1, stride),
                           elementBytes(kindOf(tensor)));
    reach = format::checkedAdd(reach, bytes);
  }
  return reach.has_value();
}

std::string Subject::text() const {
  return name.empty() ? role : role + (" " + checkpoint::quoteName(name));
}

static bool hasKnownType(const SparseOptTensor &tensor) {
  return tensor.type >= 0 && tensor.type <= SPARSE_OPT_BOOL;
}

static std::string typeOf(const SparseOptTensor &tensor) {
  return hasKnownType(tensor) ? std::string(format::elementName(kindOf(tensor)))
                              : "code " + std::to_string(tensor.type);
}

Outcome mlir::sparsity::runtime::checkTensor(const SparseOptTensor &tensor,
                                             Subject subject) {
  if (!hasKnownType(tensor))
    return {SPARSE_OPT_TYPE_ERROR,
            makeError("expected an element type for ", subject.text(), ", got ",
                      typeOf(tensor))};
  if (tensor.rank < 0 || tensor.rank > SPARSE_OPT_MAX_RANK)
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected 0 to ", SPARSE_OPT_MAX_RANK, " dimensions for ",
                      subject.text(), ", got ", tensor.rank)};
  CheckedSize bytes = elementBytes(kindOf(tensor));
  bool isEmpty = false;
  for (int32_t i = 0; i < tensor.rank; ++i) {
    if (tensor.shape[i] < 0)
      return {SPARSE_OPT_VALUE_ERROR,
              makeError("expected extents >= 0 for ", subject.text(), ", got ",
                        tensor.shape[i], " in dimension ", i)};
    isEmpty |= tensor.shape[i] == 0;
    // Zeros left out: strides of the other dimensions must not overflow either.
    bytes = format::checkedMul(bytes, tensor.shape[i] ? tensor.shape[i] : 1);
  }
  if (!bytes)
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected a size that fits into 63 bits for ",
                      subject.text(), ", got extents ", shapeOf(tensor))};
  // So that sizes computed from the extents of empty tensors do not overflow.
  constexpr int64_t kMostOfNothing = 1 << 24;
  for (int32_t i = 0; isEmpty && i < tensor.rank; ++i)
    if (tensor.shape[i] > kMostOfNothing)
      return {SPARSE_OPT_VALUE_ERROR,
              makeError("expected extents up to ", kMostOfNothing,
                        " for the empty ", subject.text(), ", got ",
                        tensor.shape[i], " in dimension ", i)};
  if (!isEmpty && !tensor.data)
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected memory for ", subject.text(), ", got null")};
  if (!isEmpty && !hasValidStrides(tensor))
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected strides that fit into 63 bits for ",
                      subject.text())};
  return {};
}

static bool isKindOf(const SparseOptTensor &tensor, const TensorSpec &spec) {
  ElementKind kind = kindOf(tensor);
  if (kind == spec.kind)
    return true;
  // I64..I8 and U64..U8 are in one order.
  constexpr int kToUnsigned = SPARSE_OPT_U64 - SPARSE_OPT_I64;
  return spec.isSignless &&
         tensor.type == static_cast<int>(spec.kind) + kToUnsigned;
}

static bool fitsShape(const SparseOptTensor &tensor, const TensorSpec &spec) {
  for (int32_t i = 0; i < tensor.rank; ++i)
    if (spec.shape[i] != -1 && spec.shape[i] != tensor.shape[i])
      return false;
  return true;
}

template <typename Visit>
static void forEachRow(const SparseOptTensor &tensor, Visit visit) {
  const int64_t size = elementBytes(kindOf(tensor));
  const int32_t outer = tensor.rank - 1;
  const std::byte *row = static_cast<const std::byte *>(tensor.data);
  int64_t index[SPARSE_OPT_MAX_RANK] = {};
  while (true) {
    visit(row);
    int32_t i = outer;
    for (; i-- > 0;) {
      row += tensor.strides[i] * size;
      if (++index[i] < tensor.shape[i])
        break;
      row -= tensor.strides[i] * size * tensor.shape[i];
      index[i] = 0;
    }
    if (i < 0)
      return;
  }
}

void mlir::sparsity::runtime::copyRowMajor(const SparseOptTensor &tensor,
                                           void *target) {
  const int64_t size = elementBytes(kindOf(tensor));
  const int64_t count = elementCount(tensor);
  if (count == 0)
    return;
  if (isRowMajor(tensor)) {
    std::memcpy(target, tensor.data, count * size);
    return;
  }
  const int64_t length = tensor.shape[tensor.rank - 1];
  const int64_t step = tensor.strides[tensor.rank - 1] * size;
  std::byte *out = static_cast<std::byte *>(target);
  forEachRow(tensor, [&](const std::byte *row) {
    if (step == size) {
      std::memcpy(out, row, length * size);
    } else {
      for (int64_t i = 0; i < length; ++i)
        std::memcpy(out + i * size, row + i * step, size);
    }
    out += length * size;
  });
}

/// Any other byte would be neither true nor false to generated code.
static bool hasValidBooleans(const SparseOptTensor &tensor) {
  if (kindOf(tensor) != ElementKind::Bool || elementCount(tensor) == 0)
    return true;
  uint8_t all = 0;
  if (isRowMajor(tensor)) {
    const uint8_t *bytes = static_cast<const uint8_t *>(tensor.data);
    for (int64_t i = 0, e = elementCount(tensor); i < e; ++i)
      all |= bytes[i];
    return all <= 1;
  }
  const int64_t length = tensor.shape[tensor.rank - 1];
  const int64_t step = tensor.strides[tensor.rank - 1];
  forEachRow(tensor, [&](const std::byte *row) {
    for (int64_t i = 0; i < length; ++i)
      all |= std::to_integer<uint8_t>(row[i * step]);
  });
  return all <= 1;
}

Outcome mlir::sparsity::runtime::checkAgainst(const SparseOptTensor &tensor,
                                              const TensorSpec &spec,
                                              const char *role) {
  Subject subject{role, spec.name};
  if (!hasKnownType(tensor) || !isKindOf(tensor, spec))
    return {SPARSE_OPT_TYPE_ERROR,
            makeError("expected element type ", format::elementName(spec.kind),
                      " for ", subject.text(), ", got ", typeOf(tensor))};
  if (tensor.rank != static_cast<int32_t>(spec.shape.size()))
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected rank ", spec.shape.size(), " for ",
                      subject.text(), ", got ", tensor.rank)};
  if (Outcome outcome = checkTensor(tensor, subject); !outcome)
    return outcome;
  if (!fitsShape(tensor, spec))
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected shape ", shapeText(spec.shape), " for ",
                      subject.text(), ", got ", shapeOf(tensor))};
  if (!hasValidBooleans(tensor))
    return {SPARSE_OPT_VALUE_ERROR,
            makeError("expected bytes 0 and 1 in the booleans of ",
                      subject.text())};
  return {};
}
