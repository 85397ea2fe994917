//===- Names.cpp - Hostile names in messages ------------------------------===//
//
// UTF-8 validation and the escaped spelling of names.
//
//===----------------------------------------------------------------------===//

#include "sparse-opt/Checkpoint/Names.h"

#include <cstdint>
#include <cstdio>

using namespace mlir::sparsity;

namespace {
/// One row of the table of well-formed sequences (Unicode, table 3-7): the
/// range of the first byte, the range of the second, and the length.
struct SequenceForm {
  unsigned char first, last, secondFirst, secondLast;
  size_t length;
};
} // namespace

static constexpr SequenceForm kForms[] = {
    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static bool inRange(char byte, unsigned char first, unsigned char last) {
  unsigned char value = static_cast<unsigned char>(byte);
  return value >= first && value <= last;
}

static bool matches(const SequenceForm &form, std::string_view text) {
  if (!inRange(text[0], form.first, form.last) || text.size() < form.length ||
      !inRange(text[1], form.secondFirst, form.secondLast))
    return false;
  for (size_t i = 2; i < form.length; ++i)
    if (!inRange(text[i], 0x80, 0xBF))
      return false;
  return true;
}

size_t checkpoint::utf8SequenceLength(std::string_view text) {
  if (text.empty())
    return 0;
  if (inRange(text[0], 0, 0x7F))
    return 1;
  for (const SequenceForm &form : kForms)
    if (matches(form, text))
      return form.length;
  return 0;
}

bool checkpoint::isUtf8(std::string_view text) {
  while (!text.empty()) {
    size_t length = utf8SequenceLength(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

static uint32_t decodeSequence(std::string_view sequence) {
  if (sequence.size() == 1)
    return static_cast<unsigned char>(sequence[0]);
  uint32_t point = static_cast<unsigned char>(sequence[0]) &
                   (0xFFu >> (sequence.size() + 1));
  for (char byte : sequence.substr(1))
    point = point << 6 | (static_cast<unsigned char>(byte) & 0x3Fu);
  return point;
}

/// Characters that a terminal or a page would obey instead of show.
static bool isInvisible(uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point <= 0x9F) || point == 0xAD ||
         point == 0x61C || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) ||
         (point >= 0x2060 && point <= 0x206F) || point == 0xFEFF ||
         (point >= 0xFFF9 && point <= 0xFFFB) || point >= 0xE0000;
}

static std::string formatted(const char *pattern, uint32_t number) {
  char text[16];
  std::snprintf(text, sizeof(text), pattern, number);
  return text;
}

static std::string escapeCharacter(std::string_view sequence) {
  uint32_t point = decodeSequence(sequence);
  switch (point) {
  case '\n':
    return "\\n";
  case '\t':
    return "\\t";
  case '\r':
    return "\\r";
  case '\'':
  case '"':
  case '\\':
    return {'\\', static_cast<char>(point)};
  }
  if (!isInvisible(point))
    return std::string(sequence);
  if (point < 0x80)
    return formatted("\\x%02x", point);
  return formatted(point > 0xFFFF ? "\\U%08x" : "\\u%04x", point);
}

std::string checkpoint::escapeName(std::string_view name, size_t limit) {
  std::string result;
  size_t position = 0;
  while (position < name.size()) {
    std::string_view rest = name.substr(position);
    size_t length = utf8SequenceLength(rest);
    if (position + (length ? length : 1) > limit)
      return result + "... (" + std::to_string(name.size()) + " bytes)";
    if (length == 0) {
      result += formatted("\\x%02x", static_cast<unsigned char>(rest[0]));
      ++position;
      continue;
    }
    result += escapeCharacter(rest.substr(0, length));
    position += length;
  }
  return result;
}

std::string checkpoint::quoteName(std::string_view name) {
  return "'" + escapeName(name) + "'";
}
