//===- AttentionKernel.cpp - Fused attention ------------------------------===//
//
// A work item is a batch element and a block of queries. It passes over the
// keys block by block: scores of some queries with the dense micro-kernel, a
// step of the online softmax on them while they are in the first-level cache,
// and the product with the values, again with the micro-kernel.
//
//===----------------------------------------------------------------------===//
//
// After each block of keys, for each query, with m the highest score so far:
//
//   sum = sum * exp(m' - m) + sum_j exp(score_j - m)
//   out = out * exp(m' - m) + sum_j exp(score_j - m) * value_j
//
//===----------------------------------------------------------------------===//

#include "AttentionKernel.h"
#include "CopyMatrix.h"
#include "DenseKernel.h"
#include "OnlineSoftmax.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Keys of a block, and queries that share a pass over it.
constexpr int64_t kKeys = 128, kRows = 30;
/// Work items to aim at: for each thread, and when it is unknown how many
/// threads there will be.
constexpr int64_t kItemsPerThread = 4, kItems = 64;

class Attention {
public:
  Attention(Emitter &e, func::FuncOp function, AttentionOp op,
            const Product &product);
  void emit(bool isParallel);

private:
  void chooseBlocks(Value matrices);
  void allocate();
  void release();
  void emitItem(Value number);
  /// The matrix of `operand` over two of the dimensions i, j, d and e.
  Value sliceOperand(unsigned operand, unsigned rows, Value firstRow,
                     Value numRows, unsigned cols);
  Value extent(unsigned operand, unsigned dim);
  void packKeys(Value begin, Value count);
  /// A matrix of keys and features, packed where vectors would not fit.
  Value getValues(Value begin, Value count);
  void emitKeyBlock(Value begin);
  /// One group of queries from `row` (of the item) on.
  void emitRows(Value row, Value count, Value begin, Value keys);
  void storeResult();
  Value scratchMatrix(Value memory, Value rows, int64_t cols);

  Emitter &e;
  AttentionOp op;
  const Product &product;
  SmallVector<Value> operands;
  unsigned batch;
  RegisterTile scoreTile, valueTile;
  /// Features, and with those that fill the last vector.
  int64_t numFeatures, features;
  Value queries, numKeys, inputs, blockRows, rowBlocks;
  SmallVector<Value> extents;

  // Of the current item.
  SmallVector<Value> indices;
  Value firstRow, numRows, x;
  Value keyPanels, valuePanel, values, scores, sums;
  SoftmaxState state;
};
} // namespace

Attention::Attention(Emitter &e, func::FuncOp function, AttentionOp op,
                     const Product &product)
    : e(e), op(op), product(product), operands(function.getArguments()),
      batch(op.getNumBatchDims()),
      scoreTile(chooseDenseTile(product, /*panel=*/64)) {
  AffineMap map = op.getIndexingMap(op.getValueMutable());
  auto type = cast<ShapedType>(op.getValue().getType());
  for (auto [index, size] : llvm::enumerate(type.getShape()))
    if (map.getDimPosition(index) == batch + 3)
      numFeatures = size;
  features = llvm::alignTo(numFeatures, product.lanes());
  valueTile = chooseDenseTile(product, features);
}

Value Attention::extent(unsigned operand, unsigned dim) {
  AffineMap map = op.getIndexingMap(op->getOpOperand(operand));
  unsigned position =
      *map.getResultPosition(getAffineDimExpr(dim, op.getContext()));
  return e.dim(operands[operand], position);
}

void Attention::emit(bool isParallel) {
  unsigned out = operands.size() - 1;
  Value matrices = e.index(1);
  for (unsigned dim = 0; dim < batch; ++dim) {
    extents.push_back(extent(out, dim));
    matrices = e.mul(matrices, extents.back());
  }
  queries = extent(0, batch);
  numKeys = extent(1, batch + 1);
  inputs = extent(0, batch + 2);
  chooseBlocks(e.max(matrices, e.index(1)));
  Value count = e.mul(matrices, rowBlocks);
  if (isParallel)
    e.parallelLoop(count, [&](Value number) { emitItem(number); });
  else
    e.loop(e.index(0), count, 1, [&](Value number) { emitItem(number); });
}

