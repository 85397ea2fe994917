//===- ColumnKernel.h - Products entry by entry ---------------------------===//
//
// The kernel in which a vector holds neighbouring tokens: every stored entry is
// a value and a column, wherever they come from.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"

#include <functional>

namespace mlir::sparsity {

/// Inputs `begin` .. `end` - 1 of a product, at most `most`.
struct InputTile {
  Value begin, end;
  int64_t most;
};

/// The stored entries of one output in a tile, in steps [begin, end), and how
/// to load the values and columns (indices, from the tile's begin on) of one
/// step.
struct EntrySource {
  Value begin, end;
  std::function<SmallVector<std::pair<Value, Value>>(Value step)> load;
  /// Set where the steps are those of all tiles: the column of a step's only
  /// entry, which ascends from step to step.
  std::function<Value(Value step)> column;
  /// Fetches this output's share of what later outputs need in the tile; may be
  /// empty.
  std::function<void()> prefetch;
};

/// A format as the column kernel sees it.
struct ColumnFormat {
  /// Outputs of one work unit.
  int64_t unitOutputs;
  /// Tiles of inputs start at multiples of it.
  int64_t tileMultiple;
  /// Sources hold the steps of all tiles (`EntrySource::column`).
  bool holdsAllTiles = false;
};

/// The entries of an output in a tile.
using LoadEntries = function_ref<EntrySource(Value output, InputTile tile)>;

Partition getColumnPartition(const Product &product,
                             const ColumnFormat &format);

/// Stores one vector of tokens of an input.
using StoreColumn = function_ref<void(Value input, Value tokens)>;

/// Transposes x (tokens x inputs) for the vector of tokens from `token` on and
/// the inputs `begin` to `end` - 1; past `last`, that token is repeated.
/// `ahead` inputs further (null = nowhere), x is fetched into the second-level
/// cache.
void transposeTokens(Emitter &e, int64_t lanes, Value x, Value token,
                     Value last, Value begin, Value end, Value ahead,
                     StoreColumn store);

/// Emits a work item; `emitFew` computes one with fewer
/// than `product.columnTokens`.
void emitColumnItem(Emitter &e, const Product &product, const WorkItem &item,
                    const ColumnFormat &format, LoadEntries entries,
                    function_ref<void()> emitFew);

/// Emits a work item in scalars, token by token and output by output.
void emitScalarItem(Emitter &e, const Product &product, const WorkItem &item,
                    const ColumnFormat &format, LoadEntries entries);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H
