//===- Lower.cpp - Schedule and target stages -----------------------------===//
//
// From tensors with sparsity.matmul to loops, and from loops to LLVM.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/Passes.h"
#include "sparse-opt/Pipelines/Pipelines.h"
#include "sparse-opt/Transforms/Attention/Passes.h"
#include "sparse-opt/Transforms/Layout/Passes.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Linalg/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::sparsity;

static void addCleanup(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

/// What depends on data or extents is compared before it can do harm, in every
/// step of ops that have several.
static void addChecks(OpPassManager &funcs) {
  funcs.addPass(createDecomposeAggregatesPass());
  // Divisions inside of affine maps are looked at as others are.
  funcs.addPass(createLowerAffinePass());
  funcs.addPass(createCheckExtentsPass());
  funcs.addPass(createCheckIndicesPass());
  funcs.addPass(createCheckDivisionsPass());
  funcs.addPass(createHoistAssertsPass());
}

/// Elementwise chains become one op each; products stay opaque.
static void addFusion(OpPassManager &pm) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  addChecks(funcs);
  // Powers by constants: the LLVM intrinsic has no vector form.
  math::MathExpandOpsPassOptions expansions;
  expansions.opMnemonics = {"fpowi", "ipowi"};
  funcs.addPass(math::createMathExpandOpsPass(expansions));
  funcs.addPass(createLinalgGeneralizeNamedOpsPass());
  funcs.addPass(createInitsToInputsPass());
  funcs.addPass(createLinalgElementwiseOpFusionPass());
  addCleanup(funcs);
  // Sums over one element become parallel.
  funcs.addPass(createFoldUnitDimsPass());
  funcs.addPass(createInitsToInputsPass());
  addCleanup(funcs);
  funcs.addPass(createLinalgElementwiseOpFusionPass());
  addCleanup(funcs);
  // Reshapes that fusion moved through generics have made new ones.
  funcs.addPass(createFoldUnitDimsPass());
  addCleanup(funcs);
  funcs.addPass(createRaiseAttentionPass());
  addCleanup(funcs);
  funcs.addPass(createFuseEpiloguesPass());
  addCleanup(funcs);
  funcs.addPass(createTileAndFusePass());
  addCleanup(funcs);
}

static void addBufferization(OpPassManager &pm) {
  pm.addNestedPass<func::FuncOp>(createKeepArgumentsPass());
  pm.addPass(bufferization::createEmptyTensorEliminationPass());
  bufferization::OneShotBufferizePassOptions options;
  options.bufferizeFunctionBoundaries = true;
  options.functionBoundaryTypeConversion =
      bufferization::LayoutMapOption::IdentityLayoutMap;
  // Loops may carry tensors; the runtime frees what a call leaves.
  options.allowReturnAllocsFromLoops = true;
  pm.addPass(bufferization::createOneShotBufferizePass(options));
  addCleanup(pm);
  pm.addNestedPass<func::FuncOp>(createOwnResultsPass());
  pm.addPass(createFreeInLoopsPass());
  // Tiles are often copied to where they are: one view twice, then none.
  pm.addPass(createCSEPass());
  pm.addPass(createCanonicalizerPass());
  pm.addNestedPass<func::FuncOp>(createCopiesToGenericsPass());
  pm.addNestedPass<func::FuncOp>(createForallToParallelLoopPass());
}

/// Parallel loops to chunks, buffers to the arena.
static void addMemoryAndThreads(OpPassManager &pm) {
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  addCleanup(funcs);
  funcs.addPass(createLoopInvariantCodeMotionPass());
  pm.addPass(createChunkParallelLoopsPass());
  pm.addPass(createPlanArenaPass());
  pm.addNestedPass<func::FuncOp>(createHoistBuffersPass());
  addCleanup(pm);
}

void mlir::sparsity::buildLowerToLoopsPipeline(OpPassManager &pm, bool portable,
                                               bool timed) {
  addFusion(pm);
  pm.addPass(createExposeParametersPass());
  addBufferization(pm);
  // Before the kernels come in: their indices are checked where weights enter.
  // Stock tools know cf.assert, but not our runtime.
  if (!portable)
    pm.addPass(createReportAssertsPass());
  ConvertSparsityToVectorPassOptions options;
  options.portable = portable;
  options.record = timed;
  pm.addPass(createConvertSparsityToVectorPass(options));
  OpPassManager &funcs = pm.nest<func::FuncOp>();
  funcs.addPass(createLinalgGeneralizeNamedOpsPass());
  funcs.addPass(createVectorizeGenericsPass());
  funcs.addPass(createDivideByScalarsPass());
  funcs.addPass(createApproximateMathPass());
  // Extents of loops are plain until they are cut into chunks.
  if (timed)
    pm.addPass(createTimeOperationsPass());
  addMemoryAndThreads(pm);
  if (!portable)
    return;
  EraseParametersPassOptions all;
  all.stripTarget = true;
  pm.addPass(createEraseParametersPass(all));
}

void mlir::sparsity::buildOraclePipeline(OpPassManager &pm) {
  pm.addPass(createExposeParametersPass());
  pm.addPass(createConvertSparsityToLinalgPass());
  addChecks(pm.nest<func::FuncOp>());
  addBufferization(pm);
  pm.addNestedPass<func::FuncOp>(createConvertLinalgToParallelLoopsPass());
  pm.addPass(createReportAssertsPass());
  pm.addPass(createTimeOperationsPass());
  addMemoryAndThreads(pm);
}

/// Computes bf16, and functions of f16, in f32, each op rounded by itself; LLVM
/// would do so through library calls that Debian 12 does not have.
static void addHalfPrecision(OpPassManager &funcs) {
  funcs.addPass(math::createMathExtendToSupportedTypes());
  arith::ArithEmulateUnsupportedFloatsOptions floats;
  floats.sourceTypeStrs.push_back("bf16");
  funcs.addPass(arith::createArithEmulateUnsupportedFloats(floats));
  funcs.addPass(createExpandFloatsPass());
}

void mlir::sparsity::buildLoopsToLLVMPipeline(OpPassManager &pm) {
  addHalfPrecision(pm.nest<func::FuncOp>());
  VectorTransferToSCFOptions transfers;
  pm.addNestedPass<func::FuncOp>(
      createConvertVectorToSCFPass(transfers.enableFullUnroll()));
  pm.addPass(createConvertChunksToOpenMPPass());
  pm.addPass(createConvertSCFToOpenMPPass());
  // Without this the OpenMP lowering meets an alloca_scope of several blocks.
  addCleanup(pm);
  pm.addPass(createSCFToControlFlowPass());
  pm.addNestedPass<func::FuncOp>(createExpandReshapesPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  // Calls of the C library take vectors apart, which leaves vector ops.
  ConvertMathToLLVMPassOptions functions;
  functions.approximateLog1p = false;
  pm.addPass(createConvertMathToLLVMPass(functions));
  pm.addPass(createConvertMathToLibmPass());
  ConvertVectorToLLVMPassOptions vectors;
  vectors.x86Vector = true;
  pm.addPass(createConvertVectorToLLVMPass(vectors));
  pm.addPass(createConvertIndexToLLVMPass());
  FinalizeMemRefToLLVMConversionPassOptions memrefs;
  memrefs.useGenericFunctions = true;
  pm.addPass(createFinalizeMemRefToLLVMConversionPass(memrefs));
  pm.addPass(createConvertFuncToLLVMPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createConvertOpenMPToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  addCleanup(pm);
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addNestedPass<LLVM::LLVMFuncOp>(createStoreBFloatsAsBitsPass());
}
