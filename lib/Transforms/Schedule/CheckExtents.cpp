//===- CheckExtents.cpp - Arguments that must agree -----------------------===//
//
// Finds which dynamic extents of arguments meet in one loop of an op, and
// compares them once, at entry.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

namespace mlir::sparsity {
#define GEN_PASS_DEF_CHECKEXTENTSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// An argument's number and one of its dimensions, or -1 and a constant.
using Origin = std::pair<int64_t, int64_t>;

static std::optional<Origin> trace(Value value, int64_t dim);

/// The origin of an extent that is given as a value.
static std::optional<Origin> trace(OpFoldResult extent) {
  if (std::optional<int64_t> constant = getConstantIntValue(extent))
    return Origin{-1, *constant};
  auto dimOp = cast<Value>(extent).getDefiningOp<tensor::DimOp>();
  std::optional<int64_t> index =
      dimOp ? dimOp.getConstantIndex() : std::nullopt;
  return index ? trace(dimOp.getSource(), *index) : std::nullopt;
}

/// Where the extent of `value` along `dim` comes from, if that is simple.
static std::optional<Origin> trace(Value value, int64_t dim) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return std::nullopt;
  if (!type.isDynamicDim(dim))
    return Origin{-1, type.getDimSize(dim)};
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (!isa<func::FuncOp>(argument.getOwner()->getParentOp()))
      return std::nullopt;
    return Origin{argument.getArgNumber(), dim};
  }
  Operation *op = value.getDefiningOp();
  if (auto empty = dyn_cast<tensor::EmptyOp>(op))
    return trace(empty.getMixedSizes()[dim]);
  if (auto cast = dyn_cast<tensor::CastOp>(op))
    return isa<RankedTensorType>(cast.getSource().getType())
               ? trace(cast.getSource(), dim)
               : std::nullopt;
  if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
    return trace(expand.getMixedOutputShape()[dim]);
  if (auto styled = dyn_cast<DestinationStyleOpInterface>(op))
    return trace(styled.getTiedOpOperand(cast<OpResult>(value))->get(), dim);
  return std::nullopt;
}

namespace {
/// The extents of one function that must be equal.
class Agreement {
public:
  void add(Operation *op) {
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      addLoops(linalgOp);
    else if (auto matmul = dyn_cast<MatmulOp>(op))
      addProduct(matmul);
    else if (auto cast = dyn_cast<tensor::CastOp>(op))
      addCast(cast);
  }

  /// Asserts for each class, the constant or the first argument first.
  void emit(func::FuncOp function) {
    OpBuilder b = OpBuilder::atBlockBegin(&function.front());
    for (const auto &member : classes) {
      if (!member->isLeader())
        continue;
      SmallVector<Origin> origins(classes.member_begin(*member),
                                  classes.member_end());
      llvm::sort(origins);
      for (const Origin &origin : ArrayRef<Origin>(origins).drop_front())
        if (origin.first >= 0)
          emit(b, function, origins.front(), origin);
    }
  }

private:
  void unite(const Origin &a, const Origin &b) { classes.unionSets(a, b); }
  void uniteKnown(std::optional<Origin> a, std::optional<Origin> b) {
    if (a && b)
      unite(*a, *b);
  }

  void addLoops(linalg::LinalgOp op) {
    std::map<unsigned, Origin> loops;
    for (OpOperand &operand : op->getOpOperands()) {
      auto type = dyn_cast<RankedTensorType>(operand.get().getType());
      if (!type)
        continue;
      AffineMap map = op.getMatchingIndexingMap(&operand);
      for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
        auto loop = dyn_cast<AffineDimExpr>(expr);
        std::optional<Origin> origin =
            loop ? trace(operand.get(), dim) : std::nullopt;
        if (!origin)
          continue;
        auto [known, isNew] = loops.insert({loop.getPosition(), *origin});
        if (!isNew)
          unite(known->second, *origin);
      }
    }
  }

  /// What a cast says of extents that were unknown.
  void addCast(tensor::CastOp op) {
    auto source = dyn_cast<RankedTensorType>(op.getSource().getType());
    auto result = dyn_cast<RankedTensorType>(op.getType());
    for (int64_t dim = 0; source && result && dim < result.getRank(); ++dim)
      if (source.isDynamicDim(dim) && !result.isDynamicDim(dim))
        uniteKnown(trace(op.getSource(), dim),
                   Origin{-1, result.getDimSize(dim)});
  }

  void addProduct(MatmulOp op) {
    int64_t rank = op.getRank();
    SmallVector<std::optional<Origin>> sums;
    if (auto lhs = dyn_cast<RankedTensorType>(op.getLhs().getType()))
      sums.push_back(trace(op.getLhs(), op.getTransposeLhs() ? rank - 2
                                                             : rank - 1));
    else
      sums.push_back(Origin{-1, op.getPackedType().getCols()});
    if (auto rhs = dyn_cast<RankedTensorType>(op.getRhs().getType()))
      sums.push_back(trace(op.getRhs(), op.getTransposeRhs() ? rank - 1
                                                             : rank - 2));
    else
      sums.push_back(Origin{-1, op.getPackedType().getCols()});
    uniteKnown(sums[0], sums[1]);
    addOutputs(op, op.getLhs(), rank - 2,
               op.getTransposeLhs() ? rank - 1 : rank - 2);
    addOutputs(op, op.getRhs(), rank - 1,
               op.getTransposeRhs() ? rank - 2 : rank - 1);
    int64_t packedDim = op.isLhsPacked() ? rank - 2 : rank - 1;
    if (Value bias = op.getBias())
      uniteKnown(trace(bias, 0), trace(op.getInit(), packedDim));
  }

  /// An operand's batch, and its dimension `from` that is the result's `dim`.
  void addOutputs(MatmulOp op, Value operand, int64_t dim, int64_t from) {
    if (!isa<RankedTensorType>(operand.getType()))
      return uniteKnown(Origin{-1, op.getPackedType().getRows()},
                        trace(op.getInit(), dim));
    for (int64_t batch = 0; batch < op.getRank() - 2; ++batch)
      uniteKnown(trace(operand, batch), trace(op.getInit(), batch));
    uniteKnown(trace(operand, from), trace(op.getInit(), dim));
  }

  static Value getExtent(OpBuilder &b, func::FuncOp function,
                         const Origin &origin) {
    Location loc = function.getLoc();
    if (origin.first < 0)
      return arith::ConstantIndexOp::create(b, loc, origin.second);
    return tensor::DimOp::create(
        b, loc, function.getArgument(origin.first), origin.second);
  }

  static void emit(OpBuilder &b, func::FuncOp function, const Origin &expected,
                   const Origin &found) {
    Location loc = function.getLoc();
    Value isEqual = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::eq, getExtent(b, function, found),
        getExtent(b, function, expected));
    std::string wanted =
        expected.first < 0
            ? std::to_string(expected.second)
            : llvm::formatv("extent {0} of input {1}", expected.second,
                            expected.first)
                  .str();
    cf::AssertOp::create(b, loc, isEqual,
                         llvm::formatv("expected extent {0} of input {1} to be "
                                       "{2}",
                                       found.second, found.first, wanted)
                             .str());
  }

  llvm::EquivalenceClasses<Origin> classes;
};

struct CheckExtentsPass
    : public sparsity::impl::CheckExtentsPassBase<CheckExtentsPass> {
  void runOnOperation() override {
    if (getOperation().isExternal() || !getOperation().isPublic())
      return;
    Agreement agreement;
    for (Operation &op : getOperation().front())
      agreement.add(&op);
    agreement.emit(getOperation());
  }
};
} // namespace
