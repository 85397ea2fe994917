//===- Pipelines.h - Pass order -------------------------------------------===//
//
// The pipelines of sparse-opt: the only place that knows in which order passes
// run. The same builders serve the opt-style driver and the compile driver.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_PIPELINES_PIPELINES_H
#define SPARSE_OPT_PIPELINES_PIPELINES_H

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassOptions.h"

namespace mlir::sparsity {

struct OptimizeOptions : public PassPipelineOptions<OptimizeOptions> {
  Option<std::string> recipe{*this, "recipe",
                             llvm::cl::desc("recipe file (YAML)"),
                             llvm::cl::init("")};
  Option<std::string> target{
      *this, "target",
      llvm::cl::desc("machine to compile for: host or an x86-64 CPU name"),
      llvm::cl::init("host")};
  Option<std::string> format{
      *this, "format",
      llvm::cl::desc("storage format to force: dense, nm, bsr or stream"),
      llvm::cl::init("")};
};

struct LowerOptions : public PassPipelineOptions<LowerOptions> {
  Option<bool> portable{
      *this, "portable",
      llvm::cl::desc("leave upstream operations only, no target intrinsics"),
      llvm::cl::init(false)};
};

/// Pattern stage: inlines, lifts weights to parameters, lets `annotate` (may be
/// null) ask for patterns, prunes, and finds what is zero already.
void buildPatternPipeline(OpPassManager &pm, std::unique_ptr<Pass> annotate);
/// Raises products and lets `instrument` (may be null) look at their inputs.
void buildProductPipeline(OpPassManager &pm, std::unique_ptr<Pass> instrument);
/// Format stage, after products: selects formats for `target` (empty = the
/// module's) and packs. `record` keeps the rankings for a report.
void buildFormatPipeline(OpPassManager &pm, StringRef target, StringRef format,
                         bool record = false);
/// Schedule stage: fuses, bufferizes and vectorises down to upstream's loops.
/// `timed` code tells the runtime when each operation is done.
void buildLowerToLoopsPipeline(OpPassManager &pm, bool portable,
                               bool timed = false);
/// Target stage: loops to the LLVM dialect, parallel loops through OpenMP.
void buildLoopsToLLVMPipeline(OpPassManager &pm);
/// The oracle: the dialect's dense meaning through upstream's scalar loops.
void buildOraclePipeline(OpPassManager &pm);

/// --sparsity-optimize, --sparsity-lower-to-loops, --sparsity-lower-to-llvm.
void registerPipelines();

} // namespace mlir::sparsity

#endif // SPARSE_OPT_PIPELINES_PIPELINES_H
