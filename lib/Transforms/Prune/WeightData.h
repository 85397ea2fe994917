//===- WeightData.h - The numbers of a parameter --------------------------===//
//
// A parameter as the matrix that patterns speak about. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_PRUNE_WEIGHTDATA_H
#define SPARSE_OPT_LIB_TRANSFORMS_PRUNE_WEIGHTDATA_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include <optional>
#include <string>

namespace mlir::sparsity {

/// True for tensors of rank 2 or more with elements that a weight may have.
bool isWeightType(Type type);

/// The elements of `parameter`, borrowed: rank 2 as it is, higher ranks as
/// dimension 0 by all others (the filters of a convolution). A splat is a view
/// with strides 0. The error reads well after "parameter 'x'".
format::Result<format::MatrixView> getWeightMatrix(ParameterOp parameter);

/// "NaN in row 1, column 2", the first one, or nothing.
std::optional<std::string> findNaN(const format::MatrixView &matrix);

/// `parameter`'s value with every element cleared that `mask` prunes, and all
/// others as they are or rounded from `values` (row major): inline constants
/// stay inline, anything else becomes a new resource that the context owns.
/// `weight` is what getWeightMatrix returned. Fails, with a message, where a
/// value is beyond the range of the weight's type.
FailureOr<ElementsAttr> getPrunedValue(ParameterOp parameter,
                                       const format::MatrixView &weight,
                                       const format::Mask &mask,
                                       ArrayRef<double> values = {});

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_PRUNE_WEIGHTDATA_H
