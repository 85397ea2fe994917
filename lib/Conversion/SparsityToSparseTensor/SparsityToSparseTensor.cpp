//===- SparsityToSparseTensor.cpp - Products for upstream's sparsifier ----===//
//
// Hands constant packed operands to upstream's `sparse_tensor` dialect, each
// product in a function of its own. Which arrays upstream gets is decided by
// one file per format; how the functions are compiled safely is in
// SparsifyKernels.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/Passes.h"
#include "sparse-opt/Conversion/SparsityToLinalg/MatmulToLinalg.h"
#include "sparse-opt/Conversion/SparsityToSparseTensor/SparseTensorLayout.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SparseTensor/IR/SparseTensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/WalkPatternRewriteDriver.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_CONVERTSPARSITYTOSPARSETENSORPASS
#include "sparse-opt/Conversion/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// The packed parameters in upstream's terms, made when first asked for.
class Weights {
public:
  Weights(ModuleOp module, SparseTensorLayout layout) : layout(layout) {}

  /// The parameter behind a packed operand, or null.
  ParameterOp getParameter(Value packed) {
    auto load = packed.getDefiningOp<LoadOp>();
    return load ? symbols.lookupNearestSymbolFrom<ParameterOp>(
                      load, load.getParameterAttr())
                : nullptr;
  }
  /// Fails with a diagnostic when the storage is not valid.
  FailureOr<SparseTensorStorage> getStorage(ParameterOp parameter);

private:
  SparseTensorLayout layout;
  SymbolTableCollection symbols;
  DenseMap<ParameterOp, SparseTensorStorage> storages;
};

/// One product that goes upstream: the op and its operands' roles.
struct Product {
  MatmulOp op;
  const SparseTensorStorage &weight;
  bool lhsPacked;

  Value getDense() { return lhsPacked ? op.getRhs() : op.getLhs(); }
  AffineMap getDenseMap() { return getProductMaps(op)[lhsPacked ? 1 : 0]; }
  /// The dimension of the result that runs over the packed rows.
  int64_t getPackedDim() { return op.getRank() - (lhsPacked ? 2 : 1); }
  /// The result before bias, rounding and removal of the padding.
  RankedTensorType getSumType();
};
} // namespace

FailureOr<SparseTensorStorage> Weights::getStorage(ParameterOp parameter) {
  if (auto known = storages.find(parameter); known != storages.end())
    return known->second;
  FailureOr<std::vector<char>> bytes = decodeMatrix(parameter);
  if (failed(bytes))
    return failure();
  auto packed = cast<PackedType>(parameter.getType());
  format::MatrixView matrix{
      bytes->data(),    *getElementKind(packed.getElementType()),
      packed.getRows(), packed.getCols(),
      packed.getCols(), 1};
  auto model = cast<SparseTensorLayoutInterface>(packed.getFormat());
  return storages[parameter] = model.getSparseTensorStorage(
             matrix, packed.getElementType(), layout);
}

RankedTensorType Product::getSumType() {
  SmallVector<int64_t> shape(
      cast<RankedTensorType>(op.getInit().getType()).getShape());
  shape[getPackedDim()] = weight.type.getDimSize(0);
  return RankedTensorType::get(shape, sparsity::getSumType(op));
}

