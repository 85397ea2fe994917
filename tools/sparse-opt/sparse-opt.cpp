//===- sparse-opt.cpp - The opt-style driver ------------------------------===//
//
// mlir-opt with the sparsity dialect, passes and pipelines. Only registers.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/InitAll.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  mlir::sparsity::registerAllDialects(registry);
  mlir::sparsity::registerAllPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(
      argc, argv, "sparse-opt: a sparsity compiler\n", registry));
}
