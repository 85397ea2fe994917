//===- RecipeTest.cpp - Recipes, right and wrong --------------------------===//
//
// What a recipe means, and one test per message of its reader.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Recipe/Recipe.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::sparsity;

namespace {
class RecipeTest : public ::testing::Test {
protected:
  RecipeTest() {
    context.loadDialect<SparsityDialect>();
    context.getDiagEngine().registerHandler([this](Diagnostic &diag) {
      append(diag);
      for (Diagnostic &note : diag.getNotes())
        append(note);
    });
  }

  /// The diagnostics of a recipe as "line:col: message" lines.
  std::string errors(StringRef text) {
    messages.clear();
    EXPECT_TRUE(failed(parseRecipe(text, "recipe.yaml", &context)));
    return messages;
  }
  /// The same for the rule that stands in line 3 from column 5.
  std::string ruleErrors(const std::string &rule) {
    return errors("version: 1\nrules:\n  - " + rule + "\n");
  }

  MLIRContext context;
  std::string messages;

private:
  void append(Diagnostic &diag) {
    auto loc = cast<FileLineColLoc>(diag.getLocation());
    EXPECT_EQ(loc.getFilename(), "recipe.yaml");
    messages += std::to_string(loc.getLine()) + ":" +
                std::to_string(loc.getColumn()) + ": " + diag.str() + "\n";
  }
};
} // namespace

template <typename T>
static std::string print(T attr) {
  std::string text;
  llvm::raw_string_ostream(text) << attr;
  return text;
}

TEST_F(RecipeTest, Rules) {
  FailureOr<Recipe> recipe = parseRecipe(R"(# a comment
version: 1
rules:
  - match: "encoder.layer.*.dense.weight"
    pattern: "2:4"
    importance: magnitude
  - match: "*.query.weight"   # quoted
    pattern: block 16x1
    importance: wanda
    target_sparsity: 0.75
  - {match: "{a,b}?[c-d]", pattern: unstructured, target_sparsity: 1}
  - match: head.weight
    pattern: dense
  - match: x
    pattern: "1:8 axis 0"
)",
                                         "recipe.yaml", &context);
  ASSERT_TRUE(succeeded(recipe)) << messages;
  EXPECT_EQ(recipe->version, 1);
  ASSERT_EQ(recipe->rules.size(), 5u);
  const RecipeRule &nm = recipe->rules[0];
  EXPECT_EQ(print(nm.pattern), "#sparsity.nm<2:4>");
  EXPECT_FALSE(nm.axisGiven);
  EXPECT_FALSE(nm.targetSparsity);
  EXPECT_TRUE(nm.getGlob().match("encoder.layer.11.dense.weight"));
  EXPECT_FALSE(nm.getGlob().match("encoder.layer.11.dense.weights"));
  EXPECT_EQ(cast<FileLineColLoc>(nm.choiceLoc).getLine(), 6u);
  const RecipeRule &block = recipe->rules[1];
  EXPECT_EQ(print(block.pattern), "#sparsity.block<[16, 1]>");
  EXPECT_EQ(block.importance, "wanda");
  EXPECT_EQ(block.targetSparsity, 0.75);
  const RecipeRule &unstructured = recipe->rules[2];
  EXPECT_EQ(print(unstructured.pattern), "#sparsity.unstructured");
  EXPECT_EQ(unstructured.importance, "magnitude");
  EXPECT_TRUE(unstructured.getGlob().match("bxd"));
  EXPECT_FALSE(recipe->rules[3].pattern);
  EXPECT_EQ(print(recipe->rules[4].pattern), "#sparsity.nm<1:8, axis = 0>");
  EXPECT_TRUE(recipe->rules[4].axisGiven);
}

TEST_F(RecipeTest, NoRules) {
  FailureOr<Recipe> recipe =
      parseRecipe("version: 1\nrules: []", "recipe.yaml", &context);
  ASSERT_TRUE(succeeded(recipe));
  EXPECT_TRUE(recipe->rules.empty());
}

TEST_F(RecipeTest, UnknownKeys) {
  EXPECT_EQ(errors("version: 1\nrule: []\n"),
            "2:1: expected one of the keys 'version', 'rules', got 'rule'; did "
            "you mean 'rules'?\n");
  EXPECT_EQ(ruleErrors("{match: a, patern: dense}"),
            "3:16: expected one of the keys 'match', 'pattern', 'importance', "
            "'target_sparsity', 'mask', got 'patern'; did you mean "
            "'pattern'?\n");
}

TEST_F(RecipeTest, MissingAndRepeatedKeys) {
  EXPECT_EQ(errors("rules: []"), "1:1: expected key 'version' in the recipe\n");
  EXPECT_EQ(errors("version: 1"), "1:1: expected key 'rules' in the recipe\n");
  EXPECT_EQ(ruleErrors("{pattern: dense}"),
            "3:6: expected 'match' in the rule\n");
  EXPECT_EQ(ruleErrors("{match: a}"), "3:6: expected 'pattern' in the rule\n");
  EXPECT_EQ(errors("version: 1\nversion: 1\n"),
            "2:1: expected key 'version' once\n1:1: first given here\n");
  EXPECT_EQ(ruleErrors("{match: a, pattern: dense}\n"
                       "  - {match: a, pattern: '2:4'}"),
            "4:13: expected one rule for 'a'\n3:13: first given here\n");
}

