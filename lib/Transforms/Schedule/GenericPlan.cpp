//===- GenericPlan.cpp - How one linalg.generic becomes vector loops ------===//
//
// Chooses the vector dimension and classifies the body's values.
//
//===----------------------------------------------------------------------===//

#include "GenericPlan.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// How an operand's address moves along the vector dimension.
enum class Access { Uniform, Contiguous, Other };
} // namespace

/// True when the memref's last dimension has stride 1.
static bool isLastDimContiguous(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || memref.getRank() == 0)
    return false;
  SmallVector<int64_t> strides;
  int64_t offset;
  return succeeded(memref.getStridesAndOffset(strides, offset)) &&
         strides.back() == 1;
}

static Access getAccess(linalg::GenericOp op, OpOperand &operand,
                        unsigned vectorDim) {
  AffineMap map = op.getMatchingIndexingMap(&operand);
  for (auto [index, result] : llvm::enumerate(map.getResults())) {
    if (!result.isFunctionOfDim(vectorDim))
      continue;
    bool isLast = index + 1 == map.getNumResults();
    if (!isLast || !isa<AffineDimExpr>(result) ||
        !isLastDimContiguous(operand.get().getType()))
      return Access::Other;
    return Access::Contiguous;
  }
  return Access::Uniform;
}

/// Results of indexing maps must be dimensions or constants: sums of dimensions
/// (convolutions) become scalar loops.
static bool hasSimpleMaps(linalg::GenericOp op) {
  return llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) {
    return llvm::all_of(map.getResults(), [](AffineExpr expr) {
      return isa<AffineDimExpr, AffineConstantExpr>(expr);
    });
  });
}

/// The body's combiner of a single reduced result: yield(combine(x, out)) with
/// `out` used nowhere else.
static bool setCombiner(linalg::GenericOp op, GenericPlan &plan) {
  if (op.getNumDpsInits() != 1)
    return false;
  Value yielded = op.getBody()->getTerminator()->getOperand(0);
  Operation *combiner = yielded.getDefiningOp();
  Value out = op.getBody()->getArguments().back();
  if (!combiner || combiner->getBlock() != op.getBody() ||
      combiner->getNumOperands() != 2 || !out.hasOneUse() ||
      *out.user_begin() != combiner)
    return false;
  std::optional<vector::CombiningKind> kind =
      linalg::getCombinerOpKind(combiner);
  if (!kind || !arith::getNeutralElement(combiner))
    return false;
  plan.combiner = combiner;
  plan.kind = *kind;
  return true;
}

/// Dimensions worth vectorising, best first: the last one of the result, then
/// the last ones of the inputs.
static SmallVector<unsigned> getCandidates(linalg::GenericOp op) {
  SmallVector<unsigned> dims;
  auto add = [&](OpOperand &operand) {
    AffineMap map = op.getMatchingIndexingMap(&operand);
    if (map.getNumResults() == 0)
      return;
    if (auto dim = dyn_cast<AffineDimExpr>(map.getResults().back()))
      if (!llvm::is_contained(dims, dim.getPosition()))
        dims.push_back(dim.getPosition());
  };
  // A sum along contiguous inputs is best done along them.
  if (op.getNumReductionLoops() > 0)
    for (OpOperand *operand : op.getDpsInputOperands())
      add(*operand);
  for (OpOperand &operand : op.getDpsInitsMutable())
    add(operand);
  for (OpOperand *operand : op.getDpsInputOperands())
    add(*operand);
  return dims;
}

/// Marks the block arguments that are vectors; false when an operand cannot be
/// read or written along the dimension.
static bool classifyOperands(linalg::GenericOp op, GenericPlan &plan) {
  for (OpOperand &operand : op->getOpOperands()) {
    Access access = getAccess(op, operand, plan.vectorDim);
    bool isInit = op.isDpsInit(&operand);
    Type element = getElementTypeOrSelf(operand.get().getType());
    // A vector of i1 is packed bits in memory, a memref of i1 is bytes.
    if (access == Access::Other ||
        (access == Access::Contiguous &&
         (!element.isIntOrFloat() || element.isInteger(1))))
      return false;
    if (isInit && !plan.vectorDimIsReduction && access != Access::Contiguous)
      return false;
    bool isVector =
        access == Access::Contiguous || (isInit && plan.vectorDimIsReduction);
    if (isVector)
      plan.vectors.insert(op.getMatchingBlockArgument(&operand));
  }
  return true;
}

/// True for a load whose last index is the vector loop's own index and whose
/// other indices do not vary: a vector load.
static bool isRowLoad(memref::LoadOp load, const GenericPlan &plan) {
  if (load.getIndices().empty() || !isLastDimContiguous(load.getMemRefType()) ||
      load.getMemRefType().getElementType().isInteger(1))
    return false;
  auto index = load.getIndices().back().getDefiningOp<linalg::IndexOp>();
  return index && index.getDim() == plan.vectorDim &&
         llvm::none_of(load.getIndices().drop_back(), [&](Value value) {
           return plan.vectors.contains(value);
         });
}

/// Classifies one op of the body; false when it has no vector form.
static bool classifyOp(Operation &op, GenericPlan &plan) {
  if (auto index = dyn_cast<linalg::IndexOp>(op)) {
    if (index.getDim() == plan.vectorDim)
      plan.vectors.insert(index);
    return true;
  }
  bool anyVector = llvm::any_of(op.getOperands(), [&](Value value) {
    return plan.vectors.contains(value);
  });
  if (!anyVector)
    return op.getNumRegions() == 0;
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    if (!isRowLoad(load, plan))
      return false;
  } else if (!OpTrait::hasElementwiseMappableTraits(&op) ||
             !isSpeculatable(&op)) {
    // An integer division by the zeros of masked lanes would trap.
    return false;
  }
  plan.vectors.insert(op.result_begin(), op.result_end());
  return true;
}

static bool classifyBody(linalg::GenericOp op, GenericPlan &plan) {
  return llvm::all_of(
      op.getBody()->without_terminator(),
      [&](Operation &inner) { return classifyOp(inner, plan); });
}

std::optional<GenericPlan> mlir::sparsity::planGeneric(linalg::GenericOp op,
                                                       std::string &reason) {
  reason = "indexing maps that are not dimensions";
  if (!hasSimpleMaps(op) || op.getNumLoops() == 0)
    return std::nullopt;
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  for (unsigned dim : getCandidates(op)) {
    GenericPlan plan{dim,
                     iterators[dim] == utils::IteratorType::reduction,
                     nullptr,
                     vector::CombiningKind::ADD,
                     {}};
    if (op.getNumReductionLoops() > 0 && !setCombiner(op, plan)) {
      reason = "a reduction without a simple combiner";
      return std::nullopt;
    }
    reason = "operands or ops without a vector form";
    if (classifyOperands(op, plan) && classifyBody(op, plan))
      return plan;
  }
  return std::nullopt;
}
