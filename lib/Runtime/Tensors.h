//===- Tensors.h - Tensors of the runtime itself --------------------------===//
//
// Reading, writing and comparing tensors. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_RUNTIME_TENSORS_H
#define SPARSE_OPT_LIB_RUNTIME_TENSORS_H

#include "LastError.h"

namespace mlir::sparsity::runtime {

Outcome readTensor(const std::string &path, SparseOptTensor &tensor);
Outcome writeTensor(const std::string &path, const SparseOptTensor &tensor);
Outcome compareTensors(const SparseOptTensor &actual,
                       const SparseOptTensor &expected,
                       SparseOptDifference &difference);

} // namespace mlir::sparsity::runtime

#endif // SPARSE_OPT_LIB_RUNTIME_TENSORS_H
