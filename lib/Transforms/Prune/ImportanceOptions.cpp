//===- ImportanceOptions.cpp - What is said about an importance -----------===//
//
// Words to options. Everything borrows the text.
//
//===----------------------------------------------------------------------===//

#include "ImportanceOptions.h"

#include "sparse-opt/Recipe/Recipe.h"

#include "llvm/ADT/StringExtras.h"

#include <cmath>

using namespace mlir;
using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

/// Takes the next word off `text`, an empty one at its end.
static Result<StringRef> takeWord(StringRef &text) {
  text = text.ltrim(' ');
  if (!text.consume_front("\"")) {
    StringRef word = text.take_until([](char c) { return c == ' '; });
    text = text.drop_front(word.size());
    return word;
  }
  size_t end = text.find('"');
  if (end == StringRef::npos)
    return makeError("expected a closing '\"' after ", quoted(text));
  StringRef word = text.take_front(end);
  text = text.drop_front(end + 1);
  if (!text.empty() && text.front() != ' ')
    return makeError("expected a blank after ", quoted(word));
  return word;
}

Result<ImportanceOptions> ImportanceOptions::parse(StringRef text) {
  ImportanceOptions result;
  Result<StringRef> name = takeWord(text);
  if (!name)
    return name.error();
  result.name = *name;
  while (!(text = text.ltrim(' ')).empty()) {
    Result<StringRef> option = takeWord(text);
    if (!option)
      return option.error();
    bool hasValue = !text.ltrim(' ').empty();
    Result<StringRef> value = takeWord(text);
    if (!value)
      return value.error();
    if (!hasValue)
      return makeError("expected a value after ", quoted(*option));
    if (result.get(*option))
      return makeError("expected option ", quoted(*option), " once");
    result.options.emplace_back(*option, *value);
  }
  return result;
}

Status ImportanceOptions::checkKnown(ArrayRef<StringRef> known) const {
  for (auto [option, value] : options) {
    if (llvm::is_contained(known, option))
      continue;
    return makeError("expected one of the options '", llvm::join(known, "', '"),
                     "' of importance ", quoted(name), ", got ", quoted(option),
                     "; did you mean '", findNearest(option, known).str(),
                     "'?");
  }
  return {};
}

std::optional<StringRef> ImportanceOptions::get(StringRef option) const {
  for (auto [key, value] : options)
    if (key == option)
      return value;
  return std::nullopt;
}

Result<StringRef>
ImportanceOptions::getOneOf(StringRef option,
                            ArrayRef<StringRef> values) const {
  StringRef value = get(option).value_or(values.front());
  if (llvm::is_contained(values, value))
    return value;
  return makeError("expected ", quoted(option), " as one of '",
                   llvm::join(values, "', '"), "', got ", quoted(value));
}

Result<uint64_t> ImportanceOptions::getUnsigned(StringRef option,
                                                uint64_t byDefault) const {
  std::optional<StringRef> text = get(option);
  if (!text)
    return byDefault;
  uint64_t value;
  if (text->getAsInteger(10, value))
    return makeError("expected ", quoted(option),
                     " as a whole number from 0 to 2^64 - 1, got ",
                     quoted(*text));
  return value;
}

Result<double> ImportanceOptions::getNumber(StringRef option,
                                            double byDefault) const {
  std::optional<StringRef> text = get(option);
  if (!text)
    return byDefault;
  double value;
  if (text->getAsDouble(value) || !std::isfinite(value) || value < 0)
    return makeError("expected ", quoted(option), " as a number >= 0, got ",
                     quoted(*text));
  return value;
}

Result<StringRef> ImportanceOptions::getRequired(StringRef option) const {
  if (std::optional<StringRef> value = get(option))
    return *value;
  return makeError("expected option ", quoted(option), " of importance ",
                   quoted(name));
}
