//===- Compile.cpp - The compile driver -----------------------------------===//
//
// Runs the stages in order and collects what a runtime needs. Pass order is in
// Optimize.cpp and Lower.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Pipelines/Compile.h"

#include "EmitObject.h"
#include "PatternStage.h"
#include "ProgramInterface.h"
#include "Report.h"
#include "UpdatedInputs.h"
#include "VerifyProgram.h"

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Pipelines/Pipelines.h"
#include "sparse-opt/Transforms/Instrument/Passes.h"
#include "sparse-opt/Transforms/Layout/Passes.h"
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
  /// Runs the pipeline that `build` makes on `part`, after telling the
  /// progress.
  LogicalResult stage(StringRef name, double fraction, ModuleOp part,
                      function_ref<void(OpPassManager &)> build);
  void tell(StringRef name, double fraction) {
    if (options.progress)
      options.progress(name, fraction);
  }
  LogicalResult parseTargets();
  LogicalResult runFormatStage();
  /// Lowers `part`, a copy for target `number`, to machine code.
  LogicalResult generate(ModuleOp part, size_t number);

  ModuleOp module;
  const CompileOptions &options;
  std::vector<TargetDescription> targets;
  CompiledProgram program;
  Report report;
};
} // namespace

LogicalResult Driver::stage(StringRef name, double fraction, ModuleOp part,
                            function_ref<void(OpPassManager &)> build) {
  tell(name, fraction);
  PassManager pm(part.getContext());
  build(pm);
  return pm.run(part);
}

LogicalResult Driver::parseTargets() {
  SmallVector<StringRef> names;
  StringRef(options.target).split(names, ',');
  for (StringRef name : names) {
    FailureOr<TargetDescription> target = TargetDescription::parse(
        name.trim(), [&] { return module.emitError(); });
    if (failed(target))
      return failure();
    targets.push_back(std::move(*target));
  }
  return success();
}

/// Null where nothing is to be collected.
static std::unique_ptr<Pass> createInstrument(const CompileOptions &options) {
  if (options.statistics.empty())
    return nullptr;
  InstrumentPassOptions instrument;
  llvm::append_range(instrument.kinds, options.statistics);
  instrument.parameters = options.observedParameters;
  return createInstrumentPass(instrument);
}

LogicalResult Driver::runFormatStage() {
  std::unique_ptr<Pass> instrument = createInstrument(options);
  if (failed(stage("format", 0.1, module, [&](OpPassManager &pm) {
        if (!options.oracle || instrument)
          buildProductPipeline(pm, std::move(instrument));
        if (!options.oracle)
          buildFormatPipeline(pm, "", options.format, /*record=*/true);
      })))
    return failure();
  if (failed(stage("schedule", 0.2, module,
                   [&](OpPassManager &pm) {
                     pm.addPass(createExposeParametersPass());
                   })) ||
      failed(describeProgram(module, program)))
    return failure();
  report.addWeights(module, program);
  return success();
}

LogicalResult Driver::generate(ModuleOp part, size_t number) {
  const TargetDescription &target = targets[number];
  double share = 0.8 / static_cast<double>(targets.size());
  double begin = 0.2 + share * static_cast<double>(number);
  ProgramVariant variant{target.name, "", target.instructionSets(), ""};
  if (number > 0) {
    target.attachTo(part);
    // Tiles were chosen for the first target.
    part.walk([](MatmulOp op) { op.removeKernelAttr(); });
    variant.suffix = "_" + std::to_string(number);
  }
  if (failed(stage("schedule", begin, part, [&](OpPassManager &pm) {
        options.oracle ? buildOraclePipeline(pm)
                       : buildLowerToLoopsPipeline(pm, /*portable=*/false,
                                                   /*timed=*/true);
      })))
    return failure();
  // All variants have the same operations.
  if (number == 0)
    program.operationCount = report.addOperations(part, program);
  part->removeAttr(SparsityDialect::kOperationsAttrName);
  if (failed(stage("target", begin + 0.3 * share, part,
                   [](OpPassManager &pm) {
                     pm.addPass(createEraseParametersPass());
                     buildLoopsToLLVMPipeline(pm);
                   })) ||
      failed(addEntryPoints(part, program.functions, variant.suffix)))
    return failure();
  tell("code", begin + 0.5 * share);
  FailureOr<std::string> object = emitObject(part, target);
  if (failed(object))
    return failure();
  variant.object = std::move(*object);
  program.variants.push_back(std::move(variant));
  return success();
}

FailureOr<CompiledProgram> Driver::run() {
  if (failed(parseTargets()))
    return failure();
  targets.front().attachTo(module);
  tell("pattern", 0.0);
  if (failed(verifySizes(module)) || failed(prepareUpdatedInputs(module)) ||
      failed(runPatternStage(module, options)) || failed(verifyOps(module)) ||
      failed(runFormatStage()))
    return failure();
  SmallVector<OwningOpRef<ModuleOp>> copies;
  for (size_t number = 1; number < targets.size(); ++number)
    copies.push_back(module.clone());
  if (failed(generate(module, 0)))
    return failure();
  for (auto [index, copy] : llvm::enumerate(copies))
    if (failed(generate(*copy, index + 1)))
      return failure();
  program.report = report.str();
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
