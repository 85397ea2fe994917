//===- PackOps.cpp - pack, unpack and assemble ----------------------------===//
//
// Verifiers and folders of the ops that make and open packed values.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

LogicalResult PackOp::verify() {
  auto source = cast<RankedTensorType>(getSource().getType());
  RankedTensorType dense = getResult().getType().getDenseType();
  SmallVector<int64_t> shape(dense.getShape());
  if (getTransposed())
    std::swap(shape[0], shape[1]);
  if (failed(verifyCompatibleShape(source.getShape(), shape)) ||
      source.getElementType() != dense.getElementType())
    return emitOpError("expected a source of type ")
           << RankedTensorType::get(shape, dense.getElementType()) << ", got "
           << source;
  return success();
}

OpFoldResult PackOp::fold(FoldAdaptor) {
  // A matrix that came out of a format fits into it.
  auto unpack = getSource().getDefiningOp<UnpackOp>();
  if (unpack && !getTransposed() && unpack.getSource().getType() == getType())
    return unpack.getSource();
  return {};
}

LogicalResult UnpackOp::verify() {
  RankedTensorType dense = getSource().getType().getDenseType();
  if (getResult().getType() != dense)
    return emitOpError("expected a result of type ")
           << dense << ", got " << getResult().getType();
  return success();
}

OpFoldResult UnpackOp::fold(FoldAdaptor) {
  // Dense panels keep every bit. A sparse format does not: it refuses what does
  // not fit, and an unstored -0.0 comes back as +0.0.
  auto pack = getSource().getDefiningOp<PackOp>();
  if (pack && !pack.getTransposed() &&
      isa<DenseFormatAttr>(getSource().getType().getFormat()) &&
      pack.getSource().getType() == getResult().getType())
    return pack.getSource();
  return {};
}

LogicalResult AssembleOp::verify() {
  SmallVector<RankedTensorType> types = getResult().getType().getStorageTypes();
  if (getBuffers().size() != types.size())
    return emitOpError("expected ")
           << types.size() << " storage buffers for " << getResult().getType()
           << ", got " << getBuffers().size();
  for (auto [index, buffer, type] : llvm::enumerate(getBuffers(), types)) {
    auto shaped = cast<ShapedType>(buffer.getType());
    if (shaped.getElementType() != type.getElementType() ||
        failed(verifyCompatibleShape(shaped.getShape(), type.getShape())))
      return emitOpError("expected buffer ")
             << index << " of type " << type << ", got " << shaped;
  }
  return success();
}
