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

#include "Kernels.h"
#include "MicroKernel.h"
#include "NMGeometry.h"
#include "Permute.h"
#include "SlotKernel.h"

using namespace mlir;
using namespace mlir::sparsity;
using format::kLanes;

namespace {
/// Register tile: tokens, and panels of 16 outputs.
struct NMTile {
  int64_t tokens, panels;
  /// A register of x serves all groups in it: no broadcast takes a pipe from
  /// the permutes, but controls cost more.
  bool takesWindows;
};

/// Where a register tile lies: from which panel and token on.
struct GroupTile {
  Value panel;
  int64_t panels;
  Value token;
  int64_t tokens;
};

/// Slots whose values and controls are in registers together: a sum is added to
/// so often before the next one.
constexpr int64_t kSlots = 2;
} // namespace

/// The product's tile in whole panels.
static NMTile getTile(const Product &product) {
  int64_t vectorsPerPanel = kLanes / product.lanes();
  return {product.tileRows,
          std::max<int64_t>(product.tileVectors / vectorsPerPanel, 1),
          product.target.avx512 && !product.target.permutePipe};
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
        tile(getTile(product)),
        permute(e, geometry.m, product.lanes(), product.target.vbmi) {}

  void emit();

private:
  /// All tokens over the `panels` panels from `panel` on.
  void emitUnit(Value panel, int64_t panels, int64_t outputs);
  /// One register tile; `outputs` of its lanes exist.
  void emitTile(Value panel, int64_t panels, int64_t outputs, Value token,
                int64_t tokens);
  /// The sums with groups `begin` to `end` added; the last ones (`isTail`) may
  /// have fewer columns than a load takes.
  SmallVector<Value> emitGroups(ArrayRef<Value> sums, const GroupTile &part,
                                int64_t begin, int64_t end, bool isTail);
  PermutedGroup loadX(const GroupTile &part, int64_t token, Value group,
                      bool isTail);
  /// Values and positions of one vector of outputs.
  std::pair<Value, Value> loadSlot(const GroupTile &part, Value group,
                                   int64_t slot, int64_t vector);
  void multiplyAdd(Value &sum, const PermutedGroup &x,
                   std::pair<Value, Value> slot);
  /// One group; x is loaded where it is empty.
  void stepTokens(MutableArrayRef<Value> sums, const GroupTile &part,
                  Value group, bool isTail, ArrayRef<PermutedGroup> x);
  /// The first `count` windows, each a register of columns of x and the groups
  /// that lie in it.
  SmallVector<Value> emitWindows(ArrayRef<Value> sums, const GroupTile &part,
                                 int64_t count);
  void stepWindow(MutableArrayRef<Value> sums, const GroupTile &part,
                  Value window);
  int64_t getTilePanels(int64_t tokens) const;
  /// True when tiles of `tokens` hold whole registers of x: many enough to pay
  /// for their controls.
  bool takesWindows(int64_t tokens) const;
  /// True when the registers hold the sums of a tile, `more` for each token,
  /// and what a step needs: values and controls of its slots and a product.
  bool fits(int64_t tokens, int64_t vectors, int64_t more) const {
    int64_t own = 2 * std::min(kSlots, geometry.n) + 1;
    return tokens * (vectors + more) + own <= product.target.vectorRegisters;
  }

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

bool NMItem::takesWindows(int64_t tokens) const {
  return tile.takesWindows && permute.hasWindows() && 2 * tokens >= tile.tokens;
}

int64_t NMItem::getTilePanels(int64_t tokens) const {
  if (tokens == tile.tokens)
    return tile.panels;
  if (takesWindows(tokens))
    return std::max<int64_t>(tile.tokens * tile.panels / tokens, 1);
  int64_t panels = std::max<int64_t>(tile.panels, 4);
  int64_t vectors = kLanes / product.lanes();
  while (panels > 1 && !fits(tokens, panels * vectors, 1))
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

void NMItem::emitTile(Value panel, int64_t panels, int64_t outputs, Value token,
                      int64_t tokens) {
  int64_t lanes = product.lanes();
  RegisterTile shape{tokens, coverWithVectors(panels * kLanes, lanes), outputs};
  Value output = e.mul(panel, kLanes);
  Value base = e.mul(item.firstUnit, getUnitPanels(tile) * kLanes);
  SmallVector<Value> sums =
      startTile(e, shape, item.bias, output, product.computeType);
  GroupTile part{panel, panels, token, tokens};
  int64_t inWindows = 0, direct = 0, window = permute.window();
  if (product.inputs >= window)
    direct =
        std::min((product.inputs - window) / geometry.m + 1, geometry.groups);
  if (takesWindows(tokens)) {
    int64_t windows = product.inputs / lanes;
    inWindows = windows * (lanes / geometry.m);
    sums = emitWindows(sums, part, windows);
  }
  auto groups = [&](int64_t begin, int64_t end, bool isTail) {
    if (begin < end)
      sums = emitGroups(sums, part, begin, end, isTail);
  };
  groups(inWindows, direct, /*isTail=*/false);
  groups(std::max(inWindows, direct), geometry.groups, /*isTail=*/true);
  storeTile(e, shape, sums, item.y, token, e.sub(output, base));
}

PermutedGroup NMItem::loadX(const GroupTile &part, int64_t token, Value group,
                            bool isTail) {
  Value column = e.mul(group, geometry.m);
  Value left = isTail ? e.sub(e.index(product.inputs), column) : Value();
  return permute.loadGroup(item.x, e.add(part.token, token), column, left);
}

SmallVector<Value> NMItem::emitGroups(ArrayRef<Value> sums,
                                      const GroupTile &part, int64_t begin,
                                      int64_t end, bool isTail) {
  int64_t vectors = part.panels * kLanes / product.lanes();
  // x of the next group is under way while this one is computed.
  bool isAhead =
      !isTail && geometry.m <= product.lanes() && fits(part.tokens, vectors, 2);
  bool isLate = !fits(part.tokens, vectors, permute.registers());
  SmallVector<Value> carried(sums);
  auto loadAhead = [&](SmallVector<Value> &values, Value group) {
    for (int64_t t = 0; isAhead && t < part.tokens; ++t)
      values.push_back(loadX(part, t, group, isTail).low);
  };
  loadAhead(carried, e.index(begin));
  auto step = [&](Value group, ValueRange values) {
    SmallVector<Value> next(values.take_front(sums.size()));
    SmallVector<PermutedGroup> x;
    for (Value ahead : values.drop_front(sums.size()))
      x.push_back({ahead, {}});
    for (int64_t t = 0; !isAhead && !isLate && t < part.tokens; ++t)
      x.push_back(loadX(part, t, group, isTail));
    stepTokens(next, part, group, isTail, x);
    loadAhead(next, e.min(e.add(group, 1), e.index(end - 1)));
    return next;
  };
  SmallVector<Value> results =
      e.loop(e.index(begin), e.index(end), 1, carried, step);
  results.truncate(sums.size());
  return results;
}

std::pair<Value, Value> NMItem::loadSlot(const GroupTile &part, Value group,
                                         int64_t slot, int64_t vector) {
  int64_t lanes = product.lanes(), perPanel = kLanes / lanes;
  Value first =
      e.mul(e.add(e.mul(part.panel, geometry.groups), group), geometry.n);
  int64_t entry = vector / perPanel * geometry.groups * geometry.n + slot;
  // One address for all, and constant distances from it.
  Value offset = e.mul(first, kLanes);
  // The values that the next tile of panels needs here.
  int64_t ahead = part.panels * geometry.groups * geometry.n;
  if (vector % perPanel == 0)
    e.prefetch(item.buffers[0], e.add(offset, (entry + ahead) * kLanes),
               kLanes);
  Value values =
      e.load(item.buffers[0],
             e.add(offset, entry * kLanes + vector % perPanel * lanes), lanes);
  Value code = e.loadScalar(item.buffers[1], e.add(first, entry));
  return {e.extend(values, product.computeType),
          permute.decode(code, vector % perPanel)};
}

void NMItem::multiplyAdd(Value &sum, const PermutedGroup &x,
                         std::pair<Value, Value> slot) {
  sum = e.multiplyAdd(permute.apply(x, slot.second), slot.first, sum);
}

void NMItem::stepTokens(MutableArrayRef<Value> sums, const GroupTile &part,
                        Value group, bool isTail, ArrayRef<PermutedGroup> x) {
  int64_t vectors = part.panels * kLanes / product.lanes();
  for (int64_t vector = 0; vector < vectors; ++vector)
    for (int64_t slot = 0; slot < geometry.n; slot += kSlots) {
      e.compilerFence();
      SmallVector<std::pair<Value, Value>, kSlots> loaded;
      for (int64_t s = slot; s < std::min(slot + kSlots, geometry.n); ++s)
        loaded.push_back(loadSlot(part, group, s, vector));
      for (int64_t t = 0; t < part.tokens; ++t) {
        if (x.empty())
          e.compilerFence();
        PermutedGroup own = x.empty() ? loadX(part, t, group, isTail) : x[t];
        for (const auto &entry : loaded)
          multiplyAdd(sums[t * vectors + vector], own, entry);
      }
    }
}

void NMItem::stepWindow(MutableArrayRef<Value> sums, const GroupTile &part,
                        Value window) {
  int64_t lanes = product.lanes(), inWindow = lanes / geometry.m;
  int64_t vectors = part.panels * kLanes / lanes;
  SmallVector<Value> x;
  for (int64_t t = 0; t < part.tokens; ++t)
    x.push_back(
        e.load(item.x, {e.add(part.token, t), e.mul(window, lanes)}, lanes));
  Value firstGroup = e.mul(window, inWindow);
  for (int64_t inside = 0; inside < inWindow; ++inside) {
    Value group = e.add(firstGroup, inside);
    for (int64_t vector = 0; vector < vectors; ++vector)
      for (int64_t slot = 0; slot < geometry.n; ++slot) {
        e.compilerFence();
        auto [values, control] = loadSlot(part, group, slot, vector);
        control = permute.place(control, inside);
        for (int64_t t = 0; t < part.tokens; ++t) {
          Value &sum = sums[t * vectors + vector];
          sum = e.multiplyAdd(permute.applyWindow(x[t], control), values, sum);
        }
      }
  }
}

SmallVector<Value> NMItem::emitWindows(ArrayRef<Value> sums,
                                       const GroupTile &part, int64_t count) {
  return e.loop(e.index(0), e.index(count), 1, sums,
                [&](Value window, ValueRange values) {
                  SmallVector<Value> next(values);
                  stepWindow(next, part, window);
                  return next;
                });
}

static ColumnFormat getColumnFormat(const NMGeometry &geometry,
                                    const Product &product) {
  int64_t unitOutputs = product.unit().permutes
                            ? getUnitPanels(getTile(product)) * kLanes
                            : 2 * kLanes;
  // A step of the main loop takes up to 16 slots.
  constexpr int64_t kMostInputs = 64;
  int64_t step = std::min(kLanes / geometry.n, kMostInputs / geometry.m);
  return {unitOutputs, geometry.m * std::max<int64_t>(step, 1),
          /*isSearched=*/false,
          SlotProducts::getBytesPerInput(product, geometry),
          SlotProducts::kMostElements};
}

namespace {
struct NMModel : FormatLoweringInterface::ExternalModel<NMModel, NMFormatAttr> {
  Partition getPartition(Attribute attr, const Product &product) const {
    constexpr int64_t kCacheWays = 8;
    NMGeometry geometry(cast<NMFormatAttr>(attr), product);
    Partition partition =
        getColumnPartition(product, getColumnFormat(geometry, product));
    partition.padRows = product.unit().permutes && product.rowsCollide() &&
                        product.tileRows > kCacheWays;
    return partition;
  }
  void emitItem(Attribute attr, Emitter &e, const Product &product,
                const WorkItem &item) const {
    auto format = cast<NMFormatAttr>(attr);
    NMGeometry geometry(format, product);
    ColumnFormat columns = getColumnFormat(geometry, product);
    SlotProducts slots(e, product, item, columns, geometry);
    auto emitColumns = [&] {
      emitColumnItem(e, product, item, columns, slots);
    };
    if (!product.unit().permutes)
      return emitColumns();
    Value isFew = e.less(item.tokens, e.index(product.columnTokens));
    e.when(
        isFew, [&] { NMItem(e, product, item, format).emit(); }, emitColumns);
  }
};
} // namespace

void mlir::sparsity::attachNMKernel(MLIRContext *context) {
  NMFormatAttr::attachInterface<NMModel>(*context);
}