TEST_F(RecipeTest, Patterns) {
  auto pattern = [&](const std::string &text) {
    return ruleErrors("{match: a, pattern: '" + text + "'}");
  };
  std::string expected = "3:25: expected a pattern ('n:m', 'n:m axis 0', "
                         "'block RxC', 'unstructured' or 'dense'), got ";
  EXPECT_EQ(pattern("blok 16x16"),
            expected + "'blok 16x16'; did you mean 'block'?\n");
  EXPECT_EQ(pattern("unstructred"),
            expected + "'unstructred'; did you mean 'unstructured'?\n");
  for (StringRef text : {"2:", "2:x", "0x4", "block", "block 16", "block ax4",
                         "2:4 axes 1", "99999999999999999999:4", ""})
    EXPECT_TRUE(StringRef(pattern(text.str()))
                    .starts_with(expected + "'" + text.str() + "'"))
        << text.str() << ": " << messages;
  EXPECT_EQ(pattern("5:4"), "3:25: expected 1 <= n <= m, got 5:4\n");
  EXPECT_EQ(pattern("0:0"), "3:25: expected 1 <= n <= m, got 0:0\n");
  EXPECT_EQ(pattern("-1:4"), "3:25: expected 1 <= n <= m, got -1:4\n");
  EXPECT_EQ(pattern("2:4 axis 2"), "3:25: expected axis 0 or 1, got 2\n");
  EXPECT_EQ(pattern("block 0x16"),
            "3:25: expected a block size of at least 1x1, got 0x16\n");
}

TEST_F(RecipeTest, TargetSparsity) {
  EXPECT_EQ(ruleErrors("{match: a, pattern: unstructured}"),
            "3:6: expected 'target_sparsity' for pattern 'unstructured'\n");
  EXPECT_EQ(ruleErrors("{match: a, pattern: block 4x4}"),
            "3:6: expected 'target_sparsity' for pattern 'block 4x4'\n");
  EXPECT_EQ(ruleErrors("{match: a, pattern: '2:4', target_sparsity: 0.5}"),
            "3:49: expected no 'target_sparsity': pattern '2:4' implies it\n");
  EXPECT_EQ(ruleErrors("{match: a, pattern: dense, target_sparsity: 0}"),
            "3:49: expected no 'target_sparsity': pattern 'dense' implies "
            "it\n");
  EXPECT_EQ(ruleErrors("{match: a, pattern: dense, importance: magnitude}"),
            "3:44: expected no 'importance' with pattern 'dense'\n");
  for (std::string text : {"1.5", "-0.1", "nan", "half", "75%", "''"}) {
    std::string shown = text == "''" ? text : "'" + text + "'";
    EXPECT_EQ(ruleErrors("{match: a, pattern: unstructured, "
                         "target_sparsity: " +
                         text + "}"),
              "3:56: expected 'target_sparsity' in [0, 1], got " + shown +
                  "\n");
  }
}

TEST_F(RecipeTest, Masks) {
  FailureOr<Recipe> recipe = parseRecipe(
      "version: 1\nrules:\n  - {match: a, pattern: unstructured, mask: m.st}",
      "recipe.yaml", &context);
  ASSERT_TRUE(succeeded(recipe));
  EXPECT_EQ(recipe->rules[0].mask, "m.st");
  EXPECT_EQ(recipe->rules[0].importance, "");
  EXPECT_FALSE(recipe->rules[0].targetSparsity);
  EXPECT_EQ(ruleErrors("{match: a, pattern: dense, mask: m.st}"),
            "3:38: expected no 'mask' with pattern 'dense'\n");
  EXPECT_EQ(ruleErrors("{match: a, pattern: '2:4', mask: ''}"),
            "3:38: expected a file for 'mask', got ''\n");
  EXPECT_EQ(
      ruleErrors("{match: a, pattern: '2:4', mask: m, importance: random}"),
      "3:53: expected either 'importance' or 'mask', got both\n");
  EXPECT_EQ(ruleErrors("{match: a, pattern: unstructured, mask: m, "
                       "target_sparsity: 0.5}"),
            "3:65: expected no 'target_sparsity': the mask implies it\n");
}

TEST_F(RecipeTest, Globs) {
  EXPECT_EQ(ruleErrors("{match: '', pattern: dense}"),
            "3:13: expected a glob for 'match', got ''\n");
  EXPECT_EQ(ruleErrors("{match: 'a[', pattern: dense}"),
            "3:13: expected a glob for 'match', got 'a[': invalid glob "
            "pattern, unmatched '['\n");
  // Braces multiply; the product is bounded.
  std::string bomb;
  for (int i = 0; i < 40; ++i)
    bomb += "{a,b}";
  EXPECT_TRUE(StringRef(ruleErrors("{match: '" + bomb + "', pattern: dense}"))
                  .contains("too many brace expansions"))
      << messages;
}

