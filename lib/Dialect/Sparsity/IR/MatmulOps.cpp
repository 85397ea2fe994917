//===- MatmulOps.cpp - sparsity.matmul ------------------------------------===//
//
// Verifier, effects and shape reification of the product. Tiling is in
// MatmulTiling.cpp, bufferization in ExternalModels.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "Effects.h"
#include "MatmulEpilogue.h"

#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;
using namespace mlir::sparsity;

PackedType MatmulOp::getPackedType() {
  if (auto packed = dyn_cast<PackedType>(getLhs().getType()))
    return packed;
  return dyn_cast<PackedType>(getRhs().getType());
}

bool MatmulOp::isLhsPacked() { return isa<PackedType>(getLhs().getType()); }

int64_t MatmulOp::getRank() {
  return cast<ShapedType>(getInit().getType()).getRank();
}

void MatmulOp::build(OpBuilder &builder, OperationState &state,
                     TypeRange results, Value lhs, Value rhs, Value bias,
                     Value at, Value init, bool transposeLhs, bool transposeRhs,
                     KernelAttr kernel) {
  build(builder, state, results, lhs, rhs, bias, at,
        /*epilogue_operands=*/ValueRange(), init, transposeLhs, transposeRhs,
        kernel, builder.getArrayAttr({}), /*epiloguesCount=*/0);
}

Type MatmulOp::getProductType() {
  if (hasEpilogue())
    return getEpilogue().getArgument(0).getType();
  return cast<ShapedType>(getInit().getType()).getElementType();
}

AffineMap MatmulOp::getIndexingMap(OpOperand &operand) {
  unsigned rank = getRank(), row = rank - 2, col = rank - 1, sum = rank;
  OperandRange more = getEpilogueOperands();
  unsigned first = more.empty() ? 0 : more.getBeginOperandIndex();
  unsigned index = operand.getOperandNumber() - first;
  if (operand.getOperandNumber() >= first && index < more.size()) {
    auto map = cast<AffineMapAttr>(getEpilogueMaps()[index]).getValue();
    return AffineMap::get(rank + 1, 0, map.getResults(), getContext());
  }
  bool isPacked = isa<PackedType>(operand.get().getType());
  SmallVector<unsigned> dims;
  if (!isPacked)
    llvm::append_range(dims, llvm::seq<unsigned>(0, row));
  if (&operand == &getLhsMutable()) {
    dims.append({row, sum});
    if (getTransposeLhs())
      std::swap(dims[dims.size() - 2], dims.back());
  } else if (&operand == &getRhsMutable()) {
    dims.append({sum, col});
    if (getTransposeRhs() || isPacked)
      std::swap(dims[dims.size() - 2], dims.back());
  } else if (&operand == &getInitMutable()) {
    dims.append({row, col});
  } else {
    dims.assign({isLhsPacked() ? row : col});
  }
  return AffineMap::getMultiDimMapWithTargets(rank + 1, dims, getContext());
}

namespace {
/// Extents of one operand as the product sees them: batch.., rows, columns.
struct OperandShape {
  SmallVector<int64_t> batch;
  int64_t rows, cols;
  Type elementType;
};
} // namespace

/// Reads an operand as [rows, cols] of lhs or rhs. A packed rhs is stored as
/// outputs x inputs, so its rows are the product's columns.
static OperandShape getOperandShape(Type type, bool transpose) {
  if (auto packed = dyn_cast<PackedType>(type))
    return {{},
            transpose ? packed.getCols() : packed.getRows(),
            transpose ? packed.getRows() : packed.getCols(),
            packed.getElementType()};
  auto shaped = cast<ShapedType>(type);
  ArrayRef<int64_t> shape = shaped.getShape();
  int64_t rows = shape[shape.size() - 2], cols = shape.back();
  if (transpose)
    std::swap(rows, cols);
  return {SmallVector<int64_t>(shape.drop_back(2)), rows, cols,
          shaped.getElementType()};
}

static bool agree(int64_t a, int64_t b) {
  return ShapedType::isDynamic(a) || ShapedType::isDynamic(b) || a == b;
}

/// A tile (`at`) computes part of the packed rows, the whole op all of them.
static LogicalResult verifyExtent(MatmulOp op, StringRef what, int64_t expected,
                                  int64_t found, bool isTile) {
  if (agree(expected, found) || (isTile && found <= expected))
    return success();
  return op.emitOpError("expected ")
         << what << " of " << expected << ", got " << found;
}

