//===- Names.h - Hostile names in messages --------------------------------===//
//
// How text that came from a file is shown to people: names of tensors and of
// files are data, never paths and never printed raw. Also the UTF-8 check that
// readers and writers share.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_NAMES_H
#define SPARSE_OPT_CHECKPOINT_NAMES_H

#include <cstddef>
#include <string>
#include <string_view>

namespace mlir::sparsity::checkpoint {

/// Bytes of the UTF-8 sequence at the start of `text`; 0 when there is none
/// that is valid (overlong forms and surrogates are not).
size_t utf8SequenceLength(std::string_view text);

/// True when all of `text` is valid UTF-8.
bool isUtf8(std::string_view text);

/// `name` as printable text on one line: quotes and backslashes get a
/// backslash, control characters, bytes that are not UTF-8 and characters that
/// change the direction of text are spelled as \n, \x1b or \u202e. What is
/// longer than `limit` bytes is cut and its length said.
std::string escapeName(std::string_view name, size_t limit = 120);

/// The escaped name between single quotes.
std::string quoteName(std::string_view name);

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_NAMES_H
