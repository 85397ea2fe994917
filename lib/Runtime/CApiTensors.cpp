//===- CApiTensors.cpp - The C interface: tensors -------------------------===//
//
// Checks pointers, and forwards.
//
//===----------------------------------------------------------------------===//

#include "Tensors.h"

using namespace mlir::sparsity::runtime;

static SparseOptStatus nullPointer() {
  return fail(SPARSE_OPT_VALUE_ERROR, "expected paths and tensors, got null");
}

SparseOptStatus sparse_opt_read_npy(const char *path, SparseOptTensor *tensor) {
  if (!path || !tensor)
    return nullPointer();
  return readTensor(path, *tensor).publish();
}

SparseOptStatus sparse_opt_write_npy(const char *path,
                                     const SparseOptTensor *tensor) {
  if (!path || !tensor)
    return nullPointer();
  return writeTensor(path, *tensor).publish();
}

SparseOptStatus sparse_opt_compare(const SparseOptTensor *actual,
                                   const SparseOptTensor *expected,
                                   SparseOptDifference *difference) {
  if (!actual || !expected || !difference)
    return nullPointer();
  return compareTensors(*actual, *expected, *difference).publish();
}
