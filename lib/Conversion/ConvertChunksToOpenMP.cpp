//===- ConvertChunksToOpenMP.cpp - Chunks of parallel loops to threads ----===//
//
// One team for a loop, and no worksharing construct inside of it.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/PatternMatch.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_CONVERTCHUNKSTOOPENMPPASS
#include "sparse-opt/Conversion/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

namespace {
struct ConvertChunksToOpenMPPass
    : public sparsity::impl::ConvertChunksToOpenMPPassBase<
          ConvertChunksToOpenMPPass> {
  void runOnOperation() override {
    SmallVector<scf::ParallelOp> loops;
    getOperation().walk([&](scf::ParallelOp loop) {
      if (loop.getNumLoops() == 1 && loop.getInitVals().empty())
        loops.push_back(loop);
    });
    IRRewriter rewriter(&getContext());
    for (scf::ParallelOp loop : loops)
      convert(rewriter, loop);
  }

private:
  void convert(IRRewriter &b, scf::ParallelOp loop) {
    Location loc = loop.getLoc();
    b.setInsertionPoint(loop);
    auto team = omp::ParallelOp::create(b, loc, omp::ParallelOperands());
    b.createBlock(&team.getRegion());
    Value step = loop.getStep()[0];
    auto times = [&](Value count) -> Value {
      return arith::MulIOp::create(b, loc, count, step);
    };
    Value first =
        arith::AddIOp::create(b, loc, loop.getLowerBound()[0],
                              times(ask(b, loc, "__kmpc_bound_thread_num")));
    auto own =
        scf::ForOp::create(b, loc, first, loop.getUpperBound()[0],
                           times(ask(b, loc, "__kmpc_bound_num_threads")));
    omp::TerminatorOp::create(b, loc);
    b.eraseOp(loop.getBody()->getTerminator());
    b.inlineBlockBefore(loop.getBody(), own.getBody()->getTerminator(),
                        own.getInductionVar());
    b.eraseOp(loop);
  }

  /// A number that the runtime knows of the calling thread's team. The argument
  /// of such functions, a place in the source, may be null.
  Value ask(IRRewriter &b, Location loc, StringRef name) {
    auto place = LLVM::LLVMPointerType::get(b.getContext());
    if (!getOperation().lookupSymbol(name)) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(getOperation().getBody());
      auto type = b.getFunctionType(place, b.getI32Type());
      func::FuncOp::create(b, getOperation().getLoc(), name, type).setPrivate();
    }
    Value none = LLVM::ZeroOp::create(b, loc, place);
    auto call = func::CallOp::create(b, loc, name, b.getI32Type(), none);
    return arith::IndexCastOp::create(b, loc, b.getIndexType(),
                                      call.getResult(0));
  }
};
} // namespace
