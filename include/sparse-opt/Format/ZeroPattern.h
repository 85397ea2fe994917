//===- ZeroPattern.h - Facts about zeros, without MLIR --------------------===//
//
// A zero pattern says which masks are allowed: at most n nonzeros in each group
// of m, whole blocks, a fraction. This is the interface; each pattern is one
// class in one file beside it. The attributes of the dialect wrap these.
//
//===----------------------------------------------------------------------===//

#ifndef SPARSE_OPT_FORMAT_ZEROPATTERN_H
#define SPARSE_OPT_FORMAT_ZEROPATTERN_H

#include "sparse-opt/Format/Matrix.h"
#include "sparse-opt/Format/Result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mlir::sparsity::format {

/// One byte per element, row major; 1 = kept, 0 = pruned.
struct Mask {
  int64_t rows = 0, cols = 0;
  std::vector<uint8_t> kept;

  int64_t count() const;
};

/// Writes +0.0 over every element that the mask prunes; kept elements keep
/// their bits. Fails, and writes nothing, when the shapes differ.
Status applyMask(const MutableMatrixView &matrix, const Mask &mask);

/// Where and how a matrix breaks a pattern. Row and column are those of the
/// first nonzero that is one too many; of the first difference where a mask is
/// compared with a pattern.
struct Violation {
  int64_t row, col;
  /// "3 nonzeros in columns 4..7, expected at most 2"
  std::string what;
};

class ZeroPattern {
public:
  virtual ~ZeroPattern();

  /// As in recipes and reports: "2:4", "block 16x16", "unstructured 0.8".
  virtual std::string name() const = 0;

  /// First place, in row-major order of groups, where `matrix` has a nonzero
  /// that the pattern forbids.
  virtual std::optional<Violation>
  firstViolation(const MatrixView &matrix) const = 0;

  /// The mask that keeps as much as the pattern and `sparsity` allow with the
  /// largest sum of scores (f32 or f64, negative ones too, +Inf allowed).
  /// Ties keep the lowest index (the first in row-major order). A
  /// score of NaN or -Inf is an error that names row and column. `sparsity` is
  /// the wanted fraction of zeros in [0, 1]; patterns that imply it ignore it.
  virtual Result<Mask> bestMask(const MatrixView &scores,
                                double sparsity) const = 0;

  /// Rows by columns of the parts that masks are made of, from the first row
  /// and column on: elements, groups, blocks.
  struct Unit {
    int64_t rows, cols;
  };
  virtual Unit unit() const = 0;
  /// True when the best mask of every unit is part of the best mask of all.
  virtual bool isChosenByUnit() const { return false; }

  /// As bestMask, but with the same share of zeros in each strip of a unit's
  /// extent along `axis`: in every row (0) or column (1) of elements or blocks.
  Result<Mask> bestMaskByStrips(const MatrixView &scores, double sparsity,
                                int64_t axis) const;

  /// The fraction of zeros in what a declared fraction counts (elements,
  /// blocks); 0 for patterns without one.
  virtual double countedZeros(const MatrixView &matrix) const { return 0; }

  /// Largest fraction of nonzeros that the pattern allows for a rows x cols
  /// matrix; 1.0 when it says nothing.
  virtual double density(int64_t rows, int64_t cols) const = 0;
};

} // namespace mlir::sparsity::format

#endif // SPARSE_OPT_FORMAT_ZEROPATTERN_H
