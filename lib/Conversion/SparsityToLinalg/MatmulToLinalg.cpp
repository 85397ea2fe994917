//===- MatmulToLinalg.cpp - The product as a linalg contraction -----------===//
//
// What `sparsity.matmul` means: fill, contract, add the bias, round once. The
// packed operand arrives here as the dense matrix it stands for.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/SparsityToLinalg/MatmulToLinalg.h"

#include "SparsityToLinalg.h"

#include "sparse-opt/Dialect/Sparsity/IR/Elementwise.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"

using namespace mlir;
using namespace mlir::sparsity;

Type mlir::sparsity::getSumType(MatmulOp op) {
  // Half precision is summed in f32, everything else in its own type.
  Type type = op.getProductType();
  if (isa<FloatType>(type) && type.getIntOrFloatBitWidth() < 32)
    return Float32Type::get(op.getContext());
  return type;
}

Value mlir::sparsity::createZeros(OpBuilder &builder, Location loc,
                                  Value init) {
  Value zero = arith::ConstantOp::create(
      builder, loc, builder.getZeroAttr(getElementTypeOrSelf(init)));
  return linalg::FillOp::create(builder, loc, zero, init).getResult(0);
}

/// Rows at, at + 1, ... of the packed matrix: as many as `size`.
static Value sliceRows(OpBuilder &builder, Location loc, Value matrix, Value at,
                       OpFoldResult size) {
  OpFoldResult zero = builder.getIndexAttr(0), one = builder.getIndexAttr(1);
  auto type = cast<RankedTensorType>(matrix.getType());
  int64_t cols = type.getDimSize(1);
  // Upstream refuses to slice a tensor that is known to be empty.
  if (type.getNumElements() == 0)
    return tensor::EmptyOp::create(builder, loc,
                                   {size, builder.getIndexAttr(cols)},
                                   type.getElementType());
  return tensor::ExtractSliceOp::create(
      builder, loc, matrix, ArrayRef<OpFoldResult>{at, zero},
      ArrayRef<OpFoldResult>{size, builder.getIndexAttr(cols)},
      ArrayRef<OpFoldResult>{one, one});
}

/// Map of an operand over the loops (batch.., i, j, k): the batch dimensions
/// unless the operand is `shared` by them, then `rows` and `cols`.
static AffineMap getOperandMap(MatmulOp op, bool shared, AffineExpr rows,
                               AffineExpr cols) {
  int64_t batch = op.getRank() - 2;
  SmallVector<AffineExpr> results;
  for (int64_t dim = 0; dim < (shared ? 0 : batch); ++dim)
    results.push_back(getAffineDimExpr(dim, op.getContext()));
  results.append({rows, cols});
  return AffineMap::get(batch + 3, 0, results, op.getContext());
}

SmallVector<AffineMap> mlir::sparsity::getProductMaps(MatmulOp op) {
  MLIRContext *context = op.getContext();
  int64_t batch = op.getRank() - 2;
  AffineExpr i = getAffineDimExpr(batch, context);
  AffineExpr j = getAffineDimExpr(batch + 1, context);
  AffineExpr k = getAffineDimExpr(batch + 2, context);
  bool lhsPacked = op.isLhsPacked(),
       rhsPacked = op.getPackedType() && !lhsPacked;
  // A packed rhs is stored as outputs x inputs.
  bool rhsTransposed = rhsPacked || op.getTransposeRhs();
  return {op.getTransposeLhs() ? getOperandMap(op, lhsPacked, k, i)
                               : getOperandMap(op, lhsPacked, i, k),
          rhsTransposed ? getOperandMap(op, rhsPacked, j, k)
                        : getOperandMap(op, rhsPacked, k, j),
          getOperandMap(op, /*shared=*/false, i, j)};
}

Value mlir::sparsity::createContraction(OpBuilder &builder, MatmulOp op,
                                        Value lhs, Value rhs, Value zeros) {
  // The most specific op there is: matmul and batch_matmul where they fit,
  // contract for more dimensions and for an operand that the batch shares.
  Location loc = op.getLoc();
  ArrayAttr maps = builder.getAffineMapArrayAttr(getProductMaps(op));
  SmallVector<Value> operands = {lhs, rhs};
  bool shared = op.getPackedType() != nullptr;
  if (op.getRank() == 2) {
    auto matmul = linalg::MatmulOp::create(builder, loc, operands, zeros);
    matmul.setIndexingMapsAttr(maps);
    return matmul.getResult(0);
  }
  if (op.getRank() == 3 && !shared) {
    auto matmul = linalg::BatchMatmulOp::create(builder, loc, operands, zeros);
    matmul.setIndexingMapsAttr(maps);
    return matmul.getResult(0);
  }
  return linalg::ContractOp::create(builder, loc, operands, zeros, maps)
      .getResult(0);
}

