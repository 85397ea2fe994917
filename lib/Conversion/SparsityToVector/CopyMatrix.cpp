//===- CopyMatrix.cpp - Copies between strided matrices -------------------===//
//
// Row copies, transpositions by squares of registers, and element by element
// where nothing is known of the strides.
//
//===----------------------------------------------------------------------===//

#include "CopyMatrix.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::sparsity;

bool mlir::sparsity::hasUnitStride(Value memref, int64_t dim) {
  SmallVector<int64_t> strides;
  int64_t offset;
  auto type = cast<MemRefType>(memref.getType());
  return succeeded(type.getStridesAndOffset(strides, offset)) &&
         strides[dim] == 1;
}

Value mlir::sparsity::transposeView(Emitter &e, Value memref) {
  auto order =
      AffineMap::getPermutationMap(ArrayRef<unsigned>{1, 0}, e.getContext());
  return memref::TransposeOp::create(e, memref, AffineMapAttr::get(order));
}

static Value convert(Emitter &e, Value value, Type element) {
  Type from = getElementTypeOrSelf(value.getType());
  return element.getIntOrFloatBitWidth() < from.getIntOrFloatBitWidth()
             ? e.narrow(value, element)
             : e.extend(value, element);
}

SmallVector<Value> mlir::sparsity::transposeSquare(Emitter &e,
                                                   SmallVector<Value> rows) {
  int64_t size = rows.size();
  // Each step exchanges the off-diagonal quarters of squares of 2 x step.
  for (int64_t step = 1; step < size; step *= 2) {
    SmallVector<int64_t> low, high;
    for (int64_t lane = 0; lane < size; ++lane) {
      bool upper = lane & step;
      low.push_back(upper ? size + lane - step : lane);
      high.push_back(upper ? size + lane : lane + step);
    }
    for (int64_t i = 0; i < size; ++i) {
      if (i & step)
        continue;
      Value a = rows[i], b = rows[i + step];
      rows[i] = vector::ShuffleOp::create(e, a, b, low);
      rows[i + step] = vector::ShuffleOp::create(e, a, b, high);
    }
  }
  return rows;
}

namespace {
/// One copy; the methods differ in what they demand of the strides.
struct MatrixCopy {
  Emitter &e;
  Value source, target, rows, cols;
  int64_t lanes;

  Type element() const {
    return cast<MemRefType>(target.getType()).getElementType();
  }
  void element(Value row, Value col) {
    Value value = e.loadScalar(source, {row, col});
    e.storeScalar(convert(e, value, element()), target, {row, col});
  }
  void elements(Value rowBegin, Value rowEnd, Value colBegin, Value colEnd) {
    e.loop(rowBegin, rowEnd, 1, [&](Value row) {
      e.loop(colBegin, colEnd, 1, [&](Value col) { element(row, col); });
    });
  }
  Value wholeVectors(Value count) { return e.mul(e.div(count, lanes), lanes); }

  /// Unit stride along columns in both.
  void copyRows();
  /// Unit stride along columns of the source and rows of the target.
  void transpose();
};
} // namespace

void MatrixCopy::copyRows() {
  Value whole = wholeVectors(cols);
  e.loop(e.index(0), rows, 1, [&](Value row) {
    e.loop(e.index(0), whole, lanes, [&](Value col) {
      Value vector = e.load(source, {row, col}, lanes);
      e.store(convert(e, vector, element()), target, {row, col});
    });
    e.loop(whole, cols, 1, [&](Value col) { element(row, col); });
  });
}

void MatrixCopy::transpose() {
  Value wholeRows = wholeVectors(rows), wholeCols = wholeVectors(cols);
  Value turned = transposeView(e, target);
  e.loop(e.index(0), wholeRows, lanes, [&](Value row) {
    e.loop(e.index(0), wholeCols, lanes, [&](Value col) {
      SmallVector<Value> square;
      for (int64_t i = 0; i < lanes; ++i)
        square.push_back(
            convert(e, e.load(source, {e.add(row, i), col}, lanes), element()));
      square = transposeSquare(e, std::move(square));
      for (int64_t i = 0; i < lanes; ++i)
        e.store(square[i], turned, {e.add(col, i), row});
    });
  });
  elements(e.index(0), wholeRows, wholeCols, cols);
  elements(wholeRows, rows, e.index(0), cols);
}

void mlir::sparsity::copyMatrix(Emitter &e, Value source, Value target,
                                Value rows, Value cols, int64_t lanes) {
  MatrixCopy copy{e, source, target, rows, cols, lanes};
  MatrixCopy turned{e, Value(), Value(), cols, rows, lanes};
  auto turn = [&]() -> MatrixCopy & {
    turned.source = transposeView(e, source);
    turned.target = transposeView(e, target);
    return turned;
  };
  if (hasUnitStride(source, 1) && hasUnitStride(target, 1))
    return copy.copyRows();
  if (hasUnitStride(source, 0) && hasUnitStride(target, 0))
    return turn().copyRows();
  if (hasUnitStride(source, 1) && hasUnitStride(target, 0))
    return copy.transpose();
  if (hasUnitStride(source, 0) && hasUnitStride(target, 1))
    return turn().transpose();
  copy.elements(e.index(0), rows, e.index(0), cols);
}
