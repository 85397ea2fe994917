//===- StatisticOps.h - Ops that compute statistics -----------------------===//
//
// What is added to a statistic, as ops on tensors. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_TRANSFORMS_INSTRUMENT_STATISTICOPS_H
#define SPARSE_OPT_LIB_TRANSFORMS_INSTRUMENT_STATISTICOPS_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

namespace mlir::sparsity {

/// `value` as rows by what is summed along, in f32 or f64: dimensions are
/// exchanged, all but the last collapsed, and elements extended. `inputs` is
/// the extent of the last one, which the value's type may not say.
Value makeRows(OpBuilder &builder, Location loc, Value value,
               bool isSummedAlongLast, int64_t inputs);

/// The type of a statistic `kind` of `rows`.
RankedTensorType getStatisticType(StringRef kind, RankedTensorType rows);

/// `old`, a statistic of `kind`, with `rows` added.
Value addStatistic(OpBuilder &builder, Location loc, StringRef kind, Value rows,
                   Value old);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_TRANSFORMS_INSTRUMENT_STATISTICOPS_H