TEST_F(RecipeTest, Types) {
  EXPECT_EQ(errors("[]"), "1:2: expected a recipe (a mapping), got a list\n");
  EXPECT_EQ(errors("version: [1]\n"), "1:11: expected a version, got a list\n");
  EXPECT_EQ(errors("version: 2\n"), "1:10: expected version 1, got '2'\n");
  EXPECT_EQ(errors("version: 1\nrules: {}\n"),
            "2:9: expected a list of rules, got a mapping\n");
  EXPECT_EQ(ruleErrors("a"), "3:5: expected a rule (a mapping), got a text\n");
  EXPECT_EQ(ruleErrors("{match: [a]}"),
            "3:14: expected a text for 'match', got a list\n");
  EXPECT_EQ(errors("version: 1\nrules:\n  - match: |\n      a\n"),
            "4:1: expected a text for 'match', got a block of text ('|' or "
            "'>')\n");
  EXPECT_EQ(ruleErrors("{[a]: b}"), "3:7: expected a key, got a list\n");
  EXPECT_TRUE(StringRef(errors("version: 1\nrules:\n"))
                  .contains("expected a list of rules, got nothing"))
      << messages;
}

TEST_F(RecipeTest, PlainYAMLOnly) {
  EXPECT_EQ(ruleErrors("{match: *a, pattern: dense}"),
            "3:13: expected no alias; put a text that starts with '*' in "
            "quotes\n");
  EXPECT_TRUE(StringRef(ruleErrors("{match: &x a, pattern: dense}"))
                  .contains("expected no anchor, got '"))
      << messages;
  EXPECT_TRUE(StringRef(ruleErrors("{match: !!python/object a}"))
                  .contains("expected no tags, got '!!python/object'"))
      << messages;
  EXPECT_EQ(errors("version: 1\nrules: []\n---\nversion: 1\n"),
            "4:1: expected one document, got a second one\n");
  EXPECT_EQ(errors("version: 1\nrules:\n\t- match: a\n"),
            "3:1: expected blanks for indentation, got a tab\n");
}

TEST_F(RecipeTest, Syntax) {
  for (StringRef text :
       {"", "version: 1\nrules: [", "version: 1\nrules: \"", "{", "version: {",
        "version: 1\nrules:\n  - match: a\n pattern: b\n", "? ", "- ", ":",
        "version: @", "%YAML 9.9\n", "\"a", "version: 1\nrules:\n- {match: *}",
        "version: '\xff\xfe'"}) {
    std::string found = errors(text);
    EXPECT_TRUE(StringRef(found).contains(": expected "))
        << text.str() << " -> " << found;
    EXPECT_EQ(StringRef(found).count('\n'), 1u) << found;
  }
}

TEST_F(RecipeTest, Hostile) {
  EXPECT_EQ(errors(std::string((1 << 20) + 1, ' ')),
            "1:1: expected a recipe of at most 1048576 bytes, got 1048577\n");
  // Deep nesting is refused where it begins and never walked into.
  std::string deep(100000, '[');
  EXPECT_EQ(errors(deep), "1:2: expected a recipe (a mapping), got a list\n");
  EXPECT_EQ(errors("version: " + deep),
            "1:11: expected a version, got a list\n");
  EXPECT_TRUE(StringRef(ruleErrors("{" + deep)).starts_with("3:6: expected "))
      << messages;
  std::string dashes;
  for (int i = 0; i < 100000; ++i)
    dashes += "- ";
  EXPECT_EQ(errors(dashes), "1:1: expected a recipe (a mapping), got a list\n");
  // Names are shown escaped and cut.
  EXPECT_EQ(errors("\"a\\n\\e[31m" + std::string(300, 'x') + "\": 1"),
            "1:1: expected one of the keys 'version', 'rules', got "
            "'a\\0A\\1B[31m" +
                std::string(249, 'x') + "...'; did you mean 'version'?\n");
}

TEST_F(RecipeTest, ManyRulesAreFast) {
  std::string text = "version: 1\nrules:\n";
  for (int i = 0; i < 20000; ++i)
    text += "- {match: p" + std::to_string(i) + ", pattern: dense}\n";
  FailureOr<Recipe> recipe = parseRecipe(text, "recipe.yaml", &context);
  ASSERT_TRUE(succeeded(recipe)) << messages;
  EXPECT_EQ(recipe->rules.size(), 20000u);
}

TEST_F(RecipeTest, Nearest) {
  EXPECT_EQ(findNearest("wand", {"magnitude", "wanda"}), "wanda");
  EXPECT_EQ(findNearest("x", {}), "");
}
