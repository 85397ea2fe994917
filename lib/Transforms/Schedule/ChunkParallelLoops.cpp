//===- ChunkParallelLoops.cpp - One contiguous chunk per thread -----------===//
//
// Balances outermost parallel loops over the threads and makes inner ones
// sequential. What runs in the iterations is not changed.
//
//===----------------------------------------------------------------------===//

#include "ThreadCount.h"

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/IR/SymbolTable.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_CHUNKPARALLELLOOPSPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// Replaces a parallel loop inside another by nested sequential ones.
static void makeSequential(IRRewriter &rewriter, scf::ParallelOp loop) {
  rewriter.setInsertionPoint(loop);
  scf::LoopNest nest = scf::buildLoopNest(
      rewriter, loop.getLoc(), loop.getLowerBound(), loop.getUpperBound(),
      loop.getStep(), [&](OpBuilder &, Location, ValueRange) {});
  Block *body = nest.loops.back().getBody();
  SmallVector<Value> ivs;
  for (scf::ForOp inner : nest.loops)
    ivs.push_back(inner.getInductionVar());
  rewriter.eraseOp(loop.getBody()->getTerminator());
  rewriter.inlineBlockBefore(loop.getBody(), body->getTerminator(), ivs);
  rewriter.eraseOp(loop);
}

namespace {
/// Builds the chunked form of one outermost loop.
class Chunker {
public:
  Chunker(IRRewriter &rewriter, Value threads)
      : b(rewriter), threads(threads) {}

  void chunk(scf::ParallelOp loop) {
    loc = loop.getLoc();
    b.setInsertionPoint(loop);
    SmallVector<Value> counts;
    Value total = index(1);
    for (auto [lower, upper, step] : llvm::zip(
             loop.getLowerBound(), loop.getUpperBound(), loop.getStep())) {
      Value length = arith::SubIOp::create(b, loc, upper, lower);
      counts.push_back(arith::CeilDivSIOp::create(b, loc, length, step));
      total = arith::MulIOp::create(b, loc, total, counts.back());
    }
    Value chunks = arith::MinSIOp::create(b, loc, total, threads);
    auto outer = scf::ParallelOp::create(
        b, loc, ValueRange(index(0)), ValueRange(chunks), ValueRange(index(1)));
    b.setInsertionPointToStart(outer.getBody());
    Value chunkIv = outer.getInductionVars()[0];
    Value begin = getBoundary(chunkIv, total, chunks);
    Value next = arith::AddIOp::create(b, loc, chunkIv, index(1));
    Value end = getBoundary(next, total, chunks);
    auto inner = scf::ForOp::create(b, loc, begin, end, index(1));
    b.setInsertionPointToStart(inner.getBody());
    SmallVector<Value> ivs = delinearize(loop, inner.getInductionVar(), counts);
    b.eraseOp(loop.getBody()->getTerminator());
    b.inlineBlockBefore(loop.getBody(), inner.getBody()->getTerminator(), ivs);
    b.eraseOp(loop);
  }

private:
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(b, loc, value);
  }

  /// First iteration of chunk `i`: i * total / chunks.
  Value getBoundary(Value i, Value total, Value chunks) {
    Value product = arith::MulIOp::create(b, loc, i, total);
    return arith::DivUIOp::create(b, loc, product, chunks);
  }

  /// The loop's own induction values for the linear iteration `iv`.
  SmallVector<Value> delinearize(scf::ParallelOp loop, Value iv,
                                 ArrayRef<Value> counts) {
    SmallVector<Value> ivs(counts.size());
    for (int64_t dim = counts.size() - 1; dim >= 0; --dim) {
      Value position = iv;
      if (dim > 0) {
        position = arith::RemUIOp::create(b, loc, iv, counts[dim]);
        iv = arith::DivUIOp::create(b, loc, iv, counts[dim]);
      }
      Value scaled =
          arith::MulIOp::create(b, loc, position, loop.getStep()[dim]);
      ivs[dim] =
          arith::AddIOp::create(b, loc, loop.getLowerBound()[dim], scaled);
    }
    return ivs;
  }

  IRRewriter &b;
  Value threads;
  Location loc = b.getUnknownLoc();
};

struct ChunkParallelLoopsPass
    : public sparsity::impl::ChunkParallelLoopsPassBase<
          ChunkParallelLoopsPass> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    bool anyLoop = false;
    for (auto func : getOperation().getOps<func::FuncOp>())
      if (!func.isDeclaration())
        anyLoop |= chunkFunction(rewriter, func);
    if (anyLoop)
      declareThreadCount(rewriter);
  }

private:
  /// True when the function had a parallel loop.
  bool chunkFunction(IRRewriter &rewriter, func::FuncOp func) {
    SmallVector<scf::ParallelOp> outermost, nested;
    func.walk([&](scf::ParallelOp loop) {
      bool isNested = loop->getParentOfType<scf::ParallelOp>() != nullptr;
      if (loop.getInitVals().empty())
        (isNested ? nested : outermost).push_back(loop);
    });
    for (scf::ParallelOp loop : nested)
      makeSequential(rewriter, loop);
    if (outermost.empty())
      return false;
    Value threads = createThreadCount(rewriter, func);
    for (scf::ParallelOp loop : outermost)
      Chunker(rewriter, threads).chunk(loop);
    return true;
  }

  void declareThreadCount(IRRewriter &rewriter) {
    if (getOperation().lookupSymbol(kThreadCount))
      return;
    rewriter.setInsertionPointToStart(getOperation().getBody());
    auto type = rewriter.getFunctionType({}, rewriter.getI32Type());
    func::FuncOp::create(rewriter, getOperation().getLoc(), kThreadCount, type)
        .setPrivate();
  }

  /// Asks the OpenMP runtime, once per call of the function.
  Value createThreadCount(IRRewriter &rewriter, func::FuncOp func) {
    Location loc = func.getLoc();
    rewriter.setInsertionPointToStart(&func.front());
    Type type = rewriter.getI32Type();
    auto call = func::CallOp::create(rewriter, loc, kThreadCount,
                                     TypeRange(type), ValueRange());
    return arith::IndexCastOp::create(rewriter, loc, rewriter.getIndexType(),
                                      call.getResult(0));
  }
};
} // namespace
