//===- CheckExtents.cpp - Extents that must agree -------------------------===//
//
// Finds the extents that meet in one loop of an op. Those of arguments are
// compared once, at entry, others before the op.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Interfaces/RuntimeVerifiableOpInterface.h"
#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/Support/FormatVariadic.h"

#include <map>

namespace mlir::sparsity {
#define GEN_PASS_DEF_CHECKEXTENTSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// A constant (no value), an index (a value of type index), or the extent of a
/// tensor along a dimension.
struct Extent {
  Value value;
  int64_t number;

  bool isConstant() const { return !value; }
  bool operator==(const Extent &other) const {
    return value == other.value && number == other.number;
  }
};
} // namespace

static Extent trace(Value tensor, int64_t dim);

static Extent trace(OpFoldResult extent) {
  if (std::optional<int64_t> constant = getConstantIntValue(extent))
    return {Value(), *constant};
  auto value = cast<Value>(extent);
  auto dimOp = value.getDefiningOp<tensor::DimOp>();
  std::optional<int64_t> index =
      dimOp ? dimOp.getConstantIndex() : std::nullopt;
  return index ? trace(dimOp.getSource(), *index) : Extent{value, 0};
}

/// The dimension that alone makes up dimension `dim` of a collapsed tensor.
static Extent traceCollapse(tensor::CollapseShapeOp collapse, int64_t dim) {
  std::optional<int64_t> only;
  ReassociationIndices group = collapse.getReassociationIndices()[dim];
  for (int64_t from : group) {
    if (collapse.getSrcType().getDimSize(from) == 1)
      continue;
    if (only)
      return {collapse.getResult(), dim};
    only = from;
  }
  return only ? trace(collapse.getSrc(), *only) : Extent{Value(), 1};
}

/// Where the extent of `tensor` along `dim` comes from.
static Extent trace(Value tensor, int64_t dim) {
  auto type = dyn_cast<RankedTensorType>(tensor.getType());
  if (!type)
    return {tensor, dim};
  if (!type.isDynamicDim(dim))
    return {Value(), type.getDimSize(dim)};
  Operation *op = tensor.getDefiningOp();
  if (auto empty = dyn_cast_if_present<tensor::EmptyOp>(op))
    return trace(empty.getMixedSizes()[dim]);
  if (auto cast = dyn_cast_if_present<tensor::CastOp>(op))
    return trace(cast.getSource(), dim);
  if (auto expand = dyn_cast_if_present<tensor::ExpandShapeOp>(op))
    return trace(expand.getMixedOutputShape()[dim]);
  if (auto collapse = dyn_cast_if_present<tensor::CollapseShapeOp>(op))
    return traceCollapse(collapse, dim);
  if (auto styled = dyn_cast_if_present<DestinationStyleOpInterface>(op))
    return trace(styled.getTiedOpOperand(cast<OpResult>(tensor))->get(), dim);
  return {tensor, dim};
}

static Value getValue(OpBuilder &b, Location loc, const Extent &extent) {
  if (extent.isConstant())
    return arith::ConstantIndexOp::create(b, loc, extent.number);
  if (extent.value.getType().isIndex())
    return extent.value;
  return tensor::DimOp::create(b, loc, extent.value, extent.number);
}

static void assertEqual(OpBuilder &b, Location loc, Value a, Value expected,
                        const Twine &message) {
  Value isEqual =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, a, expected);
  cf::AssertOp::create(b, loc, isEqual, message.str());
}

static std::string getMessage(Operation *op) {
  return ("expected operands of '" + op->getName().getStringRef() +
          "' to agree in extents")
      .str();
}

namespace {
/// The extents of one function that must be equal.
class Agreement {
public:
  explicit Agreement(func::FuncOp function) : function(function) {}

