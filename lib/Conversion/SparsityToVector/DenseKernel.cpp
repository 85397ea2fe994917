//===- DenseKernel.cpp - Products with dense panels -----------------------===//
//
// Blocks of the sum outermost, so that a slice of x stays in the second-level
// cache, then panels, then strips of vectors, then register tiles of tokens.
//
//===----------------------------------------------------------------------===//

#include "DenseKernel.h"
#include "Kernels.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

using namespace mlir;
using namespace mlir::sparsity;

RegisterTile mlir::sparsity::chooseDenseTile(const Product &product,
                                             int64_t panel) {
  int64_t lanes = product.lanes();
  bool wide = product.target.vectorRegisters >= 32;
  int64_t vectors = product.tileVectors ? product.tileVectors : wide ? 4 : 2;
  while (vectors > 1 && panel % (vectors * lanes) != 0)
    --vectors;
  // Taller tiles spill once LLVM unrolls, and leave awkward rests.
  constexpr int64_t kTallest = 10;
  return {chooseTokens(product, vectors, kTallest),
          SmallVector<int64_t>(vectors, lanes), vectors * lanes};
}

/// Independent sums that hide the latency of a fused multiply-add.
static int64_t chooseUnroll(const RegisterTile &tile) {
  constexpr int64_t kInFlight = 8;
  int64_t unroll = 1;
  while (unroll < 4 && unroll * tile.accumulators() < kInFlight)
    unroll *= 2;
  return unroll;
}

/// The sums of one tile over k in [begin, end), added to `start`.
static SmallVector<Value> sumTile(Emitter &e, const RegisterTile &tile,
                                  const DenseStrip &strip, Value x, Value token,
                                  Value begin, Value end,
                                  SmallVector<Value> start) {
  int64_t unroll = chooseUnroll(tile), count = start.size();
  auto step = [&](MutableArrayRef<Value> sums, Value k) {
    if (cast<MemRefType>(strip.weights.getType()).getRank() == 2)
      return stepTile(e, tile, sums, x, token, k, strip.weights,
                      {k, strip.offset});
    Value offset = e.add(strip.offset, e.mul(k, strip.pitch));
    if (strip.ahead)
      e.prefetch(strip.weights, e.add(offset, strip.ahead), tile.outputs);
    stepTile(e, tile, sums, x, token, k, strip.weights, offset);
  };
  for (int64_t u = 1; u < unroll; ++u)
    for (int64_t i = 0; i < count; ++i)
      start.push_back(e.zero(start[i].getType()));
  Value middle = e.add(begin, e.mul(e.div(e.sub(end, begin), unroll), unroll));
  SmallVector<Value> sums =
      e.loop(begin, middle, unroll, start, [&](Value k, ValueRange carried) {
        SmallVector<Value> next(carried);
        for (int64_t u = 0; u < unroll; ++u)
          step(MutableArrayRef<Value>(next).slice(u * count, count),
               e.add(k, u));
        return next;
      });
  for (int64_t u = 1; u < unroll; ++u)
    for (int64_t i = 0; i < count; ++i)
      sums[i] = e.plus(sums[i], sums[u * count + i]);
  sums.resize(count);
  if (unroll == 1)
    return sums;
  return e.loop(middle, end, 1, sums, [&](Value k, ValueRange carried) {
    SmallVector<Value> next(carried);
    step(next, k);
    return next;
  });
}

void mlir::sparsity::emitDenseStrip(Emitter &e, const RegisterTile &tile,
                                    const DenseStrip &strip, Value x, Value y,
                                    Value bias, Value tokens, Value begin,
                                    Value end, Value isFirst) {
  Type compute = cast<MemRefType>(x.getType()).getElementType();
  forTokenTiles(e, tokens, tile.tokens, [&](Value token, int64_t count) {
    RegisterTile part = tile;
    part.tokens = count;
    auto fresh = [&] {
      return startTile(e, part, bias, strip.output, compute);
    };
    auto continued = [&] { return loadTile(e, part, y, token, strip.column); };
    SmallVector<Value> start =
        isFirst ? e.choose(isFirst, fresh, continued) : fresh();
    SmallVector<Value> sums =
        sumTile(e, part, strip, x, token, begin, end, start);
    storeTile(e, part, sums, y, token, strip.column);
  });
}

namespace {
/// Emits one work item of a dense-packed matrix.
class DenseItem {
public:
  DenseItem(Emitter &e, const Product &product, const WorkItem &item,
            int64_t panel)
      : e(e), product(product), item(item), panel(panel),
        tile(chooseDenseTile(product, panel)),
        fullPanels(product.outputs / panel) {}

