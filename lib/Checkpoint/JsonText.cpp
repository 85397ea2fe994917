//===- JsonText.cpp - Strings of JSON -------------------------------------===//
//
// Escapes quotes, backslashes and control characters; all else is UTF-8.
//
//===----------------------------------------------------------------------===//

#include "JsonText.h"

#include <cstdio>

using namespace mlir::sparsity;

std::string checkpoint::jsonString(std::string_view text) {
  std::string result = "\"";
  for (char character : text) {
    unsigned char byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && character != '"' && character != '\\') {
      result += character;
      continue;
    }
    char escape[8];
    std::snprintf(escape, sizeof(escape), "\\u%04x", byte);
    result += escape;
  }
  return result + "\"";
}
