//===- VectorizeGenerics.cpp - linalg.generic to parallel vector loops ----===//
//
// Emits the loops that GenericPlan decided. Nothing is fused here: fusion
// happens on tensors before.
//
//===----------------------------------------------------------------------===//

#include "GenericPlan.h"

#include "sparse-opt/Target/TargetDescription.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Linalg/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_VECTORIZEGENERICSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// Emits one op. Indices of all loops are in `ivs`, by dimension. Values that
/// loops carry may be null: then nothing is carried.
class GenericEmitter {
public:
  GenericEmitter(RewriterBase &rewriter, linalg::GenericOp op,
                 const GenericPlan &plan, int64_t lanes)
      : b(rewriter), op(op), plan(plan), lanes(lanes), loc(op.getLoc()) {}

  void emit();

private:
  using Step = function_ref<Value(Value mask, Value carried)>;

  void emitResult();
  void emitSumAlongVector(ArrayRef<unsigned> outerReductions);
  void emitVectorOfResults(ArrayRef<unsigned> reductions);
  Value emitReductions(ArrayRef<unsigned> dims, Value carried,
                       function_ref<Value(Value)> body);
  Value forEachVector(Value carried, Step step);
  void readInvariants();
  Value emitRest(Value begin, Value rest, Value carried, Step step);
  Value combineLanes(Value vector);

  SmallVector<Value> emitBody(Value mask, Value out);
  void emitBodyOp(Operation &inner, IRMapping &mapping, Value mask);
  Value readOperand(OpOperand &operand, Value mask);
  Value loadVector(Value memref, ValueRange indices, Value mask);
  void storeVector(Value value, OpOperand &operand, Value mask);
  SmallVector<Value> getIndices(OpOperand &operand);

  VectorType getVectorType(Type element) {
    return VectorType::get({lanes}, element);
  }
  Value toVector(Value value) {
    if (isa<VectorType>(value.getType()))
      return value;
    return vector::BroadcastOp::create(b, loc, getVectorType(value.getType()),
                                       value);
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }
  Value extent(unsigned dim) {
    return getValueOrCreateConstantIndexOp(b, loc, ranges[dim].size);
  }

  RewriterBase &b;
  linalg::GenericOp op;
  const GenericPlan &plan;
  int64_t lanes;
  Location loc;
  SmallVector<Range> ranges;
  SmallVector<Value> ivs;
  /// Inputs that are one number along the whole vector dimension.
  DenseMap<OpOperand *, Value> invariants;
};
} // namespace

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// One scf.parallel over the parallel dimensions that are not the vector's, if
/// there are any, and the rest inside.
void GenericEmitter::emit() {
  b.setInsertionPoint(op);
  ranges = cast<linalg::LinalgOp>(op.getOperation()).createLoopRanges(b, loc);
  ivs.assign(ranges.size(), Value());
  SmallVector<unsigned> dims;
  op.getParallelDims(dims);
  llvm::erase(dims, plan.vectorDim);
  if (dims.empty())
    return emitResult();
  SmallVector<Value> lower(dims.size(), index(0)), upper;
  SmallVector<Value> step(dims.size(), index(1));
  for (unsigned dim : dims)
    upper.push_back(extent(dim));
  auto loop = scf::ParallelOp::create(b, loc, lower, upper, step);
  for (auto [dim, iv] : llvm::zip(dims, loop.getInductionVars()))
    ivs[dim] = iv;
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  emitResult();
}

void GenericEmitter::emitResult() {
  SmallVector<unsigned> reductions;
  op.getReductionDims(reductions);
  llvm::erase(reductions, plan.vectorDim);
  plan.vectorDimIsReduction ? emitSumAlongVector(reductions)
                            : emitVectorOfResults(reductions);
}

