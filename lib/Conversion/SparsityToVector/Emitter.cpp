//===- Emitter.cpp - A builder that speaks of kernels ---------------------===//
//
// Index arithmetic, control flow and memory access; element arithmetic is in
// EmitterElements.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/SparsityToVector/Emitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace mlir::sparsity;

//===----------------------------------------------------------------------===//
// Index arithmetic
//===----------------------------------------------------------------------===//

// No-wrap flags let LLVM fold constant parts of an address into displacements.
static constexpr arith::IntegerOverflowFlags kNoWrap =
    arith::IntegerOverflowFlags::nsw | arith::IntegerOverflowFlags::nuw;

Value Emitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(*this, value);
}
Value Emitter::add(Value a, Value b) {
  return createOrFold<arith::AddIOp>(a, b, kNoWrap);
}
Value Emitter::add(Value a, int64_t b) { return b ? add(a, index(b)) : a; }
Value Emitter::sub(Value a, Value b) {
  return createOrFold<arith::SubIOp>(a, b, arith::IntegerOverflowFlags::nsw);
}
Value Emitter::mul(Value a, Value b) {
  return createOrFold<arith::MulIOp>(a, b, kNoWrap);
}
Value Emitter::mul(Value a, int64_t b) { return b == 1 ? a : mul(a, index(b)); }
Value Emitter::div(Value a, Value b) {
  return createOrFold<arith::DivUIOp>(a, b);
}
Value Emitter::div(Value a, int64_t b) { return div(a, index(b)); }
Value Emitter::rem(Value a, Value b) {
  return createOrFold<arith::RemUIOp>(a, b);
}
Value Emitter::min(Value a, Value b) {
  return createOrFold<arith::MinSIOp>(a, b);
}
Value Emitter::max(Value a, Value b) {
  return createOrFold<arith::MaxSIOp>(a, b);
}
Value Emitter::ceilDiv(Value a, Value b) {
  return div(sub(add(a, b), index(1)), b);
}
Value Emitter::ceilDiv(Value a, int64_t b) { return div(add(a, b - 1), b); }
Value Emitter::less(Value a, Value b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::slt, a, b);
}
Value Emitter::select(Value condition, Value yes, Value no) {
  return createOrFold<arith::SelectOp>(condition, yes, no);
}
Value Emitter::both(Value a, Value b) {
  return createOrFold<arith::AndIOp>(a, b);
}
Value Emitter::equal(Value a, int64_t b) {
  return createOrFold<arith::CmpIOp>(arith::CmpIPredicate::eq, a, index(b));
}

//===----------------------------------------------------------------------===//
// Control flow
//===----------------------------------------------------------------------===//

SmallVector<Value> Emitter::loop(Value lower, Value upper, int64_t step,
                                 ValueRange init, CarryBody body) {
  scf::ForOp op = scf::ForOp::create(*this, lower, upper, index(step), init);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  SmallVector<Value> next = body(op.getInductionVar(), op.getRegionIterArgs());
  if (!init.empty())
    scf::YieldOp::create(*this, next);
  return SmallVector<Value>(op.getResults());
}

void Emitter::loop(Value lower, Value upper, int64_t step, Body body) {
  loop(lower, upper, step, {}, [&](Value i, ValueRange) {
    body(i);
    return SmallVector<Value>();
  });
}

SmallVector<Value>
Emitter::loopWhile(ValueRange init, function_ref<Value(ValueRange)> condition,
                   function_ref<SmallVector<Value>(ValueRange)> body) {
  auto op = scf::WhileOp::create(
      *this, init.getTypes(), init,
      [&](OpBuilder &, Location, ValueRange values) {
        Value isTrue = condition(values);
        scf::ConditionOp::create(*this, isTrue, values);
      },
      [&](OpBuilder &, Location, ValueRange values) {
        scf::YieldOp::create(*this, body(values));
      });
  return SmallVector<Value>(op.getResults());
}

void Emitter::parallelLoop(Value count, Body body) {
  auto op = scf::ParallelOp::create(*this, ValueRange{index(0)},
                                    ValueRange{count}, ValueRange{index(1)});
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.getBody());
  body(op.getInductionVars()[0]);
}

