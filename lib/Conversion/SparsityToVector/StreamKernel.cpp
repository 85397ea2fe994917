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

static EntrySource makeEntrySource(Emitter &e, ArrayRef<Value> buffers,
                                   Value output, InputTile tile) {
  Value positions = buffers[0], columns = buffers[1], values = buffers[2];
  EntrySource source;
  source.begin = e.loadIndex(positions, output);
  source.end = e.loadIndex(positions, e.add(output, 1));
  auto column = [=, &e](Value entry) {
    return e.sub(e.loadIndex(columns, entry), tile.begin);
  };
  source.column = column;
  source.load = [=, &e](Value entry) {
    return SmallVector{std::pair(e.loadScalar(values, entry), column(entry))};
  };
  return source;
}

static constexpr ColumnFormat kStream{/*unitOutputs=*/32, /*tileMultiple=*/16,
                                      /*holdsAllTiles=*/true};

namespace {
struct StreamModel
    : FormatLoweringInterface::ExternalModel<StreamModel, StreamFormatAttr> {
  Partition getPartition(Attribute, const Product &product) const {
    return getColumnPartition(product, kStream);
  }
  void emitItem(Attribute, Emitter &e, const Product &product,
                const WorkItem &item) const {
    auto entries = [&](Value output, InputTile tile) {
      return makeEntrySource(e, item.buffers, output, tile);
    };
    emitColumnItem(e, product, item, kStream, entries,
                   [&] { emitScalarItem(e, product, item, kStream, entries); });
  }
};
} // namespace

void mlir::sparsity::attachStreamKernel(MLIRContext *context) {
  StreamFormatAttr::attachInterface<StreamModel>(*context);
}