/// Sequential loops over `dims` around `body`, carrying one value.
Value GenericEmitter::emitReductions(ArrayRef<unsigned> dims, Value carried,
                                     function_ref<Value(Value)> body) {
  if (dims.empty())
    return body(carried);
  auto loop = scf::ForOp::create(b, loc, index(0), extent(dims.front()),
                                 index(1), carried);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  ivs[dims.front()] = loop.getInductionVar();
  Value next =
      emitReductions(dims.drop_front(), loop.getRegionIterArg(0), body);
  scf::YieldOp::create(b, loc, next);
  return loop.getResult(0);
}

/// Reads the inputs that no loop inside changes, before these loops: a result
/// is never stored where another input lies.
void GenericEmitter::readInvariants() {
  invariants.clear();
  for (OpOperand *operand : op.getDpsInputOperands()) {
    if (!isa<MemRefType>(operand->get().getType()) ||
        op.getMatchingBlockArgument(operand).use_empty())
      continue;
    AffineMap map = op.getMatchingIndexingMap(operand);
    bool isInvariant = !map.isFunctionOfDim(plan.vectorDim);
    for (unsigned dim = 0; dim < op.getNumLoops(); ++dim)
      isInvariant &=
          !map.isFunctionOfDim(dim) || plan.vectorDimIsReduction ||
          op.getIteratorTypesArray()[dim] == utils::IteratorType::parallel;
    if (isInvariant)
      invariants[operand] = readOperand(*operand, Value());
  }
}

/// Runs `step` for each full vector along the vector dimension, then once with
/// a mask for the rest.
Value GenericEmitter::forEachVector(Value carried, Step step) {
  readInvariants();
  std::optional<int64_t> known =
      getConstantIntValue(ranges[plan.vectorDim].size);
  Value size = extent(plan.vectorDim);
  Value rest = known ? index(*known % lanes)
                     : arith::RemUIOp::create(b, loc, size, index(lanes));
  Value end = known ? index(*known / lanes * lanes)
                    : arith::SubIOp::create(b, loc, size, rest).getResult();
  if (!known || *known >= lanes) {
    auto loop =
        scf::ForOp::create(b, loc, index(0), end, index(lanes),
                           carried ? ValueRange(carried) : ValueRange());
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(loop.getBody());
    ivs[plan.vectorDim] = loop.getInductionVar();
    Value next =
        step(Value(), carried ? Value(loop.getRegionIterArg(0)) : Value());
    if (carried) {
      scf::YieldOp::create(b, loc, next);
      carried = loop.getResult(0);
    }
  }
  if (known && *known % lanes == 0)
    return carried;
  return emitRest(end, rest, carried, step);
}

/// The masked step for the last `rest` < lanes elements.
Value GenericEmitter::emitRest(Value begin, Value rest, Value carried,
                               Step step) {
  auto maskType = VectorType::get({lanes}, b.getI1Type());
  ivs[plan.vectorDim] = begin;
  if (getConstantIntValue(rest)) {
    Value mask = vector::CreateMaskOp::create(b, loc, maskType, rest);
    return step(mask, carried);
  }
  Value any =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, rest, index(0));
  SmallVector<Type> types;
  if (carried)
    types.push_back(carried.getType());
  auto branch =
      scf::IfOp::create(b, loc, types, any,
                        /*withElseRegion=*/static_cast<bool>(carried));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(branch.thenBlock());
  Value mask = vector::CreateMaskOp::create(b, loc, maskType, rest);
  Value next = step(mask, carried);
  if (!carried)
    return {};
  scf::YieldOp::create(b, loc, next);
  b.setInsertionPointToStart(branch.elseBlock());
  scf::YieldOp::create(b, loc, carried);
  return branch.getResult(0);
}

//===----------------------------------------------------------------------===//
// Results
//===----------------------------------------------------------------------===//

