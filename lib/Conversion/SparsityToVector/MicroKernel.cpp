//===- MicroKernel.cpp - Register tiles -----------------------------------===//
//
// Emits the parts of a register tile: its start, one step over the sum, its
// end. Loops over the sum belong to the kernels.
//
//===----------------------------------------------------------------------===//

#include "MicroKernel.h"

using namespace mlir;
using namespace mlir::sparsity;

SmallVector<int64_t> mlir::sparsity::coverWithVectors(int64_t outputs,
                                                      int64_t lanes) {
  return SmallVector<int64_t>(llvm::divideCeil(outputs, lanes), lanes);
}

SmallVector<int64_t> mlir::sparsity::splitIntoVectors(int64_t outputs,
                                                      int64_t lanes) {
  SmallVector<int64_t> widths;
  for (int64_t width = lanes; width > 0; width /= 2)
    for (; outputs >= width; outputs -= width)
      widths.push_back(width);
  return widths;
}

int64_t mlir::sparsity::chooseTokens(const Product &product, int64_t vectors,
                                     int64_t tallest) {
  int64_t tokens = product.tileRows;
  if (tokens == 0)
    tokens = (product.target.vectorRegisters - vectors - 1) / vectors;
  return std::max<int64_t>(std::min(tokens, tallest), 1);
}

/// Calls body(vector number, its first output, mask of existing outputs).
static void forVectors(Emitter &e, const RegisterTile &tile,
                       function_ref<void(size_t, int64_t, Value)> body) {
  int64_t first = 0;
  for (auto [number, width] : llvm::enumerate(tile.widths)) {
    body(number, first,
         e.firstLanes(std::max<int64_t>(tile.outputs - first, 0), width));
    first += width;
  }
}

SmallVector<Value> mlir::sparsity::startTile(Emitter &e,
                                             const RegisterTile &tile,
                                             Value bias, Value output,
                                             Type compute) {
  SmallVector<Value> row;
  forVectors(e, tile, [&](size_t number, int64_t first, Value mask) {
    int64_t width = tile.widths[number];
    if (!bias)
      row.push_back(e.zero(VectorType::get({width}, compute)));
    else
      row.push_back(
          e.extend(e.load(bias, e.add(output, first), width, mask), compute));
  });
  SmallVector<Value> sums;
  for (int64_t t = 0; t < tile.tokens; ++t)
    llvm::append_range(sums, row);
  return sums;
}

SmallVector<Value> mlir::sparsity::loadTile(Emitter &e,
                                            const RegisterTile &tile, Value y,
                                            Value token, Value column) {
  SmallVector<Value> sums;
  for (int64_t t = 0; t < tile.tokens; ++t)
    forVectors(e, tile, [&](size_t number, int64_t first, Value mask) {
      sums.push_back(e.load(y, {e.add(token, t), e.add(column, first)},
                            tile.widths[number], mask));
    });
  return sums;
}

void mlir::sparsity::storeTile(Emitter &e, const RegisterTile &tile,
                               ArrayRef<Value> sums, Value y, Value token,
                               Value column) {
  for (int64_t t = 0; t < tile.tokens; ++t)
    forVectors(e, tile, [&](size_t number, int64_t first, Value mask) {
      e.store(sums[t * tile.widths.size() + number], y,
              {e.add(token, t), e.add(column, first)}, mask);
    });
}

void mlir::sparsity::stepTile(Emitter &e, const RegisterTile &tile,
                              MutableArrayRef<Value> sums, Value x, Value token,
                              Value k, Value weights, ValueRange at) {
  Type compute = cast<MemRefType>(x.getType()).getElementType();
  SmallVector<Value> w, indices(at);
  int64_t first = 0;
  for (int64_t width : tile.widths) {
    indices.back() = e.add(at.back(), first);
    w.push_back(e.extend(e.load(weights, indices, width), compute));
    first += width;
  }
  for (int64_t t = 0; t < tile.tokens; ++t) {
    Value scalar = e.loadScalar(x, {e.add(token, t), k});
    for (auto [number, width] : llvm::enumerate(tile.widths)) {
      Value &sum = sums[t * tile.widths.size() + number];
      sum = e.multiplyAdd(e.splat(scalar, width), w[number], sum);
    }
  }
}

void mlir::sparsity::forTokenTiles(
    Emitter &e, Value tokens, int64_t tile,
    function_ref<void(Value token, int64_t count)> body) {
  // A case for each rest would make much code of tall tiles.
  constexpr int64_t kMostCases = 8, kMiddle = 4;
  Value done = e.index(0);
  for (int64_t step : {tile, tile > kMostCases ? kMiddle : int64_t(0)}) {
    if (step == 0)
      continue;
    Value count = e.div(e.sub(tokens, done), step);
    Value end = e.add(done, e.mul(count, step));
    e.loop(done, end, step, [&](Value token) { body(token, step); });
    done = end;
    tile = step;
  }
  e.switchOn(e.sub(tokens, done), 1, tile,
             [&](int64_t count) { body(done, count); });
}
