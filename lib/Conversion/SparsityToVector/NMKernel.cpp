//===- NMKernel.cpp - Products with n values per group of m ---------------===//
//
// The permute product: for a group of m columns, x of a token is loaded once
// and permuted by the stored positions, so that lane l holds the x that row l
// of the panel needs. Targets without such permutes take the column kernel.
//
//===----------------------------------------------------------------------===//
//
// 2:4, one token, one slot, 4 lanes:  x = [p q r s], positions 1 3 0 1
//
//   permute(x, positions) = [q s p q]     sums += [q s p q] * values
//
//===----------------------------------------------------------------------===//

#include "ColumnKernel.h"
#include "Kernels.h"
#include "MicroKernel.h"
#include "Permute.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

using namespace mlir;
using namespace mlir::sparsity;
using format::kLanes;

namespace {
/// Register tile: tokens, and panels of 16 outputs.
struct NMTile {
  int64_t tokens, panels;
};

/// Sizes of one packed matrix.
struct NMGeometry {
  NMGeometry(NMFormatAttr format, const Product &product)
      : n(format.getN()), m(format.getM()),
        groups(llvm::divideCeil(product.inputs, m)),
        panels(llvm::divideCeil(product.outputs, kLanes)) {}

  int64_t n, m, groups, panels;
};
} // namespace

/// Tiles that were fastest where they were measured: accumulators, one x for
/// each token, a vector of values and one of positions stay in registers.
static NMTile chooseTile(const NMGeometry &geometry, const Product &product) {
  int64_t vectorsPerPanel = kLanes / product.lanes();
  if (product.tileRows)
    return {product.tileRows,
            std::max<int64_t>(product.tileVectors / vectorsPerPanel, 1)};
  if (product.target.vectorRegisters < 32)
    return {4, 1};
  if (geometry.n == 1)
    return geometry.m <= 4 ? NMTile{20, 1} : NMTile{10, 2};
  return geometry.panels % 6 == 0 ? NMTile{4, 6} : NMTile{5, 4};
}

/// Panels of a work unit: a multiple of the tile that serves few tokens too.
static int64_t getUnitPanels(const NMTile &tile) {
  return tile.panels * std::max<int64_t>(4 / tile.panels, 1);
}

namespace {
/// Emits one work item by permutes.
class NMItem {
public:
  NMItem(Emitter &e, const Product &product, const WorkItem &item,
         NMFormatAttr format)
      : e(e), product(product), item(item), geometry(format, product),
        tile(chooseTile(geometry, product)),
        permute(e, geometry.m, product.lanes(), product.target.vbmi) {}

  void emit();

private:
  /// All tokens over the `panels` panels from `panel` on.
  void emitUnit(Value panel, int64_t panels, int64_t outputs);
  /// One register tile; `outputs` of its lanes exist.
  void emitTile(Value panel, int64_t panels, int64_t outputs, Value token,
                int64_t tokens);
  void stepGroup(MutableArrayRef<Value> sums, Value panel, int64_t panels,
                 Value token, int64_t tokens, Value group, bool isTail);
  int64_t getTilePanels(int64_t tokens) const;

  Emitter &e;
  const Product &product;
  const WorkItem &item;
  NMGeometry geometry;
  NMTile tile;
  GroupPermute permute;
};
} // namespace

void NMItem::emit() {
  int64_t unit = getUnitPanels(tile);
  int64_t whole = product.outputs / (unit * kLanes);
  if (whole > 0)
    e.loop(item.firstUnit, e.min(item.endUnit, e.index(whole)), 1,
           [&](Value number) {
             emitUnit(e.mul(number, unit), unit, unit * kLanes);
           });
  int64_t rest = product.outputs - whole * unit * kLanes;
  if (rest == 0)
    return;
  e.when(e.less(e.index(whole), item.endUnit), [&] {
    emitUnit(e.index(whole * unit), llvm::divideCeil(rest, kLanes), rest);
  });
}

int64_t NMItem::getTilePanels(int64_t tokens) const {
  if (tokens == tile.tokens)
    return tile.panels;
  int64_t panels = std::max<int64_t>(tile.panels, 4);
  int64_t vectors = kLanes / product.lanes();
  while (panels > 1 && tokens * (panels * vectors + 1) + 3 >
                           product.target.vectorRegisters)
    --panels;
  return panels;
}

void NMItem::emitUnit(Value panel, int64_t panels, int64_t outputs) {
  forTokenTiles(e, item.tokens, tile.tokens, [&](Value token, int64_t count) {
    int64_t step = std::min(getTilePanels(count), panels);
    int64_t whole = outputs / (step * kLanes) * step;
    if (whole > 0)
      e.loop(e.index(0), e.index(whole), step, [&](Value inside) {
        emitTile(e.add(panel, inside), step, step * kLanes, token, count);
      });
    if (whole < panels)
      emitTile(e.add(panel, whole), panels - whole, outputs - whole * kLanes,
               token, count);
  });
}

