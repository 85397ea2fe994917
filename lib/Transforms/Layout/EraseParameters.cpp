//===- EraseParameters.cpp - What is left when arguments are buffers ------===//
//
// Takes parameters out of a module whose functions get them as arguments.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Layout/Passes.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_ERASEPARAMETERSPASS
#include "sparse-opt/Transforms/Layout/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
struct EraseParametersPass
    : public sparsity::impl::EraseParametersPassBase<EraseParametersPass> {
  using EraseParametersPassBase::EraseParametersPassBase;

  void runOnOperation() override {
    if (stripTarget)
      strip(getOperation());
    for (auto parameter :
         llvm::make_early_inc_range(getOperation().getOps<ParameterOp>()))
      parameter.erase();
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (unsigned i = 0; i < func.getNumArguments(); ++i) {
        func.removeArgAttr(i, SparsityDialect::kParameterAttrName);
        func.removeArgAttr(i, SparsityDialect::kBufferAttrName);
      }
  }

private:
  static void strip(ModuleOp module) {
    module->removeAttr(DLTIDialect::kTargetSystemDescAttrName);
    module.walk([](Operation *op) {
      if (auto alloc = dyn_cast<memref::AllocOp>(op))
        alloc.removeAlignmentAttr();
      else if (auto alloca = dyn_cast<memref::AllocaOp>(op))
        alloca.removeAlignmentAttr();
      else if (auto global = dyn_cast<memref::GlobalOp>(op))
        global.removeAlignmentAttr();
    });
  }
};
} // namespace
