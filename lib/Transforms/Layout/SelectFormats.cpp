//===- SelectFormats.cpp - Storage format and kernel per weight -----------===//
//
// Ranks the formats that hold each weight's pattern by predicted time and
// records the winner on the product. Dense is always a candidate. Packing is
// PackWeights' work.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Analysis/CostModel.h"
#include "sparse-opt/Dialect/Sparsity/IR/Ranking.h"
#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"
#include "sparse-opt/Format/PatternCount.h"
#include "sparse-opt/Transforms/Layout/Passes.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/Remarks.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

namespace mlir::sparsity {
#define GEN_PASS_DEF_SELECTFORMATSPASS
#include "sparse-opt/Transforms/Layout/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// A product with a parameter as one operand.
struct WeightUse {
  MatmulOp matmul;
  LoadOp load;
  ParameterOp parameter;
  bool isLhs;
  /// The packed matrix (outputs x inputs) is the parameter's transpose.
  bool transposed;
};

/// A format with its predicted time over the product's regimes.
struct Candidate {
  RankedFormat ranked;
  Prediction prediction;
  /// Geometric mean of seconds over the regimes.
  double seconds;
};
} // namespace

/// The parameter that `value` loads, through assumptions.
static LoadOp getLoad(Value value) {
  while (auto assume = value.getDefiningOp<AssumeOp>())
    value = assume.getSource();
  return value.getDefiningOp<LoadOp>();
}

/// The weight that a product uses; the right operand wins when both are.
static std::optional<WeightUse> getWeightUse(MatmulOp matmul,
                                             SymbolTable &symbols) {
  if (matmul.getPackedType() || matmul.getRank() < 2)
    return std::nullopt;
  for (bool isLhs : {false, true}) {
    LoadOp load = getLoad(isLhs ? matmul.getLhs() : matmul.getRhs());
    if (!load || cast<ShapedType>(load.getType()).getRank() != 2)
      continue;
    // As outputs x inputs, a right operand is stored [k, j] unless transposed
    // already, a left one [i, k].
    bool transposed =
        isLhs ? matmul.getTransposeLhs() : !matmul.getTransposeRhs();
    return WeightUse{matmul, load,
                     symbols.lookup<ParameterOp>(load.getParameter()), isLhs,
                     transposed};
  }
  return std::nullopt;
}

/// The pattern as the packed matrix has it.
static PatternAttrInterface orient(PatternAttrInterface pattern,
                                   bool transposed) {
  if (!transposed || !pattern)
    return pattern;
  return cast<PatternAttrInterface>(pattern.getTransposed());
}

/// Elements of the weight that `format` would store, from its data when at
/// hand, else from the pattern.
static int64_t countStored(WeightUse use, FormatAttrInterface format,
                           PatternAttrInterface pattern) {
  RankedTensorType type = cast<RankedTensorType>(use.load.getType());
  int64_t all = type.getNumElements();
  ElementsAttr elements = use.parameter.getElements();
  std::optional<format::MatrixView> view =
      elements ? getMatrixView(elements) : std::nullopt;
  if (isa<DenseFormatAttr>(format) || (!view && !pattern))
    return all;
  if (auto nm = dyn_cast<NMFormatAttr>(format))
    return all * nm.getN() / nm.getM();
  if (!view)
    return static_cast<int64_t>(static_cast<double>(all) *
                                pattern.getZeroPattern()->density(
                                    type.getDimSize(0), type.getDimSize(1)));
  if (auto bsr = dyn_cast<BSRFormatAttr>(format)) {
    int64_t rows = use.transposed ? bsr.getCols() : bsr.getRows();
    int64_t cols = use.transposed ? bsr.getRows() : bsr.getCols();
    format::PartCount zero = format::countZeroBlocks(
        *view, *format::BlockPattern::get(rows, cols, std::nullopt));
    return (zero.total - zero.count) * rows * cols;
  }
  format::ZeroCount zeros = format::countZeros(*view);
  return zeros.elements - zeros.zeros;
}

