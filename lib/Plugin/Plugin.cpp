//===- Plugin.cpp - sparse-opt for stock mlir-opt -------------------------===//
//
// The two entry points that mlir-opt looks up; what they register is InitAll's
// business.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/InitAll.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"
#include "llvm/Config/llvm-config.h"

static constexpr const char *kName = "sparse-opt";
static constexpr const char *kVersion =
    SPARSE_OPT_VERSION " (LLVM " LLVM_VERSION_STRING ")";

extern "C" LLVM_ATTRIBUTE_WEAK mlir::DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, kName, kVersion,
          [](mlir::DialectRegistry *registry) {
            mlir::sparsity::registerAllDialects(*registry);
          }};
}

extern "C" LLVM_ATTRIBUTE_WEAK mlir::PassPluginLibraryInfo
mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, kName, kVersion,
          [] { mlir::sparsity::registerAllPasses(); }};
}