static LogicalResult verifyOperandKinds(MatmulOp op) {
  bool lhsPacked = op.isLhsPacked();
  bool rhsPacked = isa<PackedType>(op.getRhs().getType());
  if (lhsPacked && rhsPacked)
    return op.emitOpError("expected at most one packed operand");
  if ((lhsPacked && op.getTransposeLhs()) ||
      (rhsPacked && op.getTransposeRhs()))
    return op.emitOpError("expected no transposition of a packed operand");
  if (op.getAt() && !lhsPacked && !rhsPacked)
    return op.emitOpError("expected 'at' with a packed operand only");
  bool isTensor = isa<RankedTensorType>(op.getInit().getType());
  for (Type type : op->getOperandTypes())
    if (isa<ShapedType>(type) && isa<RankedTensorType>(type) != isTensor)
      return op.emitOpError("expected tensors only or memrefs only, got ")
             << type << " and " << op.getInit().getType();
  for (Value operand : {op.getLhs(), op.getRhs(), op.getInit()}) {
    auto shaped = dyn_cast<ShapedType>(operand.getType());
    if (shaped && shaped.getRank() < 2)
      return op.emitOpError("expected operands of rank 2 or more, got ")
             << shaped;
  }
  if (isTensor != (op->getNumResults() == 1))
    return op.emitOpError("expected a result exactly for a tensor destination");
  if (isTensor && op.getResult().getType() != op.getInit().getType())
    return op.emitOpError("expected a result of type ")
           << op.getInit().getType() << ", got " << op.getResult().getType();
  return success();
}

/// Products are stored in their own element type or in a wider one of its kind
/// (f16 into f32, i8 into i32).
static LogicalResult verifyElementTypes(MatmulOp op, Type lhs, Type rhs,
                                        Type out) {
  if (lhs != rhs)
    return op.emitOpError("expected operands of one element type, got ")
           << lhs << " and " << rhs;
  bool sameKind = (isa<FloatType>(lhs) && isa<FloatType>(out)) ||
                  (isa<IntegerType>(lhs) && isa<IntegerType>(out));
  if (out == lhs ||
      (sameKind && out.getIntOrFloatBitWidth() > lhs.getIntOrFloatBitWidth()))
    return success();
  return op.emitOpError("expected a destination of ")
         << lhs << " or wider, got " << out;
}

static LogicalResult verifyBias(MatmulOp op, int64_t expected) {
  if (!op.getBias())
    return success();
  auto bias = cast<ShapedType>(op.getBias().getType());
  Type elementType = op.getProductType();
  if (bias.getElementType() != elementType)
    return op.emitOpError("expected a bias of the sums' element type ")
           << elementType << ", got " << bias.getElementType();
  if (bias.getRank() != 1 || !agree(bias.getDimSize(0), expected))
    return op.emitOpError("expected a bias of ")
           << expected << " elements, got " << bias;
  return success();
}

LogicalResult MatmulOp::verify() {
  if (failed(verifyOperandKinds(*this)))
    return failure();
  if (failed(verifyEpilogue(*this)))
    return failure();
  bool lhsPacked = isLhsPacked(), rhsPacked = getPackedType() && !lhsPacked;
  OperandShape lhs = getOperandShape(getLhs().getType(), getTransposeLhs());
  OperandShape rhs =
      getOperandShape(getRhs().getType(), rhsPacked || getTransposeRhs());
  OperandShape out = getOperandShape(getInit().getType(), false);
  if (failed(verifyExtent(*this, "a sum over k", lhs.cols, rhs.rows, false)) ||
      failed(verifyExtent(*this, "rows", lhs.rows, out.rows,
                          lhsPacked && getAt())) ||
      failed(verifyExtent(*this, "columns", rhs.cols, out.cols,
                          rhsPacked && getAt())))
    return failure();
  if (failed(verifyElementTypes(*this, lhs.elementType, rhs.elementType,
                                getProductType())))
    return failure();
  auto batchAgrees = [&](const OperandShape &operand) {
    return operand.batch.size() == out.batch.size() &&
           llvm::all_of(llvm::zip(operand.batch, out.batch), [](auto pair) {
             return agree(std::get<0>(pair), std::get<1>(pair));
           });
  };
  if ((!lhsPacked && !batchAgrees(lhs)) || (!rhsPacked && !batchAgrees(rhs)))
    return emitOpError("expected the batch dimensions of ")
           << getInit().getType() << " on both dense operands";
  if (getKernel() && getPackedType() &&
      getKernel()->getFormat() != getPackedType().getFormat())
    return emitOpError("expected a kernel for format ")
           << getPackedType().getFormat() << ", got "
           << getKernel()->getFormat();
  return verifyBias(*this, lhsPacked ? out.rows : out.cols);
}

LogicalResult
MatmulOp::reifyResultShapes(OpBuilder &builder,
                            ReifiedRankedShapedTypeDims &reified) {
  if (getNumResults() == 0)
    return failure();
  reified.emplace_back(tensor::getMixedSizes(builder, getLoc(), getInit()));
  return success();
}

void MatmulOp::getEffects(
    SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>>
        &effects) {
  addDestinationEffects(*this, effects);
}
