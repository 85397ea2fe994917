//===- HoistBuffers.cpp - Buffers of loop bodies, once for all ------------===//
//
// A buffer that every iteration of a sequential loop allocates and frees is
// allocated before the loop and freed after it. Parallel loops keep theirs:
// their iterations must not share memory.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_HOISTBUFFERSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

/// What frees `alloc` at the end of the block that allocates it, or null.
static memref::DeallocOp getDealloc(memref::AllocOp alloc) {
  memref::DeallocOp found;
  for (Operation *user : alloc->getUsers())
    if (auto dealloc = dyn_cast<memref::DeallocOp>(user)) {
      if (found || dealloc->getBlock() != alloc->getBlock())
        return {};
      found = dealloc;
    }
  return found;
}

/// The loop that `alloc` can leave: one whose body it is directly in and in
/// which its size does not change. Null when there is none.
static scf::ForOp getLoop(memref::AllocOp alloc) {
  auto loop = dyn_cast<scf::ForOp>(alloc->getParentOp());
  if (!loop || !llvm::all_of(alloc->getOperands(), [&](Value size) {
        return loop.isDefinedOutsideOfLoop(size);
      }))
    return {};
  return loop;
}

namespace {
struct HoistBuffersPass
    : public sparsity::impl::HoistBuffersPassBase<HoistBuffersPass> {
  void runOnOperation() override {
    SmallVector<memref::AllocOp> allocs;
    getOperation().walk([&](memref::AllocOp op) { allocs.push_back(op); });
    for (memref::AllocOp alloc : allocs) {
      memref::DeallocOp dealloc = getDealloc(alloc);
      if (!dealloc || !getLoop(alloc))
        continue;
      while (scf::ForOp loop = getLoop(alloc)) {
        alloc->moveBefore(loop);
        dealloc->moveAfter(loop);
      }
      ++numHoisted;
    }
  }
};
} // namespace
