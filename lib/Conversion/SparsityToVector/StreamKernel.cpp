//===- StreamKernel.cpp - Products with streams of entries ----------------===//
//
// The column kernel over compressed rows: an entry's value and column are read
// from the stream. In each tile of inputs a row goes on where the last one
// ended, so the stream needs no order by tiles.
//
//===----------------------------------------------------------------------===//

#include "ColumnKernel.h"
#include "Kernels.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

using namespace mlir;
using namespace mlir::sparsity;

static constexpr ColumnFormat kStream{/*unitOutputs=*/32, /*tileMultiple=*/16,
                                      /*isSearched=*/true};

namespace {
/// The entries of one output.
struct Row {
  Value begin, end;
};

/// How far a row's entries are added up.
struct Walk {
  Value entry;
  SmallVector<Value> sums;
};

class StreamItem final : public TileProducts {
public:
  StreamItem(Emitter &e, const Product &product, const WorkItem &item)
      : e(e), product(product), item(item), positions(item.buffers[0]),
        columns(item.buffers[1]), values(item.buffers[2]) {}

  /// Token by token.
  void emitScalars();
  void reserve() override;
  void release() override { e.release(ends); }
  void emitTile(const ColumnTile &tile) override;

private:
  /// Calls body(output, row of the item) for every output.
  void forOutputs(function_ref<void(Value output, Value row)> body);
  Row getRow(Value output);
  /// The input of an entry.
  Value getColumn(Value entry) { return e.loadIndex(columns, entry); }
  /// True when the `unroll` entries from `entry` on are in the row and in the
  /// tile.
  Value areInside(Value entry, int64_t unroll, const Row &row,
                  const ColumnTile &tile);
  using Step = function_ref<void(Value entry, MutableArrayRef<Value> sums)>;
  /// Walks `unroll` entries at a time while all of them are in the row and, if
  /// there is one, in the tile.
  Walk walk(const Row &row, const Walk &from, int64_t unroll,
            const ColumnTile *tile, Step step);
  /// Adds all entries; `x(input, i)` is what sum i multiplies.
  Walk sum(const Row &row, SmallVector<Value> start, const ColumnTile *tile,
           function_ref<Value(Value input, int64_t i)> x);

  Emitter &e;
  const Product &product;
  const WorkItem &item;
  Value positions, columns, values;
  /// Where the rows of the item go on in the next tile.
  Value ends;
};
} // namespace

void StreamItem::reserve() {
  ends = e.scratch({e.index(getMostOutputs(kStream))}, e.getI64Type());
}

void StreamItem::forOutputs(function_ref<void(Value, Value)> body) {
  Value begin = e.mul(item.firstUnit, kStream.unitOutputs);
  Value end =
      e.min(e.mul(item.endUnit, kStream.unitOutputs), e.index(product.outputs));
  e.loop(begin, end, 1,
         [&](Value output) { body(output, e.sub(output, begin)); });
}

Row StreamItem::getRow(Value output) {
  return {e.loadIndex(positions, output),
          e.loadIndex(positions, e.add(output, 1))};
}

Value StreamItem::areInside(Value entry, int64_t unroll, const Row &row,
                            const ColumnTile &tile) {
  Value last = e.add(entry, unroll - 1);
  return e
      .choose(
          e.less(last, row.end),
          [&] {
            // The last tile, smaller than the others, ends with the row.
            Value column = e.sub(getColumn(last), tile.begin);
            return SmallVector{e.less(column, e.index(tile.most))};
          },
          [&] { return SmallVector{e.zero(e.getI1Type())}; })
      .front();
}

Walk StreamItem::walk(const Row &row, const Walk &from, int64_t unroll,
                      const ColumnTile *tile, Step step) {
  auto take = [&](Value entry, ValueRange sums) {
    SmallVector<Value> next(sums);
    int64_t count = sums.size() / unroll;
    for (int64_t u = 0; u < unroll; ++u)
      step(e.add(entry, u),
           MutableArrayRef<Value>(next).slice(u * count, count));
    return next;
  };
  if (!tile) {
    Value length = e.sub(row.end, from.entry);
    Value end = e.add(from.entry, e.mul(e.div(length, unroll), unroll));
    return {end, e.loop(from.entry, end, unroll, from.sums, take)};
  }
  SmallVector<Value> carried = {from.entry};
  carried.append(from.sums);
  SmallVector<Value> results = e.loopWhile(
      carried,
      [&](ValueRange now) { return areInside(now[0], unroll, row, *tile); },
      [&](ValueRange now) {
        SmallVector<Value> next = {e.add(now[0], unroll)};
        next.append(take(now[0], now.drop_front()));
        return next;
      });
  return {results[0], SmallVector<Value>(llvm::drop_begin(results))};
}

