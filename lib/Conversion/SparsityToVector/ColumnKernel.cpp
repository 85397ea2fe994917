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

/// Inputs of a tile: x of `vectors` vectors of tokens fills three quarters of
/// the first-level cache. With few vectors, finding a tile's entries costs more
/// than x from the second level.
static int64_t getTileInputs(const Product &product, const ColumnFormat &format,
                             int64_t vectors) {
  constexpr int64_t kFewVectors = 3;
  bool isLarge = format.holdsAllTiles && vectors <= kFewVectors;
  int64_t cache =
      isLarge ? product.target.l2Bytes / 2 : product.target.l1Bytes / 4 * 3;
  int64_t rowBytes = vectors * product.lanes() * product.computeBytes();
  int64_t multiple = format.tileMultiple;
  int64_t inputs = cache / rowBytes;
  return std::min(std::max<int64_t>(inputs / multiple, 1) * multiple,
                  product.inputs);
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
             const ColumnFormat &format, LoadEntries entries)
      : e(e), product(product), item(item), format(format), entries(entries) {}

  void emitScalars();
  void emitVectors();

private:
  /// Inputs of a tile for `width` tokens, which is known at run time.
  Value getTileSize(Value width);
  /// Elements of the largest tile of x, and outputs of the largest item.
  int64_t getMostColumns();
  int64_t getMostOutputs();
  /// x of the inputs `begin` to `end` - 1, transposed: rows of `width` from
  /// element 0 of `columns` on.
  void transposeTile(Value columns, Value width, Value begin, Value end);
  /// Adds the tile's products to all sums; they start at the bias where
  /// `isFirst`. A row of `columns` is an input of the tile, a row of `sums` an
  /// output, whose next step is in `steps`.
  void emitTile(Value columns, Value sums, Value steps, InputTile tile,
                Value isFirst);
  /// Calls body(output, row of the item) for every output.
  void forOutputs(function_ref<void(Value output, Value row)> body);
  Value loadBias(Value output);
  /// How far the entries of an output are added up.
  struct Walk {
    Value step;
    SmallVector<Value> sums;
  };
  /// Walks `unroll` steps at a time while all of them are in the tile.
  Walk walk(const EntrySource &source, const Walk &from, InputTile tile,
            int64_t unroll,
            function_ref<void(Value step, MutableArrayRef<Value> sums)> body);
  /// Adds all entries in the tile; `x(column, i)` is what sum i multiplies.
  Walk sum(const EntrySource &source, SmallVector<Value> start, InputTile tile,
           function_ref<Value(Value column, int64_t i)> x);

  Emitter &e;
  const Product &product;
  const WorkItem &item;
  const ColumnFormat &format;
  LoadEntries entries;
};
} // namespace

void ColumnItem::forOutputs(function_ref<void(Value, Value)> body) {
  Value begin = e.mul(item.firstUnit, format.unitOutputs);
  Value end =
      e.min(e.mul(item.endUnit, format.unitOutputs), e.index(product.outputs));
  e.loop(begin, end, 1,
         [&](Value output) { body(output, e.sub(output, begin)); });
}

Value ColumnItem::loadBias(Value output) {
  if (!item.bias)
    return e.zero(product.computeType);
  return e.extend(e.loadScalar(item.bias, output), product.computeType);
}

ColumnItem::Walk
ColumnItem::walk(const EntrySource &source, const Walk &from, InputTile tile,
                 int64_t unroll,
                 function_ref<void(Value, MutableArrayRef<Value>)> body) {
  auto take = [&](Value step, ValueRange sums) {
    SmallVector<Value> next(sums);
    for (int64_t u = 0; u < unroll; ++u)
      body(e.add(step, u), MutableArrayRef<Value>(next).slice(
                               u * sums.size() / unroll, sums.size() / unroll));
    return next;
  };
  if (!source.column) {
    Value length = e.sub(source.end, from.step);
    Value end = e.add(from.step, e.mul(e.div(length, unroll), unroll));
    return {end, e.loop(from.step, end, unroll, from.sums, take)};
  }
  SmallVector<Value> carried = {from.step};
  carried.append(from.sums);
  auto isInside = [&](ValueRange values) {
    Value last = e.add(values[0], unroll - 1);
    return e
        .choose(
            e.less(last, source.end),
            [&] {
              // The last tile, smaller than the others, ends with the output.
              Value column = source.column(last);
              return SmallVector{e.less(column, e.index(tile.most))};
            },
            [&] { return SmallVector{e.zero(e.getI1Type())}; })
        .front();
  };
  SmallVector<Value> results =
      e.loopWhile(carried, isInside, [&](ValueRange values) {
        SmallVector<Value> next = {e.add(values[0], unroll)};
        next.append(take(values[0], values.drop_front()));
        return next;
      });
  return {results[0], SmallVector<Value>(llvm::drop_begin(results))};
}

