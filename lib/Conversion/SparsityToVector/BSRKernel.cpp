//===- BSRKernel.cpp - Products with compressed rows of blocks ------------===//
//
// Visits the stored blocks of a block row; a register tile holds the block's
// outputs, which are contiguous for each input, for some tokens.
//
//===----------------------------------------------------------------------===//

#include "Kernels.h"
#include "MicroKernel.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

using namespace mlir;
using namespace mlir::sparsity;

/// Block rows of one work unit: at least a vector's worth of outputs.
static int64_t getUnitBlocks(int64_t blockRows) {
  return llvm::divideCeil(format::kLanes, blockRows);
}

/// A tile for `outputs` rows of a block.
static RegisterTile chooseTile(const Product &product, int64_t outputs) {
  SmallVector<int64_t> widths = splitIntoVectors(outputs, product.lanes());
  constexpr int64_t kTallest = 12;
  int64_t tokens = chooseTokens(product, widths.size(), kTallest);
  return {tokens, widths, outputs};
}

namespace {
class BSRItem {
public:
  BSRItem(Emitter &e, const Product &product, const WorkItem &item,
          BSRFormatAttr format)
      : e(e), product(product), item(item), blockRows(format.getRows()),
        blockCols(format.getCols()),
        firstBlock(e.mul(item.firstUnit, getUnitBlocks(blockRows))) {}

  void emit();

private:
  /// One block row, of which `outputs` rows exist.
  void emitBlockRow(Value number, int64_t outputs);
  /// Rows [first, first + tile.outputs) of a block row.
  void emitStrip(Value number, int64_t first, const RegisterTile &tile);
  SmallVector<Value> sumBlocks(Value number, int64_t first,
                               const RegisterTile &tile, Value token,
                               SmallVector<Value> sums);

  Emitter &e;
  const Product &product;
  const WorkItem &item;
  int64_t blockRows, blockCols;
  Value firstBlock;
};
} // namespace

void BSRItem::emit() {
  int64_t whole = product.outputs / blockRows;
  int64_t rest = product.outputs % blockRows;
  Value end = e.mul(item.endUnit, getUnitBlocks(blockRows));
  if (whole > 0)
    e.loop(firstBlock, e.min(end, e.index(whole)), 1,
           [&](Value number) { emitBlockRow(number, blockRows); });
  if (rest > 0)
    e.when(e.less(e.index(whole), end),
           [&] { emitBlockRow(e.index(whole), rest); });
}

void BSRItem::emitBlockRow(Value number, int64_t outputs) {
  int64_t strip = 4 * product.lanes();
  for (int64_t first = 0; first < outputs; first += strip)
    emitStrip(number, first,
              chooseTile(product, std::min(strip, outputs - first)));
}

void BSRItem::emitStrip(Value number, int64_t first, const RegisterTile &tile) {
  Value output = e.add(e.mul(number, blockRows), first);
  Value column = e.add(e.mul(e.sub(number, firstBlock), blockRows), first);
  forTokenTiles(e, item.tokens, tile.tokens, [&](Value token, int64_t count) {
    RegisterTile part = tile;
    part.tokens = count;
    SmallVector<Value> sums =
        startTile(e, part, item.bias, output, product.computeType);
    sums = sumBlocks(number, first, part, token, sums);
    storeTile(e, part, sums, item.y, token, column);
  });
}

SmallVector<Value> BSRItem::sumBlocks(Value number, int64_t first,
                                      const RegisterTile &tile, Value token,
                                      SmallVector<Value> sums) {
  Value positions = item.buffers[0], columns = item.buffers[1];
  Value begin = e.loadIndex(positions, number);
  Value end = e.loadIndex(positions, e.add(number, 1));
  bool isRagged = product.inputs % blockCols != 0;
  return e.loop(begin, end, 1, sums, [&](Value block, ValueRange carried) {
    Value k = e.mul(e.loadIndex(columns, block), blockCols);
    Value base = e.add(e.mul(block, blockRows * blockCols), first);
    Value count = e.index(blockCols);
    if (isRagged)
      count = e.min(count, e.sub(e.index(product.inputs), k));
    return e.loop(
        e.index(0), count, 1, carried, [&](Value inside, ValueRange args) {
          SmallVector<Value> next(args);
          stepTile(e, tile, next, item.x, token, e.add(k, inside),
                   item.buffers[2], e.add(base, e.mul(inside, blockRows)));
          return next;
        });
  });
}

namespace {
struct BSRModel
    : FormatLoweringInterface::ExternalModel<BSRModel, BSRFormatAttr> {
  Partition getPartition(Attribute attr, const Product &product) const {
    // Blocks visit x at random: it must stay in cache.
    constexpr int64_t kMostTokens = 256;
    int64_t rows = cast<BSRFormatAttr>(attr).getRows();
    int64_t strip = std::min(rows, 4 * product.lanes());
    int64_t tile = chooseTile(product, strip).tokens;
    int64_t most = std::clamp(product.tokensInCache(), 2 * tile, kMostTokens);
    return {getUnitBlocks(rows) * rows, tile, most, product.rowsCollide()};
  }
  void emitItem(Attribute attr, Emitter &e, const Product &product,
                const WorkItem &item) const {
    BSRItem(e, product, item, cast<BSRFormatAttr>(attr)).emit();
  }
};
} // namespace

void mlir::sparsity::attachBSRKernel(MLIRContext *context) {
  BSRFormatAttr::attachInterface<BSRModel>(*context);
}