  void add(Operation *op) {
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      addLinalg(linalgOp);
    else if (auto matmul = dyn_cast<MatmulOp>(op))
      addProduct(matmul);
    else if (auto attention = dyn_cast<AttentionOp>(op))
      addAttention(attention);
    else if (auto cast = dyn_cast<tensor::CastOp>(op))
      addCast(cast);
    else if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
      addExpansion(expand);
    else if (auto reshape = dyn_cast<tensor::ReshapeOp>(op))
      addReshape(reshape);
    else if (auto pad = dyn_cast<tensor::PadOp>(op))
      addPad(pad);
    else if (auto empty = dyn_cast<tensor::EmptyOp>(op))
      addNew(op, empty.getDynamicSizes());
    else if (auto generate = dyn_cast<tensor::GenerateOp>(op))
      addNew(op, generate.getDynamicExtents());
    else if (auto splat = dyn_cast<tensor::SplatOp>(op))
      addNew(op, splat.getDynamicSizes());
  }

  /// Asserts for each class at entry, the constant or the first argument first.
  void emitAtEntry();

private:
  /// An argument's number and one of its dimensions, or -1 and a constant.
  using Origin = std::pair<int64_t, int64_t>;
  /// The first extent seen of each loop.
  using Loops = std::map<unsigned, Extent>;

  std::optional<Origin> getOrigin(const Extent &extent) {
    if (extent.isConstant())
      return Origin{-1, extent.number};
    auto argument = dyn_cast<BlockArgument>(extent.value);
    if (!argument || argument.getOwner() != &function.front() ||
        !isa<RankedTensorType>(argument.getType()))
      return std::nullopt;
    return Origin{argument.getArgNumber(), extent.number};
  }

  void unite(Operation *op, const Extent &a, const Extent &b) {
    if (a == b || (a.isConstant() && b.isConstant()))
      return;
    std::optional<Origin> first = getOrigin(a), second = getOrigin(b);
    bool isAlwaysRun =
        op->getBlock() == &function.front() && function.isPublic();
    if (isAlwaysRun && first && second) {
      classes.unionSets(*first, *second);
      return;
    }
    OpBuilder builder(op);
    Location loc = op->getLoc();
    assertEqual(builder, loc, getValue(builder, loc, b),
                getValue(builder, loc, a), getMessage(op));
  }

  void addLoop(Operation *op, Loops &loops, AffineExpr expr,
               const Extent &extent) {
    auto loop = dyn_cast<AffineDimExpr>(expr);
    if (!loop)
      return;
    auto [known, isNew] = loops.insert({loop.getPosition(), extent});
    if (!isNew)
      unite(op, known->second, extent);
  }

  void addLinalg(linalg::LinalgOp op) {
    if (!op.hasPureTensorSemantics())
      return;
    Loops loops;
    for (OpOperand &operand : op->getOpOperands())
      for (auto [dim, expr] :
           llvm::enumerate(op.getMatchingIndexingMap(&operand).getResults()))
        addLoop(op, loops, expr, trace(operand.get(), dim));
    if (llvm::any_of(op.getIndexingMapsArray(), [](AffineMap map) {
          return !map.isProjectedPermutation(/*allowZeroInResults=*/true);
        }))
      addWindows(op);
  }

  /// Elements that are not one loop's index along each dimension.
  void addWindows(linalg::LinalgOp op) {
    auto verifiable = dyn_cast<RuntimeVerifiableOpInterface>(op.getOperation());
    if (!verifiable || !op.hasDynamicShape())
      return;
    OpBuilder builder(op);
    verifiable.generateRuntimeVerification(
        builder, op.getLoc(),
        [](Operation *of, StringRef) { return getMessage(of); });
  }

  void addProduct(MatmulOp op) {
    if (op->getNumResults() == 0)
      return;
    Loops loops;
    for (OpOperand &operand : op->getOpOperands()) {
      if (operand.get() == op.getAt())
        continue;
      auto packed = dyn_cast<PackedType>(operand.get().getType());
      for (auto [dim, expr] :
           llvm::enumerate(op.getIndexingMap(operand).getResults())) {
        if (!packed)
          addLoop(op, loops, expr, trace(operand.get(), dim));
        else if (dim == 1 || !op.getAt())
          addLoop(op, loops, expr,
                  {Value(), dim == 0 ? packed.getRows() : packed.getCols()});
      }
    }
  }

