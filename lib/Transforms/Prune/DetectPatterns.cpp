//===- DetectPatterns.cpp - What is already zero --------------------------===//
//
// Counts zeros in every weight, records the most useful fact and checks the
// facts that somebody promised. Nothing is changed in a weight here.
//
//===----------------------------------------------------------------------===//
//
// The most useful fact is the one that would need the least storage, in units
// of one element, with a simple price for telling where the nonzeros are:
//
//   n:m            density * (1 + 1/8)     a few bits per nonzero
//   block RxC      density * (1 + 1/RC)    one number per block
//   unstructured   density * 2             one number per nonzero
//
// A fact that would need as much as the dense weight is not recorded. Example:
// half of the elements zero as 2:4 costs 0.56, the same half anywhere costs 1
// and is not a fact worth keeping; 80 % anywhere costs 0.4.
//
//===----------------------------------------------------------------------===//

#include "WeightData.h"
#include "sparse-opt/Format/PatternCount.h"
#include "sparse-opt/Recipe/Recipe.h"
#include "sparse-opt/Transforms/Prune/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Remarks.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_DETECTPATTERNSPASS
#include "sparse-opt/Transforms/Prune/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

//===----------------------------------------------------------------------===//
// Promises
//===----------------------------------------------------------------------===//

namespace {
/// A pattern that somebody says a parameter has.
struct Promise {
  PatternAttrInterface pattern;
  Location loc;
};

using Promises = llvm::DenseMap<StringAttr, SmallVector<Promise>>;
} // namespace

/// The promises on loads: each `assume` that stands on a `load`, directly or
/// behind other such ones and transposes.
static Promises collectAssumes(ModuleOp module) {
  Promises promises;
  module.walk([&](AssumeOp assume) {
    PatternAttrInterface pattern = assume.getPattern();
    Value source = assume.getSource();
    while (Operation *op = source.getDefiningOp()) {
      auto transpose = dyn_cast<linalg::TransposeOp>(op);
      bool exchanges = transpose && transpose.getPermutation().size() == 2 &&
                       transpose.getPermutation()[0] == 1;
      if (exchanges)
        pattern = cast<PatternAttrInterface>(pattern.getTransposed());
      else if (!isa<AssumeOp>(op))
        break;
      source = op->getOperand(0);
    }
    if (auto load = source.getDefiningOp<LoadOp>())
      promises[load.getParameterAttr().getAttr()].push_back(
          {pattern, assume.getLoc()});
  });
  return promises;
}

/// All promises about one parameter, its own first.
static SmallVector<Promise> getPromises(ParameterOp parameter,
                                        const Promises &assumes) {
  SmallVector<Promise> promises;
  if (std::optional<PatternAttrInterface> pattern = parameter.getPattern())
    promises.push_back({*pattern, parameter.getLoc()});
  auto it = assumes.find(parameter.getSymNameAttr());
  if (it != assumes.end())
    llvm::append_range(promises, it->second);
  return promises;
}

static LogicalResult emitBroken(ParameterOp parameter, const Promise &promise,
                                const Twine &what) {
  InFlightDiagnostic diag = emitError(promise.loc)
                            << "parameter " << quoted(parameter.getUserName())
                            << ' ' << what;
  if (promise.loc != parameter.getLoc())
    diag.attachNote(parameter.getLoc()) << "parameter is defined here";
  return diag;
}

static LogicalResult checkPromise(ParameterOp parameter, const Promise &promise,
                                  const MatrixView &weight) {
  std::unique_ptr<ZeroPattern> pattern = promise.pattern.getZeroPattern();
  std::optional<Violation> violation = pattern->firstViolation(weight);
  if (!violation)
    return success();
  return emitBroken(parameter, promise,
                    "violates pattern '" + pattern->name() + "' in row " +
                        Twine(violation->row) + ", column " +
                        Twine(violation->col) + ": " + violation->what);
}

//===----------------------------------------------------------------------===//
// Facts
//===----------------------------------------------------------------------===//

