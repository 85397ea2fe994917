//===- InitAll.cpp - Everything sparse-opt adds to MLIR -------------------===//
//
// Collects the registrations of all rooms; no logic.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/InitAll.h"

#include "sparse-opt/Conversion/Passes.h"
#include "sparse-opt/Conversion/SparsityToLinalg/FormatDecode.h"
#include "sparse-opt/Conversion/SparsityToSparseTensor/SparseTensorLayout.h"
#include "sparse-opt/Conversion/SparsityToVector/FormatLowering.h"
#include "sparse-opt/Dialect/Sparsity/IR/ExternalModels.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

using namespace mlir;

void mlir::sparsity::registerAllDialects(DialectRegistry &registry) {
  registry.insert<SparsityDialect>();
  registerBufferizationModels(registry);
  registerFormatDecodeModels(registry);
  registerSparseTensorLayoutModels(registry);
  registerVectorLoweringModels(registry);
}

void mlir::sparsity::registerAllPasses() { registerSparsityConversionPasses(); }
