//===- consumer-opt.cpp - An opt driver made from the installed package ---===//
//
// Registers the sparsity dialect and passes beside the few upstream dialects it
// wants, and uses the dialect's C++ API: counts the weights of each function.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/InitAll.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"

namespace {
struct CountLoadsPass
    : mlir::PassWrapper<CountLoadsPass,
                        mlir::OperationPass<mlir::func::FuncOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(CountLoadsPass)

  llvm::StringRef getArgument() const final { return "count-loads"; }
  void runOnOperation() final {
    int loads = 0;
    getOperation().walk([&](mlir::sparsity::LoadOp) { ++loads; });
    getOperation().emitRemark() << "loads " << loads << " weights";
  }
};
} // namespace

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect>();
  mlir::sparsity::registerAllDialects(registry);
  mlir::sparsity::registerAllPasses();
  mlir::registerCanonicalizerPass();
  mlir::PassRegistration<CountLoadsPass>();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "consumer of SparseOpt\n", registry));
}
