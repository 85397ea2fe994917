//===- ColumnKernel.h - Products entry by entry ---------------------------===//
//
// The kernel in which a vector holds neighbouring tokens: every stored entry is
// a value and a column, wherever they come from. It cuts the inputs into tiles,
// transposes x and keeps the sums; what multiplies a tile is the format's.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H

#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"

namespace mlir::sparsity {

/// A format as the column kernel sees it.
struct ColumnFormat {
  /// Outputs of one work unit.
  int64_t unitOutputs;
  /// Tiles of inputs start at multiples of it.
  int64_t tileMultiple;
  /// An output's entries do not say where a tile of inputs starts.
  bool isSearched = false;
  /// Memory beside x that is visited several times in a tile.
  int64_t bytesPerInput = 0;
  /// The most elements of x in a tile (0 = any).
  int64_t mostElements = 0;
};

/// Inputs `begin` .. `end` - 1 of a product, at most `most`, and the sums of a
/// work item.
struct ColumnTile {
  Value begin, end;
  int64_t most;
  /// x transposed, inputs of the tile x width, and sums, the most outputs of an
  /// item x width. Both are contiguous.
  Value columns, sums;
  /// Tokens of a row: whole vectors.
  int64_t width;
  /// The sums start at the bias; else they go on.
  Value isFirst;
};

/// How a format multiplies a tile.
class TileProducts {
public:
  virtual ~TileProducts() = default;
  /// Makes the scratch memory of a work item, and gives it back.
  virtual void reserve() = 0;
  virtual void release() = 0;
  /// Adds the tile's products to all sums.
  virtual void emitTile(const ColumnTile &tile) = 0;
};

/// The most inputs of a tile for `vectors` vectors of tokens.
int64_t getTileInputs(const Product &product, const ColumnFormat &format,
                      int64_t vectors);
/// The most outputs of a work item, in whole units.
int64_t getMostOutputs(const ColumnFormat &format);
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

/// Emits a work item with at least `product.columnTokens` tokens.
void emitColumnItem(Emitter &e, const Product &product, const WorkItem &item,
                    const ColumnFormat &format, TileProducts &products);

/// The bias of an output, or zero, in the compute type.
Value loadBias(Emitter &e, const Product &product, const WorkItem &item,
               Value output);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_COLUMNKERNEL_H
