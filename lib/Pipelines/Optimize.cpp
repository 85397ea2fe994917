//===- Optimize.cpp - Pattern and format stages ---------------------------===//
//
// From a tensor program with weights to one whose products name packed weights.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Pipelines/Pipelines.h"
#include "sparse-opt/Transforms/Attention/Passes.h"
#include "sparse-opt/Transforms/Layout/Passes.h"
#include "sparse-opt/Transforms/Prune/Passes.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sparsity;

/// Canonical form between steps; equal constants and subexpressions become one.
static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

void mlir::sparsity::buildPatternPipeline(OpPassManager &pm,
                                          std::unique_ptr<Pass> annotate) {
  // Parameters become arguments, which only functions that nobody calls get.
  pm.addPass(createInlinerPass({}, [](OpPassManager &) {}));
  pm.addNestedPass<func::FuncOp>(createDecomposeAttentionPass());
  pm.addPass(createLiftParametersPass());
  if (annotate)
    pm.addPass(std::move(annotate));
  // Requests may be in the program already.
  pm.addPass(createApplyPruningPass());
  pm.addPass(createDetectPatternsPass());
}

void mlir::sparsity::buildProductPipeline(OpPassManager &pm,
                                          std::unique_ptr<Pass> instrument) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createRaiseReshapesPass());
  addCleanup(funcs);
  funcs.addPass(createRaiseProductsPass());
  addCleanup(funcs);
  if (!instrument)
    return;
  pm.addPass(std::move(instrument));
  // What only results needed goes.
  addCleanup(pm);
}

void mlir::sparsity::buildFormatPipeline(OpPassManager &pm, StringRef target,
                                         StringRef format, bool record) {
  SelectFormatsPassOptions options;
  options.target = target.str();
  options.format = format.str();
  options.record = record;
  pm.addPass(createSelectFormatsPass(options));
  pm.addPass(createPackWeightsPass());
}