namespace {
/// The patterns to count.
struct Candidates {
  MLIRContext *context;
  std::vector<NMAttr> groups;
  std::vector<BlockAttr> blocks;
};

/// Keeps the cheapest of the facts it is shown; ties keep the first.
class BestFact {
public:
  void show(Attribute pattern, double cost) {
    if (cost < bestCost) {
      best = cast<PatternAttrInterface>(pattern);
      bestCost = cost;
    }
  }
  PatternAttrInterface best;

private:
  double bestCost = 1.0;
};
} // namespace

static PatternCounts count(const MatrixView &weight,
                           const Candidates &candidates) {
  std::vector<NMPattern> groups;
  for (NMAttr nm : candidates.groups)
    groups.emplace_back(nm.getN(), nm.getM(), nm.getAxis());
  std::vector<BlockPattern> blocks;
  for (BlockAttr block : candidates.blocks)
    blocks.emplace_back(block.getRows(), block.getCols());
  return countPatterns(weight, groups, blocks);
}

static double fraction(int64_t part, int64_t whole) {
  return whole ? double(part) / double(whole) : 0.0;
}

/// The most useful fact, as the head of this file defines it, or null.
static PatternAttrInterface chooseFact(const MatrixView &weight,
                                       const Candidates &candidates,
                                       const PatternCounts &counts) {
  BestFact fact;
  if (counts.zeros.elements == 0)
    return fact.best;
  for (auto [nm, part] :
       llvm::zip_equal(candidates.groups, counts.overfullGroups)) {
    double density = nm.getZeroPattern()->density(weight.rows, weight.cols);
    if (part.count == 0)
      fact.show(nm, density * (1 + 1.0 / 8));
  }
  for (auto [block, part] :
       llvm::zip_equal(candidates.blocks, counts.zeroBlocks)) {
    double zeros = fraction(part.count, part.total);
    double area = double(block.getRows()) * double(block.getCols());
    fact.show(block.withZeros(zeros), (1 - zeros) * (1 + 1 / area));
  }
  double zeros = fraction(counts.zeros.zeros, counts.zeros.elements);
  fact.show(
      UnstructuredAttr::get(candidates.context, FloatAttr()).withZeros(zeros),
      (1 - zeros) * 2);
  return fact.best;
}

//===----------------------------------------------------------------------===//
// Remarks
//===----------------------------------------------------------------------===//

/// `name` must outlive the remark engine.
static remark::detail::InFlightRemark analysis(ParameterOp parameter,
                                               StringRef name) {
  return remark::analysis(parameter.getLoc(),
                          remark::RemarkOpts::name(name)
                              .category("sparsity-detect-patterns")
                              .function(parameter.getUserName()));
}

static StringRef keepName(ParameterOp parameter, PatternAttrInterface pattern) {
  return StringAttr::get(parameter.getContext(),
                         pattern.getZeroPattern()->name())
      .getValue();
}

/// One remark with the zeros, one per candidate: its remark's name is the
/// pattern's.
static void remarkCounts(ParameterOp parameter, const Candidates &candidates,
                         const PatternCounts &counts,
                         PatternAttrInterface fact) {
  if (!parameter.getContext()->getRemarkEngine())
    return;
  analysis(parameter, "Zeros")
      << remark::metric("parameter", parameter.getUserName().str())
      << remark::metric("elements", counts.zeros.elements)
      << remark::metric("zeros", counts.zeros.zeros)
      << remark::metric("zero_rows", counts.zeros.zeroRows)
      << remark::metric("zero_cols", counts.zeros.zeroCols)
      << remark::metric("pattern",
                        fact ? fact.getZeroPattern()->name() : "dense");
  for (auto [nm, part] :
       llvm::zip_equal(candidates.groups, counts.overfullGroups))
    analysis(parameter, keepName(parameter, nm))
        << remark::metric("parameter", parameter.getUserName().str())
        << remark::metric("groups", part.total)
        << remark::metric("overfull_groups", part.count);
  for (auto [block, part] :
       llvm::zip_equal(candidates.blocks, counts.zeroBlocks))
    analysis(parameter, keepName(parameter, block))
        << remark::metric("parameter", parameter.getUserName().str())
        << remark::metric("blocks", part.total)
        << remark::metric("zero_blocks", part.count);
}

