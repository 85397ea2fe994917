//===- RegisterPipelines.cpp - Pipelines as options of the driver ---------===//
//
// Registers the named pipelines; their steps are in Optimize.cpp and Lower.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Pipelines/Pipelines.h"
#include "sparse-opt/Transforms/Prune/Passes.h"

#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::sparsity;

static void buildOptimize(OpPassManager &pm, const OptimizeOptions &options) {
  AnnotatePassOptions annotate;
  annotate.recipe = options.recipe;
  buildPatternPipeline(
      pm, options.recipe.empty() ? nullptr : createAnnotatePass(annotate));
  buildProductPipeline(pm, /*instrument=*/nullptr);
  buildFormatPipeline(pm, options.target, options.format);
}

void mlir::sparsity::registerPipelines() {
  PassPipelineRegistration<OptimizeOptions>(
      "sparsity-optimize",
      "lift, annotate, prune, select formats and pack weights", buildOptimize);
  PassPipelineRegistration<LowerOptions>(
      "sparsity-lower-to-loops",
      "fuse, bufferize and vectorise down to upstream's loops",
      [](OpPassManager &pm, const LowerOptions &options) {
        buildLowerToLoopsPipeline(pm, options.portable);
      });
  PassPipelineRegistration<LowerOptions>(
      "sparsity-lower-to-llvm", "lower to the LLVM dialect",
      [](OpPassManager &pm, const LowerOptions &options) {
        buildLowerToLoopsPipeline(pm, options.portable);
        buildLoopsToLLVMPipeline(pm);
      });
}
