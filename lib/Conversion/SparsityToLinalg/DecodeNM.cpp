//===- DecodeNM.cpp - N:M slots as a dense tensor -------------------------===//
//
// Reads the layout drawn in Format/NMFormat.h.
//
//===----------------------------------------------------------------------===//

#include "Decode.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

/// The position that `lane` of slot `slot` has inside its group.
static Value readPosition(ImplicitLocOpBuilder &builder, Value codes,
                          Value slot, Value lane) {
  auto word = cast<IntegerType>(getElementTypeOrSelf(codes));
  int64_t bits = word.getWidth() / format::kLanes;
  Value code = tensor::ExtractOp::create(builder, codes, slot);
  Value shift = arith::IndexCastUIOp::create(
      builder, word, IndexBuilder(builder).mul(lane, bits));
  Value low = arith::ConstantOp::create(
      builder, builder.getIntegerAttr(word, (1 << bits) - 1));
  Value position = arith::AndIOp::create(
      builder, arith::ShRUIOp::create(builder, code, shift), low);
  return arith::IndexCastUIOp::create(builder, builder.getIndexType(),
                                      position);
}

namespace {
struct NMDecode
    : public FormatDecodeInterface::ExternalModel<NMDecode, NMFormatAttr> {
  Value decode(Attribute format, ImplicitLocOpBuilder &builder, PackedType type,
               ValueRange buffers) const {
    int64_t n = cast<NMFormatAttr>(format).getN();
    int64_t m = cast<NMFormatAttr>(format).getM();
    int64_t groups = llvm::divideCeil(type.getCols(), m);
    Value values = buffers[0], codes = buffers[1];
    auto element = [&](ImplicitLocOpBuilder &body, Value row, Value col) {
      IndexBuilder index(body);
      Value lane = index.rem(row, format::kLanes);
      Value panel = index.div(row, format::kLanes);
      Value group = index.add(index.mul(panel, groups), index.div(col, m));
      Value last = index.add(index.mul(group, n), index.constant(n - 1));
      Value zero = arith::ConstantOp::create(
          body, body.getZeroAttr(type.getElementType()));
      // Backwards, so that the first slot with this position wins: the surplus
      // slots of a short group repeat its last one with a zero.
      auto visit = [&](ImplicitLocOpBuilder &inner, Value iv, Value found) {
        IndexBuilder at(inner);
        Value slot = at.sub(last, iv);
        Value value = tensor::ExtractOp::create(
            inner, values, at.add(at.mul(slot, format::kLanes), lane));
        Value isHere = arith::CmpIOp::create(
            inner, arith::CmpIPredicate::eq,
            readPosition(inner, codes, slot, lane), at.rem(col, m));
        return arith::SelectOp::create(inner, isHere, value, found).getResult();
      };
      return createLoop(body, index.constant(0), index.constant(n), zero,
                        visit);
    };
    return generateElements(builder, type, element);
  }
};
} // namespace

void mlir::sparsity::attachNMDecode(MLIRContext *context) {
  NMFormatAttr::attachInterface<NMDecode>(*context);
}
