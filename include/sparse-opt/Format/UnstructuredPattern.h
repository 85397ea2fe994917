//===- UnstructuredPattern.h - Zeros anywhere -----------------------------===//
//
// The zero pattern without structure, with or without a declared fraction of
// zeros.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_UNSTRUCTUREDPATTERN_H
#define SPARSE_OPT_FORMAT_UNSTRUCTUREDPATTERN_H

#include "sparse-opt/Format/ZeroPattern.h"

namespace mlir::sparsity::format {

class UnstructuredPattern : public ZeroPattern {
public:
  /// `zeros` must be what `get` accepts: in [0, 1].
  explicit UnstructuredPattern(std::optional<double> zeros = std::nullopt);
  static Result<UnstructuredPattern>
  get(std::optional<double> zeros = std::nullopt);

  /// The declared fraction of zeros.
  std::optional<double> zeros() const { return zeroFraction; }

  /// "unstructured", "unstructured 0.8".
  std::string name() const override;
  std::optional<Violation>
  firstViolation(const MatrixView &matrix) const override;
  /// Keeps round((1 - sparsity) * elements), half away from zero.
  Result<Mask> bestMask(const MatrixView &scores,
                        double sparsity) const override;
  Unit unit() const override { return {1, 1}; }
  double countedZeros(const MatrixView &matrix) const override;
  double density(int64_t rows, int64_t cols) const override;

private:
  std::optional<double> zeroFraction;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_UNSTRUCTUREDPATTERN_H
