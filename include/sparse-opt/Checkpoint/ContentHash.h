//===- ContentHash.h - XXH64 ----------------------------------------------===//
//
// The hash that guards stored weights against accidents. It is XXH64 with seed
// 0: several bytes per cycle, and no defence against somebody who wants a
// collision.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_CHECKPOINT_CONTENTHASH_H
#define SPARSE_OPT_CHECKPOINT_CONTENTHASH_H

#include "sparse-opt/Format/Matrix.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace mlir::sparsity::checkpoint {

class ContentHash {
public:
  ContentHash();
  void update(const void *data, size_t size);
  /// The hash of all bytes so far.
  uint64_t digest() const;
  /// "xxh64:" and 16 hexadecimal digits.
  std::string text() const;

private:
  void consume(const unsigned char *block);

  uint64_t lanes[4];
  unsigned char tail[32];
  size_t tailSize = 0;
  uint64_t total = 0;
};

/// The hash of one range of bytes.
uint64_t contentHash(const void *data, size_t size);

/// ContentHash::text of the elements of `matrix` in row-major order.
std::string hashElements(const format::MatrixView &matrix);

} // namespace mlir::sparsity::checkpoint

#endif // SPARSE_OPT_CHECKPOINT_CONTENTHASH_H
