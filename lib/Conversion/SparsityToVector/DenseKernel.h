//===- DenseKernel.h - Products with dense panels -------------------------===//
//
// The kernel over panels of a dense matrix, for packed weights and for operands
// that are packed at run time.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_DENSEKERNEL_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_DENSEKERNEL_H

#include "MicroKernel.h"

namespace mlir::sparsity {

/// Vectors of outputs and tokens of a dense register tile for panels of `panel`
/// outputs: accumulators, one row of weights and one broadcast stay in
/// registers.
RegisterTile chooseDenseTile(const Product &product, int64_t panel);

/// A strip of outputs inside a panel: element (o, k) is weights[offset +
/// k * pitch + o], or weights[k, offset + o] of a matrix.
struct DenseStrip {
  Value weights, offset;
  int64_t pitch;
  /// First output (of the bias) and first column of y.
  Value output, column;
  /// How far behind `offset` the weights begin that are visited after these,
  /// or null: they are fetched into the second-level cache meanwhile.
  Value ahead = {};
};

/// Sums over k in [begin, end) for all tokens. `isFirst` is null or says
/// whether sums start here; otherwise they continue from y. `unroll` sums are
/// kept apart when a tile has few accumulators.
void emitDenseStrip(Emitter &e, const RegisterTile &tile,
                    const DenseStrip &strip, Value x, Value y, Value bias,
                    Value tokens, Value begin, Value end, Value isFirst);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_DENSEKERNEL_H
