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
#include "sparse-opt/Pipelines/Pipelines.h"
#include "sparse-opt/Transforms/Attention/Passes.h"
#include "sparse-opt/Transforms/Instrument/Passes.h"
#include "sparse-opt/Transforms/Layout/Passes.h"
#include "sparse-opt/Transforms/Prune/Passes.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Linalg/Transforms/RuntimeOpVerification.h"

using namespace mlir;

void mlir::sparsity::registerAllDialects(DialectRegistry &registry) {
  registry.insert<SparsityDialect>();
  registerBufferizationModels(registry);
  registerFormatDecodeModels(registry);
  registerSparseTensorLayoutModels(registry);
  registerVectorLoweringModels(registry);
  // Which sparsity-check-extents asks.
  linalg::registerRuntimeVerifiableOpInterfaceExternalModels(registry);
}

void mlir::sparsity::registerAllPasses() {
  registerSparsityPrunePasses();
  registerSparsityAttentionPasses();
  registerSparsityInstrumentPasses();
  registerSparsityLayoutPasses();
  registerSparsitySchedulePasses();
  registerSparsityConversionPasses();
  registerPipelines();
}
