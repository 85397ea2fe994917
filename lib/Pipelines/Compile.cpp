//===- Compile.cpp - The compile driver -----------------------------------===//
//
// Runs the stages in order and collects what a runtime needs. Pass order is in
// Optimize.cpp and Lower.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Pipelines/Compile.h"

#include "EmitObject.h"
#include "ProgramInterface.h"
#include "Report.h"
#include "VerifyProgram.h"

#include "sparse-opt/Pipelines/Pipelines.h"
#include "sparse-opt/Recipe/Recipe.h"
#include "sparse-opt/Transforms/Layout/Passes.h"
#include "sparse-opt/Transforms/Prune/Passes.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Target/LLVMIR/Dialect/All.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// One compilation.
class Driver {
public:
  Driver(ModuleOp module, const CompileOptions &options)
      : module(module), options(options) {}

  FailureOr<CompiledProgram> run();

private:
  /// Runs the pipeline that `build` makes, after telling the progress.
  LogicalResult stage(StringRef name, double fraction,
                      function_ref<void(OpPassManager &)> build);
  void tell(StringRef name, double fraction) {
    if (options.progress)
      options.progress(name, fraction);
  }
  LogicalResult runPatternStage();
  LogicalResult lower();

  ModuleOp module;
  const CompileOptions &options;
  TargetDescription target;
  CompiledProgram program;
};
} // namespace

LogicalResult Driver::stage(StringRef name, double fraction,
                            function_ref<void(OpPassManager &)> build) {
  tell(name, fraction);
  PassManager pm(module.getContext());
  build(pm);
  return pm.run(module);
}

LogicalResult Driver::runPatternStage() {
  std::optional<Recipe> recipe;
  if (options.recipe || !options.recipeFile.empty()) {
    MLIRContext *context = module.getContext();
    FailureOr<Recipe> parsed =
        options.recipe ? parseRecipe(*options.recipe, "recipe", context)
                       : readRecipe(options.recipeFile, context);
    if (failed(parsed))
      return failure();
    recipe = std::move(*parsed);
  }
  return stage("pattern", 0.0, [&](OpPassManager &pm) {
    buildPatternPipeline(pm, recipe ? createAnnotatePass(*recipe) : nullptr);
  });
}

LogicalResult Driver::lower() {
  if (!options.oracle && failed(stage("format", 0.1, [&](OpPassManager &pm) {
        buildFormatPipeline(pm, "", options.format, /*record=*/true);
      })))
    return failure();
  if (failed(stage("schedule", 0.2,
                   [&](OpPassManager &pm) {
                     pm.addPass(createExposeParametersPass());
                   })) ||
      failed(describeProgram(module, program)))
    return failure();
  Report report;
  report.addWeights(module, program);
  if (failed(stage("schedule", 0.25, [&](OpPassManager &pm) {
        options.oracle ? buildOraclePipeline(pm)
                       : buildLowerToLoopsPipeline(pm, /*portable=*/false,
                                                   /*timed=*/true);
      })))
    return failure();
  program.operationCount = report.addOperations(module, program);
  program.report = report.str();
  if (failed(stage("target", 0.4, [](OpPassManager &pm) {
        pm.addPass(createEraseParametersPass());
        buildLoopsToLLVMPipeline(pm);
      })))
    return failure();
  return addEntryPoints(module, program.functions);
}

FailureOr<CompiledProgram> Driver::run() {
  FailureOr<TargetDescription> described = TargetDescription::parse(
      options.target, [&] { return module.emitError(); });
  if (failed(described))
    return failure();
  target = *described;
  target.attachTo(module);
  if (failed(verifySizes(module)) || failed(runPatternStage()) ||
      failed(verifyOps(module)) || failed(lower()))
    return failure();
  tell("code", 0.5);
  FailureOr<std::string> object = emitObject(module, target);
  if (failed(object))
    return failure();
  program.object = std::move(*object);
  program.instructionSets = target.instructionSets();
  tell("done", 1.0);
  return std::move(program);
}

FailureOr<CompiledProgram>
mlir::sparsity::compileProgram(ModuleOp module, const CompileOptions &options) {
  DialectRegistry registry;
  registerAllToLLVMIRTranslations(registry);
  module.getContext()->appendDialectRegistry(registry);
  return Driver(module, options).run();
}