  void addAttention(AttentionOp op) {
    if (op->getNumResults() == 0)
      return;
    Loops loops;
    for (OpOperand &operand : op->getOpOperands())
      for (auto [dim, expr] :
           llvm::enumerate(op.getIndexingMap(operand).getResults()))
        addLoop(op, loops, expr, trace(operand.get(), dim));
  }

  /// What a cast says of extents that were unknown.
  void addCast(tensor::CastOp op) {
    auto source = dyn_cast<RankedTensorType>(op.getSource().getType());
    auto result = dyn_cast<RankedTensorType>(op.getType());
    for (int64_t dim = 0; source && result && dim < result.getRank(); ++dim)
      if (source.isDynamicDim(dim) && !result.isDynamicDim(dim))
        unite(op, Extent{Value(), result.getDimSize(dim)},
              trace(op.getSource(), dim));
  }

  /// The extents of each group multiply to the extent that is expanded.
  void addExpansion(tensor::ExpandShapeOp op) {
    if (op.getResultType().hasStaticShape())
      return;
    SmallVector<OpFoldResult> shape = op.getMixedOutputShape();
    for (auto [dim, group] : llvm::enumerate(op.getReassociationIndices())) {
      SmallVector<OpFoldResult> extents;
      for (int64_t to : group)
        if (getConstantIntValue(shape[to]) != 1)
          extents.push_back(shape[to]);
      if (extents.size() == 1) {
        unite(op, trace(op.getSrc(), dim), trace(extents.front()));
        continue;
      }
      OpBuilder builder(op);
      addElements(
          op, {tensor::getMixedSize(builder, op.getLoc(), op.getSrc(), dim)},
          extents);
    }
  }

  void addReshape(tensor::ReshapeOp op) {
    auto source = dyn_cast<RankedTensorType>(op.getSource().getType());
    auto result = dyn_cast<RankedTensorType>(op.getType());
    if (!source || !result)
      return;
    OpBuilder builder(op);
    Location loc = op.getLoc();
    SmallVector<OpFoldResult> extents;
    for (int64_t dim = 0; dim < result.getRank(); ++dim) {
      Value index = arith::ConstantIndexOp::create(builder, loc, dim);
      Value extent =
          tensor::ExtractOp::create(builder, loc, op.getShape(), index);
      if (!extent.getType().isIndex())
        extent = arith::IndexCastOp::create(builder, loc,
                                            builder.getIndexType(), extent);
      extents.push_back(extent);
      if (!result.isDynamicDim(dim))
        unite(op, {Value(), result.getDimSize(dim)}, {extent, 0});
    }
    addElements(op, tensor::getMixedSizes(builder, loc, op.getSource()),
                extents);
  }

  /// The products of `from` and `to` are equal.
  void addElements(Operation *op, ArrayRef<OpFoldResult> from,
                   ArrayRef<OpFoldResult> to) {
    OpBuilder builder(op);
    auto multiply = [&](ArrayRef<OpFoldResult> extents) {
      AffineExpr product = builder.getAffineConstantExpr(1);
      for (unsigned symbol = 0; symbol < extents.size(); ++symbol)
        product = product * builder.getAffineSymbolExpr(symbol);
      return getValue(builder, op->getLoc(),
                      trace(affine::makeComposedFoldedAffineApply(
                          builder, op->getLoc(), product, extents)));
    };
    assertEqual(builder, op->getLoc(), multiply(to), multiply(from),
                "expected '" + op->getName().getStringRef() +
                    "' to keep the number of elements");
  }

  /// Computed extents of a new tensor are a size that memory may have.
  void addNew(Operation *op, ValueRange computed) {
    if (llvm::all_of(computed, [&](Value extent) {
          return getOrigin(trace(OpFoldResult(extent)));
        }))
      return;
    SmallVector<OpFoldResult> extents(computed.begin(), computed.end());
    auto type = cast<RankedTensorType>(op->getResult(0).getType());
    OpBuilder builder(op);
    for (int64_t extent : type.getShape())
      if (!ShapedType::isDynamic(extent))
        extents.push_back(builder.getIndexAttr(extent));
    assertFits(op, extents);
  }

