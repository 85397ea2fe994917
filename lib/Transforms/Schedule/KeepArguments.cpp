//===- KeepArguments.cpp - Arguments belong to the caller -----------------===//
//
// Marks the tensors that public functions take as read only.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_KEEPARGUMENTSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using bufferization::BufferizationDialect;

namespace {
struct KeepArgumentsPass
    : public sparsity::impl::KeepArgumentsPassBase<KeepArgumentsPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (!function.isPublic())
      return;
    for (BlockArgument argument : function.getArguments())
      if (isa<TensorType>(argument.getType()))
        function.setArgAttr(argument.getArgNumber(),
                            BufferizationDialect::kWritableAttrName,
                            BoolAttr::get(&getContext(), false));
  }
};
} // namespace