/// The vector runs along the results: for each vector of them, all reductions.
void GenericEmitter::emitVectorOfResults(ArrayRef<unsigned> reductions) {
  forEachVector(Value(), [&](Value mask, Value) -> Value {
    if (reductions.empty()) {
      SmallVector<Value> results = emitBody(mask, Value());
      for (auto [operand, value] : llvm::zip(op.getDpsInitsMutable(), results))
        storeVector(value, operand, mask);
      return {};
    }
    OpOperand &out = *op.getDpsInitOperand(0);
    Value sum = emitReductions(
        reductions, toVector(readOperand(out, mask)), [&](Value carried) {
          return toVector(emitBody(mask, carried).front());
        });
    storeVector(sum, out, mask);
    return {};
  });
}

/// One result element: a vector of partial results over all reductions, the
/// vector dimension innermost, combined at the end with what the result held.
void GenericEmitter::emitSumAlongVector(ArrayRef<unsigned> outerReductions) {
  OpOperand &out = *op.getDpsInitOperand(0);
  Type element = getElementTypeOrSelf(out.get().getType());
  TypedAttr neutral = *arith::getNeutralElement(plan.combiner);
  Value initial = arith::ConstantOp::create(
      b, loc, DenseElementsAttr::get(getVectorType(element), neutral));
  Value sum = emitReductions(outerReductions, initial, [&](Value carried) {
    return forEachVector(carried, [&](Value mask, Value partial) {
      Value next = toVector(emitBody(mask, partial).front());
      return mask ? arith::SelectOp::create(b, loc, mask, next, partial)
                        .getResult()
                  : next;
    });
  });
  Value scalar = combineLanes(sum);
  Value old = readOperand(out, Value());
  Value combined = vector::makeArithReduction(b, loc, plan.kind, scalar, old);
  memref::StoreOp::create(b, loc, combined, out.get(), getIndices(out));
}

/// All lanes as one, by halves: in a fixed order, and without the scalar chain
/// that LLVM makes of ordered or NaN-aware reductions.
Value GenericEmitter::combineLanes(Value vector) {
  for (int64_t half = lanes / 2; half > 0; half /= 2) {
    auto lower = llvm::to_vector(llvm::seq<int64_t>(0, half));
    auto upper = llvm::to_vector(llvm::seq<int64_t>(half, 2 * half));
    Value low = vector::ShuffleOp::create(b, loc, vector, vector, lower);
    Value high = vector::ShuffleOp::create(b, loc, vector, vector, upper);
    vector = vector::makeArithReduction(b, loc, plan.kind, low, high);
  }
  return vector::ExtractOp::create(b, loc, vector, 0);
}

//===----------------------------------------------------------------------===//
// Body
//===----------------------------------------------------------------------===//

/// The values that the body yields at `ivs`. `out` stands for the result's
/// block argument of a reduction; otherwise it is read from memory.
SmallVector<Value> GenericEmitter::emitBody(Value mask, Value out) {
  IRMapping mapping;
  for (OpOperand &operand : op->getOpOperands()) {
    BlockArgument argument = op.getMatchingBlockArgument(&operand);
    if (argument.use_empty())
      continue;
    bool isOut = out && op.isDpsInit(&operand);
    mapping.map(argument, isOut ? out : readOperand(operand, mask));
  }
  for (Operation &inner : op.getBody()->without_terminator())
    emitBodyOp(inner, mapping, mask);
  return llvm::map_to_vector(
      op.getBody()->getTerminator()->getOperands(),
      [&](Value value) { return mapping.lookupOrDefault(value); });
}

