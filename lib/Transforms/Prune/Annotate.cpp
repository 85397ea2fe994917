//===- Annotate.cpp - Recipes become requests -----------------------------===//
//
// Finds the rule that each parameter falls under and writes the wish down. What
// a recipe may say is checked in the Recipe room; carrying it out is another
// pass.
//
//===----------------------------------------------------------------------===//

#include "ImportedTensors.h"
#include "WeightData.h"
#include "WeightUses.h"
#include "sparse-opt/Transforms/Prune/Passes.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Remarks.h"

namespace mlir::sparsity {
#define GEN_PASS_DEF_ANNOTATEPASS
#include "sparse-opt/Transforms/Prune/Passes.h.inc"
} // namespace mlir::sparsity

using namespace mlir;
using namespace mlir::sparsity;

namespace {
/// A parameter and what decides whether it may be pruned.
struct Weight {
  ParameterOp parameter;
  WeightUses uses;
};

/// A rule, and whom it meets.
struct Match {
  const RecipeRule *rule;
  /// Indices of the parameters that the glob matches; of those, how many no
  /// later rule takes.
  SmallVector<size_t> weights;
  int64_t wins = 0;
};
} // namespace

/// All tensor parameters in program order.
static SmallVector<Weight> collectWeights(ModuleOp module) {
  llvm::DenseMap<StringAttr, SmallVector<LoadOp>> loads;
  module.walk([&](LoadOp load) {
    loads[load.getParameterAttr().getAttr()].push_back(load);
  });
  SmallVector<Weight> weights;
  for (auto parameter : module.getOps<ParameterOp>())
    weights.push_back(
        {parameter, findWeightUses(loads.lookup(parameter.getSymNameAttr()))});
  return weights;
}

//===----------------------------------------------------------------------===//
// Matching
//===----------------------------------------------------------------------===//

static SmallVector<Match> matchRules(ArrayRef<RecipeRule> rules,
                                     ArrayRef<Weight> weights) {
  SmallVector<Match> matches;
  for (const RecipeRule &rule : rules) {
    llvm::GlobPattern glob = rule.getGlob();
    Match &match = matches.emplace_back(Match{&rule, {}});
    for (auto [index, weight] : llvm::enumerate(weights)) {
      ParameterOp parameter = weight.parameter;
      if (glob.match(parameter.getUserName()))
        match.weights.push_back(index);
    }
  }
  return matches;
}

