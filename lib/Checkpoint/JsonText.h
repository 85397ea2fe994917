//===- JsonText.h - Strings of JSON ---------------------------------------===//
//
// How the writers of this room spell a string in JSON. Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CHECKPOINT_JSONTEXT_H
#define SPARSE_OPT_LIB_CHECKPOINT_JSONTEXT_H

#include <string>
#include <string_view>

namespace mlir::sparsity::checkpoint {

/// `text`, which is valid UTF-8, between double quotes.
std::string jsonString(std::string_view text);

/// "[1,2]" of numbers.
template <typename Range>
std::string jsonNumbers(const Range &numbers) {
  std::string result = "[";
  for (auto number : numbers)
    result += (result.size() > 1 ? "," : "") + std::to_string(number);
  return result + "]";
}

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_LIB_CHECKPOINT_JSONTEXT_H