ColumnItem::Walk ColumnItem::sum(const EntrySource &source,
                                 SmallVector<Value> start, InputTile tile,
                                 function_ref<Value(Value, int64_t)> x) {
  int64_t count = start.size();
  int64_t unroll = count >= 4 ? 1 : count == 2 ? 2 : 4;
  auto step = [&](Value number, MutableArrayRef<Value> sums) {
    for (auto [value, column] : source.load(number)) {
      Value wide = e.extend(value, product.computeType);
      for (int64_t i = 0; i < count; ++i) {
        Value factor = x(column, i), scalar = wide;
        if (auto type = dyn_cast<VectorType>(factor.getType()))
          scalar = e.splat(wide, type.getDimSize(0));
        sums[i] = e.multiplyAdd(scalar, factor, sums[i]);
      }
    }
  };
  for (int64_t u = 1; u < unroll; ++u)
    for (int64_t i = 0; i < count; ++i)
      start.push_back(e.zero(start[i].getType()));
  Walk all = walk(source, {source.begin, start}, tile, unroll, step);
  for (int64_t u = 1; u < unroll; ++u)
    for (int64_t i = 0; i < count; ++i)
      all.sums[i] = e.plus(all.sums[i], all.sums[u * count + i]);
  all.sums.resize(count);
  return unroll == 1 ? all : walk(source, all, tile, 1, step);
}

void ColumnItem::emitScalars() {
  InputTile all{e.index(0), e.index(product.inputs), product.inputs};
  e.loop(e.index(0), item.tokens, 1, [&](Value token) {
    forOutputs([&](Value output, Value row) {
      EntrySource source = entries(output, all);
      source.column = nullptr;
      Walk walked =
          sum(source, {loadBias(output)}, all, [&](Value column, int64_t) {
            return e.loadScalar(item.x, {token, column});
          });
      e.storeScalar(walked.sums[0], item.y, {token, row});
    });
  });
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

void ColumnItem::emitTile(Value columns, Value sums, Value steps,
                          InputTile tile, Value isFirst) {
  int64_t lanes = product.lanes();
  SmallVector<Value> tokens;
  int64_t width = cast<MemRefType>(columns.getType()).getDimSize(1);
  for (int64_t token = 0; token < width; token += lanes)
    tokens.push_back(e.index(token));
  forOutputs([&](Value output, Value row) {
    auto startNew = [&] {
      return SmallVector<Value>(tokens.size(),
                                e.splat(loadBias(output), lanes));
    };
    auto goOn = [&] {
      SmallVector<Value> values;
      for (Value token : tokens)
        values.push_back(e.load(sums, {row, token}, lanes));
      return values;
    };
    EntrySource source = entries(output, tile);
    if (source.prefetch)
      source.prefetch();
    // All steps of the output are in the only tile.
    if (tile.most == product.inputs)
      source.column = nullptr;
    if (source.column)
      source.begin = e.select(isFirst, source.begin, e.loadIndex(steps, row));
    Walk walked = sum(source, e.choose(isFirst, startNew, goOn), tile,
                      [&](Value column, int64_t i) {
                        return e.load(columns, {column, tokens[i]}, lanes);
                      });
    for (auto [token, value] : llvm::zip_equal(tokens, walked.sums))
      e.store(value, sums, {row, token});
    if (source.column)
      e.storeIndex(walked.step, steps, row);
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

int64_t ColumnItem::getMostOutputs() {
  int64_t units = std::max<int64_t>(kMostOutputs / format.unitOutputs, 1);
  return units * format.unitOutputs;
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
void ColumnItem::emitVectors() {
  int64_t lanes = product.lanes(), most = product.columnVectors;
  Value zero = e.index(0), inputs = e.index(product.inputs);
  Value vectors = e.ceilDiv(item.tokens, lanes), width = e.mul(vectors, lanes);
  Value outputs = e.dim(item.y, 1), tileSize = getTileSize(width);
  Value own = e.scratch({e.index(getMostColumns())}, product.computeType);
  Value sums = e.scratch({e.index(getMostOutputs() * most * lanes)},
                         product.computeType);
  Value steps = e.scratch(
      {e.index(format.holdsAllTiles ? getMostOutputs() : 0)}, e.getI64Type());
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
      InputTile tile{begin, end, getTileInputs(product, format, count)};
      emitTile(columns, e.rowsAt(sums, zero, outputs, wide), steps, tile,
               e.equal(number, 0));
    });
  });
  copyMatrix(e, e.columnsAt(sums, outputs, item.tokens, width), item.y,
             item.tokens, outputs, lanes);
  e.release(steps);
  e.release(sums);
  e.release(own);
}

void mlir::sparsity::emitColumnItem(Emitter &e, const Product &product,
                                    const WorkItem &item,
                                    const ColumnFormat &format,
                                    LoadEntries entries,
                                    function_ref<void()> emitFew) {
  Value isFew = e.less(item.tokens, e.index(product.columnTokens));
  e.when(isFew, emitFew,
         [&] { ColumnItem(e, product, item, format, entries).emitVectors(); });
}

void mlir::sparsity::emitScalarItem(Emitter &e, const Product &product,
                                    const WorkItem &item,
                                    const ColumnFormat &format,
                                    LoadEntries entries) {
  ColumnItem(e, product, item, format, entries).emitScalars();
}