/// Blocks that kernels unroll. What has zeros in larger blocks has them in the
/// parts of equal size that these are cut into.
static constexpr int64_t kMostBlockRows = 32, kMostBlockCols = 64;

/// The largest divisor of `extent` that is at most `most`.
static int64_t getDivisor(int64_t extent, int64_t most) {
  int64_t divisor = std::min(extent, most);
  while (extent % divisor != 0)
    --divisor;
  return divisor;
}

namespace {
struct SelectFormatsPass
    : public sparsity::impl::SelectFormatsPassBase<SelectFormatsPass> {
  using Base::Base;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (failed(setTarget(module)) || failed(checkFormat(module)))
      return signalPassFailure();
    machine = TargetDescription::of(module);
    SymbolTable symbols(module);
    WalkResult result = module.walk([&](MatmulOp matmul) {
      std::optional<WeightUse> use = getWeightUse(matmul, symbols);
      if (use && failed(select(*use)))
        return WalkResult::interrupt();
      return WalkResult::advance();
    });
    if (result.wasInterrupted())
      signalPassFailure();
  }

private:
  LogicalResult setTarget(ModuleOp module) {
    if (target.empty())
      return success();
    FailureOr<TargetDescription> description =
        TargetDescription::parse(target, [&] { return module.emitError(); });
    if (failed(description))
      return failure();
    description->attachTo(module);
    return success();
  }

  LogicalResult checkFormat(ModuleOp module) {
    static constexpr StringLiteral known[] = {"dense", "nm", "bsr", "stream"};
    if (format.empty() || llvm::is_contained(known, format))
      return success();
    return module.emitError("unknown format '")
           << format << "'; expected dense, nm, bsr or stream";
  }

  /// The formats to rank for a weight with this pattern.
  SmallVector<FormatAttrInterface> getFormats(PatternAttrInterface pattern) {
    MLIRContext *context = &getContext();
    SmallVector<FormatAttrInterface> formats;
    int64_t lanes = machine.lanes();
    formats.push_back(DenseFormatAttr::get(
        context, machine.avx512 ? 64 : 2 * std::max<int64_t>(lanes, 8)));
    if (auto nm = dyn_cast_or_null<NMAttr>(pattern))
      if (nm.getAxis() == 1 && nm.getM() <= 16)
        formats.push_back(NMFormatAttr::get(context, nm.getN(), nm.getM()));
    if (auto block = dyn_cast_or_null<BlockAttr>(pattern))
      formats.push_back(BSRFormatAttr::get(
          context, getDivisor(block.getRows(), kMostBlockRows),
          getDivisor(block.getCols(), kMostBlockCols)));
    if (pattern)
      formats.push_back(StreamFormatAttr::get(context));
    return formats;
  }

  /// The numbers of tokens to predict for: the product's own where it is known.
  SmallVector<int64_t> getTokens(WeightUse use) {
    auto out = cast<ShapedType>(use.matmul.getInit().getType());
    int64_t tokens =
        use.isLhs ? out.getShape().back() : out.getDimSize(out.getRank() - 2);
    if (ShapedType::isDynamic(tokens))
      return SmallVector<int64_t>(getRegimes());
    return {tokens};
  }

  Candidate rank(WeightUse use, FormatAttrInterface format,
                 PatternAttrInterface pattern) {
    auto type = cast<RankedTensorType>(use.load.getType());
    int64_t rows = type.getDimSize(0), cols = type.getDimSize(1);
    if (use.transposed)
      std::swap(rows, cols);
    Product product{0, rows, cols, type.getElementType(),
                    countStored(use, format, pattern)};
    SmallVector<int64_t> regimes = getTokens(use);
    double logSum = 0.0;
    Prediction prediction{};
    SmallVector<double> microseconds;
    for (int64_t regime : regimes) {
      product.tokens = regime;
      prediction = predict(product, format, machine);
      logSum += std::log(std::max(prediction.seconds, 1e-12));
      microseconds.push_back(prediction.seconds * 1e6);
    }
    return {{format, product.stored, prediction.bytes, std::move(microseconds)},
            prediction,
            std::exp(logSum / static_cast<double>(regimes.size()))};
  }

