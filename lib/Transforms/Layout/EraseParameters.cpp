//===- EraseParameters.cpp - What is left when arguments are buffers ------===//
//
// Takes parameters out of a module whose functions get them as arguments.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Layout/Passes.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

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
      getOperation()->removeAttr(DLTIDialect::kTargetSystemDescAttrName);
    for (auto parameter :
         llvm::make_early_inc_range(getOperation().getOps<ParameterOp>()))
      parameter.erase();
    for (auto func : getOperation().getOps<func::FuncOp>())
      for (unsigned i = 0; i < func.getNumArguments(); ++i) {
        func.removeArgAttr(i, SparsityDialect::kParameterAttrName);
        func.removeArgAttr(i, SparsityDialect::kBufferAttrName);
      }
  }
};
} // namespace
