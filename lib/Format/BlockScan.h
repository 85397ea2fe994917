//===- BlockScan.h - Which blocks of a row of blocks have a nonzero -------===//
//
// The scan that the format "bsr" and the counts of zero blocks share.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_LIB_FORMAT_BLOCKSCAN_H
#define SPARSE_OPT_LIB_FORMAT_BLOCKSCAN_H

#include "Elements.h"

namespace mlir::sparsity::format {

/// Sets flags[b] to 1 when block b of the strip (one row of blocks, `cols`
/// columns, blocks `width` wide) has an element with a bit of `magnitude`, else
/// to 0. Returns how many it set to 1.
template <typename T>
int64_t markNonzeroBlocks(const Strip<T> &strip, int64_t cols, int64_t width,
                          T magnitude, std::vector<uint8_t> &flags) {
  std::fill(flags.begin(), flags.end(), 0);
  for (int64_t i = 0; i < strip.rows; ++i) {
    Reader<T> row = strip.row(i);
    if (width == 1) { // The loop below would run one step a block.
      for (int64_t col = 0; col < cols; ++col)
        flags[col] |= (row[col] & magnitude) != 0;
      continue;
    }
    for (int64_t col = 0, block = 0; col < cols; ++block) {
      int64_t end = std::min(cols - col, width) + col;
      T bits = 0;
      for (; col < end; ++col)
        bits |= row[col];
      flags[block] |= (bits & magnitude) != 0;
    }
  }
  int64_t marked = 0;
  for (uint8_t flag : flags)
    marked += flag;
  return marked;
}

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_LIB_FORMAT_BLOCKSCAN_H
