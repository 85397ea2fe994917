//===- NpyHeader.cpp - Reading the header of .npy files -------------------===//
//
// A parser for the one Python literal that NumPy writes,
// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }, and nothing
// more of Python.
//
//===----------------------------------------------------------------------===//

#include "LittleEndian.h"
#include "NpyTypes.h"
#include "System.h"
#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Checkpoint/Npy.h"

#include <cstring>
#include <limits>
#include <optional>

using namespace mlir::sparsity;
using namespace mlir::sparsity::checkpoint;

/// NumPy's own default limit is 10000.
static constexpr uint64_t kMaxLiteral = 65535;

namespace {
struct NpyType {
  std::string_view name;
  ElementKind kind;
};

/// The literal as it stands there.
struct Literal {
  std::optional<std::string> descr;
  std::optional<bool> isFortranOrder;
  std::optional<std::vector<uint64_t>> shape;
};

class LiteralParser {
public:
  explicit LiteralParser(std::string_view text) : text(text) {}
  Result<Literal> parse();
  size_t position = 0;

private:
  Status parseField(Literal &literal);
  Result<std::string> parseString();
  Result<bool> parseBoolean();
  Result<uint64_t> parseInteger();
  Result<std::vector<uint64_t>> parseTuple();
  /// Skips spaces; then skips `token` if it is there.
  bool take(std::string_view token);
  Error expected(const std::string &what) const;

  std::string_view text;
};
} // namespace

static constexpr NpyType kTypes[] = {
    {"|b1", ElementKind::Bool}, {"|i1", ElementKind::I8},
    {"|u1", ElementKind::U8},   {"<i2", ElementKind::I16},
    {"<u2", ElementKind::U16},  {"<i4", ElementKind::I32},
    {"<u4", ElementKind::U32},  {"<i8", ElementKind::I64},
    {"<u8", ElementKind::U64},  {"<f2", ElementKind::F16},
    {"<f4", ElementKind::F32},  {"<f8", ElementKind::F64},
};

Result<std::string_view> checkpoint::npyTypeName(ElementKind kind) {
  for (const NpyType &type : kTypes)
    if (type.kind == kind)
      return type.name;
  return makeError("expected a type that NumPy has, found ",
                   format::elementName(kind), "; convert it to f32 first");
}

Result<ElementKind> checkpoint::npyTypeKind(std::string_view name) {
  for (const NpyType &type : kTypes)
    if (type.name == name)
      return type.kind;
  std::string found = ", found " + quoteName(name);
  if (!name.empty() && name[0] == '>')
    return makeError("expected little-endian numbers", found);
  if (name == "|O" || name == "O")
    return makeError("expected numbers", found, ", objects of Python");
  if (name == "|V2" || name == "<V2")
    return makeError("expected numbers", found,
                     ", raw bytes (NumPy has no bf16; save it as f4)");
  return makeError("expected b1, i1 to i8, u1 to u8 or f2 to f8 with '<'",
                   found);
}

Error LiteralParser::expected(const std::string &what) const {
  return makeError("expected ", what, ", found '",
                   escapeName(text.substr(position, 12)), "'");
}

bool LiteralParser::take(std::string_view token) {
  while (position < text.size() && text[position] == ' ')
    ++position;
  if (text.substr(position, token.size()) != token)
    return false;
  position += token.size();
  return true;
}

Result<std::string> LiteralParser::parseString() {
  std::string_view quote = take("'") ? "'" : take("\"") ? "\"" : "";
  if (quote.empty())
    return expected("a string");
  size_t end = text.find(quote, position);
  std::string_view value = text.substr(position, end - position);
  if (end == std::string_view::npos ||
      value.find('\\') != std::string_view::npos)
    return expected("a string without escapes");
  position = end + 1;
  return std::string(value);
}

Result<bool> LiteralParser::parseBoolean() {
  if (take("True"))
    return true;
  if (take("False"))
    return false;
  return expected("True or False");
}

Result<uint64_t> LiteralParser::parseInteger() {
  static constexpr uint64_t kMost = std::numeric_limits<int64_t>::max();
  take("");
  size_t first = position;
  uint64_t value = 0;
  for (;
       position < text.size() && text[position] >= '0' && text[position] <= '9';
       ++position) {
    uint64_t digit = static_cast<uint64_t>(text[position] - '0');
    if (value > (kMost - digit) / 10)
      return expected("an integer below 2^63");
    value = value * 10 + digit;
  }
  if (position == first)
    return expected("an integer >= 0");
  return value;
}