Walk StreamItem::sum(const Row &row, SmallVector<Value> start,
                     const ColumnTile *tile,
                     function_ref<Value(Value, int64_t)> x) {
  int64_t count = start.size();
  int64_t unroll = count >= 4 ? 1 : count == 2 ? 2 : 4;
  auto step = [&](Value entry, MutableArrayRef<Value> sums) {
    Value input = getColumn(entry);
    Value value = e.extend(e.loadScalar(values, entry), product.computeType);
    for (int64_t i = 0; i < count; ++i) {
      Value factor = x(input, i), scalar = value;
      if (auto type = dyn_cast<VectorType>(factor.getType()))
        scalar = e.splat(value, type.getDimSize(0));
      sums[i] = e.multiplyAdd(scalar, factor, sums[i]);
    }
  };
  for (int64_t u = 1; u < unroll; ++u)
    for (int64_t i = 0; i < count; ++i)
      start.push_back(e.zero(start[i].getType()));
  Walk all = walk(row, {row.begin, start}, unroll, tile, step);
  for (int64_t u = 1; u < unroll; ++u)
    for (int64_t i = 0; i < count; ++i)
      all.sums[i] = e.plus(all.sums[i], all.sums[u * count + i]);
  all.sums.resize(count);
  return unroll == 1 ? all : walk(row, all, 1, tile, step);
}

void StreamItem::emitScalars() {
  e.loop(e.index(0), item.tokens, 1, [&](Value token) {
    forOutputs([&](Value output, Value row) {
      Walk walked = sum(getRow(output), {loadBias(e, product, item, output)},
                        /*tile=*/nullptr, [&](Value input, int64_t) {
                          return e.loadScalar(item.x, {token, input});
                        });
      e.storeScalar(walked.sums[0], item.y, {token, row});
    });
  });
}

void StreamItem::emitTile(const ColumnTile &tile) {
  int64_t lanes = product.lanes();
  SmallVector<Value> tokens;
  for (int64_t token = 0; token < tile.width; token += lanes)
    tokens.push_back(e.index(token));
  // All entries of a row are in the only tile.
  bool isOnly = tile.most == product.inputs;
  forOutputs([&](Value output, Value number) {
    auto startNew = [&] {
      Value bias = loadBias(e, product, item, output);
      return SmallVector<Value>(tokens.size(), e.splat(bias, lanes));
    };
    auto goOn = [&] {
      SmallVector<Value> sums;
      for (Value token : tokens)
        sums.push_back(e.load(tile.sums, {number, token}, lanes));
      return sums;
    };
    Row row = getRow(output);
    if (!isOnly)
      row.begin = e.select(tile.isFirst, row.begin, e.loadIndex(ends, number));
    auto x = [&](Value input, int64_t i) {
      Value column = e.sub(input, tile.begin);
      return e.load(tile.columns, {column, tokens[i]}, lanes);
    };
    Walk walked = sum(row, e.choose(tile.isFirst, startNew, goOn),
                      isOnly ? nullptr : &tile, x);
    for (auto [token, value] : llvm::zip_equal(tokens, walked.sums))
      e.store(value, tile.sums, {number, token});
    if (!isOnly)
      e.storeIndex(walked.entry, ends, number);
  });
}

namespace {
struct StreamModel
    : FormatLoweringInterface::ExternalModel<StreamModel, StreamFormatAttr> {
  Partition getPartition(Attribute, const Product &product) const {
    return getColumnPartition(product, kStream);
  }
  void emitItem(Attribute, Emitter &e, const Product &product,
                const WorkItem &item) const {
    StreamItem stream(e, product, item);
    e.when(
        e.less(item.tokens, e.index(product.columnTokens)),
        [&] { stream.emitScalars(); },
        [&] { emitColumnItem(e, product, item, kStream, stream); });
  }
};
} // namespace

void mlir::sparsity::attachStreamKernel(MLIRContext *context) {
  StreamFormatAttr::attachInterface<StreamModel>(*context);
}
