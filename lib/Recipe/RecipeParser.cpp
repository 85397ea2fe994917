//===- RecipeParser.cpp - YAML text to rules ------------------------------===//
//
// A strict reader on LLVM's YAML scanner: it stops at the first error and never
// walks into a node that it does not expect, so depth and work are bounded by
// the form of a recipe. What the words mean is in Recipe.cpp.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Recipe/Recipe.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

using namespace mlir;
using namespace mlir::sparsity;
namespace yaml = llvm::yaml;

static constexpr size_t kMaxBytes = 1 << 20;

static StringRef kindName(const yaml::Node *node) {
  switch (node->getType()) {
  case yaml::Node::NK_Mapping:
    return "a mapping";
  case yaml::Node::NK_Sequence:
    return "a list";
  case yaml::Node::NK_Null:
    return "nothing";
  case yaml::Node::NK_Alias:
    return "an alias";
  case yaml::Node::NK_BlockScalar:
    return "a block of text ('|' or '>')";
  default:
    return "a text";
  }
}

namespace {
/// Reads one recipe; every method fails after emitting exactly one error.
class RecipeParser {
public:
  RecipeParser(StringRef text, StringRef name, MLIRContext *context)
      : text(text), name(name), context(context) {
    sources.setDiagHandler(recordSyntaxError, this);
    lineStarts.push_back(0);
    for (auto [index, c] : llvm::enumerate(text))
      if (c == '\n')
        lineStarts.push_back(index + 1);
    stream.emplace(text, sources, /*ShowColors=*/false);
  }

  FailureOr<Recipe> parse();

private:
  using KeyHandler =
      function_ref<LogicalResult(StringRef, yaml::KeyValueNode &, Location)>;

  LogicalResult parseTopLevel(yaml::Node *root, Recipe &recipe);
  LogicalResult parseVersion(yaml::Node *node, Recipe &recipe);
  LogicalResult parseRules(yaml::Node *node, Recipe &recipe);
  LogicalResult parseRule(yaml::Node *node, Recipe &recipe);
  LogicalResult addRule(RecipeRule rule, Recipe &recipe);
  LogicalResult parseMapping(yaml::MappingNode &mapping,
                             ArrayRef<StringRef> keys, KeyHandler handleKey);
  FailureOr<RuleField> parseKey(yaml::KeyValueNode &entry,
                                ArrayRef<StringRef> keys,
                                llvm::StringMap<Location> &seen);
  FailureOr<RuleField> parseScalar(yaml::Node *node, const Twine &what);
  LogicalResult checkPlainYAML(yaml::Node *node);
  LogicalResult checkTabs();
  template <typename NodeT>
  FailureOr<NodeT *> expect(yaml::Node *node, const Twine &what);

  InFlightDiagnostic error(Location loc) {
    reported = true;
    return emitError(loc);
  }
  /// Failure for a null node: the scanner's error, or a missing value.
  LogicalResult reportSyntaxError();
  Location locate(const char *at);
  /// Where the node begins; for lists and mappings, what is inside them.
  Location locate(yaml::Node *node) {
    return locate(node->getSourceRange().Start.getPointer());
  }
  static void recordSyntaxError(const llvm::SMDiagnostic &diag, void *self);

  StringRef text;
  std::string name;
  MLIRContext *context;
  std::vector<size_t> lineStarts;
  /// Globs of the rules so far.
  llvm::StringMap<Location> globs;
  llvm::SourceMgr sources;
  std::optional<yaml::Stream> stream;
  std::optional<RuleField> syntaxError;
  bool reported = false;
};
} // namespace

//===----------------------------------------------------------------------===//
// Locations and errors
//===----------------------------------------------------------------------===//

Location RecipeParser::locate(const char *at) {
  size_t offset = at - text.begin();
  size_t line = llvm::upper_bound(lineStarts, offset) - lineStarts.begin();
  return FileLineColLoc::get(context, name, line,
                             offset - lineStarts[line - 1] + 1);
}

void RecipeParser::recordSyntaxError(const llvm::SMDiagnostic &diag,
                                     void *self) {
  auto &parser = *static_cast<RecipeParser *>(self);
  if (parser.syntaxError)
    return;
  std::string message = diag.getMessage().rtrim('.').str();
  if (!message.empty())
    message[0] = llvm::toLower(message[0]);
  parser.syntaxError = RuleField{
      message, FileLineColLoc::get(parser.context, parser.name,
                                   std::max(diag.getLineNo(), 1),
                                   std::max(diag.getColumnNo(), 0) + 1)};
}

