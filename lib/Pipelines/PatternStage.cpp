//===- PatternStage.cpp - The first stage of a compilation ----------------===//
//
// Recipe and pattern pipeline, and what they made of the weights.
//
//===----------------------------------------------------------------------===//

#include "PatternStage.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Pipelines/Pipelines.h"
#include "sparse-opt/Pipelines/PruneProgram.h"
#include "sparse-opt/Recipe/Recipe.h"
#include "sparse-opt/Transforms/Prune/Passes.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::sparsity;

static bool hasRecipe(const CompileOptions &options) {
  return options.recipe || !options.recipeFile.empty();
}

static FailureOr<Recipe> getRecipe(const CompileOptions &options,
                                   MLIRContext *context) {
  FailureOr<Recipe> recipe =
      options.recipe ? parseRecipe(*options.recipe, "recipe", context)
                     : readRecipe(options.recipeFile, context);
  if (succeeded(recipe))
    recipe->profile = options.profile;
  return recipe;
}

LogicalResult mlir::sparsity::runPatternStage(ModuleOp module,
                                              const CompileOptions &options) {
  // Statistics are tied to the values that parameters had before.
  if (hasRecipe(options) && !options.statistics.empty())
    return module.emitError("expected a recipe or statistics to collect, got "
                            "both: statistics are those of the dense program");
  std::unique_ptr<Pass> annotate;
  if (hasRecipe(options)) {
    FailureOr<Recipe> recipe = getRecipe(options, module.getContext());
    if (failed(recipe))
      return failure();
    annotate = createAnnotatePass(std::move(*recipe));
  }
  PassManager pm(module.getContext());
  buildPatternPipeline(pm, std::move(annotate));
  return pm.run(module);
}

/// The bytes of a value that was pruned: row major, never a splat's one.
static ArrayRef<char> getBytes(ElementsAttr elements) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(elements))
    return resource.getRawHandle().getBlob()->getData();
  return cast<DenseElementsAttr>(elements).getRawData();
}

FailureOr<std::vector<PrunedParameter>>
mlir::sparsity::pruneProgram(ModuleOp module, const CompileOptions &options) {
  if (!hasRecipe(options))
    return module.emitError("expected a recipe, got none");
  if (failed(runPatternStage(module, options)))
    return failure();
  std::vector<PrunedParameter> pruned;
  for (auto parameter : module.getOps<ParameterOp>()) {
    auto original = parameter->getAttrOfType<StringAttr>(kOriginalAttrName);
    if (!original)
      continue;
    auto type = cast<RankedTensorType>(Type(parameter.getType()));
    ArrayRef<char> bytes = getBytes(parameter.getElements());
    pruned.push_back(
        {parameter.getUserName().str(), *getElementKind(type.getElementType()),
         type.getShape().vec(), bytes.data(), bytes.size(),
         parameter.getPatternAttr().getZeroPattern()->name(), original.str()});
  }
  return pruned;
}
