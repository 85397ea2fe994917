//===- MatmulTiling.cpp - TilingInterface of sparsity.matmul --------------===//
//
// Tiles the batch dimensions, rows and columns. The sum is never tiled: it
// belongs to the micro-kernel. A packed operand stays whole and the tile
// carries its first packed row in `at`.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::sparsity;

SmallVector<utils::IteratorType> MatmulOp::getLoopIteratorTypes() {
  return SmallVector<utils::IteratorType>(getRank(),
                                          utils::IteratorType::parallel);
}

/// The extents of a tensor or memref.
static SmallVector<OpFoldResult> getSizes(OpBuilder &builder, Location loc,
                                          Value value) {
  if (isa<RankedTensorType>(value.getType()))
    return tensor::getMixedSizes(builder, loc, value);
  return memref::getMixedSizes(builder, loc, value);
}

SmallVector<Range> MatmulOp::getIterationDomain(OpBuilder &builder) {
  SmallVector<Range> domain;
  for (OpFoldResult size : getSizes(builder, getLoc(), getInit()))
    domain.push_back({builder.getIndexAttr(0), size, builder.getIndexAttr(1)});
  return domain;
}

/// The part [offsets, sizes] of a tensor or memref, unit strides.
static Value slice(OpBuilder &builder, Location loc, Value source,
                   ArrayRef<OpFoldResult> offsets,
                   ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> strides(offsets.size(), builder.getIndexAttr(1));
  if (isa<MemRefType>(source.getType()))
    return memref::SubViewOp::create(builder, loc, source, offsets, sizes,
                                     strides);
  return tensor::ExtractSliceOp::create(builder, loc, source, offsets, sizes,
                                        strides);
}

/// The part of a dense operand that a tile reads: the tile's batch and, along
/// its own output dimension, the tile's range; the sum's dimension is whole.
static Value sliceOperand(OpBuilder &builder, Location loc, Value operand,
                          bool outputIsLast, int64_t outputDim,
                          ArrayRef<OpFoldResult> offsets,
                          ArrayRef<OpFoldResult> sizes) {
  int64_t rank = offsets.size();
  SmallVector<OpFoldResult> from(offsets.drop_back(2));
  SmallVector<OpFoldResult> extent(sizes.drop_back(2));
  SmallVector<OpFoldResult> whole = getSizes(builder, loc, operand);
  for (int64_t dim : {rank - 2, rank - 1}) {
    bool isOutput = (dim == rank - 1) == outputIsLast;
    from.push_back(isOutput ? offsets[outputDim] : builder.getIndexAttr(0));
    extent.push_back(isOutput ? sizes[outputDim] : whole[dim]);
  }
  return slice(builder, loc, operand, from, extent);
}

/// `at` of the tile: the op's own start plus the tile's offset.
static Value getTileStart(OpBuilder &builder, MatmulOp op,
                          OpFoldResult offset) {
  Location loc = op.getLoc();
  if (!op.getAt())
    return getValueOrCreateConstantIndexOp(builder, loc, offset);
  AffineExpr sum =
      builder.getAffineSymbolExpr(0) + builder.getAffineSymbolExpr(1);
  OpFoldResult start = affine::makeComposedFoldedAffineApply(
      builder, loc, sum, {OpFoldResult(op.getAt()), offset});
  return getValueOrCreateConstantIndexOp(builder, loc, start);
}

/// The part of an epilogue's operand that a tile reads.
static Value sliceAlong(OpBuilder &builder, Location loc, Value operand,
                        AffineMap map, ArrayRef<OpFoldResult> offsets,
                        ArrayRef<OpFoldResult> sizes) {
  SmallVector<OpFoldResult> from, extent;
  for (unsigned dim = 0; dim < map.getNumResults(); ++dim) {
    from.push_back(offsets[map.getDimPosition(dim)]);
    extent.push_back(sizes[map.getDimPosition(dim)]);
  }
  return slice(builder, loc, operand, from, extent);
}

FailureOr<TilingResult>
MatmulOp::getTiledImplementation(OpBuilder &builder,
                                 ArrayRef<OpFoldResult> offsets,
                                 ArrayRef<OpFoldResult> sizes) {
  Location loc = getLoc();
  int64_t rows = getRank() - 2, cols = getRank() - 1;
  int64_t packedDim = isLhsPacked() ? rows : cols;
  SmallVector<Operation *> slices;
  auto record = [&](Value value) {
    slices.push_back(value.getDefiningOp());
    return value;
  };
  Value lhs = getLhs(), rhs = getRhs(), bias = getBias(), at;
  if (!isa<PackedType>(lhs.getType()))
    lhs = record(sliceOperand(builder, loc, lhs, getTransposeLhs(), rows,
                              offsets, sizes));
  if (!isa<PackedType>(rhs.getType()))
    rhs = record(sliceOperand(builder, loc, rhs, !getTransposeRhs(), cols,
                              offsets, sizes));
  if (bias)
    bias =
        record(slice(builder, loc, bias, offsets[packedDim], sizes[packedDim]));
  if (getPackedType())
    at = getTileStart(builder, *this, offsets[packedDim]);
  SmallVector<Value> more;
  for (auto [operand, attr] :
       llvm::zip(getEpilogueOperands(), getEpilogueMaps())) {
    AffineMap map = cast<AffineMapAttr>(attr).getValue();
    more.push_back(operand);
    if (map.getNumResults() > 0)
      more.back() =
          record(sliceAlong(builder, loc, operand, map, offsets, sizes));
  }
  Value init = record(slice(builder, loc, getInit(), offsets, sizes));
  TypeRange results = TypeRange(init).take_front(getNumResults());
  auto tiled =
      MatmulOp::create(builder, loc, results, lhs, rhs, bias, at, more, init,
                       getTransposeLhs(), getTransposeRhs(), getKernelAttr(),
                       getEpilogueMaps(), getOperation()->getNumRegions());
  IRMapping mapping;
  for (auto [from, to] :
       llvm::zip(getOperation()->getRegions(), tiled->getRegions()))
    from.cloneInto(&to, mapping);
  return TilingResult{{tiled}, SmallVector<Value>(tiled->getResults()), slices};
}

LogicalResult MatmulOp::getResultTilePosition(
    OpBuilder &, unsigned, ArrayRef<OpFoldResult> offsets,
    ArrayRef<OpFoldResult> sizes, SmallVector<OpFoldResult> &resultOffsets,
    SmallVector<OpFoldResult> &resultSizes) {
  resultOffsets.assign(offsets.begin(), offsets.end());
  resultSizes.assign(sizes.begin(), sizes.end());
  return success();
}

FailureOr<TilingResult>
MatmulOp::generateResultTileValue(OpBuilder &builder, unsigned,
                                  ArrayRef<OpFoldResult> offsets,
                                  ArrayRef<OpFoldResult> sizes) {
  return getTiledImplementation(builder, offsets, sizes);
}
