//===- DecodeDense.cpp - Dense panels as a dense tensor -------------------===//
//
// Reads the layout drawn in Format/DensePackedFormat.h.
//
//===----------------------------------------------------------------------===//

#include "Decode.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
struct DenseDecode
    : public FormatDecodeInterface::ExternalModel<DenseDecode,
                                                  DenseFormatAttr> {
  Value decode(Attribute format, ImplicitLocOpBuilder &builder, PackedType type,
               ValueRange buffers) const {
    int64_t panel = cast<DenseFormatAttr>(format).getPanel();
    int64_t cols = type.getCols();
    int64_t lanes = llvm::alignTo(type.getRows(), format::kLanes);
    auto element = [&](ImplicitLocOpBuilder &body, Value row, Value col) {
      // values[start * cols + col * width + (row - start)]
      IndexBuilder index(body);
      Value start = index.mul(index.div(row, panel), panel);
      Value width = index.min(index.constant(panel),
                              index.sub(index.constant(lanes), start));
      Value line = arith::MulIOp::create(body, col, width);
      Value at = index.add(index.add(index.mul(start, cols), line),
                           index.sub(row, start));
      return tensor::ExtractOp::create(body, buffers[0], at).getResult();
    };
    return generateElements(builder, type, element);
  }
};
} // namespace

void mlir::sparsity::attachDenseDecode(MLIRContext *context) {
  DenseFormatAttr::attachInterface<DenseDecode>(*context);
}
