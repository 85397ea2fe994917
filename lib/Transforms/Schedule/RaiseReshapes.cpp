//===- RaiseReshapes.cpp - tensor.reshape to expand and collapse ----------===//
//
// Rewrites reshapes whose grouping of dimensions can be read off their types.
// Reshapes that mix dynamic extents stay as they are.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Transforms/Schedule/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/ReshapeOpsUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_RAISERESHAPESPASS
#include "sparse-opt/Transforms/Schedule/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;

namespace {
/// Matching runs of dimensions of the two shapes.
struct Grouping {
  SmallVector<ReassociationIndices> source, result;
};
} // namespace

/// Takes one group from the ends of both shapes: the shortest runs of static
/// extents with equal products. False when a dynamic extent is in the way.
static bool takeTrailingGroup(ArrayRef<int64_t> source, int64_t &sourceEnd,
                              ArrayRef<int64_t> result, int64_t &resultEnd,
                              Grouping &groups) {
  int64_t s = sourceEnd, r = resultEnd;
  int64_t sourceProduct = 1, resultProduct = 1;
  do {
    bool takeSource = s == sourceEnd || sourceProduct < resultProduct;
    int64_t &index = takeSource ? s : r;
    ArrayRef<int64_t> shape = takeSource ? source : result;
    if (index == 0 || ShapedType::isDynamic(shape[index - 1]))
      return false;
    (takeSource ? sourceProduct : resultProduct) *= shape[--index];
  } while (sourceProduct != resultProduct || r == resultEnd);
  ReassociationIndices from, to;
  for (int64_t i = s; i < sourceEnd; ++i)
    from.push_back(i);
  for (int64_t i = r; i < resultEnd; ++i)
    to.push_back(i);
  groups.source.insert(groups.source.begin(), from);
  groups.result.insert(groups.result.begin(), to);
  sourceEnd = s;
  resultEnd = r;
  return true;
}

/// Groups static trailing dimensions and puts all leading ones in one group.
static Grouping group(ArrayRef<int64_t> source, ArrayRef<int64_t> result) {
  Grouping groups;
  int64_t sourceEnd = source.size(), resultEnd = result.size();
  while (sourceEnd > 1 && resultEnd > 1 &&
         takeTrailingGroup(source, sourceEnd, result, resultEnd, groups))
    ;
  ReassociationIndices from, to;
  for (int64_t i = 0; i < sourceEnd; ++i)
    from.push_back(i);
  for (int64_t i = 0; i < resultEnd; ++i)
    to.push_back(i);
  groups.source.insert(groups.source.begin(), from);
  groups.result.insert(groups.result.begin(), to);
  return groups;
}

/// The extents of the result, from the shape operand where they are dynamic.
static SmallVector<OpFoldResult> getOutputShape(OpBuilder &builder,
                                                tensor::ReshapeOp reshape) {
  Location loc = reshape.getLoc();
  auto type = cast<RankedTensorType>(reshape.getType());
  auto elements = reshape.getShape().getDefiningOp<tensor::FromElementsOp>();
  SmallVector<OpFoldResult> shape;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim)) {
      shape.push_back(builder.getIndexAttr(type.getDimSize(dim)));
      continue;
    }
    Value extent;
    if (elements) {
      extent = elements.getElements()[dim];
    } else {
      Value index = arith::ConstantIndexOp::create(builder, loc, dim);
      extent =
          tensor::ExtractOp::create(builder, loc, reshape.getShape(), index);
    }
    if (auto cast = extent.getDefiningOp<arith::IndexCastOp>();
        cast && cast.getIn().getType().isIndex())
      extent = cast.getIn();
    if (!extent.getType().isIndex())
      extent = arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                          extent);
    shape.push_back(extent);
  }
  return shape;
}

/// True when every group's extents are static on both sides or dynamic on both,
/// which expand_shape and collapse_shape ask for.
static bool agreesOnDynamic(const Grouping &groups, RankedTensorType source,
                            RankedTensorType result) {
  auto isDynamic = [](const ReassociationIndices &group,
                      RankedTensorType type) {
    return llvm::any_of(group, [&](int64_t d) { return type.isDynamicDim(d); });
  };
  return llvm::all_of(llvm::zip(groups.source, groups.result), [&](auto pair) {
    return isDynamic(std::get<0>(pair), source) ==
           isDynamic(std::get<1>(pair), result);
  });
}

static bool isOneToOne(ArrayRef<ReassociationIndices> groups) {
  return llvm::all_of(groups, [](const auto &g) { return g.size() == 1; });
}

namespace {
/// tensor.reshape -> expand_shape(collapse_shape).
/// Preconditions:
///  1. source and result are ranked, of rank 1 or more;
///  2. no group has dynamic extents on one side only.
struct RaiseReshape : public OpRewritePattern<tensor::ReshapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ReshapeOp reshape,
                                PatternRewriter &rewriter) const override {
    auto source = dyn_cast<RankedTensorType>(reshape.getSource().getType());
    auto result = dyn_cast<RankedTensorType>(reshape.getType());
    if (!source || !result || source.getRank() == 0 || result.getRank() == 0)
      return rewriter.notifyMatchFailure(
          reshape, "expected ranked tensors of rank 1 or more");
    Location loc = reshape.getLoc();
    Grouping groups = group(source.getShape(), result.getShape());
    if (!agreesOnDynamic(groups, source, result))
      return rewriter.notifyMatchFailure(
          reshape, "expected dynamic extents on both sides of a group");
    Value value = reshape.getSource();
    if (!isOneToOne(groups.source))
      value =
          tensor::CollapseShapeOp::create(rewriter, loc, value, groups.source);
    if (!isOneToOne(groups.result))
      value = tensor::ExpandShapeOp::create(rewriter, loc, result, value,
                                            groups.result,
                                            getOutputShape(rewriter, reshape));
    if (value.getType() != result)
      value = tensor::CastOp::create(rewriter, loc, result, value);
    rewriter.replaceOp(reshape, value);
    return success();
  }
};

struct RaiseReshapesPass
    : public sparsity::impl::RaiseReshapesPassBase<RaiseReshapesPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<RaiseReshape>(&getContext());
    tensor::CollapseShapeOp::getCanonicalizationPatterns(patterns,
                                                         &getContext());
    tensor::ExpandShapeOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
