//===- DensePair.cpp - Products of two dense operands ---------------------===//
//
// Packs a panel of the right operand into scratch, slice by slice of the sum,
// and runs the dense kernel on it. A work item is a batch element, a panel and
// a block of rows.
//
//===----------------------------------------------------------------------===//

#include "DensePair.h"
#include "CopyMatrix.h"
#include "DenseKernel.h"
#include "ProductView.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Columns of a panel, and inputs of a slice: together they fit the
/// second-level cache.
constexpr int64_t kPanel = 64, kSlice = 512;
/// Work items to aim at.
constexpr int64_t kItems = 64;

class DensePair {
public:
  DensePair(Emitter &e, func::FuncOp function, const Product &product,
            bool hasBias);
  void emit(bool isParallel);

private:
  void emitItem(Value number);
  /// Matrices of one batch element.
  void emitMatrix(Value lhs, Value rhs, Value y, Value panel, Value rowBlock);
  /// The bias of a panel, padded.
  Value stageBias(Value column, Value count);
  Value stageRows(Value matrix, Value rows, Value cols);
  void emitSlices(Value lhs, Value rhs, Value y, Value bias, Value rows,
                  Value count);

  Emitter &e;
  const Product &product;
  RegisterTile tile;
  Value lhs, rhs, bias, y;
  Value rows, cols, inputs, panels, rowBlocks, blockRows;
  SmallVector<Value> batch;
  int64_t rank;
};
} // namespace

DensePair::DensePair(Emitter &e, func::FuncOp function, const Product &product,
                     bool hasBias)
    : e(e), product(product), tile(chooseDenseTile(product, kPanel)),
      lhs(function.getArgument(0)), rhs(function.getArgument(1)),
      bias(hasBias ? function.getArgument(2) : Value()),
      y(function.getArguments().back()),
      rank(cast<MemRefType>(y.getType()).getRank()) {
  for (int64_t dim = 0; dim < rank - 2; ++dim)
    batch.push_back(e.dim(y, dim));
  rows = e.dim(y, rank - 2);
  cols = e.dim(y, rank - 1);
  inputs = e.dim(lhs, rank - 1);
}

void DensePair::emit(bool isParallel) {
  panels = e.ceilDiv(cols, tile.outputs);
  Value matrices = e.index(1);
  for (Value extent : batch)
    matrices = e.mul(matrices, extent);
  Value pairs = e.mul(matrices, panels), one = e.index(1);
  // Every block of rows packs the panel again: only as many as needed, and tall
  // enough to pay for it.
  int64_t least = 4 * tile.tokens;
  Value wanted = e.ceilDiv(e.index(kItems), e.max(pairs, one));
  blockRows =
      e.max(e.mul(e.ceilDiv(e.ceilDiv(rows, wanted), tile.tokens), tile.tokens),
            e.index(least));
  rowBlocks = e.ceilDiv(rows, blockRows);
  Value count = e.mul(pairs, rowBlocks);
  if (isParallel)
    e.parallelLoop(count, [&](Value number) { emitItem(number); });
  else
    e.loop(e.index(0), count, 1, [&](Value number) { emitItem(number); });
}

void DensePair::emitItem(Value number) {
  Value rowBlock = e.rem(number, rowBlocks);
  Value rest = e.div(number, rowBlocks);
  Value panel = e.rem(rest, panels);
  rest = e.div(rest, panels);
  SmallVector<Value> indices(batch.size());
  for (int64_t dim = batch.size() - 1; dim >= 0; --dim) {
    indices[dim] = e.rem(rest, batch[dim]);
    rest = e.div(rest, batch[dim]);
  }
  emitMatrix(sliceMatrix(e, lhs, indices), sliceMatrix(e, rhs, indices),
             sliceMatrix(e, y, indices), panel, rowBlock);
}

