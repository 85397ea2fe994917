//===- WeightUses.cpp - Which products use a parameter --------------------===//
//
// A walk along uses that carries, for each dimension of a value, the axis of
// the parameter's matrix that it comes from.
//
//===----------------------------------------------------------------------===//
//
//   load    tensor<8x4>       dims come from axes   [0, 1]
//   transpose -> 4x8                                [1, 0]
//   expand_shape -> 1x4x8                           [1, 1, 0]
//   batch_matmul sums over its dimension 1          -> axis 1
//
//===----------------------------------------------------------------------===//

#include "WeightUses.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// The axis that a dimension comes from, or kNone for neither or both.
using Axes = SmallVector<int8_t>;
constexpr int8_t kNone = -1;

class UseWalk {
public:
  void visit(Value value, Axes axes);
  WeightUses finish();

private:
  void visitUse(OpOperand &use, const Axes &axes);
  void addProduct(std::optional<int64_t> axis);

  llvm::SetVector<Value> seen;
  SmallVector<std::pair<Value, Axes>> worklist;
  WeightUses uses;
  bool agree = true;
};
} // namespace

/// The one axis that all of `axes` name, ignoring dimensions that come from
/// nowhere.
static int8_t unanimous(ArrayRef<int8_t> axes) {
  int8_t result = kNone;
  for (int8_t axis : axes) {
    if (axis == kNone)
      continue;
    if (result != kNone && result != axis)
      return kNone;
    result = axis;
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Ops that hand a weight on
//===----------------------------------------------------------------------===//

static Axes collapse(const Axes &axes, tensor::CollapseShapeOp op) {
  Axes result;
  for (const ReassociationIndices &group : op.getReassociationIndices()) {
    Axes parts;
    for (int64_t dim : group)
      parts.push_back(axes[dim]);
    result.push_back(unanimous(parts));
  }
  return result;
}

static Axes expand(const Axes &axes, tensor::ExpandShapeOp op) {
  Axes result;
  for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices()))
    result.append(group.size(), axes[dim]);
  return result;
}

static Axes slice(const Axes &axes, tensor::ExtractSliceOp op) {
  Axes result;
  llvm::SmallBitVector dropped = op.getDroppedDims();
  for (auto [dim, axis] : llvm::enumerate(axes))
    if (!dropped.test(dim))
      result.push_back(axis);
  return result;
}

/// True when `op` only moves and converts the elements of its one input:
/// transposes, broadcasts, copies, extensions.
static bool isMoveOrCast(linalg::LinalgOp op) {
  if (op.getNumDpsInputs() != 1 || op->getNumResults() != 1 ||
      op.getNumLoops() != op.getNumParallelLoops())
    return false;
  return llvm::all_of(*op.getBlock(), [](Operation &inner) {
    return isa<linalg::YieldOp, CastOpInterface>(inner);
  });
}

/// The axes of the loops that index `operand`, by its indexing map.
static Axes getLoopAxes(linalg::LinalgOp op, OpOperand &operand,
                        const Axes &axes) {
  Axes loops(op.getNumLoops(), kNone);
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [axis, index] : llvm::zip_equal(axes, map.getResults()))
    if (auto loop = dyn_cast<AffineDimExpr>(index))
      loops[loop.getPosition()] = axis;
  return loops;
}

