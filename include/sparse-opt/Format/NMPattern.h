//===- NMPattern.h - At most n nonzeros in each group of m ----------------===//
//
// The zero pattern n:m. n counts NONZEROS. How such a matrix is stored is in
// NMFormat.h.
//
//===----------------------------------------------------------------------===//
//
//   axis 1: groups of m columns in a row     axis 0: groups of m rows in a
//   column
//
//   2:4, axis 1      a . b . | . c           1:2, axis 0     a .
//                    . . . . | d e                           . b
//                                                            ---
//   the last group may be short; it too has at most n        . c
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_NMPATTERN_H
#define SPARSE_OPT_FORMAT_NMPATTERN_H

#include "sparse-opt/Format/ZeroPattern.h"

namespace mlir::sparsity::format {

class NMPattern : public ZeroPattern {
public:
  static constexpr int64_t kMaxGroup = 1024;

  /// The parameters must be what `get` accepts: 1 <= n <= m <= kMaxGroup and
  /// axis 0 or 1.
  NMPattern(int64_t n, int64_t m, int64_t axis = 1);
  static Result<NMPattern> get(int64_t n, int64_t m, int64_t axis = 1);

  int64_t n() const { return most; }
  int64_t m() const { return groupSize; }
  int64_t axis() const { return groupAxis; }

  /// "2:4", "2:4 axis 0".
  std::string name() const override;
  std::optional<Violation>
  firstViolation(const MatrixView &matrix) const override;
  Result<Mask> bestMask(const MatrixView &scores,
                        double sparsity) const override;
  Unit unit() const override {
    return groupAxis == 1 ? Unit{1, groupSize} : Unit{groupSize, 1};
  }
  bool isChosenByUnit() const override { return true; }
  double density(int64_t rows, int64_t cols) const override;

private:
  int64_t most, groupSize, groupAxis;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_NMPATTERN_H