Value DensePair::stageBias(Value column, Value count) {
  if (!bias)
    return {};
  Value copy = e.scratch({e.index(tile.outputs)}, product.computeType);
  e.loop(e.index(0), e.index(tile.outputs), 1, [&](Value i) {
    e.storeScalar(e.zero(product.computeType), copy, {i});
  });
  e.loop(e.index(0), count, 1, [&](Value i) {
    Value value = e.loadScalar(bias, {e.add(column, i)});
    e.storeScalar(e.extend(value, product.computeType), copy, {i});
  });
  return copy;
}

Value DensePair::stageRows(Value matrix, Value count, Value width) {
  Value copy = e.scratch({blockRows, width}, product.computeType);
  copyMatrix(e, matrix, copy, count, width, product.lanes());
  return copy;
}

void DensePair::emitMatrix(Value a, Value b, Value c, Value panel,
                           Value rowBlock) {
  Value zero = e.index(0), width = e.index(tile.outputs);
  Value row = e.mul(rowBlock, blockRows), column = e.mul(panel, width);
  Value count = e.min(blockRows, e.sub(rows, row));
  Value valid = e.min(width, e.sub(cols, column));
  Value rowsOfA = e.view(a, {row, zero}, {count, inputs});
  Value columnsOfB = e.view(b, {zero, column}, {inputs, valid});
  Value target = e.view(c, {row, column}, {count, valid});
  auto isPlain = [&](Value memref) {
    Type element = cast<MemRefType>(memref.getType()).getElementType();
    return element == product.computeType && hasUnitStride(memref, 1);
  };
  bool copyA = !isPlain(a);
  Value x = copyA ? stageRows(rowsOfA, count, inputs) : rowsOfA;
  Value panelBias = stageBias(column, valid);
  // A narrow last panel is computed in full and cut when it is copied.
  Value result = e.scratch({blockRows, width}, product.computeType);
  auto whole = [&] {
    emitSlices(x, columnsOfB, target, panelBias, count, valid);
  };
  auto cut = [&] {
    emitSlices(x, columnsOfB, result, panelBias, count, valid);
    Value part = e.view(result, {zero, zero}, {count, valid});
    copyMatrix(e, part, target, count, valid, product.lanes());
  };
  if (isPlain(c))
    e.when(e.equal(valid, tile.outputs), whole, cut);
  else
    cut();
  e.release(result);
  if (panelBias)
    e.release(panelBias);
  if (copyA)
    e.release(x);
}

void DensePair::emitSlices(Value x, Value columns, Value result, Value bias,
                           Value count, Value valid) {
  Value zero = e.index(0), one = e.index(1);
  Value packed =
      e.scratch({e.index(kSlice * tile.outputs)}, product.computeType);
  Value panel = memref::ReinterpretCastOp::create(
      e, MemRefType::get({kSlice, tile.outputs}, product.computeType), packed,
      OpFoldResult(e.getIndexAttr(0)),
      ArrayRef<OpFoldResult>{e.getIndexAttr(kSlice),
                             e.getIndexAttr(tile.outputs)},
      ArrayRef<OpFoldResult>{e.getIndexAttr(tile.outputs), e.getIndexAttr(1)});
  // At least one slice, so that an empty sum still writes.
  e.loop(zero, e.max(inputs, one), kSlice, [&](Value begin) {
    Value length = e.min(e.index(kSlice), e.sub(inputs, begin));
    copyMatrix(e, e.view(columns, {begin, zero}, {length, valid}),
               e.view(panel, {zero, zero}, {length, valid}), length, valid,
               product.lanes());
    DenseStrip strip{packed, zero, tile.outputs, zero, zero};
    Value slice = e.view(x, {zero, begin}, {count, length});
    emitDenseStrip(e, tile, strip, slice, result, bias, count, zero, length,
                   e.equal(begin, 0));
  });
  e.release(packed);
}

void mlir::sparsity::emitDensePairFunction(func::FuncOp function,
                                           const Product &product, bool hasBias,
                                           bool isParallel) {
  OpBuilder builder(function.getContext());
  builder.setInsertionPointToStart(function.addEntryBlock());
  Emitter e(function.getLoc(), builder, product.target.fma);
  DensePair(e, function, product, hasBias).emit(isParallel);
  func::ReturnOp::create(e);
}
