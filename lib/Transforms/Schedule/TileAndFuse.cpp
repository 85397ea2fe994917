//===- TileAndFuse.cpp - Softmax, norms and attention row by row ----------===//
//
// Finds groups of ops that read each other's results row by row and computes
// them in one parallel loop over the rows. Upstream's TilingInterface does the
// tiling; what belongs together is decided here.
//
//===----------------------------------------------------------------------===//
//
//   scores = q k^T           loops (batch, head, row, col)
//   highest = max(scores)    loops (batch, head, row | col)
//   weights = exp(scores - highest)                             one loop over
//   sum = sum(weights)                                     =>   (batch, head,
//   result = weights / sum                                      rows)
//   y = result v             loops (batch, head, row, feature)
//
// A group grows from its last op, the root, over producers that nobody else
// reads. Its loop runs over the root's parallel dimensions but the innermost,
// and a producer joins only if its own loops follow all of them: nothing is
// computed twice.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/MapVector.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_TILEANDFUSEPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// Rows that one product of a group computes at once: enough to use each
/// element of its other operand from registers, few enough for L2.
static constexpr int64_t kProductRows = 128;

/// The tiled dimension of the root that each loop follows, or -1.
using Dims = SmallVector<int64_t>;

namespace {
/// The loops of an op that can be in a group.
class FusableOp {
public:
  /// Products of two dense tensors, and generics whose operands are read by
  /// plain loop indices. Nothing is won where there is nothing to compute, and
  /// upstream refuses slices of extents that are known to be 0.
  static bool is(Operation *op) {
    bool isEmpty = llvm::any_of(op->getOperandTypes(), [](Type type) {
      auto shaped = dyn_cast<RankedTensorType>(type);
      return shaped && llvm::is_contained(shaped.getShape(), 0);
    });
    if (isEmpty)
      return false;
    if (auto generic = dyn_cast<linalg::GenericOp>(op))
      return generic.hasPureTensorSemantics() && generic->getNumResults() > 0 &&
             llvm::all_of(generic.getIndexingMapsArray(), [](AffineMap map) {
               return map.isProjectedPermutation();
             });
    auto matmul = dyn_cast<MatmulOp>(op);
    return matmul && !matmul.getPackedType() && matmul->getNumResults() == 1 &&
           !matmul.getBias() && !matmul.hasEpilogue();
  }

  explicit FusableOp(Operation *op) : op(op) {}

  /// The loop behind each dimension of an operand; -1 for a product's sum.
  Dims getLoops(OpOperand &operand) const {
    if (auto generic = dyn_cast<linalg::GenericOp>(op))
      return getPositions(generic.getMatchingIndexingMap(&operand));
    Dims loops = getPositions(cast<MatmulOp>(op).getIndexingMap(operand));
    llvm::replace(loops, getNumLoops(), int64_t(-1));
    return loops;
  }

  Dims getResultLoops(OpResult result) const {
    if (auto generic = dyn_cast<linalg::GenericOp>(op))
      return getPositions(generic.getIndexingMapMatchingResult(result));
    return llvm::to_vector(llvm::seq<int64_t>(0, getNumLoops()));
  }

  int64_t getNumLoops() const {
    return cast<TilingInterface>(op).getLoopIteratorTypes().size();
  }

  bool isParallel(int64_t loop) const {
    return cast<TilingInterface>(op).getLoopIteratorTypes()[loop] ==
           utils::IteratorType::parallel;
  }

  /// Reads no tensor: costs nothing to compute again.
  bool isFill() const {
    auto generic = dyn_cast<linalg::GenericOp>(op);
    return generic && generic.getNumDpsInputs() == 0;
  }

private:
  static Dims getPositions(AffineMap map) {
    return llvm::map_to_vector(map.getResults(), [](AffineExpr expr) {
      return int64_t(cast<AffineDimExpr>(expr).getPosition());
    });
  }

  Operation *op;
};

/// What is computed in one loop.
class Group {
public:
  explicit Group(Operation *root) : root(root) {
    FusableOp op(root);
    tiled = op.getResultLoops(root->getResult(0));
    if (!tiled.empty())
      tiled.pop_back();
    // Every tile writes a part of its own of every result.
    for (OpResult result : root->getResults()) {
      Dims loops = op.getResultLoops(result);
      if (llvm::any_of(tiled, [&](int64_t loop) {
            return !op.isParallel(loop) || !llvm::is_contained(loops, loop);
          }))
        tiled.clear();
    }
    Dims dims(op.getNumLoops(), -1);
    for (int64_t loop : tiled)
      dims[loop] = loop;
    members.insert({root, dims});
  }

  /// Adds what can be added among the ops before the root.
  void grow() {
    if (tiled.empty())
      return;
    for (Operation *op = root->getPrevNode(); op; op = op->getPrevNode())
      if (FusableOp::is(op))
        tryToAdd(op);
  }

