//===- ExposeParameters.cpp - Parameters become function arguments --------===//
//
// Gives every function one argument per storage buffer of each parameter that
// it loads. The parameters stay in the module as the source of the data.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Layout/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_EXPOSEPARAMETERSPASS
#include "sparse-opt/Transforms/Layout/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// Appends the argument for buffer `index` of `parameter`.
static Value addArgument(func::FuncOp func, LoadOp load, Type type,
                         int64_t index) {
  Builder builder(func.getContext());
  unsigned position = func.getNumArguments();
  auto attrs = builder.getDictionaryAttr(
      {builder.getNamedAttr(SparsityDialect::kParameterAttrName,
                            load.getParameterAttr()),
       builder.getNamedAttr(SparsityDialect::kBufferAttrName,
                            builder.getI64IntegerAttr(index))});
  (void)func.insertArgument(position, type, attrs, load.getLoc());
  return func.getArgument(position);
}

/// The arguments that stand for `load`, as one value of its type.
static Value exposeLoad(OpBuilder &builder, func::FuncOp func, LoadOp load) {
  auto packed = dyn_cast<PackedType>(load.getType());
  if (!packed)
    return addArgument(func, load, load.getType(), 0);
  SmallVector<Value> buffers;
  for (auto [index, type] : llvm::enumerate(packed.getStorageTypes()))
    buffers.push_back(addArgument(func, load, type, index));
  return AssembleOp::create(builder, load.getLoc(), packed, buffers);
}

namespace {
struct ExposeParametersPass
    : public sparsity::impl::ExposeParametersPassBase<ExposeParametersPass> {
  void runOnOperation() override {
    for (auto func : getOperation().getOps<func::FuncOp>()) {
      if (func.isDeclaration())
        continue;
      if (failed(exposeFunction(func)))
        return signalPassFailure();
      if (func.isPublic())
        func->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                      UnitAttr::get(&getContext()));
    }
  }

private:
  LogicalResult exposeFunction(func::FuncOp func) {
    SmallVector<LoadOp> loads;
    func.walk([&](LoadOp load) { loads.push_back(load); });
    if (loads.empty())
      return success();
    if (!SymbolTable::symbolKnownUseEmpty(func, getOperation()))
      return loads.front().emitOpError(
          "expected parameters only in functions that are not called; inline "
          "them first");
    OpBuilder builder(func.getContext());
    DenseMap<Attribute, Value> exposed;
    for (LoadOp load : loads) {
      Value &value = exposed[load.getParameterAttr()];
      if (!value) {
        // Anew each time: the first op may have been a load that is gone.
        builder.setInsertionPointToStart(&func.front());
        value = exposeLoad(builder, func, load);
      }
      load.replaceAllUsesWith(value);
      load.erase();
    }
    return success();
  }
};
} // namespace
