//===- HoistAsserts.cpp - Checks apart from computations ------------------===//
//
// Splits each linalg.generic with assertions into one op that checks and one
// that computes, after asserting what nobody has: that indices computed from
// data are inside. What a failed check does is not decided here.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
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
        for (cf::AssertOp assertOp : slice.asserts)
          b.clone(*assertOp, mapping);
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

/// True when `value` is computed from elements of tensors.
static bool dependsOnElements(linalg::GenericOp op, Value value) {
  CheckSlice slice;
  return !addToSlice(op, value, slice) || !slice.inputs.empty();
}

/// Asserts that indices computed from elements are inside of what they index.
/// Bodies with asserts of their own have said what they take.
static void assertIndices(IRRewriter &rewriter, linalg::GenericOp op) {
  if (!op.getBody()->getOps<cf::AssertOp>().empty())
    return;
  SmallVector<tensor::ExtractOp> extracts;
  op.getBody()->walk(
      [&](tensor::ExtractOp extract) { extracts.push_back(extract); });
  for (tensor::ExtractOp extract : extracts)
    for (auto [dim, index] : llvm::enumerate(extract.getIndices())) {
      if (!dependsOnElements(op, index))
        continue;
      rewriter.setInsertionPoint(extract);
      Location loc = extract.getLoc();
      Value extent =
          tensor::DimOp::create(rewriter, loc, extract.getTensor(), dim);
      // Negative ones are large without sign.
      Value isInside = arith::CmpIOp::create(
          rewriter, loc, arith::CmpIPredicate::ult, index, extent);
      cf::AssertOp::create(rewriter, loc, isInside,
                           "expected an index inside of the tensor");
    }
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
    for (linalg::GenericOp op : generics) {
      assertIndices(rewriter, op);
      hoist(rewriter, op);
    }
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
