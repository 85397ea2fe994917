//===- DecodeBSR.cpp - Rows of blocks as a dense tensor -------------------===//
//
// Reads the layout drawn in Format/BSRFormat.h.
//
//===----------------------------------------------------------------------===//

#include "Decode.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// The buffers of one matrix, and where its blocks end up.
struct BlockDecoder {
  PackedType type;
  int64_t height, width;
  Value positions, columns, values;

  /// How much of a block that starts at `start` lies inside `extent`.
  static Value clip(IndexBuilder &index, Value start, int64_t size,
                    int64_t extent) {
    return index.min(index.constant(size),
                     index.sub(index.constant(extent), start));
  }

  /// Copies block `entry` of block row `blockRow` into `matrix`.
  Value copyBlock(ImplicitLocOpBuilder &builder, Value blockRow, Value entry,
                  Value matrix) const {
    IndexBuilder index(builder);
    Value row = index.mul(blockRow, height);
    Value col = index.mul(index.read(columns, entry), width);
    Value first = index.mul(entry, height * width);
    Value zero = index.constant(0);
    Value rows = clip(index, row, height, type.getRows());
    Value cols = clip(index, col, width, type.getCols());
    auto copyColumn = [&](ImplicitLocOpBuilder &outer, Value q, Value carried) {
      auto copyElement = [&](ImplicitLocOpBuilder &inner, Value p, Value to) {
        IndexBuilder at(inner);
        Value from = at.add(first, at.add(at.mul(q, height), p));
        Value element = tensor::ExtractOp::create(inner, values, from);
        return tensor::InsertOp::create(
                   inner, element, to,
                   ValueRange{at.add(row, p), at.add(col, q)})
            .getResult();
      };
      return createLoop(outer, zero, rows, carried, copyElement);
    };
    return createLoop(builder, zero, cols, matrix, copyColumn);
  }
};

struct BSRDecode
    : public FormatDecodeInterface::ExternalModel<BSRDecode, BSRFormatAttr> {
  Value decode(Attribute format, ImplicitLocOpBuilder &builder, PackedType type,
               ValueRange buffers) const {
    auto bsr = cast<BSRFormatAttr>(format);
    BlockDecoder blocks{type,       bsr.getRows(), bsr.getCols(),
                        buffers[0], buffers[1],    buffers[2]};
    IndexBuilder index(builder);
    int64_t blockRows = llvm::divideCeil(type.getRows(), bsr.getRows());
    auto copyRow = [&](ImplicitLocOpBuilder &outer, Value row, Value carried) {
      IndexBuilder at(outer);
      Value begin = at.read(blocks.positions, row);
      Value end = at.read(blocks.positions, at.add(row, at.constant(1)));
      auto copy = [&](ImplicitLocOpBuilder &inner, Value entry, Value matrix) {
        return blocks.copyBlock(inner, row, entry, matrix);
      };
      return createLoop(outer, begin, end, carried, copy);
    };
    return createLoop(builder, index.constant(0), index.constant(blockRows),
                      createZeroMatrix(builder, type), copyRow);
  }
};
} // namespace

void mlir::sparsity::attachBSRDecode(MLIRContext *context) {
  BSRFormatAttr::attachInterface<BSRDecode>(*context);
}
