//===- HoistAsserts.cpp - Checks apart from computations ------------------===//
//
// Splits each linalg.generic with assertions into one op that checks and one
// that computes. What a failed check does is not decided here.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_HOISTASSERTSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

namespace {
/// What the checks of one op need of its body.
struct CheckSlice {
  SmallVector<cf::AssertOp> asserts;
  /// Body ops that compute the conditions, in body order.
  llvm::SetVector<Operation *> ops;
  /// Inputs that these ops read.
  SmallVector<OpOperand *> inputs;
  /// Loop dimensions that the inputs and indices have.
  llvm::SmallDenseSet<unsigned> dims;
};
} // namespace

/// Adds `value` and what it is computed from; false when it needs the result's
/// old value or a region.
static bool addToSlice(linalg::GenericOp op, Value value, CheckSlice &slice) {
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    if (argument.getOwner() != op.getBody())
      return true;
    OpOperand *operand = op.getMatchingOpOperand(argument);
    if (op.isDpsInit(operand))
      return false;
    if (!llvm::is_contained(slice.inputs, operand))
      slice.inputs.push_back(operand);
    for (AffineExpr expr : op.getMatchingIndexingMap(operand).getResults())
      for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
        if (expr.isFunctionOfDim(dim))
          slice.dims.insert(dim);
    return true;
  }
  Operation *def = value.getDefiningOp();
  if (def->getBlock() != op.getBody() || slice.ops.contains(def))
    return true;
  // What a region captures is not among the operands.
  if (def->getNumRegions() != 0)
    return false;
  if (auto index = dyn_cast<linalg::IndexOp>(def))
    slice.dims.insert(index.getDim());
  for (Value operand : def->getOperands())
    if (!addToSlice(op, operand, slice))
      return false;
  slice.ops.insert(def);
  return true;
}

/// True when one of the loops that the check leaves out runs never, so that the
/// op checks nothing; null when it is known that all of them run.
static Value isNeverRun(OpBuilder &b, linalg::GenericOp op,
                        ArrayRef<unsigned> dims) {
  Location loc = op.getLoc();
  SmallVector<Range> loops =
      cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(b, loc);
  Value isEmpty;
  for (auto [dim, loop] : llvm::enumerate(loops)) {
    if (llvm::is_contained(dims, dim) ||
        getConstantIntValue(loop.size).value_or(0) > 0)
      continue;
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value isZero = arith::CmpIOp::create(
        b, loc, arith::CmpIPredicate::eq,
        getValueOrCreateConstantIndexOp(b, loc, loop.size), zero);
    isEmpty = isEmpty ? arith::OrIOp::create(b, loc, isEmpty, isZero) : isZero;
  }
  return isEmpty;
}

/// Builds the op that only checks: the slice over its own dimensions.
static void createCheck(IRRewriter &rewriter, linalg::GenericOp op,
                        const CheckSlice &slice) {
  SmallVector<unsigned> dims(slice.dims.begin(), slice.dims.end());
  llvm::sort(dims);
  MLIRContext *context = op.getContext();
  SmallVector<AffineExpr> renumbered(op.getNumLoops(),
                                     getAffineConstantExpr(0, context));
  for (auto [position, dim] : llvm::enumerate(dims))
    renumbered[dim] = getAffineDimExpr(position, context);
  SmallVector<AffineMap> maps;
  SmallVector<Value> inputs;
  for (OpOperand *operand : slice.inputs) {
    maps.push_back(op.getMatchingIndexingMap(operand).replaceDimsAndSymbols(
        renumbered, {}, dims.size(), 0));
    inputs.push_back(operand->get());
  }
  SmallVector<utils::IteratorType> iterators(dims.size(),
                                             utils::IteratorType::parallel);
  Value isEmpty = isNeverRun(rewriter, op, dims);
  linalg::GenericOp::create(
      rewriter, op.getLoc(), TypeRange(), inputs, ValueRange(), maps, iterators,
      [&](OpBuilder &b, Location loc, ValueRange args) {
        IRMapping mapping;
        for (auto [operand, arg] : llvm::zip(slice.inputs, args))
          mapping.map(op.getMatchingBlockArgument(operand), arg);
        for (Operation *inner : slice.ops) {
          if (auto index = dyn_cast<linalg::IndexOp>(inner)) {
            unsigned position = llvm::find(dims, index.getDim()) - dims.begin();
            mapping.map(index.getResult(),
                        linalg::IndexOp::create(b, loc, position).getResult());
            continue;
          }
          b.clone(*inner, mapping);
        }
        for (cf::AssertOp assertOp : slice.asserts) {
          auto check = cast<cf::AssertOp>(b.clone(*assertOp, mapping));
          if (!isEmpty)
            continue;
          b.setInsertionPoint(check);
          check.getArgMutable().assign(
              arith::OrIOp::create(b, loc, check.getArg(), isEmpty));
          b.setInsertionPointAfter(check);
        }
        linalg::YieldOp::create(b, loc);
      });
}

/// True when every dimension of the check has an extent that its inputs know.
static bool coversDims(linalg::GenericOp op, const CheckSlice &slice) {
  llvm::SmallDenseSet<unsigned> known;
  for (OpOperand *operand : slice.inputs)
    for (AffineExpr expr : op.getMatchingIndexingMap(operand).getResults())
      if (auto dim = dyn_cast<AffineDimExpr>(expr))
        known.insert(dim.getPosition());
  return llvm::all_of(slice.dims,
                      [&](unsigned dim) { return known.contains(dim); });
}

namespace {
struct HoistAssertsPass
    : public sparsity::impl::HoistAssertsPassBase<HoistAssertsPass> {
  void runOnOperation() override {
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) {
      if (op.hasPureTensorSemantics() && op.getNumResults() > 0)
        generics.push_back(op);
    });
    IRRewriter rewriter(&getContext());
    for (linalg::GenericOp op : generics)
      hoist(rewriter, op);
  }

private:
  void hoist(IRRewriter &rewriter, linalg::GenericOp op) {
    CheckSlice slice;
    for (auto assertOp : op.getBody()->getOps<cf::AssertOp>()) {
      if (!addToSlice(op, assertOp.getArg(), slice))
        return;
      slice.asserts.push_back(assertOp);
    }
    if (slice.asserts.empty() || slice.inputs.empty() || !coversDims(op, slice))
      return;
    rewriter.setInsertionPoint(op);
    createCheck(rewriter, op, slice);
    for (cf::AssertOp assertOp : slice.asserts)
      rewriter.eraseOp(assertOp);
  }
};
} // namespace