/// Every block of queries packs the keys again: only as many as needed, and all
/// of about one size.
void Attention::chooseBlocks(Value matrices) {
  int64_t threads = product.target.threads;
  int64_t items = threads > 0 ? kItemsPerThread * threads : kItems;
  Value wanted = e.ceilDiv(e.index(items), matrices);
  Value most = e.max(e.ceilDiv(queries, 2 * kRows), e.index(1));
  Value share = e.ceilDiv(queries, e.max(e.min(wanted, most), e.index(1)));
  blockRows = e.max(e.mul(e.ceilDiv(share, scoreTile.tokens), scoreTile.tokens),
                    e.index(1));
  rowBlocks = e.ceilDiv(queries, blockRows);
}

Value Attention::sliceOperand(unsigned operand, unsigned rows, Value firstRow,
                              Value numRows, unsigned cols) {
  AffineMap map = op.getIndexingMap(op->getOpOperand(operand));
  Value memref = operands[operand];
  SmallVector<OpFoldResult> starts, sizes;
  SmallVector<int64_t> shape;
  bool isTurned = false, sawCols = false;
  for (auto [index, result] : llvm::enumerate(map.getResults())) {
    unsigned dim = cast<AffineDimExpr>(result).getPosition();
    if (dim < batch) {
      starts.push_back(indices[dim]);
      sizes.push_back(e.getIndexAttr(1));
    } else if (dim == rows) {
      starts.push_back(firstRow);
      sizes.push_back(numRows);
      shape.push_back(ShapedType::kDynamic);
      isTurned = sawCols;
    } else {
      starts.push_back(e.getIndexAttr(0));
      sizes.push_back(e.dim(memref, index));
      shape.push_back(ShapedType::kDynamic);
      sawCols = true;
    }
  }
  SmallVector<OpFoldResult> steps(starts.size(), e.getIndexAttr(1));
  MemRefType type = memref::SubViewOp::inferRankReducedResultType(
      shape, cast<MemRefType>(memref.getType()), starts, sizes, steps);
  Value view = memref::SubViewOp::create(e, type, memref, starts, sizes, steps);
  return isTurned ? transposeView(e, view) : view;
}

Value Attention::scratchMatrix(Value memory, Value rows, int64_t cols) {
  return memref::ReinterpretCastOp::create(
      e, MemRefType::get({ShapedType::kDynamic, cols}, product.computeType),
      memory, OpFoldResult(e.getIndexAttr(0)),
      ArrayRef<OpFoldResult>{rows, e.getIndexAttr(cols)},
      ArrayRef<OpFoldResult>{e.getIndexAttr(cols), e.getIndexAttr(1)});
}

void Attention::allocate() {
  Type type = product.computeType;
  keyPanels = e.scratch({e.mul(inputs, kKeys)}, type);
  valuePanel = e.scratch({e.index(kKeys * features)}, type);
  scores = e.scratch({e.index(kRows), e.index(kKeys)}, type);
  sums = e.scratch({blockRows, e.index(features)}, type);
  for (Value *memory : {&state.highest, &state.before, &state.total})
    *memory = e.scratch({blockRows}, type);
}

void Attention::release() {
  for (Value memory : {state.highest, state.before, state.total, sums, scores,
                       valuePanel, keyPanels})
    e.release(memory);
}

void Attention::emitItem(Value number) {
  firstRow = e.mul(e.rem(number, rowBlocks), blockRows);
  numRows = e.min(blockRows, e.sub(queries, firstRow));
  Value rest = e.div(number, rowBlocks);
  indices.assign(batch, Value());
  for (unsigned dim : llvm::reverse(llvm::seq(batch))) {
    indices[dim] = e.rem(rest, extents[dim]);
    rest = e.div(rest, extents[dim]);
  }
  allocate();
  x = sliceOperand(0, batch, firstRow, numRows, batch + 2);
  bool copyX = !hasUnitStride(x, 1);
  if (copyX) {
    Value copy = e.scratch({blockRows, inputs}, product.computeType);
    copyMatrix(e, x, copy, numRows, inputs, product.lanes());
    x = copy;
  }
  emitStartOfSoftmax(e, state, sums, numRows, numKeys);
  e.loop(e.index(0), numKeys, kKeys, [&](Value begin) { emitKeyBlock(begin); });
  storeResult();
  if (copyX)
    e.release(x);
  release();
}

