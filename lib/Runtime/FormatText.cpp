//===- FormatText.cpp - Storage formats by their attribute text -----------===//
//
// One line per format in a table; a new format is a new line.
//
//===----------------------------------------------------------------------===//

#include "FormatText.h"

#include "sparse-opt/Checkpoint/Names.h"
#include "sparse-opt/Format/BSRFormat.h"
#include "sparse-opt/Format/DensePackedFormat.h"
#include "sparse-opt/Format/NMFormat.h"
#include "sparse-opt/Format/RowStreamFormat.h"

#include <optional>

using namespace mlir::sparsity;
using namespace mlir::sparsity::format;

using AnyFormat = Result<std::unique_ptr<StorageFormat>>;

template <typename Format>
static AnyFormat own(Result<Format> format) {
  if (!format)
    return format.error();
  return std::unique_ptr<StorageFormat>(
      std::make_unique<Format>(std::move(*format)));
}

namespace {
struct FormatRow {
  /// What the text looks like; each '%' stands for a decimal number.
  std::string_view pattern;
  AnyFormat (*make)(int64_t first, int64_t second);
};
} // namespace

static constexpr FormatRow kFormats[] = {
    {"#sparsity.dense_format<panel=%>",
     [](int64_t panel, int64_t) { return own(DensePackedFormat::get(panel)); }},
    {"#sparsity.nm_format<%:%>",
     [](int64_t n, int64_t m) { return own(NMFormat::get(n, m)); }},
    {"#sparsity.bsr_format<[%,%]>",
     [](int64_t rows, int64_t cols) {
       return own(BSRFormat::get(rows, cols));
     }},
    {"#sparsity.stream_format", [](int64_t, int64_t) {
       return AnyFormat(std::make_unique<RowStreamFormat>());
     }}};

/// Takes a number of at most nine digits off the front of `text`.
static std::optional<int64_t> takeNumber(std::string_view &text) {
  int64_t value = 0;
  size_t digits = 0;
  while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9')
    value = 10 * value + (text[digits++] - '0');
  if (digits == 0 || digits > 9)
    return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

static bool matches(std::string_view text, std::string_view pattern,
                    int64_t (&numbers)[2]) {
  int count = 0;
  for (char expected : pattern) {
    if (expected == '%') {
      std::optional<int64_t> number = takeNumber(text);
      if (!number)
        return false;
      numbers[count++] = *number;
      continue;
    }
    if (text.empty() || text.front() != expected)
      return false;
    text.remove_prefix(1);
  }
  return text.empty();
}

AnyFormat mlir::sparsity::runtime::parseFormat(std::string_view text) {
  std::string compact;
  for (char c : text)
    if (c != ' ')
      compact += c;
  for (const FormatRow &row : kFormats) {
    int64_t numbers[2] = {0, 0};
    if (matches(compact, row.pattern, numbers))
      return row.make(numbers[0], numbers[1]);
  }
  return makeError("expected a storage format, found ",
                   checkpoint::quoteName(text));
}
