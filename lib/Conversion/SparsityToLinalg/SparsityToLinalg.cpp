//===- SparsityToLinalg.cpp - The meaning of the dialect ------------------===//
//
// The oracle: every op of the dialect becomes what it computes, in upstream ops
// on dense tensors. Speed is no concern here. Products are in
// MatmulToLinalg.cpp, the decoding of run-time buffers in one file per format.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Conversion/Passes.h"

#include "SparsityToLinalg.h"
#include "sparse-opt/Conversion/SparsityToLinalg/FormatDecode.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Func/Transforms/FuncConversions.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/Patterns.h"
#include "mlir/Interfaces/FunctionInterfaces.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_CONVERTSPARSITYTOLINALGPASS
#include "sparse-opt/Conversion/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

/// Products of buffers have no dense meaning on tensors any more.
static LogicalResult verifyTensors(ModuleOp module) {
  WalkResult walk = module.walk([](Operation *op) {
    if (!isa_and_nonnull<SparsityDialect>(op->getDialect()))
      return WalkResult::advance();
    for (Type type : op->getOperandTypes())
      if (isa<MemRefType>(type)) {
        op->emitOpError("expected operands that are tensors, got ") << type;
        return WalkResult::interrupt();
      }
    return WalkResult::advance();
  });
  return failure(walk.wasInterrupted());
}

/// Attributes of the dialect say nothing once its ops are gone, except which
/// parameter an argument is: that one is for the caller.
static void removeAttributes(Operation *root) {
  StringRef prefix = SparsityDialect::getDialectNamespace();
  auto isOurs = [&](NamedAttribute attr) {
    return attr.getNameDialect() &&
           attr.getNameDialect()->getNamespace() == prefix;
  };
  root->walk([&](Operation *op) {
    for (NamedAttribute attr : llvm::to_vector(op->getDiscardableAttrs()))
      if (isOurs(attr))
        op->removeDiscardableAttr(attr.getName());
    if (auto function = dyn_cast<FunctionOpInterface>(op))
      for (unsigned i = 0, e = function.getNumArguments(); i < e; ++i)
        function.removeArgAttr(i, SparsityDialect::kPatternAttrName);
  });
}

namespace {
/// `assume` and `unpack` are the identity on dense tensors. No preconditions.
template <typename OpTy>
struct ForwardSource : public OpConversionPattern<OpTy> {
  using OpConversionPattern<OpTy>::OpConversionPattern;

  LogicalResult
  matchAndRewrite(OpTy op, typename OpTy::Adaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOp(op, adaptor.getSource());
    return success();
  }
};

/// `pack` is the identity or a transposition. No preconditions.
struct ConvertPack : public OpConversionPattern<PackOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(PackOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    RankedTensorType type = op.getResult().getType().getDenseType();
    SmallVector<int64_t> shape(type.getShape());
    if (op.getTransposed())
      std::swap(shape[0], shape[1]);
    Value source = adaptor.getSource();
    if (cast<RankedTensorType>(source.getType()).getShape() != ArrayRef(shape))
      source = tensor::CastOp::create(rewriter, loc, type.clone(shape), source);
    if (op.getTransposed()) {
      Value init = tensor::EmptyOp::create(rewriter, loc, type, ValueRange());
      source = linalg::TransposeOp::create(rewriter, loc, source, init,
                                           ArrayRef<int64_t>{1, 0})
                   ->getResult(0);
    }
    rewriter.replaceOp(op, source);
    return success();
  }
};

/// Preconditions:
///   1. The format has a decoder.
struct ConvertAssemble : public OpConversionPattern<AssembleOp> {
  using OpConversionPattern::OpConversionPattern;

  LogicalResult
  matchAndRewrite(AssembleOp op, OpAdaptor adaptor,
                  ConversionPatternRewriter &rewriter) const override {
    PackedType type = op.getResult().getType();
    auto format = dyn_cast<FormatDecodeInterface>(type.getFormat());
    if (!format)
      return rewriter.notifyMatchFailure(op, [&](Diagnostic &diag) {
        diag << "expected a format with a decoder, got " << type.getFormat();
      });
    ImplicitLocOpBuilder builder(op.getLoc(), rewriter);
    rewriter.replaceOp(op, format.decode(builder, type, adaptor.getBuffers()));
    return success();
  }
};

struct ConvertSparsityToLinalgPass
    : public sparsity::impl::ConvertSparsityToLinalgPassBase<
          ConvertSparsityToLinalgPass> {
  using ConvertSparsityToLinalgPassBase::ConvertSparsityToLinalgPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(verifyTensors(module)) || failed(replaceLoads(module)) ||
        failed(convert(module)))
      return signalPassFailure();
    removeAttributes(module);
  }

private:
  LogicalResult replaceLoads(ModuleOp module) {
    LogicalResult result = replaceLoadsByConstants(module);
    if (succeeded(result))
      module.walk([](ParameterOp parameter) { parameter.erase(); });
    return result;
  }

  LogicalResult convert(ModuleOp module) {
    TypeConverter converter;
    converter.addConversion([](Type type) { return type; });
    converter.addConversion(
        [](PackedType type) -> Type { return type.getDenseType(); });
    RewritePatternSet patterns(&getContext());
    ConversionTarget target(getContext());
    patterns.add<ForwardSource<AssumeOp>, ForwardSource<UnpackOp>, ConvertPack,
                 ConvertAssemble>(converter, &getContext());
    populateAttentionToLinalgPatterns(converter, patterns);
    populateMatmulToLinalgPatterns(converter, patterns);
    populateAnyFunctionOpInterfaceTypeConversionPattern(patterns, converter);
    populateCallOpTypeConversionPattern(patterns, converter);
    populateReturnOpTypeConversionPattern(patterns, converter);
    populateBranchOpInterfaceTypeConversionPattern(patterns, converter);
    scf::populateSCFStructuralTypeConversionsAndLegality(converter, patterns,
                                                         target);
    target.addIllegalDialect<SparsityDialect>();
    target.markUnknownOpDynamicallyLegal([&](Operation *op) {
      if (auto function = dyn_cast<FunctionOpInterface>(op))
        return converter.isLegal(function.getArgumentTypes()) &&
               converter.isLegal(function.getResultTypes());
      return converter.isLegal(op);
    });
    return applyFullConversion(module, target, std::move(patterns));
  }
};
} // namespace
