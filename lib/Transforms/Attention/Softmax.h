//===- Softmax.h - Softmaxes spelled out in generics ------------*- C++ -*-===//
//
// Recognises a softmax along the last dimension as frameworks decompose it.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_ATTENTION_SOFTMAX_H
#define SPARSE_OPT_LIB_TRANSFORMS_ATTENTION_SOFTMAX_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace mlir::sparsity {

struct Softmax {
  Value scores;
  /// Rows whose scores are all -infinity give 0, not NaN.
  bool zeroRows;
};

/// The softmax whose result is `weights`, or nothing.
std::optional<Softmax> matchSoftmax(Value weights);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_ATTENTION_SOFTMAX_H