  void emit();

private:
  void emitPanels(Value begin, Value end, Value isFirst);
  void emitLastPanel(Value begin, Value end, Value isFirst);
  /// All strips of a panel whose rows k are `pitch` apart and that has
  /// `outputs` rows.
  void emitPanel(Value number, int64_t pitch, int64_t outputs, Value begin,
                 Value end, Value isFirst);

  Emitter &e;
  const Product &product;
  const WorkItem &item;
  int64_t panel;
  RegisterTile tile;
  int64_t fullPanels;
};
} // namespace

void DenseItem::emit() {
  // Slices of 384 to 512 keep x in the second-level cache and amortise loading
  // and storing the sums.
  constexpr int64_t kSlice = 512, kRound = 8;
  int64_t slices =
      std::max<int64_t>(llvm::divideCeil(product.inputs, kSlice), 1);
  auto slice = [&](Value begin, Value end, Value isFirst) {
    emitPanels(begin, end, isFirst);
    emitLastPanel(begin, end, isFirst);
  };
  if (slices == 1)
    return slice(e.index(0), e.index(product.inputs), {});
  int64_t length =
      llvm::alignTo(llvm::divideCeil(product.inputs, slices), kRound);
  e.loop(e.index(0), e.index(product.inputs), length, [&](Value begin) {
    Value end = e.min(e.add(begin, length), e.index(product.inputs));
    slice(begin, end, e.equal(begin, 0));
  });
}

void DenseItem::emitPanels(Value begin, Value end, Value isFirst) {
  if (fullPanels == 0)
    return;
  Value last = e.min(item.endUnit, e.index(fullPanels));
  e.loop(item.firstUnit, last, 1, [&](Value number) {
    emitPanel(number, panel, panel, begin, end, isFirst);
  });
}

void DenseItem::emitLastPanel(Value begin, Value end, Value isFirst) {
  int64_t outputs = product.outputs % panel;
  if (outputs == 0)
    return;
  Value number = e.index(fullPanels);
  e.when(e.less(number, item.endUnit), [&] {
    emitPanel(number, llvm::alignTo(outputs, format::kLanes), outputs, begin,
              end, isFirst);
  });
}

void DenseItem::emitPanel(Value number, int64_t pitch, int64_t outputs,
                          Value begin, Value end, Value isFirst) {
  Value base = e.mul(number, panel * product.inputs);
  Value firstOutput = e.mul(number, panel);
  Value firstColumn = e.mul(e.sub(number, item.firstUnit), panel);
  // Full panels only: the last one may be shorter.
  Value following = e.add(number, 1);
  Value isLast = e.less(e.index(fullPanels - 1), following);
  Value ahead = e.select(isLast, e.index(0), e.index(panel * product.inputs));
  auto emitStrip = [&](const RegisterTile &part, Value inside) {
    DenseStrip strip{item.buffers[0],
                     e.add(base, inside),
                     pitch,
                     e.add(firstOutput, inside),
                     e.add(firstColumn, inside),
                     ahead};
    emitDenseStrip(e, part, strip, item.x, item.y, item.bias, item.tokens,
                   begin, end, isFirst);
  };
  int64_t rest = outputs % tile.outputs, whole = outputs - rest;
  if (whole == tile.outputs)
    emitStrip(tile, e.index(0));
  else if (whole > 0)
    e.loop(e.index(0), e.index(whole), tile.outputs,
           [&](Value inside) { emitStrip(tile, inside); });
  if (rest > 0)
    emitStrip({tile.tokens, coverWithVectors(rest, product.lanes()), rest},
              e.index(whole));
}

namespace {
struct DenseModel
    : FormatLoweringInterface::ExternalModel<DenseModel, DenseFormatAttr> {
  Partition getPartition(Attribute attr, const Product &product) const {
    constexpr int64_t kMostTokens = 256;
    int64_t panel = cast<DenseFormatAttr>(attr).getPanel();
    return {panel, chooseDenseTile(product, panel).tokens, kMostTokens};
  }
  void emitItem(Attribute attr, Emitter &e, const Product &product,
                const WorkItem &item) const {
    int64_t panel = cast<DenseFormatAttr>(attr).getPanel();
    DenseItem(e, product, item, panel).emit();
  }
};
} // namespace

void mlir::sparsity::attachDenseKernel(MLIRContext *context) {
  DenseFormatAttr::attachInterface<DenseModel>(*context);
}
