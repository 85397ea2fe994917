//===- LoadsToArguments.cpp - Parameters as function arguments ------------===//
//
// Replaces loads of parameters by arguments of the functions that need them,
// and passes the arguments on in calls. A packed parameter becomes one argument
// per storage buffer.
//
//===----------------------------------------------------------------------===//

#include "SparsityToLinalg.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// The parameters that each function needs: those it loads and those that the
/// functions it calls need.
class Needs {
public:
  explicit Needs(ModuleOp module) : module(module) {}

  /// Fails where a load is not in a function, or where a function that needs
  /// parameters is used other than by a direct call.
  LogicalResult collect();
  /// Adds the arguments and replaces loads and calls.
  void rewrite();

private:
  LogicalResult collectLoads();
  void collectCalls();
  LogicalResult verifyUses(func::FuncOp function);
  void addArguments(func::FuncOp function);
  void replaceLoads(func::FuncOp function);
  void extendCalls(func::FuncOp caller);
  ParameterOp getParameter(LoadOp load) {
    return symbols.lookupNearestSymbolFrom<ParameterOp>(
        load, load.getParameterAttr());
  }
  func::FuncOp getCallee(func::CallOp call) {
    return symbols.lookupNearestSymbolFrom<func::FuncOp>(call,
                                                         call.getCalleeAttr());
  }

  using Parameters = llvm::SetVector<ParameterOp>;
  using Arguments = DenseMap<ParameterOp, SmallVector<Value>>;

  ModuleOp module;
  SymbolTableCollection symbols;
  llvm::MapVector<func::FuncOp, Parameters> needs;
  DenseMap<func::FuncOp, Arguments> arguments;
  DenseMap<ParameterOp, unsigned> order;
};
} // namespace

/// One type per argument that `parameter` becomes.
static SmallVector<RankedTensorType> getArgumentTypes(ParameterOp parameter) {
  if (auto packed = dyn_cast<PackedType>(parameter.getType()))
    return packed.getStorageTypes();
  return {cast<RankedTensorType>(parameter.getType())};
}

LogicalResult Needs::collectLoads() {
  module.walk([&](ParameterOp parameter) {
    order.try_emplace(parameter, order.size());
  });
  WalkResult walk = module.walk([&](LoadOp load) {
    auto function = load->getParentOfType<func::FuncOp>();
    if (!function) {
      load.emitOpError("expected a 'func.func' around a load that becomes an "
                       "argument, got '")
          << load->getParentOp()->getName() << "'";
      return WalkResult::interrupt();
    }
    needs[function].insert(getParameter(load));
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

/// Spreads needs from callees to callers until nothing changes.
void Needs::collectCalls() {
  bool changed = true;
  while (changed) {
    changed = false;
    module.walk([&](func::CallOp call) {
      func::FuncOp callee = getCallee(call);
      auto caller = call->getParentOfType<func::FuncOp>();
      if (!callee || !caller || !needs.contains(callee))
        return;
      for (ParameterOp parameter : llvm::to_vector(needs[callee]))
        changed |= needs[caller].insert(parameter);
    });
  }
}

LogicalResult Needs::verifyUses(func::FuncOp function) {
  std::optional<SymbolTable::UseRange> uses =
      SymbolTable::getSymbolUses(function, module);
  for (SymbolTable::SymbolUse use : *uses) {
    if (isa<func::CallOp>(use.getUser()))
      continue;
    InFlightDiagnostic diag =
        use.getUser()->emitOpError("expected only direct calls of '")
        << function.getSymName() << "', which gets parameters as arguments";
    diag.attachNote(function.getLoc()) << "function is defined here";
    return diag;
  }
  return success();
}

LogicalResult Needs::collect() {
  if (failed(collectLoads()))
    return failure();
  collectCalls();
  for (auto &[function, parameters] : needs)
    if (failed(verifyUses(function)))
      return failure();
  return success();
}

/// Marks the argument as `parameter`, or as one buffer of it.
static DictionaryAttr getArgumentAttrs(ParameterOp parameter, int64_t buffer) {
  Builder builder(parameter.getContext());
  Attribute name = parameter.getSymNameAttr();
  if (isa<PackedType>(parameter.getType()))
    name = builder.getArrayAttr({name, builder.getI64IntegerAttr(buffer)});
  return builder.getDictionaryAttr(
      builder.getNamedAttr(SparsityDialect::kParameterAttrName, name));
}

void Needs::addArguments(func::FuncOp function) {
  SmallVector<ParameterOp> parameters = needs[function].takeVector();
  llvm::sort(parameters,
             [&](ParameterOp a, ParameterOp b) { return order[a] < order[b]; });
  for (ParameterOp parameter : parameters) {
    for (auto [buffer, type] : llvm::enumerate(getArgumentTypes(parameter))) {
      unsigned index = function.getNumArguments();
      LogicalResult inserted = function.insertArgument(
          index, type, getArgumentAttrs(parameter, buffer), parameter.getLoc());
      assert(succeeded(inserted) && "functions take any argument");
      (void)inserted;
      arguments[function][parameter].push_back(function.getArgument(index));
    }
  }
  needs[function].insert(parameters.begin(), parameters.end());
}

void Needs::replaceLoads(func::FuncOp function) {
  function.walk([&](LoadOp load) {
    OpBuilder builder(load);
    ArrayRef<Value> values = arguments[function][getParameter(load)];
    Value value = values.front();
    if (isa<PackedType>(load.getType()))
      value =
          AssembleOp::create(builder, load.getLoc(), load.getType(), values);
    load.replaceAllUsesWith(value);
    load.erase();
  });
}

void Needs::extendCalls(func::FuncOp caller) {
  caller.walk([&](func::CallOp call) {
    func::FuncOp callee = getCallee(call);
    if (!callee || !needs.contains(callee))
      return;
    for (ParameterOp parameter : needs[callee])
      call.getOperandsMutable().append(arguments[caller][parameter]);
  });
}

void Needs::rewrite() {
  SmallVector<func::FuncOp> functions =
      llvm::map_to_vector(needs, [](auto &entry) { return entry.first; });
  for (func::FuncOp function : functions)
    addArguments(function);
  for (func::FuncOp function : functions) {
    replaceLoads(function);
    extendCalls(function);
  }
}

LogicalResult mlir::sparsity::replaceLoadsByArguments(ModuleOp module) {
  Needs needs(module);
  if (failed(needs.collect()))
    return failure();
  needs.rewrite();
  return success();
}
