//===- Instrument.cpp - Programs that collect statistics ------------------===//
//
// Gives functions a memref for each statistic, and the ops that add to it where
// the observed values are known.
//
//===----------------------------------------------------------------------===//

#include "ObservedValues.h"
#include "StatisticOps.h"
#include "sparse-opt/Checkpoint/ContentHash.h"
#include "sparse-opt/Transforms/Instrument/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/GlobPattern.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_INSTRUMENTPASS
#include "sparse-opt/Transforms/Instrument/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// Which parameter it is, by its name, type and elements.
static FailureOr<ObservedAttr> identify(ObservedParameter observed) {
  ParameterOp parameter = observed.parameter;
  Builder b(parameter.getContext());
  ElementsAttr elements = parameter.getElements();
  auto view = elements ? getMatrixView(elements) : std::nullopt;
  if (!view)
    return parameter.emitError("expected a value for parameter '")
           << parameter.getUserName()
           << "', which statistics are tied to by its hash, found none";
  return ObservedAttr::get(
      b.getContext(), b.getStringAttr(parameter.getUserName()),
      cast<RankedTensorType>(Type(parameter.getType())), observed.axis,
      b.getStringAttr(checkpoint::hashElements(*view)));
}

/// A new argument of `func` that is read and written.
static Value addArgument(func::FuncOp func, StringRef kind,
                         ArrayRef<ObservedAttr> of, RankedTensorType type) {
  Builder b(func.getContext());
  std::string name = (of.front().getParameter().getValue() + "." + kind).str();
  auto statistic =
      StatisticAttr::get(b.getContext(), b.getStringAttr(kind), of);
  auto attributes = b.getDictionaryAttr(
      {b.getNamedAttr(SparsityDialect::kNameAttrName, b.getStringAttr(name)),
       b.getNamedAttr(SparsityDialect::kStatisticAttrName, statistic)});
  unsigned index = func.getNumArguments();
  (void)func.insertArgument(
      index, MemRefType::get(type.getShape(), type.getElementType()),
      attributes, func.getLoc());
  return func.getArgument(index);
}

static void dropResults(func::FuncOp func) {
  func.walk([](func::ReturnOp op) { op->setOperands(ValueRange()); });
  func.setAllResultAttrs(ArrayRef<Attribute>());
  func.setType(
      FunctionType::get(func.getContext(), func.getArgumentTypes(), {}));
}

namespace {
struct InstrumentPass
    : public sparsity::impl::InstrumentPassBase<InstrumentPass> {
  using InstrumentPassBase::InstrumentPassBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    FailureOr<llvm::GlobPattern> glob = checkOptions();
    if (failed(glob))
      return signalPassFailure();
    auto wanted = [&](StringRef name) { return glob->match(name); };
    bool isAny = false;
    SmallVector<MissedProduct> missed;
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (!func.isPublic() || func.isDeclaration())
        continue;
      SmallVector<ObservedGroup> groups =
          findObservedGroups(func, symbols, wanted, missed);
      if (failed(instrument(func, groups)))
        return signalPassFailure();
      isAny |= !groups.empty();
    }
    if (isAny)
      return;
    emitNone(missed);
    signalPassFailure();
  }

private:
  FailureOr<llvm::GlobPattern> checkOptions();
  void emitNone(ArrayRef<MissedProduct> missed);
  LogicalResult instrument(func::FuncOp func, ArrayRef<ObservedGroup> groups);
  LogicalResult observe(func::FuncOp func, const ObservedGroup &group);
};
} // namespace

FailureOr<llvm::GlobPattern> InstrumentPass::checkOptions() {
  if (kinds.empty())
    kinds = {"squares"};
  for (const std::string &kind : kinds)
    if (!llvm::is_contained(StatisticAttr::getKinds(), kind))
      return getOperation().emitError("expected the statistics '")
             << llvm::join(StatisticAttr::getKinds(), "', '") << "', got '"
             << kind << "'";
  llvm::Expected<llvm::GlobPattern> glob =
      llvm::GlobPattern::create(parameters, 64);
  if (!glob)
    return getOperation().emitError("expected a glob on names of parameters: ")
           << toString(glob.takeError());
  return *glob;
}

void InstrumentPass::emitNone(ArrayRef<MissedProduct> missed) {
  constexpr size_t kMostNotes = 5;
  InFlightDiagnostic diag =
      getOperation().emitError("expected products with parameters whose names "
                               "match '")
      << parameters << "', found none";
  for (const MissedProduct &product : missed.take_front(kMostNotes))
    diag.attachNote(product.loc)
        << "left out '" << product.parameter << "': " << product.reason;
}

LogicalResult InstrumentPass::instrument(func::FuncOp func,
                                         ArrayRef<ObservedGroup> groups) {
  if (groups.empty())
    return success();
  if (!SymbolTable::symbolKnownUseEmpty(func, getOperation()))
    return func.emitError("expected products with parameters only in functions "
                          "that are not called; inline them first");
  for (const ObservedGroup &group : groups)
    if (failed(observe(func, group)))
      return failure();
  if (!keepResults)
    dropResults(func);
  return success();
}

LogicalResult InstrumentPass::observe(func::FuncOp func,
                                      const ObservedGroup &group) {
  SmallVector<ObservedAttr> of;
  for (ObservedParameter observed : group.parameters) {
    FailureOr<ObservedAttr> identified = identify(observed);
    if (failed(identified))
      return failure();
    of.push_back(*identified);
  }
  OpBuilder b(group.product);
  Location loc = group.product->getLoc();
  int64_t inputs = of.front().getType().getDimSize(of.front().getAxis());
  SmallVector<Value> rows;
  for (ObservedValue value : group.values)
    rows.push_back(
        makeRows(b, loc, value.value, value.isSummedAlongLast, inputs));
  SmallVector<StringRef> all = {"rows"};
  for (const std::string &kind : kinds)
    if (!llvm::is_contained(all, kind))
      all.push_back(kind);
  for (StringRef kind : all) {
    auto type =
        getStatisticType(kind, cast<RankedTensorType>(rows.front().getType()));
    Value memory = addArgument(func, kind, of, type);
    Value sum = bufferization::ToTensorOp::create(
        b, loc, type, memory, /*restrict=*/true, /*writable=*/true);
    for (Value one : rows)
      sum = addStatistic(b, loc, kind, one, sum);
    bufferization::MaterializeInDestinationOp::create(
        b, loc, TypeRange(), sum, memory, /*restrict=*/true, /*writable=*/true);
  }
  numObserved += group.values.size();
  return success();
}