LogicalResult RecipeParser::reportSyntaxError() {
  if (reported)
    return failure();
  if (syntaxError)
    return error(syntaxError->loc) << "expected YAML: " << syntaxError->text;
  return error(locate(text.end())) << "expected YAML, got an unfinished text";
}

/// LLVM's scanner takes a tab for a blank, others do not: the meaning of a tab
/// in an indentation is anybody's guess.
LogicalResult RecipeParser::checkTabs() {
  bool inIndentation = true;
  for (const char &c : text) {
    if (c == '\t' && inIndentation)
      return error(locate(&c)) << "expected blanks for indentation, got a tab";
    inIndentation = c == '\n' || (inIndentation && c == ' ');
  }
  return success();
}

LogicalResult RecipeParser::checkPlainYAML(yaml::Node *node) {
  if (!node)
    return reportSyntaxError();
  if (auto *alias = dyn_cast<yaml::AliasNode>(node))
    return error(locate(alias->getName().begin() - 1))
           << "expected no alias; put a text that starts with '*' in quotes";
  if (!node->getAnchor().empty())
    return error(locate(node->getAnchor().begin() - 1))
           << "expected no anchor, got " << quoted(node->getAnchor());
  if (!node->getRawTag().empty())
    return error(locate(node->getRawTag().begin()))
           << "expected no tags, got " << quoted(node->getRawTag());
  return success();
}