  void addPad(tensor::PadOp op) {
    OpBuilder builder(op);
    SmallVector<OpFoldResult> added = op.getMixedLowPad();
    llvm::append_range(added, op.getMixedHighPad());
    for (OpFoldResult width : added)
      assertFits(op, {width});
    SmallVector<OpFoldResult> extents;
    AffineExpr s0, s1, s2;
    bindSymbols(op.getContext(), s0, s1, s2);
    for (auto [dim, low, high] :
         llvm::enumerate(op.getMixedLowPad(), op.getMixedHighPad()))
      extents.push_back(affine::makeComposedFoldedAffineApply(
          builder, op.getLoc(), s0 + s1 + s2,
          {tensor::getMixedSize(builder, op.getLoc(), op.getSource(), dim), low,
           high}));
    if (!op.getResultType().hasStaticShape())
      assertFits(op, extents);
  }

  /// Each of `extents` is at least 0, and their product at most 2^46; in f64,
  /// where it does not overflow.
  void assertFits(Operation *op, ArrayRef<OpFoldResult> extents) {
    OpBuilder b(op);
    Location loc = op->getLoc();
    Type wide = b.getF64Type();
    Value zero = arith::ConstantIndexOp::create(b, loc, 0);
    Value product = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(1.0));
    Value fits = arith::ConstantIntOp::create(b, loc, 1, 1);
    for (OpFoldResult extent : extents) {
      Value value = getValueOrCreateConstantIndexOp(b, loc, extent);
      Value isPositive =
          arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, value, zero);
      fits = arith::AndIOp::create(b, loc, fits, isPositive);
      Value integer = arith::IndexCastOp::create(b, loc, b.getI64Type(), value);
      Value number = arith::SIToFPOp::create(b, loc, wide, integer);
      product = arith::MulFOp::create(b, loc, product, number);
    }
    Value most = arith::ConstantOp::create(b, loc, b.getF64FloatAttr(0x1p46));
    Value isSmall =
        arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLE, product, most);
    fits = arith::AndIOp::create(b, loc, fits, isSmall);
    cf::AssertOp::create(b, loc, fits,
                         ("expected '" + op->getName().getStringRef() +
                          "' to have extents that are not negative and at "
                          "most 2^46 elements")
                             .str());
  }

  Value getAtEntry(OpBuilder &b, const Origin &origin) {
    Value argument =
        origin.first < 0 ? Value() : function.getArgument(origin.first);
    return getValue(b, function.getLoc(), {argument, origin.second});
  }

  func::FuncOp function;
  llvm::EquivalenceClasses<Origin> classes;
};
} // namespace

void Agreement::emitAtEntry() {
  OpBuilder b = OpBuilder::atBlockBegin(&function.front());
  for (const auto &member : classes) {
    if (!member->isLeader())
      continue;
    SmallVector<Origin> origins(classes.member_begin(*member),
                                classes.member_end());
    llvm::sort(origins);
    const Origin &expected = origins.front();
    std::string wanted = expected.first < 0
                             ? std::to_string(expected.second)
                             : llvm::formatv("extent {0} of input {1}",
                                             expected.second, expected.first)
                                   .str();
    for (const Origin &found : ArrayRef<Origin>(origins).drop_front())
      if (found.first >= 0)
        assertEqual(b, function.getLoc(), getAtEntry(b, found),
                    getAtEntry(b, expected),
                    llvm::formatv("expected extent {0} of input {1} to be {2}",
                                  found.second, found.first, wanted)
                        .str());
  }
}

namespace {
struct CheckExtentsPass
    : public sparsity::impl::CheckExtentsPassBase<CheckExtentsPass> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) { ops.push_back(op); });
    Agreement agreement(getOperation());
    for (Operation *op : ops)
      agreement.add(op);
    agreement.emitAtEntry();
  }
};
} // namespace