bool mlir::sparsity::needsEpilogue(MatmulOp op) {
  return op.getBias() || op.hasEpilogue() ||
         getSumType(op) != getElementTypeOrSelf(op.getInit());
}

static Value addBias(OpBuilder &builder, Location loc, Value sum, Value bias) {
  Type type = sum.getType();
  Value term =
      convertScalarToDtype(builder, loc, bias, type, /*isUnsignedCast=*/false);
  if (isa<FloatType>(type))
    return arith::AddFOp::create(builder, loc, sum, term);
  return arith::AddIOp::create(builder, loc, sum, term);
}

/// What the epilogue's region makes of a sum and elements of its operands.
static Value cloneEpilogue(OpBuilder &builder, MatmulOp op, Value sum,
                           ValueRange more) {
  Block &body = op.getEpilogue();
  IRMapping mapping;
  mapping.map(body.getArgument(0), sum);
  mapping.map(body.getArguments().drop_front(), more);
  return cloneElementwise(builder, body, mapping);
}

Value mlir::sparsity::createEpilogue(OpBuilder &builder, MatmulOp op, Value sum,
                                     Value bias, ValueRange more, Value init) {
  int64_t rank = op.getRank();
  AffineMap identity = builder.getMultiDimIdentityMap(rank);
  SmallVector<Value> inputs = {sum};
  SmallVector<AffineMap> maps = {identity};
  if (bias) {
    int64_t biasDim = op.isLhsPacked() ? rank - 2 : rank - 1;
    inputs.push_back(bias);
    maps.push_back(AffineMap::get(rank, 0, builder.getAffineDimExpr(biasDim)));
  }
  llvm::append_range(inputs, more);
  llvm::append_range(maps,
                     op.getEpilogueMaps().getAsValueRange<AffineMapAttr>());
  maps.push_back(identity);
  auto body = [&](OpBuilder &nested, Location loc, ValueRange args) {
    Value value = args[0];
    if (bias)
      value = addBias(nested, loc, value, args[1]);
    value = convertScalarToDtype(nested, loc, value, op.getProductType(),
                                 /*isUnsignedCast=*/false);
    if (op.hasEpilogue())
      value = cloneEpilogue(nested, op, value,
                            args.drop_front(bias ? 2 : 1).drop_back());
    linalg::YieldOp::create(nested, loc, value);
  };
  SmallVector<utils::IteratorType> loops(rank, utils::IteratorType::parallel);
  return linalg::GenericOp::create(builder, op.getLoc(), init.getType(), inputs,
                                   init, maps, loops, body)
      .getResult(0);
}

namespace {
/// Preconditions:
///   1. The destination is a tensor.
struct ConvertMatmul : public OpConversionPattern<MatmulOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(MatmulOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    if (op.getNumResults() == 0)
      return rewriter.notifyMatchFailure(op, "expected tensors, got memrefs");
    Location loc = op.getLoc();
    Value lhs = adaptor.getLhs(), rhs = adaptor.getRhs();
    Value init = adaptor.getInit();
    if (Value at = adaptor.getAt()) {
      int64_t dim = op.isLhsPacked() ? op.getRank() - 2 : op.getRank() - 1;
      Value &packed = op.isLhsPacked() ? lhs : rhs;
      packed = sliceRows(rewriter, loc, packed, at,
                         tensor::getMixedSize(rewriter, loc, init, dim));
    }
    Value sums = init;
    if (Type type = getSumType(op); type != getElementTypeOrSelf(init))
      sums = tensor::EmptyOp::create(
          rewriter, loc, tensor::getMixedSizes(rewriter, loc, init), type);
    Value result = createContraction(rewriter, op, lhs, rhs,
                                     createZeros(rewriter, loc, sums));
    if (needsEpilogue(op))
      result = createEpilogue(rewriter, op, result, adaptor.getBias(),
                              adaptor.getEpilogueOperands(), init);
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

void mlir::sparsity::populateMatmulToLinalgPatterns(
    const TypeConverter &converter, RewritePatternSet &patterns) {
  patterns.add<ConvertMatmul>(converter, patterns.getContext());
}