/// The dense operand with zeros up to the padded number of packed columns.
static Value padSum(OpBuilder &builder, Product product) {
  Value dense = product.getDense();
  auto type = cast<RankedTensorType>(dense.getType());
  AffineMap map = product.getDenseMap();
  unsigned sumDim = map.getNumDims() - 1;
  int64_t dim = *map.getResultPosition(builder.getAffineDimExpr(sumDim));
  int64_t missing =
      product.weight.type.getDimSize(1) - product.op.getPackedType().getCols();
  if (missing == 0)
    return dense;
  Location loc = product.op.getLoc();
  SmallVector<OpFoldResult> low(type.getRank(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> high = low;
  high[dim] = builder.getIndexAttr(missing);
  Value zero = arith::ConstantOp::create(
      builder, loc, builder.getZeroAttr(type.getElementType()));
  return tensor::PadOp::create(builder, loc, Type(), dense, low, high, zero);
}

/// `sparse_tensor.assemble` of the weight's arrays as constants.
static Value assemble(OpBuilder &builder, Location loc,
                      const SparseTensorStorage &weight) {
  SmallVector<Value> levels;
  for (DenseElementsAttr level : weight.levels)
    levels.push_back(arith::ConstantOp::create(builder, loc, level));
  Value values = arith::ConstantOp::create(builder, loc, weight.values);
  return sparse_tensor::AssembleOp::create(builder, loc, weight.type, levels,
                                           values);
}

/// A private function that holds nothing but the contraction: dense in, dense
/// and filled out. Never inlined, so that it stays alone.
static func::FuncOp createKernel(SymbolTable &symbols, Product product,
                                 Type denseType) {
  Location loc = product.op.getLoc();
  OpBuilder builder(product.op.getContext());
  RankedTensorType sumType = product.getSumType();
  auto kernel = func::FuncOp::create(
      loc, "sparse_matmul", builder.getFunctionType(denseType, sumType));
  kernel.setPrivate();
  kernel.setNoInline(true);
  symbols.insert(kernel);
  builder.setInsertionPointToStart(kernel.addEntryBlock());
  Value dense = kernel.getArgument(0);
  Value sparse = assemble(builder, loc, product.weight);
  AffineMap map = product.getDenseMap();
  SmallVector<OpFoldResult> sizes;
  for (auto [dim, extent] : llvm::enumerate(sumType.getShape())) {
    std::optional<unsigned> from =
        map.getResultPosition(builder.getAffineDimExpr(dim));
    sizes.push_back(ShapedType::isDynamic(extent)
                        ? tensor::getMixedSize(builder, loc, dense, *from)
                        : builder.getIndexAttr(extent));
  }
  Value empty =
      tensor::EmptyOp::create(builder, loc, sizes, sumType.getElementType());
  if (product.lhsPacked)
    std::swap(dense, sparse);
  Value sum = createContraction(builder, product.op, dense, sparse,
                                createZeros(builder, loc, empty));
  func::ReturnOp::create(builder, loc, sum);
  return kernel;
}

/// The call's result without padding.
static Value dropPadding(OpBuilder &builder, Product product, Value sum) {
  Location loc = product.op.getLoc();
  if (product.weight.type.getDimSize(0) == product.op.getPackedType().getRows())
    return sum;
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(builder, loc, product.op.getInit());
  SmallVector<OpFoldResult> zeros(sizes.size(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> ones(sizes.size(), builder.getIndexAttr(1));
  return tensor::ExtractSliceOp::create(builder, loc, sum, zeros, sizes, ones);
}

namespace {
/// Preconditions:
///   1. The destination is a tensor.
///   2. One operand is packed.
///   3. All rows of the packed operand are computed.
///   4. The packed operand is a parameter with a value.
///   5. Upstream has a layout for its format.
struct ConvertMatmul : public OpRewritePattern<MatmulOp> {
  ConvertMatmul(MLIRContext *context, SymbolTable &symbols, Weights &weights,
                bool &invalid)
      : OpRewritePattern(context), symbols(symbols), weights(weights),
        invalid(invalid) {}

  LogicalResult matchAndRewrite(MatmulOp op,
                                PatternRewriter &rewriter) const override {
    if (op.getNumResults() == 0)
      return rewriter.notifyMatchFailure(op, "expected tensors, got memrefs");
    if (!op.getPackedType())
      return rewriter.notifyMatchFailure(op, "expected a packed operand");
    if (op.getAt())
      return rewriter.notifyMatchFailure(op, "expected all rows, got a tile");
    bool lhsPacked = op.isLhsPacked();
    ParameterOp parameter =
        weights.getParameter(lhsPacked ? op.getLhs() : op.getRhs());
    if (!parameter || !parameter.getValueAttr())
      return rewriter.notifyMatchFailure(op, "expected a parameter with data");
    if (!isa<SparseTensorLayoutInterface>(op.getPackedType().getFormat()))
      return rewriter.notifyMatchFailure(op, "expected a layout of upstream's");
    FailureOr<SparseTensorStorage> weight = weights.getStorage(parameter);
    invalid |= failed(weight);
    if (failed(weight))
      return rewriter.notifyMatchFailure(op, "expected valid storage");
    rewrite({op, *weight, lhsPacked}, rewriter);
    return success();
  }

private:
  void rewrite(Product product, PatternRewriter &rewriter) const {
    MatmulOp op = product.op;
    // Upstream refuses to slice a tensor that is known to be empty.
    if (llvm::is_contained(product.getSumType().getShape(), 0))
      return rewriter.replaceOp(op, op.getInit());
    Value dense = padSum(rewriter, product);
    func::FuncOp kernel = createKernel(symbols, product, dense.getType());
    Value sum =
        func::CallOp::create(rewriter, op.getLoc(), kernel, dense).getResult(0);
    sum = dropPadding(rewriter, product, sum);
    if (needsEpilogue(op))
      sum = createEpilogue(rewriter, op, sum, op.getBias(),
                           op.getEpilogueOperands(), op.getInit());
    rewriter.replaceOp(op, sum);
  }

  SymbolTable &symbols;
  Weights &weights;
  bool &invalid;
};

struct ConvertSparsityToSparseTensorPass
    : public sparsity::impl::ConvertSparsityToSparseTensorPassBase<
          ConvertSparsityToSparseTensorPass> {
  using ConvertSparsityToSparseTensorPassBase::
      ConvertSparsityToSparseTensorPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    SymbolTable symbols(module);
    Weights weights(module, layout);
    bool invalid = false;
    int64_t before = countPacked(module);
    RewritePatternSet patterns(&getContext());
    patterns.add<ConvertMatmul>(&getContext(), symbols, weights, invalid);
    walkAndApplyPatterns(module, std::move(patterns));
    if (invalid)
      return signalPassFailure();
    numLeft += countPacked(module);
    numKernels += before - countPacked(module);
    eraseDead(module);
  }

private:
  static int64_t countPacked(ModuleOp module) {
    int64_t count = 0;
    module.walk([&](MatmulOp op) { count += op.getPackedType() != nullptr; });
    return count;
  }

  /// Loads that nothing reads any more, then parameters that nothing loads.
  void eraseDead(ModuleOp module) {
    module.walk([](LoadOp load) {
      if (load->use_empty())
        load.erase();
    });
    SymbolTableCollection collection;
    SymbolUserMap users(collection, module);
    module.walk([&](ParameterOp parameter) {
      if (isa<PackedType>(parameter.getType()) && users.useEmpty(parameter))
        parameter.erase();
    });
  }
};
} // namespace
