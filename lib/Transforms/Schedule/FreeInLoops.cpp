//===- FreeInLoops.cpp - Iterations free the buffers they leave -----------===//
//
// Buffers that an iteration makes and does not hand on are freed at its end
// elsewhere. Who owns those that loops, branches and calls hand on is tracked
// by upstream's deallocation, in functions that need it.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Bufferization/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_FREEINLOOPSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// True for ops by which an iteration may leave a buffer to those after it.
static bool handsBuffersOn(Operation *op) {
  if (llvm::none_of(op->getResultTypes(), llvm::IsaPred<BaseMemRefType>))
    return false;
  if (isa<LoopLikeOpInterface>(op))
    return true;
  return op->getParentOfType<LoopLikeOpInterface>() &&
         isa<RegionBranchOpInterface, CallOpInterface>(op);
}

namespace {
struct FreeInLoopsPass
    : public sparsity::impl::FreeInLoopsPassBase<FreeInLoopsPass> {
  void runOnOperation() override {
    OpPassManager track(func::FuncOp::getOperationName());
    track.addPass(bufferization::createOwnershipBasedBufferDeallocationPass());
    track.addPass(createCanonicalizerPass());
    track.addPass(bufferization::createBufferDeallocationSimplificationPass());
    bool isTracked = false;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      auto hands = [](Operation *op) {
        return handsBuffersOn(op) ? WalkResult::interrupt()
                                  : WalkResult::advance();
      };
      // Upstream takes structured control flow only.
      if (!function.getBody().hasOneBlock() ||
          !function.walk(hands).wasInterrupted())
        continue;
      if (failed(runPipeline(track, function)))
        return signalPassFailure();
      isTracked = true;
    }
    if (!isTracked)
      return;
    OpPassManager lower(ModuleOp::getOperationName());
    lower.addPass(bufferization::createLowerDeallocationsPass());
    lower.addPass(createCSEPass());
    lower.addPass(createCanonicalizerPass());
    if (failed(runPipeline(lower, getOperation())))
      signalPassFailure();
  }
};
} // namespace
