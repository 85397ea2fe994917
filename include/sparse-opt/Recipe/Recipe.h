//===- Recipe.h - What a user asks of which parameter ---------------------===//
//
// Recipes: ordered rules, each a glob on parameter names and a wish. Read from
// YAML text here; which parameters a rule meets in a program, and whether it
// may be carried out there, is the business of --sparsity-annotate.
//
//===----------------------------------------------------------------------===//
//
//   version: 1
//   rules:
//     - match: "*.weight"               # the general rule first,
//       pattern: "2:4"
//     - match: "*.query.weight"         # exceptions after it
//       pattern: "block 16x16"
//       importance: magnitude norm l2   # a name with options; lib/Transforms/
//                                       # Prune/README.md has all of them
//       target_sparsity: 0.75           # only for block and unstructured
//     - match: "pooler.weight"
//       pattern: unstructured           # what is found elsewhere, instead of
//       mask: masks.safetensors         # an importance and a target
//     - match: "classifier.weight"
//       pattern: dense                  # never prune this one
//
// A parameter gets the LAST rule whose glob matches its name, as in .gitignore.
// Globs: * any text (dots too), ? one character, [a-f] one of a set, {x,y}
// alternatives.
//
// A recipe is untrusted: at most 1 MB, no aliases, anchors or tags, nesting
// three deep, every key known and given once.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_RECIPE_RECIPE_H
#define SPARSE_OPT_RECIPE_RECIPE_H

#include "sparse-opt/Dialect/Sparsity/IR/Sparsity.h"

#include "mlir/IR/Location.h"
#include "llvm/Support/GlobPattern.h"

#include <optional>
#include <string>
#include <vector>

namespace mlir::sparsity {

/// One rule, checked.
struct RecipeRule {
  /// A valid glob.
  std::string match;
  /// Null for `dense`: never prune what this rule matches.
  PatternAttrInterface pattern;
  /// False when an n:m pattern may still be turned to the axis along which the
  /// parameter is summed.
  bool axisGiven = false;
  /// Empty where a mask is given.
  std::string importance;
  std::optional<double> targetSparsity;
  /// A file, or empty.
  std::string mask;
  /// Where the glob, and the importance or the mask, are written.
  Location matchLoc, choiceLoc;

  /// The glob, which borrows the text of this rule.
  llvm::GlobPattern getGlob() const;
};

struct Recipe {
  int64_t version = 1;
  std::vector<RecipeRule> rules;
  /// For importances that read a profile and name none; or empty.
  std::string profile = {};
};

/// A word of a rule and where it is written.
struct RuleField {
  std::string text;
  Location loc;
};

/// A rule as written, unchecked.
struct RuleText {
  Location loc;
  std::optional<RuleField> match, pattern, importance, targetSparsity, mask;
};

/// What the words of a pattern ask for.
struct PatternWish {
  /// Null for `dense`.
  PatternAttrInterface pattern;
  bool axisGiven = false;
};

/// Reads "2:4", "2:4 axis 0", "block 16x16", "unstructured" or "dense".
FailureOr<PatternWish> parsePattern(const RuleField &field);

/// Checks the words of a rule. Errors are diagnostics at their fields.
FailureOr<RecipeRule> makeRule(const RuleText &text);

/// Reads a recipe. `name` stands for the file in locations.
FailureOr<Recipe> parseRecipe(StringRef text, StringRef name,
                              MLIRContext *context);
/// Reads a recipe from a file.
FailureOr<Recipe> readRecipe(StringRef path, MLIRContext *context);

/// The entry of `known` that is the fewest edits away from `word`, or an empty
/// string when `known` is empty. Ties keep the first.
StringRef findNearest(StringRef word, ArrayRef<StringRef> known);
/// `text` in single quotes, on one line: control characters escaped, long texts
/// cut.
std::string quoted(StringRef text);

} // namespace mlir::sparsity

#endif // SPARSE_OPT_RECIPE_RECIPE_H
