//===- StatisticOps.cpp - Ops that compute statistics ---------------------===//
//
// See StatisticOps.h; the table of kinds is at #sparsity.statistic.
//
//===----------------------------------------------------------------------===//

#include "StatisticOps.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"

using namespace mlir;
using namespace mlir::sparsity;

using utils::IteratorType;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

//===----------------------------------------------------------------------===//
// Rows
//===----------------------------------------------------------------------===//

/// The last two dimensions of `value` exchanged.
static Value exchange(OpBuilder &b, Location loc, Value value) {
  int64_t rank = typeOf(value).getRank();
  auto permutation = llvm::to_vector(llvm::seq<int64_t>(rank));
  std::swap(permutation[rank - 1], permutation[rank - 2]);
  SmallVector<OpFoldResult> sizes = tensor::getMixedSizes(b, loc, value);
  std::swap(sizes[rank - 1], sizes[rank - 2]);
  Value empty =
      tensor::EmptyOp::create(b, loc, sizes, typeOf(value).getElementType());
  return linalg::TransposeOp::create(b, loc, value, empty, permutation)
      ->getResult(0);
}

/// All dimensions of `value` but the last as one.
static Value collapse(OpBuilder &b, Location loc, Value value) {
  int64_t rank = typeOf(value).getRank();
  if (rank == 2)
    return value;
  ReassociationIndices leading =
      llvm::to_vector<2>(llvm::seq<int64_t>(rank - 1));
  return tensor::CollapseShapeOp::create(
      b, loc, value, ArrayRef<ReassociationIndices>{leading, {rank - 1}});
}

/// Half precision in f32.
static Value extend(OpBuilder &b, Location loc, Value value) {
  RankedTensorType type = typeOf(value);
  if (type.getElementTypeBitWidth() >= 32)
    return value;
  Value empty = tensor::EmptyOp::create(
      b, loc, tensor::getMixedSizes(b, loc, value), b.getF32Type());
  AffineMap map = b.getMultiDimIdentityMap(type.getRank());
  return linalg::GenericOp::create(
             b, loc, empty.getType(), value, empty,
             ArrayRef<AffineMap>{map, map},
             SmallVector<IteratorType>(type.getRank(), IteratorType::parallel),
             [](OpBuilder &b, Location loc, ValueRange args) {
               Value wide =
                   arith::ExtFOp::create(b, loc, args[1].getType(), args[0]);
               linalg::YieldOp::create(b, loc, wide);
             })
      .getResult(0);
}

Value mlir::sparsity::makeRows(OpBuilder &b, Location loc, Value value,
                               bool isSummedAlongLast, int64_t inputs) {
  if (!isSummedAlongLast)
    value = exchange(b, loc, value);
  value = extend(b, loc, collapse(b, loc, value));
  RankedTensorType type = typeOf(value);
  auto known = RankedTensorType::get({type.getDimSize(0), inputs},
                                     type.getElementType());
  if (type == known)
    return value;
  return tensor::CastOp::create(b, loc, known, value);
}

//===----------------------------------------------------------------------===//
// Statistics
//===----------------------------------------------------------------------===//

RankedTensorType mlir::sparsity::getStatisticType(StringRef kind,
                                                  RankedTensorType rows) {
  int64_t inputs = rows.getDimSize(1);
  Builder b(rows.getContext());
  if (kind == "rows")
    return RankedTensorType::get({1}, b.getI64Type());
  if (kind == "gram")
    return RankedTensorType::get({inputs, inputs}, rows.getElementType());
  return RankedTensorType::get({inputs}, b.getF64Type());
}

static Value addCount(OpBuilder &b, Location loc, Value rows, Value old) {
  Value count = arith::IndexCastOp::create(
      b, loc, b.getI64Type(), tensor::DimOp::create(b, loc, rows, 0));
  return linalg::GenericOp::create(
             b, loc, old.getType(), ValueRange(), old,
             ArrayRef<AffineMap>{b.getMultiDimIdentityMap(1)},
             ArrayRef{IteratorType::parallel},
             [&](OpBuilder &b, Location loc, ValueRange args) {
               Value sum = arith::AddIOp::create(b, loc, args[0], count);
               linalg::YieldOp::create(b, loc, sum);
             })
      .getResult(0);
}

/// The rows' products are summed by a matmul, whose epilogue adds what was
/// there: it must not be taken apart into tiles, each of which would read all
/// rows again.
static Value addGram(OpBuilder &b, Location loc, Value rows, Value old) {
  Value columns = exchange(b, loc, rows);
  auto product = MatmulOp::create(
      b, loc, old.getType(), columns, rows, /*bias=*/Value(), /*at=*/Value(),
      /*epilogue_operands=*/old, /*init=*/old, /*transpose_lhs=*/false,
      /*transpose_rhs=*/false, /*kernel=*/KernelAttr(),
      b.getAffineMapArrayAttr(b.getMultiDimIdentityMap(2)),
      /*epiloguesCount=*/1);
  OpBuilder::InsertionGuard guard(b);
  Type type = typeOf(rows).getElementType();
  Block *block =
      b.createBlock(&product->getRegion(0), {}, {type, type}, {loc, loc});
  Value sum = arith::AddFOp::create(b, loc, block->getArgument(0),
                                    block->getArgument(1));
  YieldOp::create(b, loc, sum);
  return product.getResult();
}

/// One element of a sum over rows.
static Value makeTerm(OpBuilder &b, Location loc, StringRef kind, Value value) {
  Type type = b.getF64Type();
  if (value.getType() != type)
    value = arith::ExtFOp::create(b, loc, type, value);
  if (kind == "squares")
    return arith::MulFOp::create(b, loc, value, value);
  if (kind == "magnitudes")
    return math::AbsFOp::create(b, loc, value);
  Value zero = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(0.0));
  Value one = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(1.0));
  Value isZero =
      arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OEQ, value, zero);
  return arith::SelectOp::create(b, loc, isZero, one, zero);
}

static Value addColumns(OpBuilder &b, Location loc, StringRef kind, Value rows,
                        Value old) {
  AffineMap element = b.getMultiDimIdentityMap(2);
  return linalg::GenericOp::create(
             b, loc, old.getType(), rows, old,
             ArrayRef<AffineMap>{element, element.getSubMap({1})},
             ArrayRef{IteratorType::reduction, IteratorType::parallel},
             [&](OpBuilder &b, Location loc, ValueRange args) {
               Value term = makeTerm(b, loc, kind, args[0]);
               Value sum = arith::AddFOp::create(b, loc, args[1], term);
               linalg::YieldOp::create(b, loc, sum);
             })
      .getResult(0);
}

Value mlir::sparsity::addStatistic(OpBuilder &b, Location loc, StringRef kind,
                                   Value rows, Value old) {
  if (kind == "rows")
    return addCount(b, loc, rows, old);
  if (kind == "gram")
    return addGram(b, loc, rows, old);
  return addColumns(b, loc, kind, rows, old);
}