void Emitter::when(Value condition, function_ref<void()> body) {
  auto op = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  OpBuilder::InsertionGuard guard(*this);
  setInsertionPointToStart(op.thenBlock());
  body();
}

void Emitter::when(Value condition, function_ref<void()> yes,
                   function_ref<void()> no) {
  auto withoutResults = [](function_ref<void()> body) {
    return [body] {
      body();
      return SmallVector<Value>();
    };
  };
  choose(condition, withoutResults(yes), withoutResults(no));
}

SmallVector<Value> Emitter::choose(Value condition,
                                   function_ref<SmallVector<Value>()> yes,
                                   function_ref<SmallVector<Value>()> no) {
  OpBuilder::InsertionGuard guard(*this);
  // The result types are known once the first branch is built.
  Block *here = getInsertionBlock();
  auto point = getInsertionPoint();
  auto thenBlock = std::make_unique<Block>(),
       elseBlock = std::make_unique<Block>();
  setInsertionPointToStart(thenBlock.get());
  SmallVector<Value> thenValues = yes();
  scf::YieldOp::create(*this, thenValues);
  setInsertionPointToStart(elseBlock.get());
  scf::YieldOp::create(*this, no());
  setInsertionPoint(here, point);
  auto op = scf::IfOp::create(*this, TypeRange(ValueRange(thenValues)),
                              condition, /*addThenBlock=*/false,
                              /*addElseBlock=*/false);
  op.getThenRegion().push_back(thenBlock.release());
  op.getElseRegion().push_back(elseBlock.release());
  return SmallVector<Value>(op.getResults());
}

void Emitter::switchOn(Value value, int64_t begin, int64_t end,
                       function_ref<void(int64_t)> body) {
  SmallVector<int64_t> cases;
  for (int64_t c = begin; c < end; ++c)
    cases.push_back(c);
  if (cases.empty())
    return;
  auto op = scf::IndexSwitchOp::create(*this, TypeRange(), value, cases,
                                       cases.size());
  OpBuilder::InsertionGuard guard(*this);
  createBlock(&op.getDefaultRegion());
  scf::YieldOp::create(*this);
  for (auto [c, region] : llvm::zip(cases, op.getCaseRegions())) {
    createBlock(&region);
    body(c);
    scf::YieldOp::create(*this);
  }
}

//===----------------------------------------------------------------------===//
// Memory
//===----------------------------------------------------------------------===//

Value Emitter::dim(Value memref, int64_t dim) {
  return createOrFold<memref::DimOp>(memref, dim);
}

Value Emitter::view(Value memref, ArrayRef<Value> offsets,
                    ArrayRef<Value> sizes) {
  SmallVector<OpFoldResult> strides(offsets.size(), getIndexAttr(1));
  return memref::SubViewOp::create(*this, memref, getAsOpFoldResult(offsets),
                                   getAsOpFoldResult(sizes), strides);
}

Value Emitter::matrixView(Value memref, ArrayRef<Value> offsets,
                          ArrayRef<Value> sizes) {
  auto type = cast<MemRefType>(memref.getType());
  int64_t batch = type.getRank() - 2;
  SmallVector<OpFoldResult> extents(batch, getIndexAttr(1));
  SmallVector<int64_t> shape;
  for (Value size : sizes) {
    extents.push_back(getAsOpFoldResult(size));
    shape.push_back(
        getConstantIntValue(extents.back()).value_or(ShapedType::kDynamic));
  }
  SmallVector<OpFoldResult> starts = getAsOpFoldResult(offsets);
  SmallVector<OpFoldResult> strides(type.getRank(), getIndexAttr(1));
  MemRefType result = memref::SubViewOp::inferRankReducedResultType(
      shape, type, starts, extents, strides);
  return memref::SubViewOp::create(*this, result, memref, starts, extents,
                                   strides);
}

