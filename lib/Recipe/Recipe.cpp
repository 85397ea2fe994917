//===- Recipe.cpp - The words of a rule -----------------------------------===//
//
// Turns the words of one rule into attributes and checks that they fit each
// other. YAML is read in RecipeParser.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Recipe/Recipe.h"

#include "mlir/IR/Builders.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace mlir::sparsity;

/// More alternatives than this in the braces of one glob are refused.
static constexpr size_t kMaxGlobAlternatives = 1024;
static constexpr size_t kMaxQuoted = 256;

StringRef mlir::sparsity::findNearest(StringRef word,
                                      ArrayRef<StringRef> known) {
  StringRef nearest;
  unsigned best = ~0u;
  for (StringRef candidate : known) {
    unsigned distance = word.edit_distance(candidate);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string mlir::sparsity::quoted(StringRef text) {
  std::string result;
  llvm::raw_string_ostream os(result);
  os << '\'';
  llvm::printEscapedString(text.take_front(kMaxQuoted), os);
  os << (text.size() > kMaxQuoted ? "...'" : "'");
  return result;
}

//===----------------------------------------------------------------------===//
// Patterns
//===----------------------------------------------------------------------===//

/// Reads "<a><separator><b>", two decimal numbers and nothing else.
static std::optional<std::pair<int64_t, int64_t>> parsePair(StringRef text,
                                                            char separator) {
  auto [first, second] = text.split(separator);
  int64_t a, b;
  if (first.getAsInteger(10, a) || second.getAsInteger(10, b))
    return std::nullopt;
  return std::make_pair(a, b);
}

static InFlightDiagnostic emitUnknownPattern(const RuleField &field) {
  InFlightDiagnostic diag =
      emitError(field.loc, "expected a pattern ('n:m', 'n:m axis 0', "
                           "'block RxC', 'unstructured' or 'dense'), got ")
      << quoted(field.text);
  StringRef word = StringRef(field.text).split(' ').first;
  StringRef nearest = findNearest(word, {"block", "unstructured", "dense"});
  if (nearest != word && word.edit_distance(nearest) <= 3)
    diag << "; did you mean '" << nearest << "'?";
  return diag;
}

static FailureOr<PatternWish> makeNM(const RuleField &field, int64_t n,
                                     int64_t m, StringRef axisText) {
  int64_t axis = 1;
  if (!axisText.empty() && (!axisText.consume_front("axis ") ||
                            axisText.trim().getAsInteger(10, axis)))
    return emitUnknownPattern(field);
  auto pattern = NMAttr::getChecked([&] { return emitError(field.loc); },
                                    field.loc.getContext(), n, m, axis);
  if (!pattern)
    return failure();
  return PatternWish{pattern, !axisText.empty()};
}

static FailureOr<PatternWish> makeBlock(const RuleField &field, int64_t rows,
                                        int64_t cols) {
  auto pattern =
      BlockAttr::getChecked([&] { return emitError(field.loc); },
                            field.loc.getContext(), rows, cols, FloatAttr());
  if (!pattern)
    return failure();
  return PatternWish{pattern};
}

FailureOr<PatternWish> mlir::sparsity::parsePattern(const RuleField &field) {
  StringRef text = StringRef(field.text).trim();
  if (text == "dense")
    return PatternWish{};
  if (text == "unstructured")
    return PatternWish{
        UnstructuredAttr::get(field.loc.getContext(), FloatAttr())};
  auto [word, rest] = text.split(' ');
  rest = rest.trim();
  if (auto nm = parsePair(word, ':'))
    return makeNM(field, nm->first, nm->second, rest);
  if (word == "block")
    if (auto size = parsePair(rest, 'x'))
      return makeBlock(field, size->first, size->second);
  return emitUnknownPattern(field);
}

//===----------------------------------------------------------------------===//
// Rules
//===----------------------------------------------------------------------===//

static llvm::Expected<llvm::GlobPattern> makeGlob(StringRef text) {
  return llvm::GlobPattern::create(text, kMaxGlobAlternatives);
}

llvm::GlobPattern RecipeRule::getGlob() const {
  return llvm::cantFail(makeGlob(match));
}

static LogicalResult checkGlob(const RuleField &field) {
  if (field.text.empty())
    return emitError(field.loc, "expected a glob for 'match', got ''");
  llvm::Expected<llvm::GlobPattern> glob = makeGlob(field.text);
  if (!glob)
    return emitError(field.loc, "expected a glob for 'match', got ")
           << quoted(field.text) << ": " << llvm::toString(glob.takeError());
  return success();
}

static FailureOr<double> parseFraction(const RuleField &field) {
  double value;
  if (StringRef(field.text).getAsDouble(value) || !(value >= 0 && value <= 1))
    return emitError(field.loc, "expected 'target_sparsity' in [0, 1], got ")
           << quoted(field.text);
  return value;
}

/// Reads the target when the pattern needs one.
/// 1. A block or unstructured pattern says nothing about how much is zero.
/// 2. An n:m pattern, and `dense`, say it themselves.
/// 3. So does a mask.
static FailureOr<std::optional<double>>
parseTarget(const RuleText &text, PatternAttrInterface pattern) {
  bool needed = pattern && pattern.needsTarget() && !text.mask;
  if (needed && !text.targetSparsity)
    return emitError(text.loc, "expected 'target_sparsity' for pattern ")
           << quoted(text.pattern->text);
  if (!needed && text.targetSparsity)
    return emitError(text.targetSparsity->loc,
                     "expected no 'target_sparsity': ")
           << (text.mask ? "the mask" : "pattern " + quoted(text.pattern->text))
           << " implies it";
  if (!needed)
    return std::optional<double>();
  FailureOr<double> target = parseFraction(*text.targetSparsity);
  if (failed(target))
    return failure();
  return std::optional<double>(*target);
}

/// What says which elements stay: nothing for `dense`, else an importance
/// ("magnitude" if nothing is said) or a mask.
static LogicalResult checkChoice(const RuleText &text, bool isDense) {
  for (auto [field, name] :
       {std::pair(&text.importance, "importance"), {&text.mask, "mask"}})
    if (isDense && *field)
      return emitError((*field)->loc, "expected no '")
             << name << "' with pattern 'dense'";
  if (text.mask && text.importance)
    return emitError(text.importance->loc,
                     "expected either 'importance' or 'mask', got both");
  if (text.mask && text.mask->text.empty())
    return emitError(text.mask->loc, "expected a file for 'mask', got ''");
  return success();
}

/// The words that a rule must have.
static LogicalResult checkComplete(const RuleText &text) {
  if (!text.match)
    return emitError(text.loc, "expected 'match' in the rule");
  if (!text.pattern)
    return emitError(text.loc, "expected 'pattern' in the rule");
  return success();
}

FailureOr<RecipeRule> mlir::sparsity::makeRule(const RuleText &text) {
  if (failed(checkComplete(text)) || failed(checkGlob(*text.match)))
    return failure();
  FailureOr<PatternWish> wish = parsePattern(*text.pattern);
  if (failed(wish))
    return failure();
  if (failed(checkChoice(text, /*isDense=*/!wish->pattern)))
    return failure();
  FailureOr<std::optional<double>> target = parseTarget(text, wish->pattern);
  if (failed(target))
    return failure();
  RuleField importance =
      text.importance.value_or(RuleField{"magnitude", text.loc});
  return RecipeRule{
      text.match->text, wish->pattern,
      wish->axisGiven,  text.mask ? "" : importance.text,
      *target,          text.mask ? text.mask->text : "",
      text.match->loc,  text.mask ? text.mask->loc : importance.loc};
}
