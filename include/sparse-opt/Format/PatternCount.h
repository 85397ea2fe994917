//===- PatternCount.h - How near a matrix is to a pattern -----------------===//
//
// Exact counts that pattern detection and reports are made of: zeros, groups
// that break n:m, zero blocks. Each function reads the matrix once, in the
// order of its memory; no decision is made here.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_PATTERNCOUNT_H
#define SPARSE_OPT_FORMAT_PATTERNCOUNT_H

#include "sparse-opt/Format/BlockPattern.h"
#include "sparse-opt/Format/NMPattern.h"

namespace mlir::sparsity::format {

struct ZeroCount {
  int64_t elements = 0, zeros = 0;
  /// Rows and columns without a nonzero.
  int64_t zeroRows = 0, zeroCols = 0;
};
ZeroCount countZeros(const MatrixView &matrix);

/// So many of a total.
struct PartCount {
  int64_t count = 0, total = 0;
};

/// Groups with more nonzeros than the pattern allows, of all groups.
PartCount countOverfullGroups(const MatrixView &matrix,
                              const NMPattern &pattern);

/// Blocks without a nonzero, of all blocks. A declared fraction is ignored.
PartCount countZeroBlocks(const MatrixView &matrix,
                          const BlockPattern &pattern);

/// All of the above for the candidates of pattern detection; the lists keep the
/// candidates' order.
struct PatternCounts {
  ZeroCount zeros;
  std::vector<PartCount> overfullGroups, zeroBlocks;
};
PatternCounts countPatterns(const MatrixView &matrix,
                            const std::vector<NMPattern> &groups,
                            const std::vector<BlockPattern> &blocks);

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_PATTERNCOUNT_H