static Axes move(const Axes &axes, linalg::LinalgOp op, OpOperand &operand) {
  Axes loops = getLoopAxes(op, operand, axes), result;
  for (AffineExpr index :
       op.getMatchingIndexingMap(op.getDpsInitOperand(0)).getResults()) {
    auto loop = dyn_cast<AffineDimExpr>(index);
    result.push_back(loop ? loops[loop.getPosition()] : kNone);
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Products
//===----------------------------------------------------------------------===//

/// The loops that a contraction or convolution sums over with its weight.
static FailureOr<SmallVector<unsigned, 6>> getSummedLoops(linalg::LinalgOp op) {
  if (linalg::isaContractionOpInterface(op)) {
    auto dims = linalg::inferContractionDims(op);
    if (succeeded(dims))
      return llvm::to_vector<6>(dims->k);
  }
  if (!linalg::isaConvolutionOpInterface(op))
    return failure();
  auto dims = linalg::inferConvolutionDims(op);
  if (failed(dims))
    return failure();
  SmallVector<unsigned, 6> loops(dims->filterLoop.begin(),
                                 dims->filterLoop.end());
  llvm::append_range(loops, dims->inputChannel);
  return loops;
}

static std::optional<int64_t> asAxis(int8_t axis) {
  return axis == kNone ? std::nullopt : std::optional<int64_t>(axis);
}

static std::optional<int64_t> getSummedAxis(linalg::LinalgOp op,
                                            OpOperand &operand,
                                            const Axes &axes,
                                            ArrayRef<unsigned> summed) {
  Axes loops = getLoopAxes(op, operand, axes), result;
  for (unsigned loop : summed)
    result.push_back(loops[loop]);
  return asAxis(unanimous(result));
}

/// Our own product sums over the last dimension of `lhs` and the last but one
/// of `rhs`; a transpose exchanges them.
static std::optional<int64_t> getSummedAxis(MatmulOp op, OpOperand &operand,
                                            const Axes &axes) {
  bool isLhs = operand.get() == op.getLhs();
  bool isLast = isLhs != (isLhs ? op.getTransposeLhs() : op.getTransposeRhs());
  return asAxis(axes[axes.size() - (isLast ? 1 : 2)]);
}

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

void UseWalk::addProduct(std::optional<int64_t> axis) {
  agree &= axis && (!uses.hasProduct || uses.summedAxis == axis);
  uses.hasProduct = true;
  uses.summedAxis = axis;
}

void UseWalk::visitUse(OpOperand &use, const Axes &axes) {
  Operation *op = use.getOwner();
  auto next = [&](Axes result) {
    auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
    if (type && size_t(type.getRank()) == result.size() &&
        seen.insert(op->getResult(0)))
      worklist.emplace_back(op->getResult(0), std::move(result));
  };
  if (auto collapseOp = dyn_cast<tensor::CollapseShapeOp>(op))
    return next(collapse(axes, collapseOp));
  if (auto expandOp = dyn_cast<tensor::ExpandShapeOp>(op))
    return next(expand(axes, expandOp));
  if (auto sliceOp = dyn_cast<tensor::ExtractSliceOp>(op))
    return next(slice(axes, sliceOp));
  if (isa<CastOpInterface, AssumeOp>(op) && op->getNumResults() == 1)
    return next(axes);
  if (auto matmul = dyn_cast<MatmulOp>(op))
    if (use.get() == matmul.getLhs() || use.get() == matmul.getRhs())
      return addProduct(getSummedAxis(matmul, use, axes));
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  if (!linalgOp || !linalgOp.isDpsInput(&use))
    return;
  if (isMoveOrCast(linalgOp))
    return next(move(axes, linalgOp, use));
  auto summed = getSummedLoops(linalgOp);
  if (succeeded(summed))
    addProduct(getSummedAxis(linalgOp, use, axes, *summed));
}

void UseWalk::visit(Value value, Axes axes) {
  worklist.emplace_back(value, std::move(axes));
  while (!worklist.empty()) {
    auto [current, currentAxes] = worklist.pop_back_val();
    for (OpOperand &use : current.getUses())
      visitUse(use, currentAxes);
  }
}

WeightUses UseWalk::finish() {
  if (!agree)
    uses.summedAxis = std::nullopt;
  return uses;
}

WeightUses mlir::sparsity::findWeightUses(ArrayRef<LoadOp> loads) {
  UseWalk walk;
  for (LoadOp load : loads) {
    LoadOp op = load;
    auto type = dyn_cast<RankedTensorType>(op.getType());
    if (!type || type.getRank() < 2)
      continue;
    Axes axes(type.getRank(), 1);
    axes.front() = 0;
    walk.visit(op.getResult(), std::move(axes));
  }
  return walk.finish();
}