/// The last rule for each parameter, or null.
static SmallVector<Match *> chooseRules(MutableArrayRef<Match> matches,
                                        size_t numWeights) {
  SmallVector<Match *> chosen(numWeights, nullptr);
  for (Match &match : matches)
    for (size_t index : match.weights)
      chosen[index] = &match;
  for (Match *match : chosen)
    if (match)
      ++match->wins;
  return chosen;
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

/// Why a parameter can't be pruned, or an empty text:
/// 1. it is a tensor of rank 2 or more with elements of a weight,
/// 2. a matmul or convolution uses it.
static std::string whyNotPrunable(const Weight &weight) {
  ParameterOp parameter = weight.parameter;
  std::string text;
  llvm::raw_string_ostream os(text);
  if (!isWeightType(parameter.getType()))
    os << "is of type '" << parameter.getType() << "'";
  else if (!weight.uses.hasProduct)
    os << "is used by none";
  return text;
}

static LogicalResult emitNoMatch(const RecipeRule &rule,
                                 ArrayRef<Weight> weights) {
  SmallVector<StringRef> names;
  for (const Weight &weight : weights) {
    ParameterOp parameter = weight.parameter;
    names.push_back(parameter.getUserName());
  }
  InFlightDiagnostic diag =
      emitError(rule.matchLoc, "expected a parameter that matches ")
      << quoted(rule.match);
  if (names.empty())
    return diag << "; the program has no parameters: no resources and no large "
                   "inline constants";
  return diag << "; the nearest name is "
              << quoted(findNearest(rule.match, names));
}

static LogicalResult checkSource(const RecipeRule &rule) {
  auto check = [&](const auto &result) -> LogicalResult {
    if (!result)
      return emitError(rule.choiceLoc) << result.message();
    return success();
  };
  if (!rule.pattern)
    return success();
  return rule.mask.empty() ? check(createImportance(rule.importance))
                           : check(ImportedTensors::open(rule.mask));
}

/// A rule must do something:
/// 1. its importance exists, or the file of its mask,
/// 2. it matches a parameter,
/// 3. unless it says `dense`, a match can be pruned.
/// The glob `*` asks for whatever weights there are among the parameters.
static LogicalResult checkMatch(const Match &match, ArrayRef<Weight> weights) {
  const RecipeRule &rule = *match.rule;
  if (failed(checkSource(rule)))
    return failure();
  if (rule.match == "*" && !weights.empty())
    return success();
  if (match.weights.empty())
    return emitNoMatch(rule, weights);
  if (!rule.pattern)
    return success();
  for (size_t index : match.weights)
    if (whyNotPrunable(weights[index]).empty())
      return success();
  const Weight &first = weights[match.weights.front()];
  ParameterOp parameter = first.parameter;
  InFlightDiagnostic diag = emitError(rule.matchLoc)
                            << "expected " << quoted(rule.match)
                            << " to match the weight of a matmul or "
                               "convolution; parameter "
                            << quoted(parameter.getUserName()) << ' '
                            << whyNotPrunable(first);
  diag.attachNote(parameter.getLoc()) << "parameter is defined here";
  return diag;
}

//===----------------------------------------------------------------------===//
// Requests
//===----------------------------------------------------------------------===//

/// An n:m pattern without an axis is meant along the sums of the product, as
/// every kernel for it needs; axis 1 where uses disagree.
static PatternAttrInterface turnToSums(const RecipeRule &rule,
                                       const WeightUses &uses) {
  auto nm = dyn_cast<NMAttr>(rule.pattern);
  if (!nm || rule.axisGiven)
    return rule.pattern;
  return NMAttr::get(nm.getContext(), nm.getN(), nm.getM(),
                     uses.summedAxis.value_or(1));
}

static RequestAttr makeRequest(const RecipeRule &rule, const Weight &weight) {
  Builder builder(rule.pattern.getContext());
  auto text = [&](const std::string &value) {
    return value.empty() ? StringAttr() : builder.getStringAttr(value);
  };
  return RequestAttr::get(rule.pattern.getContext(),
                          turnToSums(rule, weight.uses), text(rule.importance),
                          rule.targetSparsity
                              ? builder.getF64FloatAttr(*rule.targetSparsity)
                              : FloatAttr(),
                          text(rule.mask));
}

static remark::RemarkOpts remarkOpts(StringRef name, StringRef parameter) {
  return remark::RemarkOpts::name(name)
      .category("sparsity-annotate")
      .function(parameter);
}

static void remarkRequest(ParameterOp parameter, const RecipeRule &rule,
                          RequestAttr request) {
  remark::passed(parameter.getLoc(),
                 remarkOpts("Requested", parameter.getUserName()))
      << remark::metric("parameter", parameter.getUserName().str())
      << remark::metric("pattern",
                        request.getPattern().getZeroPattern()->name())
      << remark::metric("rule", rule.match);
}

static void remarkNotPrunable(ParameterOp parameter, const RecipeRule &rule,
                              const std::string &why) {
  remark::missed(parameter.getLoc(),
                 remarkOpts("NotPrunable", parameter.getUserName()))
      << remark::metric("parameter", parameter.getUserName().str())
      << remark::metric("rule", rule.match)
      << remark::reason("not the weight of a matmul or convolution: {0}", why);
}

static void remarkOverridden(const RecipeRule &rule) {
  remark::missed(rule.matchLoc, remarkOpts("Overridden", ""))
      << remark::metric("rule", rule.match)
      << remark::reason("later rules take every parameter that it matches");
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace {
struct Annotate : public sparsity::impl::AnnotatePassBase<Annotate> {
  using AnnotatePassBase::AnnotatePassBase;
  explicit Annotate(Recipe recipe) : given(std::move(recipe)) {}

  void runOnOperation() override {
    FailureOr<Recipe> rules = getRecipe();
    if (failed(rules))
      return signalPassFailure();
    for (RecipeRule &rule : rules->rules)
      rule.importance = addProfile(rule.importance, rules->profile);
    SmallVector<Weight> weights = collectWeights(getOperation());
    SmallVector<Match> matches = matchRules(rules->rules, weights);
    for (const Match &match : matches)
      if (failed(checkMatch(match, weights)))
        return signalPassFailure();
    SmallVector<Match *> chosen = chooseRules(matches, weights.size());
    for (auto [weight, match] : llvm::zip_equal(weights, chosen))
      if (match)
        apply(*match->rule, weight);
    for (const Match &match : matches)
      if (match.wins == 0 && !match.weights.empty())
        remarkOverridden(*match.rule);
  }

private:
  FailureOr<Recipe> getRecipe();
  FailureOr<Recipe> getRecipeFromOptions();
  void apply(const RecipeRule &rule, Weight &weight);

  std::optional<Recipe> given;
};
} // namespace

FailureOr<Recipe> Annotate::getRecipeFromOptions() {
  Location loc = getOperation().getLoc();
  auto field = [&](const std::string &text) {
    return text.empty() ? std::optional<RuleField>() : RuleField{text, loc};
  };
  FailureOr<RecipeRule> rule =
      makeRule({loc, field(parameters), field(pattern), field(importance),
                field(targetSparsity), field(mask)});
  if (failed(rule))
    return failure();
  Recipe result;
  result.rules.push_back(std::move(*rule));
  return result;
}

/// 1. A recipe that was handed over, 2. else the recipe file, 3. else the one
/// rule that the options spell.
FailureOr<Recipe> Annotate::getRecipe() {
  if (given)
    return *given;
  if (recipe.empty() && pattern.empty())
    return emitError(getOperation().getLoc(),
                     "expected option 'recipe' or option 'pattern'");
  if (recipe.empty())
    return getRecipeFromOptions();
  if (!pattern.empty() || !importance.empty() || !targetSparsity.empty() ||
      !mask.empty())
    return emitError(getOperation().getLoc(),
                     "expected either option 'recipe' or the options of one "
                     "rule, got both");
  return readRecipe(recipe, &getContext());
}

void Annotate::apply(const RecipeRule &rule, Weight &weight) {
  ParameterOp parameter = weight.parameter;
  if (!rule.pattern) {
    parameter.removeRequestAttr();
    return;
  }
  std::string why = whyNotPrunable(weight);
  if (!why.empty()) {
    ++numSkipped;
    return remarkNotPrunable(parameter, rule, why);
  }
  RequestAttr request = makeRequest(rule, weight);
  parameter.setRequestAttr(request);
  ++numRequests;
  remarkRequest(parameter, rule, request);
}

std::unique_ptr<Pass> mlir::sparsity::createAnnotatePass(Recipe recipe) {
  return std::make_unique<Annotate>(std::move(recipe));
}
