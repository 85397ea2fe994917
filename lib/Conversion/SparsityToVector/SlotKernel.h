//===- SlotKernel.h - N:M products with tokens in vectors -----------------===//
//
// What the column kernel multiplies where each group of columns has n slots.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_SLOTKERNEL_H
#define SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_SLOTKERNEL_H

#include "ColumnKernel.h"
#include "NMGeometry.h"

namespace mlir::sparsity {

class SlotProducts final : public TileProducts {
public:
  SlotProducts(Emitter &e, const Product &product, const WorkItem &item,
               const ColumnFormat &format, const NMGeometry &geometry)
      : e(e), product(product), item(item), format(format), geometry(geometry) {
  }

  /// Offsets in x have 16 bits.
  static constexpr int64_t kMostElements = 1 << 16;
  /// A panel's values and offsets, per input, rounded up.
  static int64_t getBytesPerInput(const Product &product,
                                  const NMGeometry &geometry);

  void reserve() override;
  void release() override { e.release(offsets); }
  void emitTile(const ColumnTile &tile) override;

private:
  /// One panel in a tile: its first output and that one's row in the item; its
  /// groups and their slots, whose values and codes start at element 0 of the
  /// views; x of the tile as a flat view.
  struct Panel {
    Value output, row, groups, slots, values, codes, x;
  };
  /// Panel `number`, which is at `place` among those of the item.
  Panel getPanel(Value number, Value place, Value x, const ColumnTile &tile);
  /// Fills `offsets`.
  void decode(const Panel &panel, int64_t width);
  /// The products of `count` outputs from `lane` on.
  void emitLanes(const Panel &panel, const ColumnTile &tile, Value lane,
                 int64_t count);
  SmallVector<Value> startLanes(const Panel &panel, const ColumnTile &tile,
                                Value lane, int64_t count);
  /// Values of `count` outputs from `place` on, each in all lanes.
  SmallVector<Value> loadValues(const Panel &panel, Value place, int64_t count);
  /// Where x of these slots lies.
  SmallVector<Value> loadOffsets(Value place, int64_t count);
  /// Adds the slots of one group.
  void stepGroup(MutableArrayRef<Value> sums, const Panel &panel,
                 const ColumnTile &tile, Value group, Value lane);

  Emitter &e;
  const Product &product;
  const WorkItem &item;
  const ColumnFormat &format;
  NMGeometry geometry;
  /// Where x of each slot of a panel lies in a tile.
  Value offsets;
};

} // namespace mlir::sparsity

#endif // SPARSE_OPT_LIB_CONVERSION_SPARSITYTOVECTOR_SLOTKERNEL_H
