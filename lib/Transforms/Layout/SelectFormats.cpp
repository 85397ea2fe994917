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
#include "sparse-opt/Transforms/Layout/Passes.h"

#include "mlir/Dialect/DLTI/DLTI.h"
#include "mlir/IR/Remarks.h"
#include "llvm/ADT/StringExtras.h"
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

/// Elements that `format` would store of the packed matrix: from its data when
/// at hand, else from the pattern.
static int64_t countStored(WeightUse use, FormatAttrInterface format,
                           PatternAttrInterface pattern) {
  auto type = cast<RankedTensorType>(use.load.getType());
  int64_t rows = type.getDimSize(0), cols = type.getDimSize(1);
  if (use.transposed)
    std::swap(rows, cols);
  ElementsAttr elements = use.parameter.getElements();
  if (auto view = elements ? getMatrixView(elements) : std::nullopt)
    return format.getStorageFormat()->countStored(
        use.transposed ? view->transposed() : *view);
  double density =
      pattern ? pattern.getZeroPattern()->density(rows, cols) : 1.0;
  return format.getStorageFormat()->estimateStored(rows, cols, density);
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
    if (format.empty() || llvm::is_contained(getFormatNames(), format))
      return success();
    return module.emitError("unknown format '")
           << format << "'; expected one of "
           << llvm::join(getFormatNames(), ", ");
  }

  /// The formats to rank for a weight with this pattern, dense first.
  SmallVector<FormatAttrInterface> getFormats(PatternAttrInterface pattern) {
    int64_t panel =
        machine.avx512 ? 64 : 2 * std::max<int64_t>(machine.lanes(), 8);
    SmallVector<FormatAttrInterface> formats;
    formats.push_back(DenseFormatAttr::get(&getContext(), panel));
    if (pattern)
      for (Attribute format : pattern.getFormats())
        formats.push_back(cast<FormatAttrInterface>(format));
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

  static std::string describe(PatternAttrInterface pattern) {
    std::string text = "none; a recipe or an annotation names patterns that "
                       "are not detected";
    if (pattern) {
      text.clear();
      llvm::raw_string_ostream(text) << pattern;
    }
    return text;
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
             << format << "' holds, found " << describe(pattern);
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
        remark::RemarkOpts::name("Format").category("sparsity-select-formats");
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