template <typename NodeT>
FailureOr<NodeT *> RecipeParser::expect(yaml::Node *node, const Twine &what) {
  if (failed(checkPlainYAML(node)))
    return failure();
  if (auto *result = dyn_cast<NodeT>(node))
    return result;
  if (stream->failed())
    return reportSyntaxError();
  return error(locate(node))
         << "expected " << what << ", got " << kindName(node);
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

FailureOr<RuleField> RecipeParser::parseScalar(yaml::Node *node,
                                               const Twine &what) {
  auto scalar = expect<yaml::ScalarNode>(node, what);
  if (failed(scalar))
    return failure();
  SmallString<64> storage;
  StringRef value = (*scalar)->getValue(storage);
  if (stream->failed())
    return reportSyntaxError();
  return RuleField{value.str(), locate(node)};
}

FailureOr<RuleField> RecipeParser::parseKey(yaml::KeyValueNode &entry,
                                            ArrayRef<StringRef> keys,
                                            llvm::StringMap<Location> &seen) {
  FailureOr<RuleField> key = parseScalar(entry.getKey(), "a key");
  if (failed(key))
    return failure();
  if (!llvm::is_contained(keys, key->text))
    return error(key->loc) << "expected one of the keys '"
                           << llvm::join(keys, "', '") << "', got "
                           << quoted(key->text) << "; did you mean '"
                           << findNearest(key->text, keys) << "'?";
  auto [first, isNew] = seen.try_emplace(key->text, key->loc);
  if (!isNew) {
    InFlightDiagnostic diag = error(key->loc)
                              << "expected key '" << key->text << "' once";
    diag.attachNote(first->second) << "first given here";
    return diag;
  }
  return key;
}

LogicalResult RecipeParser::parseMapping(yaml::MappingNode &mapping,
                                         ArrayRef<StringRef> keys,
                                         KeyHandler handleKey) {
  llvm::StringMap<Location> seen;
  for (yaml::KeyValueNode &entry : mapping) {
    FailureOr<RuleField> key = parseKey(entry, keys, seen);
    if (failed(key) || failed(handleKey(key->text, entry, key->loc)))
      return failure();
  }
  return stream->failed() ? reportSyntaxError() : success();
}

LogicalResult RecipeParser::parseVersion(yaml::Node *node, Recipe &recipe) {
  FailureOr<RuleField> field = parseScalar(node, "a version");
  if (failed(field))
    return failure();
  if (field->text != "1")
    return error(field->loc)
           << "expected version 1, got " << quoted(field->text);
  recipe.version = 1;
  return success();
}

LogicalResult RecipeParser::addRule(RecipeRule rule, Recipe &recipe) {
  auto [first, isNew] = globs.try_emplace(rule.match, rule.matchLoc);
  if (!isNew) {
    InFlightDiagnostic diag = error(rule.matchLoc)
                              << "expected one rule for " << quoted(rule.match);
    diag.attachNote(first->second) << "first given here";
    return diag;
  }
  recipe.rules.push_back(std::move(rule));
  return success();
}

LogicalResult RecipeParser::parseRule(yaml::Node *node, Recipe &recipe) {
  auto mapping = expect<yaml::MappingNode>(node, "a rule (a mapping)");
  if (failed(mapping))
    return failure();
  RuleText rule{locate(node), {}, {}, {}, {}, {}};
  auto handleKey = [&](StringRef key, yaml::KeyValueNode &entry, Location) {
    FailureOr<RuleField> value =
        parseScalar(entry.getValue(), "a text for '" + key + "'");
    if (failed(value))
      return failure();
    auto &field = *llvm::StringSwitch<std::optional<RuleField> *>(key)
                       .Case("match", &rule.match)
                       .Case("pattern", &rule.pattern)
                       .Case("importance", &rule.importance)
                       .Case("mask", &rule.mask)
                       .Default(&rule.targetSparsity);
    field = *value;
    return success();
  };
  if (failed(parseMapping(
          **mapping,
          {"match", "pattern", "importance", "target_sparsity", "mask"},
          handleKey)))
    return failure();
  FailureOr<RecipeRule> checked = makeRule(rule);
  reported |= failed(checked);
  return failed(checked) ? failure() : addRule(std::move(*checked), recipe);
}

LogicalResult RecipeParser::parseRules(yaml::Node *node, Recipe &recipe) {
  auto rules = expect<yaml::SequenceNode>(node, "a list of rules");
  if (failed(rules))
    return failure();
  for (yaml::Node &rule : **rules)
    if (failed(parseRule(&rule, recipe)))
      return failure();
  return stream->failed() ? reportSyntaxError() : success();
}

LogicalResult RecipeParser::parseTopLevel(yaml::Node *root, Recipe &recipe) {
  auto mapping = expect<yaml::MappingNode>(root, "a recipe (a mapping)");
  if (failed(mapping))
    return failure();
  bool hasVersion = false, hasRules = false;
  auto handleKey = [&](StringRef key, yaml::KeyValueNode &entry, Location) {
    if (key == "version") {
      hasVersion = true;
      return parseVersion(entry.getValue(), recipe);
    }
    hasRules = true;
    return parseRules(entry.getValue(), recipe);
  };
  if (failed(parseMapping(**mapping, {"version", "rules"}, handleKey)))
    return failure();
  if (!hasVersion || !hasRules)
    return error(locate(root))
           << "expected key '" << (hasVersion ? "rules" : "version")
           << "' in the recipe";
  return success();
}

FailureOr<Recipe> RecipeParser::parse() {
  if (failed(checkTabs()))
    return failure();
  Recipe recipe;
  yaml::document_iterator document = stream->begin();
  if (document == stream->end())
    return reportSyntaxError();
  if (failed(parseTopLevel(document->getRoot(), recipe)))
    return failure();
  if (++document != stream->end())
    return error(locate(document->getRoot()))
           << "expected one document, got a second one";
  if (stream->failed())
    return reportSyntaxError();
  return recipe;
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

static LogicalResult emitTooLarge(Location loc, size_t bytes) {
  return emitError(loc, "expected a recipe of at most ")
         << kMaxBytes << " bytes, got " << bytes;
}

FailureOr<Recipe> mlir::sparsity::parseRecipe(StringRef text, StringRef name,
                                              MLIRContext *context) {
  // Rules hold attributes of the dialect.
  context->getOrLoadDialect<SparsityDialect>();
  if (text.size() > kMaxBytes)
    return emitTooLarge(FileLineColLoc::get(context, name, 1, 1), text.size());
  return RecipeParser(text, name, context).parse();
}

FailureOr<Recipe> mlir::sparsity::readRecipe(StringRef path,
                                             MLIRContext *context) {
  // Looked at before it is read: a device has no end. The location is a name,
  // for diagnostics open the file of a line.
  Location loc = NameLoc::get(StringAttr::get(context, path));
  llvm::sys::fs::file_status status;
  std::error_code code = llvm::sys::fs::status(path, status);
  if (!code && !llvm::sys::fs::is_regular_file(status))
    return emitError(loc, "expected a recipe in a regular file");
  if (!code && status.getSize() > kMaxBytes)
    return emitTooLarge(loc, status.getSize());
  auto buffer = llvm::MemoryBuffer::getFile(path, /*IsText=*/true);
  if (!buffer)
    return emitError(FileLineColLoc::get(context, path, 1, 1),
                     "expected a readable recipe: ")
           << buffer.getError().message();
  return parseRecipe((*buffer)->getBuffer(), path, context);
}
