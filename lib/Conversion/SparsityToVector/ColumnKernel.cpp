//===- ColumnKernel.cpp - Products entry by entry -------------------------===//
//
// Tokens lie side by side (x comes transposed), and an entry costs one broadcast of its value and one fused multiply-add with memory for
// each vector of tokens. Very few tokens are computed one by one in scalars.
//
//===----------------------------------------------------------------------===//

#include "ColumnKernel.h"
#include "CopyMatrix.h"

using namespace mlir;
using namespace mlir::sparsity;

/// Vectors of tokens that one pass over an output's entries serves.
static constexpr int64_t kMostVectors = 8;
/// Outputs of one work unit.
static constexpr int64_t kUnitOutputs = 32;
/// From here on a vector of tokens beats scalars.
static constexpr int64_t kFewTokens = 4;

Partition mlir::sparsity::getColumnPartition(const Product &product) {
  int64_t lanes = product.lanes();
  // Entries visit the columns at random: they must stay in cache.
  int64_t vectors =
      std::clamp<int64_t>(product.tokensInCache() / lanes, 1, kMostVectors);
  return {kUnitOutputs, lanes, vectors * lanes, /*padRows=*/false, kFewTokens};
}

namespace {
class ColumnItem {
public:
  ColumnItem(Emitter &e, const Product &product, const WorkItem &item,
             function_ref<EntrySource(Value)> entries)
      : e(e), product(product), item(item), entries(entries) {}

  void emit();

private:
  void emitScalars();
  void emitVectors();
  /// Calls body(output, row of the item) for every output.
  void forOutputs(function_ref<void(Value output, Value row)> body);
  Value loadBias(Value output);
  /// Sums of all entries; `x(column, i)` is what accumulator i multiplies.
  SmallVector<Value> sum(const EntrySource &source, SmallVector<Value> start,
                         function_ref<Value(Value column, int64_t i)> x);

  Emitter &e;
  const Product &product;
  const WorkItem &item;
  function_ref<EntrySource(Value)> entries;
};
} // namespace

void ColumnItem::forOutputs(function_ref<void(Value, Value)> body) {
  Value begin = e.mul(item.firstUnit, kUnitOutputs);
  Value end = e.min(e.mul(item.endUnit, kUnitOutputs),
                    e.index(product.outputs));
  e.loop(begin, end, 1,
         [&](Value output) { body(output, e.sub(output, begin)); });
}

Value ColumnItem::loadBias(Value output) {
  if (!item.bias)
    return e.zero(product.computeType);
  return e.extend(e.loadScalar(item.bias, output), product.computeType);
}

SmallVector<Value>
ColumnItem::sum(const EntrySource &source, SmallVector<Value> start,
                function_ref<Value(Value, int64_t)> x) {
  int64_t count = start.size();
  int64_t unroll = count >= 4 ? 1 : count == 2 ? 2 : 4;
  auto step = [&](MutableArrayRef<Value> sums, Value entry) {
    auto [value, column] = source.load(entry);
    value = e.extend(value, product.computeType);
    for (int64_t i = 0; i < count; ++i) {
      Value factor = x(column, i), scalar = value;
      if (auto type = dyn_cast<VectorType>(factor.getType()))
        scalar = e.splat(value, type.getDimSize(0));
      sums[i] = e.multiplyAdd(scalar, factor, sums[i]);
    }
  };
  for (int64_t u = 1; u < unroll; ++u)
    for (int64_t i = 0; i < count; ++i)
      start.push_back(e.zero(start[i].getType()));
  Value length = e.sub(source.end, source.begin);
  Value middle =
      e.add(source.begin, e.mul(e.div(length, unroll), unroll));
  SmallVector<Value> sums = e.loop(
      source.begin, middle, unroll, start, [&](Value entry, ValueRange args) {
        SmallVector<Value> next(args);
        for (int64_t u = 0; u < unroll; ++u)
          step(MutableArrayRef<Value>(next).slice(u * count, count),
               e.add(entry, u));
        return next;
      });
  for (int64_t u = 1; u < unroll; ++u)
    for (int64_t i = 0; i < count; ++i)
      sums[i] = e.plus(sums[i], sums[u * count + i]);
  sums.resize(count);
  if (unroll == 1)
    return sums;
  return e.loop(middle, source.end, 1, sums,
                [&](Value entry, ValueRange args) {
                  SmallVector<Value> next(args);
                  step(next, entry);
                  return next;
                });
}

void ColumnItem::emitScalars() {
  e.loop(e.index(0), item.tokens, 1, [&](Value token) {
    forOutputs([&](Value output, Value row) {
      SmallVector<Value> sums =
          sum(entries(output), {loadBias(output)},
              [&](Value column, int64_t) {
                return e.loadScalar(item.x, {token, column});
              });
      e.storeScalar(sums[0], item.y, {token, row});
    });
  });
}

void ColumnItem::emitVectors() {
  int64_t lanes = product.lanes();
  Value padded = e.mul(e.ceilDiv(item.tokens, lanes), lanes);
  Value outputs = e.dim(item.y, 1);
  Value results = e.scratch({outputs, padded}, product.computeType);
  auto pass = [&](Value token, int64_t vectors) {
    forOutputs([&](Value output, Value row) {
      Value bias = e.splat(loadBias(output), lanes);
      SmallVector<Value> sums = sum(
          entries(output), SmallVector<Value>(vectors, bias),
          [&](Value column, int64_t i) {
            return e.load(item.columns, {column, e.add(token, i * lanes)}, lanes);
          });
      for (auto [i, value] : llvm::enumerate(sums))
        e.store(value, results, {row, e.add(token, i * lanes)});
    });
  };
  Value done = e.index(0);
  for (int64_t vectors = kMostVectors; vectors > 0; vectors /= 2) {
    int64_t step = vectors * lanes;
    Value end =
        e.add(done, e.mul(e.div(e.sub(padded, done), step), step));
    e.loop(done, end, step, [&](Value token) { pass(token, vectors); });
    done = end;
  }
  Value view =
      e.view(results, {e.index(0), e.index(0)}, {outputs, item.tokens});
  copyMatrix(e, transposeView(e, view), item.y, item.tokens, outputs, lanes);
  e.release(results);
}

void ColumnItem::emit() {
  // Without columns there are few tokens.
  Value isFew = e.equal(e.dim(item.columns, 1), 0);
  e.choose(
      isFew,
      [&] {
        emitScalars();
        return SmallVector<Value>();
      },
      [&] {
        emitVectors();
        return SmallVector<Value>();
      });
}

void mlir::sparsity::emitColumnItem(Emitter &e, const Product &product,
                                    const WorkItem &item,
                                    function_ref<EntrySource(Value)> entries) {
  ColumnItem(e, product, item, entries).emit();
}