/// Panels of scoreTile.outputs keys, turned: element (d, j) of a panel follows
/// element (d, j - 1).
void Attention::packKeys(Value begin, Value count) {
  int64_t width = scoreTile.outputs;
  Value block = sliceOperand(1, batch + 1, begin, count, batch + 2);
  e.loop(e.index(0), count, width, [&](Value first) {
    Value valid = e.min(e.index(width), e.sub(count, first));
    Value from = e.view(block, {first, e.index(0)}, {valid, inputs});
    Value panel = memref::ReinterpretCastOp::create(
        e,
        MemRefType::get({ShapedType::kDynamic, width}, product.computeType,
                        StridedLayoutAttr::get(
                            e.getContext(), ShapedType::kDynamic, {width, 1})),
        keyPanels, OpFoldResult(e.mul(first, inputs)),
        ArrayRef<OpFoldResult>{inputs, e.getIndexAttr(width)},
        ArrayRef<OpFoldResult>{e.getIndexAttr(width), e.getIndexAttr(1)});
    copyMatrix(e, transposeView(e, from),
               e.view(panel, {e.index(0), e.index(0)}, {inputs, valid}), inputs,
               valid, product.lanes());
  });
}

Value Attention::getValues(Value begin, Value count) {
  Value block = sliceOperand(2, batch + 1, begin, count, batch + 3);
  if (hasUnitStride(block, 1) && features == numFeatures)
    return block;
  Value width = e.dim(block, 1);
  Value panel = scratchMatrix(valuePanel, e.index(kKeys), features);
  copyMatrix(e, block, e.view(panel, {e.index(0), e.index(0)}, {count, width}),
             count, width, product.lanes());
  return panel;
}

void Attention::emitKeyBlock(Value begin) {
  Value count = e.min(e.index(kKeys), e.sub(numKeys, begin));
  packKeys(begin, count);
  values = getValues(begin, count);
  e.loop(e.index(0), numRows, kRows, [&](Value row) {
    emitRows(row, e.min(e.index(kRows), e.sub(numRows, row)), begin, count);
  });
}

void Attention::emitRows(Value row, Value count, Value begin, Value keys) {
  Value zero = e.index(0), isFirst = e.equal(begin, 0);
  int64_t width = scoreTile.outputs;
  Value rows = e.view(x, {row, zero}, {count, inputs});
  // Panels beyond the last key hold old numbers, which the softmax masks.
  e.loop(zero, keys, width, [&](Value first) {
    DenseStrip strip{keyPanels, e.mul(first, inputs), width, zero, first};
    emitDenseStrip(e, scoreTile, strip, rows, scores, /*bias=*/{}, count, zero,
                   inputs, /*isFirst=*/{});
  });
  Value out = e.view(sums, {row, zero}, {count, e.index(features)});
  OnlineSoftmax softmax(e, op, operands, indices, product.lanes());
  softmax.emit(state, scores, out, {count, row, firstRow, begin, keys});
  Value weights = e.view(scores, {zero, zero}, {count, keys});
  for (int64_t first = 0; first < features; first += valueTile.outputs) {
    DenseStrip strip{values, e.index(first), features, zero, e.index(first)};
    emitDenseStrip(e, valueTile, strip, weights, out, /*bias=*/{}, count, zero,
                   keys, isFirst);
  }
}

void Attention::storeResult() {
  unsigned last = operands.size() - 1;
  Value out = sliceOperand(last, batch, firstRow, numRows, batch + 3);
  bool isPlain = hasUnitStride(out, 1) && features == numFeatures;
  emitEndOfSoftmax(e, state, sums, isPlain ? out : sums, numRows,
                   product.lanes(), op.getZeroRows());
  if (isPlain)
    return;
  Value width = e.dim(out, 1);
  Value result = e.view(sums, {e.index(0), e.index(0)}, {numRows, width});
  copyMatrix(e, result, out, numRows, width, product.lanes());
}

void mlir::sparsity::emitAttentionFunction(func::FuncOp function,
                                           AttentionOp op,
                                           const Product &product,
                                           bool isParallel) {
  OpBuilder builder(function.getContext());
  builder.setInsertionPointToStart(function.addEntryBlock());
  Emitter e(function.getLoc(), builder, product.target.fma);
  Attention(e, function, op, product).emit(isParallel);
  func::ReturnOp::create(e);
}
