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

/// The first weight that a kernel reads, or null.
static ParameterOp findWeight(func::FuncOp func, func::CallOp call) {
  for (Value operand : call.getOperands())
    if (isa<MemRefType>(operand.getType()))
      if (ParameterOp parameter = findParameter(func, operand))
        return parameter;
  return {};
}

/// How many weights a packed parameter stores: its largest buffer of their
/// type.
static int64_t countStored(ParameterOp weight) {
  auto packed = weight ? dyn_cast<PackedType>(weight.getType()) : PackedType();
  int64_t most = 0;
  for (RankedTensorType buffer :
       packed ? packed.getStorageTypes() : SmallVector<RankedTensorType>())
    if (buffer.getElementType() == packed.getElementType())
      most = std::max(most, buffer.getNumElements());
  return most;
}

static OperationCounts countCall(OpBuilder &b, func::CallOp call,
                                 ParameterOp weight) {
  if (auto maps = cast_or_null<ArrayAttr>(
          call->removeAttr(SparsityDialect::kMapsAttrName)))
    return countAttention(b, call, maps);
  return countProduct(b, call, countStored(weight));
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
      ParameterOp weight = findWeight(func, call);
      if (weight)
        row.push_back(b.getNamedAttr(
            "parameter", FlatSymbolRefAttr::get(weight.getSymNameAttr())));
      counts = countCall(b, call, weight);
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
