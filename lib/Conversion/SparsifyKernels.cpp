//===- SparsifyKernels.cpp - Upstream's sparsifier, on its own ------------===//
//
// Runs upstream's sparsification on functions with sparse tensors inside, out
// of sight of the rest of the module. How such functions are made is in
// SparsityToSparseTensor.
//
//===----------------------------------------------------------------------===//
//
// Why: `sparsification-and-bufferization` decides where tensors need copies,
// then moves loop-invariant code, then turns tensors into buffers. The motion
// invalidates the decisions wherever a tensor is made and overwritten in a loop
// (test/Pipelines/upstream-sparsifier-loop.mlir). So functions that go through
// it must have no loops before, and everything else must not go through it.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"
#include "mlir/Dialect/SparseTensor/Transforms/Passes.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_SPARSIFYKERNELSPASS
#include "sparse-opt/Conversion/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

static bool isSparse(Type type) {
  return sparse_tensor::getSparseTensorEncoding(type) != nullptr;
}

/// True when sparse tensors occur anywhere in the function.
static bool holdsSparseTensors(func::FuncOp function) {
  WalkResult walk = function.walk([](Operation *op) {
    bool sparse = llvm::any_of(op->getResultTypes(), isSparse) ||
                  llvm::any_of(op->getOperandTypes(), isSparse);
    return sparse ? WalkResult::interrupt() : WalkResult::advance();
  });
  return walk.wasInterrupted();
}

/// A function can be moved out when it is private and only called directly, is
/// dense at its boundary and has no loops.
static LogicalResult verifyKernel(func::FuncOp kernel, ModuleOp module) {
  StringRef name = kernel.getSymName();
  if (!kernel.isPrivate())
    return kernel.emitOpError("expected '")
           << name << "' to be private, since it holds sparse tensors";
  if (llvm::any_of(kernel.getArgumentTypes(), isSparse) ||
      llvm::any_of(kernel.getResultTypes(), isSparse))
    return kernel.emitOpError("expected dense arguments and results, got ")
           << kernel.getFunctionType();
  std::optional<SymbolTable::UseRange> uses =
      SymbolTable::getSymbolUses(kernel, module);
  for (SymbolTable::SymbolUse use : *uses)
    if (!isa<func::CallOp>(use.getUser()))
      return use.getUser()->emitOpError("expected only direct calls of '")
             << name << "', which holds sparse tensors";
  WalkResult walk = kernel.walk([&](LoopLikeOpInterface loop) {
    loop->emitOpError("expected no loops in '")
        << name << "', which holds sparse tensors";
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

/// Calls a function on buffers where one on tensors was called.
static void callWithBuffers(func::CallOp call, func::FuncOp kernel) {
  OpBuilder builder(call);
  Location loc = call.getLoc();
  SmallVector<Value> operands;
  for (auto [operand, type] :
       llvm::zip_equal(call.getOperands(), kernel.getArgumentTypes())) {
    if (isa<TensorType>(operand.getType()))
      operand = bufferization::ToBufferOp::create(builder, loc, type, operand,
                                                  /*read_only=*/true);
    operands.push_back(operand);
  }
  auto newCall = func::CallOp::create(builder, loc, kernel, operands);
  for (auto [old, result] :
       llvm::zip_equal(call.getResults(), newCall.getResults())) {
    // The kernel made the buffer: nobody else knows it.
    Value value = result;
    if (isa<TensorType>(old.getType()))
      value = bufferization::ToTensorOp::create(builder, loc, old.getType(),
                                                result, /*restrict=*/true,
                                                /*writable=*/true);
    old.replaceAllUsesWith(value);
  }
  call.erase();
}

/// Moves the content of `inner` to the end of `outer` under unique names.
static LogicalResult moveBack(ModuleOp inner, ModuleOp outer) {
  SymbolTable innerSymbols(inner), outerSymbols(outer);
  for (Operation &op :
       llvm::make_early_inc_range(inner.getBody()->getOperations())) {
    if (outerSymbols.lookup(SymbolTable::getSymbolName(&op)) &&
        failed(innerSymbols.renameToUnique(&op, {&outerSymbols})))
      return failure();
    op.remove();
    outerSymbols.insert(&op);
  }
  return success();
}

static OpPassManager buildPipeline() {
  OpPassManager pm(ModuleOp::getOperationName());
  pm.addNestedPass<func::FuncOp>(createLinalgGeneralizeNamedOpsPass());
  pm.addPass(createSparsificationAndBufferizationPass());
  pm.addPass(createStorageSpecifierToLLVMPass());
  pm.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  return pm;
}

namespace {
struct SparsifyKernelsPass
    : public sparsity::impl::SparsifyKernelsPassBase<SparsifyKernelsPass> {
  using SparsifyKernelsPassBase::SparsifyKernelsPassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    SparsifyKernelsPassBase::getDependentDialects(registry);
    buildPipeline().getDependentDialects(registry);
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<func::FuncOp> kernels;
    for (func::FuncOp function : module.getOps<func::FuncOp>())
      if (holdsSparseTensors(function))
        kernels.push_back(function);
    for (func::FuncOp kernel : kernels)
      if (failed(verifyKernel(kernel, module)))
        return signalPassFailure();
    if (!kernels.empty() && failed(sparsify(module, kernels)))
      signalPassFailure();
  }

private:
  LogicalResult sparsify(ModuleOp module, ArrayRef<func::FuncOp> kernels) {
    SmallVector<std::pair<func::CallOp, func::FuncOp>> calls;
    SymbolTableCollection symbols;
    module.walk([&](func::CallOp call) {
      auto callee = symbols.lookupNearestSymbolFrom<func::FuncOp>(
          call, call.getCalleeAttr());
      if (llvm::is_contained(kernels, callee))
        calls.emplace_back(call, callee);
    });
    auto apart = ModuleOp::create(module.getLoc());
    module.push_back(apart);
    for (func::FuncOp kernel : kernels)
      kernel->moveBefore(apart.getBody(), apart.getBody()->end());
    OpPassManager pipeline = buildPipeline();
    if (failed(runPipeline(pipeline, apart)) || failed(moveBack(apart, module)))
      return failure();
    apart.erase();
    for (auto [call, kernel] : calls)
      callWithBuffers(call, kernel);
    return success();
  }
};
} // namespace
