//===- EntryPoints.cpp - The functions that a runtime calls ---------------===//
//
// One `void symbol(void **args)` per program function, in the LLVM dialect: it
// hands the pointers in `args` to the C wrapper that upstream's lowering makes.
//
//===----------------------------------------------------------------------===//

#include "ProgramInterface.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace mlir::sparsity;

/// The pointer at args[index].
static Value loadPointer(OpBuilder &b, Location loc, Value args,
                         int32_t index) {
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  Value address = LLVM::GEPOp::create(b, loc, pointer, pointer, args,
                                      ArrayRef<LLVM::GEPArg>{index});
  return LLVM::LoadOp::create(b, loc, pointer, address);
}

/// Calls the wrapper, which takes a pointer to its result (a struct of
/// descriptors when there are several) and pointers to its arguments.
static void emitBody(OpBuilder &b, Location loc, Value args,
                     LLVM::LLVMFuncOp wrapper, Type returned, int32_t results,
                     int32_t arguments) {
  auto pointer = LLVM::LLVMPointerType::get(b.getContext());
  SmallVector<Value> operands;
  Value several;
  if (results > 1) {
    Value one = LLVM::ConstantOp::create(b, loc, b.getI64IntegerAttr(1));
    several = LLVM::AllocaOp::create(b, loc, pointer, returned, one);
    operands.push_back(several);
  } else if (results == 1) {
    operands.push_back(loadPointer(b, loc, args, 0));
  }
  for (int32_t i = 0; i < arguments; ++i)
    operands.push_back(loadPointer(b, loc, args, results + i));
  LLVM::CallOp::create(b, loc, wrapper, operands);
  if (!several)
    return;
  Value descriptors = LLVM::LoadOp::create(b, loc, returned, several);
  for (int32_t i = 0; i < results; ++i) {
    Value one =
        LLVM::ExtractValueOp::create(b, loc, descriptors, ArrayRef<int64_t>{i});
    LLVM::StoreOp::create(b, loc, one, loadPointer(b, loc, args, i));
  }
}

LogicalResult mlir::sparsity::addEntryPoints(ModuleOp module,
                                             ArrayRef<FunctionInfo> functions,
                                             StringRef suffix) {
  MLIRContext *context = module.getContext();
  OpBuilder b = OpBuilder::atBlockEnd(module.getBody());
  auto pointer = LLVM::LLVMPointerType::get(context);
  auto type =
      LLVM::LLVMFunctionType::get(LLVM::LLVMVoidType::get(context), {pointer});
  // Other variants have functions of the same names.
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (!function.isExternal())
      function.setLinkage(LLVM::Linkage::Internal);
  for (const FunctionInfo &info : functions) {
    auto target = module.lookupSymbol<LLVM::LLVMFuncOp>(info.name);
    auto wrapper =
        module.lookupSymbol<LLVM::LLVMFuncOp>("_mlir_ciface_" + info.name);
    if (!target || !wrapper)
      return module.emitError("expected a C wrapper of function '")
             << info.name << "', found none";
    Location loc = target.getLoc();
    b.setInsertionPointToEnd(module.getBody());
    auto entry =
        LLVM::LLVMFuncOp::create(b, loc, info.symbol + suffix.str(), type);
    Block *body = entry.addEntryBlock(b);
    b.setInsertionPointToStart(body);
    emitBody(b, loc, body->getArgument(0), wrapper,
             target.getFunctionType().getReturnType(), info.results.size(),
             info.inputs.size() + info.parameters.size());
    LLVM::ReturnOp::create(b, loc, ValueRange());
  }
  return success();
}
