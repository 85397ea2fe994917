//===- Inputs.h - Checks of the tensors that a caller hands over ----------===//
//
// Everything that is checked before generated code may see a tensor. Private to
// this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_INPUTS_H
#define SPARSE_OPT_LIB_RUNTIME_INPUTS_H

#include "LastError.h"
#include "Metadata.h"

#include "sparse-opt/Runtime/Runtime.h"

namespace mlir::sparsity::runtime {

/// Elements of a tensor whose extents were checked.
int64_t elementCount(const SparseOptTensor &tensor);

/// True when the elements lie in row-major order without gaps; strides of
/// dimensions of extent 1, and of empty tensors, do not count.
bool isRowMajor(const SparseOptTensor &tensor);

/// Sets the strides of a row-major tensor.
void setRowMajor(SparseOptTensor &tensor);

/// What a tensor is to the user: "input 'x'".
struct Subject {
  const char *role;
  std::string_view name;
  std::string text() const;
};

/// A tensor that may be used at all: a known type and rank, extents that are
/// not negative and whose product fits, memory where there are elements.
Outcome checkTensor(const SparseOptTensor &tensor, Subject subject);

/// checkTensor, and that the tensor is what `spec` says; booleans must be 0 or
/// 1. `role` is "input" or "parameter".
Outcome checkAgainst(const SparseOptTensor &tensor, const TensorSpec &spec,
                     const char *role);

/// Copies the elements of `tensor` in row-major order to `target`.
void copyRowMajor(const SparseOptTensor &tensor, void *target);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_INPUTS_H
