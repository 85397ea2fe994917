//===- ColumnKernel.cpp - Products entry by entry -------------------------===//
//
// Tokens lie side by side in vectors: an entry costs one broadcast of its value
// and one fused multiply-add with memory for each vector of tokens. Entries
// visit the inputs in any order, so inputs are cut into tiles whose x,
// transposed into scratch, stays in the first-level cache; all outputs of an
// item pass one tile before the next, and their sums wait in scratch meanwhile.
//
//===----------------------------------------------------------------------===//
//
//   x, tokens x inputs        columns of a tile       sums, outputs x tokens
//   . . . a d . .             a b c
//   . . . b e . .      ->     d e f           ->      w[o, 3] * a b c
//   . . . c f . .                                   + w[o, 4] * d e f
//
//===----------------------------------------------------------------------===//

#include "ColumnKernel.h"
#include "CopyMatrix.h"

using namespace mlir;
using namespace mlir::sparsity;

/// Outputs whose sums stay in the second-level cache.
static constexpr int64_t kMostOutputs = 384;

// x of a tile, and what is visited beside it, fill three quarters of the
// first-level cache. Where a tile's entries are searched and vectors are few,
// the search costs more than x from the second level.
int64_t mlir::sparsity::getTileInputs(const Product &product,
                                      const ColumnFormat &format,
                                      int64_t vectors) {
  constexpr int64_t kFewVectors = 3;
  bool isLarge = format.isSearched && vectors <= kFewVectors;
  int64_t cache =
      isLarge ? product.target.l2Bytes / 2 : product.target.l1Bytes / 4 * 3;
  int64_t rowBytes = vectors * product.lanes() * product.computeBytes();
  int64_t multiple = format.tileMultiple;
  int64_t most = cache / (rowBytes + format.bytesPerInput);
  if (format.mostElements > 0)
    most = std::min(most, format.mostElements / (vectors * product.lanes()));
  most = std::max<int64_t>(most / multiple, 1) * multiple;
  // Tiles of one size.
  int64_t inputs = std::max<int64_t>(product.inputs, 1);
  int64_t each = llvm::divideCeil(inputs, llvm::divideCeil(inputs, most));
  return std::min<int64_t>(llvm::alignTo(each, multiple), product.inputs);
}

int64_t mlir::sparsity::getMostOutputs(const ColumnFormat &format) {
  int64_t units = std::max<int64_t>(kMostOutputs / format.unitOutputs, 1);
  return units * format.unitOutputs;
}

Partition mlir::sparsity::getColumnPartition(const Product &product,
                                             const ColumnFormat &format) {
  int64_t lanes = product.lanes();
  Partition partition{format.unitOutputs, lanes, product.columnVectors * lanes};
  // Each item transposes x for itself: few of them, unless it is unknown how
  // many threads there will be.
  constexpr int64_t kMayBeThreads = 16;
  int64_t threads = product.target.threads;
  partition.items = threads > 0 ? threads : kMayBeThreads;
  partition.mostUnits = kMostOutputs / format.unitOutputs;
  partition.columnTokens = product.columnTokens;
  return partition;
}

namespace {
class ColumnItem {
public:
  ColumnItem(Emitter &e, const Product &product, const WorkItem &item,
             const ColumnFormat &format, TileProducts &products)
      : e(e), product(product), item(item), format(format), products(products) {
  }

  void emit();

private:
  /// Inputs of a tile for `width` tokens, which is known at run time.
  Value getTileSize(Value width);
  /// Elements of the largest tile of x.
  int64_t getMostColumns();
  /// x of the inputs `begin` to `end` - 1, transposed: rows of `width` from
  /// element 0 of `columns` on.
  void transposeTile(Value columns, Value width, Value begin, Value end);

  Emitter &e;
  const Product &product;
  const WorkItem &item;
  const ColumnFormat &format;
  TileProducts &products;
};
} // namespace

Value mlir::sparsity::loadBias(Emitter &e, const Product &product,
                               const WorkItem &item, Value output) {
  if (!item.bias)
    return e.zero(product.computeType);
  return e.extend(e.loadScalar(item.bias, output), product.computeType);
}