Result<std::vector<uint64_t>> LiteralParser::parseTuple() {
  std::vector<uint64_t> values;
  if (!take("("))
    return expected("a tuple of integers");
  bool hasComma = true;
  while (!take(")")) {
    if (!hasComma)
      return expected("',' or ')'");
    if (values.size() == kMaxRank)
      return expected("rank <= " + std::to_string(kMaxRank));
    Result<uint64_t> value = parseInteger();
    if (!value)
      return value.error();
    values.push_back(*value);
    hasComma = take(",");
  }
  // (3) is a number in Python, (3,) a tuple.
  if (values.size() == 1 && !hasComma)
    return expected("a tuple, which needs ',' after its only element");
  return values;
}

template <typename T>
static Status store(std::optional<T> &slot, Result<T> value,
                    const std::string &key) {
  if (!value)
    return value.error();
  if (slot)
    return makeError("expected each key once, found ", quoteName(key),
                     " twice");
  slot = std::move(*value);
  return {};
}

Status LiteralParser::parseField(Literal &literal) {
  Result<std::string> key = parseString();
  if (!key)
    return key.error();
  if (!take(":"))
    return expected("':'");
  if (*key == "descr") {
    if (take("["))
      return expected("numbers, not a structured type");
    return store(literal.descr, parseString(), *key);
  }
  if (*key == "fortran_order")
    return store(literal.isFortranOrder, parseBoolean(), *key);
  if (*key == "shape")
    return store(literal.shape, parseTuple(), *key);
  return makeError("expected 'descr', 'fortran_order' or 'shape', found ",
                   quoteName(*key));
}

Result<Literal> LiteralParser::parse() {
  Literal literal;
  if (!take("{"))
    return expected("'{'");
  bool hasComma = true;
  while (!take("}")) {
    if (!hasComma)
      return expected("',' or '}'");
    if (Status status = parseField(literal); !status)
      return status.error();
    hasComma = take(",");
  }
  if (!take("\n") || position != text.size())
    return expected("blanks and one newline to the end of the header");
  if (!literal.descr || !literal.isFortranOrder || !literal.shape)
    return makeError("expected 'descr', 'fortran_order' and 'shape', found ",
                     !literal.descr            ? "no 'descr'"
                     : !literal.isFortranOrder ? "no 'fortran_order'"
                                               : "no 'shape'");
  return literal;
}

/// Where the literal lies.
static Result<std::string_view> findLiteral(std::string_view bytes) {
  size_t versionAt = kNpyMagic.size(), lengthAt = versionAt + 2;
  if (bytes.substr(0, versionAt) != kNpyMagic || bytes.size() < lengthAt)
    return makeError("expected the magic bytes of .npy, found '",
                     escapeName(bytes.substr(0, lengthAt)), "'");
  unsigned major = loadLittle<uint8_t>(&bytes[versionAt]);
  unsigned minor = loadLittle<uint8_t>(&bytes[versionAt + 1]);
  if (major < 1 || major > 3 || minor != 0)
    return makeError("expected version 1.0, 2.0 or 3.0, found ", major, ".",
                     minor);
  size_t start = lengthAt + (major == 1 ? 2 : 4);
  if (bytes.size() < start)
    return makeError("expected a header length, found the end of the file");
  uint64_t length = major == 1 ? loadLittle<uint16_t>(&bytes[lengthAt])
                               : loadLittle<uint32_t>(&bytes[lengthAt]);
  uint64_t most = std::min<uint64_t>(kMaxLiteral, bytes.size() - start);
  if (length > most)
    return makeError("expected a header of at most ", most, " bytes, found ",
                     length);
  return bytes.substr(start, length);
}

static Result<NpyHeader> interpret(const Literal &literal, uint64_t offset,
                                   size_t size) {
  Result<ElementKind> kind = npyTypeKind(*literal.descr);
  if (!kind)
    return kind.error();
  Result<std::vector<int64_t>> shape = toShape(*literal.shape);
  if (!shape)
    return shape.error();
  Result<uint64_t> bytes = shapeBytes(*kind, *shape);
  if (!bytes)
    return bytes.error();
  if (*bytes != size - offset)
    return makeError("expected ", *bytes, " bytes of data for shape ",
                     shapeText(*shape), ", found ", size - offset);
  return NpyHeader{*kind, std::move(*shape), *literal.isFortranOrder, offset,
                   *bytes};
}

Result<NpyHeader> checkpoint::parseNpyHeader(const void *data, size_t size,
                                             std::string_view file) {
  std::string_view bytes(static_cast<const char *>(data), size);
  Result<std::string_view> text = findLiteral(bytes);
  if (!text)
    return fileError(file, text.message());
  uint64_t start = static_cast<uint64_t>(text->data() - bytes.data());
  LiteralParser parser(*text);
  Result<Literal> literal = parser.parse();
  if (!literal)
    return fileError(file, "at byte ", start + parser.position, ": ",
                     literal.message());
  Result<NpyHeader> header = interpret(*literal, start + text->size(), size);
  if (!header)
    return fileError(file, header.message());
  return header;
}