void NMItem::emitTile(Value panel, int64_t panels, int64_t outputs,
                      Value token, int64_t tokens) {
  int64_t lanes = product.lanes();
  RegisterTile shape{tokens, coverWithVectors(panels * kLanes, lanes), outputs};
  Value output = e.mul(panel, kLanes);
  Value base = e.mul(item.firstUnit, getUnitPanels(tile) * kLanes);
  SmallVector<Value> sums =
      startTile(e, shape, item.bias, output, product.computeType);
  int64_t direct = 0, window = permute.window();
  if (product.inputs >= window)
    direct = std::min((product.inputs - window) / geometry.m + 1,
                      geometry.groups);
  auto groups = [&](int64_t begin, int64_t end, bool isTail) {
    if (begin == end)
      return;
    sums = e.loop(e.index(begin), e.index(end), 1, sums,
                  [&](Value group, ValueRange carried) {
                    SmallVector<Value> next(carried);
                    stepGroup(next, panel, panels, token, tokens, group,
                              isTail);
                    return next;
                  });
  };
  groups(0, direct, /*isTail=*/false);
  groups(direct, geometry.groups, /*isTail=*/true);
  storeTile(e, shape, sums, item.y, token, e.sub(output, base));
}

void NMItem::stepGroup(MutableArrayRef<Value> sums, Value panel,
                       int64_t panels, Value token, int64_t tokens,
                       Value group, bool isTail) {
  int64_t lanes = product.lanes(), perPanel = kLanes / lanes;
  int64_t vectors = panels * perPanel;
  Value column = e.mul(group, geometry.m);
  Value left = isTail ? e.sub(e.index(product.inputs), column) : Value();
  Value first =
      e.mul(e.add(e.mul(panel, geometry.groups), group), geometry.n);
  auto loadX = [&](int64_t t) {
    return permute.loadGroup(item.x, e.add(token, t), column, left);
  };
  auto loadSlot = [&](int64_t slot, int64_t vector) {
    int64_t entry = vector / perPanel * geometry.groups * geometry.n + slot;
    int64_t part = vector % perPanel;
    Value at = e.add(first, entry);
    Value values = e.load(
        item.buffers[0], e.add(e.mul(at, kLanes), part * lanes), lanes);
    Value code = e.loadScalar(item.buffers[1], at);
    return std::pair(e.extend(values, product.computeType),
                     permute.decode(code, part));
  };
  auto step = [&](int64_t t, int64_t vector, const PermutedGroup &x,
                  std::pair<Value, Value> slot) {
    Value &sum = sums[t * vectors + vector];
    sum = e.multiplyAdd(permute.apply(x, slot.second), slot.first, sum);
  };
  // What is alive across the group decides: x of every token, or all slots.
  if (tokens * (vectors + 1) + 3 <= product.target.vectorRegisters) {
    SmallVector<PermutedGroup> x;
    for (int64_t t = 0; t < tokens; ++t)
      x.push_back(loadX(t));
    for (int64_t slot = 0; slot < geometry.n; ++slot)
      for (int64_t vector = 0; vector < vectors; ++vector) {
        std::pair<Value, Value> loaded = loadSlot(slot, vector);
        for (int64_t t = 0; t < tokens; ++t)
          step(t, vector, x[t], loaded);
      }
    return;
  }
  SmallVector<std::pair<Value, Value>> slots;
  for (int64_t slot = 0; slot < geometry.n; ++slot)
    for (int64_t vector = 0; vector < vectors; ++vector)
      slots.push_back(loadSlot(slot, vector));
  for (int64_t t = 0; t < tokens; ++t) {
    PermutedGroup x = loadX(t);
    for (auto [number, slot] : llvm::enumerate(slots))
      step(t, number % vectors, x, slot);
  }
}

/// One output's entries are its slots of every group.
static EntrySource makeEntrySource(Emitter &e, const NMGeometry &geometry,
                                   ArrayRef<Value> buffers, Value output) {
  int64_t bits = geometry.m <= 4 ? 2 : 4;
  int64_t count = geometry.groups * geometry.n;
  Value lane = e.rem(output, e.index(kLanes));
  Value base = e.mul(e.div(output, kLanes), count);
  EntrySource source{e.index(0), e.index(count), {}};
  source.load = [=, &e, &geometry](Value entry) {
    Value at = e.add(base, entry);
    Value value =
        e.loadScalar(buffers[0], e.add(e.mul(at, kLanes), lane));
    Value position = extractBits(e, e.loadScalar(buffers[1], at),
                                 e.mul(lane, bits), bits);
    Value column = e.add(e.mul(e.div(entry, geometry.n), geometry.m),
                         position);
    return std::pair(value, column);
  };
  return source;
}

static bool usePermutes(const Product &product) {
  return !product.portable && product.computeType.isF32() &&
         (product.target.avx512 ||
          (product.target.vectorBits == 256 && product.target.fma));
}

namespace {
struct NMModel : FormatLoweringInterface::ExternalModel<NMModel, NMFormatAttr> {
  Partition getPartition(Attribute attr, const Product &product) const {
    if (!usePermutes(product))
      return getColumnPartition(product);
    constexpr int64_t kMostTokens = 240;
    NMTile tile =
        chooseTile(NMGeometry(cast<NMFormatAttr>(attr), product), product);
    return {getUnitPanels(tile) * kLanes, tile.tokens, kMostTokens,
            product.rowsCollide()};
  }
  void emitItem(Attribute attr, Emitter &e, const Product &product,
                const WorkItem &item) const {
    auto format = cast<NMFormatAttr>(attr);
    if (usePermutes(product))
      return NMItem(e, product, item, format).emit();
    NMGeometry geometry(format, product);
    emitColumnItem(e, product, item, [&](Value output) {
      return makeEntrySource(e, geometry, item.buffers, output);
    });
  }
};
} // namespace

void mlir::sparsity::attachNMKernel(MLIRContext *context) {
  NMFormatAttr::attachInterface<NMModel>(*context);
}