static void remarkSkipped(ParameterOp parameter, const Twine &why) {
  remark::missed(parameter.getLoc(), remark::RemarkOpts::name("NotCounted")
                                         .category("sparsity-detect-patterns")
                                         .function(parameter.getUserName()))
      << remark::metric("parameter", parameter.getUserName().str())
      << remark::reason("{0}", why.str());
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// Reads the words of an option, separated by commas, each after `prefix`.
template <typename PatternT>
static LogicalResult parseCandidates(Location loc, StringRef option,
                                     StringRef words, StringRef prefix,
                                     ArrayRef<StringRef> suffixes,
                                     std::vector<PatternT> &patterns) {
  for (StringRef word : llvm::split(words, ',')) {
    for (StringRef suffix : suffixes) {
      if (words.empty())
        continue;
      RuleField field{(prefix + word.trim() + suffix).str(), loc};
      FailureOr<PatternWish> wish = parsePattern(field);
      if (failed(wish))
        return failure();
      auto pattern = dyn_cast_or_null<PatternT>(wish->pattern);
      if (!pattern)
        return emitError(loc, "expected ")
               << (prefix.empty() ? "n:m" : "RxC") << " in option '" << option
               << "', got " << quoted(word);
      patterns.push_back(pattern);
    }
  }
  return success();
}

/// A promise that holds stays, unless the fact covers it and leaves at least 1
/// % fewer nonzeros.
static bool isNews(ParameterOp parameter, PatternAttrInterface fact,
                   const MatrixView &weight) {
  std::optional<PatternAttrInterface> old = parameter.getPattern();
  auto density = [&](PatternAttrInterface pattern) {
    return pattern.getZeroPattern()->density(weight.rows, weight.cols);
  };
  return !old || (fact.refines(*old) && density(fact) < 0.99 * density(*old));
}

namespace {
struct DetectPatterns
    : public sparsity::impl::DetectPatternsPassBase<DetectPatterns> {
  using DetectPatternsPassBase::DetectPatternsPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    Candidates candidates{&getContext(), {}, {}};
    if (failed(parseCandidates(module.getLoc(), "nm", nm, "", {"", " axis 0"},
                               candidates.groups)) ||
        failed(parseCandidates(module.getLoc(), "block-sizes", blockSizes,
                               "block ", {""}, candidates.blocks)))
      return signalPassFailure();
    Promises assumes = collectAssumes(module);
    bool isSound = true;
    for (auto parameter : module.getOps<ParameterOp>())
      isSound &= succeeded(
          detect(parameter, getPromises(parameter, assumes), candidates));
    if (!isSound)
      signalPassFailure();
  }

private:
  LogicalResult detect(ParameterOp parameter, ArrayRef<Promise> promises,
                       const Candidates &candidates);
};
} // namespace

/// Counts one parameter and checks its promises:
/// 1. What is no matrix of weights has no promises (the verifier's work), or
///    none that can be checked.
/// 2. A promise about a parameter without a value is taken as it is.
/// 3. Any other promise needs data and must hold.
LogicalResult DetectPatterns::detect(ParameterOp parameter,
                                     ArrayRef<Promise> promises,
                                     const Candidates &candidates) {
  if (!isa<RankedTensorType>(Type(parameter.getType())) ||
      cast<RankedTensorType>(Type(parameter.getType())).getRank() < 2)
    return success();
  Result<MatrixView> weight =
      isWeightType(parameter.getType())
          ? getWeightMatrix(parameter)
          : makeError("expected elements of a weight (float or 8-bit integer)");
  if (!weight) {
    ++numSkipped;
    remarkSkipped(parameter, weight.message());
    if (promises.empty() || !parameter.getValueAttr())
      return success();
    return emitBroken(parameter, promises.front(), weight.message());
  }
  for (const Promise &promise : promises)
    if (failed(checkPromise(parameter, promise, *weight)))
      return failure();
  ++numCounted;
  PatternCounts counts = count(*weight, candidates);
  PatternAttrInterface fact = chooseFact(*weight, candidates, counts);
  remarkCounts(parameter, candidates, counts, fact);
  if (fact && isNews(parameter, fact, *weight)) {
    ++numPatterns;
    parameter.setPatternAttr(fact);
  }
  return success();
}