void GenericEmitter::emitBodyOp(Operation &inner, IRMapping &mapping,
                                Value mask) {
  if (auto indexOp = dyn_cast<linalg::IndexOp>(inner)) {
    Value iv = ivs[indexOp.getDim()];
    if (indexOp.getDim() == plan.vectorDim) {
      auto type = getVectorType(b.getIndexType());
      Value step = vector::StepOp::create(b, loc, type);
      iv = arith::AddIOp::create(b, loc, toVector(iv), step);
    }
    mapping.map(indexOp.getResult(), iv);
    return;
  }
  bool isVector =
      inner.getNumResults() > 0 && plan.vectors.contains(inner.getResult(0));
  if (!isVector) {
    b.clone(inner, mapping);
    return;
  }
  if (auto load = dyn_cast<memref::LoadOp>(inner)) {
    SmallVector<Value> indices;
    for (Value i : load.getIndices().drop_back())
      indices.push_back(mapping.lookupOrDefault(i));
    indices.push_back(ivs[plan.vectorDim]);
    mapping.map(load.getResult(), loadVector(load.getMemRef(), indices, mask));
    return;
  }
  OperationState state(loc, inner.getName());
  for (Value operand : inner.getOperands())
    state.operands.push_back(toVector(mapping.lookupOrDefault(operand)));
  for (Type type : inner.getResultTypes())
    state.types.push_back(getVectorType(type));
  state.attributes = inner.getAttrs();
  Operation *vectorOp = b.create(state);
  mapping.map(inner.getResults(), vectorOp->getResults());
}

SmallVector<Value> GenericEmitter::getIndices(OpOperand &operand) {
  SmallVector<Value> indices;
  for (AffineExpr expr : op.getMatchingIndexingMap(&operand).getResults()) {
    auto dim = dyn_cast<AffineDimExpr>(expr);
    indices.push_back(dim ? ivs[dim.getPosition()]
                          : index(cast<AffineConstantExpr>(expr).getValue()));
  }
  return indices;
}

Value GenericEmitter::readOperand(OpOperand &operand, Value mask) {
  if (!isa<MemRefType>(operand.get().getType()))
    return operand.get();
  if (Value known = invariants.lookup(&operand))
    return known;
  SmallVector<Value> indices = getIndices(operand);
  bool alongVector =
      op.getMatchingIndexingMap(&operand).isFunctionOfDim(plan.vectorDim);
  if (alongVector)
    return loadVector(operand.get(), indices, mask);
  return memref::LoadOp::create(b, loc, operand.get(), indices);
}

Value GenericEmitter::loadVector(Value memref, ValueRange indices, Value mask) {
  VectorType type = getVectorType(getElementTypeOrSelf(memref.getType()));
  if (!mask)
    return vector::LoadOp::create(b, loc, type, memref, indices);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(type));
  return vector::MaskedLoadOp::create(b, loc, type, memref, indices, mask,
                                      zero);
}

void GenericEmitter::storeVector(Value value, OpOperand &operand, Value mask) {
  SmallVector<Value> indices = getIndices(operand);
  value = toVector(value);
  if (mask)
    vector::MaskedStoreOp::create(b, loc, operand.get(), indices, mask, value);
  else
    vector::StoreOp::create(b, loc, value, operand.get(), indices);
}

namespace {
struct VectorizeGenericsPass
    : public sparsity::impl::VectorizeGenericsPassBase<VectorizeGenericsPass> {
  void runOnOperation() override {
    int64_t lanes = TargetDescription::of(getOperation()).lanes();
    IRRewriter rewriter(&getContext());
    SmallVector<linalg::GenericOp> generics;
    getOperation().walk([&](linalg::GenericOp op) {
      if (op.hasPureBufferSemantics())
        generics.push_back(op);
    });
    for (linalg::GenericOp op : generics)
      lower(rewriter, op, lanes);
  }

private:
  /// An op that is neither lowered here nor by upstream stays, and the
  /// conversion to LLVM says so.
  void lower(IRRewriter &rewriter, linalg::GenericOp op, int64_t lanes) {
    std::string reason;
    rewriter.setInsertionPoint(op);
    if (std::optional<GenericPlan> plan = planGeneric(op, reason)) {
      GenericEmitter(rewriter, op, *plan, lanes).emit();
      ++numVector;
    } else if (succeeded(linalg::linalgOpToParallelLoops(rewriter, op))) {
      ++numScalar;
    } else {
      return;
    }
    rewriter.eraseOp(op);
  }
};
} // namespace