  bool isWorthIt() const {
    return llvm::any_of(members, [&](const auto &member) {
      return member.first != root && !FusableOp(member.first).isFill();
    });
  }
  bool contains(Operation *op) const { return members.contains(op); }
  LogicalResult apply(RewriterBase &rewriter);

private:
  void tryToAdd(Operation *op);
  /// What the loops of `op` follow, if all its readers are in the group and
  /// agree on it.
  std::optional<Dims> follow(Operation *op);
  /// True when a reduction sums rows: all its parallel loops are tiled.
  bool reducesRows(Operation *op, const Dims &dims);
  SmallVector<OpFoldResult> getTileSizes(Builder &builder);

  Operation *root;
  Dims tiled;
  llvm::MapVector<Operation *, Dims> members;
};
} // namespace

std::optional<Dims> Group::follow(Operation *op) {
  FusableOp producer(op);
  std::optional<Dims> agreed;
  for (OpOperand &use : op->getUses()) {
    auto reader = members.find(use.getOwner());
    if (reader == members.end())
      return std::nullopt;
    Dims dims(producer.getNumLoops(), -1);
    Dims readerLoops = FusableOp(use.getOwner()).getLoops(use);
    Dims resultLoops = producer.getResultLoops(cast<OpResult>(use.get()));
    for (auto [loop, readerLoop] : llvm::zip_equal(resultLoops, readerLoops))
      dims[loop] = readerLoop < 0 ? -1 : reader->second[readerLoop];
    if (agreed && *agreed != dims)
      return std::nullopt;
    agreed = dims;
  }
  return agreed;
}

bool Group::reducesRows(Operation *op, const Dims &dims) {
  FusableOp producer(op);
  bool hasReduction = false, allTiled = true;
  for (auto [loop, dim] : llvm::enumerate(dims))
    if (!producer.isParallel(loop))
      hasReduction = true;
    else
      allTiled &= dim >= 0;
  return !hasReduction || allTiled;
}

void Group::tryToAdd(Operation *op) {
  FusableOp producer(op);
  if (producer.isFill()) {
    // Read by other groups too; each computes its own.
    if (llvm::any_of(op->getUsers(),
                     [&](Operation *user) { return contains(user); }))
      members.insert({op, Dims(producer.getNumLoops(), -1)});
    return;
  }
  std::optional<Dims> dims = follow(op);
  if (!dims || !reducesRows(op, *dims))
    return;
  for (int64_t dim : tiled)
    if (!llvm::is_contained(*dims, dim))
      return;
  members.insert({op, *dims});
}

/// One row at a time, several where a product has them as rows.
SmallVector<OpFoldResult> Group::getTileSizes(Builder &builder) {
  SmallVector<OpFoldResult> sizes(FusableOp(root).getNumLoops(),
                                  builder.getIndexAttr(0));
  for (int64_t dim : tiled)
    sizes[dim] = builder.getIndexAttr(1);
  for (auto &[op, dims] : members)
    if (isa<MatmulOp>(op))
      for (int64_t dim : ArrayRef<int64_t>(dims).take_back(2))
        if (dim >= 0)
          sizes[dim] = builder.getIndexAttr(kProductRows);
  return sizes;
}

LogicalResult Group::apply(RewriterBase &rewriter) {
  scf::SCFTileAndFuseOptions options;
  options.tilingOptions.setTileSizes(getTileSizes(rewriter));
  options.tilingOptions.setLoopType(scf::SCFTilingOptions::LoopType::ForallOp);
  options.setFusionControlFn(
      [&](tensor::ExtractSliceOp, OpResult producer,
          bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
        if (!contains(producer.getOwner()))
          return std::nullopt;
        return scf::SCFTileAndFuseOptions::ControlFnResult{};
      });
  rewriter.setInsertionPoint(root);
  FailureOr<scf::SCFTileAndFuseResult> result =
      scf::tileConsumerAndFuseProducersUsingSCF(
          rewriter, cast<TilingInterface>(root), options);
  if (failed(result))
    return failure();
  for (OpResult old : root->getResults())
    rewriter.replaceAllUsesWith(old, result->replacements.lookup(old));
  return success();
}

namespace {
struct TileAndFusePass
    : public sparsity::impl::TileAndFusePassBase<TileAndFusePass> {
  void runOnOperation() override {
    SmallVector<Operation *> roots;
    for (Block &block : getOperation().getBody())
      for (Operation &op : llvm::reverse(block))
        if (FusableOp::is(&op) && !FusableOp(&op).isFill())
          roots.push_back(&op);
    IRRewriter rewriter(&getContext());
    DenseSet<Operation *> done;
    for (Operation *root : roots) {
      if (done.contains(root))
        continue;
      Group group(root);
      group.grow();
      if (!group.isWorthIt())
        continue;
      if (failed(group.apply(rewriter)))
        continue;
      for (Operation *op : roots)
        if (group.contains(op))
          done.insert(op);
      ++numGroups;
    }
    // Slices of empty tensors are small tensors.
    RewritePatternSet patterns(&getContext());
    tensor::populateFoldTensorEmptyPatterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
