//===- TimeOperations.cpp - Where a program's time goes -------------------===//
//
// Numbers what a program does at its top level and tells the runtime when each
// part is done. A call that nobody times pays a few nanoseconds for each.
//
//===----------------------------------------------------------------------===//

#include "OperationCounts.h"

#include "sparse-opt/Dialect/Sparsity/IR/Ranking.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/LinalgInterfaces.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/TypeUtilities.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_TIMEOPERATIONSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

static constexpr llvm::StringLiteral kDone = "sparse_opt_operation_done";

/// The kind of a part that takes time, or nothing.
static StringRef getKind(Operation *op) {
  if (auto call = dyn_cast<func::CallOp>(op)) {
    auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
        op, call.getCalleeAttr());
    if (!callee || callee.isExternal())
      return "";
    return callee.getName().starts_with("sparsity_attention") ? "attention"
                                                              : "matmul";
  }
  if (isa<scf::ParallelOp>(op))
    return "parallel loop";
  if (isa<scf::ForOp, scf::WhileOp>(op))
    return "loop";
  return isa<memref::CopyOp, linalg::LinalgOp>(op) ? "copy" : "";
}

/// The innermost place in a file.
static std::string getPlace(Location loc) {
  std::string place;
  loc->walk([&](Location part) {
    auto file = dyn_cast<FileLineColLoc>(part);
    if (!file)
      return WalkResult::advance();
    place = (file.getFilename().getValue() + ":" + Twine(file.getLine()) + ":" +
             Twine(file.getColumn()))
                .str();
    return WalkResult::interrupt();
  });
  return place;
}

/// The weight that `value` views, if it is an argument of `func`.
static ParameterOp findParameter(func::FuncOp func, Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (!isa<ViewLikeOpInterface>(op))
      return {};
    value = op->getOperand(0);
  }
  auto symbol = func.getArgAttrOfType<FlatSymbolRefAttr>(
      cast<BlockArgument>(value).getArgNumber(),
      SparsityDialect::kParameterAttrName);
  return symbol
             ? SymbolTable::lookupNearestSymbolFrom<ParameterOp>(func, symbol)
             : ParameterOp();
}

namespace {
/// A weight that a kernel reads.
struct UsedWeight {
  ParameterOp parameter;
  /// Of a packed one, the buffers of its element type.
  SmallVector<Value> elements;
};
} // namespace

/// The weights that a kernel reads: the packed one of each of its products, or
/// the first other one.
static SmallVector<UsedWeight> findWeights(func::FuncOp func,
                                           func::CallOp call) {
  SmallVector<UsedWeight> packed;
  ParameterOp other;
  OperandRange operands = call.getOperands();
  while (!operands.empty()) {
    size_t taken = 1;
    if (isa<MemRefType>(operands.front().getType())) {
      ParameterOp parameter = findParameter(func, operands.front());
      auto type =
          parameter ? dyn_cast<PackedType>(parameter.getType()) : PackedType();
      if (type) {
        taken = type.getStorageTypes().size();
        UsedWeight &weight = packed.emplace_back(UsedWeight{parameter, {}});
        for (Value buffer : operands.take_front(taken))
          if (getElementTypeOrSelf(buffer) == type.getElementType())
            weight.elements.push_back(buffer);
      } else if (!other) {
        other = parameter;
      }
    }
    operands = operands.drop_front(taken);
  }
  if (packed.empty() && other)
    return {{other, {}}};
  return packed;
}

static OperationCounts countCall(OpBuilder &b, func::CallOp call,
                                 ArrayRef<UsedWeight> weights) {
  if (auto maps = cast_or_null<ArrayAttr>(
          call->removeAttr(SparsityDialect::kMapsAttrName)))
    return countAttention(b, call, maps);
  SmallVector<SmallVector<Value>> packed;
  for (const UsedWeight &weight : weights)
    if (!weight.elements.empty())
      packed.push_back(weight.elements);
  return countProduct(b, call, packed);
}

namespace {
struct TimeOperationsPass
    : public sparsity::impl::TimeOperationsPassBase<TimeOperationsPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (func.isPublic() && !func.isExternal())
        for (Operation &op : llvm::make_early_inc_range(func.getBody().front()))
          if (StringRef kind = getKind(&op); !kind.empty())
            time(func, &op, kind);
    // Products inside of loops have no rows of their own.
    getOperation().walk([](func::CallOp call) {
      Ranking::takeFrom(call);
      call->removeAttr(SparsityDialect::kMapsAttrName);
    });
    OpBuilder b(&getContext());
    getOperation()->setAttr(SparsityDialect::kOperationsAttrName,
                            b.getArrayAttr(rows));
    if (rows.empty())
      return;
    b.setInsertionPointToStart(getOperation().getBody());
    Type number = b.getI64Type();
    func::FuncOp::create(b, getOperation().getLoc(), kDone,
                         b.getFunctionType({number, number, number}, {}))
        .setPrivate();
  }

private:
  void time(func::FuncOp func, Operation *op, StringRef kind) {
    OpBuilder b(op->getContext());
    b.setInsertionPointAfter(op);
    SmallVector<NamedAttribute> row{
        b.getNamedAttr("op", b.getStringAttr(kind)),
        b.getNamedAttr("location", b.getStringAttr(getPlace(op->getLoc())))};
    OperationCounts counts;
    if (auto call = dyn_cast<func::CallOp>(op)) {
      SmallVector<UsedWeight> weights = findWeights(func, call);
      SmallVector<Attribute> symbols;
      for (UsedWeight &weight : weights)
        symbols.push_back(
            FlatSymbolRefAttr::get(weight.parameter.getSymNameAttr()));
      if (!symbols.empty())
        row.push_back(b.getNamedAttr("parameters", b.getArrayAttr(symbols)));
      counts = countCall(b, call, weights);
    } else {
      counts = countLoops(b, op);
    }
    Value number =
        arith::ConstantIntOp::create(b, op->getLoc(), rows.size(), 64);
    func::CallOp::create(b, op->getLoc(), kDone, TypeRange(),
                         {number, counts.flops, counts.bytes});
    if (Attribute ranking = Ranking::takeFrom(op))
      row.push_back(b.getNamedAttr("ranking", ranking));
    rows.push_back(b.getDictionaryAttr(row));
  }

  SmallVector<Attribute> rows;
};
} // namespace