  LogicalResult select(WeightUse use) {
    PatternAttrInterface pattern =
        orient(use.parameter.getPatternAttr(), use.transposed);
    SmallVector<Candidate> candidates;
    for (FormatAttrInterface candidate : getFormats(pattern))
      if (isWanted(candidate))
        candidates.push_back(rank(use, candidate, pattern));
    if (candidates.empty())
      return use.matmul.emitOpError("expected parameter '")
             << use.parameter.getUserName() << "' to have a pattern that '"
             << format << "' holds, found "
             << (pattern ? Attribute(pattern)
                         : Attribute(StringAttr::get(&getContext(), "none")));
    // Ties keep the earlier candidate, so dense wins them.
    auto best = std::min_element(candidates.begin(), candidates.end(),
                                 [](const Candidate &a, const Candidate &b) {
                                   return a.seconds < b.seconds;
                                 });
    std::swap(*best, candidates.front());
    report(use, candidates);
    if (record)
      recordRanking(use, candidates);
    apply(use, candidates.front());
    return success();
  }

  /// True when no format is forced, or this one is.
  bool isWanted(FormatAttrInterface candidate) {
    return format.empty() || candidate.getStorageFormat()->name() == format;
  }

  void report(WeightUse use, ArrayRef<Candidate> candidates) {
    const Candidate &best = candidates.front();
    bool sparse = !isa<DenseFormatAttr>(best.ranked.format);
    sparse ? ++numSparse : ++numDense;
    std::string name = use.parameter.getUserName().str();
    remark::RemarkOpts options =
        remark::RemarkOpts::name("format").category("sparsity.select-formats");
    std::string text = llvm::formatv(
        "{0}: {1}, {2:F1} us predicted", name,
        best.ranked.format.getStorageFormat()->name(), best.seconds * 1e6);
    for (const Candidate &other : candidates.drop_front())
      text += llvm::formatv("; {0} {1:F1} us",
                            other.ranked.format.getStorageFormat()->name(),
                            other.seconds * 1e6);
    if (sparse)
      remark::passed(use.matmul.getLoc(), options) << text;
    else
      remark::missed(use.matmul.getLoc(), options) << text;
  }

  void recordRanking(WeightUse use, MutableArrayRef<Candidate> candidates) {
    llvm::sort(candidates.drop_front(),
               [](const Candidate &a, const Candidate &b) {
                 return a.seconds < b.seconds;
               });
    Ranking ranking{StringAttr::get(&getContext(), use.parameter.getUserName()),
                    getTokens(use),
                    {}};
    for (const Candidate &candidate : candidates)
      ranking.candidates.push_back(candidate.ranked);
    ranking.attachTo(use.matmul);
  }

  /// Packs the operand and records the kernel.
  void apply(WeightUse use, const Candidate &best) {
    OpBuilder builder(use.matmul);
    auto type = cast<RankedTensorType>(use.load.getType());
    int64_t rows = type.getDimSize(0), cols = type.getDimSize(1);
    if (use.transposed)
      std::swap(rows, cols);
    auto packed = PackedType::get(&getContext(), rows, cols,
                                  type.getElementType(), best.ranked.format);
    Value operand = PackOp::create(builder, use.matmul.getLoc(), packed,
                                   use.load.getResult(), use.transposed);
    MatmulOp matmul = use.matmul;
    if (use.isLhs) {
      matmul.getLhsMutable().assign(operand);
      matmul.setTransposeLhs(false);
    } else {
      matmul.getRhsMutable().assign(operand);
      matmul.setTransposeRhs(false);
    }
    matmul.setKernelAttr(KernelAttr::get(&getContext(), best.ranked.format,
                                         best.prediction.kernel.tileRows,
                                         best.prediction.kernel.tileVectors));
  }

  TargetDescription machine;
};
} // namespace
