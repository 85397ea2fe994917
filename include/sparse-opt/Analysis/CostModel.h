//===- CostModel.h - Predicted time of a product --------------------------===//
//
// Ranks the kernels that a format offers on a target. A roofline: the slower of
// moving the bytes and issuing the instructions. Which format may be used at
// all is the caller's question.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_ANALYSIS_COSTMODEL_H
#define SPARSE_OPT_ANALYSIS_COSTMODEL_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Target/TargetDescription.h"

namespace mlir::sparsity {

/// A product of a rows x cols weight (outputs x inputs) with `tokens` rows of a
/// dense operand.
struct Product {
  int64_t tokens, rows, cols;
  Type elementType;
  /// Elements that the format keeps, blocks counted whole.
  int64_t stored;
};

struct Prediction {
  /// The kernel for few tokens, whose tile the product's `kernel` records.
  format::KernelDescriptor kernel;
  /// Seconds with all threads of the target, or on one if they are unknown.
  double seconds;
  /// Bytes of the packed weight.
  int64_t bytes;
};

/// What the kernels of `format` need for the product.
Prediction predict(const Product &product, FormatAttrInterface format,
                   const TargetDescription &target);

/// The numbers of tokens that stand for all when the number is unknown at
/// compile time: decode, short, prefill, batch.
ArrayRef<int64_t> getRegimes();

} // namespace mlir::sparsity

#endif // SPARSE_OPT_ANALYSIS_COSTMODEL_H
