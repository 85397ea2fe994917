//===- DecodeStream.cpp - Streams of row entries as a dense tensor --------===//
//
// Reads the layout drawn in Format/RowStreamFormat.h.
//
//===----------------------------------------------------------------------===//

#include "Decode.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
struct StreamDecode
    : public FormatDecodeInterface::ExternalModel<StreamDecode,
                                                  StreamFormatAttr> {
  Value decode(Attribute, ImplicitLocOpBuilder &builder, PackedType type,
               ValueRange buffers) const {
    Value positions = buffers[0], columns = buffers[1], values = buffers[2];
    IndexBuilder index(builder);
    auto copyRow = [&](ImplicitLocOpBuilder &outer, Value row, Value carried) {
      IndexBuilder at(outer);
      Value begin = at.read(positions, row);
      Value end = at.read(positions, at.add(row, at.constant(1)));
      auto copy = [&](ImplicitLocOpBuilder &inner, Value entry, Value matrix) {
        Value element = tensor::ExtractOp::create(inner, values, entry);
        Value col = IndexBuilder(inner).read(columns, entry);
        return tensor::InsertOp::create(inner, element, matrix,
                                        ValueRange{row, col})
            .getResult();
      };
      return createLoop(outer, begin, end, carried, copy);
    };
    return createLoop(builder, index.constant(0),
                      index.constant(type.getRows()),
                      createZeroMatrix(builder, type), copyRow);
  }
};
} // namespace

void mlir::sparsity::attachStreamDecode(MLIRContext *context) {
  StreamFormatAttr::attachInterface<StreamDecode>(*context);
}