Value Emitter::rowsAt(Value memref, Value first, Value rows, int64_t width) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  auto layout = StridedLayoutAttr::get(getContext(), ShapedType::kDynamic,
                                       ArrayRef<int64_t>{width, 1});
  auto type = MemRefType::get({ShapedType::kDynamic, width}, element, layout);
  return memref::ReinterpretCastOp::create(
      *this, type, memref, ValueRange(first), ValueRange(rows), ValueRange(),
      ArrayRef<int64_t>{ShapedType::kDynamic},
      ArrayRef<int64_t>{ShapedType::kDynamic, width},
      ArrayRef<int64_t>{width, 1});
}

Value Emitter::columnsAt(Value memref, Value rows, Value cols, Value pitch) {
  constexpr int64_t kDynamic = ShapedType::kDynamic;
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  auto layout =
      StridedLayoutAttr::get(getContext(), 0, ArrayRef<int64_t>{1, kDynamic});
  auto type = MemRefType::get({kDynamic, kDynamic}, element, layout);
  return memref::ReinterpretCastOp::create(
      *this, type, memref, ValueRange(), ValueRange{cols, rows},
      ValueRange(pitch), ArrayRef<int64_t>{0},
      ArrayRef<int64_t>{kDynamic, kDynamic}, ArrayRef<int64_t>{1, kDynamic});
}

Value Emitter::flat(Value matrix) {
  return memref::CollapseShapeOp::create(
      *this, matrix, ArrayRef<ReassociationIndices>{{0, 1}});
}

Value Emitter::scratch(ArrayRef<Value> sizes, Type element) {
  return memref::AllocOp::create(*this, getAsOpFoldResult(sizes), element);
}

void Emitter::release(Value scratch) {
  memref::DeallocOp::create(*this, scratch);
}

Value Emitter::loadScalar(Value memref, ValueRange indices) {
  return memref::LoadOp::create(*this, memref, indices);
}

void Emitter::storeScalar(Value value, Value memref, ValueRange indices) {
  memref::StoreOp::create(*this, value, memref, indices);
}

Value Emitter::loadIndex(Value memref, ValueRange indices) {
  return createOrFold<arith::IndexCastUIOp>(getIndexType(),
                                            loadScalar(memref, indices));
}

void Emitter::storeIndex(Value index, Value memref, ValueRange indices) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  storeScalar(createOrFold<arith::IndexCastUIOp>(element, index), memref,
              indices);
}

Value Emitter::load(Value memref, ValueRange indices, int64_t width,
                    Value mask) {
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  auto type = VectorType::get({width}, element);
  if (!mask)
    return vector::LoadOp::create(*this, type, memref, indices);
  return vector::MaskedLoadOp::create(*this, type, memref, indices, mask,
                                      zero(type));
}

void Emitter::store(Value vector, Value memref, ValueRange indices,
                    Value mask) {
  if (!mask)
    vector::StoreOp::create(*this, vector, memref, indices);
  else
    vector::MaskedStoreOp::create(*this, memref, indices, mask, vector);
}

void Emitter::prefetch(Value memref, ValueRange indices, int64_t count) {
  constexpr int64_t kLineBytes = 64, kSecondLevel = 2;
  Type element = cast<MemRefType>(memref.getType()).getElementType();
  int64_t step = kLineBytes * 8 / element.getIntOrFloatBitWidth();
  SmallVector<Value> place(indices);
  for (int64_t first = 0; first < count; first += step) {
    place.back() = add(indices.back(), first);
    memref::PrefetchOp::create(*this, memref, place, /*isWrite=*/false,
                               kSecondLevel, /*isDataCache=*/true);
  }
}

void Emitter::compilerFence() {
  LLVM::FenceOp::create(*this, LLVM::AtomicOrdering::acquire, "singlethread");
}

Value Emitter::firstLanes(int64_t count, int64_t width) {
  if (count >= width)
    return {};
  auto type = VectorType::get({width}, getI1Type());
  SmallVector<bool> lanes(width);
  std::fill_n(lanes.begin(), count, true);
  return arith::ConstantOp::create(*this, DenseElementsAttr::get(type, lanes));
}

Value Emitter::firstLanes(Value count, int64_t width) {
  auto type = VectorType::get({width}, getI1Type());
  return vector::CreateMaskOp::create(*this, type, ValueRange{count});
}
