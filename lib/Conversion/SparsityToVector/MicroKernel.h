//===- MicroKernel.h - Register tiles -------------------------------------===//
//
// The one generator of register tiles, shared by every kernel in which a vector
// holds neighbouring outputs: dense panels, blocks and products of two dense
// operands. Which weights are visited is the caller's loop.
//
//===----------------------------------------------------------------------===//
//
// A tile of 2 tokens and outputs 0..7 in vectors of 4 has four accumulators:
//
//              w[k][0..3]  w[k][4..7]        one step, for one k:
//   x[t+0][k]     acc 0       acc 1            each w vector is loaded once,
//   x[t+1][k]     acc 2       acc 3            each x is broadcast once
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_MICROKERNEL_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_MICROKERNEL_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"

namespace mlir::sparsity {

struct RegisterTile {
  int64_t tokens;
  /// Lanes of each vector of outputs.
  SmallVector<int64_t> widths;
  /// Outputs that exist; the lanes after them are computed and dropped.
  int64_t outputs;

  int64_t accumulators() const { return tokens * widths.size(); }
};

/// Vectors of `lanes` that cover `outputs`; weights must be padded to them.
SmallVector<int64_t> coverWithVectors(int64_t outputs, int64_t lanes);
/// Powers of two up to `lanes` that sum to exactly `outputs`.
SmallVector<int64_t> splitIntoVectors(int64_t outputs, int64_t lanes);

/// Tokens of a tile with `vectors` of outputs: those the descriptor asks for,
/// or those whose accumulators leave a register for each vector and one more;
/// from 1 to `tallest`.
int64_t chooseTokens(const Product &product, int64_t vectors, int64_t tallest);

/// Accumulators that start as bias[output ..] or zero, token by token.
SmallVector<Value> startTile(Emitter &e, const RegisterTile &tile, Value bias,
                             Value output, Type compute);
/// Accumulators of the sums so far, from y.
SmallVector<Value> loadTile(Emitter &e, const RegisterTile &tile, Value y,
                            Value token, Value column);
void storeTile(Emitter &e, const RegisterTile &tile, ArrayRef<Value> sums,
               Value y, Value token, Value column);
/// Adds x[token .., k] * weights[at ..] to the accumulators.
void stepTile(Emitter &e, const RegisterTile &tile, MutableArrayRef<Value> sums,
              Value x, Value token, Value k, Value weights, ValueRange at);

/// Cuts `tokens` into tiles of `tile` and smaller ones for the rest.
void forTokenTiles(Emitter &e, Value tokens, int64_t tile,
                   function_ref<void(Value token, int64_t count)> body);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_MICROKERNEL_H