void mlir::sparsity::transposeTokens(Emitter &e, int64_t lanes, Value x,
                                     Value token, Value last, Value begin,
                                     Value end, Value ahead,
                                     StoreColumn store) {
  SmallVector<Value> tokens;
  for (int64_t i = 0; i < lanes; ++i)
    tokens.push_back(e.min(e.add(token, i), last));
  auto square = [&](Value input, Value mask) {
    SmallVector<Value> rows;
    for (Value row : tokens) {
      rows.push_back(e.load(x, {row, input}, lanes, mask));
      if (ahead)
        e.prefetch(x, {row, e.add(input, ahead)}, lanes);
    }
    for (auto [i, row] : llvm::enumerate(transposeSquare(e, rows)))
      store(e.add(input, i), row);
  };
  Value inputs = e.sub(end, begin);
  Value whole = e.add(begin, e.mul(e.div(inputs, lanes), lanes));
  e.loop(begin, whole, lanes, [&](Value input) { square(input, Value()); });
  e.when(e.less(whole, end),
         [&] { square(whole, e.firstLanes(e.sub(end, whole), lanes)); });
}

void ColumnItem::transposeTile(Value columns, Value width, Value begin,
                               Value end) {
  Value last = e.sub(item.tokens, e.index(1));
  // x of the next tile is under way while this one is multiplied.
  Value ahead = e.sub(end, begin);
  e.loop(e.index(0), width, product.lanes(), [&](Value token) {
    transposeTokens(e, product.lanes(), item.x, token, last, begin, end, ahead,
                    [&](Value input, Value row) {
                      Value inside = e.sub(input, begin);
                      Value place = e.add(e.mul(inside, width), token);
                      e.store(row, columns, {place});
                    });
  });
}

int64_t ColumnItem::getMostColumns() {
  int64_t lanes = product.lanes(), most = 0;
  for (int64_t count = 1; count <= product.columnVectors; ++count) {
    int64_t rows = llvm::alignTo(getTileInputs(product, format, count), lanes);
    most = std::max(most, rows * count * lanes);
  }
  return most;
}

Value ColumnItem::getTileSize(Value width) {
  int64_t fewest = product.lanes();
  int64_t most = product.columnVectors * product.lanes();
  Value size = e.index(getTileInputs(product, format, 1));
  for (int64_t tokens = 2 * fewest; tokens <= most; tokens += fewest) {
    int64_t inputs = getTileInputs(product, format, tokens / fewest);
    size = e.select(e.less(width, e.index(tokens)), size, e.index(inputs));
  }
  return size;
}

/// The main loop is made for each number of vectors; what is around it once.
void ColumnItem::emit() {
  int64_t lanes = product.lanes(), most = product.columnVectors;
  Value zero = e.index(0), inputs = e.index(product.inputs);
  Value vectors = e.ceilDiv(item.tokens, lanes), width = e.mul(vectors, lanes);
  Value outputs = e.dim(item.y, 1), tileSize = getTileSize(width);
  Value own = e.scratch({e.index(getMostColumns())}, product.computeType);
  int64_t mostOutputs = getMostOutputs(format);
  Value sums =
      e.scratch({e.index(mostOutputs * most * lanes)}, product.computeType);
  products.reserve();
  e.loop(zero, e.ceilDiv(inputs, tileSize), 1, [&](Value number) {
    Value begin = e.mul(number, tileSize);
    Value end = e.min(e.add(begin, tileSize), inputs);
    e.when(
        item.hasColumns, [] {}, [&] { transposeTile(own, width, begin, end); });
    int64_t fewest = llvm::divideCeil(product.columnTokens, lanes);
    e.switchOn(vectors, fewest, most + 1, [&](int64_t count) {
      int64_t wide = count * lanes;
      Value rows = e.sub(end, begin);
      Value first = e.add(item.firstColumn, e.mul(begin, wide));
      Value columns = e.rowsAt(own, zero, rows, wide);
      Value shared = e.rowsAt(item.columns, first, rows, wide);
      columns = e.select(item.hasColumns, shared, columns);
      products.emitTile({begin, end, getTileInputs(product, format, count),
                         columns,
                         e.rowsAt(sums, zero, e.index(mostOutputs), wide), wide,
                         e.equal(number, 0)});
    });
  });
  copyMatrix(e, e.columnsAt(sums, outputs, item.tokens, width), item.y,
             item.tokens, outputs, lanes);
  products.release();
  e.release(sums);
  e.release(own);
}

void mlir::sparsity::emitColumnItem(Emitter &e, const Product &product,
                                    const WorkItem &item,
                                    const ColumnFormat &format,
                                    TileProducts &products) {
  ColumnItem(e, product, item, format, products).emit();
}
