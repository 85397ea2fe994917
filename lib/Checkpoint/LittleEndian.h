//===- LittleEndian.h - Numbers in files ----------------------------------===//
//
// Little-endian numbers read from and written to bytes of any alignment.
// Private to this room.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_CHECKPOINT_LITTLEENDIAN_H
#define SPARSE_OPT_LIB_CHECKPOINT_LITTLEENDIAN_H

#include <cstddef>
#include <cstdint>
#include <string>

namespace mlir::sparsity::checkpoint {

template <typename T>
T loadLittle(const void *data) {
  const unsigned char *bytes = static_cast<const unsigned char *>(data);
  T value = 0;
  for (size_t i = 0; i < sizeof(T); ++i)
    value |= static_cast<T>(static_cast<T>(bytes[i]) << (8 * i));
  return value;
}

template <typename T>
void appendLittle(std::string &out, T value) {
  for (size_t i = 0; i < sizeof(T); ++i)
    out += static_cast<char>(value >> (8 * i) & 0xFF);
}

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_LIB_CHECKPOINT_LITTLEENDIAN_H
